#include "controller/secrets/vault.h"

#include <sys/stat.h>

#include <filesystem>

#include "common/failure/failure.h"
#include "controller/secrets/key_file.h"
#include "controller/secrets/rekey.h"
#include "controller/store/memory/memory_store.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/temp_dir.h"

namespace davit::secrets {
namespace {

using state::v1::SecretRecord;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

SecretRecord Named(const std::string& environment, const std::string& name) {
  SecretRecord secret;
  secret.set_project("shop");
  secret.set_environment(environment);
  secret.set_name(name);
  secret.set_set_by("ann@desk");
  return secret;
}

worker::v1::SecretUse Use(const std::string& environment, const std::string& name,
                          int64_t version) {
  worker::v1::SecretUse use;
  use.set_environment(environment);
  use.set_name(name);
  use.set_version(version);
  return use;
}

class VaultTest : public testing::Test {
 protected:
  Vault::Change Set(const std::string& value, bool only_if_changed = false) {
    auto change = vault_->Set(Named("dev", "KEY"), value, only_if_changed);
    EXPECT_TRUE(change.ok()) << change.status();
    return change.ok() ? *std::move(change) : Vault::Change();
  }
  absl::StatusOr<std::string> Value(int64_t version) {
    return vault_->Value("shop", Use("dev", "KEY", version));
  }
  // As after another start.
  void Restart(const std::string& key_file) { vault_ = std::make_unique<Vault>(store_, key_file); }
  void Write(absl::FunctionRef<absl::Status(store::Txn&)> fn) {
    const absl::Status status = store_.Update(fn);
    ASSERT_TRUE(status.ok()) << status;
  }
  SecretRecord Stored(int64_t version) {
    SecretRecord record;
    store_
        .View([&](store::ReadTxn& txn) {
          auto found = txn.GetSecret("shop", "dev", "KEY", version);
          if (found.ok()) record = *found;
          return found.status();
        })
        .IgnoreError();
    return record;
  }
  static void ExpectUnusable(const absl::Status& status, const std::string& why) {
    ASSERT_TRUE(IsFailure(status, v1::SECRET_KEY_UNUSABLE)) << status;
    EXPECT_THAT(FailureOf(status).message(), HasSubstr(why));
  }

  test::TempDir directory_;
  const std::string key_file_ = directory_.File("secrets.key");
  store::MemoryStore store_;
  std::unique_ptr<Vault> vault_ = std::make_unique<Vault>(store_, key_file_);
};

TEST_F(VaultTest, MakesItsKeyFileWithTheFirstSecretAndNotBefore) {
  EXPECT_TRUE(vault_->CheckKey().ok());
  EXPECT_FALSE(std::filesystem::exists(key_file_));
  EXPECT_EQ(Set("first value").secret.version(), 1);
  EXPECT_TRUE(std::filesystem::exists(key_file_));
  EXPECT_TRUE(vault_->CheckKey().ok());
}

TEST_F(VaultTest, KeepsEveryVersionSealed) {
  EXPECT_EQ(Set("first value").secret.version(), 1);
  EXPECT_EQ(Set("second value").secret.version(), 2);
  EXPECT_EQ(*Value(1), "first value");
  EXPECT_EQ(*Value(2), "second value");
  EXPECT_THAT(Stored(1).DebugString(), Not(HasSubstr("first value")));
  EXPECT_EQ(Stored(1).set_by(), "ann@desk");
  Restart(key_file_);
  EXPECT_EQ(*Value(2), "second value");
}

TEST_F(VaultTest, GivesNoNumberTwiceAlsoAfterARemoval) {
  Set("first value");
  Set("second value");
  Write([](store::Txn& txn) { return txn.RemoveSecret("shop", "dev", "KEY"); });
  EXPECT_TRUE(IsFailure(Value(2).status(), v1::SECRET_MISSING)) << Value(2).status();
  EXPECT_EQ(Set("third value").secret.version(), 3);
  EXPECT_TRUE(IsFailure(Value(1).status(), v1::SECRET_MISSING));
}

TEST_F(VaultTest, MakesNoVersionOfTheSameValueWhereThatIsAskedFor) {
  EXPECT_TRUE(Set("value", true).made);
  const Vault::Change same = Set("value", true);
  EXPECT_FALSE(same.made);
  EXPECT_EQ(same.secret.version(), 1);
  EXPECT_EQ(Set("value").secret.version(), 2);
  EXPECT_EQ(Set("other", true).secret.version(), 3);
  Write([](store::Txn& txn) { return txn.RemoveSecret("shop", "dev", "KEY"); });
  EXPECT_TRUE(Set("other", true).made);
}

TEST_F(VaultTest, OpensNoRowInThePlaceOfAnother) {
  Set("old value");
  Set("new value");
  SecretRecord moved = Stored(1);
  moved.set_version(2);
  Write([&](store::Txn& txn) { return txn.PutSecret(moved); });
  ExpectUnusable(Value(2).status(), "secret KEY of dev, version 2, cannot be opened");
  for (const auto& [project, environment, name] :
       {std::tuple("shop", "prod", "KEY"), std::tuple("shop", "dev", "KEZ"),
        std::tuple("shopping", "dev", "KEY")}) {
    moved = Stored(1);
    moved.set_project(project);
    moved.set_environment(environment);
    moved.set_name(name);
    Write([&](store::Txn& txn) { return txn.PutSecret(moved); });
    EXPECT_FALSE(vault_->Value(project, Use(environment, name, 1)).ok());
  }
}

TEST_F(VaultTest, MissesItsKeyFileOnceThereAreSecrets) {
  Set("value");
  std::filesystem::rename(key_file_, directory_.File("away"));
  Restart(key_file_);
  ExpectUnusable(vault_->CheckKey(), "is missing");
  ExpectUnusable(Value(1).status(), "is missing");
  ExpectUnusable(vault_->Set(Named("dev", "B"), "value", false).status(), key_file_);
  EXPECT_FALSE(std::filesystem::exists(key_file_)) << "no other key is made";
  std::filesystem::rename(directory_.File("away"), key_file_);
  EXPECT_EQ(*Value(1), "value") << "one that is put back counts at once";
}

TEST_F(VaultTest, SetsNothingThatWouldNotOpenAfterAnotherStart) {
  Set("value");
  const std::string away = directory_.File("away");
  std::filesystem::rename(key_file_, away);
  ExpectUnusable(vault_->Set(Named("dev", "B"), "value", false).status(), "is missing");
  ASSERT_TRUE(WriteKeyFile(key_file_, Key::Random()).ok());
  ExpectUnusable(vault_->Set(Named("dev", "B"), "value", false).status(), "holds another key");
  std::filesystem::rename(away, key_file_);
  ASSERT_EQ(chmod(key_file_.c_str(), 0644), 0);
  ExpectUnusable(vault_->Set(Named("dev", "B"), "value", false).status(), "its mode is 0644");
  EXPECT_EQ(*Value(1), "value") << "what goes on with the key that was read is not disturbed";
  ASSERT_EQ(chmod(key_file_.c_str(), 0600), 0);
  EXPECT_EQ(Set("second value").secret.version(), 2);
}

TEST_F(VaultTest, RecognisesAnotherKeyWithoutOpeningASecret) {
  Set("value");
  std::filesystem::remove(key_file_);
  ASSERT_TRUE(WriteKeyFile(key_file_, Key::Random()).ok());
  Restart(key_file_);
  ExpectUnusable(vault_->CheckKey(), "holds another key");
  ExpectUnusable(vault_->Set(Named("dev", "B"), "value", false).status(), "holds another key");
}

TEST_F(VaultTest, SaysThatTheModeOfItsKeyFileIsWrong) {
  Set("value");
  ASSERT_EQ(chmod(key_file_.c_str(), 0644), 0);
  Restart(key_file_);
  ExpectUnusable(vault_->CheckKey(), "its mode is 0644");
}

TEST_F(VaultTest, BeginsAnewWithoutAKeyWhenNothingIsSealedAnyMore) {
  Set("value");
  std::filesystem::remove(key_file_);
  Write([](store::Txn& txn) { return txn.RemoveSecret("shop", "dev", "KEY"); });
  Restart(key_file_);
  EXPECT_TRUE(vault_->CheckKey().ok());
  EXPECT_EQ(Set("value").secret.version(), 2);
  Restart(key_file_);
  EXPECT_EQ(*Value(2), "value");
}

class RekeyTest : public VaultTest {
 protected:
  const std::string new_file_ = directory_.File("new.key");
};

TEST_F(RekeyTest, SealsAllVersionsAnew) {
  Set("first value");
  Set("second value");
  const std::string before = Stored(1).sealed();
  ASSERT_TRUE(Rekey(store_, key_file_, new_file_).ok());
  EXPECT_NE(Stored(1).sealed(), before);
  Restart(key_file_);
  ExpectUnusable(vault_->CheckKey(), "holds another key");
  Restart(new_file_);
  EXPECT_EQ(*Value(1), "first value");
  EXPECT_EQ(*Value(2), "second value");
  EXPECT_TRUE(std::filesystem::exists(key_file_)) << "backups of before need it";
}

TEST_F(RekeyTest, IsCompletedByDoingItAgain) {
  Set("value");
  ASSERT_TRUE(WriteKeyFile(new_file_, Key::Random()).ok());  // and then it was killed
  ASSERT_TRUE(Rekey(store_, key_file_, new_file_).ok());
  ASSERT_TRUE(Rekey(store_, key_file_, new_file_).ok()) << "it was killed after the commit";
  Restart(new_file_);
  EXPECT_EQ(*Value(1), "value");
}

TEST_F(RekeyTest, ChangesNothingWhenOneCannotBeOpened) {
  Set("first value");
  Set("second value");
  SecretRecord damaged = Stored(2);
  damaged.set_sealed("damaged");
  Write([&](store::Txn& txn) { return txn.PutSecret(damaged); });
  ExpectUnusable(Rekey(store_, key_file_, new_file_), "version 2");
  Restart(key_file_);
  EXPECT_EQ(*Value(1), "first value");
}

TEST_F(RekeyTest, NeedsTheOldKey) {
  Set("value");
  std::filesystem::remove(key_file_);
  ExpectUnusable(Rekey(store_, key_file_, new_file_), "is missing");
  EXPECT_FALSE(std::filesystem::exists(new_file_));
}

TEST_F(RekeyTest, RefusesToDoNothing) {
  EXPECT_TRUE(absl::IsFailedPrecondition(Rekey(store_, key_file_, new_file_)));
  Set("value");
  const absl::Status same = Rekey(store_, key_file_, key_file_);
  EXPECT_THAT(std::string(same.message()), HasSubstr("already"));
}

}  // namespace
}  // namespace davit::secrets
