#include "controller/api/secrets/check.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/failure/failure.h"
#include "common/spec/source_text.h"

namespace davit::api {
namespace {

constexpr size_t kShortestValue = 4;
constexpr size_t kLongestValue = size_t{64} << 10;
constexpr size_t kLongestSecretName = 128;
constexpr size_t kLongestPlaceName = 40;
constexpr size_t kLongestSetBy = 256;

// As the names of variables, and as env.secret refers to it.
bool IsSecretName(absl::string_view name) {
  const auto may_be_in = [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_';
  };
  return !name.empty() && name.size() <= kLongestSecretName &&
         !absl::ascii_isdigit(static_cast<unsigned char>(name.front())) &&
         std::all_of(name.begin(), name.end(), may_be_in);
}

// As davit.yaml names projects and environments.
bool IsPlaceName(absl::string_view name) {
  const auto may_be_in = [](char c) {
    return absl::ascii_islower(static_cast<unsigned char>(c)) ||
           absl::ascii_isdigit(static_cast<unsigned char>(c)) || c == '-';
  };
  return !name.empty() && name.size() <= kLongestPlaceName && name.front() != '-' &&
         name.back() != '-' && std::all_of(name.begin(), name.end(), may_be_in);
}

bool IsUtf8(absl::string_view text) {
  while (!text.empty()) {
    const size_t length = spec::Utf8Length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

void CheckValue(absl::string_view value, std::vector<std::string>& problems) {
  if (value.size() < kShortestValue) {
    problems.push_back(absl::StrCat(
        "the value has ", value.size(), value.size() == 1 ? " byte" : " bytes", ", and must have ",
        kShortestValue,
        " at least: one that short is found everywhere in logs, so that masking it would "
        "make them unreadable and give it away"));
  }
  if (value.size() > kLongestValue) {
    problems.push_back(absl::StrCat("the value has ", value.size(), " bytes, and may have ",
                                    kLongestValue, " (64 KiB) at most"));
  }
  if (value.find('\0') != absl::string_view::npos) {
    problems.push_back("the value has a zero byte, which no variable of an environment can hold");
  }
  if (!IsUtf8(value)) {
    problems.push_back(
        "the value is no UTF-8 text, and Docker takes no other variables: set it in base64");
  }
}

}  // namespace

absl::Status CheckSetRequest(const v1::SetSecretRequest& request) {
  std::vector<std::string> problems;
  if (!IsSecretName(request.name())) {
    problems.push_back(
        absl::StrCat("the name must have letters, digits and '_', not begin with a "
                     "digit, and have ",
                     kLongestSecretName, " characters at most"));
  }
  if (!IsPlaceName(request.project())) problems.push_back("the project's name is none");
  if (!request.environment().empty() && !IsPlaceName(request.environment())) {
    problems.push_back("the environment's name is none");
  }
  if (request.set_by().size() > kLongestSetBy) {
    problems.push_back(absl::StrCat("set_by is longer than ", kLongestSetBy, " bytes"));
  }
  CheckValue(request.value(), problems);
  if (problems.empty()) return absl::OkStatus();
  // What is not a name may be a value that was put in its place.
  const std::string what =
      IsSecretName(request.name()) ? absl::StrCat("secret ", request.name()) : "the secret";
  const std::string message = absl::StrCat(what, " cannot be set: ", problems.front());
  problems.erase(problems.begin());
  v1::Failure failure = MakeFailure(v1::SPEC_INVALID, message, std::move(problems));
  failure.clear_likely_cause();
  failure.set_next_command("set it again with another name or value");
  return FailureStatus(failure);
}

}  // namespace davit::api
