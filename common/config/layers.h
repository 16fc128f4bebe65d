#ifndef DAVIT_COMMON_CONFIG_LAYERS_H_
#define DAVIT_COMMON_CONFIG_LAYERS_H_

#include <google/protobuf/message.h>

#include <map>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "common/config/keys.h"
#include "common/config/program.h"
#include "common/spec/message_loader.h"

namespace davit::config {

// Values of flags by path; a list's as often as the flag was given.
using FlagValues = std::map<std::string, std::vector<std::string>>;

// The configuration as it is in force, and where it comes from.
struct Layers {
  std::string file;      // that was read; empty: none
  std::string problems;  // for people, one after the other; empty: the message is complete
  absl::btree_map<std::string, spec::Origin> origins;  // by path
};

// Fills `config`: flags over the environment over the file over the defaults.
// `named_file` is that of --config; empty: the program's own, if it exists.
Layers ReadLayers(const Program& program, const std::string& named_file, const FlagValues& flags,
                  const Surroundings& surroundings, google::protobuf::Message* config);

}  // namespace davit::config

#endif  // DAVIT_COMMON_CONFIG_LAYERS_H_
