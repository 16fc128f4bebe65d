#ifndef DAVIT_TESTS_SUPPORT_DOCKER_H_
#define DAVIT_TESTS_SUPPORT_DOCKER_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "worker/docker/engine.h"

namespace davit::test {

// DAVIT_TEST_DOCKER_SOCKET, or /var/run/docker.sock.
std::string DockerSocket();

// The engine at that socket.
docker::Engine& TestEngine();

// A deadline that no single call of a test needs to reach.
Call TestCall();

// What makes an image other than the plain one.
struct ImageExtras {
  std::vector<std::string> changes;          // lines of a Dockerfile: USER, HEALTHCHECK…
  std::map<std::string, std::string> files;  // by absolute path; mode 644, or 755 under /bin
  std::string platform;                      // linux/arm64…, without changes; empty: the engine's
  std::vector<std::string> closed;           // directories, relative, that only root may pass
  bool bare = false;                         // `files` and `closed` alone: no BusyBox, no users
};

// Makes image `reference` (repository:tag) of the static BusyBox within a tenth
// of a second: a shell, an httpd, /www/index.html ("hello"), /www/health
// ("ok"), users root and app (1000). `command` is its CMD; empty: none. Returns
// its id. Images differ from each other.
absl::StatusOr<std::string> ImportBusyboxImage(absl::string_view reference,
                                               const std::vector<std::string>& command,
                                               const ImageExtras& extras = {});

// A CMD that serves /www on `port`.
std::vector<std::string> HttpdCommand(int port = 80);

// Removes the container of that name or id, if there is one.
class ScopedContainer {
 public:
  explicit ScopedContainer(std::string container) : container_(std::move(container)) {}
  ~ScopedContainer();
  ScopedContainer(const ScopedContainer&) = delete;
  ScopedContainer& operator=(const ScopedContainer&) = delete;

  const std::string& name() const { return container_; }

 private:
  const std::string container_;
};

// Removes the tag of an image, if there is one.
class ScopedImage {
 public:
  explicit ScopedImage(std::string reference) : reference_(std::move(reference)) {}
  ~ScopedImage();
  ScopedImage(const ScopedImage&) = delete;
  ScopedImage& operator=(const ScopedImage&) = delete;

  const std::string& reference() const { return reference_; }

 private:
  const std::string reference_;
};

// Removes all containers that have the label.
class ScopedLabel {
 public:
  ScopedLabel(std::string name, std::string value)
      : name_(std::move(name)), value_(std::move(value)) {}
  ~ScopedLabel();
  ScopedLabel(const ScopedLabel&) = delete;
  ScopedLabel& operator=(const ScopedLabel&) = delete;

 private:
  const std::string name_;
  const std::string value_;
};

}  // namespace davit::test

#endif  // DAVIT_TESTS_SUPPORT_DOCKER_H_
