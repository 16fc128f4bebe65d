#ifndef DAVIT_CLIENT_OUTPUT_SCHEMA_SUMMARY_H_
#define DAVIT_CLIENT_OUTPUT_SCHEMA_SUMMARY_H_

#include <string>

#include "client/output/undoing.h"
#include "davit/v1/deployment.pb.h"

// What the last line says of databases, where a release did not become live.
namespace davit::output {

// Whether a migration or a command was begun on a database, and no container that serves was
// touched.
bool OnlyDatabasesWereTouched(const v1::Deployment& deployment);

// "; v2 was not touched; the schema is as it was; what tasks have done stays", where that is
// so; what containers had to do with it is not told otherwise. Empty: no database was touched.
std::string SchemaSummary(const v1::Deployment& deployment);

// For a deployment that needs attention since the older release, or who else uses the database,
// may not be able to run on what stays. Empty: something else is the matter.
std::string NotSafeSummary(const v1::Deployment& deployment, const Undoing& undoing);

}  // namespace davit::output

#endif  // DAVIT_CLIENT_OUTPUT_SCHEMA_SUMMARY_H_
