#include "client/output/json.h"
#include "client/output/reporter.h"

namespace davit::output {
namespace {

class JsonReporter final : public Reporter {
 public:
  JsonReporter(std::ostream& out, std::ostream& notices) : out_(out), notices_(notices) {}

  void OnEvent(const v1::Event& event, const DeploymentModel&) override {
    out_ << ToJsonLine(event) << "\n" << std::flush;
  }
  void Tick(const DeploymentModel&) override {}
  void OnNotice(absl::string_view text) override { notices_ << text << "\n" << std::flush; }
  void Finish(const DeploymentModel&) override {}

 private:
  std::ostream& out_;
  std::ostream& notices_;
};

}  // namespace

std::unique_ptr<Reporter> MakeJsonReporter(std::ostream& out, std::ostream& notices) {
  return std::make_unique<JsonReporter>(out, notices);
}

}  // namespace davit::output
