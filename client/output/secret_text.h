#ifndef DAVIT_CLIENT_OUTPUT_SECRET_TEXT_H_
#define DAVIT_CLIENT_OUTPUT_SECRET_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "davit/v1/secret_service.pb.h"

namespace davit::output {

// What `davit secrets list` says: a row for each secret, or that there are none, and how
// one is set with the `options` that lead to the same place. `width` is that of the
// terminal; 0: any line finds room.
std::string SecretListText(const v1::ListSecretsResponse& secrets, absl::string_view options,
                           absl::TimeZone zone, int width);

}  // namespace davit::output

#endif  // DAVIT_CLIENT_OUTPUT_SECRET_TEXT_H_
