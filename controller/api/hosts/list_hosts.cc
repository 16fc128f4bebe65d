#include "controller/api/hosts/handlers.h"
#include "controller/api/hosts/records.h"

namespace davit::api {

absl::StatusOr<v1::ListHostsResponse> ListHosts(const HostContext& context,
                                                const v1::ListHostsRequest&) {
  const auto records = AllHostRecords(context);
  if (!records.ok()) return records.status();
  v1::ListHostsResponse response;
  for (const state::v1::HostRecord& record : *records) {
    *response.add_hosts() = DescribeHost(context, record);
  }
  return response;
}

}  // namespace davit::api
