#include "absl/status/status.h"
#include "tests/conformance/store_fixture.h"

// What every store keeps of secrets.
namespace davit::test {
namespace {

using store::ReadTxn;
using store::Txn;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Lines(const std::vector<state::v1::SecretRecord>& secrets) {
  std::vector<std::string> lines;
  for (const auto& secret : secrets) {
    lines.push_back(absl::StrCat(secret.project(), "/", secret.environment(), "/", secret.name(),
                                 "@", secret.version()));
  }
  return lines;
}

TYPED_TEST(StoreConformance, HasNoSecretThatWasNeverPut) {
  EXPECT_FALSE(
      this->Find([](ReadTxn& txn) { return txn.NewestSecret("shop", "dev", "KEY"); }).has_value());
  const absl::Status read = this->store_->View(
      [](ReadTxn& txn) { return txn.GetSecret("shop", "dev", "KEY", 1).status(); });
  EXPECT_TRUE(absl::IsNotFound(read)) << read;
  EXPECT_THAT(this->Find([](ReadTxn& txn) { return txn.ListSecrets("shop"); }), IsEmpty());
  EXPECT_THAT(this->Find([](ReadTxn& txn) { return txn.SecretKeyCheck(); }), IsEmpty());
  const absl::Status removed =
      this->store_->Update([](Txn& txn) { return txn.RemoveSecret("shop", "dev", "KEY"); });
  EXPECT_TRUE(absl::IsNotFound(removed)) << removed;
}

TYPED_TEST(StoreConformance, KeepsEveryVersionOfASecret) {
  this->Write([](Txn& txn) {
    EXPECT_TRUE(txn.PutSecret(SecretOf("dev", "KEY", 1, std::string("a\0b", 3))).ok());
    return txn.PutSecret(SecretOf("dev", "KEY", 2, "two"));
  });
  EXPECT_EQ(
      this->Find([](ReadTxn& txn) { return txn.NewestSecret("shop", "dev", "KEY"); })->sealed(),
      "two");
  EXPECT_EQ(
      this->Find([](ReadTxn& txn) { return txn.GetSecret("shop", "dev", "KEY", 1); }).sealed(),
      std::string("a\0b", 3));
}

TYPED_TEST(StoreConformance, ListsTheNewestVersionsByEnvironmentAndName) {
  this->Write([](Txn& txn) {
    auto other = SecretOf("dev", "KEY", 7);
    other.set_project("shopping");
    EXPECT_TRUE(txn.PutSecret(other).ok());
    for (int version : {1, 2, 10}) {
      EXPECT_TRUE(txn.PutSecret(SecretOf("dev", "KEY", version)).ok());
    }
    EXPECT_TRUE(txn.PutSecret(SecretOf("dev", "A", 1)).ok());
    return txn.PutSecret(SecretOf("", "KEY", 3));
  });
  EXPECT_THAT(Lines(this->Find([](ReadTxn& txn) { return txn.ListSecrets("shop"); })),
              ElementsAre("shop//KEY@3", "shop/dev/A@1", "shop/dev/KEY@10"));
  EXPECT_EQ(this->Find([](ReadTxn& txn) { return txn.AllSecrets(); }).size(), 6u);
}

TYPED_TEST(StoreConformance, ForgetsAllVersionsOfASecretButTheLastNumber) {
  this->Write([](Txn& txn) {
    EXPECT_TRUE(txn.PutSecret(SecretOf("dev", "KEY", 1)).ok());
    EXPECT_TRUE(txn.PutSecret(SecretOf("dev", "KEY", 2)).ok());
    EXPECT_TRUE(txn.PutSecret(SecretOf("", "KEY", 1)).ok());
    return txn.RemoveSecret("shop", "dev", "KEY");
  });
  for (int version : {1, 2}) {
    const absl::Status read = this->store_->View(
        [&](ReadTxn& txn) { return txn.GetSecret("shop", "dev", "KEY", version).status(); });
    EXPECT_TRUE(absl::IsNotFound(read)) << read;
  }
  EXPECT_THAT(Lines(this->Find([](ReadTxn& txn) { return txn.ListSecrets("shop"); })),
              ElementsAre("shop//KEY@1"));
  EXPECT_THAT(Lines(this->Find([](ReadTxn& txn) { return txn.AllSecrets(); })),
              ElementsAre("shop//KEY@1"));
  const auto newest =
      this->Find([](ReadTxn& txn) { return txn.NewestSecret("shop", "dev", "KEY"); });
  ASSERT_TRUE(newest.has_value());
  EXPECT_EQ(newest->version(), 2);
  EXPECT_THAT(newest->sealed(), IsEmpty());
  const absl::Status again =
      this->store_->Update([](Txn& txn) { return txn.RemoveSecret("shop", "dev", "KEY"); });
  EXPECT_TRUE(absl::IsNotFound(again)) << again;
}

TYPED_TEST(StoreConformance, UndoesARemovalWithTheRest) {
  this->Write([](Txn& txn) { return txn.PutSecret(SecretOf("dev", "KEY", 1)); });
  const absl::Status undone = this->store_->Update([](Txn& txn) {
    EXPECT_TRUE(txn.PutSecretKeyCheck("check").ok());
    EXPECT_TRUE(txn.RemoveSecret("shop", "dev", "KEY").ok());
    return absl::AbortedError("no");
  });
  EXPECT_TRUE(absl::IsAborted(undone));
  EXPECT_EQ(
      this->Find([](ReadTxn& txn) { return txn.GetSecret("shop", "dev", "KEY", 1); }).sealed(),
      "sealed");
  EXPECT_THAT(this->Find([](ReadTxn& txn) { return txn.SecretKeyCheck(); }), IsEmpty());
}

TYPED_TEST(StoreConformance, KeepsOneCheckOfTheSecretsKey) {
  this->Write([](Txn& txn) {
    EXPECT_TRUE(txn.PutSecretKeyCheck("one").ok());
    return txn.PutSecretKeyCheck(std::string("t\0wo", 4));
  });
  EXPECT_EQ(this->Find([](ReadTxn& txn) { return txn.SecretKeyCheck(); }), std::string("t\0wo", 4));
}

}  // namespace
}  // namespace davit::test
