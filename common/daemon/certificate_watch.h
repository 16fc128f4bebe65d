#ifndef DAVIT_COMMON_DAEMON_CERTIFICATE_WATCH_H_
#define DAVIT_COMMON_DAEMON_CERTIFICATE_WATCH_H_

#include <string>

#include "absl/time/time.h"

namespace davit {

// Warns in the log of a certificate that expires within 30 days, once a day.
class CertificateWatch {
 public:
  CertificateWatch(std::string file, absl::Time expires);

  // To be called every now and then; true when it has warned.
  bool Look(absl::Time now);

 private:
  const std::string file_;
  const absl::Time expires_;
  absl::Time next_ = absl::InfinitePast();
};

}  // namespace davit

#endif  // DAVIT_COMMON_DAEMON_CERTIFICATE_WATCH_H_
