#ifndef DAVIT_WORKER_DATABASE_BACKUP_TOOLS_H_
#define DAVIT_WORKER_DATABASE_BACKUP_TOOLS_H_

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/call.h"
#include "worker/database/backup/child.h"

namespace davit::database {

enum class PostgresTool { kDump, kRestore };

// libpq's variables: PGHOST, PGUSER, PGPASSWORD… The only way that passwords go.
using LibpqEnvironment = std::map<std::string, std::string>;

struct ToolRun {
  PostgresTool tool = PostgresTool::kDump;
  std::vector<std::string> arguments;  // without the program
  LibpqEnvironment environment;
  int input = -1;                  // see ChildCommand
  int output = -1;                 // see ChildCommand
  std::function<void()> progress;  // called several times a second; may be empty
};

// pg_dump and pg_restore, wherever they run. Archives go through the standard input
// and output, so that a tool need not see the host's files.
class ToolRunner {
 public:
  virtual ~ToolRunner() = default;
  virtual int major_version() const = 0;
  virtual std::string version() const = 0;  // 15.18
  // Errors are of starting the tool, CANCELLED and DEADLINE_EXCEEDED.
  virtual absl::StatusOr<ChildEnd> Run(const Call& call, const ToolRun& run) = 0;
};

struct ToolVersion {
  std::string text;  // 15.18
  int major = 0;
};
// Of what pg_dump --version says; nothing where that is something else.
std::optional<ToolVersion> ParseToolVersion(absl::string_view said);

// Where a host may have them.
struct ToolPlaces {
  std::string versions = "/usr/lib/postgresql";  // N/bin below it
  std::vector<std::string> path;                 // directories
};

// With the PATH of this process.
ToolPlaces HostToolPlaces();

// Those of one directory of this host.
class HostTools final : public ToolRunner {
 public:
  // Of the server's major version; else the nearest newer one, which dumps older
  // servers too. kToolMissing; kToolTooOld, which pg_dump refuses to work with.
  static absl::StatusOr<HostTools> Find(const Call& call, int server_major,
                                        const ToolPlaces& places);

  int major_version() const override { return major_version_; }
  std::string version() const override { return version_; }
  const std::string& directory() const { return directory_; }
  absl::StatusOr<ChildEnd> Run(const Call& call, const ToolRun& run) override;

 private:
  HostTools(std::string directory, std::string version, int major_version)
      : directory_(std::move(directory)),
        version_(std::move(version)),
        major_version_(major_version) {}

  std::string directory_;
  std::string version_;
  int major_version_;
};

// Runs a tool to its end. Unless that is a good one: an ArchiveFailure that says what
// (`task`: "the backup of shop") did not work, with the tool's last words, masked.
absl::Status RunTool(const Call& call, ToolRunner& tools, const ToolRun& run,
                     const std::string& task);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_BACKUP_TOOLS_H_
