#ifndef DAVIT_TESTS_CONFORMANCE_STORE_FIXTURE_H_
#define DAVIT_TESTS_CONFORMANCE_STORE_FIXTURE_H_

#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "controller/store/memory/memory_store.h"
#include "controller/store/sqlite/sqlite_store.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/conformance/records.h"
#include "tests/support/temp_dir.h"

namespace davit::test {

struct MemoryKind {
  std::unique_ptr<store::Store> Open() { return std::make_unique<store::MemoryStore>(); }
};

struct SqliteKind {
  std::unique_ptr<store::Store> Open() {
    auto store = store::SqliteStore::Open(directory.File("davit.db"));
    EXPECT_TRUE(store.ok()) << store.status();
    return *std::move(store);
  }
  TempDir directory;
};

// A store of each kind, and its transactions in few words.
template <typename Kind>
class StoreConformance : public testing::Test {
 protected:
  // One durable transaction that must succeed.
  void Write(absl::FunctionRef<absl::Status(store::Txn&)> fn) {
    const absl::Status status = store_->Update(fn);
    EXPECT_TRUE(status.ok()) << status;
  }

  // What `read`, which returns a StatusOr, finds.
  template <typename Read>
  auto Find(Read read) {
    typename std::invoke_result_t<Read, store::ReadTxn&>::value_type found{};
    const absl::Status status = store_->View([&](store::ReadTxn& txn) {
      auto result = read(txn);
      if (!result.ok()) return result.status();
      found = *std::move(result);
      return absl::OkStatus();
    });
    EXPECT_TRUE(status.ok()) << status;
    return found;
  }

  std::vector<v1::Event> Events(const std::string& id, int64_t after = 0, int limit = 1000) {
    return Find([&](store::ReadTxn& txn) { return txn.ReadEvents(id, after, limit); });
  }

  Kind kind_;
  std::unique_ptr<store::Store> store_ = kind_.Open();
};

using StoreKinds = testing::Types<MemoryKind, SqliteKind>;
TYPED_TEST_SUITE(StoreConformance, StoreKinds);

inline std::vector<std::string> IdsOf(const std::vector<state::v1::DeploymentRecord>& records) {
  std::vector<std::string> ids;
  for (const auto& record : records) ids.push_back(record.view().id());
  return ids;
}

inline std::vector<int64_t> SequencesOf(const std::vector<v1::Event>& events) {
  std::vector<int64_t> sequences;
  for (const auto& event : events) sequences.push_back(event.sequence());
  return sequences;
}

}  // namespace davit::test

#endif  // DAVIT_TESTS_CONFORMANCE_STORE_FIXTURE_H_
