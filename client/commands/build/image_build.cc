#include "client/commands/build/image_build.h"

#include <filesystem>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "client/build/git_version.h"
#include "client/commands/invocation/bad_input.h"
#include "client/commands/invocation/end_on_interrupt.h"
#include "client/commands/project/project_file.h"
#include "client/commands/project/request.h"
#include "client/output/build_text.h"
#include "client/output/text.h"
#include "common/failure/failure.h"

namespace davit::commands {
namespace {

using BuildStream = grpc::ClientReaderWriter<v1::BuildImageRequest, v1::BuildImageResponse>;

absl::StatusOr<std::string> ProjectDirectory(const Invocation& invocation) {
  const auto file = FindProjectFile(invocation.common);
  if (!file.ok()) return file.status();
  const std::string directory = std::filesystem::path(*file).parent_path();
  return directory.empty() ? "." : directory;
}

bool IsPushed(const v1::Build& build, const ImageBuildOptions& options) {
  return options.push != Push::kNo && !build.push().empty();
}

absl::Status CheckPush(const v1::EnvironmentSpec& spec, const std::string& app,
                       const ImageBuildOptions& options, bool deployed) {
  const v1::Build& build = spec.apps().at(app).build();
  if (IsPushed(build, options)) return absl::OkStatus();
  if (options.push == Push::kYes) {
    return BadInput(absl::StrCat("apps.", app, ".build.push names no registry to push to"),
                    "name one of `registries` there");
  }
  const bool asked_for = options.push == Push::kNo && !deployed;
  if (asked_for || spec.hosts_size() < 2) return absl::OkStatus();
  return BadInput(
      absl::StrCat("the image of ", app, " would be pushed to no registry, and so be on one of ",
                   output::Count(spec.hosts_size(), "host"), " alone"),
      deployed ? absl::StrCat("name a registry under apps.", app, ".build.push")
               : absl::StrCat("name a registry under apps.", app, ".build.push, or say --no-push"));
}

absl::StatusOr<ImageBuild> PrepareBuild(const v1::EnvironmentSpec& spec, const std::string& app,
                                        const std::string& directory,
                                        const ImageBuildOptions& options) {
  const v1::Build& build = spec.apps().at(app).build();
  auto context =
      build::BuildContext::Open(absl::StrCat(directory, "/", build.context()), build.dockerfile());
  if (!context.ok()) return context.status();
  v1::BuildHeader header;
  *header.mutable_spec() = spec;
  header.set_app(app);
  header.set_tag(options.tag);
  header.set_host(options.host);
  header.set_push(IsPushed(build, options));
  return ImageBuild{std::move(header), *std::move(context)};
}

absl::Status CheckBuild(const v1::EnvironmentSpec& spec, const std::string& app) {
  if (absl::Status known = CheckApp(spec, app); !known.ok()) return known;
  if (spec.apps().at(app).has_build()) return absl::OkStatus();
  return BadInput(absl::StrCat("the app ", app, " has no `build`"),
                  absl::StrCat("say how under apps.", app, ".build, or leave it out"));
}

// One build's call: this thread shows what is said, another one sends the context.
class BuildCall {
 public:
  BuildCall(const Invocation& invocation, Connection& connection, const ImageBuild& build)
      : invocation_(invocation), connection_(connection), build_(build) {}

  absl::StatusOr<v1::BuiltImage> Run() {
    if (!invocation_.common.quiet) {
      // A large one over a slow line takes its time, and nothing is built before it is there.
      invocation_.Tell(absl::StrCat(build_.header.app(), ": sending the build context"));
    }
    grpc::ClientContext rpc;
    const EndOnInterrupt end_on_interrupt(rpc);
    const auto stream = connection_.build_stub().BuildImage(&rpc);
    absl::Status sent;
    std::thread sender([&] {
      sent = Send(*stream);
      if (!sent.ok()) rpc.TryCancel();
    });
    const v1::BuiltImage built = Listen(*stream);
    sender.join();
    const grpc::Status status = stream->Finish();
    if (end_on_interrupt.requested()) {
      return FailureStatus(v1::CANCELLED_BY_USER,
                           absl::StrCat("the build of ", build_.header.app(), " was cancelled"));
    }
    if (!sent.ok()) return sent;
    if (!status.ok()) return connection_.Diagnose(connection_.Explain(status, "BuildImage"));
    return built;
  }

 private:
  // OK also when the controller wants no more: why, it says at the end.
  absl::Status Send(BuildStream& stream) {
    v1::BuildImageRequest request;
    *request.mutable_header() = build_.header;
    if (!stream.Write(request)) return absl::OkStatus();
    const absl::Status status = build_.context.Send(
        [&](absl::string_view piece) {
          request.set_context(piece.data(), piece.size());
          return stream.Write(request);
        },
        [this](const std::string& note) {
          if (invocation_.common.quiet) return;
          absl::MutexLock lock(&telling_);
          invocation_.Tell(absl::StrCat("note: ", note));
        });
    if (status.ok()) stream.WritesDone();
    return absl::IsCancelled(status) ? absl::OkStatus() : status;
  }

  v1::BuiltImage Listen(BuildStream& stream) {
    const bool live = !invocation_.common.json && invocation_.ErrStyle().unicode;
    output::BuildText text(invocation_.err, build_.header.app(), live);
    v1::BuiltImage built;
    v1::BuildImageResponse response;
    while (stream.Read(&response)) {
      if (response.has_result()) built = response.result();
      if (response.has_output() && !invocation_.common.quiet) {
        absl::MutexLock lock(&telling_);
        text.Show(response.output(), absl::Now());
      }
    }
    return built;
  }

  const Invocation& invocation_;
  Connection& connection_;
  const ImageBuild& build_;
  absl::Mutex telling_;  // one thread at a time
};

}  // namespace

absl::StatusOr<std::vector<ImageBuild>> PrepareBuilds(const Invocation& invocation,
                                                      const v1::EnvironmentSpec& spec,
                                                      const std::vector<std::string>& apps,
                                                      const ImageBuildOptions& options,
                                                      bool deployed) {
  for (const std::string& app : apps) {
    absl::Status status = CheckBuild(spec, app);
    if (status.ok()) status = CheckPush(spec, app, options, deployed);
    if (!status.ok()) return status;
  }
  const auto directory = ProjectDirectory(invocation);
  if (!directory.ok()) return directory.status();
  ImageBuildOptions tagged = options;
  if (tagged.tag.empty()) {
    auto version = build::GitVersion(*directory);
    if (!version.ok()) return version.status();
    tagged.tag = *std::move(version);
  }
  std::vector<ImageBuild> builds;
  for (const std::string& app : apps) {
    auto build = PrepareBuild(spec, app, *directory, tagged);
    if (!build.ok()) return build.status();
    build->header.set_submitted_by(CallerName(invocation));
    builds.push_back(*std::move(build));
  }
  return builds;
}

absl::Status RunBuilds(
    const Invocation& invocation, Connection& connection, const std::vector<ImageBuild>& builds,
    absl::FunctionRef<void(const std::string& app, const v1::BuiltImage& image)> done) {
  for (const ImageBuild& build : builds) {
    const auto image = BuildCall(invocation, connection, build).Run();
    if (!image.ok()) return image.status();
    done(build.header.app(), *image);
  }
  return absl::OkStatus();
}

}  // namespace davit::commands
