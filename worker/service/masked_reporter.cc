#include "worker/service/masked_reporter.h"

#include <utility>
#include <vector>

#include "common/secret/secret_uses.h"
#include "worker/service/masked_failure.h"
#include "worker/service/masked_values.h"
#include "worker/steps/text/clean_text.h"

namespace davit::service {
namespace {

using SecretValues = std::map<std::string, std::string>;

// What is put back may have secrets that are gone for good. It says nothing of its own.
bool MissesSecrets(const worker::v1::StepSpec& spec, const SecretValues& secrets) {
  if (spec.has_put_back()) return false;
  for (const auto& [key, use] : SecretsOf(spec)) {
    if (!secrets.contains(key)) return true;
  }
  return false;
}

// Runners clean output before they tell of it: the values as they are then, too.
std::vector<std::string> ValuesOf(const SecretValues& secrets) {
  std::vector<std::string> values;
  for (const auto& [key, value] : secrets) {
    values.push_back(value);
    values.push_back(steps::CleanText(value));
  }
  return MaskedValues(std::move(values));
}

}  // namespace

MaskedReporter::MaskedReporter(steps::StepReporter* next, const worker::v1::StepSpec& spec,
                               SecretValues secrets)
    : next_(next),
      secrets_(std::move(secrets)),
      redactor_(ValuesOf(secrets_)),
      withholds_(MissesSecrets(spec, secrets_)) {}

void MaskedReporter::Progress(v1::StepProgress progress) {
  if (!redactor_.empty()) progress.set_phase(redactor_.Mask(progress.phase()));
  next_->Progress(std::move(progress));
}

void MaskedReporter::Log(v1::StepLog log) {
  if (withholds_) return;
  if (redactor_.empty()) return next_->Log(std::move(log));
  absl::MutexLock lock(&mutex_);
  const auto output = outputs_.try_emplace(log.position().container_id(), &redactor_).first;
  for (v1::StepLog& masked : output->second.Put(std::move(log))) next_->Log(std::move(masked));
}

void MaskedReporter::ShowsOutputWith(const std::vector<std::string>& secrets) {
  for (const std::string& key : secrets) {
    if (!secrets_.contains(key)) withholds_ = true;
  }
}

void MaskedReporter::Finish(worker::v1::StepFinished& finished) {
  absl::MutexLock lock(&mutex_);
  for (auto& [container, output] : outputs_) {
    for (v1::StepLog& masked : output.Flush()) next_->Log(std::move(masked));
  }
  outputs_.clear();
  MaskFinished(redactor_, finished);
  if (withholds_ && finished.has_failure()) WithholdOutput(*finished.mutable_failure());
}

}  // namespace davit::service
