#ifndef DAVIT_COMMON_CONFIG_KEYS_H_
#define DAVIT_COMMON_CONFIG_KEYS_H_

#include <google/protobuf/descriptor.h>

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace davit::config {

// One value of a configuration, under its three names.
struct Key {
  std::string path;      // tls.cert_file, in the file
  std::string flag;      // --tls-cert-file
  std::string variable;  // DAVIT_WORKER_TLS_CERT_FILE
  const google::protobuf::FieldDescriptor* field;
};

// All of them, in the order of the fields. The scalars and lists of scalars of
// the message and of those in it; `prefix` is that of the variables.
std::vector<Key> KeysOf(const google::protobuf::Descriptor& config, absl::string_view prefix);

}  // namespace davit::config

#endif  // DAVIT_COMMON_CONFIG_KEYS_H_
