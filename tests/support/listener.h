#ifndef DAVIT_TESTS_SUPPORT_LISTENER_H_
#define DAVIT_TESTS_SUPPORT_LISTENER_H_

#include <string>

#include "absl/time/time.h"

namespace davit::test {

// Something that accepts connections (the kernel does) and never says a word.
class SilentListener {
 public:
  // On a free port, at all addresses.
  SilentListener();
  // On a unix socket, whose file stays when the object goes.
  explicit SilentListener(const std::string& path);
  ~SilentListener();
  SilentListener(const SilentListener&) = delete;
  SilentListener& operator=(const SilentListener&) = delete;

  int port() const { return port_; }

  // Whether someone has connected by then.
  bool WaitForConnection(absl::Duration timeout) const;

 private:
  int socket_ = -1;
  int port_ = 0;
};

}  // namespace davit::test

#endif  // DAVIT_TESTS_SUPPORT_LISTENER_H_
