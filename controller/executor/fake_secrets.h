#ifndef DAVIT_CONTROLLER_EXECUTOR_FAKE_SECRETS_H_
#define DAVIT_CONTROLLER_EXECUTOR_FAKE_SECRETS_H_

#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/failure/failure.h"
#include "common/secret/secret_key.h"
#include "controller/executor/secret_source.h"

namespace davit::executor {

// Values of secrets as a test sets them, by "project/" and SecretKey. Thread-safe.
class FakeSecrets final : public SecretSource {
 public:
  absl::StatusOr<std::string> Value(absl::string_view project,
                                    const worker::v1::SecretUse& use) override {
    absl::MutexLock lock(&mutex_);
    if (!error_.ok()) return error_;
    const auto it = values_.find(absl::StrCat(project, "/", SecretKey(use)));
    if (it != values_.end()) return it->second;
    return FailureStatus(v1::SECRET_MISSING, absl::StrCat(use.name(), " is gone"));
  }

  void Set(const std::string& key, const std::string& value) {
    absl::MutexLock lock(&mutex_);
    values_[key] = value;
  }
  // What every question is answered with from now on.
  void Fail(const absl::Status& error) {
    absl::MutexLock lock(&mutex_);
    error_ = error;
  }

 private:
  absl::Mutex mutex_;
  std::map<std::string, std::string> values_ ABSL_GUARDED_BY(mutex_);
  absl::Status error_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace davit::executor

#endif  // DAVIT_CONTROLLER_EXECUTOR_FAKE_SECRETS_H_
