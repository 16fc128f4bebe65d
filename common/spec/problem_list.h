#ifndef DAVIT_COMMON_SPEC_PROBLEM_LIST_H_
#define DAVIT_COMMON_SPEC_PROBLEM_LIST_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/strings/string_view.h"
#include "common/spec/loader.h"
#include "common/spec/source_text.h"

namespace davit::spec {

// Collects problems while a file is read: each one once however often it is
// met (an app that three environments share), in the order of their places.
class ProblemList {
 public:
  // Past so many a reader is not helped by more, and memory stays bounded.
  static constexpr size_t kMost = 1000;

  void Add(Offset offset, std::string message);
  // The line of the place may hold a secret: no problem is to show it.
  void Hide(Offset offset) { hidden_.insert(offset); }
  bool empty() const { return problems_.empty(); }
  bool full() const { return problems_.size() >= kMost; }
  std::vector<Problem> ByPlace(const SourceText& source) const;

 private:
  absl::btree_set<std::pair<Offset, std::string>> problems_;
  absl::btree_set<Offset> hidden_;
};

// A value of the user for a message: cut, control characters visible, in backquotes.
std::string Quoted(absl::string_view text);

}  // namespace davit::spec

#endif  // DAVIT_COMMON_SPEC_PROBLEM_LIST_H_
