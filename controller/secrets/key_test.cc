#include "controller/secrets/key.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "absl/cleanup/cleanup.h"
#include "common/failure/failure.h"
#include "controller/secrets/key_file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/temp_dir.h"

namespace davit::secrets {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::Not;

constexpr uid_t kNobody = 65534;

TEST(Key, OpensWhatItHasSealed) {
  const Key key = Key::Random();
  for (const std::string& plain :
       {std::string(), std::string("a\0b", 3), std::string(65536, 'x')}) {
    const std::string sealed = key.Seal(plain, "context");
    EXPECT_EQ(*key.Open(sealed, "context"), plain);
    if (!plain.empty()) EXPECT_THAT(sealed, Not(HasSubstr(plain)));
  }
  EXPECT_NE(key.Seal("same", "context"), key.Seal("same", "context"));
}

TEST(Key, OpensNothingOfAnotherKeyOrContextAndNothingThatWasTouched) {
  const Key key = Key::Random();
  std::string sealed = key.Seal("value", "context");
  EXPECT_TRUE(IsFailure(key.Open(sealed, "kontext").status(), v1::SECRET_KEY_UNUSABLE));
  EXPECT_FALSE(Key::Random().Open(sealed, "context").ok());
  EXPECT_FALSE(key.Open(sealed.substr(0, sealed.size() - 1), "context").ok());
  EXPECT_FALSE(key.Open("", "context").ok());
  sealed.back() ^= 1;
  EXPECT_FALSE(key.Open(sealed, "context").ok());
}

TEST(Key, IsReadFromTheTextThatItWasWrittenAs) {
  const Key key = Key::Random();
  EXPECT_THAT(key.ToText(), MatchesRegex("[0-9a-f]{64}\n"));
  const auto read = Key::Parse(key.ToText());
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read->Open(key.Seal("value", ""), ""), "value");
  for (const std::string& text :
       {std::string(), std::string(62, 'a'), std::string(66, 'a'), std::string(64, 'g')}) {
    EXPECT_FALSE(Key::Parse(text).ok()) << text;
  }
}

class KeyFile : public testing::Test {
 protected:
  test::TempDir directory_;
  const std::string path_ = directory_.File("secrets.key");
};

TEST_F(KeyFile, IsMadeForItsOwnerAlone) {
  const Key key = Key::Random();
  ASSERT_TRUE(WriteKeyFile(path_, key).ok());
  struct stat status {};
  ASSERT_EQ(stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600u);
  const auto read = ReadKeyFile(path_);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ((*read)->ToText(), key.ToText());
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory_.path()), {}), 1)
      << "nothing is left beside it";
}

TEST_F(KeyFile, IsNeverWrittenOver) {
  const Key key = Key::Random();
  ASSERT_TRUE(WriteKeyFile(path_, key).ok());
  const absl::Status again = WriteKeyFile(path_, Key::Random());
  EXPECT_TRUE(IsFailure(again, v1::SECRET_KEY_UNUSABLE)) << again;
  EXPECT_EQ((*ReadKeyFile(path_))->ToText(), key.ToText());
}

TEST_F(KeyFile, ThatIsAbsentIsNoError) {
  const auto read = ReadKeyFile(path_);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_FALSE(read->has_value());
  EXPECT_TRUE(IsFailure(WriteKeyFile(directory_.File("no/such.key"), Key::Random()),
                        v1::SECRET_KEY_UNUSABLE));
}

TEST_F(KeyFile, ThatOthersHaveRightsOnIsRefused) {
  ASSERT_TRUE(WriteKeyFile(path_, Key::Random()).ok());
  for (const mode_t mode : {0640, 0604, 0620}) {
    ASSERT_EQ(chmod(path_.c_str(), mode), 0);
    const absl::Status read = ReadKeyFile(path_).status();
    ASSERT_TRUE(IsFailure(read, v1::SECRET_KEY_UNUSABLE)) << read;
    EXPECT_THAT(FailureOf(read).message(), AllOf(HasSubstr(path_), HasSubstr("must be 0600")));
    EXPECT_EQ(FailureOf(read).next_command(), "chmod 600 " + path_);
  }
}

TEST_F(KeyFile, OfAnotherUserIsRefused) {
  // Root may read every user's.
  const uid_t before = geteuid();
  if (before == 0) ASSERT_EQ(seteuid(kNobody), 0);
  const absl::Cleanup back = [before] { EXPECT_EQ(seteuid(before), 0); };
  const absl::Status read = ReadKeyFile("/etc/passwd").status();
  EXPECT_THAT(FailureOf(read).message(), HasSubstr("it belongs to user 0"));
}

TEST_F(KeyFile, ThatIsNoneIsRefused) {
  directory_.Write("secrets.key", "no key at all\n");
  ASSERT_EQ(chmod(path_.c_str(), 0600), 0);
  const absl::Status read = ReadKeyFile(path_).status();
  ASSERT_TRUE(IsFailure(read, v1::SECRET_KEY_UNUSABLE)) << read;
  EXPECT_THAT(FailureOf(read).message(),
              AllOf(HasSubstr("it is no key"), Not(HasSubstr("at all"))));
  std::filesystem::remove(path_);
  std::filesystem::create_symlink("/dev/zero", path_);
  EXPECT_TRUE(IsFailure(ReadKeyFile(path_).status(), v1::SECRET_KEY_UNUSABLE));
  std::filesystem::remove(path_);
  std::filesystem::create_directory(path_);
  EXPECT_TRUE(IsFailure(ReadKeyFile(path_).status(), v1::SECRET_KEY_UNUSABLE));
}

}  // namespace
}  // namespace davit::secrets
