#include "worker/steps/preflight/port_check.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "worker/steps/container/lookup.h"
#include "worker/steps/host/port_owner.h"

namespace davit::steps {
namespace {

using worker::v1::ObservedContainer;
using worker::v1::PortBinding;
using worker::v1::Preflight;

struct Wish {
  std::string container;
  PortBinding port;
};

std::vector<Wish> WishesOf(const Preflight& preflight) {
  std::vector<Wish> wishes;
  for (const auto& container : preflight.containers()) {
    for (const PortBinding& port : container.ports()) {
      if (port.host_port() > 0) wishes.push_back({container.service_name(), port});
    }
  }
  return wishes;
}

void FindTwice(const std::vector<Wish>& wishes, Findings& findings) {
  for (size_t i = 0; i < wishes.size(); ++i) {
    for (size_t j = i + 1; j < wishes.size(); ++j) {
      if (!Collide(wishes[i].port, wishes[j].port)) continue;
      v1::Failure failure = MakeFailure(
          v1::PORT_IN_USE, absl::StrCat("port ", Describe(wishes[j].port), " is published twice"),
          {absl::StrCat("by ", wishes[i].container, " and by ", wishes[j].container)});
      failure.set_likely_cause("two entries of `ports` name the same port of the host");
      failure.set_next_command("give one of them another host port in davit.yaml");
      findings.Add(std::move(failure));
    }
  }
}

v1::Failure Taken(const Wish& wish, const std::string& by) {
  return MakeFailure(
      v1::PORT_IN_USE,
      absl::StrCat("port ", Describe(wish.port), " of ", wish.container, " is taken"), {by});
}

std::string LabelOf(const ObservedContainer& container, const std::string& name) {
  const auto label = container.labels().find(name);
  return label == container.labels().end() ? "" : label->second;
}

// "app web of shop in dev: container shop-web (3f2a9c01b7de)".
std::string WhoseIs(const ObservedContainer& container) {
  const std::string app = LabelOf(container, "davit.app");
  const std::string name = absl::StrCat("container ", Describe(container));
  if (app.empty()) return name;
  return absl::StrCat("app ", app, " of ", LabelOf(container, "davit.project"), " in ",
                      LabelOf(container, "davit.environment"), ": ", name);
}

// Whether davit.yaml has its app no more: nothing but a person will ever stop it.
bool IsLeftBehind(const ObservedContainer& container, const Preflight& preflight,
                  const worker::v1::StepKey& key) {
  const std::string app = LabelOf(container, "davit.app");
  const auto& declared = preflight.declared_apps();
  return !app.empty() && !declared.empty() &&
         LabelOf(container, "davit.project") == key.project() &&
         LabelOf(container, "davit.environment") == key.environment() &&
         std::find(declared.begin(), declared.end(), app) == declared.end();
}

absl::Status Published(const Wish& wish, const ObservedContainer& publisher,
                       const Preflight& preflight, const worker::v1::StepKey& key) {
  v1::Failure failure = Taken(wish, absl::StrCat(WhoseIs(publisher), " publishes it"));
  if (IsLeftBehind(publisher, preflight, key)) {
    failure.set_likely_cause(absl::StrCat("davit.yaml has no app ", LabelOf(publisher, "davit.app"),
                                          " any more: it was renamed or removed, and its ",
                                          "container runs on"));
    failure.set_next_command(absl::StrCat("run `docker rm -f ", publisher.name(),
                                          "` on that host when nobody needs it any more, then ",
                                          "deploy again"));
  }
  return FailureStatus(failure);
}

absl::Status CheckFree(const Wish& wish, const std::vector<ObservedContainer>& leaving) {
  if (FindPublisher(wish.port, leaving) != nullptr) return absl::OkStatus();
  const absl::Status bound = TryBind(wish.port);
  if (absl::IsAlreadyExists(bound)) {
    return FailureStatus(Taken(wish, DescribeListener(wish.port)));
  }
  if (absl::IsNotFound(bound)) {
    return FailureStatus(v1::CONTAINER_REFUSED,
                         absl::StrCat("port ", Describe(wish.port), " of ", wish.container,
                                      ": the host has no such address"));
  }
  return absl::OkStatus();
}

}  // namespace

void CheckPorts(const Preflight& preflight, const worker::v1::StepKey& key,
                const std::vector<ObservedContainer>& containers, Findings& findings) {
  std::vector<ObservedContainer> staying, leaving;
  const auto& replaced = preflight.replaced_container_ids();
  for (const ObservedContainer& container : containers) {
    const bool leaves =
        std::find(replaced.begin(), replaced.end(), container.id()) != replaced.end();
    (leaves ? leaving : staying).push_back(container);
  }
  const std::vector<Wish> wishes = WishesOf(preflight);
  for (const Wish& wish : wishes) {
    const ObservedContainer* publisher = FindPublisher(wish.port, staying);
    findings.Add(publisher != nullptr ? Published(wish, *publisher, preflight, key)
                                      : CheckFree(wish, leaving));
  }
  FindTwice(wishes, findings);
}

}  // namespace davit::steps
