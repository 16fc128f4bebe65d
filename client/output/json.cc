#include "client/output/json.h"

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/json_util.h"

namespace davit::output {
namespace {

std::string Print(const google::protobuf::Message& message, bool whitespace) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.add_whitespace = whitespace;
  std::string text;
  const auto status = google::protobuf::util::MessageToJsonString(message, &text, options);
  return status.ok() ? text : "{}";
}

}  // namespace

std::string ToJsonLine(const google::protobuf::Message& message) { return Print(message, false); }

std::string ToJsonText(const google::protobuf::Message& message) { return Print(message, true); }

std::string FailureJsonLine(const v1::Failure& failure) {
  return absl::StrCat("{\"failure\":", ToJsonLine(failure), "}");
}

std::string FailureJsonLine(const v1::Failure& failure, const v1::PlanDeploymentResponse& plan) {
  return absl::StrCat("{\"failure\":", ToJsonLine(failure), ",\"plan\":", ToJsonLine(plan), "}");
}

}  // namespace davit::output
