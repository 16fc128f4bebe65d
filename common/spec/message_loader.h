#ifndef DAVIT_COMMON_SPEC_MESSAGE_LOADER_H_
#define DAVIT_COMMON_SPEC_MESSAGE_LOADER_H_

#include <google/protobuf/message.h>

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/spec/finding.h"
#include "common/spec/loader.h"
#include "common/spec/variables.h"

namespace davit::spec {

// A value that stands over that of the text: of a flag, of the environment.
struct Override {
  std::string path;                 // of a scalar or a list of scalars: tls.cert_file
  std::vector<std::string> values;  // of a scalar: one
  std::string place;                // for messages: --tls-cert-file
};

struct MessageOptions {
  // Values for ${NAME}; an override's text is taken as it is.
  VariableLookup variable;
  // The last one of a path wins.
  std::vector<Override> overrides;
  // What no field's rule says by itself, for the message that has been read.
  std::function<void(const google::protobuf::Message&, const Report&)> check;
};

struct MessageResult {
  std::vector<Problem> problems;  // those of the text by place, then those of the overrides
  Origins origins;                // a place is that of the override that gave the value
  bool ok() const { return problems.empty(); }
};

// Fills any message whose fields have rules from one YAML mapping, as LoadProject()
// does davit.yaml; a text without a value gives the defaults. `out` is complete
// only without problems.
MessageResult LoadMessage(absl::string_view text, const MessageOptions& options,
                          google::protobuf::Message* out);

}  // namespace davit::spec

#endif  // DAVIT_COMMON_SPEC_MESSAGE_LOADER_H_
