#ifndef DAVIT_WORKER_STEPS_TEXT_COUNTED_H_
#define DAVIT_WORKER_STEPS_TEXT_COUNTED_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace davit::steps {

// "1 network", "2 networks".
std::string Counted(size_t count, absl::string_view singular, absl::string_view plural);

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_TEXT_COUNTED_H_
