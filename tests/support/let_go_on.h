#ifndef DAVIT_TESTS_SUPPORT_LET_GO_ON_H_
#define DAVIT_TESTS_SUPPORT_LET_GO_ON_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "tests/support/docker.h"

namespace davit::test {

// A script for /bin/sh that waits for LetGoOn between its two halves.
inline std::string WaitingScript(const std::string& before, const std::string& after) {
  return absl::StrCat(before, "\nwhile [ ! -e /tmp/go ]; do sleep 0.05; done\n", after);
}

// Lets the script of a container go on, as soon as the engine has noted that it runs:
// before that it does not hear yet what the kernel does to it. The container may end by it.
inline void LetGoOn(const std::string& container) {
  const Call call = TestCall();
  docker::Engine& engine = TestEngine();
  while (!engine.Exec(container, {"/bin/touch", "/tmp/go"}, call).ok()) {
    const auto details = engine.InspectContainer(container, call);
    if (!details.ok() || details->observed.state() != "created") return;
    if (!call.Wait(absl::Milliseconds(20)).ok()) return;
  }
}

}  // namespace davit::test

#endif  // DAVIT_TESTS_SUPPORT_LET_GO_ON_H_
