#ifndef DAVIT_CONTROLLER_EXECUTOR_URL_LIKENESS_H_
#define DAVIT_CONTROLLER_EXECUTOR_URL_LIKENESS_H_

#include <optional>
#include <string>

#include "controller/executor/secret_source.h"

namespace davit::executor {

// What two URLs of a database have in common. Nothing of them is in it.
struct UrlLikeness {
  enum class Place { kSame, kOther, kUnknown };
  Place place = Place::kUnknown;  // kSame: another user, password or parameter
  std::string differences;        // of kOther: "server, port"
};

// Of two versions of a project's secrets, as one container sees them. Nullopt where they are the
// same, or one of them cannot be opened.
std::optional<UrlLikeness> CompareUrls(SecretSource& secrets, const std::string& project,
                                       const worker::v1::SecretUse& one,
                                       const worker::v1::SecretUse& other);

}  // namespace davit::executor

#endif  // DAVIT_CONTROLLER_EXECUTOR_URL_LIKENESS_H_
