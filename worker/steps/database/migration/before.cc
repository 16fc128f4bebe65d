#include "worker/steps/database/migration/before.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/failure/failure.h"
#include "worker/steps/files/directory_walk.h"
#include "worker/steps/one_off/record.h"

namespace davit::steps {
namespace {

constexpr char kUnfinishedSuffix[] = ".new";  // no step's name has a dot

absl::Status WriteCatalogue(const Descriptor& file, absl::string_view text,
                            const std::string& path) {
  while (!text.empty()) {
    const ssize_t written = write(file.fd(), text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return FileFailure(path, "cannot be written", errno);
    text.remove_prefix(static_cast<size_t>(written));
  }
  return fsync(file.fd()) == 0 ? absl::OkStatus() : FileFailure(path, "cannot be written", errno);
}

}  // namespace

CataloguesBefore::CataloguesBefore(const std::string& state_directory)
    : directory_(absl::StrCat(state_directory, "/catalogues")) {}

std::string CataloguesBefore::PathOf(const worker::v1::StepKey& key) const {
  return absl::StrCat(directory_, "/", StepFileName(key));
}

absl::Status CataloguesBefore::Write(const worker::v1::StepKey& key,
                                     const database::Catalogue& catalogue) const {
  std::error_code error;
  std::filesystem::create_directories(directory_, error);
  if (error) return FileFailure(directory_, "cannot be made", error.value());
  const std::string path = PathOf(key);
  const std::string draft = path + kUnfinishedSuffix;
  // A default or an index's expression may have a secret in it.
  const Descriptor file(open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (file.fd() < 0) return FileFailure(draft, "cannot be written", errno);
  absl::Status status = WriteCatalogue(file, database::CatalogueText(catalogue), draft);
  if (!status.ok()) return status;
  if (std::rename(draft.c_str(), path.c_str()) != 0) {
    return FileFailure(path, "cannot be written", errno);
  }
  return SyncDirectory(directory_);
}

absl::StatusOr<database::Catalogue> CataloguesBefore::Read(const worker::v1::StepKey& key) const {
  const std::string path = PathOf(key);
  const std::ifstream file(path, std::ios::binary);
  if (!file.is_open()) return absl::NotFoundError(absl::StrCat("there is no ", path));
  std::ostringstream text;
  text << file.rdbuf();
  auto catalogue = database::ParseCatalogue(text.str());
  if (catalogue.ok()) return catalogue;
  return FailureStatus(v1::INTERNAL, absl::StrCat("cannot read ", path),
                       {std::string(catalogue.status().message())});
}

void CataloguesBefore::Remove(const worker::v1::StepKey& key) const {
  unlink(PathOf(key).c_str());
  unlink((PathOf(key) + kUnfinishedSuffix).c_str());
}

std::vector<worker::v1::StepKey> CataloguesBefore::List() const {
  return StepsNamedIn(directory_, kUnfinishedSuffix);
}

}  // namespace davit::steps
