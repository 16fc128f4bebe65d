#include "worker/database/backup/archive.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "worker/database/backup/archive_failure.h"

namespace davit::database {
namespace {

constexpr size_t kHashBlockBytes = size_t{1} << 20;

using DigestContext = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

std::string FinishDigest(EVP_MD_CTX* context) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  EVP_DigestFinal_ex(context, digest, &length);
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(digest), length));
}

absl::Status HashEnded(const absl::Status& ended) {
  return ArchiveFailureStatus(
      {absl::IsCancelled(ended) ? ArchiveReason::kCancelled : ArchiveReason::kTimedOut,
       "the backup was not read to its end", "", ""});
}

// What pg_restore cannot read is damaged, unless pg_restore itself had no chance.
absl::Status AsDamage(const absl::Status& status) {
  std::optional<ArchiveFailure> failure = ArchiveFailureOf(status);
  if (!failure.has_value() || failure->reason != ArchiveReason::kToolFailed) return status;
  failure->reason = ArchiveReason::kArchiveDamaged;
  failure->sentence = "the backup is damaged: pg_restore cannot read it to its end";
  failure->advice = "use another backup";
  return ArchiveFailureStatus(*failure);
}

}  // namespace

ArchiveFile::~ArchiveFile() {
  if (descriptor_ >= 0) close(descriptor_);
}

absl::StatusOr<ArchiveFile> ArchiveFile::Open(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (descriptor >= 0) return ArchiveFile(descriptor);
  if (errno == ENOENT) {
    return ArchiveFailureStatus(
        {ArchiveReason::kArchiveMissing, absl::StrCat("there is no backup ", path), "", ""});
  }
  return ArchiveFileFailure(absl::StrCat("the backup ", path, " cannot be opened"), errno);
}

int64_t ArchiveFile::size_bytes() const {
  struct stat status {};
  return fstat(descriptor_, &status) == 0 ? status.st_size : 0;
}

int64_t ArchiveFile::position_bytes() const { return lseek(descriptor_, 0, SEEK_CUR); }

void ArchiveFile::Rewind() const { lseek(descriptor_, 0, SEEK_SET); }

absl::StatusOr<std::string> Sha256Of(const Call& call, const ArchiveFile& archive) {
  const DigestContext context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr);
  std::vector<char> block(kHashBlockBytes);
  off_t offset = 0;
  while (true) {
    if (absl::Status ended = call.Check(); !ended.ok()) return HashEnded(ended);
    const ssize_t count = pread(archive.descriptor(), block.data(), block.size(), offset);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return ArchiveFileFailure("the backup cannot be read", errno);
    if (count == 0) return FinishDigest(context.get());
    EVP_DigestUpdate(context.get(), block.data(), count);
    offset += count;
  }
}

absl::Status ReadWholeArchive(const Call& call, ToolRunner& tools, const ArchiveFile& archive,
                              const std::function<void(int64_t)>& progress) {
  archive.Rewind();
  ToolRun run{.tool = PostgresTool::kRestore,
              .arguments = {"--file=/dev/null"},
              .input = archive.descriptor()};
  if (progress) run.progress = [&] { progress(archive.position_bytes()); };
  return AsDamage(RunTool(call, tools, run, "reading the backup"));
}

}  // namespace davit::database
