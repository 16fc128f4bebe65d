#include "controller/api/caller.h"

#include <gtest/gtest.h>

namespace davit::api {
namespace {

TEST(CallerForTheRecord, HasTheCertificateThatTheCallCameWith) {
  EXPECT_EQ(CallerForTheRecord("ana@laptop", ""), "ana@laptop");
  EXPECT_EQ(CallerForTheRecord("ana@laptop", "ci"), "ana@laptop (certificate ci)");
  EXPECT_EQ(CallerForTheRecord("", "ci"), "certificate ci");
  EXPECT_EQ(CallerForTheRecord("", ""), "");
}

}  // namespace
}  // namespace davit::api
