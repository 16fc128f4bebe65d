#include "client/output/build_text.h"

#include <gtest/gtest.h>

#include <sstream>

namespace davit::output {
namespace {

class BuildTextTest : public ::testing::Test {
 protected:
  static v1::BuildOutput Lines(v1::BuildOutput::Stage stage, const std::string& data) {
    v1::BuildOutput output;
    output.set_stage(stage);
    output.set_data(data);
    return output;
  }
  static v1::BuildOutput Push(const std::string& reference, int64_t done, int64_t total) {
    v1::BuildOutput output;
    output.set_stage(v1::BuildOutput::PUSH);
    output.set_reference(reference);
    output.mutable_progress()->set_done(done);
    output.mutable_progress()->set_total(total);
    return output;
  }

  std::ostringstream out_;
  const absl::Time begin_ = absl::UnixEpoch();
};

TEST_F(BuildTextTest, SetsLinesUnderTheirStageWhereTheyCannotBeTakenForCommands) {
  {
    BuildText text(out_, "web", false);
    text.Show(Lines(v1::BuildOutput::BUILD, "Step 1/2 : FROM x\n::error::\x1b[31mboo\n"), begin_);
    text.Show(Lines(v1::BuildOutput::TEST, "ok\n"), begin_);
  }
  EXPECT_EQ(out_.str(),
            "web: building\n  | Step 1/2 : FROM x\n  | ::error::boo\nweb: testing\n  | ok\n");
}

TEST_F(BuildTextTest, TellsOfAPushEveryTenSecondsAndAtItsEnd) {
  {
    BuildText text(out_, "web", false);
    text.Show(Push("boat:5000/web:v1", 10, 1000), begin_);
    text.Show(Push("boat:5000/web:v1", 20, 1000), begin_ + absl::Seconds(9));
    text.Show(Push("boat:5000/web:v1", 500, 1000), begin_ + absl::Seconds(10));
    text.Show(Push("boat:5000/web:v1", 1000, 1000), begin_ + absl::Seconds(11));
  }
  EXPECT_EQ(out_.str(),
            "web: pushing boat:5000/web:v1\n  10 B of 1.0 kB (1%)\n  500 B of 1.0 kB (50%)\n"
            "  1.0 kB of 1.0 kB (100%)\n");
}

TEST_F(BuildTextTest, RedrawsOneLineOnATerminal) {
  {
    BuildText text(out_, "web", true);
    text.Show(Push("boat/web:v1", 10, 1000), begin_);
    text.Show(Push("boat/web:v1", 20, 1000), begin_);
  }
  EXPECT_EQ(
      out_.str(),
      "web: pushing boat/web:v1\n\r\x1b[K  10 B of 1.0 kB (1%)\r\x1b[K  20 B of 1.0 kB (2%)\n");
}

TEST_F(BuildTextTest, NamesWhatWasBuilt) {
  v1::BuiltImage image;
  image.set_reference("boat/web:v1");
  image.set_image_id("sha256:1");
  EXPECT_EQ(BuiltText("web", image), "web boat/web:v1\n  sha256:1 (not pushed)\n");
  image.add_digests("boat/web@sha256:2");
  EXPECT_EQ(BuiltText("web", image), "web boat/web:v1\n  boat/web@sha256:2\n");
  EXPECT_EQ(BuiltJson("web", image),
            "{\"app\":\"web\",\"digests\":[\"boat/web@sha256:2\"],\"image_id\":\"sha256:1\","
            "\"reference\":\"boat/web:v1\"}");
}

}  // namespace
}  // namespace davit::output
