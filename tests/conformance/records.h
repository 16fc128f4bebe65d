#ifndef DAVIT_TESTS_CONFORMANCE_RECORDS_H_
#define DAVIT_TESTS_CONFORMANCE_RECORDS_H_

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "davit/state/v1/state.pb.h"

// Small records, so that tests say only what they are about.
namespace davit::test {

inline state::v1::DeploymentRecord Record(const std::string& id,
                                          v1::DeploymentState state = v1::RUNNING,
                                          const std::string& project = "shop",
                                          const std::string& environment = "dev") {
  state::v1::DeploymentRecord record;
  record.mutable_view()->set_id(id);
  record.mutable_view()->set_project(project);
  record.mutable_view()->set_environment(environment);
  record.mutable_view()->set_state(state);
  record.set_request_id(absl::StrCat("request of ", id));
  return record;
}

inline state::v1::StepRecord StepNamed(const std::string& title) {
  state::v1::StepRecord step;
  step.mutable_view()->set_title(title);
  return step;
}

inline v1::Event NoteEvent(const std::string& deployment_id, int64_t sequence,
                           const std::string& text = "") {
  v1::Event event;
  event.set_deployment_id(deployment_id);
  event.set_sequence(sequence);
  event.mutable_note()->set_text(text);
  return event;
}

inline v1::Event LogEvent(const std::string& deployment_id, int64_t sequence,
                          const std::string& data) {
  v1::Event event;
  event.set_deployment_id(deployment_id);
  event.set_sequence(sequence);
  event.mutable_log()->set_data(data);
  return event;
}

inline state::v1::ReleaseRecord ReleaseNumbered(int64_t number, bool live,
                                                const std::string& app = "web") {
  state::v1::ReleaseRecord release;
  release.mutable_view()->set_project("shop");
  release.mutable_view()->set_environment("dev");
  release.mutable_view()->set_app(app);
  release.mutable_view()->set_number(number);
  release.mutable_view()->set_live(live);
  return release;
}

inline state::v1::LockRecord LockOf(const std::string& environment,
                                    const std::string& deployment_id, int64_t fence) {
  state::v1::LockRecord lock;
  lock.set_project("shop");
  lock.set_environment(environment);
  lock.set_deployment_id(deployment_id);
  lock.set_fence(fence);
  return lock;
}

inline state::v1::HostRecord HostAt(const std::string& name, const std::string& address) {
  state::v1::HostRecord host;
  host.set_name(name);
  host.set_address(address);
  return host;
}

inline state::v1::SecretRecord SecretOf(const std::string& environment, const std::string& name,
                                        int64_t version, const std::string& sealed = "sealed") {
  state::v1::SecretRecord secret;
  secret.set_project("shop");
  secret.set_environment(environment);
  secret.set_name(name);
  secret.set_version(version);
  secret.set_sealed(sealed);
  return secret;
}

}  // namespace davit::test

#endif  // DAVIT_TESTS_CONFORMANCE_RECORDS_H_
