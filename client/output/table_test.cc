#include "client/output/table.h"

#include <gtest/gtest.h>

namespace davit::output {
namespace {

TEST(Table, AlignsColumnsAndLeavesNoSpacesAtTheEnd) {
  EXPECT_EQ(RenderTable({{"APP"}, {"HOST"}}, {{"web", "a"}, {"backend", ""}}, 0),
            "APP      HOST\n"
            "web      a\n"
            "backend\n");
}

TEST(Table, KeepsARowOnItsLine) {
  EXPECT_EQ(RenderTable({{"WHO"}}, {{"a\nb\x1b[2J"}}, 0), "WHO\na b\n");
}

class NarrowTableTest : public ::testing::Test {
 protected:
  std::string Render(int width) const {
    return RenderTable(
        {{"APP"}, {"IMAGE", 2}, {"STATE"}, {"SINCE", 1}},
        {{"web", "registry/shop/web", "running", "3m12s"}, {"db", "-", "exited", ""}}, width);
  }
};

TEST_F(NarrowTableTest, HasAllColumnsWhereTheyFit) {
  const std::string whole = Render(0);
  EXPECT_EQ(whole,
            "APP  IMAGE              STATE    SINCE\n"
            "web  registry/shop/web  running  3m12s\n"
            "db   -                  exited\n");
  EXPECT_EQ(Render(38), whole);
}

TEST_F(NarrowTableTest, LeavesOutFirstWhatCanBestBeSpared) {
  EXPECT_EQ(Render(37), "APP  STATE    SINCE\nweb  running  3m12s\ndb   exited\n");
  EXPECT_EQ(Render(18), "APP  STATE\nweb  running\ndb   exited\n");
}

TEST_F(NarrowTableTest, BecomesBlocksWhenEvenThatDoesNotFit) {
  EXPECT_EQ(Render(11),
            "web\n"
            "  image  registry/shop/web\n"
            "  state  running\n"
            "  since  3m12s\n"
            "\n"
            "db\n"
            "  state  exited\n");
}

TEST_F(NarrowTableTest, LeavesRoomForWhatIsNarrowerThanWhatWasLeftOut) {
  EXPECT_EQ(
      RenderTable({{"APP"}, {"IMAGE", 1}, {"SINCE", 2}}, {{"web", "registry/shop/web", "3s"}}, 12),
      "APP  SINCE\nweb  3s\n");
}

TEST(Table, IndentsABlockAsItsFirstCell) {
  EXPECT_EQ(RenderTable({{"  STATE"}, {"STEP"}}, {{"  done", "start"}}, 10),
            "  done\n    step     start\n");
}

TEST(Table, LeavesAnOptionalColumnOutThatSaysNothing) {
  const std::vector<Column> columns = {{"APP"}, {.title = "HEALTH", .optional = true}};
  EXPECT_EQ(RenderTable(columns, {{"web", "-"}, {"db", ""}}, 0), "APP\nweb\ndb\n");
  EXPECT_EQ(RenderTable(columns, {{"web", "-"}, {"db", "healthy"}}, 0),
            "APP  HEALTH\nweb  -\ndb   healthy\n");
}

}  // namespace
}  // namespace davit::output
