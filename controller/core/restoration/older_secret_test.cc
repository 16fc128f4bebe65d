#include "controller/core/restoration/older_secret.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/core/machine/step_outcome.h"
#include "controller/core/testing/restoration_maker.h"

namespace davit::core {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// How web's rollback fails when main is asked with version `asked` of its URL and refuses; the
// newest version is 4.
v1::Failure DeniedWith(int64_t asked) {
  state::v1::ReleaseRecord older = OlderWeb();
  older.mutable_app()->set_database("main");
  NewDeploymentArgs args = RollbackArgs(older);
  (*args.request.mutable_spec()->mutable_databases())["main"].mutable_url()->set_secret("URL");
  args.request.mutable_spec()->mutable_apps()->at("web").set_database("main");
  worker::v1::SecretUse& newest = args.secrets.emplace_back();
  newest.set_name("URL");
  newest.set_version(4);
  state::v1::StepRecord step;
  worker::v1::DatabaseAccess& access =
      *step.mutable_spec()->mutable_wait_database()->mutable_database();
  access.set_name("main");
  *access.mutable_url() = newest;
  access.mutable_url()->set_version(asked);
  worker::v1::StepFinished result;
  result.set_outcome(worker::v1::StepFinished::FAILED);
  result.mutable_failure()->set_code(v1::DATABASE_DENIED);
  result.mutable_failure()->set_next_command("davit secrets set URL");
  return *OutcomeOf(NewDeployment(args, kNow)->record, step, result).failure;
}

TEST(OlderSecret, OfADatabaseThatRefusesItIsNamedBesideTheNewest) {
  const v1::Failure failure = DeniedWith(3);
  EXPECT_THAT(failure.evidence(),
              ElementsAre("it was asked with version 3 of the secret URL, which web v2 had; the "
                          "newest is version 4"));
  EXPECT_EQ(failure.next_command(),
            "deploy its image with the newest secrets: `davit deploy web -e dev --image "
            "web=registry.test/web@sha256:older`");
}

TEST(OlderSecret, IsNotSpokenOfWhereItIsTheNewest) {
  const v1::Failure failure = DeniedWith(4);
  EXPECT_THAT(failure.evidence(), IsEmpty());
  EXPECT_EQ(failure.next_command(), "davit secrets set URL");
}

}  // namespace
}  // namespace davit::core
