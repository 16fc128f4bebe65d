#include "worker/steps/text/counted.h"

#include "absl/strings/str_cat.h"

namespace davit::steps {

std::string Counted(size_t count, absl::string_view singular, absl::string_view plural) {
  return absl::StrCat(count, " ", count == 1 ? singular : plural);
}

}  // namespace davit::steps
