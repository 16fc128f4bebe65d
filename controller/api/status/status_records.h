#ifndef DAVIT_CONTROLLER_API_STATUS_STATUS_RECORDS_H_
#define DAVIT_CONTROLLER_API_STATUS_STATUS_RECORDS_H_

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "controller/executor/live_apps.h"
#include "controller/store/store.h"
#include "davit/v1/deployment_service.pb.h"

namespace davit::api {

// What the store knows of an environment's status, of one moment.
struct StatusRecords {
  std::vector<executor::LiveApp> live;
  // The deployment that holds the lock, without steps.
  std::optional<v1::Deployment> running;
  // App and host of what it has begun to replace.
  std::set<std::pair<std::string, std::string>> begun;
  // The newest deployment of an app, by app, where a human must look at what it left.
  std::map<std::string, v1::Deployment> attention;
  // Where containers of the environment can be.
  std::set<std::string> hosts;

  const executor::LiveApp* FindLive(const std::string& app) const;
  // Whether the deployment that goes on is of the app, and works there.
  bool IsBeingDeployed(const std::string& app) const;
  bool IsAtWork(const std::string& app, const std::string& host) const;
};

// NOT_FOUND when nothing was ever deployed there.
absl::StatusOr<StatusRecords> ReadStatusRecords(store::ReadTxn& txn, const std::string& project,
                                                const std::string& environment);

}  // namespace davit::api

#endif  // DAVIT_CONTROLLER_API_STATUS_STATUS_RECORDS_H_
