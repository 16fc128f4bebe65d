#ifndef DAVIT_CLIENT_OUTPUT_RELEASE_MAKER_H_
#define DAVIT_CLIENT_OUTPUT_RELEASE_MAKER_H_

#include <string>

#include "davit/v1/deployment_service.pb.h"

// Releases for tests.
namespace davit::output {

inline constexpr int64_t kServesSince = 1'700'000'000;

inline v1::Release ReleaseOf(const std::string& app, int64_t number, const std::string& image_id) {
  v1::Release release;
  release.set_app(app);
  release.set_number(number);
  release.set_image_reference("shop/" + app + ":1.4.0");
  release.set_image_id(image_id);
  return release;
}

// The status of an environment where `release` runs on one host.
inline v1::GetStatusResponse Serving(const v1::Release& release) {
  v1::GetStatusResponse status;
  v1::AppStatus* app = status.add_apps();
  app->set_app(release.app());
  app->set_host("dev-1");
  app->set_container("shop-web");
  app->set_container_state("running");
  app->mutable_start_time()->set_seconds(kServesSince);
  *app->mutable_release() = release;
  return status;
}

}  // namespace davit::output

#endif  // DAVIT_CLIENT_OUTPUT_RELEASE_MAKER_H_
