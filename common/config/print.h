#ifndef DAVIT_COMMON_CONFIG_PRINT_H_
#define DAVIT_COMMON_CONFIG_PRINT_H_

#include <google/protobuf/message.h>

#include <string>

#include "common/config/layers.h"

namespace davit::config {

// The configuration as YAML that reads back as the same, each value with a
// comment that says where it comes from.
std::string ToYaml(const google::protobuf::Message& config, const Layers& layers);

}  // namespace davit::config

#endif  // DAVIT_COMMON_CONFIG_PRINT_H_
