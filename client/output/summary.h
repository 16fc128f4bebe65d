#ifndef DAVIT_CLIENT_OUTPUT_SUMMARY_H_
#define DAVIT_CLIENT_OUTPUT_SUMMARY_H_

#include <string>

#include "davit/v1/deployment.pb.h"

namespace davit::output {

// "web v2 (tag 1.4.0)"; without the tag where its image has none. A long tag, which
// nobody takes for the number of a release, stands alone.
std::string ReleaseName(const v1::Release& release);

// "web v2: shop/web:1.4.0, replaces v1".
std::string ReleaseLine(const v1::Release& release);

// "web v2" or "api v4, web v2 (tag 1.4.0)".
std::string ReleaseNames(const v1::Deployment& deployment);

// The one line that says how a deployment ended, or in which state it is.
std::string FinalLine(const v1::Deployment& deployment);

// "HEALTH_STATUS, SCHEMA_NOT_SAFE": what failed, and why it could not be undone as it should be,
// which is what a human is needed for. Empty: nothing failed.
std::string FailureCodes(const v1::Deployment& deployment);

// Whether what serves was never touched: what was done beside it is no rollback of it.
bool OnlyPrepared(const v1::Deployment& deployment);

// What a deployment that is undone is doing: "rolling back" or "removing what was prepared".
std::string UndoingText(const v1::Deployment& deployment);

// "succeeded", "rolled back", for a table.
std::string StateWord(v1::DeploymentState state);
std::string StateWord(v1::StepState state);

// "prepare", "release".
std::string PhaseWord(v1::Phase phase);

}  // namespace davit::output

#endif  // DAVIT_CLIENT_OUTPUT_SUMMARY_H_
