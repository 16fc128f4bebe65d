#include "client/output/change_text.h"

#include <gtest/gtest.h>

namespace davit::output {
namespace {

v1::AppChange ChangeOf(v1::AppChange::Kind kind) {
  v1::AppChange change;
  change.set_app("web");
  change.set_kind(kind);
  change.set_old_release(2);
  change.set_old_container("shop-web");
  return change;
}

void AddDifference(v1::AppChange& change, const std::string& what, const std::string& before,
                   const std::string& after) {
  v1::Difference& difference = *change.add_differences();
  difference.set_what(what);
  difference.set_before(before);
  difference.set_after(after);
}

TEST(ChangeText, HasALineForEachDifference) {
  v1::AppChange change = ChangeOf(v1::AppChange::REPLACED);
  AddDifference(change, "env DEBUG", "1", "0");
  AddDifference(change, "env NEW", "", "on");
  AddDifference(change, "env OLD", "off", "");
  EXPECT_EQ(ChangeText(change, 0),
            "web: what differs from v2, the live release\n"
            "  ~ env DEBUG: 1 -> 0\n"
            "  + env NEW: on\n"
            "  - env OLD: was off\n");
}

TEST(ChangeText, NamesWhatTheReleaseMeets) {
  EXPECT_EQ(ChangeText(ChangeOf(v1::AppChange::REPLACED), 0), "web: no changes, v2 is the same\n");
  EXPECT_EQ(ChangeText(ChangeOf(v1::AppChange::FIRST), 0),
            "web: a first release, nothing serves now\n");
  EXPECT_EQ(ChangeText(ChangeOf(v1::AppChange::TAKEN_OVER), 0),
            "web: takes over container shop-web, which Davit did not start\n");
}

TEST(HasChanges, TakesAFirstReleaseAndATakeoverForOne) {
  v1::PlanDeploymentResponse plan;
  EXPECT_FALSE(HasChanges(plan));
  *plan.add_changes() = ChangeOf(v1::AppChange::REPLACED);
  EXPECT_FALSE(HasChanges(plan));
  for (const auto kind : {v1::AppChange::FIRST, v1::AppChange::TAKEN_OVER}) {
    *plan.mutable_changes(0) = ChangeOf(kind);
    EXPECT_TRUE(HasChanges(plan)) << kind;
  }
  *plan.mutable_changes(0) = ChangeOf(v1::AppChange::REPLACED);
  AddDifference(*plan.mutable_changes(0), "image", "a", "b");
  EXPECT_TRUE(HasChanges(plan));
}

}  // namespace
}  // namespace davit::output
