#include "client/commands/project/starter_file.h"

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
    # django or rails: fills in checks, tasks, healthcheck and the database's migrate where
    # they are absent.
    # preset: django
    # Waited for, backed up and migrated before anything is replaced; declared below.
    # database: main
    # Commands in the new image after the migration. They are run at each deployment.
    # tasks:
    #   - name: superuser
    #     command: [python, manage.py, createsuperuser, --noinput]
    #     env: {secret: [DJANGO_SUPERUSER_PASSWORD]}
    #     succeed_on: [already taken]
    # The old container is put back when this does not succeed in time:
    # attempts × interval is the deadline. Instead of http: tcp, exec or docker.
    healthcheck:
      http: {path: /, port: {port}}
      attempts: 20
      interval: 5s

# databases:
#   main:
#     # The secret has the URL as the containers see it: davit secrets set DATABASE_URL -e dev
#     url: {secret: DATABASE_URL}
#     migrate: {app: web, command: [python, manage.py, migrate, --noinput]}

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
