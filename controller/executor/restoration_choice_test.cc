#include "controller/executor/restoration_choice.h"

#include "controller/executor/executor_fixture.h"
#include "controller/executor/restoration.h"

namespace davit::executor {
namespace {

using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

// Releases of apps by what their images are.
class ChoiceTest : public testing::Test {
 protected:
  // Each of them was live, the last one is.
  void Put(const std::string& app, const std::vector<std::string>& images) {
    for (size_t i = 0; i < images.size(); ++i) {
      state::v1::ReleaseRecord release;
      v1::Release& view = *release.mutable_view();
      view.set_project("shop");
      view.set_environment("dev");
      view.set_app(app);
      view.set_number(static_cast<int64_t>(i) + 1);
      view.set_deployment_id(app + images[i]);
      view.set_image_id(images[i]);
      view.set_live(i + 1 == images.size());
      release.mutable_live_time();
      release.mutable_container()->set_image(images[i]);
      ASSERT_TRUE(store_.Update([&](store::Txn& txn) { return txn.PutRelease(release); }).ok());
    }
    (*request_.mutable_spec()->mutable_apps())[app];
  }
  // The numbers that a rollback of all of them goes back to.
  std::map<std::string, int64_t> Chosen() {
    request_.mutable_spec()->set_project("shop");
    request_.mutable_spec()->set_environment("dev");
    request_.mutable_rollback();
    std::map<std::string, int64_t> numbers;
    store_
        .View([&](store::ReadTxn& txn) {
          const auto restoration = ReadRestoration(txn, request_);
          if (!restoration.ok()) return restoration.status();
          for (const auto& [app, release] : restoration->releases) {
            numbers[app] = release.view().number();
          }
          return absl::OkStatus();
        })
        .IgnoreError();
    return numbers;
  }

  v1::DeploymentRequest request_;
  TestStore store_;
};

TEST_F(ChoiceTest, PassesWhatIsTheSameAsWhatIsLive) {
  Put("web", {"good", "bad", "bad"});
  EXPECT_THAT(Chosen(), UnorderedElementsAre(Pair("web", 1)));
}

TEST_F(ChoiceTest, GoesBackByOneDeploymentWhereAnAppOfItHasChanged) {
  Put("web", {"a", "b", "c"});
  Put("proxy", {"old", "new", "new"});
  EXPECT_THAT(Chosen(), UnorderedElementsAre(Pair("web", 2), Pair("proxy", 2)))
      << "an old proxy was not live together with that web";
}

TEST_F(ChoiceTest, GoesBackByTwoWhereTheLastChangedNothing) {
  Put("web", {"a", "b", "c", "c"});
  Put("proxy", {"older", "old", "new", "new"});
  EXPECT_THAT(Chosen(), UnorderedElementsAre(Pair("web", 2), Pair("proxy", 2)));
}

TEST_F(ChoiceTest, FindsNothingWhereAllIsTheSame) {
  Put("web", {"a", "a"});
  EXPECT_THAT(Chosen(), IsEmpty());
}

}  // namespace
}  // namespace davit::executor
