#include "client/commands/databases/database_request.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/commands/invocation/bad_input.h"
#include "common/failure/failure.h"
#include "common/spec/suggest.h"

namespace davit::commands {
namespace {

// The controller asks the host, for as long as it may take to find out that it is away.
constexpr absl::Duration kListTimeout = absl::Seconds(60);

}  // namespace

absl::Status CheckHasDatabases(const v1::EnvironmentSpec& spec) {
  if (!spec.databases().empty()) return absl::OkStatus();
  return BadInput(absl::StrCat("no app of ", spec.environment(), " uses a database"),
                  "declare it in `databases`, and name it in the `database` of the app that "
                  "uses it");
}

absl::Status CheckDatabase(const v1::EnvironmentSpec& spec, const std::string& database) {
  if (absl::Status none = CheckHasDatabases(spec); !none.ok()) return none;
  if (spec.databases().contains(database)) return absl::OkStatus();
  std::vector<std::string> names;
  for (const auto& [name, declared] : spec.databases()) names.push_back(name);
  std::sort(names.begin(), names.end());
  return BadInput(absl::StrCat("no app of ", spec.environment(), " uses a database \"", database,
                               "\"", spec::DidYouMean(database, names)),
                  absl::StrCat("name one that there is: ", absl::StrJoin(names, ", ")));
}

absl::Status CheckIsUnderstood(Connection& connection, const v1::DeploymentRequest& request) {
  if (!request.has_rollback() && !request.has_backup() && !request.has_restore()) {
    return absl::OkStatus();
  }
  // Refused for what it lacks by a controller that knows it, and with it all three.
  const auto answer =
      connection.Call(&Connection::DatabaseStub::ListBackups, v1::ListBackupsRequest());
  return IsFailure(answer.status(), v1::VERSION_SKEW) ? answer.status() : absl::OkStatus();
}

absl::StatusOr<v1::ListBackupsResponse> AskForBackups(Connection& connection,
                                                      const v1::EnvironmentSpec& spec) {
  v1::ListBackupsRequest request;
  *request.mutable_spec() = spec;
  return connection.Call(&Connection::DatabaseStub::ListBackups, request, kListTimeout);
}

}  // namespace davit::commands
