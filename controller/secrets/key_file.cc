#include "controller/secrets/key_file.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/failure/failure.h"

namespace davit::secrets {
namespace {

absl::Status Unusable(const std::string& path, absl::string_view why, absl::string_view next = "") {
  v1::Failure failure =
      MakeFailure(v1::SECRET_KEY_UNUSABLE,
                  absl::StrCat("The key file of the secrets, ", path, ", cannot be used: ", why));
  failure.clear_likely_cause();
  if (!next.empty()) failure.set_next_command(std::string(next));
  return FailureStatus(failure);
}

absl::Status CheckFile(const std::string& path, int descriptor) {
  struct stat status {};
  if (fstat(descriptor, &status) != 0) return Unusable(path, std::strerror(errno));
  if (!S_ISREG(status.st_mode)) return Unusable(path, "it is no regular file");
  if (geteuid() != 0 && status.st_uid != geteuid()) {
    return Unusable(path,
                    absl::StrCat("it belongs to user ", status.st_uid, ", not to user ", geteuid(),
                                 ", who runs this"),
                    absl::StrCat("chown ", geteuid(), " ", path));
  }
  if ((status.st_mode & 077) == 0) return absl::OkStatus();
  return Unusable(path,
                  absl::StrFormat("its mode is %04o, so that others have rights on it; it must "
                                  "be 0600",
                                  status.st_mode & 07777),
                  absl::StrCat("chmod 600 ", path));
}

// Longer than any key with what surrounds it.
constexpr size_t kMostBytes = 1024;

absl::StatusOr<Key> ReadKey(const std::string& path, int descriptor) {
  std::array<char, kMostBytes> text{};
  const absl::Cleanup wiping = [&] { sodium_memzero(text.data(), text.size()); };
  const ssize_t length = read(descriptor, text.data(), text.size());
  if (length < 0) return Unusable(path, std::strerror(errno));
  auto key = Key::Parse(absl::string_view(text.data(), static_cast<size_t>(length)));
  return key.ok() ? std::move(key) : Unusable(path, key.status().message());
}

// Writes and flushes; the file is the directory's owner's, whoever calls.
absl::Status Fill(const std::string& directory, int descriptor, const std::string& text) {
  struct stat status {};
  const bool written =
      write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
      fsync(descriptor) == 0;
  if (!written) return absl::ErrnoToStatus(errno, "writing");
  if (geteuid() == 0 && stat(directory.c_str(), &status) == 0 && status.st_uid != 0 &&
      fchown(descriptor, status.st_uid, status.st_gid) != 0) {
    return absl::ErrnoToStatus(errno, "giving it to its user");
  }
  return absl::OkStatus();
}

std::string DirectoryOf(const std::string& path) {
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  return parent.empty() ? "." : parent.string();
}

absl::Status FlushDirectory(const std::string& directory) {
  const int descriptor = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return absl::ErrnoToStatus(errno, "opening its directory");
  const int flushed = fsync(descriptor);
  const int error = errno;
  close(descriptor);
  return flushed == 0 ? absl::OkStatus() : absl::ErrnoToStatus(error, "flushing its directory");
}

// A name that is taken stays as it is: a key is never written over.
absl::Status Publish(const std::string& temporary, const std::string& path) {
  if (link(temporary.c_str(), path.c_str()) == 0) return FlushDirectory(DirectoryOf(path));
  return absl::ErrnoToStatus(errno, "giving it its name");
}

}  // namespace

absl::StatusOr<std::optional<Key>> ReadKeyFile(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (descriptor < 0 && errno == ENOENT) return std::nullopt;
  if (descriptor < 0) return Unusable(path, std::strerror(errno));
  const absl::Cleanup closing = [&] { close(descriptor); };
  if (absl::Status status = CheckFile(path, descriptor); !status.ok()) return status;
  auto key = ReadKey(path, descriptor);
  if (!key.ok()) return key.status();
  return std::optional<Key>(*std::move(key));
}

absl::Status WriteKeyFile(const std::string& path, const Key& key) {
  const std::string directory = DirectoryOf(path);
  std::string temporary = absl::StrCat(path, ".XXXXXX");
  const int descriptor = mkostemp(temporary.data(), O_CLOEXEC);  // mode 0600
  if (descriptor < 0) {
    return Unusable(path, absl::StrCat("it cannot be made: ", std::strerror(errno)));
  }
  const absl::Cleanup closing = [&] {
    close(descriptor);
    unlink(temporary.c_str());
  };
  std::string text = key.ToText();
  absl::Status status = Fill(directory, descriptor, text);
  sodium_memzero(text.data(), text.size());
  if (status.ok()) status = Publish(temporary, path);
  if (status.ok()) return status;
  return Unusable(path, absl::StrCat("it cannot be made: ", status.message()));
}

}  // namespace davit::secrets
