#include "client/output/json.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
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
  std::vector<std::string> empty;
  const google::protobuf::Descriptor& type = *message.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const google::protobuf::FieldDescriptor& field = *type.field(i);
    if (!field.is_repeated() || field.is_map()) continue;
    if (message.GetReflection()->FieldSize(message, &field) > 0) continue;
    empty.push_back(absl::StrCat(" \"", std::string(field.name()), "\": []"));
  }
  const std::string text = ToJsonText(message);
  if (empty.empty()) return text;
  absl::string_view rest = absl::StripAsciiWhitespace(text);
  absl::ConsumeSuffix(&rest, "}");
  rest = absl::StripTrailingAsciiWhitespace(rest);  // "{", or up to the last field
  return absl::StrCat(rest, rest == "{" ? "\n" : ",\n", absl::StrJoin(empty, ",\n"), "\n}\n");
}

std::string FailureJsonLine(const v1::Failure& failure) {
  return absl::StrCat("{\"failure\":", ToJsonLine(failure), "}");
}

std::string FailureJsonLine(const v1::Failure& failure, const v1::PlanDeploymentResponse& plan) {
  return absl::StrCat("{\"failure\":", ToJsonLine(failure), ",\"plan\":", ToJsonLine(plan), "}");
}

}  // namespace davit::output
