#include "client/build/unreadable.h"

#include <system_error>

#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"

namespace davit::build {

absl::Status Unreadable(const std::string& path, int os_error) {
  v1::Failure failure = MakeFailure(
      v1::SPEC_INVALID, absl::StrCat("the build context cannot be sent: ", path, " is unreadable"),
      {absl::StrCat(path, ": ", std::generic_category().message(os_error))});
  failure.set_next_command("let it be read, or name it in .dockerignore");
  return FailureStatus(failure);
}

}  // namespace davit::build
