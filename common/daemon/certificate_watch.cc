#include "common/daemon/certificate_watch.h"

#include <spdlog/spdlog.h>

#include <utility>

namespace davit {
namespace {

constexpr absl::Duration kDay = absl::Hours(24);
constexpr absl::Duration kSoon = absl::Hours(24 * 30);

}  // namespace

CertificateWatch::CertificateWatch(std::string file, absl::Time expires)
    : file_(std::move(file)), expires_(expires) {}

bool CertificateWatch::Look(absl::Time now) {
  if (now < next_ || now < expires_ - kSoon) return false;
  next_ = now + kDay;
  const std::string when = absl::FormatTime("%Y-%m-%d %H:%M UTC", expires_, absl::UTCTimeZone());
  if (now >= expires_) {
    spdlog::error("the certificate in {} has expired at {}: nobody believes it any more", file_,
                  when);
  } else {
    spdlog::warn("the certificate in {} expires at {}, in {} days: renew it and restart", file_,
                 when, (expires_ - now) / kDay);
  }
  return true;
}

}  // namespace davit
