#ifndef DAVIT_COMMON_SCHEMA_COMMENTS_H_
#define DAVIT_COMMON_SCHEMA_COMMENTS_H_

#include <google/protobuf/descriptor.h>

#include <string>

namespace davit::schema {

// The comment over the field or message in the protos of davit.yaml or of the
// daemons' files, in one line; empty for those of other files.
std::string CommentOf(const google::protobuf::FieldDescriptor& field);
std::string CommentOf(const google::protobuf::Descriptor& message);

}  // namespace davit::schema

#endif  // DAVIT_COMMON_SCHEMA_COMMENTS_H_
