#ifndef DAVIT_COMMON_SPEC_CONVERT_H_
#define DAVIT_COMMON_SPEC_CONVERT_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <string>

#include "absl/container/flat_hash_map.h"
#include "common/spec/places.h"
#include "common/spec/problem_list.h"
#include "common/spec/variables.h"
#include "common/spec/yaml_tree.h"

namespace davit::spec {

// Fills messages from trees: values of variables, types, defaults, required
// keys. Where a node is not of the kind that the field wants it does nothing:
// CheckShape() has said so.
class Converter {
 public:
  Converter(Variables& variables, Places& places, ProblemList& problems)
      : variables_(variables), places_(places), problems_(problems) {}

  // `path` is that of the message, and has a place.
  void Fill(const Node& node, const std::string& path, google::protobuf::Message* out);
  void FillField(const Node& parent, const google::protobuf::FieldDescriptor& field,
                 const std::string& parent_path, google::protobuf::Message* out);

 private:
  void Absent(const google::protobuf::FieldDescriptor& field, const std::string& path,
              google::protobuf::Message* out);
  void Value(const NodePtr& node, const google::protobuf::FieldDescriptor& field,
             const std::string& path, google::protobuf::Message* out);
  void Map(const Node& node, const google::protobuf::FieldDescriptor& field,
           const std::string& path, google::protobuf::Message* out);
  void List(const Node& node, const google::protobuf::FieldDescriptor& field,
            const std::string& path, google::protobuf::Message* out);
  void Scalar(const Node& node, const google::protobuf::FieldDescriptor& field,
              const std::string& path, google::protobuf::Message* out);
  void Nested(const NodePtr& node, const google::protobuf::FieldDescriptor& field,
              const std::string& path, google::protobuf::Message* out);
  void SetPlace(const std::string& path, Offset key, Offset value);
  NodePtr Default(const google::protobuf::FieldDescriptor& field);

  Variables& variables_;
  Places& places_;
  ProblemList& problems_;
  absl::flat_hash_map<const google::protobuf::FieldDescriptor*, NodePtr> defaults_;
  bool in_default_ = false;  // the nodes being read are the schema's, not the file's
};

}  // namespace davit::spec

#endif  // DAVIT_COMMON_SPEC_CONVERT_H_
