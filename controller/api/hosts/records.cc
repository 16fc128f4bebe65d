#include "controller/api/hosts/records.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/failure/failure.h"
#include "controller/core/proto_time.h"
#include "controller/fleet/host_status.h"

namespace davit::api {
namespace {

using state::v1::HostRecord;

HostRecord FixedRecord(const std::string& name, const std::string& address) {
  HostRecord record;
  record.set_name(name);
  record.set_address(address);
  return record;
}

absl::Status UnknownHost(const HostContext& context, const std::string& name) {
  std::vector<std::string> names;
  if (const auto records = AllHostRecords(context); records.ok()) {
    for (const HostRecord& record : *records) names.push_back(record.name());
  }
  return FailureStatus(v1::HOST_UNKNOWN, absl::StrCat("the controller knows no host named ", name),
                       {names.empty() ? "it knows no host at all"
                                      : absl::StrCat("it knows: ", absl::StrJoin(names, ", "))});
}

}  // namespace

absl::StatusOr<HostRecord> FindHostRecord(const HostContext& context, const std::string& name) {
  const auto fixed = context.fixed_hosts.find(name);
  if (fixed != context.fixed_hosts.end()) return FixedRecord(name, fixed->second);
  HostRecord record;
  const absl::Status status = context.store.View([&](store::ReadTxn& txn) {
    auto found = txn.GetHost(name);
    if (!found.ok()) return found.status();
    record = *std::move(found);
    return absl::OkStatus();
  });
  if (absl::IsNotFound(status)) return UnknownHost(context, name);
  if (!status.ok()) return status;
  return record;
}

absl::StatusOr<std::vector<HostRecord>> AllHostRecords(const HostContext& context) {
  std::vector<HostRecord> records;
  const absl::Status status = context.store.View([&](store::ReadTxn& txn) {
    auto found = txn.ListHosts();
    if (!found.ok()) return found.status();
    records = *std::move(found);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  for (const auto& [name, address] : context.fixed_hosts) {
    records.push_back(FixedRecord(name, address));
  }
  std::sort(records.begin(), records.end(),
            [](const HostRecord& a, const HostRecord& b) { return a.name() < b.name(); });
  return records;
}

absl::Status CheckHostsMayChange(const HostContext& context) {
  if (context.fixed_hosts.empty()) return absl::OkStatus();
  v1::Failure failure = MakeFailure(
      v1::WRONG_STATE, "the agent of local mode deploys to its own host and takes up no others");
  failure.set_next_command("run davit-controller, and name it with --controller");
  return FailureStatus(failure);
}

v1::Host DescribeHost(const HostRecord& record, const fleet::HostCondition& condition) {
  v1::Host host;
  host.set_name(record.name());
  host.set_address(record.address());
  if (record.has_add_time()) *host.mutable_add_time() = record.add_time();
  host.set_added_by(record.added_by());
  host.set_state(condition.state);
  if (condition.since != absl::InfinitePast()) {
    *host.mutable_state_time() = core::ToProto(condition.since);
  }
  if (condition.problem) *host.mutable_problem() = *condition.problem;
  if (condition.report) {
    if (condition.report->has_facts()) *host.mutable_facts() = condition.report->facts();
    *host.mutable_apps() = condition.report->apps();
  }
  return host;
}

v1::Host DescribeHost(const HostContext& context, const HostRecord& record) {
  fleet::HostCondition condition = context.fleet.Condition(record.name());
  if (!context.fleet.Find(record.name()).ok()) {
    condition.state = v1::Host::AWAY;
    condition.problem = FailureOf(fleet::HostUnreachable(
        record.name(), absl::StrCat("nothing can be dialled at ", record.address(),
                                    "; the controller's log says why")));
  }
  return DescribeHost(record, condition);
}

}  // namespace davit::api
