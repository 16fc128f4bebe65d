#include "client/output/secret_text.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "client/output/deployment_model.h"
#include "client/output/next_command.h"
#include "client/output/table.h"

namespace davit::output {

std::string SecretListText(const v1::ListSecretsResponse& secrets, absl::string_view options,
                           absl::TimeZone zone, int width) {
  if (secrets.secrets().empty()) {
    return absl::StrCat(
        CompleteCommands("no secrets; set one with `davit secrets set NAME`", options), "\n");
  }
  std::vector<std::vector<std::string>> rows;
  for (const v1::Secret& secret : secrets.secrets()) {
    rows.push_back({secret.name(), secret.environment().empty() ? "(all)" : secret.environment(),
                    absl::StrCat(secret.version()),
                    absl::FormatTime("%Y-%m-%d %H:%M", ToTime(secret.set_time()), zone),
                    secret.set_by()});
  }
  return RenderTable({{"NAME"}, {"ENVIRONMENT"}, {"VERSION"}, {"SET", 1}, {"BY", 2}}, rows, width);
}

}  // namespace davit::output
