#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "worker/docker/container_json.h"
#include "worker/docker/engine_impl.h"

namespace davit::docker {
namespace {

constexpr size_t kMaxOutputBytes = 1 << 20;

}  // namespace

absl::StatusOr<ThrowawayRun> Engine::RunThrowaway(const worker::v1::ContainerSpec& spec,
                                                  absl::string_view reader, const Call& call) {
  const std::string& subject = spec.service_name();
  absl::StatusOr<Json> body = CreateContainerJson(spec, "no");
  if (!body.ok()) return body.status();
  impl_->LabelReader(reader, (*body)["Labels"]);
  const absl::StatusOr<Json> created = impl_->Ask({"POST", Impl::NewReaderPath(), DumpJson(*body)},
                                                  {Operation::kCreate, subject}, call);
  if (!created.ok()) return created.status();
  const std::string id = StringAt(*created, "Id");
  const absl::Cleanup remove = [&] { impl_->RemoveLeftover(id).IgnoreError(); };
  if (absl::Status status =
          impl_->Tell({"POST", ContainerPath(id, "/start")}, {Operation::kStart, subject}, call);
      !status.ok()) {
    return status;
  }
  // Of one that was started, so that it cannot answer for one that never was.
  const absl::StatusOr<Json> ended =
      impl_->Ask({"POST", ContainerPath(id, "/wait")}, {Operation::kContainer, subject}, call);
  if (!ended.ok()) return ended.status();
  ThrowawayRun run;
  run.exit_code = static_cast<int>(IntAt(*ended, "StatusCode"));
  const absl::Status read = Logs(id, {.timestamps = false}, call, [&run](LogLine line) {
    absl::StrAppend(&run.output, line.text, "\n");
    return run.output.size() < kMaxOutputBytes;
  });
  if (!read.ok()) return read;
  return run;
}

}  // namespace davit::docker
