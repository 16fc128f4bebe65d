#ifndef DAVIT_CLIENT_OUTPUT_UNDOING_H_
#define DAVIT_CLIENT_OUTPUT_UNDOING_H_

#include <string>

#include "davit/v1/deployment.pb.h"

namespace davit::output {

// What happened to the releases of a deployment that was undone.
struct Undoing {
  std::string text;        // "rolled back to v2 (checked healthy)" or "removed again"
  std::string besides;     // "v2 was not running before, and is not now"; empty: nothing
  bool puts_back = false;  // whether there was anything before
};
Undoing UndoingOf(const v1::Deployment& deployment);

// Releases that were live by the records and did not run, half a sentence; empty: there are none.
std::string DidNotRun(const v1::Deployment& deployment);

}  // namespace davit::output

#endif  // DAVIT_CLIENT_OUTPUT_UNDOING_H_
