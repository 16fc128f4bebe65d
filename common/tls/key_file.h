#ifndef DAVIT_COMMON_TLS_KEY_FILE_H_
#define DAVIT_COMMON_TLS_KEY_FILE_H_

#include <string>

#include "absl/status/statusor.h"

namespace davit::tls {

// The text of `file`; the system's error, naming the file.
absl::StatusOr<std::string> ReadPemFile(const std::string& file);

// As above, and PERMISSION_DENIED when others could read or change the file.
absl::StatusOr<std::string> ReadKeyFile(const std::string& file);

}  // namespace davit::tls

#endif  // DAVIT_COMMON_TLS_KEY_FILE_H_
