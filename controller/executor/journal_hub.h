#ifndef DAVIT_CONTROLLER_EXECUTOR_JOURNAL_HUB_H_
#define DAVIT_CONTROLLER_EXECUTOR_JOURNAL_HUB_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"

namespace davit::executor {

// Tells watchers that a deployment's journal has grown. It carries no events:
// a watcher reads them from the store, so it can neither miss nor repeat one.
// Thread-safe.
class JournalHub {
 public:
  // Called with the last committed sequence; must not block.
  using Listener = std::function<void(int64_t last_sequence)>;

  // Stays subscribed for as long as the returned handle lives. After the
  // handle's destructor no call is running or will come.
  class Subscription;
  std::unique_ptr<Subscription> Subscribe(absl::string_view deployment_id, Listener listener);

  void Publish(absl::string_view deployment_id, int64_t last_sequence);

 private:
  void Unsubscribe(const std::string& deployment_id, int64_t key);

  absl::Mutex mutex_;
  int64_t next_key_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<std::string, std::map<int64_t, Listener>, std::less<>> listeners_
      ABSL_GUARDED_BY(mutex_);
};

class JournalHub::Subscription {
 public:
  Subscription(JournalHub& hub, std::string deployment_id, int64_t key);
  ~Subscription();
  Subscription(const Subscription&) = delete;
  Subscription& operator=(const Subscription&) = delete;

 private:
  JournalHub& hub_;
  const std::string deployment_id_;
  const int64_t key_;
};

}  // namespace davit::executor

#endif  // DAVIT_CONTROLLER_EXECUTOR_JOURNAL_HUB_H_
