#include "worker/steps/database/kept_session.h"

#include <utility>

namespace davit::steps {

absl::StatusOr<database::Connection*> KeptSession::Get(const Call& call) {
  if (connection_ == nullptr) {
    auto begun = database_->Connect({}, call);
    if (!begun.ok()) return begun.status();
    connection_ = *std::move(begun);
  }
  return connection_.get();
}

}  // namespace davit::steps
