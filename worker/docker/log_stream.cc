#include "worker/docker/log_stream.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/failure/failure.h"
#include "worker/docker/json.h"

namespace davit::docker {
namespace {

constexpr size_t kHeaderBytes = 8;
constexpr size_t kMaxFrameBytes = 16 << 20;
constexpr size_t kPartBytes = 16 << 10;  // the engine's limit for a part of a line
constexpr size_t kMaxLineBytes = 64 << 10;

size_t PayloadBytes(absl::string_view header) {
  size_t size = 0;
  for (size_t i = 4; i < kHeaderBytes; ++i)
    size = size << 8 | static_cast<unsigned char>(header[i]);
  return size;
}

bool IsHeader(absl::string_view header) {
  return header[0] >= 0 && header[0] <= 3 && header[1] == 0 && header[2] == 0 && header[3] == 0 &&
         PayloadBytes(header) <= kMaxFrameBytes;
}

v1::LogStream StreamOf(absl::string_view header) {
  return header[0] == 2 || header[0] == 3 ? v1::STDERR : v1::STDOUT;
}

// "2024-05-06T07:08:09.123456789Z text" as both. Without a timestamp: all text.
LogLine SplitTimestamp(v1::LogStream stream, absl::string_view text) {
  const size_t space = text.find(' ');
  const absl::Time time = TimeOf(text.substr(0, space));
  if (time == absl::InfinitePast()) return {.stream = stream, .text = std::string(text)};
  const absl::string_view rest = space == text.npos ? "" : text.substr(space + 1);
  return {.stream = stream, .time_unix_nanos = absl::ToUnixNanos(time), .text = std::string(rest)};
}

}  // namespace

bool FrameParser::Feed(absl::string_view data, Sink sink) {
  const bool continued = !buffer_.empty();
  if (continued) buffer_.append(data.data(), data.size());
  absl::string_view rest = continued ? buffer_ : data;
  bool go_on = true;
  while (go_on && rest.size() >= kHeaderBytes) {
    broken_ = !IsHeader(rest);
    if (broken_) return false;
    const size_t size = PayloadBytes(rest);
    if (rest.size() < kHeaderBytes + size) break;
    go_on = sink(StreamOf(rest), rest.substr(kHeaderBytes, size));
    rest.remove_prefix(kHeaderBytes + size);
  }
  if (continued) {
    buffer_.erase(0, buffer_.size() - rest.size());
  } else {
    buffer_.assign(rest.data(), rest.size());
  }
  return go_on;
}

absl::Status FrameParser::status() const {
  if (!broken_) return absl::OkStatus();
  return FailureStatus(v1::DOCKER_ERROR, "Docker's output stream cannot be read",
                       {"a frame's header is not one"});
}

LogLine LineJoiner::LineOf(v1::LogStream stream, absl::string_view text) const {
  if (timestamps_) return SplitTimestamp(stream, text);
  return {.stream = stream, .text = std::string(text)};
}

bool LineJoiner::AddFrame(v1::LogStream stream, absl::string_view frame, Sink sink) {
  const bool whole = absl::ConsumeSuffix(&frame, "\n");
  LogLine part = LineOf(stream, frame);
  return Append(part, whole, sink);
}

bool LineJoiner::Append(LogLine& part, bool whole, Sink sink) {
  std::optional<LogLine>& pending = pending_[part.stream == v1::STDERR ? 1 : 0];
  if (pending && pending->time_unix_nanos != part.time_unix_nanos) {
    if (!sink(*std::exchange(pending, std::nullopt))) return false;
  }
  if (pending) {
    pending->text += part.text;
  } else {
    pending = std::move(part);
  }
  while (pending->text.size() > kMaxLineBytes) {
    LogLine head = *pending;
    head.text.resize(kMaxLineBytes);
    head.goes_on = true;
    pending->text.erase(0, kMaxLineBytes);
    if (!sink(std::move(head))) return false;
  }
  return !whole || sink(*std::exchange(pending, std::nullopt));
}

bool LineJoiner::AddRaw(absl::string_view data, Sink sink) {
  raw_.append(data.data(), data.size());
  absl::string_view rest = raw_;
  bool go_on = true;
  for (size_t end = rest.find('\n'); go_on && end != rest.npos; end = rest.find('\n')) {
    go_on = AddRawLine(rest.substr(0, end), sink);
    rest.remove_prefix(end + 1);
  }
  raw_.erase(0, raw_.size() - rest.size());
  return go_on;
}

bool LineJoiner::AddRawLine(absl::string_view line, Sink sink) {
  line = absl::StripSuffix(line, "\r");
  const std::string prefix = absl::StrCat(line.substr(0, line.find(' ')), " ");
  LogLine joined = LineOf(v1::STDOUT, line);
  for (size_t at = kPartBytes; joined.time_unix_nanos != 0 && at < joined.text.size();
       at += kPartBytes) {
    if (joined.text.compare(at, prefix.size(), prefix) == 0) joined.text.erase(at, prefix.size());
  }
  return Append(joined, /*whole=*/true, sink);
}

bool LineJoiner::Finish(Sink sink) {
  if (!raw_.empty() && !AddRawLine(std::exchange(raw_, ""), sink)) return false;
  for (std::optional<LogLine>& pending : pending_) {
    if (pending && !sink(*std::exchange(pending, std::nullopt))) return false;
  }
  return true;
}

}  // namespace davit::docker
