#include "controller/core/testing/scenario.h"

#include <algorithm>
#include <array>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/failure/failure.h"
#include "controller/core/names.h"
#include "controller/core/plan/foresight.h"
#include "controller/core/proto_time.h"
#include "controller/core/testing/scenario_words.h"

namespace davit::core {
namespace {

using WorkerResult = worker::v1::StepFinished;
using Words = std::vector<std::string>;

worker::v1::ObservedSettings SettingsIn(const Words& words) {
  worker::v1::ObservedSettings settings;
  for (const std::string& name : List(Get(words, "variables"))) settings.add_env_names(name);
  for (const std::string& volume : List(Get(words, "volumes"))) {
    const Words parts = absl::StrSplit(volume, ':');
    settings.add_mounts()->set_source(parts.at(0));
    settings.mutable_mounts()->rbegin()->set_target(parts.at(1));
  }
  settings.set_user(Get(words, "user"));
  return settings;
}

v1::SchemaMeaning MeaningIn(const std::string& word) {
  v1::SchemaMeaning meaning = v1::SCHEMA_MEANING_UNSPECIFIED;
  v1::SchemaMeaning_Parse(absl::StrCat("SCHEMA_", word), &meaning);
  return meaning;
}

// `schema`: what a migration has made of it; empty: the step has told nothing of that.
WorkerResult Ended(WorkerResult::Outcome outcome, const std::string& code,
                   const std::string& schema = "") {
  WorkerResult result;
  if (!schema.empty()) {
    v1::Migration& migration = *result.mutable_outputs()->mutable_migration();
    migration.set_meaning(MeaningIn(schema));
    (*migration.mutable_previous())["shop"] = "0004";
  }
  result.set_outcome(outcome);
  v1::FailureCode parsed = v1::INTERNAL;
  v1::FailureCode_Parse(code, &parsed);
  *result.mutable_failure() = MakeFailure(parsed, "as the scenario says");
  return result;
}

}  // namespace

std::string Scenario::Execute(absl::string_view line) {
  const Words words = absl::StrSplit(line, ' ', absl::SkipEmpty());
  const std::string& verb = words.front();
  if (verb == "deployment") return Deploy(words);
  if (verb == "container") return AddContainer(words);
  if (verb == "network" && words.size() == 3) {
    hosts_.at(words[1]).networks.insert(words[2]);
    return "";
  }
  if (verb == "ends" && words.size() == 3) {
    hosts_.at(words[1]).containers.at(words[2]).running = false;
    return "";
  }
  if (verb == "migrations" && words.size() == 3) {
    hosts_.at(words[1]).migrates_to = MeaningIn(words[2]);
    return "";
  }
  static constexpr std::array kAbout = {"plan", "hosts",        "running",
                                        "why",  "why_not_back", "foreseen"};
  if (std::find(kAbout.begin(), kAbout.end(), verb) != kAbout.end()) return About(words);
  if (verb == "submit" || verb == "cancel" || verb == "restart") return OfDeployment(words);
  if (verb == "go") return Go(words);
  if (verb == "finish") return Finish();
  if (verb == "ok") return EndSteps(words);
  if (verb == "wait") {
    absl::Duration duration;
    if (!absl::ParseDuration(words.at(1), &duration)) return "error: no duration";
    now_ += duration;
    return "";
  }
  return words.size() > 1 ? OfStep(verb, words) : absl::StrCat("error: no command ", verb);
}

std::string Scenario::AddContainer(const Words& words) {
  ModelContainer container;
  const std::string app = Get(words, "app");
  if (!app.empty()) container = OursOf(app, Int(Get(words, "release"), 1));
  if (const std::string environment = Get(words, "env"); !environment.empty()) {
    container.labels[kEnvironmentLabel] = environment;
  }
  if (const std::string policy = Get(words, "policy"); !policy.empty()) {
    container.restart_policy = policy;
  }
  container.id = absl::StrCat("id-of-", words.at(2));
  container.running = !Has(words, "stopped");
  container.auto_remove = Has(words, "rm");
  container.port = Int(Get(words, "port"), 0);
  container.settings = SettingsIn(words);
  hosts_.at(words.at(1)).containers[words.at(2)] = container;
  return "";
}

std::string Scenario::About(const Words& words) {
  if (words.front() == "plan") return Plan();
  if (words.front() == "hosts") return Hosts();
  if (words.front() == "why") return Describe(state_.record.view().failure());
  if (words.front() == "why_not_back") return Describe(state_.record.view().rollback_failure());
  if (words.front() == "foreseen") {
    return absl::StrCat(absl::StrJoin(RollbackForeseen(state_), "\n"), "\n");
  }
  std::string text;
  for (const int index : Running()) absl::StrAppend(&text, DescribeStep(index), "\n");
  return text.empty() ? "nothing\n" : text;
}

std::string Scenario::OfDeployment(const Words& words) {
  if (words.front() == "submit") {
    Submitted input;
    if (words.size() > 1) input.notes = {absl::StrJoin(words.begin() + 1, words.end(), " ")};
    return Feed(input);
  }
  if (words.front() == "restart") return Feed(Restarted{});
  return Feed(CancelRequested{"ada@desk"});
}

std::string Scenario::OfStep(const std::string& verb, const Words& words) {
  const int index = Int(words.at(1), 0) - 1;
  if (index < 0 || index >= static_cast<int>(state_.steps.size())) return "error: no such step";
  const state::v1::StepRecord& step = state_.steps[index];
  const std::string id = step.view().id();
  const int attempt = step.view().attempt();
  const std::string third = words.size() > 2 ? words[2] : "";
  if (verb == "started") return Feed(StepStarted{id, attempt, "journal-1"});
  if (verb == "timer") return Feed(TimerFired{id, attempt});
  if (verb == "lost") {
    return Feed(WorkerLost{id, attempt, MakeFailure(v1::HOST_UNREACHABLE, "no answer")});
  }
  if (verb == "half") {
    hosts_.at(step.view().host()).Run(id, step.spec(), 1);
    return Feed(StepFinished{id, attempt, Ended(WorkerResult::FAILED, third)});
  }
  if (verb == "fail") {
    const std::string schema = words.size() > 3 ? words[3] : "";
    return Feed(StepFinished{id, attempt, Ended(WorkerResult::FAILED, third, schema)});
  }
  if (verb == "unknown") {
    return Feed(StepFinished{id, attempt, Ended(WorkerResult::UNKNOWN, third)});
  }
  if (verb == "cancelled") {
    return Feed(StepFinished{id, attempt, Ended(WorkerResult::CANCELLED, "CANCELLED_BY_USER")});
  }
  v1::StepProgress progress;
  progress.set_step_id(id);
  progress.set_phase(absl::StrJoin(words.begin() + 2, words.end(), " "));
  if (verb == "progress") return Feed(StepProgressed{attempt, progress});
  if (verb != "log") return absl::StrCat("error: no command ", verb);
  v1::StepLog log;
  log.set_step_id(id);
  log.set_data(absl::StrJoin(words.begin() + 3, words.end(), " "));
  log.mutable_position()->set_container_id("c");
  log.mutable_position()->set_time_unix_nanos(Int(third, 0));
  return Feed(StepLogged{attempt, log});
}

std::string Scenario::EndSteps(const Words& words) {
  std::string text;
  for (size_t i = 1; i < words.size(); ++i) {
    absl::StrAppend(&text, FinishWell(Int(words[i], 0) - 1));
  }
  return text;
}

std::string Scenario::FinishWell(int index) {
  if (index < 0 || index >= static_cast<int>(state_.steps.size())) return "error: no such step\n";
  const state::v1::StepRecord& step = state_.steps[index];
  const std::string id = step.view().id();
  const int attempt = step.view().attempt();
  WorkerResult result = hosts_.at(step.view().host()).Run(id, step.spec());
  return Feed(StepFinished{id, attempt, std::move(result)});
}

std::string Scenario::Go(const Words& words) {
  while (true) {
    const std::vector<int> running = Running();
    for (const int index : running) {
      const v1::Step& view = state_.steps[index].view();
      const bool wanted = view.kind() == words.at(1) &&
                          (words.size() < 3 || view.host() == words[2]) &&
                          (words.size() < 4 || view.app() == words[3]);
      if (wanted) return absl::StrCat("at ", DescribeStep(index), "\n");
    }
    if (running.empty()) return "error: never came there\n";
    FinishWell(running.front());
  }
}

std::string Scenario::Finish() {
  std::string text;
  for (std::vector<int> running = Running(); !running.empty(); running = Running()) {
    absl::StrAppend(&text, FinishWell(running.front()));
  }
  return text;
}

std::string Scenario::Feed(const Input& input) {
  Transition transition = Apply(state_, input, now_);
  std::string text = DescribeTransition(transition, now_);
  for (const std::string& fault : FindFaults(state_, transition)) {
    absl::StrAppend(&text, "error: ", fault, "\n");
  }
  ledger_.Add(transition);
  state_ = std::move(transition.next);
  for (const std::string& fault : FindFaults(state_))
    absl::StrAppend(&text, "error: ", fault, "\n");
  if (const std::string difference = ledger_.Compare(state_); !difference.empty()) {
    absl::StrAppend(&text, "error: ", difference);
  }
  return text.empty() ? "nothing\n" : text;
}

std::string Scenario::Plan() const {
  std::string text;
  for (int i = 0; i < static_cast<int>(state_.steps.size()); ++i) {
    absl::StrAppend(&text, DescribeStep(i));
    if (const int wave = state_.steps[i].view().wave(); wave > 0) {
      absl::StrAppend(&text, " wave ", wave);
    }
    const auto& after = state_.steps[i].after();
    for (int k = 0; k < after.size(); ++k) {
      absl::StrAppend(&text, k == 0 ? " after " : ",", after[k] + 1);
    }
    absl::StrAppend(&text, "\n");
  }
  return text;
}

std::string Scenario::Hosts() const {
  std::string text;
  for (const auto& [name, host] : hosts_) {
    absl::StrAppend(&text, name, ":");
    for (absl::string_view line : absl::StrSplit(host.Describe(), '\n', absl::SkipEmpty())) {
      absl::StrAppend(&text, " [", line, "]");
    }
    for (const std::string& network : host.networks) absl::StrAppend(&text, " net ", network);
    for (const std::string& path : host.directories) absl::StrAppend(&text, " dir ", path);
    for (const std::string& path : host.files) absl::StrAppend(&text, " files ", path);
    for (const auto& [name, count] : host.migrations) {
      absl::StrAppend(&text, " migrated ", name);
    }
    absl::StrAppend(&text, "\n");
  }
  return text;
}

std::string Scenario::Describe(const v1::Failure& failure) {
  std::string text = absl::StrCat(failure.message(), "\n");
  for (const std::string& fact : failure.evidence()) absl::StrAppend(&text, "- ", fact, "\n");
  absl::StrAppend(&text, "likely: ", failure.likely_cause(), "\nnext: ", failure.next_command());
  return absl::StrCat(text, "\n");
}

std::vector<int> Scenario::Running() const {
  std::vector<int> running;
  for (int i = 0; i < static_cast<int>(state_.steps.size()); ++i) {
    if (state_.steps[i].view().state() == v1::STEP_STARTED) running.push_back(i);
  }
  return running;
}

std::string Scenario::DescribeStep(int index) const {
  const v1::Step& view = state_.steps[index].view();
  return absl::StrCat(index + 1, " ", view.kind(), " ", view.host(), ": ", view.title(), " (",
                      absl::FormatDuration(FromProto(view.timeout())), ")");
}

}  // namespace davit::core
