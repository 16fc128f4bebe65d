#ifndef DAVIT_CONTROLLER_CONTROLLER_H_
#define DAVIT_CONTROLLER_CONTROLLER_H_

#include <grpcpp/impl/codegen/service_type.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "controller/executor/executor.h"
#include "controller/fleet/host_link.h"
#include "controller/store/store.h"

namespace davit {

struct ControllerOptions {
  std::string state_directory;  // made (0700) when absent; holds controller.db and its lock
  // How workers are reached, and why one is not; see fleet::DialOptions.
  decltype(fleet::DialOptions::connect) connect;
  decltype(fleet::DialOptions::explain) explain;
  // Addresses by name of hosts that are always there and no records. With any, the
  // controller takes up no others: the agent of local mode.
  std::map<std::string, std::string> fixed_hosts;
  // What secrets are sealed under; made with the first one. Empty: KeyFileIn.
  std::string key_file;
  bool watch_hosts = true;  // keep asking each host how it is
  // A process before may take this long to let go of the directory.
  absl::Duration lock_patience = absl::ZeroDuration();
  executor::ExecutorOptions executor;
};

// A controller without its server: store, fleet, executor and services, made and
// ended in their order. Only one at a time has a directory.
class Controller {
 public:
  // Dials all hosts and goes on with the deployments that had not ended. Does not
  // wait for workers. ALREADY_EXISTS when another process has the directory;
  // SECRET_KEY_UNUSABLE when a deployment that goes on uses secrets that cannot be
  // opened; or the store's error.
  static absl::StatusOr<std::unique_ptr<Controller>> Start(ControllerOptions options);
  // As Stop. Nobody may call the services any more.
  ~Controller();

  // The services of davit.v1. They live as long as the controller.
  std::vector<grpc::Service*> services();
  store::Store& store();
  // Where the store's file is, and the key file that no other place was named for.
  static std::string DatabaseIn(const std::string& state_directory);
  static std::string KeyFileIn(const std::string& state_directory);

  // Whether a deployment goes on; also when the store cannot say.
  bool Busy();
  // Begins and commits nothing any more. What goes on, goes on with the next start.
  void Stop();

 private:
  class Parts;

  explicit Controller(std::unique_ptr<Parts> parts);

  const std::unique_ptr<Parts> parts_;
};

}  // namespace davit

#endif  // DAVIT_CONTROLLER_CONTROLLER_H_
