#include "client/output/json.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/descriptor.h"
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

std::string ToJsonListText(const google::protobuf::Message& message) {
  if (message.ByteSizeLong() > 0) return ToJsonText(message);
  const google::protobuf::Descriptor& type = *message.GetDescriptor();
  std::vector<std::string> lists;
  for (int i = 0; i < type.field_count(); ++i) {
    if (!type.field(i)->is_repeated()) continue;
    lists.push_back(absl::StrCat(" \"", std::string(type.field(i)->name()), "\": []"));
  }
  return absl::StrCat("{\n", absl::StrJoin(lists, ",\n"), "\n}\n");
}

std::string FailureJsonLine(const v1::Failure& failure) {
  return absl::StrCat("{\"failure\":", ToJsonLine(failure), "}");
}

std::string FailureJsonLine(const v1::Failure& failure, const v1::PlanDeploymentResponse& plan) {
  return absl::StrCat("{\"failure\":", ToJsonLine(failure), ",\"plan\":", ToJsonLine(plan), "}");
}

}  // namespace davit::output
