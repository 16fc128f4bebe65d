#include "worker/steps/database/shared_sessions.h"

#include <string>

#include "worker/database/connection/direct_session.h"

namespace davit::steps {
namespace {

// Where other clients are busy, the processes change hands.
constexpr int kQuestions = 6;
// A pooler in session mode that has no session left lets the second one wait.
constexpr absl::Duration kSecondPatience = absl::Seconds(3);

absl::StatusOr<std::string> ServedBy(database::Connection& session, const Call& call) {
  const auto answer = session.Query("SELECT pg_backend_pid()", call);
  if (!answer.ok()) return answer.status();
  return answer->Text(0, 0);
}

}  // namespace

absl::StatusOr<bool> SharesSessions(database::Connection& first, const SessionMaker& make,
                                    const Call& call) {
  const auto direct = database::IsDirect(first, call);
  if (!direct.ok()) return direct.status();
  if (*direct) return false;
  const auto mine = ServedBy(first, call);
  if (!mine.ok()) return mine.status();
  const Call limited = call.Within(kSecondPatience);
  const auto second = make(limited);
  if (!second.ok()) return call.Check().ok() ? absl::StatusOr<bool>(false) : call.Check();
  for (int i = 0; i < kQuestions; ++i) {
    const auto other = ServedBy(**second, limited);
    if (!other.ok()) return call.Check().ok() ? absl::StatusOr<bool>(false) : call.Check();
    if (*other == *mine) return true;
    const auto again = ServedBy(first, call);
    if (!again.ok()) return again.status();
    if (*again != *mine) return true;
  }
  return false;
}

}  // namespace davit::steps
