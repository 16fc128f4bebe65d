#ifndef DAVIT_CONTROLLER_API_STATUS_STRAY_ROWS_H_
#define DAVIT_CONTROLLER_API_STATUS_STRAY_ROWS_H_

#include <map>
#include <string>
#include <vector>

#include "controller/api/status/status_records.h"
#include "davit/v1/deployment_service.pb.h"
#include "davit/v1/host_service.pb.h"

namespace davit::api {

// The environment's containers on one host.
struct HostContainers {
  std::vector<v1::HostApp> apps;
  bool now = true;  // false: when the host was last heard of
};

// A container as a host's report has it.
v1::HostApp HostAppOf(const worker::v1::ObservedContainer& container);

// Rows for containers that run where by the records they do not serve: on hosts that
// were taken out, or left by a deployment that nobody undid. Those that the deployment
// that goes on works on are not told of.
std::vector<v1::AppStatus> StrayRows(const StatusRecords& records, const std::string& environment,
                                     const std::map<std::string, HostContainers>& hosts);

// Says at the first row of each app, or in one of its own, that its newest deployment
// needs attention.
void TellAttention(const StatusRecords& records, v1::GetStatusResponse& status);

}  // namespace davit::api

#endif  // DAVIT_CONTROLLER_API_STATUS_STRAY_ROWS_H_
