#ifndef DAVIT_CONTROLLER_STORE_SQLITE_NEW_FILE_H_
#define DAVIT_CONTROLLER_STORE_SQLITE_NEW_FILE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace davit::store {

// A database that is written under a name of its own, beside the one that it is meant
// for, and gets that one only when it is whole. Until then it goes away with this.
class NewFile {
 public:
  // An empty file of mode 0600. ALREADY_EXISTS when there is something at `path`, or
  // what SQLite lays beside a database.
  static absl::StatusOr<NewFile> Make(const std::string& path);
  NewFile(NewFile&& other) noexcept;
  NewFile& operator=(NewFile&&) = delete;
  ~NewFile();

  // Where it is until it is published.
  const std::string& path() const { return temporary_; }

  // Flushes it to disk and gives it its name. ALREADY_EXISTS when that was taken
  // meanwhile.
  absl::Status Publish();

 private:
  NewFile(std::string path, std::string temporary)
      : path_(std::move(path)), temporary_(std::move(temporary)) {}

  std::string path_;
  std::string temporary_;  // empty: published or moved from
};

}  // namespace davit::store

#endif  // DAVIT_CONTROLLER_STORE_SQLITE_NEW_FILE_H_
