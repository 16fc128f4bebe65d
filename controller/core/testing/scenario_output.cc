#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "controller/core/testing/scenario.h"

namespace davit::core {
namespace {

std::string Number(absl::string_view step_id) {
  return std::string(absl::StripPrefix(step_id.substr(step_id.rfind('-') + 1), "0"));
}

std::string DescribeStepEvent(const v1::Step& step) {
  std::string text = absl::StrCat(Number(step.id()), " ",
                                  absl::StripPrefix(v1::StepState_Name(step.state()), "STEP_"));
  if (step.state() == v1::STEP_STARTED) {
    absl::StrAppend(&text, "  ", step.host(), ": ", step.title());
  }
  if (step.has_failure()) absl::StrAppend(&text, " ", v1::FailureCode_Name(step.failure().code()));
  return text;
}

std::string DescribeDeployment(const v1::Deployment& view) {
  std::string text = absl::StrCat("deployment ", v1::DeploymentState_Name(view.state()));
  if (view.has_failure()) {
    absl::StrAppend(&text, " ", v1::FailureCode_Name(view.failure().code()), ": ",
                    view.failure().message());
  }
  if (view.has_rollback_failure()) {
    absl::StrAppend(&text, "; rollback: ", view.rollback_failure().message());
  }
  return text;
}

std::string DescribePlanned(const v1::StepsPlanned& planned) {
  if (planned.steps().empty()) return "planned nothing";
  return absl::StrCat("planned ", Number(planned.steps(0).id()), " to ",
                      Number(planned.steps(planned.steps_size() - 1).id()));
}

std::string DescribeEvent(const v1::Event& event) {
  switch (event.payload_case()) {
    case v1::Event::kDeployment:
      return DescribeDeployment(event.deployment());
    case v1::Event::kPlanned:
      return DescribePlanned(event.planned());
    case v1::Event::kStep:
      return DescribeStepEvent(event.step());
    case v1::Event::kProgress:
      return absl::StrCat(Number(event.progress().step_id()), " ", event.progress().phase());
    case v1::Event::kLog:
      return absl::StrCat(Number(event.log().step_id()), " | ", event.log().data());
    case v1::Event::kNote:
      return absl::StrCat("note: ", event.note().text());
    default:
      return "empty event";
  }
}

std::string DescribeEffect(const Effect& effect, absl::Time now) {
  if (const auto* run = std::get_if<RunStep>(&effect)) return absl::StrCat("run ", run->index + 1);
  if (const auto* cancel = std::get_if<CancelStep>(&effect)) {
    return absl::StrCat("cancel ", cancel->index + 1);
  }
  if (const auto* ack = std::get_if<AckStep>(&effect)) return absl::StrCat("ack ", ack->index + 1);
  const ArmTimer& timer = std::get<ArmTimer>(effect);
  return absl::StrCat("timer ", timer.index + 1, " in ", absl::FormatDuration(timer.when - now));
}

std::string DescribeHistory(const state::v1::DatabaseHistory& history) {
  std::string text;
  if (history.has_backup()) absl::StrAppend(&text, ", ", history.backup().path());
  if (history.has_migration()) {
    absl::StrAppend(&text, ", ", history.database(), " ",
                    v1::SchemaMeaning_Name(history.migration().meaning()));
  }
  return text;
}

std::string DescribeRelease(const state::v1::ReleaseRecord& release) {
  return absl::StrCat("release ", release.view().app(), " v", release.view().number(),
                      release.view().live() ? " live " : " not live ",
                      release.has_container() ? release.container().image() : "without container",
                      DescribeHistory(release.database()));
}

}  // namespace

std::string DescribeTransition(const Transition& transition, absl::Time now) {
  std::vector<std::string> lines;
  for (const v1::Event& event : transition.events) lines.push_back(DescribeEvent(event));
  for (const auto& release : transition.releases) lines.push_back(DescribeRelease(release));
  if (transition.release_lock) lines.push_back("unlock");
  std::vector<std::string> effects;
  for (const Effect& effect : transition.effects) effects.push_back(DescribeEffect(effect, now));
  if (!effects.empty()) lines.push_back(absl::StrCat("=> ", absl::StrJoin(effects, ", ")));
  std::string text;
  for (const std::string& line : lines) absl::StrAppend(&text, line, "\n");
  return text;
}

}  // namespace davit::core
