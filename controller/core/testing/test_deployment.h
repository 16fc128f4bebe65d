#ifndef DAVIT_CONTROLLER_CORE_TESTING_TEST_DEPLOYMENT_H_
#define DAVIT_CONTROLLER_CORE_TESTING_TEST_DEPLOYMENT_H_

#include <map>
#include <string>
#include <vector>

#include "controller/core/machine/new_deployment.h"
#include "controller/core/testing/model_host.h"

namespace davit::core {

// When everything happens in tests that do not care.
inline const absl::Time kNow = absl::FromUnixSeconds(1000);

// How a database of a test is migrated.
struct TestMigration {
  std::string app;
  bool command = false;  // a rollback_command is declared, and wished for
  bool backup = true;    // one is made before
};

// A deployment for tests, in few words.
struct TestDeployment {
  std::string id = "d-1";
  std::vector<std::string> hosts = {"h1"};
  std::vector<std::string> apps = {"web"};
  std::map<std::string, std::vector<std::string>> depends_on;
  std::map<std::string, int64_t> previous;  // live release by app
  std::map<std::string, std::vector<int64_t>> kept;
  int batch = 1;
  int retain = 5;
  bool automatic = true;
  std::vector<std::string> networks;
  std::vector<std::string> directories;
  bool files = false;                        // an env_mount and a file
  std::vector<std::string> checks;           // names; with ":warn", one that only warns
  std::vector<std::string> ports;            // of each app
  std::map<std::string, std::string> adopt;  // container by app
  bool check_only = false;
  std::map<std::string, bool> built;  // apps that were built: whether pushed, too
  std::map<std::string, std::vector<std::string>> databases;  // apps that use it, by name
  std::map<std::string, TestMigration> migrations;            // by database
  std::map<std::string, std::vector<std::string>> tasks;      // by app; ":warn", ":each"
  std::vector<state::v1::DatabaseUser> others;                // that are live on them elsewhere
  bool backup = false;                                        // of all databases
  std::string restore;                                        // DATABASE:FILE; empty: none
  std::map<std::string, int64_t> back_to;  // number of the older release by app: a rollback
  std::vector<std::string> changed;        // databases that were migrated since, unsafely
  std::string schema;                      // of the rollback: keep, command, restore; empty
};

inline constexpr char kTestProject[] = "shop";
inline constexpr char kTestEnvironment[] = "dev";

v1::DeploymentRequest TestRequest(const TestDeployment& deployment);
NewDeploymentArgs TestArgs(const TestDeployment& deployment);
// Crashes when the arguments are refused.
DeploymentState MakeState(const TestDeployment& deployment, absl::Time now);

// The live release `number` of web of `environment`, in the same project unless told otherwise.
state::v1::DatabaseUser OtherWeb(const std::string& database, int64_t number,
                                 const std::string& environment,
                                 const std::string& project = kTestProject);

// A container of ours that serves as `release` of `app`.
ModelContainer OursOf(const std::string& app, int64_t release);

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_TESTING_TEST_DEPLOYMENT_H_
