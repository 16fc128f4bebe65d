#include "controller/store/sqlite/event_codec.h"
#include "controller/store/sqlite/sqlite_txn.h"

namespace davit::store {
namespace {

// Those without a request id are all different, as NULLs are to a UNIQUE.
Query& BindRequestId(Query& query, const std::string& request_id) {
  return request_id.empty() ? query.BindNull() : query.Bind(request_id);
}

}  // namespace

absl::Status SqliteTxn::PutDeployment(const state::v1::DeploymentRecord& record) {
  const v1::Deployment& view = record.view();
  if (view.steps_size() > 0) {
    return absl::InvalidArgumentError("A deployment's record has no steps in its view.");
  }
  return Run([&] {
    Query query(connection_,
                "INSERT INTO deployments"
                " (id, project, environment, state, finished, request_id, record)"
                " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
                " project = excluded.project, environment = excluded.environment,"
                " state = excluded.state, finished = excluded.finished,"
                " request_id = excluded.request_id, record = excluded.record");
    query.Bind(view.id()).Bind(view.project()).Bind(view.environment());
    query.Bind(static_cast<int64_t>(view.state()));
    query.Bind(static_cast<int64_t>(core::IsTerminal(view.state())));
    BindRequestId(query, record.request_id()).BindMessage(record).Run();
    return absl::OkStatus();
  });
}

absl::Status SqliteTxn::PutStep(absl::string_view deployment_id, int index,
                                const state::v1::StepRecord& step) {
  return Run([&] {
    Query(connection_,
          "INSERT INTO steps (deployment_id, idx, record) VALUES (?, ?, ?)"
          " ON CONFLICT (deployment_id, idx) DO UPDATE SET record = excluded.record")
        .Bind(deployment_id)
        .Bind(static_cast<int64_t>(index))
        .BindMessage(step)
        .Run();
    return absl::OkStatus();
  });
}

absl::Status SqliteTxn::AppendEvents(absl::Span<const v1::Event> events) {
  return Run([&] {
    for (const v1::Event& event : events) {
      const EncodedEvent encoded = EncodeEvent(event);
      Query(connection_,
            "INSERT INTO events (deployment_id, sequence, compressed, event)"
            " VALUES (?, ?, ?, ?)")
          .Bind(event.deployment_id())
          .Bind(event.sequence())
          .Bind(static_cast<int64_t>(encoded.compressed))
          .BindBlob(encoded.bytes)
          .Run();
    }
    return absl::OkStatus();
  });
}

absl::Status SqliteTxn::PutLock(const state::v1::LockRecord& lock) {
  return Run([&] {
    Query(connection_,
          "INSERT INTO locks (project, environment, record) VALUES (?, ?, ?)"
          " ON CONFLICT (project, environment) DO UPDATE SET record = excluded.record")
        .Bind(lock.project())
        .Bind(lock.environment())
        .BindMessage(lock)
        .Run();
    return absl::OkStatus();
  });
}

absl::Status SqliteTxn::PutRelease(const state::v1::ReleaseRecord& release) {
  const v1::Release& view = release.view();
  return Run([&] {
    if (view.live()) {
      Query(connection_,
            "UPDATE releases INDEXED BY releases_live SET live = 0"
            " WHERE project = ? AND environment = ? AND app = ? AND live = 1")
          .Bind(view.project())
          .Bind(view.environment())
          .Bind(view.app())
          .Run();
    }
    Query(connection_,
          "INSERT INTO releases (project, environment, app, number, live, record)"
          " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (project, environment, app, number)"
          " DO UPDATE SET live = excluded.live, record = excluded.record")
        .Bind(view.project())
        .Bind(view.environment())
        .Bind(view.app())
        .Bind(view.number())
        .Bind(static_cast<int64_t>(view.live()))
        .BindMessage(release)
        .Run();
    return absl::OkStatus();
  });
}

absl::Status SqliteTxn::PutHost(const state::v1::HostRecord& host) {
  return Run([&] {
    Query(connection_,
          "INSERT INTO hosts (name, record) VALUES (?, ?)"
          " ON CONFLICT (name) DO UPDATE SET record = excluded.record")
        .Bind(host.name())
        .BindMessage(host)
        .Run();
    return absl::OkStatus();
  });
}

absl::Status SqliteTxn::RemoveHost(absl::string_view name) {
  return Run([&] {
    Query query(connection_, "DELETE FROM hosts WHERE name = ? RETURNING name");
    if (query.Bind(name).Next()) return absl::OkStatus();
    return absl::NotFoundError(absl::StrCat("There is no host ", name, "."));
  });
}

}  // namespace davit::store
