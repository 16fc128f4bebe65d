#include "common/spec/pattern.h"

#include <regex>

#include "absl/base/thread_annotations.h"
#include "absl/container/node_hash_map.h"
#include "absl/synchronization/mutex.h"

namespace davit::spec {
namespace {

// Compiling costs far more than matching, and the schema has a dozen patterns.
class Patterns {
 public:
  const std::regex& Get(const std::string& pattern) ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    const auto found = compiled_.find(pattern);
    if (found != compiled_.end()) return found->second;
    return compiled_.emplace(pattern, std::regex(pattern, std::regex::ECMAScript)).first->second;
  }

 private:
  absl::Mutex mutex_;
  absl::node_hash_map<std::string, std::regex> compiled_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

bool Matches(const std::string& pattern, absl::string_view text) {
  static Patterns& patterns = *new Patterns;
  if (text.size() > kMaxMatched) return false;
  try {
    return std::regex_match(text.begin(), text.end(), patterns.Get(pattern));
  } catch (const std::regex_error&) {
    return false;  // too complex for the matcher
  }
}

}  // namespace davit::spec
