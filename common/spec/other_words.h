#ifndef DAVIT_COMMON_SPEC_OTHER_WORDS_H_
#define DAVIT_COMMON_SPEC_OTHER_WORDS_H_

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "google/protobuf/descriptor.h"

namespace davit::spec {

// A key of Compose, Kubernetes or another tool for something that is called otherwise here.
struct OtherWord {
  absl::string_view message;  // that the key was found in: "App", of davit.v1
  absl::string_view word;     // in lower case, without dashes and underscores
  absl::string_view key;      // ours, from that message: "mem_limit", "env.clear"
};

absl::Span<const OtherWord> OtherWords();

// Our key for `word` where it stands in a `message`; empty when no other tool has it.
absl::string_view KeyOfOtherTools(const google::protobuf::Descriptor& message,
                                  absl::string_view word);

}  // namespace davit::spec

#endif  // DAVIT_COMMON_SPEC_OTHER_WORDS_H_
