#include "controller/store/memory/memory_store.h"

#include "controller/store/memory/memory_txn.h"

namespace davit::store {
namespace {

absl::Status Run(MemoryData& data, absl::FunctionRef<absl::Status(Txn&)> fn) {
  MemoryTxn txn(data);
  absl::Status status = fn(txn);
  if (!status.ok()) txn.Undo();
  return status;
}

}  // namespace

MemoryStore::MemoryStore() : data_(std::make_unique<MemoryData>()) {}

MemoryStore::~MemoryStore() = default;

absl::Status MemoryStore::View(absl::FunctionRef<absl::Status(ReadTxn&)> fn) {
  absl::MutexLock lock(&mutex_);
  MemoryTxn txn(*data_);
  return fn(txn);
}

absl::Status MemoryStore::Update(absl::FunctionRef<absl::Status(Txn&)> fn) {
  absl::MutexLock lock(&mutex_);
  return Run(*data_, fn);
}

std::vector<absl::Status> MemoryStore::UpdateEach(absl::Span<const UpdateFn> fns) {
  absl::MutexLock lock(&mutex_);
  std::vector<absl::Status> outcomes;
  outcomes.reserve(fns.size());
  for (const UpdateFn& fn : fns) outcomes.push_back(Run(*data_, fn));
  return outcomes;
}

}  // namespace davit::store
