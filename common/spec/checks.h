#ifndef DAVIT_COMMON_SPEC_CHECKS_H_
#define DAVIT_COMMON_SPEC_CHECKS_H_

#include <string>
#include <vector>

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

// CheckEnvironment()'s parts: what apps are to each other.
void CheckDependencies(const v1::EnvironmentSpec& spec, const Report& report);
void CheckSharing(const v1::EnvironmentSpec& spec, const Report& report);

// In the order of their names; the map itself has none.
std::vector<std::string> AppNames(const v1::EnvironmentSpec& spec);

// "`a` → `b` → `a`" for the members of a circle, the middle of a long one left out.
std::string CircleInWords(const std::vector<std::string>& members);

}  // namespace davit::spec

#endif  // DAVIT_COMMON_SPEC_CHECKS_H_
