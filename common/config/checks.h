#ifndef DAVIT_COMMON_CONFIG_CHECKS_H_
#define DAVIT_COMMON_CONFIG_CHECKS_H_

#include <google/protobuf/message.h>

#include "common/spec/finding.h"

namespace davit::config {

// What values have to do with each other and with this machine: addresses that
// can be read, TLS where TCP is, absolute paths, a group that exists. For
// Program::check; the message is that of the daemon.
void CheckController(const google::protobuf::Message& config, const spec::Report& report);
void CheckWorker(const google::protobuf::Message& config, const spec::Report& report);

}  // namespace davit::config

#endif  // DAVIT_COMMON_CONFIG_CHECKS_H_
