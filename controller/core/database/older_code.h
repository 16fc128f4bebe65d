#ifndef DAVIT_CONTROLLER_CORE_DATABASE_OLDER_CODE_H_
#define DAVIT_CONTROLLER_CORE_DATABASE_OLDER_CODE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "controller/core/deployment_state.h"

// Code from before a deployment, which may have to run on what its migrations leave.
namespace davit::core {

// Who has such code that uses a database. Points into the state.
struct OlderCode {
  // An app of the deployment's environment that uses or migrates the database, by davit.yaml or
  // as that was recorded, has a live release, or had a container on a host before, be it one
  // that was started by hand and is taken over. true as long as a host was not looked at.
  bool is_here = true;
  // Other environments and projects, by the records when the deployment was created.
  std::vector<const state::v1::DatabaseUser*> others;

  // Where there is none, as when what uses the database is deployed for the first time, no
  // change of the schema can hurt anybody.
  bool IsAny() const { return is_here || !others.empty(); }
};

OlderCode OlderCodeOf(const DeploymentState& state, const std::string& database);

// For sentences: "the release of before", "web v1 (environment stage)", or both; few of many.
// `here`: what is said of the deployment's environment. Empty: nobody.
std::string OlderCodeName(const state::v1::DeploymentRecord& record, const OlderCode& code,
                          absl::string_view here = "the release of before");

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_DATABASE_OLDER_CODE_H_
