#include "controller/fleet/fleet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/failure/failure.h"

namespace davit::fleet {
namespace {

using ::testing::ElementsAre;

class IdleWorker final : public WorkerClient {
  void RunStep(const worker::v1::RunStepRequest&, std::shared_ptr<StepObserver>) override {}
  void CancelStep(const worker::v1::StepKey&) override {}
  void AckStep(const worker::v1::StepKey&) override {}
  absl::StatusOr<worker::v1::GetHostResponse> GetHost(const worker::v1::GetHostRequest&,
                                                      const Call&) override {
    return worker::v1::GetHostResponse();
  }
  absl::Status TailLogs(const worker::v1::TailLogsRequest&, const Call&,
                        absl::FunctionRef<bool(const worker::v1::TailLogsResponse&)>) override {
    return absl::OkStatus();
  }
};

TEST(Fleet, FindsTheWorkerOfAHost) {
  std::map<std::string, std::unique_ptr<WorkerClient>, std::less<>> workers;
  workers["web1"] = std::make_unique<IdleWorker>();
  workers["web2"] = std::make_unique<IdleWorker>();
  WorkerClient* const web2 = workers["web2"].get();
  const Fleet fleet(std::move(workers));
  const auto found = fleet.Find("web2");
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(*found, web2);
  EXPECT_THAT(fleet.Hosts(), ElementsAre("web1", "web2"));
}

TEST(Fleet, NamesTheHostsThatItKnowsWhenOneIsUnknown) {
  std::map<std::string, std::unique_ptr<WorkerClient>, std::less<>> workers;
  workers["web1"] = std::make_unique<IdleWorker>();
  workers["web2"] = std::make_unique<IdleWorker>();
  const absl::Status status = Fleet(std::move(workers)).Find("wbe1").status();
  EXPECT_TRUE(IsFailure(status, v1::HOST_UNKNOWN));
  EXPECT_THAT(FailureOf(status).evidence(), ElementsAre("it knows: web1, web2"));
}

}  // namespace
}  // namespace davit::fleet
