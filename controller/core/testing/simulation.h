#ifndef DAVIT_CONTROLLER_CORE_TESTING_SIMULATION_H_
#define DAVIT_CONTROLLER_CORE_TESTING_SIMULATION_H_

#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "controller/core/machine/state_machine.h"
#include "controller/core/testing/model_host.h"
#include "controller/core/testing/test_deployment.h"
#include "controller/core/testing/transition_check.h"

namespace davit::core {

// What may go wrong in a run. Chances are in thousandths of each occasion.
struct Weather {
  int fail = 0;           // a step of the plan fails, having done any part of its work
  int fail_rollback = 0;  // so does a step of the rollback
  int unknown = 0;        // nobody can know what a step did
  int lost = 0;           // its worker is given up
  int timer = 0;          // its timer runs out
  int cancel = 0;         // a user cancels
  int restart = 0;        // the controller restarts
  int repeat = 0;         // an old input comes again
};

// Everything at once.
inline constexpr Weather kStorm = {.fail = 20,
                                   .fail_rollback = 50,
                                   .unknown = 10,
                                   .lost = 10,
                                   .timer = 20,
                                   .cancel = 10,
                                   .restart = 50,
                                   .repeat = 100};

// Runs one deployment on model hosts, with everything random from one generator.
class Simulation {
 public:
  using Hosts = std::map<std::string, ModelHost>;

  // `hosts` and `random` outlive it. A thorough one looks at every detail of
  // every transition, and takes ten times as long.
  Simulation(const TestDeployment& deployment, const Weather& weather, Hosts& hosts,
             std::mt19937_64& random, bool thorough);

  // Until the deployment's end, or 20,000 inputs. Returns what was found wrong.
  std::vector<std::string> Run();

  const DeploymentState& state() const { return state_; }
  // Whether something happened after which nobody can promise a way back.
  bool blameless() const { return blameless_; }

 private:
  // A step that the worker knows.
  struct Flight {
    std::optional<worker::v1::StepFinished> result;  // journaled: it is never done twice
    bool cancelled = false;
  };

  bool Chance(int thousandths) { return static_cast<int>(random_() % 1000) < thousandths; }
  void Feed(const Input& input);
  void Complain(std::vector<std::string> faults);
  void Carry(const Effect& effect);
  void Disturb();
  void Progress(int index);
  worker::v1::StepFinished Execute(int index);
  // A schema is taken back when none of the containers that need the new one is left.
  void LookAroundBefore(const state::v1::StepRecord& step);
  worker::v1::StepFinished Interrupt(int index, worker::v1::StepFinished::Outcome outcome);
  std::vector<int> Running() const;

  const bool thorough_;
  const Weather weather_;
  Hosts& hosts_;
  std::mt19937_64& random_;
  absl::Time now_ = absl::FromUnixSeconds(1'000'000);
  DeploymentState state_;
  EffectLedger ledger_;
  std::map<int, Flight> flights_;  // by step
  std::vector<Input> past_;
  std::vector<std::string> faults_;
  bool blameless_ = true;
};

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_TESTING_SIMULATION_H_
