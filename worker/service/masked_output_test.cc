#include "worker/service/masked_output.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "absl/strings/str_cat.h"

namespace davit::service {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class MaskedOutputTest : public ::testing::Test {
 protected:
  static v1::StepLog Piece(int ordinal, absl::string_view data, v1::LogStream stream = v1::STDOUT) {
    v1::StepLog log;
    log.set_stream(stream);
    log.set_data(std::string(data));
    log.mutable_position()->set_ordinal(ordinal);
    return log;
  }
  // Each as "position:data".
  static std::vector<std::string> Texts(const std::vector<v1::StepLog>& logs) {
    std::vector<std::string> texts;
    for (const v1::StepLog& log : logs) {
      texts.push_back(absl::StrCat(log.position().ordinal(), log.stream() == v1::STDERR ? "e" : "",
                                   ":", log.data()));
    }
    return texts;
  }
  std::vector<std::string> Put(int ordinal, absl::string_view data,
                               v1::LogStream stream = v1::STDOUT) {
    return Texts(output_.Put(Piece(ordinal, data, stream)));
  }

  const Redactor redactor_{{"hunter2", "a2\nb2"}};
  MaskedOutput output_{&redactor_};
};

TEST_F(MaskedOutputTest, LetsAPieceOutAtOnce) {
  EXPECT_THAT(Put(1, "no secret\n"), ElementsAre("1:no secret\n"));
  EXPECT_THAT(Put(2, "one hunter2\n"), ElementsAre("2:one ***\n"));
  EXPECT_THAT(Texts(output_.Flush()), IsEmpty());
}

TEST_F(MaskedOutputTest, KeepsPiecesTogetherWhileASecretMayGoOn) {
  EXPECT_THAT(Put(1, "see hunt"), IsEmpty()) << "who has position 1 has all of it";
  EXPECT_THAT(Put(2, "other\n", v1::STDERR), IsEmpty());
  EXPECT_THAT(Put(3, "er2!\n"), ElementsAre("1:see ", "2e:other\n", "3:***!\n"));
}

TEST_F(MaskedOutputTest, FindsASecretOfTwoLines) {
  EXPECT_THAT(Put(1, "is a2\n"), IsEmpty());
  EXPECT_THAT(Put(2, "b2\n"), ElementsAre("1:is ", "2:***\n"));
}

TEST_F(MaskedOutputTest, CountsPositionsOfPiecesOfWhichNothingIsLeft) {
  EXPECT_THAT(Put(1, "see hun"), IsEmpty());
  EXPECT_THAT(Put(2, "te"), IsEmpty());
  EXPECT_THAT(Put(3, "r2\n"), ElementsAre("2:see ", "3:***\n"));
}

TEST_F(MaskedOutputTest, LetsOutWhatWasHeldBackAtTheEnd) {
  EXPECT_THAT(Put(1, "see hunt"), IsEmpty());
  EXPECT_THAT(Texts(output_.Flush()), ElementsAre("1:see ", "1:hunt"));
}

TEST_F(MaskedOutputTest, DoesNotGatherWithoutEnd) {
  size_t in = 0, out = 0;
  for (int i = 0; i < 1000; ++i) {
    const std::string data = std::string(1000, 'x') + "hunt";
    in += data.size();
    for (const v1::StepLog& log : output_.Put(Piece(i, data))) out += log.data().size();
    ASSERT_LE(in - out, MaskedOutput::kMostWaiting + 2000);
  }
}

TEST_F(MaskedOutputTest, GivesTheSameTextHoweverItIsCut) {
  const std::string text = "a hunter2 b2 a2\nb2 hunter hunter2hunter2 %68unter2 aHVudGVyMg== \\";
  for (uint32_t seed = 0; seed < 100; ++seed) {
    std::mt19937 random(seed);
    MaskedOutput output(&redactor_);
    std::string masked;
    const auto add = [&masked](const std::vector<v1::StepLog>& logs) {
      for (const v1::StepLog& log : logs) masked += log.data();
    };
    int ordinal = 0;
    for (size_t i = 0; i < text.size();) {
      const size_t size = 1 + random() % 8;
      add(output.Put(Piece(++ordinal, absl::string_view(text).substr(i, size))));
      i += size;
    }
    add(output.Flush());
    ASSERT_EQ(masked, redactor_.Mask(text)) << "seed " << seed;
  }
}

}  // namespace
}  // namespace davit::service
