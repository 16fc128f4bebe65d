#include <algorithm>

#include "absl/strings/str_cat.h"
#include "controller/store/sqlite/event_codec.h"
#include "controller/store/sqlite/identity.h"
#include "controller/store/sqlite/sqlite_txn.h"

namespace davit::store {
namespace {

// SQLite reads a negative limit as none.
int64_t Limit(int limit) { return std::max(limit, 0); }

// The least text above all that begin with `prefix`; empty when there is none.
std::string PrefixEnd(absl::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && static_cast<unsigned char>(end.back()) == 0xff) end.pop_back();
  if (!end.empty()) end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
  return end;
}

std::vector<std::string> Texts(Query& query) {
  std::vector<std::string> texts;
  while (query.Next()) texts.push_back(query.Text(0));
  return texts;
}

// Rows of (live, record). Which one is live is the column's business: the
// record in the row of an older one still says that it is.
std::vector<state::v1::ReleaseRecord> Releases(Query& query) {
  std::vector<state::v1::ReleaseRecord> releases;
  while (query.Next()) {
    query.Message(1, releases.emplace_back());
    releases.back().mutable_view()->set_live(query.Number(0) != 0);
  }
  return releases;
}

// The journal itself says where it ends, so that an event is written without its
// deployment's record.
void ReadRecord(Connection& connection, const Query& row, state::v1::DeploymentRecord& record) {
  row.Message(0, record);
  Query last(connection, "SELECT max(sequence) FROM events WHERE deployment_id = ?");
  last.Bind(record.view().id()).Next();
  record.mutable_view()->set_last_sequence(last.Number(0));
}

// One statement for each shape of filter, so that each has its index.
absl::string_view ListSql(const DeploymentFilter& filter) {
  if (!filter.project.empty() && !filter.environment.empty()) {
    return "SELECT record FROM deployments INDEXED BY deployments_by_both"
           " WHERE project = ?1 AND environment = ?2 AND id < ?3 ORDER BY id DESC LIMIT ?4";
  }
  if (!filter.project.empty()) {
    return "SELECT record FROM deployments INDEXED BY deployments_by_project"
           " WHERE project = ?1 AND ?2 = '' AND id < ?3 ORDER BY id DESC LIMIT ?4";
  }
  if (!filter.environment.empty()) {
    return "SELECT record FROM deployments INDEXED BY deployments_by_environment"
           " WHERE ?1 = '' AND environment = ?2 AND id < ?3 ORDER BY id DESC LIMIT ?4";
  }
  return "SELECT record FROM deployments"
         " WHERE ?1 = '' AND ?2 = '' AND id < ?3 ORDER BY id DESC LIMIT ?4";
}

}  // namespace

absl::StatusOr<StoreIdentity> SqliteTxn::Identity() {
  return Run([&] { return ReadIdentity(connection_); });
}

absl::StatusOr<core::DeploymentState> SqliteTxn::GetDeployment(absl::string_view id) {
  return Run([&]() -> absl::StatusOr<core::DeploymentState> {
    state::v1::DeploymentRecord record;
    Query header(connection_, "SELECT record FROM deployments WHERE id = ?");
    if (!header.Bind(id).Next()) {
      return absl::NotFoundError(absl::StrCat("There is no deployment ", id, "."));
    }
    ReadRecord(connection_, header, record);
    std::vector<state::v1::StepRecord> steps;
    Query rows(connection_, "SELECT record FROM steps WHERE deployment_id = ? ORDER BY idx");
    for (rows.Bind(id); rows.Next();) rows.Message(0, steps.emplace_back());
    return core::Assemble(std::move(record), std::move(steps));
  });
}

absl::StatusOr<std::vector<std::string>> SqliteTxn::FindDeployments(absl::string_view prefix,
                                                                    int limit) {
  return Run([&]() -> absl::StatusOr<std::vector<std::string>> {
    const std::string end = PrefixEnd(prefix);
    if (end.empty()) {
      Query all(connection_, "SELECT id FROM deployments WHERE id >= ? ORDER BY id LIMIT ?");
      return Texts(all.Bind(prefix).Bind(Limit(limit)));
    }
    Query query(connection_,
                "SELECT id FROM deployments WHERE id >= ? AND id < ? ORDER BY id LIMIT ?");
    return Texts(query.Bind(prefix).Bind(end).Bind(Limit(limit)));
  });
}

absl::StatusOr<std::vector<state::v1::DeploymentRecord>> SqliteTxn::ListDeployments(
    const DeploymentFilter& filter) {
  return Run([&]() -> absl::StatusOr<std::vector<state::v1::DeploymentRecord>> {
    std::vector<state::v1::DeploymentRecord> records;
    // Ids are ASCII, so this byte lies above all of them.
    const std::string before = filter.before_id.empty() ? "\x7f" : filter.before_id;
    Query query(connection_, ListSql(filter));
    query.Bind(filter.project).Bind(filter.environment).Bind(before).Bind(Limit(filter.limit));
    while (query.Next()) ReadRecord(connection_, query, records.emplace_back());
    return records;
  });
}

absl::StatusOr<std::vector<std::string>> SqliteTxn::UnfinishedDeployments() {
  return Run([&]() -> absl::StatusOr<std::vector<std::string>> {
    Query query(connection_, "SELECT id FROM deployments WHERE finished = 0 ORDER BY id");
    return Texts(query);
  });
}

absl::StatusOr<std::optional<std::string>> SqliteTxn::FindRequest(absl::string_view request_id) {
  return Run([&]() -> absl::StatusOr<std::optional<std::string>> {
    Query query(connection_, "SELECT id FROM deployments WHERE request_id = ?");
    if (!query.Bind(request_id).Next()) return std::nullopt;
    return query.Text(0);
  });
}

absl::StatusOr<std::vector<v1::Event>> SqliteTxn::ReadEvents(absl::string_view deployment_id,
                                                             int64_t after_sequence, int limit) {
  return Run([&]() -> absl::StatusOr<std::vector<v1::Event>> {
    std::vector<v1::Event> events;
    Query query(connection_,
                "SELECT compressed, event FROM events"
                " WHERE deployment_id = ? AND sequence > ? ORDER BY sequence LIMIT ?");
    query.Bind(deployment_id).Bind(after_sequence).Bind(Limit(limit));
    while (query.Next()) {
      if (!DecodeEvent(query.Blob(1), query.Number(0) != 0, events.emplace_back())) {
        return absl::DataLossError(
            absl::StrCat("An event of deployment ", deployment_id, " cannot be read."));
      }
    }
    return events;
  });
}

absl::StatusOr<std::optional<state::v1::LockRecord>> SqliteTxn::GetLock(
    absl::string_view project, absl::string_view environment) {
  return Run([&]() -> absl::StatusOr<std::optional<state::v1::LockRecord>> {
    Query query(connection_, "SELECT record FROM locks WHERE project = ? AND environment = ?");
    if (!query.Bind(project).Bind(environment).Next()) return std::nullopt;
    state::v1::LockRecord lock;
    query.Message(0, lock);
    return lock;
  });
}

absl::StatusOr<std::vector<state::v1::LockRecord>> SqliteTxn::ListLocks() {
  return Run([&]() -> absl::StatusOr<std::vector<state::v1::LockRecord>> {
    std::vector<state::v1::LockRecord> locks;
    Query query(connection_, "SELECT record FROM locks ORDER BY project, environment");
    while (query.Next()) query.Message(0, locks.emplace_back());
    return locks;
  });
}

absl::StatusOr<std::vector<state::v1::ReleaseRecord>> SqliteTxn::ListReleases(
    absl::string_view project, absl::string_view environment, absl::string_view app, int limit) {
  return Run([&]() -> absl::StatusOr<std::vector<state::v1::ReleaseRecord>> {
    Query query(connection_,
                "SELECT live, record FROM releases"
                " WHERE project = ? AND environment = ? AND app = ? ORDER BY number DESC LIMIT ?");
    return Releases(query.Bind(project).Bind(environment).Bind(app).Bind(Limit(limit)));
  });
}

absl::StatusOr<std::vector<state::v1::ReleaseRecord>> SqliteTxn::LiveReleases(
    absl::string_view project, absl::string_view environment) {
  return Run([&]() -> absl::StatusOr<std::vector<state::v1::ReleaseRecord>> {
    // The planner would rather read all releases of the environment.
    Query query(connection_,
                "SELECT live, record FROM releases INDEXED BY releases_live"
                " WHERE project = ? AND environment = ? AND live = 1 ORDER BY app");
    return Releases(query.Bind(project).Bind(environment));
  });
}

absl::StatusOr<state::v1::HostRecord> SqliteTxn::GetHost(absl::string_view name) {
  return Run([&]() -> absl::StatusOr<state::v1::HostRecord> {
    Query query(connection_, "SELECT record FROM hosts WHERE name = ?");
    if (!query.Bind(name).Next()) {
      return absl::NotFoundError(absl::StrCat("There is no host ", name, "."));
    }
    state::v1::HostRecord host;
    query.Message(0, host);
    return host;
  });
}

absl::StatusOr<std::vector<state::v1::HostRecord>> SqliteTxn::ListHosts() {
  return Run([&]() -> absl::StatusOr<std::vector<state::v1::HostRecord>> {
    std::vector<state::v1::HostRecord> hosts;
    Query query(connection_, "SELECT record FROM hosts ORDER BY name");
    while (query.Next()) query.Message(0, hosts.emplace_back());
    return hosts;
  });
}

}  // namespace davit::store
