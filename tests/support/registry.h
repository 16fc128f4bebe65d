#ifndef DAVIT_TESTS_SUPPORT_REGISTRY_H_
#define DAVIT_TESTS_SUPPORT_REGISTRY_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace davit::test {

// A real registry on a free port of 127.0.0.1, which Docker needs no settings
// for. Its data and process go with the object.
class Registry {
 public:
  struct Login {
    std::string username;  // empty: everyone may pull and push
    std::string password;
  };

  static absl::StatusOr<std::unique_ptr<Registry>> Start(const Login& login = {});

  // 127.0.0.1:PORT
  const std::string& address() const { return address_; }
  int port() const { return port_; }

  // Pushes an image of the test engine as address()/<name>, name being
  // repository:tag, and removes that tag from the engine again. Returns the
  // whole reference.
  absl::StatusOr<std::string> Push(absl::string_view image, absl::string_view name);

  // The registry is down from now on.
  void Stop() { process_->Stop(); }

 private:
  explicit Registry(Login login) : login_(std::move(login)) {}
  absl::Status Launch();

  const Login login_;
  TempDir directory_;
  int port_ = 0;
  std::string address_;
  std::unique_ptr<Process> process_;
};

// Text of a docker config.json with one login, as `docker login` writes it.
std::string DockerLoginFile(absl::string_view registry, absl::string_view username,
                            absl::string_view password);

}  // namespace davit::test

#endif  // DAVIT_TESTS_SUPPORT_REGISTRY_H_
