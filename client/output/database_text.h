#ifndef DAVIT_CLIENT_OUTPUT_DATABASE_TEXT_H_
#define DAVIT_CLIENT_OUTPUT_DATABASE_TEXT_H_

#include <string>
#include <vector>

#include "client/output/extent.h"
#include "client/output/style.h"
#include "davit/v1/deployment.pb.h"

// What a step has done to a database, for people.
namespace davit::output {

// Where the backup lies that the step has made, and what is different in a schema since its
// migration: by what it means for older code, the worst first. None where there is
// neither, or where the step's failure says all of it already. Wrapped to the style's width.
std::vector<std::string> DatabaseLines(const v1::Step& step, Extent extent, const Style& style);

// The step's summary, without what DatabaseLines has: where the backup lies.
std::string ResultText(const v1::Step& step);

// What the deployment's migrations mean together for older code, without those that
// were taken back. SCHEMA_UNCHANGED where there is none. Follows controller/core.
v1::SchemaMeaning SchemaLeftBy(const v1::Deployment& deployment);

}  // namespace davit::output

#endif  // DAVIT_CLIENT_OUTPUT_DATABASE_TEXT_H_
