#ifndef DAVIT_CLIENT_OUTPUT_WAITING_TEXT_H_
#define DAVIT_CLIENT_OUTPUT_WAITING_TEXT_H_

#include <string>
#include <vector>

#include "davit/v1/host_service.pb.h"

namespace davit::output {

// "waiting for hosts app2, app3 …": those of `names` that are not online; where all
// are, or nothing is known of them, all of them.
std::string WaitingLineText(const std::vector<std::string>& names,
                            const v1::ListHostsResponse& hosts);

}  // namespace davit::output

#endif  // DAVIT_CLIENT_OUTPUT_WAITING_TEXT_H_
