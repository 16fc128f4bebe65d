#include "controller/core/occupied.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "controller/core/names.h"
#include "controller/core/observed.h"

namespace davit::core {
namespace {

using worker::v1::ObservedContainer;

std::string OtherName(const v1::Release& release) {
  return absl::StrCat(release.project(), "-", release.environment(), "-", release.app());
}

}  // namespace

absl::Status BelongsToAnother(const ObservedContainer& container, const v1::Release& release) {
  const absl::string_view app = LabelOf(container, kAppLabel);
  const absl::string_view project = LabelOf(container, kProjectLabel);
  const absl::string_view environment = LabelOf(container, kEnvironmentLabel);
  v1::Failure failure =
      MakeFailure(v1::NAME_IN_USE,
                  absl::StrCat("the name ", container.name(), " belongs to ", app, " of project ",
                               project, ", environment ", environment),
                  {absl::StrCat("container ", container.id(), " (", container.state(), ")")});
  const std::string path = absl::StrCat("environments.", release.environment(), ".apps.",
                                        release.app(), ".container.name");
  if (project == release.project() && environment == release.environment()) {
    failure.set_likely_cause(
        absl::StrCat(release.app(), " has the container name that ", app, " has or had"));
    failure.set_next_command(
        absl::StrCat("give ", release.app(), " another name with `", path, "`; or, when ", app,
                     " is needed no more, run `docker rm -f ", container.name(), "` on the host"));
  } else {
    const bool default_name =
        container.name() == absl::StrCat(release.project(), "-", release.app());
    failure.set_likely_cause(
        absl::StrCat(default_name ? "the default name, <project>-<app>, is the same in every "
                                    "environment"
                                  : "both have this container name",
                     ", and both are on this host"));
    failure.set_next_command(absl::StrCat("give this one a name of its own in davit.yaml: `", path,
                                          ": ", OtherName(release), "`"));
  }
  return FailureStatus(failure);
}

absl::Status HoldsPort(const ObservedContainer& container, const v1::Release& release) {
  std::vector<std::string> facts = {absl::StrCat("container ", container.name(), " (",
                                                 container.image_reference(), ", ",
                                                 container.state(), ")")};
  for (const worker::v1::PortBinding& port : container.ports()) {
    facts.push_back(absl::StrCat("it has port ", port.host_port(), "/", port.protocol()));
  }
  v1::Failure failure = MakeFailure(
      v1::CONTAINER_NOT_OURS,
      absl::StrCat("the container ", container.name(), ", which Davit did not start, has a port ",
                   "that ", release.app(), " publishes"),
      std::move(facts));
  failure.set_next_command(absl::StrCat("if it is the old ", release.app(),
                                        ", replace it with `--adopt ", container.name(),
                                        "`: it is kept, and put back when the deployment fails; ",
                                        "else give one of them another port"));
  return FailureStatus(failure);
}

absl::Status TwoToReplace(const ObservedContainer& serving, const ObservedContainer& adopted,
                          const v1::Release& release) {
  v1::Failure failure = MakeFailure(
      v1::CONTAINER_NOT_OURS, absl::StrCat("the containers ", serving.name(), " and ",
                                           adopted.name(), " would both be the old release of ",
                                           release.app(), ", and only one can be put back"));
  failure.set_likely_cause(absl::StrCat(serving.name(), " has the name of the app's container"));
  failure.set_next_command(absl::StrCat("remove the one that is needed no more, or leave `--adopt ",
                                        adopted.name(), "` out"));
  return FailureStatus(failure);
}

absl::Status AtWorkForDavit(const ObservedContainer& container, const v1::Release& release) {
  v1::Failure failure = MakeFailure(
      v1::NAME_IN_USE,
      absl::StrCat("the container ", container.name(),
                   " is one that Davit runs a check or a build in, and no old release of ",
                   release.app()),
      {absl::StrCat("container ", container.id(), " (", container.state(), ")")});
  failure.set_likely_cause("its name was taken for that of another one");
  failure.set_next_command("leave it alone: it goes once nobody asks for what it has done");
  return FailureStatus(failure);
}

absl::Status GoneOnceStopped(const ObservedContainer& container) {
  v1::Failure failure = MakeFailure(
      v1::NAME_IN_USE,
      absl::StrCat("the container ", container.name(),
                   " was started with --rm: once stopped it would be gone, and could not be put "
                   "back"),
      {absl::StrCat("container ", container.id())});
  failure.set_likely_cause("it was started by hand");
  failure.set_next_command(absl::StrCat("`docker stop ", container.name(),
                                        "`; or replace it with `--adopt ", container.name(),
                                        "`, without a way back"));
  return FailureStatus(failure);
}

}  // namespace davit::core
