#ifndef DAVIT_WORKER_DOCKER_ENGINE_TEST_FIXTURE_H_
#define DAVIT_WORKER_DOCKER_ENGINE_TEST_FIXTURE_H_

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "tests/support/docker.h"
#include "tests/support/unique.h"
#include "worker/docker/engine.h"
#include "worker/docker/json.h"

namespace davit::docker {

// A network that is made and removed.
class ScopedNetwork {
 public:
  explicit ScopedNetwork(std::string name);
  ~ScopedNetwork();
  ScopedNetwork(const ScopedNetwork&) = delete;
  ScopedNetwork& operator=(const ScopedNetwork&) = delete;

 private:
  const std::string name_;
};

// An image and a label of the test's own; what has the label is removed.
class EngineTest : public ::testing::Test {
 protected:
  void SetUp() override;

  // A container of the test's image.
  worker::v1::ContainerSpec Spec(const std::vector<std::string>& command) const;

  // A name that only this test has.
  std::string Name(absl::string_view suffix) const { return absl::StrCat(label_, "-", suffix); }

  // Both return the container's name.
  std::string Create(const worker::v1::ContainerSpec& spec, absl::string_view policy = "no",
                     std::string name = test::UniqueName("davit-test"));
  std::string Run(const worker::v1::ContainerSpec& spec, absl::string_view policy = "no",
                  std::string name = test::UniqueName("davit-test"));

  // A network's name; it is removed after the test's containers.
  std::string MakeNetwork();

  // For what a ContainerSpec cannot say.
  void RawCreate(absl::string_view name, const Json& body);

  // All that the engine says of a container.
  Json RawInspect(absl::string_view container);
  ContainerDetails Inspect(absl::string_view container);
  bool WaitFor(absl::string_view container,
               const std::function<bool(const ContainerDetails&)>& condition);
  bool WaitForState(absl::string_view container, absl::string_view state);

  Engine& engine_ = test::TestEngine();
  const std::string label_ = test::UniqueName("davit-test");
  const std::string image_ = absl::StrCat(label_, ":v1");
  std::string image_id_;

 private:
  const test::ScopedImage remove_image_{image_};
  std::vector<std::unique_ptr<ScopedNetwork>> networks_;
  const test::ScopedLabel remove_containers_{"davit.test", label_};
};

}  // namespace davit::docker

#endif  // DAVIT_WORKER_DOCKER_ENGINE_TEST_FIXTURE_H_
