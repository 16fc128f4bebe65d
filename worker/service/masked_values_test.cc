#include "worker/service/masked_values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/redaction/redactor.h"

namespace davit::service {
namespace {

using ::testing::ElementsAre;

TEST(MaskedValues, HaveThePasswordOfADatabasesUrlByItself) {
  EXPECT_THAT(MaskedValues({"postgresql://shop:hun%2Fter2@db:5432/shop", "token"}),
              ElementsAre("postgresql://shop:hun%2Fter2@db:5432/shop", "token", "hun/ter2"));
  EXPECT_THAT(MaskedValues({"postgres://db/shop?password=hunter2"}),
              ElementsAre("postgres://db/shop?password=hunter2", "hunter2"));
}

TEST(MaskedValues, HaveThePasswordOfTheKeyOfAUrl) {
  const std::string url = "postgres://shop:hunter2@db/shop?sslmode=verify-full&sslpassword=s%2Fme";
  EXPECT_THAT(MaskedValues({url}), ElementsAre(url, "hunter2", "s/me"));
  EXPECT_THAT(MaskedValues({"postgres://db/shop?sslpassword=secret"}),
              ElementsAre("postgres://db/shop?sslpassword=secret", "secret"));
}

TEST(MaskedValues, MaskThePasswordHoweverAProgramWritesIt) {
  const Redactor redactor(MaskedValues({"postgresql://shop:hun%2Fter2@db:5432/shop"}));
  EXPECT_EQ(redactor.Mask("password hun/ter2, or hun%2fter2, is wrong"),
            "password ***, or ***, is wrong");
}

TEST(MaskedValues, LeaveOutAPasswordThatTheUrlTellsAnyway) {
  for (const char* const url :
       {"postgres://shop:shop@db/main", "postgres://admin:shop@db/shop",
        "postgres://admin:shop@shop/main", "postgres://admin:postgres@db/main"}) {
    EXPECT_THAT(MaskedValues({url}), ElementsAre(url));
  }
}

TEST(MaskedValues, StayAsTheyAreWhereTheyAreNoDatabasesUrl) {
  EXPECT_THAT(MaskedValues({"redis://:hunter2@cache", "", "postgres://db/shop"}),
              ElementsAre("redis://:hunter2@cache", "", "postgres://db/shop"));
}

}  // namespace
}  // namespace davit::service
