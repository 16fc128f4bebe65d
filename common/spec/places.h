#ifndef DAVIT_COMMON_SPEC_PLACES_H_
#define DAVIT_COMMON_SPEC_PLACES_H_

#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "common/spec/finding.h"
#include "common/spec/problem_list.h"
#include "common/spec/source_text.h"

namespace davit::spec {

// Where in the file the parts of a converted message come from.
class Places {
 public:
  void Set(std::string path, Offset key, Offset value) {
    places_.insert_or_assign(std::move(path), Place{key, value});
  }
  // The value at the path could not be read and a problem says so: what the
  // checks find in it would only be its echo.
  void Break(std::string path) { broken_.insert(std::move(path)); }

  // Of what does not stand in the file: the place of what contains it.
  Offset Of(absl::string_view path, bool at_key) const;
  void Add(const Finding& finding, ProblemList& problems) const;
  // Whether it or what contains it was broken.
  bool IsBroken(absl::string_view path) const;

 private:
  struct Place {
    Offset key;
    Offset value;
  };

  absl::flat_hash_map<std::string, Place> places_;
  absl::flat_hash_set<std::string> broken_;
};

}  // namespace davit::spec

#endif  // DAVIT_COMMON_SPEC_PLACES_H_
