#ifndef DAVIT_CONTROLLER_EXECUTOR_EXECUTOR_FIXTURE_H_
#define DAVIT_CONTROLLER_EXECUTOR_EXECUTOR_FIXTURE_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "controller/executor/executor.h"
#include "controller/executor/fake_secrets.h"
#include "controller/executor/fake_workers.h"
#include "controller/executor/test_store.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_clock.h"

namespace davit::executor {

// A request for app web of project shop.
v1::CreateDeploymentRequest RequestFor(const std::string& environment,
                                       const std::string& request_id,
                                       const std::vector<std::string>& hosts = {"a"});

// The same in environment dev, where web uses the database `main` and migrates it. The secret
// DATABASE_URL has its URL.
v1::CreateDeploymentRequest MigratingRequest();

// A controller's executor with fake workers and a store that outlive it.
class ExecutorTest : public testing::Test {
 protected:
  ExecutorTest();

  // Starts an executor; the one before, if there is one, ends first.
  void Restart(const std::vector<std::string>& hosts);

  // Sets a version of a secret of the project shop's environment dev.
  void PutSecret(const std::string& name, int64_t version, const std::string& value);

  // Has a deployment made and succeed; its id.
  std::string Finish(const v1::CreateDeploymentRequest& request);
  // Deployment that was made by a request; empty: none.
  std::string IdOf(const std::string& request_id);
  core::DeploymentState State(const std::string& id);
  // The state once it is `wanted`; the last one seen when that takes too long.
  v1::DeploymentState Await(const std::string& id, v1::DeploymentState wanted);
  std::vector<v1::Event> Events(const std::string& id, int64_t after = 0);
  std::optional<state::v1::LockRecord> Lock(const std::string& environment);
  // The steps of a kind.
  std::vector<v1::Step> Steps(const std::string& id, const std::string& kind);

  test::FakeClock clock_;
  FakeWorkers workers_;
  TestStore store_;
  JournalHub hub_;
  ExecutorOptions options_;
  FakeSecrets secrets_;
  std::unique_ptr<fleet::Fleet> fleet_;
  std::unique_ptr<Executor> executor_;
};

}  // namespace davit::executor

#endif  // DAVIT_CONTROLLER_EXECUTOR_EXECUTOR_FIXTURE_H_
