#include "common/daemon/log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"

namespace davit {
namespace {

// The priorities of sd-daemon(3).
class JournalPriority : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&,
              spdlog::memory_buf_t& out) override {
    const absl::string_view text = Prefix(message.level);
    out.append(text.data(), text.data() + text.size());
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<JournalPriority>();
  }

 private:
  static absl::string_view Prefix(spdlog::level::level_enum level) {
    if (level >= spdlog::level::critical) return "<2>";
    if (level >= spdlog::level::err) return "<3>";
    if (level >= spdlog::level::warn) return "<4>";
    return level >= spdlog::level::info ? "<6>" : "<7>";
  }
};

std::unique_ptr<spdlog::pattern_formatter> Format(bool journal) {
  auto format = std::make_unique<spdlog::pattern_formatter>();
  if (journal) format->add_flag<JournalPriority>('*');
  format->set_pattern(journal ? "%*%v" : "%Y-%m-%dT%H:%M:%S.%e%z %l %v");
  return format;
}

}  // namespace

bool IsJournal(absl::string_view journal_stream) {
  struct stat status {};
  if (journal_stream.empty() || fstat(STDERR_FILENO, &status) != 0) return false;
  return journal_stream == absl::StrCat(status.st_dev, ":", status.st_ino);
}

void OpenLog(absl::string_view level,
             const std::function<std::optional<std::string>(const std::string&)>& variable) {
  auto logger =
      std::make_shared<spdlog::logger>("davit", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_level(spdlog::level::from_str(std::string(level)));
  logger->set_formatter(Format(IsJournal(variable("JOURNAL_STREAM").value_or(""))));
  spdlog::set_default_logger(std::move(logger));
}

}  // namespace davit
