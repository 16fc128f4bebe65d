#include "common/schema/comments.h"

#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/descriptor.pb.h"

namespace davit::schema {

// A FileDescriptorSet with the comments, which those of the generated code lack.
extern const std::string_view kCommentedDescriptors;

namespace {

using Comments = absl::flat_hash_map<std::string, std::string>;  // by full name
using google::protobuf::FileDescriptorProto;
using google::protobuf::SourceCodeInfo;

std::string InOneLine(absl::string_view comment) {
  const std::vector<absl::string_view> words =
      absl::StrSplit(comment, absl::ByAnyChar(" \n"), absl::SkipEmpty());
  return absl::StrJoin(words, " ");
}

// What descriptor.proto calls the path of a message, and of a field of it.
constexpr int kMessages = FileDescriptorProto::kMessageTypeFieldNumber;
constexpr int kFields = google::protobuf::DescriptorProto::kFieldFieldNumber;

std::string NameAt(const FileDescriptorProto& file, const SourceCodeInfo::Location& location) {
  const auto& path = location.path();
  if (path.size() != 2 && path.size() != 4) return "";
  if (path[0] != kMessages) return "";
  const auto& message = file.message_type(path[1]);
  const std::string name = absl::StrCat(file.package(), ".", message.name());
  if (path.size() == 2) return name;
  return path[2] == kFields ? absl::StrCat(name, ".", message.field(path[3]).name()) : "";
}

Comments ReadComments() {
  Comments comments;
  google::protobuf::FileDescriptorSet set;
  set.ParseFromArray(kCommentedDescriptors.data(), static_cast<int>(kCommentedDescriptors.size()));
  for (const FileDescriptorProto& file : set.file()) {
    for (const SourceCodeInfo::Location& location : file.source_code_info().location()) {
      const std::string name = NameAt(file, location);
      if (!name.empty()) comments[name] = InOneLine(location.leading_comments());
    }
  }
  return comments;
}

std::string Find(const std::string& name) {
  static const Comments& comments = *new Comments(ReadComments());
  const auto found = comments.find(name);
  return found == comments.end() ? "" : found->second;
}

}  // namespace

std::string CommentOf(const google::protobuf::FieldDescriptor& field) {
  return Find(field.full_name());
}

std::string CommentOf(const google::protobuf::Descriptor& message) {
  return Find(message.full_name());
}

}  // namespace davit::schema
