#include "controller/api/hosts/adoption.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "controller/store/memory/memory_store.h"

namespace davit::api {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using worker::v1::ObservedContainer;

const Environment kDev = {"shop", "dev"};

ObservedContainer ContainerOf(const std::string& app, int64_t release, const std::string& id,
                              const std::string& state = "running") {
  ObservedContainer container;
  container.set_name("shop-" + app);
  container.set_state(state);
  auto& labels = *container.mutable_labels();
  labels["davit.project"] = "shop";
  labels["davit.environment"] = "dev";
  labels["davit.app"] = app;
  labels["davit.release"] = absl::StrCat(release);
  labels["davit.deployment"] = id;
  return container;
}

class AdoptionTest : public ::testing::Test {
 protected:
  // By the records release 7 of web is live and 6 was, on web1.
  AdoptionTest() {
    Update([](store::Txn& txn) {
      for (const int64_t number : {6, 7}) {
        state::v1::ReleaseRecord release;
        release.mutable_view()->set_project("shop");
        release.mutable_view()->set_environment("dev");
        release.mutable_view()->set_app("web");
        release.mutable_view()->set_number(number);
        release.mutable_view()->set_deployment_id(absl::StrCat("d-", number));
        release.mutable_view()->set_live(number == 7);
        if (absl::Status status = txn.PutRelease(release); !status.ok()) return status;
      }
      state::v1::DeploymentRecord record;
      record.mutable_view()->set_id("d-7");
      record.mutable_view()->set_project("shop");
      record.mutable_view()->set_environment("dev");
      record.mutable_view()->set_state(v1::SUCCEEDED);
      record.mutable_view()->add_hosts("web1");
      record.set_request_id("request-7");
      return txn.PutDeployment(record);
    });
  }

  void Update(const store::Store::UpdateFn& change) {
    const absl::Status status = store_.Update(change);
    ASSERT_TRUE(status.ok()) << status;
  }

  std::vector<std::string> Compare(const std::vector<ObservedContainer>& containers,
                                   const std::string& host = "web1") {
    std::vector<std::string> differences;
    Update([&](store::Txn& txn) {
      return CompareEnvironment(txn, kDev, host, containers, differences);
    });
    return differences;
  }

  state::v1::LockRecord Lock() {
    state::v1::LockRecord lock;
    const absl::Status status = store_.View([&](store::ReadTxn& txn) {
      lock = txn.GetLock("shop", "dev")->value_or(state::v1::LockRecord());
      return absl::OkStatus();
    });
    EXPECT_TRUE(status.ok());
    return lock;
  }

  worker::v1::AdoptControllerResponse WorkerWithFence(int64_t fence) {
    worker::v1::AdoptControllerResponse worker;
    worker.add_fences()->set_project("shop");
    worker.mutable_fences(0)->set_environment("dev");
    worker.mutable_fences(0)->set_fence(fence);
    return worker;
  }

  store::MemoryStore store_;
};

TEST_F(AdoptionTest, NothingDiffersWhereTheHostIsAsTheRecordsSay) {
  EXPECT_THAT(Compare({ContainerOf("web", 7, "d-7"), ContainerOf("web", 6, "d-6", "exited")}),
              IsEmpty());
  EXPECT_TRUE(Lock().next_release().empty());
}

TEST_F(AdoptionTest, AReleaseThatTheRecordsDoNotKnowIsToldAndItsNumberNotGivenAgain) {
  EXPECT_THAT(Compare({ContainerOf("web", 9, "d-9")}),
              ElementsAre(AllOf(HasSubstr("shop-web"), HasSubstr("v9 of web in shop/dev"),
                                HasSubstr("d-9"), HasSubstr("do not know")),
                          HasSubstr("v7 of web is live in shop/dev, but it has no container")));
  EXPECT_EQ(Lock().next_release().at("web"), 10);
}

TEST_F(AdoptionTest, ANumberThatAnotherDeploymentHasUsedIsAnotherRelease) {
  EXPECT_THAT(Compare({ContainerOf("web", 7, "d-9")}), ElementsAre(HasSubstr("do not know")));
  EXPECT_EQ(Lock().next_release().at("web"), 8);
}

TEST_F(AdoptionTest, AContainerThatServesThoughAnotherReleaseIsLiveIsTold) {
  EXPECT_THAT(Compare({ContainerOf("web", 6, "d-6"), ContainerOf("web", 7, "d-7", "exited")}),
              ElementsAre(AllOf(HasSubstr("v6 of web"), HasSubstr("v7 is live"))));
}

TEST_F(AdoptionTest, AnAppThatTheRecordsHaveNeverHeardOfIsTold) {
  EXPECT_THAT(Compare({ContainerOf("web", 7, "d-7"), ContainerOf("jobs", 1, "d-9")}),
              ElementsAre(HasSubstr("v1 of jobs")));
  EXPECT_EQ(Lock().next_release().at("jobs"), 2);
}

TEST_F(AdoptionTest, NoContainerIsMissedOnAHostThatTheEnvironmentDoesNotHave) {
  EXPECT_THAT(Compare({}, "web2"), IsEmpty());
  EXPECT_THAT(Compare({}, "web1"), ElementsAre(HasSubstr("no container")));
}

TEST_F(AdoptionTest, NumbersThatWereReservedBeforeStay) {
  Compare({ContainerOf("web", 12, "d-12")});
  Compare({ContainerOf("web", 9, "d-9")});
  EXPECT_EQ(Lock().next_release().at("web"), 13);
}

TEST_F(AdoptionTest, RaisesAFenceThatTheWorkerIsAbove) {
  Update([&](store::Txn& txn) { return RaiseFences(txn, WorkerWithFence(41)); });
  EXPECT_EQ(Lock().fence(), 41);
  Update([&](store::Txn& txn) { return RaiseFences(txn, WorkerWithFence(5)); });
  EXPECT_EQ(Lock().fence(), 41) << "never down";
}

TEST_F(AdoptionTest, LooksAtEnvironmentsOfTheWorkerAndOfTheRecords) {
  state::v1::LockRecord lock;
  lock.set_project("shop");
  lock.set_environment("live");
  Update([&](store::Txn& txn) {
    absl::Status put = txn.PutLock(lock);
    EXPECT_THAT(*EnvironmentsOf(txn, WorkerWithFence(1)),
                ElementsAre(kDev, Environment("shop", "live")));
    return put;
  });
}

}  // namespace
}  // namespace davit::api
