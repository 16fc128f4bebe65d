#ifndef DAVIT_COMMON_SPEC_CHECKS_H_
#define DAVIT_COMMON_SPEC_CHECKS_H_

#include <google/protobuf/duration.pb.h>

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/spec/finding.h"
#include "davit/v1/spec.pb.h"

namespace davit::spec {

// What a merged spec breaks, the rules of its fields included.
void CheckEnvironment(const v1::EnvironmentSpec& spec, const Report& report);

// The part that concerns one app by itself; `path` is that of the app.
void CheckApp(const v1::App& app, const std::string& path, const Report& report);

// CheckApp()'s parts.
void CheckContainer(const v1::Container& container, const std::string& path, const Report& report);
void CheckMounts(const v1::Container& container, const std::string& path, const Report& report);
void CheckHealthcheck(const v1::Healthcheck& check, const std::string& path, const Report& report);
void CheckEnv(const v1::App& app, const std::string& path, const Report& report);
void CheckFiles(const v1::App& app, const std::string& path, const Report& report);
void CheckBuild(const v1::Build& build, const std::string& path, const Report& report);
void CheckChecks(const v1::App& app, const std::string& path, const Report& report);
void CheckTasks(const v1::App& app, const std::string& path, const Report& report);

// One database by itself; `path` is that of the database.
void CheckDatabase(const std::string& name, const v1::Database& database, const std::string& path,
                   const Report& report);

// A duration below 24 h: `name` of the message at `parent`.
enum class Zero { kAllowed, kRefused };
void CheckDuration(const google::protobuf::Duration& value, absl::string_view name, Zero zero,
                   const std::string& parent, const Report& report);

// CheckEnvironment()'s parts: what apps are to each other.
void CheckDependencies(const v1::EnvironmentSpec& spec, const Report& report);
void CheckSharing(const v1::EnvironmentSpec& spec, const Report& report);
void CheckRegistries(const v1::EnvironmentSpec& spec, const Report& report);
void CheckDatabases(const v1::EnvironmentSpec& spec, const Report& report);
// The variables that an app needs and its environment has to give; `path` is that of the app.
void CheckVariables(const v1::EnvironmentSpec& spec, const std::string& name,
                    const std::string& path, const Report& report);
// The registries that the app's build is pushed to.
void CheckPush(const v1::EnvironmentSpec& spec, const v1::App& app, const std::string& path,
               const Report& report);

// In the order of their names; the map itself has none.
std::vector<std::string> AppNames(const v1::EnvironmentSpec& spec);

// "`a` → `b` → `a`" for the members of a circle, the middle of a long one left out.
std::string CircleInWords(const std::vector<std::string>& members);

}  // namespace davit::spec

#endif  // DAVIT_COMMON_SPEC_CHECKS_H_
