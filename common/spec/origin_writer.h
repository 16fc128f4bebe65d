#ifndef DAVIT_COMMON_SPEC_ORIGIN_WRITER_H_
#define DAVIT_COMMON_SPEC_ORIGIN_WRITER_H_

#include <string>

#include "absl/strings/string_view.h"
#include "common/spec/loader.h"
#include "common/spec/source_text.h"
#include "common/spec/yaml_tree.h"

namespace davit::spec {

// Finds where the values of a merged tree come from by laying its layers over each other
// once more, from the lowest: mappings by key, everything else replaced, nulls take away.
class OriginWriter {
 public:
  OriginWriter(const SourceText& source, Origins& origins) : source_(source), origins_(origins) {}

  // The entry within the message at `parent`. `in_text`: it stands in the source.
  void Lay(const Entry& entry, const std::string& parent, absl::string_view place,
           bool in_text = true);
  // All entries of a mapping.
  void LayEntries(const Node& map, const std::string& path, absl::string_view place,
                  bool in_text = true);

 private:
  struct From {
    absl::string_view place;
    bool in_text;
  };

  void LayValue(const Node& node, Offset key, const std::string& path, const From& from);
  void Erase(const std::string& path);

  const SourceText& source_;
  Origins& origins_;
};

}  // namespace davit::spec

#endif  // DAVIT_COMMON_SPEC_ORIGIN_WRITER_H_
