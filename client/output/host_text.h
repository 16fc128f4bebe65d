#ifndef DAVIT_CLIENT_OUTPUT_HOST_TEXT_H_
#define DAVIT_CLIENT_OUTPUT_HOST_TEXT_H_

#include <string>

#include "absl/time/time.h"
#include "client/output/style.h"
#include "davit/v1/host_service.pb.h"

namespace davit::output {

// What `davit hosts list` says: a row for each host, and a line for each that has
// a problem. `width` is that of the terminal; 0: any line finds room.
std::string HostListText(const v1::ListHostsResponse& hosts, absl::Time now, int width);

// What `davit hosts show` says: everything that is known of one host, and, where it is
// not online, how old that is.
std::string HostText(const v1::Host& host, absl::Time now, absl::TimeZone zone, const Style& style);

// "dev-1 (dev-1:7421) is online: worker 0.3.0, Docker 27.1.1, linux/amd64", or why it is not.
std::string HostLine(const v1::Host& host);

// "dev-2 is away for 3m12s: connection refused (HOST_UNREACHABLE)"; empty when all is well.
std::string HostProblemLine(const v1::Host& host, absl::Time now);

}  // namespace davit::output

#endif  // DAVIT_CLIENT_OUTPUT_HOST_TEXT_H_
