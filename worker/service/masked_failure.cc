#include "worker/service/masked_failure.h"

#include <string>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "worker/steps/text/clean_text.h"
#include "worker/steps/text/log_advice.h"

namespace davit::service {
namespace {

// A secret of any bytes may begin within a character; what is left of it is none.
std::string MaskText(const Redactor& redactor, const std::string& text) {
  std::string masked = redactor.Mask(text);
  return masked == text ? masked : steps::CleanText(masked);
}

// What programs have said is cut where it is long, maybe within a secret.
std::string MaskCutText(const Redactor& redactor, const std::string& text) {
  std::string masked = redactor.MaskCut(text);
  return masked == text ? masked : steps::CleanText(masked);
}

// A default or an index's expression may have a secret in it. Names stay as they are.
void MaskMigration(const Redactor& redactor, v1::Migration& migration) {
  for (v1::SchemaChange& change : *migration.mutable_changes()) {
    change.set_sentence(MaskCutText(redactor, change.sentence()));
    change.set_reason(MaskText(redactor, change.reason()));
  }
  for (std::string& gap : *migration.mutable_gaps()) gap = MaskText(redactor, gap);
}

void MaskOutputs(const Redactor& redactor, worker::v1::StepOutputs& outputs) {
  outputs.set_summary(MaskText(redactor, outputs.summary()));
  if (outputs.has_migration()) MaskMigration(redactor, *outputs.mutable_migration());
}

}  // namespace

void MaskFailure(const Redactor& redactor, v1::Failure& failure) {
  failure.set_message(MaskCutText(redactor, failure.message()));
  failure.set_likely_cause(MaskText(redactor, failure.likely_cause()));
  failure.set_next_command(MaskText(redactor, failure.next_command()));
  for (std::string& fact : *failure.mutable_evidence()) fact = MaskCutText(redactor, fact);
  for (v1::Failure& part : *failure.mutable_parts()) MaskFailure(redactor, part);
  if (failure.log_tail().empty()) return;
  const std::string tail = MaskText(redactor, absl::StrJoin(failure.log_tail(), "\n"));
  failure.clear_log_tail();
  for (const absl::string_view line : absl::StrSplit(tail, '\n')) {
    failure.add_log_tail(MaskCutText(redactor, std::string(line)));
  }
}

void MaskFinished(const Redactor& redactor, worker::v1::StepFinished& finished) {
  if (redactor.empty()) return;
  if (finished.has_failure()) MaskFailure(redactor, *finished.mutable_failure());
  if (finished.has_outputs()) MaskOutputs(redactor, *finished.mutable_outputs());
}

void WithholdOutput(v1::Failure& failure) {
  for (v1::Failure& part : *failure.mutable_parts()) WithholdOutput(part);
  failure.clear_log_tail();
  failure.clear_evidence();
  // Its message may be a line that the program said.
  if (failure.code() == v1::MIGRATION_FAILED) failure.set_message("the migration failed");
  failure.add_evidence("output is not shown: values of secrets, to be masked in it, are missing");
  steps::CorrectLogAdvice(failure);
}

}  // namespace davit::service
