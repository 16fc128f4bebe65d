#ifndef DAVIT_CLIENT_BUILD_CONTEXT_TAR_H_
#define DAVIT_CLIENT_BUILD_CONTEXT_TAR_H_

#include <sys/types.h>

#include <map>
#include <string>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "client/build/context_walk.h"

struct archive;
struct archive_entry;

namespace davit::build {

// A tar, compressed with gzip, that is handed out while it is written. Owners and the
// time in gzip's header are left out, so that the same files give the same bytes.
class ContextTar {
 public:
  // `sink` outlives this; false of it ends everything with CANCELLED.
  explicit ContextTar(absl::FunctionRef<bool(absl::string_view)> sink);
  ~ContextTar();
  ContextTar(const ContextTar&) = delete;
  ContextTar& operator=(const ContextTar&) = delete;

  // SPEC_INVALID when the entry cannot be read, or changes while it is.
  absl::Status Add(const ContextEntry& entry);
  // Hands out the rest. Nothing can be added any more.
  absl::Status Finish();

 private:
  using FileId = std::pair<dev_t, ino_t>;

  absl::Status AddFile(const ContextEntry& entry, archive_entry* header);
  absl::Status AddLink(const ContextEntry& entry, archive_entry* header);
  absl::Status Copy(const ContextEntry& entry, int file);
  absl::Status WriteHeader(archive_entry* header);
  absl::Status WriterStatus() const;

  const absl::FunctionRef<bool(absl::string_view)> sink_;
  bool stopped_ = false;  // by the sink
  archive* const writer_;
  std::map<FileId, std::string> linked_;  // first path of files that have several
};

}  // namespace davit::build

#endif  // DAVIT_CLIENT_BUILD_CONTEXT_TAR_H_
