#include "worker/steps/text/log_advice.h"

#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"

namespace davit::steps {
namespace {

constexpr absl::string_view kSilent =
    "there are no log lines to read: run the command by hand, or make it say what it does";

}  // namespace

void CorrectLogAdvice(v1::Failure& failure) {
  if (!failure.log_tail().empty()) return;
  failure.set_next_command(absl::StrReplaceAll(
      failure.next_command(),
      {{"read the log lines above; ", ""}, {"read the log lines above", kSilent}}));
  failure.set_likely_cause(
      absl::StrReplaceAll(failure.likely_cause(), {{"; its last lines say why", ""}}));
  for (v1::Failure& part : *failure.mutable_parts()) CorrectLogAdvice(part);
}

}  // namespace davit::steps
