#include "worker/docker/engine_test_fixture.h"

#include "worker/docker/http.h"

namespace davit::docker {

void EngineTest::SetUp() {
  const auto image = test::ImportBusyboxImage(image_, {"/bin/sleep", "100"});
  ASSERT_TRUE(image.ok()) << image.status();
  image_id_ = *image;
}

worker::v1::ContainerSpec EngineTest::Spec(const std::vector<std::string>& command) const {
  worker::v1::ContainerSpec spec;
  spec.set_image(image_);
  for (const std::string& word : command) spec.add_command(word);
  (*spec.mutable_labels())["davit.test"] = label_;
  return spec;
}

std::string EngineTest::Create(const worker::v1::ContainerSpec& spec, absl::string_view policy,
                               std::string name) {
  const auto id = engine_.CreateContainer(name, spec, policy, test::TestCall());
  EXPECT_TRUE(id.ok()) << id.status();
  return name;
}

std::string EngineTest::Run(const worker::v1::ContainerSpec& spec, absl::string_view policy,
                            std::string name) {
  Create(spec, policy, name);
  const absl::Status status = engine_.StartContainer(name, test::TestCall());
  EXPECT_TRUE(status.ok()) << status;
  return name;
}

std::string EngineTest::MakeNetwork() {
  std::string name = test::UniqueName("davit-test");
  networks_.push_back(std::make_unique<ScopedNetwork>(name));
  return name;
}

void EngineTest::RawCreate(absl::string_view name, const Json& body) {
  HttpClient http(test::DockerSocket());
  const auto response = http.Send(
      {"POST", absl::StrCat("/containers/create?name=", name), body.dump()}, test::TestCall());
  EXPECT_TRUE(response.ok() && response->ok()) << response.status();
}

Json EngineTest::RawInspect(absl::string_view container) {
  HttpClient http(test::DockerSocket());
  const auto response =
      http.Send({"GET", absl::StrCat("/containers/", container, "/json")}, test::TestCall());
  EXPECT_TRUE(response.ok()) << response.status();
  return response.ok() ? Json::parse(response->body) : Json();
}

ContainerDetails EngineTest::Inspect(absl::string_view container) {
  absl::StatusOr<ContainerDetails> details = engine_.InspectContainer(container, test::TestCall());
  EXPECT_TRUE(details.ok()) << details.status();
  return details.ok() ? *std::move(details) : ContainerDetails();
}

bool EngineTest::WaitFor(absl::string_view container,
                         const std::function<bool(const ContainerDetails&)>& condition) {
  const Call call = test::TestCall();
  do {
    if (condition(Inspect(container))) return true;
  } while (!HasFailure() && call.Wait(absl::Milliseconds(20)).ok());
  return false;
}

bool EngineTest::WaitForState(absl::string_view container, absl::string_view state) {
  return WaitFor(container,
                 [state](const ContainerDetails& c) { return c.observed.state() == state; });
}

ScopedNetwork::ScopedNetwork(std::string name) : name_(std::move(name)) {
  const absl::Status status = test::TestEngine().CreateNetwork(name_, {}, test::TestCall());
  EXPECT_TRUE(status.ok()) << status;
}

ScopedNetwork::~ScopedNetwork() {
  test::TestEngine().RemoveNetwork(name_, test::TestCall()).IgnoreError();
}

}  // namespace davit::docker
