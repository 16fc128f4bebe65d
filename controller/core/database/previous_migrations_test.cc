#include "controller/core/database/previous_migrations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace davit::core {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Optional;

v1::DatabaseMigration UndoneBy(const std::string& word) {
  v1::DatabaseMigration declared;
  declared.add_rollback_command("migrate");
  declared.add_rollback_command(word);
  return declared;
}

TEST(FillPrevious, PutsWhatWasAppliedBeforeIntoTheCommand) {
  EXPECT_THAT(FillPrevious({"migrate", "shop={{ previous:shop }},{{previous:}}", "{{previous:new}}",
                            "{{{{previous:shop}}", "{{x}}"},
                           {{"shop", "0004"}, {"", "2024"}, {"new", ""}}),
              ElementsAre("migrate", "shop=0004,2024", "zero", "{{previous:shop}}", "{{x}}"));
}

TEST(WhyNotFilled, IsNothingWhereAllLabelsAreKnown) {
  EXPECT_EQ(WhyNotFilled(UndoneBy("{{previous:shop}}"), {{"shop", ""}}, false), std::nullopt);
  EXPECT_EQ(WhyNotFilled(UndoneBy("zero"), {}, true), std::nullopt);
}

TEST(WhyNotFilled, NamesALabelThatNoMigrationHas) {
  EXPECT_THAT(
      WhyNotFilled(UndoneBy("{{previous:shpo}}"), {{"shop", "0004"}}, false),
      Optional(HasSubstr("{{previous:shpo}}, and no migration that was applied is of shpo")));
}

TEST(WhyNotFilled, DoesNotTakeWhatCouldNotBeSeenForNothing) {
  EXPECT_THAT(WhyNotFilled(UndoneBy("{{previous:shop}}"), {{"shop", "0004"}}, true),
              Optional(HasSubstr("could not be looked at")));
}

}  // namespace
}  // namespace davit::core
