#include "controller/core/testing/model_host.h"

#include <algorithm>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "controller/core/names.h"

namespace davit::core {
namespace {

using worker::v1::StepSpec;

constexpr char kInterrupted[] = "interrupted half-way";
constexpr char kEnded[] = "the container has ended";

std::string LabelOf(const ModelContainer& container, const char* label) {
  const auto found = container.labels.find(label);
  return found == container.labels.end() ? "" : found->second;
}

std::string DescribeOne(const std::string& name, const ModelContainer& container) {
  const std::string release = LabelOf(container, kReleaseLabel);
  return absl::StrCat(name, " ", release.empty() ? "by hand" : absl::StrCat("v", release), " ",
                      container.running ? "running" : "stopped", " ", container.restart_policy);
}

}  // namespace

bool ModelHost::SameAs(const ModelHost& other) const {
  return Describe() == other.Describe() && networks == other.networks &&
         directories == other.directories && files == other.files && loaded == other.loaded;
}

std::string ModelHost::Describe() const {
  std::string text;
  for (const auto& [name, container] : containers) {
    absl::StrAppend(&text, DescribeOne(name, container), "\n");
  }
  return text;
}

worker::v1::StepFinished ModelHost::Run(const std::string& step_id, const StepSpec& spec,
                                        int actions) {
  actions_ = actions;
  worker::v1::StepFinished result;
  const std::string problem = Do(step_id, spec, *result.mutable_outputs());
  result.set_outcome(problem.empty() ? worker::v1::StepFinished::SUCCEEDED
                                     : worker::v1::StepFinished::FAILED);
  if (problem.empty()) return result;
  if (!result.outputs().has_migration()) result.clear_outputs();
  const v1::FailureCode code = problem == kEnded ? v1::CONTAINER_EXITED : v1::DOCKER_ERROR;
  *result.mutable_failure() = MakeFailure(code, problem);
  return result;
}

std::string ModelHost::Do(const std::string& step_id, const StepSpec& spec,
                          worker::v1::StepOutputs& outputs) {
  switch (spec.kind_case()) {
    case StepSpec::kObserve:
      *outputs.mutable_observe() = Observe(spec.observe());
      return "";
    case StepSpec::kResolveImage:
      Resolve(spec.resolve_image(), *outputs.mutable_image());
      return "";
    case StepSpec::kPullImage:
      if (!Act()) return kInterrupted;
      if (!spec.pull_image().keep_tag().empty()) keep_tags.insert(spec.pull_image().keep_tag());
      return "";
    case StepSpec::kPreflight:
    case StepSpec::kWaitDatabase:
      return "";
    case StepSpec::kBackupDatabase:
      return BackUp(spec.backup_database(), outputs);
    case StepSpec::kMigrateDatabase:
      return Migrate(spec.migrate_database(), outputs);
    case StepSpec::kLoadBackup:
      return Load(step_id);
    case StepSpec::kDropLoaded:
      return Drop(spec.drop_loaded());
    case StepSpec::kRestoreDatabase:
      return Restore(spec.restore_database(), outputs);
    case StepSpec::kCreateResources: {
      const std::string problem = Create(spec.create_resources(), created_[step_id]);
      *outputs.mutable_created() = created_[step_id];
      return problem;
    }
    default:
      break;
  }
  switch (spec.kind_case()) {
    case StepSpec::kWriteFiles:
      return WriteFiles(spec.write_files());
    case StepSpec::kRemoveFiles:
      return RemoveFiles(spec.remove_files());
    case StepSpec::kRunOneOff:
      return RunOneOff(spec.run_one_off());
    case StepSpec::kRemoveResources:
      return Remove(created_[spec.remove_resources().creating_step_id()]);
    case StepSpec::kStopContainer:
      return Stop(spec.stop_container());
    case StepSpec::kPutBack:
      return PutBack(spec.put_back(), outputs);
    case StepSpec::kStartContainer:
      return Start(step_id, spec.start_container(), outputs);
    case StepSpec::kRemoveContainer:
      return RemoveContainer(spec.remove_container());
    case StepSpec::kCheckHealth:
      return CheckHealth(spec.check_health());
    case StepSpec::kSwitchName:
      return Switch(spec.switch_name());
    case StepSpec::kSetRestartPolicy:
      return SetPolicy(spec.set_restart_policy());
    case StepSpec::kPrune:
      return Prune(spec.prune());
    default:
      return "no such kind of step";
  }
}

worker::v1::HostObservation ModelHost::Observe(const worker::v1::Observe& observe) const {
  worker::v1::HostObservation observation;
  for (const auto& [name, container] : containers) {
    worker::v1::ObservedContainer& seen = *observation.add_containers();
    seen.set_id(container.id);
    seen.set_name(name);
    seen.set_state(container.running ? "running" : "exited");
    seen.mutable_labels()->insert(container.labels.begin(), container.labels.end());
    seen.set_restart_policy(container.restart_policy);
    seen.set_auto_remove(container.auto_remove);
    seen.set_image_reference(container.image);
    const auto& asked = observe.settings_of();
    const bool told = std::find(asked.begin(), asked.end(), name) != asked.end();
    if (told && LabelOf(container, kAppLabel).empty()) {
      *seen.mutable_settings() = container.settings;
    }
    if (container.port == 0 || !container.running) continue;
    seen.add_ports()->set_host_port(container.port);
    seen.mutable_ports(0)->set_protocol("tcp");
  }
  for (const std::string& network : networks) observation.add_networks(network);
  return observation;
}

std::map<std::string, ModelContainer>::iterator ModelHost::FindId(const std::string& id) {
  return std::find_if(containers.begin(), containers.end(),
                      [&](const auto& entry) { return entry.second.id == id; });
}

bool ModelHost::Rename(const std::string& from, const std::string& to) {
  if (from == to) return true;
  if (containers.contains(to)) return false;
  auto node = containers.extract(from);
  node.key() = to;
  containers.insert(std::move(node));
  return true;
}

std::string ModelHost::Create(const worker::v1::CreateResources& create,
                              worker::v1::CreatedResources& made) {
  for (const worker::v1::ContainerSpec& container : create.containers()) {
    for (const std::string& network : container.networks()) {
      if (networks.contains(network)) continue;
      if (!Act()) return kInterrupted;
      networks.insert(network);
      made.add_networks(network);
    }
    for (const worker::v1::Mount& mount : container.mounts()) {
      if (directories.contains(mount.source())) continue;
      if (!Act()) return kInterrupted;
      directories.insert(mount.source());
      made.add_directories(mount.source());
    }
  }
  return "";
}

std::string ModelHost::Remove(const worker::v1::CreatedResources& made) {
  for (const std::string& network : made.networks()) {
    if (!Act()) return kInterrupted;
    networks.erase(network);
  }
  for (const std::string& directory : made.directories()) {
    if (!Act()) return kInterrupted;
    directories.erase(directory);
  }
  return "";
}

std::string ModelHost::Stop(const worker::v1::StopContainer& stop) {
  const auto found = FindId(stop.container_id());
  if (found == containers.end()) return absl::StrCat("no container ", stop.container_id());
  if (!Act()) return kInterrupted;
  found->second.restart_policy = "no";
  if (!Act()) return kInterrupted;
  found->second.running = false;
  if (found->second.auto_remove) containers.erase(found);
  return "";
}

std::string ModelHost::PutBack(const worker::v1::PutBack& put_back,
                               worker::v1::StepOutputs& outputs) {
  auto found = FindId(put_back.container_id());
  if (found == containers.end()) {
    if (!put_back.has_record()) return absl::StrCat("container ", put_back.name(), " is gone");
    if (!Act()) return kInterrupted;
    const auto& labels = put_back.record().labels();
    ModelContainer again{.id = absl::StrCat("again-", ++made_), .image = put_back.record().image()};
    again.labels.insert(labels.begin(), labels.end());
    found = containers.emplace(put_back.name(), again).first;
  }
  if (!Rename(found->first, put_back.name())) return absl::StrCat(put_back.name(), " is taken");
  if (!Act()) return kInterrupted;
  ModelContainer& container = containers.at(put_back.name());
  container.restart_policy = put_back.restart_policy();
  if (!Act()) return kInterrupted;
  if (!container.files_directory.empty() && !files.contains(container.files_directory)) {
    return absl::StrCat("the files of ", put_back.name(), " are gone");
  }
  if (put_back.was_running()) container.running = true;
  outputs.mutable_container()->set_container_id(container.id);
  return "";
}

std::string ModelHost::Hindrance(const worker::v1::ContainerSpec& container) const {
  const std::string& directory = container.files_directory();
  if (!directory.empty() && !files.contains(directory)) return absl::StrCat("no ", directory);
  // Two running containers of one service would want the same ports.
  for (const auto& [name, other] : containers) {
    bool same = name == container.service_name() ||
                LabelOf(other, kAppLabel) == container.labels().at(kAppLabel);
    for (const auto& port : container.ports()) same = same || port.host_port() == other.port;
    if (other.running && same) return absl::StrCat("port is used by ", name);
  }
  return "";
}

std::string ModelHost::Start(const std::string& step_id, const worker::v1::StartContainer& start,
                             worker::v1::StepOutputs& outputs) {
  if (containers.contains(start.candidate_name())) return "name is taken";
  if (std::string why = Hindrance(start.container()); !why.empty()) return why;
  if (!Act()) return kInterrupted;
  ModelContainer& container = containers[start.candidate_name()];
  container.id = absl::StrCat("c", ++made_);
  container.image = start.container().image();
  container.labels.insert(start.container().labels().begin(), start.container().labels().end());
  container.labels[kStepLabel] = step_id;
  container.files_directory = start.container().files_directory();
  for (const auto& port : start.container().ports()) container.port = port.host_port();
  if (!Act()) return kInterrupted;
  container.running = true;
  outputs.mutable_container()->set_container_id(container.id);
  outputs.mutable_container()->set_image_id(absl::StrCat("sha256:id-of-", container.image));
  return "";
}

std::string ModelHost::RemoveContainer(const worker::v1::RemoveContainer& remove) {
  const auto found = containers.find(remove.candidate_name());
  if (found == containers.end()) return "";
  if (LabelOf(found->second, kStepLabel) != remove.starting_step_id()) return "not ours";
  if (!Act()) return kInterrupted;
  containers.erase(found);
  return "";
}

std::string ModelHost::CheckHealth(const worker::v1::CheckHealth& check) const {
  const auto found = containers.find(check.container());
  if (found == containers.end()) return absl::StrCat("no container ", check.container());
  return found->second.running ? "" : absl::StrCat(check.container(), " does not run");
}

std::string ModelHost::Switch(const worker::v1::SwitchName& names) {
  for (const worker::v1::Rename& rename : names.renames()) {
    const auto found = FindId(rename.container_id());
    if (found == containers.end()) return absl::StrCat("no container ", rename.container_id());
    if (found->first == rename.to()) continue;
    if (found->first != rename.from()) return absl::StrCat(found->first, " is another name");
    if (!Act()) return kInterrupted;
    if (!Rename(rename.from(), rename.to())) return absl::StrCat(rename.to(), " is taken");
  }
  return "";
}

std::string ModelHost::SetPolicy(const worker::v1::SetRestartPolicy& policy) {
  const auto found = containers.find(policy.container());
  if (found == containers.end()) return absl::StrCat("no container ", policy.container());
  if (!Act()) return kInterrupted;
  found->second.restart_policy = policy.policy();
  // The engine would not start it again.
  return policy.policy() == "no" || found->second.running ? "" : kEnded;
}

std::string ModelHost::Prune(const worker::v1::Prune& prune) {
  for (const std::string& id : prune.container_ids()) {
    const auto found = FindId(id);
    if (found == containers.end()) continue;
    if (!Act()) return kInterrupted;
    containers.erase(found);
  }
  const std::string problem = PruneTags(prune);
  return problem.empty() ? PruneFiles(prune) : problem;
}

std::string ModelHost::PruneTags(const worker::v1::Prune& prune) {
  const std::string prefix = absl::StrCat(prune.keep_repository(), ":");
  std::set<std::string> kept;
  for (const std::string& tag : prune.keep_tags()) kept.insert(prefix + tag);
  const std::vector<std::string> tags(keep_tags.begin(), keep_tags.end());
  for (const std::string& tag : tags) {
    if (!absl::StartsWith(tag, prefix) || kept.contains(tag)) continue;
    if (!Act()) return kInterrupted;
    keep_tags.erase(tag);
  }
  return "";
}

std::string ModelHost::PruneFiles(const worker::v1::Prune& prune) {
  const std::string prefix = absl::StrCat(prune.files_directory(), "/");
  std::set<std::string> kept;
  for (const int64_t number : prune.keep_releases()) kept.insert(absl::StrCat(prefix, number));
  const std::set<std::string> all = files;
  for (const std::string& directory : all) {
    if (!absl::StartsWith(directory, prefix) || kept.contains(directory)) continue;
    if (!Act()) return kInterrupted;
    files.erase(directory);
  }
  return "";
}

void ModelHost::Resolve(const worker::v1::ResolveImage& resolve,
                        worker::v1::ResolvedImage& image) const {
  image.set_reference(resolve.reference());
  if (!resolve.image_id().empty()) {
    image.set_image_id(resolve.image_id());
  } else if (absl::StrContains(resolve.reference(), "@")) {
    image.set_digest(resolve.reference());
  } else {
    image.set_digest(absl::StrCat(resolve.reference(), "@sha256:d"));
  }
}

// All of them, or none.
std::string ModelHost::WriteFiles(const worker::v1::WriteFiles& write) {
  if (!Act()) return kInterrupted;
  files.insert(write.container().files_directory());
  return "";
}

std::string ModelHost::RemoveFiles(const worker::v1::RemoveFiles& remove) {
  if (!Act()) return kInterrupted;
  files.erase(remove.files_directory());
  return "";
}

std::string ModelHost::RunOneOff(const worker::v1::RunOneOff& run) {
  const std::string& directory = run.container().files_directory();
  if (!directory.empty() && !files.contains(directory)) return absl::StrCat("no ", directory);
  if (!Act()) return kInterrupted;
  ++one_offs[run.container().service_name()];
  if (!Act()) return kInterrupted;
  TakeBack(run.title());
  return "";
}

}  // namespace davit::core
