#ifndef DAVIT_WORKER_DOCKER_ENGINE_IMPL_H_
#define DAVIT_WORKER_DOCKER_ENGINE_IMPL_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/id.h"
#include "worker/docker/engine.h"
#include "worker/docker/engine_errors.h"
#include "worker/docker/http.h"
#include "worker/docker/json.h"

namespace davit::docker {

// What the methods of Engine share: a request about something, whose error
// answers have become failures.
class Engine::Impl {
 public:
  explicit Impl(std::string socket_path) : http_(std::move(socket_path)) {}

  const std::string& socket_path() const { return http_.socket_path(); }
  // Random; tells this object's containers from those of one that is no more.
  const std::string& incarnation() const { return incarnation_; }

  // The engine's answer, parsed; null where it has no body.
  absl::StatusOr<Json> Ask(const HttpRequest& request, const Topic& topic, const Call& call);

  // The same; nothing where the engine answers that there is no such thing.
  absl::StatusOr<std::optional<Json>> AskIfThere(const HttpRequest& request, const Topic& topic,
                                                 const Call& call);

  // A command whose answer does not matter.
  absl::Status Tell(const HttpRequest& request, const Topic& topic, const Call& call);

  // The body of the answer, piece by piece, until `sink` returns false.
  absl::Status Stream(const HttpRequest& request, const Topic& topic, const Call& call,
                      absl::FunctionRef<bool(absl::string_view)> sink);

  // The start of the tar of a container's path, long enough for a small file;
  // nothing when there is no such path.
  absl::StatusOr<std::optional<std::string>> ReadArchive(absl::string_view container,
                                                         absl::string_view path, const Call& call);

  // A container that was started again, with the exit code of its last end.
  absl::StatusOr<ContainerDetails> WithLastExit(ContainerDetails details, const Call& call);

  // Removes a container, running or not; gone: OK.
  absl::Status Remove(absl::string_view container, bool with_volumes, const Call& call);

  // Where a reader is created, under a name that only readers have.
  static std::string NewReaderPath();
  // Marks a container that is to be removed soon, for RemoveLeftReaders.
  void LabelReader(absl::string_view reader, Json& labels) const;

  // Removes a container of ours whatever became of the call that made it.
  absl::Status RemoveLeftover(absl::string_view container);

  // What the engine said of itself, for RecentInfo.
  void KeepInfo(const EngineInfo& info);
  std::optional<EngineInfo> KeptInfo() const;

 private:
  HttpClient http_;
  const std::string incarnation_ = NewRandomId();
  mutable absl::Mutex mutex_;
  std::optional<EngineInfo> info_ ABSL_GUARDED_BY(mutex_);
  absl::Time info_time_ ABSL_GUARDED_BY(mutex_);  // by the steady clock
};

// Whether the engine's words, which a failure carries as evidence, have `text`.
bool EngineSays(const absl::Status& status, absl::string_view text);

// /containers/NAME, /images/NAME, with `suffix` behind it.
std::string ContainerPath(absl::string_view container, absl::string_view suffix);
std::string ImagePath(absl::string_view reference, absl::string_view suffix);

// The engine's `filters` parameter, escaped: {"name":["value", …]}.
std::string Filters(absl::string_view name, const std::vector<std::string>& values);

}  // namespace davit::docker

#endif  // DAVIT_WORKER_DOCKER_ENGINE_IMPL_H_
