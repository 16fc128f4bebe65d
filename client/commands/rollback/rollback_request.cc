#include "client/commands/rollback/rollback_request.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "client/commands/invocation/bad_input.h"
#include "client/commands/project/project_file.h"
#include "client/commands/project/request.h"

namespace davit::commands {
namespace {

constexpr std::pair<absl::string_view, v1::RollbackRequest::Schema> kSchemas[] = {
    {"keep", v1::RollbackRequest::KEEP},
    {"command", v1::RollbackRequest::COMMAND},
    {"restore", v1::RollbackRequest::RESTORE}};

v1::RollbackRequest::Schema SchemaOf(absl::string_view chosen) {
  for (const auto& [word, schema] : kSchemas) {
    if (word == chosen) return schema;
  }
  return v1::RollbackRequest::SCHEMA_UNSPECIFIED;
}

absl::Status AddTarget(const std::string& text, v1::DeploymentRequest& request) {
  const std::vector<std::string> apps = DeployedApps(request);
  std::pair<std::string, std::string> parts = absl::StrSplit(text, absl::MaxSplits('=', 1));
  if (parts.second.empty()) {
    if (apps.size() != 1) {
      return BadInput(absl::StrCat("--to ", text, ": of which app?"), "say --to APP=RELEASE");
    }
    parts = {apps[0], text};
  }
  const auto& [app, release] = parts;
  if (absl::Status status = CheckApp(request.spec(), app); !status.ok()) return status;
  if (std::find(apps.begin(), apps.end(), app) == apps.end()) {
    return BadInput(absl::StrCat("--to ", text, ": ", app, " is not rolled back"),
                    "name that app too, or leave the option out");
  }
  const absl::StatusOr<int64_t> number = ParseRelease(release);
  if (!number.ok()) return number.status();
  (*request.mutable_rollback()->mutable_releases())[app] = *number;
  return absl::OkStatus();
}

// `davit rollback web 7` is `davit rollback web --to 7`, where no app has that name.
absl::Status TakeReleases(const Invocation& invocation, RollbackWish& wish) {
  const absl::StatusOr<v1::EnvironmentSpec> spec = LoadEnvironment(invocation);
  if (!spec.ok()) return spec.status();
  std::vector<std::string> apps;
  for (const std::string& word : wish.apps) {
    const bool release = !spec->apps().contains(word) && ParseRelease(word).ok();
    (release ? wish.to : apps).push_back(word);
  }
  wish.apps = std::move(apps);
  return absl::OkStatus();
}

}  // namespace

std::vector<std::string> SchemaWords() {
  std::vector<std::string> words;
  for (const auto& [word, schema] : kSchemas) words.emplace_back(word);
  return words;
}

absl::StatusOr<int64_t> ParseRelease(absl::string_view text) {
  int64_t number = 0;
  absl::string_view digits = text;
  absl::ConsumePrefix(&digits, "v");
  if (absl::SimpleAtoi(digits, &number) && number > 0) return number;
  return BadInput(absl::StrCat("'", text, "' is no number of a release"),
                  "see which there are with `davit history`");
}

absl::StatusOr<v1::DeploymentRequest> RollbackRequestFor(const Invocation& invocation,
                                                         RollbackWish wish) {
  if (absl::Status status = TakeReleases(invocation, wish); !status.ok()) return status;
  absl::StatusOr<v1::DeploymentRequest> request = ReadRequest(invocation, {.apps = wish.apps});
  if (!request.ok()) return request;
  request->mutable_rollback();
  for (const std::string& text : wish.to) {
    if (absl::Status status = AddTarget(text, *request); !status.ok()) return status;
  }
  request->mutable_rollback()->set_schema(SchemaOf(wish.schema));
  return request;
}

}  // namespace davit::commands
