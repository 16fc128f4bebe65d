#ifndef DAVIT_WORKER_DATABASE_CONNECTION_ADOPTED_SESSION_H_
#define DAVIT_WORKER_DATABASE_CONNECTION_ADOPTED_SESSION_H_

#include <memory>
#include <pqxx/pqxx>
#include <utility>

#include "worker/database/connection/session_start.h"

namespace davit::database {

#if PQXX_VERSION_MAJOR >= 7

using PqxxConnection = pqxx::connection;

// libpqxx's connection of a session that libpq has started; 7.8 and later can take one.
// May throw what pqxx throws.
inline std::unique_ptr<PqxxConnection> AdoptSession(Session session) {
  return std::make_unique<pqxx::connection>(
      pqxx::connection::seize_raw_connection(session.release()));
}

#else

// What libpqxx 6 connects with: once, with a session that is there already. A lost one
// is not made anew behind our back: locks and settings of the session would be gone.
class AdoptionPolicy : public pqxx::connectionpolicy {
 public:
  explicit AdoptionPolicy(Session session) : connectionpolicy(""), session_(std::move(session)) {}

  handle do_startconnect(handle orig) override {
    if (orig != nullptr) return orig;
    if (session_ == nullptr) throw pqxx::broken_connection("the connection was lost");
    return session_.release();
  }
  handle do_completeconnect(handle orig) override { return orig; }

 private:
  Session session_;
};

class AdoptedConnection final : private AdoptionPolicy, public pqxx::connection_base {
 public:
  explicit AdoptedConnection(Session session)
      : AdoptionPolicy(std::move(session)),
        pqxx::connection_base(static_cast<pqxx::connectionpolicy&>(*this)) {
    init();
  }
  ~AdoptedConnection() noexcept override { close(); }
};

// As itself: a connection_base cannot be deleted.
using PqxxConnection = AdoptedConnection;

// As above.
inline std::unique_ptr<PqxxConnection> AdoptSession(Session session) {
  return std::make_unique<AdoptedConnection>(std::move(session));
}

#endif

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_CONNECTION_ADOPTED_SESSION_H_
