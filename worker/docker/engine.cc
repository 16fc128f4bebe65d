#include "worker/docker/engine.h"

#include <optional>
#include <utility>

#include "absl/strings/string_view.h"
#include "worker/docker/engine_impl.h"

namespace davit::docker {
namespace {

// The engine says what the kernel says; images say what Go says.
std::string GoArchitecture(absl::string_view machine) {
  if (machine == "x86_64") return "amd64";
  if (machine == "aarch64") return "arm64";
  if (machine == "i386" || machine == "i686") return "386";
  if (machine.substr(0, 3) == "arm") return "arm";
  return std::string(machine);
}

}  // namespace

Engine::Engine(std::string socket_path) : impl_(std::make_unique<Impl>(std::move(socket_path))) {}

Engine::~Engine() = default;

const std::string& Engine::socket_path() const { return impl_->socket_path(); }

absl::StatusOr<EngineInfo> Engine::Info(const Call& call) {
  const absl::StatusOr<Json> info =
      impl_->Ask({"GET", "/info"}, {Operation::kOther, "the engine"}, call);
  if (!info.ok()) return info.status();
  EngineInfo known{StringAt(*info, "ID"),
                   StringAt(*info, "ServerVersion"),
                   StringAt(*info, "OSType"),
                   GoArchitecture(StringAt(*info, "Architecture")),
                   StringAt(*info, "DockerRootDir"),
                   StringAt(*info, "OperatingSystem"),
                   static_cast<int>(IntAt(*info, "NCPU")),
                   IntAt(*info, "MemTotal")};
  impl_->KeepInfo(known);
  return known;
}

absl::StatusOr<EngineInfo> Engine::RecentInfo(const Call& call) {
  std::optional<EngineInfo> kept = impl_->KeptInfo();
  return kept.has_value() ? *std::move(kept) : Info(call);
}

}  // namespace davit::docker
