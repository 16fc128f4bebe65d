#ifndef DAVIT_CLIENT_OUTPUT_BACKUP_SUMMARY_H_
#define DAVIT_CLIENT_OUTPUT_BACKUP_SUMMARY_H_

#include <string>

#include "davit/v1/deployment.pb.h"

namespace davit::output {

// Whether the deployment releases nothing, but backs databases up or restores one.
bool IsDatabaseWork(const v1::Deployment& deployment);

// What it is called where others name their releases: "backup of main", "restore"; only
// "backup" where its steps are not told.
std::string WorkName(const v1::Deployment& deployment);

// "; web v3 on h1 does not run: …", of the apps that a restore, or a rollback that restores,
// has found down and left so; empty: there are none.
std::string LeftDownSummary(const v1::Deployment& deployment);

// The one line that says how it ended, or in which state it is. `after`: " after 3.2s".
std::string WorkFinalLine(const v1::Deployment& deployment, const std::string& after);

}  // namespace davit::output

#endif  // DAVIT_CLIENT_OUTPUT_BACKUP_SUMMARY_H_
