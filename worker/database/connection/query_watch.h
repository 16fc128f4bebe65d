#ifndef DAVIT_WORKER_DATABASE_CONNECTION_QUERY_WATCH_H_
#define DAVIT_WORKER_DATABASE_CONNECTION_QUERY_WATCH_H_

#include <functional>
#include <thread>

#include "absl/status/status.h"
#include "absl/synchronization/notification.h"
#include "common/call.h"

namespace davit::database {

// Watches over a query that blocks: as soon as `call` ends, it calls `cancel`, and when
// the query is not over a while later, `hang_up`. Both run in a thread of its own.
class QueryWatch {
 public:
  QueryWatch(const Call& call, std::function<void()> cancel, std::function<void()> hang_up);
  QueryWatch(const QueryWatch&) = delete;
  QueryWatch& operator=(const QueryWatch&) = delete;
  // As Finish().
  ~QueryWatch();

  // The query is over. Returns why it was cancelled, OK when it was not.
  absl::Status Finish();

 private:
  void Watch();

  const Call call_;
  const std::function<void()> cancel_;
  const std::function<void()> hang_up_;
  absl::Notification over_;
  absl::Status end_;  // of the thread until it is joined
  std::thread thread_;
};

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_CONNECTION_QUERY_WATCH_H_
