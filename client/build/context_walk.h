#ifndef DAVIT_CLIENT_BUILD_CONTEXT_WALK_H_
#define DAVIT_CLIENT_BUILD_CONTEXT_WALK_H_

#include <sys/stat.h>

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "client/build/ignore_rules.h"

namespace davit::build {

// A file, directory or symbolic link of a context.
struct ContextEntry {
  std::string path;  // relative to the context
  int directory;     // open, and holds it under `name`; -1 is never given
  std::string name;
  struct stat facts;  // of the entry itself: links are not followed
};

using VisitEntry = absl::FunctionRef<absl::Status(const ContextEntry&)>;
using NoteText = absl::FunctionRef<void(const std::string&)>;

// Goes through `root`, each directory before what is in it, names in the order of
// their bytes: the same folder gives the same order everywhere. No link is ever
// followed, also none that takes a directory's place meanwhile. What is neither
// file, directory nor link is told to `note` and left out. Ends with the first
// error of `visit`; SPEC_INVALID when something cannot be read.
absl::Status WalkContext(const std::string& root, const IgnoreRules& rules, VisitEntry visit,
                         NoteText note);

}  // namespace davit::build

#endif  // DAVIT_CLIENT_BUILD_CONTEXT_WALK_H_
