#include "client/commands/starter_file.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace davit::commands {
namespace {

constexpr size_t kLongestName = 40;

constexpr absl::string_view kTemplate = R"(# What Davit deploys. Check it with: davit validate
project: {project}

apps:
  web:
    # Tag or digest may come with the deployment: davit deploy web --tag v2
    image: {image}
    container:
      # HOST_PORT:CONTAINER_PORT, as in Compose.
      ports: ["{port}:{port}"]
      # volumes:
      #   - {source: /srv/{project}/data, target: /data}
      # Time between SIGTERM and SIGKILL when the container is replaced.
      stop_grace_period: 10s
    env:
      clear: {}
      #   LOG_LEVEL: info
      # Set with: davit secrets set SECRET_KEY -e dev
      # secret: [SECRET_KEY]
    # django or rails: fills in checks and healthcheck where they are absent.
    # preset: django
    # The old container is put back when this does not succeed in time:
    # attempts × interval is the deadline. Instead of http: tcp, exec or docker.
    healthcheck:
      http: {path: /, port: {port}}
      attempts: 20
      interval: 5s

environments:
  # Deploy with: davit deploy -e dev --local
  dev:
    hosts: [local]
    # What differs from above, by app:
    # apps:
    #   web:
    #     env: {clear: {LOG_LEVEL: debug}}
)";

}  // namespace

std::string ProjectNameFrom(absl::string_view directory_name) {
  std::string name;
  for (const char c : absl::AsciiStrToLower(directory_name)) {
    const bool allowed = absl::ascii_isalnum(static_cast<unsigned char>(c));
    if (allowed) name += c;
    if (!allowed && !name.empty() && name.back() != '-') name += '-';
    if (name.size() == kLongestName) break;
  }
  while (!name.empty() && name.back() == '-') name.pop_back();
  return name.empty() ? "project" : name;
}

std::string StarterFile(const StarterOptions& options) {
  return absl::StrReplaceAll(kTemplate, {{"{project}", options.project},
                                         {"{image}", options.image},
                                         {"{port}", absl::StrCat(options.port)}});
}

}  // namespace davit::commands
