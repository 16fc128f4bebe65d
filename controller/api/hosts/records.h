#ifndef DAVIT_CONTROLLER_API_HOSTS_RECORDS_H_
#define DAVIT_CONTROLLER_API_HOSTS_RECORDS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "controller/api/hosts/host_context.h"
#include "davit/v1/host_service.pb.h"

namespace davit::api {

// The record of a host. HOST_UNKNOWN, with the names that are known.
absl::StatusOr<state::v1::HostRecord> FindHostRecord(const HostContext& context,
                                                     const std::string& name);
absl::StatusOr<std::vector<state::v1::HostRecord>> AllHostRecords(const HostContext& context);

// WRONG_STATE when the controller's hosts are fixed.
absl::Status CheckHostsMayChange(const HostContext& context);

// A host as clients see it.
v1::Host DescribeHost(const state::v1::HostRecord& record, const fleet::HostCondition& condition);
v1::Host DescribeHost(const HostContext& context, const state::v1::HostRecord& record);

}  // namespace davit::api

#endif  // DAVIT_CONTROLLER_API_HOSTS_RECORDS_H_
