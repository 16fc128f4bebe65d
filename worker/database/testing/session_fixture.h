#ifndef DAVIT_WORKER_DATABASE_TESTING_SESSION_FIXTURE_H_
#define DAVIT_WORKER_DATABASE_TESTING_SESSION_FIXTURE_H_

// For tests: sessions with a database of the test's own.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "worker/database/connection/connection.h"
#include "worker/database/testing/postgres_fixture.h"

namespace davit::database {

class SessionTest : public PostgresTest {
 protected:
  std::unique_ptr<Connection> Open() const { return OpenAs(server().SocketUrl(database())); }
  static std::unique_ptr<Connection> OpenAs(const std::string& url) {
    auto parsed = ParseDatabaseUrl(url);
    auto connection = Connect(*parsed, ConnectOptions(), Call());
    EXPECT_TRUE(connection.ok()) << connection.status();
    return *std::move(connection);
  }
};

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_TESTING_SESSION_FIXTURE_H_
