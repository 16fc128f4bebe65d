#ifndef DAVIT_COMMON_DAEMON_LOG_H_
#define DAVIT_COMMON_DAEMON_LOG_H_

#include <functional>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace davit {

// Sends spdlog's lines to stderr, from `level` up: debug, info, warning or error.
// Under systemd's journal they bear its priorities and no time, which it adds itself.
void OpenLog(absl::string_view level,
             const std::function<std::optional<std::string>(const std::string&)>& variable);

// Whether stderr is the journal's stream that JOURNAL_STREAM names (systemd.exec(5)).
bool IsJournal(absl::string_view journal_stream);

}  // namespace davit

#endif  // DAVIT_COMMON_DAEMON_LOG_H_
