#ifndef DAVIT_CONTROLLER_STORE_SQLITE_EVENT_CODEC_H_
#define DAVIT_CONTROLLER_STORE_SQLITE_EVENT_CODEC_H_

#include <string>

#include "absl/strings/string_view.h"
#include "davit/v1/deployment.pb.h"

namespace davit::store {

// An event as a row keeps it.
struct EncodedEvent {
  bool compressed = false;
  std::string bytes;
};

// Long logs are compressed with gzip where that makes them smaller.
EncodedEvent EncodeEvent(const v1::Event& event);

// False when the bytes are damaged.
bool DecodeEvent(absl::string_view bytes, bool compressed, v1::Event& event);

}  // namespace davit::store

#endif  // DAVIT_CONTROLLER_STORE_SQLITE_EVENT_CODEC_H_
