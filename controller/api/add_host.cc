#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/failure/failure.h"
#include "common/rpc/address.h"
#include "controller/api/host_handlers.h"
#include "controller/api/host_records.h"
#include "controller/api/host_use.h"
#include "controller/core/proto_time.h"
#include "controller/fleet/host_status.h"

namespace davit::api {
namespace {

constexpr size_t kLongestHostName = 100;
constexpr size_t kLongestAdder = 400;  // with the name of a certificate

bool IsName(const std::string& name) {
  const auto is_alnum = [](char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)); };
  if (name.empty() || name.size() > kLongestHostName) return false;
  if (!is_alnum(name.front()) || !is_alnum(name.back())) return false;
  return std::all_of(name.begin(), name.end(),
                     [&](char c) { return is_alnum(c) || c == '.' || c == '-'; });
}

absl::Status CheckAddRequest(const v1::AddHostRequest& request) {
  std::vector<std::string> problems;
  if (!IsName(request.name())) {
    problems.push_back(
        absl::StrCat("the name \"", request.name().substr(0, kLongestHostName),
                     "\" must have 1 to ", kLongestHostName,
                     " letters, digits, '.' and '-', beginning and ending with a letter or digit"));
  }
  if (const auto address = ParseAddress(request.address()); !address.ok()) {
    problems.push_back(std::string(address.status().message()));
  } else if (!address->is_unix && address->port == 0) {
    problems.push_back(absl::StrCat("the address ", request.address(), " has the port 0"));
  }
  if (request.added_by().size() > kLongestAdder) {
    problems.push_back(absl::StrCat("added_by is longer than ", kLongestAdder, " bytes"));
  }
  if (problems.empty()) return absl::OkStatus();
  v1::Failure failure = MakeFailure(v1::SPEC_INVALID, "the host cannot be added", problems);
  if (problems.size() == 1) failure.set_message("the host cannot be added: " + problems.front());
  failure.set_next_command("correct the name or the address");
  return FailureStatus(failure);
}

// No certificate for a TCP address, and the like.
absl::Status CannotDial(const absl::Status& why) {
  v1::Failure failure =
      MakeFailure(v1::SPEC_INVALID, absl::StrCat("the host cannot be added: ", why.message()));
  failure.set_next_command("correct the address, or the controller's configuration");
  return FailureStatus(failure);
}

// Whether there is room for it in the records.
absl::Status CheckFree(store::ReadTxn& txn, const v1::AddHostRequest& request) {
  const auto known = txn.GetHost(request.name());
  if (absl::IsNotFound(known.status())) return absl::OkStatus();
  if (!known.ok()) return known.status();
  if (!request.replace()) {
    return FailureStatus(v1::HOST_EXISTS, absl::StrCat("there is a host ", request.name()),
                         {absl::StrCat("its address is ", known->address())});
  }
  // Its steps are reached at the address that they were begun at.
  auto uses = DeploymentsOn(txn, request.name());
  return uses.ok() ? CheckUnused(request.name(), *std::move(uses)) : uses.status();
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
  return context.store.Update([&](store::Txn& txn) {
    const absl::Status free = CheckFree(txn, request);
    return free.ok() ? txn.PutHost(record) : free;
  });
}

}  // namespace

absl::StatusOr<v1::AddHostResponse> AddHost(const HostContext& context,
                                            const v1::AddHostRequest& request) {
  absl::Status check = CheckHostsMayChange(context);
  if (check.ok()) check = CheckAddRequest(request);
  if (check.ok()) {
    check = context.store.View([&](store::ReadTxn& txn) { return CheckFree(txn, request); });
  }
  if (!check.ok()) return check;
  auto link = context.fleet.Connect(request.name(), request.address());
  if (!link.ok()) return CannotDial(link.status());
  fleet::HostCondition condition;
  if (!request.unchecked()) {
    auto greeted = Greet(context, request.name(), *link);
    if (!greeted.ok()) return greeted.status();
    condition = *std::move(greeted);
  }
  state::v1::HostRecord record;
  record.set_name(request.name());
  record.set_address(request.address());
  record.set_added_by(request.added_by());
  *record.mutable_add_time() = core::ToProto(context.clock.Now());
  {
    absl::MutexLock lock(context.changes.get());
    if (absl::Status put = Record(context, request, record); !put.ok()) return put;
    context.fleet.Add(request.name(), *std::move(link));
  }
  v1::AddHostResponse response;
  *response.mutable_host() =
      request.unchecked() ? DescribeHost(context, record) : DescribeHost(record, condition);
  return response;
}

}  // namespace davit::api
