#include "absl/strings/str_cat.h"
#include "controller/store/sqlite/sqlite_txn.h"

// Reads and writes of secrets.
namespace davit::store {
namespace {

std::vector<state::v1::SecretRecord> Secrets(Query& query) {
  std::vector<state::v1::SecretRecord> secrets;
  while (query.Next()) query.Message(0, secrets.emplace_back());
  return secrets;
}

// A number stays behind for the next one to be above it. What was sealed does not.
std::optional<state::v1::SecretRecord> Newest(Connection& connection, absl::string_view project,
                                              absl::string_view environment,
                                              absl::string_view name) {
  Query query(connection,
              "SELECT record FROM secrets WHERE project = ? AND environment = ? AND name = ?"
              " ORDER BY version DESC LIMIT 1");
  if (!query.Bind(project).Bind(environment).Bind(name).Next()) return std::nullopt;
  state::v1::SecretRecord secret;
  query.Message(0, secret);
  return secret;
}

void Put(Connection& connection, const state::v1::SecretRecord& secret) {
  Query(connection,
        "INSERT INTO secrets (project, environment, name, version, removed, record)"
        " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (project, environment, name, version)"
        " DO UPDATE SET removed = excluded.removed, record = excluded.record")
      .Bind(secret.project())
      .Bind(secret.environment())
      .Bind(secret.name())
      .Bind(secret.version())
      .Bind(static_cast<int64_t>(secret.sealed().empty()))
      .BindMessage(secret)
      .Run();
}

}  // namespace

absl::StatusOr<std::optional<state::v1::SecretRecord>> SqliteTxn::NewestSecret(
    absl::string_view project, absl::string_view environment, absl::string_view name) {
  return Run([&]() -> absl::StatusOr<std::optional<state::v1::SecretRecord>> {
    return Newest(connection_, project, environment, name);
  });
}

absl::StatusOr<state::v1::SecretRecord> SqliteTxn::GetSecret(absl::string_view project,
                                                             absl::string_view environment,
                                                             absl::string_view name,
                                                             int64_t version) {
  return Run([&]() -> absl::StatusOr<state::v1::SecretRecord> {
    Query query(connection_,
                "SELECT record FROM secrets WHERE project = ? AND environment = ? AND name = ?"
                " AND version = ? AND removed = 0");
    if (!query.Bind(project).Bind(environment).Bind(name).Bind(version).Next()) {
      return absl::NotFoundError(
          absl::StrCat("There is no version ", version, " of secret ", name, "."));
    }
    state::v1::SecretRecord secret;
    query.Message(0, secret);
    return secret;
  });
}

absl::StatusOr<std::vector<state::v1::SecretRecord>> SqliteTxn::ListSecrets(
    absl::string_view project) {
  return Run([&]() -> absl::StatusOr<std::vector<state::v1::SecretRecord>> {
    Query query(connection_,
                "SELECT record FROM secrets AS s WHERE project = ? AND removed = 0"
                " AND version = (SELECT max(version) FROM secrets WHERE project = s.project"
                " AND environment = s.environment AND name = s.name) ORDER BY environment, name");
    return Secrets(query.Bind(project));
  });
}

absl::StatusOr<std::vector<state::v1::SecretRecord>> SqliteTxn::AllSecrets() {
  return Run([&]() -> absl::StatusOr<std::vector<state::v1::SecretRecord>> {
    Query query(connection_,
                "SELECT record FROM secrets WHERE removed = 0"
                " ORDER BY project, environment, name, version");
    return Secrets(query);
  });
}

absl::StatusOr<std::string> SqliteTxn::SecretKeyCheck() {
  return Run([&]() -> absl::StatusOr<std::string> {
    Query query(connection_, "SELECT sealed FROM secret_key");
    return query.Next() ? std::string(query.Blob(0)) : std::string();
  });
}

absl::Status SqliteTxn::PutSecret(const state::v1::SecretRecord& secret) {
  return Run([&] {
    Put(connection_, secret);
    return absl::OkStatus();
  });
}

absl::Status SqliteTxn::RemoveSecret(absl::string_view project, absl::string_view environment,
                                     absl::string_view name) {
  return Run([&] {
    auto newest = Newest(connection_, project, environment, name);
    if (!newest.has_value() || newest->sealed().empty()) {
      return absl::NotFoundError(absl::StrCat("There is no secret ", name, "."));
    }
    Query(connection_, "DELETE FROM secrets WHERE project = ? AND environment = ? AND name = ?")
        .Bind(project)
        .Bind(environment)
        .Bind(name)
        .Run();
    newest->clear_sealed();
    Put(connection_, *newest);
    return absl::OkStatus();
  });
}

absl::Status SqliteTxn::PutSecretKeyCheck(const std::string& sealed) {
  return Run([&] {
    Query(connection_, "INSERT OR REPLACE INTO secret_key (id, sealed) VALUES (1, ?)")
        .BindBlob(sealed)
        .Run();
    return absl::OkStatus();
  });
}

}  // namespace davit::store
