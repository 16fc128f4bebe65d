#ifndef DAVIT_WORKER_STEPS_DATABASE_IMAGE_TOOLS_H_
#define DAVIT_WORKER_STEPS_DATABASE_IMAGE_TOOLS_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "common/call.h"
#include "davit/worker/v1/steps.pb.h"
#include "worker/database/backup/tools.h"
#include "worker/database/connection/database_url.h"
#include "worker/docker/engine.h"

namespace davit::steps {

// The pg_dump and pg_restore of an image, in containers with the host's network that are
// gone when they end. They see of the host's files the archive alone, and run as the user
// whose it is. Archives are files therefore, not pipes; how far one was read is not told.
class ImageTools final : public database::ToolRunner {
 public:
  // Asks for the version. `reader` names who runs them, the same after a restart: what a
  // worker that was killed has left of it is removed first. The engine's Failures;
  // NOT_FOUND where the image has no such programs.
  static absl::StatusOr<std::unique_ptr<ImageTools>> Of(docker::Engine& engine,
                                                        const std::string& image,
                                                        const std::string& reader,
                                                        const Call& call);

  int major_version() const override { return major_version_; }
  std::string version() const override { return version_; }
  absl::StatusOr<database::ChildEnd> Run(const Call& call, const database::ToolRun& run) override;

 private:
  ImageTools(docker::Engine& engine, std::string image, std::string reader)
      : engine_(engine), image_(std::move(image)), reader_(std::move(reader)) {}

  docker::Engine& engine_;
  const std::string image_;
  const std::string reader_;
  std::string version_;
  int major_version_ = 0;
};

// Id of the image of the container on this host that is the server of `url`, which has
// addresses: by its address, or by a port that it publishes where the apps mean this host
// by the name. Empty: there is none.
absl::StatusOr<std::string> ServerImage(docker::Engine& engine, const database::DatabaseUrl& url,
                                        const worker::v1::DatabaseAccess& access, const Call& call);

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_DATABASE_IMAGE_TOOLS_H_
