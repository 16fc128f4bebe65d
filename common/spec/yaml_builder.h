#ifndef DAVIT_COMMON_SPEC_YAML_BUILDER_H_
#define DAVIT_COMMON_SPEC_YAML_BUILDER_H_

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/mark.h>

#include <exception>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "common/spec/problem_list.h"
#include "common/spec/source_text.h"
#include "common/spec/yaml_tree.h"

namespace davit::spec {

// Thrown through yaml-cpp to end the reading; the problem has been added. ReadYaml() catches it.
class StopReading : public std::exception {};

// Makes the tree from yaml-cpp's events. The library's own Node type would
// keep the last of two equal keys without a word.
class YamlBuilder : public YAML::EventHandler {
 public:
  YamlBuilder(const SourceText& source, ProblemList& problems)
      : source_(source), problems_(problems) {}

  // The document, after the last event.
  const NodePtr& root() const { return root_; }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override;
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override;
  void OnSequenceEnd() override;
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override;
  void OnMapEnd() override;

 private:
  // What the value that comes next is for.
  enum class Next { kKey, kValue, kMerge, kDropped };

  // A list or mapping whose end has not been read.
  struct Open {
    std::shared_ptr<Node> node;
    YAML::anchor_t anchor;
    Next next = Next::kKey;  // of a mapping
    std::string key;
    Offset key_offset = kWholeFile;
    absl::flat_hash_map<std::string, Offset> keys;
    std::vector<NodePtr> merged;  // what `<<` names, in its order
  };

  [[noreturn]] void Stop(Offset offset, std::string message);
  void Count(Offset offset, int nodes);
  void CheckTag(Offset offset, const std::string& tag);
  bool AtKey() const;
  void TakeKey(Offset offset, const std::string& tag, const std::string& key);
  void Begin(Offset offset, YAML::anchor_t anchor, Node::Kind kind);
  void End();
  void Finish(YAML::anchor_t anchor, NodePtr node);
  void Place(NodePtr node);
  void TakeMerged(Open& map, NodePtr node);
  static void ApplyMerged(Open& map);

  const SourceText& source_;
  ProblemList& problems_;
  std::vector<Open> open_;
  absl::flat_hash_map<YAML::anchor_t, NodePtr> anchors_;
  int nodes_ = 0;
  NodePtr root_ = NullNode(kWholeFile);
};

}  // namespace davit::spec

#endif  // DAVIT_COMMON_SPEC_YAML_BUILDER_H_
