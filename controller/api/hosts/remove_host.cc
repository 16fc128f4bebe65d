#include "controller/api/hosts/handlers.h"
#include "controller/api/hosts/host_use.h"
#include "controller/api/hosts/records.h"

namespace davit::api {
namespace {

absl::Status CheckNobodyNeeds(const HostContext& context, store::ReadTxn& txn,
                              const std::string& host) {
  const auto use = UseOf(txn, host, context.fleet.Condition(host));
  return use.ok() ? CheckUnused(host, *use) : use.status();
}

}  // namespace

absl::StatusOr<v1::RemoveHostResponse> RemoveHost(const HostContext& context,
                                                  const v1::RemoveHostRequest& request) {
  if (const absl::Status check = CheckHostsMayChange(context); !check.ok()) return check;
  absl::MutexLock lock(context.changes.get());
  if (const auto record = FindHostRecord(context, request.name()); !record.ok()) {
    return record.status();
  }
  const absl::Status removed = context.store.Update([&](store::Txn& txn) {
    absl::Status unused;
    if (!request.force()) unused = CheckNobodyNeeds(context, txn, request.name());
    return unused.ok() ? txn.RemoveHost(request.name()) : unused;
  });
  if (!removed.ok()) return removed;
  context.fleet.Remove(request.name());
  return v1::RemoveHostResponse();
}

}  // namespace davit::api
