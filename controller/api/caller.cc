#include "controller/api/caller.h"

#include "absl/strings/str_cat.h"

namespace davit::api {

std::string CallerForTheRecord(absl::string_view said, absl::string_view certificate) {
  if (certificate.empty()) return std::string(said);
  if (said.empty()) return absl::StrCat("certificate ", certificate);
  return absl::StrCat(said, " (certificate ", certificate, ")");
}

}  // namespace davit::api
