#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/failure/failure.h"
#include "controller/api/hosts/checks.h"
#include "controller/api/hosts/handlers.h"
#include "controller/api/hosts/records.h"
#include "controller/core/proto_time.h"
#include "controller/fleet/host_status.h"

namespace davit::api {
namespace {

// No certificate for a TCP address, and the like.
absl::Status CannotDial(const absl::Status& why) {
  v1::Failure failure =
      MakeFailure(v1::SPEC_INVALID, absl::StrCat("the host cannot be added: ", why.message()));
  failure.set_next_command("correct the address, or the controller's configuration");
  return FailureStatus(failure);
}

// What the worker says, within the context's patience.
absl::StatusOr<fleet::HostCondition> Greet(const HostContext& context, const std::string& name,
                                           fleet::HostLink& link) {
  if (link.monitor == nullptr) {
    const auto answer = link.client->GetHost({}, Call{}.Within(context.patience));
    if (!answer.ok()) return answer.status();
    fleet::HostCondition condition;
    condition.state = v1::Host::ONLINE;
    return condition;
  }
  fleet::HostCondition condition = link.monitor->AwaitSettled(absl::Now() + context.patience);
  if (condition.state == v1::Host::ONLINE) return condition;
  // It could not be adopted if it were not taken up.
  if (condition.problem && condition.problem->code() == v1::HOST_NOT_ADOPTED) return condition;
  condition = link.monitor->Explained(absl::Now() + context.explanation);
  if (condition.state == v1::Host::ONLINE) return condition;
  if (condition.problem) return FailureStatus(*condition.problem);
  return fleet::HostUnreachable(
      name, absl::StrCat("no answer within ", absl::FormatDuration(context.patience)));
}

absl::Status Record(const HostContext& context, const v1::AddHostRequest& request,
                    const state::v1::HostRecord& record) {
  std::optional<state::v1::HostRecord> same;  // put by another caller meanwhile
  return context.store.Update([&](store::Txn& txn) {
    const absl::Status free = CheckFree(txn, request, same);
    return free.ok() ? txn.PutHost(record) : free;
  });
}

state::v1::HostRecord RecordOf(const HostContext& context, const v1::AddHostRequest& request) {
  state::v1::HostRecord record;
  record.set_name(request.name());
  record.set_address(request.address());
  record.set_added_by(request.added_by());
  *record.mutable_add_time() = core::ToProto(context.clock.Now());
  return record;
}

// The host as it is, when there is one of that name and address.
absl::StatusOr<std::optional<v1::Host>> FindSame(const HostContext& context,
                                                 const v1::AddHostRequest& request) {
  std::optional<state::v1::HostRecord> same;
  const absl::Status free =
      context.store.View([&](store::ReadTxn& txn) { return CheckFree(txn, request, same); });
  if (!free.ok()) return free;
  return same ? std::optional(DescribeHost(context, *same)) : std::nullopt;
}

}  // namespace

absl::StatusOr<v1::AddHostResponse> AddHost(const HostContext& context,
                                            const v1::AddHostRequest& request) {
  absl::Status check = CheckHostsMayChange(context);
  if (check.ok()) check = CheckAddRequest(request);
  if (!check.ok()) return check;
  auto same = FindSame(context, request);
  if (!same.ok()) return same.status();
  v1::AddHostResponse response;
  if (same->has_value()) {
    *response.mutable_host() = **std::move(same);
    return response;
  }
  auto link = context.fleet.Connect(request.name(), request.address());
  if (!link.ok()) return CannotDial(link.status());
  fleet::HostCondition condition;
  if (!request.unchecked()) {
    auto greeted = Greet(context, request.name(), *link);
    if (!greeted.ok()) return greeted.status();
    condition = *std::move(greeted);
  }
  const state::v1::HostRecord record = RecordOf(context, request);
  {
    absl::MutexLock lock(context.changes.get());
    absl::Status put = CheckOtherWorker(context, request, condition);
    if (put.ok()) put = Record(context, request, record);
    if (!put.ok()) return put;
    context.fleet.Add(request.name(), *std::move(link));
  }
  *response.mutable_host() =
      request.unchecked() ? DescribeHost(context, record) : DescribeHost(record, condition);
  return response;
}

}  // namespace davit::api
