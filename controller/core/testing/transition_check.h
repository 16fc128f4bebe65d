#ifndef DAVIT_CONTROLLER_CORE_TESTING_TRANSITION_CHECK_H_
#define DAVIT_CONTROLLER_CORE_TESTING_TRANSITION_CHECK_H_

#include <map>
#include <string>
#include <vector>

#include "controller/core/machine/state_machine.h"

namespace davit::core {

// What is wrong with a transition from `before`, whatever the input: states that
// move backwards, changes that no commit would see, gaps in the journal. Empty:
// nothing. Compares everything, so it is slow.
std::vector<std::string> FindFaults(const DeploymentState& before, const Transition& transition);

// What is wrong with a state: steps that meet on a host or outlive their
// deployment. Empty: nothing.
std::vector<std::string> FindFaults(const DeploymentState& state);

// Follows the effects of a live run, to be held against PendingEffects.
class EffectLedger {
 public:
  void Add(const Transition& transition);
  // What differs from PendingEffects(state); empty: nothing.
  std::string Compare(const DeploymentState& state) const;

 private:
  struct Entry {
    bool run = false;
    bool cancel = false;
    absl::Time timer;
    friend bool operator==(const Entry&, const Entry&) = default;
  };
  static void Note(const Effect& effect, std::map<int, Entry>& entries);
  static std::string Describe(const std::map<int, Entry>& entries);

  std::map<int, Entry> entries_;  // by step, those that run
};

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_TESTING_TRANSITION_CHECK_H_
