#include <thread>

#include "tests/conformance/store_fixture.h"

// What store.h says of transactions, held against every store.
namespace davit::test {
namespace {

using store::ReadTxn;
using store::Store;
using store::Txn;
using testing::ElementsAre;
using testing::IsEmpty;

TYPED_TEST(StoreConformance, SeesItsOwnWritesWithinATransaction) {
  this->Write([](Txn& txn) {
    EXPECT_TRUE(txn.PutDeployment(Record("d-1")).ok());
    EXPECT_TRUE(txn.GetDeployment("d-1").ok());
    EXPECT_EQ(txn.FindRequest("request of d-1")->value(), "d-1");
    return absl::OkStatus();
  });
}

TYPED_TEST(StoreConformance, UndoesEverythingThatAFailingFunctionWrote) {
  this->Write([](Txn& txn) {
    EXPECT_TRUE(txn.PutDeployment(Record("d-1", v1::PENDING)).ok());
    EXPECT_TRUE(txn.PutStep("d-1", 0, StepNamed("before")).ok());
    EXPECT_TRUE(txn.PutLock(LockOf("dev", "d-1", 1)).ok());
    EXPECT_TRUE(txn.PutHost(HostAt("web1", "unix:/before")).ok());
    EXPECT_TRUE(txn.PutHost(HostAt("web2", "unix:/stays")).ok());
    return txn.PutRelease(ReleaseNumbered(1, true));
  });
  const absl::Status status = this->store_->Update([](Txn& txn) {
    EXPECT_TRUE(txn.PutDeployment(Record("d-1", v1::FAILED)).ok());
    EXPECT_TRUE(txn.PutDeployment(Record("d-2")).ok());
    EXPECT_TRUE(txn.PutStep("d-1", 0, StepNamed("after")).ok());
    EXPECT_TRUE(txn.PutStep("d-1", 1, StepNamed("more")).ok());
    EXPECT_TRUE(txn.AppendEvents({NoteEvent("d-1", 1)}).ok());
    EXPECT_TRUE(txn.PutLock(LockOf("dev", "", 2)).ok());
    EXPECT_TRUE(txn.PutRelease(ReleaseNumbered(2, true)).ok());
    EXPECT_TRUE(txn.PutHost(HostAt("web1", "unix:/after")).ok());
    EXPECT_TRUE(txn.RemoveHost("web2").ok());
    EXPECT_TRUE(txn.PutHost(HostAt("web3", "unix:/new")).ok());
    return absl::AbortedError("changed my mind");
  });
  EXPECT_EQ(status, absl::AbortedError("changed my mind"));
  const auto state = this->Find([](ReadTxn& txn) { return txn.GetDeployment("d-1"); });
  EXPECT_EQ(state.record.view().state(), v1::PENDING);
  ASSERT_EQ(state.steps.size(), 1u);
  EXPECT_EQ(state.steps[0].view().title(), "before");
  EXPECT_THAT(this->Events("d-1"), IsEmpty());
  const auto all = this->Find([](ReadTxn& txn) { return txn.FindDeployments("", 9); });
  EXPECT_THAT(all, ElementsAre("d-1"));
  const auto lock = this->Find([](ReadTxn& txn) { return txn.GetLock("shop", "dev"); });
  EXPECT_EQ(lock->fence(), 1);
  const auto hosts = this->Find([](ReadTxn& txn) { return txn.ListHosts(); });
  ASSERT_EQ(hosts.size(), 2u);
  EXPECT_EQ(hosts[0].address(), "unix:/before");
  EXPECT_EQ(hosts[1].address(), "unix:/stays");
  const auto live = this->Find([](ReadTxn& txn) { return txn.LiveReleases("shop", "dev"); });
  ASSERT_EQ(live.size(), 1u);
  EXPECT_EQ(live[0].view().number(), 1);
}

TYPED_TEST(StoreConformance, ReturnsTheErrorOfAView) {
  EXPECT_EQ(this->store_->View([](ReadTxn&) { return absl::AbortedError("no"); }),
            absl::AbortedError("no"));
}

TYPED_TEST(StoreConformance, CommitsAGroupAndUndoesOnlyTheFunctionThatFails) {
  const std::vector<Store::UpdateFn> fns = {
      [](Txn& txn) { return txn.PutDeployment(Record("d-1")); },
      [](Txn& txn) {
        EXPECT_TRUE(txn.PutDeployment(Record("d-2")).ok());
        EXPECT_TRUE(txn.AppendEvents({NoteEvent("d-1", 1, "undone")}).ok());
        return absl::AbortedError("second fails");
      },
      [](Txn& txn) { return txn.AppendEvents({NoteEvent("d-1", 1, "kept")}); },
      [](Txn& txn) { return txn.AppendEvents({NoteEvent("d-1", 1, "taken")}); },
      [](Txn& txn) { return txn.AppendEvents({NoteEvent("d-1", 2, "last")}); },
  };
  const std::vector<absl::Status> outcomes = this->store_->UpdateEach(fns);
  ASSERT_EQ(outcomes.size(), 5u);
  EXPECT_TRUE(outcomes[0].ok()) << outcomes[0];
  EXPECT_EQ(outcomes[1], absl::AbortedError("second fails"));
  EXPECT_TRUE(outcomes[2].ok()) << outcomes[2];
  EXPECT_TRUE(absl::IsAlreadyExists(outcomes[3])) << outcomes[3];
  EXPECT_TRUE(outcomes[4].ok()) << outcomes[4];
  const auto all = this->Find([](ReadTxn& txn) { return txn.FindDeployments("", 9); });
  EXPECT_THAT(all, ElementsAre("d-1"));
  const auto events = this->Events("d-1");
  ASSERT_THAT(SequencesOf(events), ElementsAre(1, 2));
  EXPECT_EQ(events[0].note().text(), "kept");
  EXPECT_EQ(events[1].note().text(), "last");
}

TYPED_TEST(StoreConformance, CommitsAnEmptyGroup) {
  EXPECT_THAT(this->store_->UpdateEach({}), IsEmpty());
}

TYPED_TEST(StoreConformance, ReadsOneConsistentMomentWhileOthersWrite) {
  constexpr int kRounds = 200;
  this->Write([](Txn& txn) { return txn.PutDeployment(Record("d-1")); });
  std::thread writer([&] {
    for (int i = 1; i <= kRounds; ++i) {
      this->Write([i](Txn& txn) {
        EXPECT_TRUE(txn.PutLock(LockOf("dev", "d-1", i)).ok());
        return txn.AppendEvents({NoteEvent("d-1", i)});
      });
    }
  });
  int64_t fence = 0;
  while (fence < kRounds && !testing::Test::HasFailure()) {
    const absl::Status status = this->store_->View([&](ReadTxn& txn) {
      const auto lock = txn.GetLock("shop", "dev");
      const auto events = txn.ReadEvents("d-1", 0, 10000);
      EXPECT_TRUE(lock.ok() && events.ok());
      fence = lock->has_value() ? (*lock)->fence() : 0;
      EXPECT_EQ(events->size(), static_cast<size_t>(fence));
      return absl::OkStatus();
    });
    EXPECT_TRUE(status.ok()) << status;
  }
  writer.join();
}

TYPED_TEST(StoreConformance, LetsManyThreadsWriteAtOnce) {
  constexpr int kThreads = 8;
  constexpr int kEach = 20;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([this, id = absl::StrCat("d-", t)] {
      this->Write([&](Txn& txn) { return txn.PutDeployment(Record(id)); });
      for (int i = 1; i <= kEach; ++i) {
        this->Write([&](Txn& txn) { return txn.AppendEvents({NoteEvent(id, i)}); });
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (int t = 0; t < kThreads; ++t) {
    EXPECT_EQ(this->Events(absl::StrCat("d-", t)).size(), static_cast<size_t>(kEach));
  }
}

}  // namespace
}  // namespace davit::test
