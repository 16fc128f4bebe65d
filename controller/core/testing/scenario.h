#ifndef DAVIT_CONTROLLER_CORE_TESTING_SCENARIO_H_
#define DAVIT_CONTROLLER_CORE_TESTING_SCENARIO_H_

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "controller/core/machine/state_machine.h"
#include "controller/core/testing/model_host.h"
#include "controller/core/testing/test_deployment.h"
#include "controller/core/testing/transition_check.h"

namespace davit::core {

// Carries out the commands of scenarios/*.txt and says what came of each. Steps
// are named by number, as their ids end.
//
//   deployment [hosts=A,B] [apps=A,B] [depends=A:B,…] [previous=APP:N,…]
//              [kept=APP:N:N,…] [batch=N] [retain=N] [automatic=no]
//              [networks=A,B] [directories=A,B] [files] [checks=A,B:warn]
//              [ports=A,B] [adopt=APP:NAME] [built=APP[:pushed],…]
//              [check_only] [databases=NAME:APP:APP,…] [backup] [restore=NAME:FILE]
//              [migrate=DATABASE:APP[:command][:nobackup],…] [tasks=APP:NAME[:warn|:each],…]
//              [others=DATABASE:N:ENVIRONMENT,…]           web is live there as release N
//              [back_to=APP:N,…] [changed=DATABASE,…] [schema=keep|command|restore]
//   container HOST NAME [app=APP release=N] [stopped] [policy=P] [rm] [env=E] [port=N]
//             [variables=A,B] [volumes=SOURCE:TARGET,…] [user=U]
//   network HOST NAME
//   ends HOST NAME                                      a container does, of itself
//   migrations HOST SAFE|UNSAFE|UNKNOWN|UNCHANGED       what they lead to there
//   submit [NOTE] | cancel | restart | plan | hosts | running | why | why_not_back | foreseen
//   started N | progress N TEXT | log N NANOS TEXT
//   ok N… | fail N CODE | half N CODE | cancelled N | unknown N CODE | lost N
//   timer N | wait DURATION
//   go KIND [HOST [APP]]     ends steps well, in order, until one of KIND runs
//   finish                   ends steps well, in order, until nothing runs
class Scenario {
 public:
  // What `line` says; "" when that is nothing. Text that begins with "error:"
  // when the command is none.
  std::string Execute(absl::string_view line);

 private:
  using Words = std::vector<std::string>;

  std::string Deploy(const Words& words);
  void ReadPreparation(const Words& words);
  std::string AddContainer(const Words& words);
  std::string About(const Words& words);                            // plan, hosts, running, why
  std::string OfDeployment(const Words& words);                     // submit, cancel, restart
  std::string OfStep(const std::string& verb, const Words& words);  // about one step
  std::string EndSteps(const Words& words);
  std::string Go(const Words& words);
  std::string Finish();
  std::string FinishWell(int index);
  std::string Feed(const Input& input);

  std::string Plan() const;
  std::string Hosts() const;
  static std::string Describe(const v1::Failure& failure);
  std::vector<int> Running() const;
  std::string DescribeStep(int index) const;

  TestDeployment deployment_;
  std::map<std::string, ModelHost> hosts_;
  absl::Time now_ = absl::FromUnixSeconds(0);
  DeploymentState state_;
  EffectLedger ledger_;
};

// What a transition did, one line a fact. `step_count`: of the steps before it.
std::string DescribeTransition(const Transition& transition, absl::Time now);

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_TESTING_SCENARIO_H_
