#include "client/output/settings_difference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/output/change_text.h"

namespace davit::output {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Lines(const std::vector<v1::Difference>& differences) {
  std::vector<std::string> lines;
  for (const v1::Difference& difference : differences) lines.push_back(DifferenceLine(difference));
  return lines;
}

TEST(SettingsDifferences, NameVariablesContainerKeysAndEverythingElse) {
  v1::App from;
  v1::App to;
  (*from.mutable_env()->mutable_clear())["DEBUG"] = "1";
  (*to.mutable_env()->mutable_clear())["DEBUG"] = "0";
  (*from.mutable_env()->mutable_clear())["SAME"] = "same";
  (*to.mutable_env()->mutable_clear())["SAME"] = "same";
  (*from.mutable_env()->mutable_clear())["TOKEN"] = "";
  (*to.mutable_env()->mutable_secret())["TOKEN"] = "LIVE_TOKEN";
  from.mutable_container()->add_ports("8000:80");
  from.mutable_container()->add_ports("8001:81");
  to.mutable_container()->add_ports("80:80");
  to.mutable_container()->set_read_only(true);
  from.mutable_healthcheck()->mutable_http()->set_path("/health");
  to.mutable_healthcheck()->mutable_http()->set_path("/");
  EXPECT_THAT(Lines(SettingsDifferences(from, to)),
              ElementsAre("~ container ports: 8000:80, 8001:81 -> 80:80",
                          "~ container read_only: not set -> true", "~ env DEBUG: 1 -> 0",
                          "~ env TOKEN: \"\" -> secret LIVE_TOKEN",
                          "~ healthcheck http path: /health -> /"));
}

TEST(SettingsDifferences, TellFilesApartByTheirTargetsAndChecksByTheirNames) {
  v1::App from;
  v1::App to;
  from.add_files()->set_target("/a");
  from.mutable_files(0)->set_content("one");
  *to.add_files() = from.files(0);
  to.mutable_files(0)->set_content("two");
  to.add_checks()->set_name("settings");
  EXPECT_THAT(Lines(SettingsDifferences(from, to)),
              ElementsAre("+ checks settings name: settings", "~ files /a content: one -> two"));
}

TEST(SettingsDifferences, AddEntriesAndSetKeys) {
  v1::App from;
  v1::App to;
  to.mutable_container()->set_name("shop-web");
  (*to.mutable_container()->mutable_labels())["team"] = "a";
  (*to.mutable_env()->mutable_secret())["TOKEN"] = "TOKEN";
  (*from.mutable_env()->mutable_clear())["OLD"] = "1";
  from.mutable_container()->set_user("1000");
  EXPECT_THAT(Lines(SettingsDifferences(from, to)),
              ElementsAre("+ container labels team: a", "~ container name: not set -> shop-web",
                          "~ container user: 1000 -> not set", "- env OLD: was 1",
                          "+ env TOKEN: secret TOKEN"));
}

TEST(SettingsDifferences, TakeTheImageForNoSetting) {
  v1::App from;
  v1::App to;
  from.set_image("shop/web");
  to.set_image("mirror/shop/web");
  to.mutable_build()->set_context("src");
  EXPECT_THAT(SettingsDifferences(from, to), IsEmpty());
}

v1::Secret& AddSecret(SecretView& view, const std::string& environment, const std::string& name,
                      int64_t version) {
  v1::Secret& secret = *view.secrets.add_secrets();
  secret.set_environment(environment);
  secret.set_name(name);
  secret.set_version(version);
  return secret;
}

TEST(SecretDifferences, SayWhichEnvironmentHasItsOwn) {
  v1::App app;
  for (const char* name : {"SHARED", "OWN", "BOTH", "NONE"}) {
    (*app.mutable_env()->mutable_secret())[name] = name;
  }
  SecretView view{.from = "dev", .to = "staging", .secrets = {}};
  AddSecret(view, "", "SHARED", 4);
  AddSecret(view, "", "OWN", 1);
  AddSecret(view, "staging", "OWN", 3);
  AddSecret(view, "dev", "BOTH", 2);
  AddSecret(view, "staging", "BOTH", 2);
  AddSecret(view, "dev", "UNUSED", 1);
  EXPECT_THAT(Lines(SecretDifferences(app, app, view)),
              ElementsAre("~ secret BOTH: dev's own, version 2 -> staging's own, version 2",
                          "~ secret OWN: the project's, version 1 -> staging's own, version 3"));
}

TEST(SecretDifferences, SayNothingOfASecretThatOneRefersToAlone) {
  v1::App to;
  (*to.mutable_env()->mutable_secret())["TOKEN"] = "TOKEN";
  SecretView view{.from = "dev", .to = "staging", .secrets = {}};
  AddSecret(view, "staging", "TOKEN", 3);
  EXPECT_THAT(SecretDifferences(v1::App(), to, view), IsEmpty());
  EXPECT_THAT(SecretDifferences(to, v1::App(), view), IsEmpty());
}

}  // namespace
}  // namespace davit::output
