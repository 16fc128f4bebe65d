#ifndef DAVIT_WORKER_STEPS_TEXT_ELAPSED_TEXT_H_
#define DAVIT_WORKER_STEPS_TEXT_ELAPSED_TEXT_H_

#include <string>

#include "absl/time/time.h"

namespace davit::steps {

// "4.2s", "1m10s"; below a tenth of a second in milliseconds: "30ms", "0ms".
std::string ElapsedText(absl::Duration duration);

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_TEXT_ELAPSED_TEXT_H_
