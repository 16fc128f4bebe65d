#include "worker/steps/database/migration/locks.h"

#include <algorithm>
#include <memory>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "worker/steps/text/clean_text.h"

namespace davit::steps {
namespace {

constexpr absl::Duration kLookForLocks = absl::Milliseconds(500);
// Told from the step's own sessions by who looks at the server.
constexpr char kWatchsName[] = "davit-watch";
constexpr absl::Duration kLookPatience = absl::Seconds(5);

// Without the migration itself, which stands in the way of others.
void AddHolders(const database::BlockedSession& blocked, const std::string& name,
                std::vector<std::string>& sentences) {
  for (const database::LockHolder& holder : blocked.holders) {
    if (holder.application == name) continue;
    std::string sentence = CleanText(holder.Sentence());
    if (std::find(sentences.begin(), sentences.end(), sentence) == sentences.end()) {
      sentences.push_back(std::move(sentence));
    }
  }
}

}  // namespace

std::vector<std::string> HolderSentences(const std::vector<database::BlockedSession>& blocked,
                                         const std::string& name, Waiting waiting) {
  std::vector<std::string> ours, all;
  for (const database::BlockedSession& session : blocked) {
    if (session.application == name) AddHolders(session, name, ours);
    AddHolders(session, name, all);
  }
  return ours.empty() && waiting == Waiting::kNamedOrAll ? all : ours;
}

LockWatch::LockWatch(const StepDatabase* database, std::string name, StepReporter* reporter,
                     Waiting waiting)
    : database_(database), name_(std::move(name)), reporter_(reporter), waiting_(waiting) {
  try {
    thread_ = std::thread([this] { WatchUntilStopped(); });
  } catch (const std::system_error&) {
    // A migration without a watch is still one.
  }
}

LockWatch::~LockWatch() { Finish(); }

std::vector<std::string> LockWatch::Finish() {
  stop_.Cancel();
  if (thread_.joinable()) thread_.join();
  return seen_;
}

void LockWatch::WatchUntilStopped() {
  std::unique_ptr<database::Connection> connection;
  const Call whole{.cancel = &stop_};
  while (!stop_.WaitFor(kLookForLocks)) {
    const Call call = whole.Within(kLookPatience);
    if (connection == nullptr) {
      auto opened = database_->Connect({.application_name = kWatchsName}, call);
      if (!opened.ok()) continue;
      connection = *std::move(opened);
    }
    const auto blocked = database::ReadBlockedSessions(*connection, call);
    if (!blocked.ok()) {
      connection.reset();
    } else {
      Tell(HolderSentences(*blocked, name_, waiting_));
    }
  }
}

void LockWatch::Tell(std::vector<std::string> holders) {
  if (holders.empty()) return;
  v1::StepProgress progress;
  progress.set_phase(absl::StrCat("waits for a lock: ", holders.front()));
  reporter_->Progress(std::move(progress));
  seen_ = std::move(holders);
}

}  // namespace davit::steps
