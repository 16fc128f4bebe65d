#ifndef DAVIT_CLIENT_COMMANDS_ROLLBACK_ROLLBACK_RELEASES_H_
#define DAVIT_CLIENT_COMMANDS_ROLLBACK_ROLLBACK_RELEASES_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/commands/connection/connection.h"
#include "davit/v1/deployment_service.pb.h"

namespace davit::commands {

// One that was live, or is.
struct PastRelease {
  v1::Release release;
  absl::Time live_time;
  bool live = false;   // now
  bool again = false;  // itself made by a rollback
};

// The newest releases that were live, by app, newest first; 10 of each at most.
absl::StatusOr<std::map<std::string, std::vector<PastRelease>>> ReadPastReleases(
    Connection& connection, const v1::EnvironmentSpec& spec);

// Number of the live release by app, as it is recorded.
absl::StatusOr<std::map<std::string, int64_t>> ReadLiveNumbers(Connection& connection,
                                                               const v1::EnvironmentSpec& spec);

// A table of them. `width` is that of the terminal; 0: any line finds room.
std::string PastReleasesText(const std::string& app, const std::vector<PastRelease>& releases,
                             absl::TimeZone zone, int width);

}  // namespace davit::commands

#endif  // DAVIT_CLIENT_COMMANDS_ROLLBACK_ROLLBACK_RELEASES_H_
