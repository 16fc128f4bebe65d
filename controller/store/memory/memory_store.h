#ifndef DAVIT_CONTROLLER_STORE_MEMORY_MEMORY_STORE_H_
#define DAVIT_CONTROLLER_STORE_MEMORY_MEMORY_STORE_H_

#include <memory>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "controller/store/store.h"

namespace davit::store {

struct MemoryData;

// Keeps everything in the process: the model that the other stores are held to,
// and a store for tests. Nothing survives it.
class MemoryStore final : public Store {
 public:
  MemoryStore();
  ~MemoryStore() override;

  absl::Status View(absl::FunctionRef<absl::Status(ReadTxn&)> fn) override;
  absl::Status Update(absl::FunctionRef<absl::Status(Txn&)> fn) override;
  std::vector<absl::Status> UpdateEach(absl::Span<const UpdateFn> fns) override;

 private:
  absl::Mutex mutex_;
  const std::unique_ptr<MemoryData> data_ ABSL_PT_GUARDED_BY(mutex_);
};

}  // namespace davit::store

#endif  // DAVIT_CONTROLLER_STORE_MEMORY_MEMORY_STORE_H_
