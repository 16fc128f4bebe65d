#include "controller/store/sqlite/event_codec.h"

#include <google/protobuf/io/gzip_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <utility>

namespace davit::store {
namespace {

namespace io = google::protobuf::io;

// Of a shorter one, what is saved is not worth making a compressor for it.
constexpr size_t kWorthCompressing = 512;

std::string Compress(const v1::Event& event) {
  std::string bytes;
  io::StringOutputStream sink(&bytes);
  io::GzipOutputStream::Options options;
  // The commit waits for it: speed before size.
  options.compression_level = 1;
  io::GzipOutputStream gzip(&sink, options);
  event.SerializeToZeroCopyStream(&gzip);
  gzip.Close();
  return bytes;
}

}  // namespace

EncodedEvent EncodeEvent(const v1::Event& event) {
  if (event.log().data().size() >= kWorthCompressing) {
    std::string compressed = Compress(event);
    if (compressed.size() < event.ByteSizeLong()) return {true, std::move(compressed)};
  }
  return {false, event.SerializeAsString()};
}

bool DecodeEvent(absl::string_view bytes, bool compressed, v1::Event& event) {
  io::ArrayInputStream source(bytes.data(), static_cast<int>(bytes.size()));
  if (!compressed) return event.ParseFromZeroCopyStream(&source);
  io::GzipInputStream gzip(&source);
  // Parsing ends quietly at a stream that stops short; the error tells.
  return event.ParseFromZeroCopyStream(&gzip) && gzip.ZlibErrorCode() >= 0;
}

}  // namespace davit::store
