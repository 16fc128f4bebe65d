#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "google/protobuf/util/time_util.h"
#include "worker/steps/health/probe.h"
#include "worker/steps/text/clean_text.h"

namespace davit::steps {
namespace {

constexpr absl::Duration kStaysRunning = absl::Seconds(2);

// Reads what the engine's own checks have found; it looked at the container just
// before the probe.
class DockerProbe final : public Probe {
 public:
  std::string Describe(const docker::ContainerDetails&) const override {
    return "the image's own HEALTHCHECK";
  }

  ProbeResult Run(const docker::ContainerDetails& container, const Call&) override {
    ProbeResult result;
    result.code = v1::HEALTH_DOCKER;
    if (!container.has_healthcheck) {
      result.final = true;
      result.summary = "the image declares no HEALTHCHECK";
      result.likely_cause = "`healthcheck.docker` needs a HEALTHCHECK in the image";
      result.next_command = "add HEALTHCHECK to the Dockerfile, or use another kind of check";
      return result;
    }
    result.healthy = container.observed.health() == "healthy";
    result.summary = absl::StrCat("Docker says ", container.observed.health());
    result.next_command = absl::StrCat(
        "try the image by hand with `docker run --name try ", container.observed.image_reference(),
        "`, and look at State.Health in `docker inspect try` meanwhile");
    if (!container.health_output.empty()) {
      const std::string output = CleanText(container.health_output);
      result.evidence.push_back(absl::StrCat("its output: ", absl::StripAsciiWhitespace(output)));
    }
    return result;
  }
};

class RunningProbe final : public Probe {
 public:
  std::string Describe(const docker::ContainerDetails&) const override {
    return absl::StrCat("that it stays running for ", absl::FormatDuration(kStaysRunning));
  }

  ProbeResult Run(const docker::ContainerDetails& container, const Call&) override {
    const absl::Time started = absl::FromUnixNanos(
        google::protobuf::util::TimeUtil::TimestampToNanoseconds(container.observed.start_time()));
    const absl::Duration age = absl::Now() - started;
    ProbeResult result;
    result.healthy = container.observed.state() == "running" && age >= kStaysRunning;
    result.code = v1::HEALTH_TIMEOUT;
    result.summary = absl::StrCat(container.observed.state(), " for ",
                                  absl::FormatDuration(absl::Trunc(age, absl::Milliseconds(100))));
    return result;
  }
};

}  // namespace

std::unique_ptr<Probe> MakeDockerProbe() { return std::make_unique<DockerProbe>(); }
std::unique_ptr<Probe> MakeRunningProbe() { return std::make_unique<RunningProbe>(); }

}  // namespace davit::steps
