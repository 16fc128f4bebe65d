#include <archive.h>
#include <archive_entry.h>

#include <memory>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/failure/failure.h"
#include "common/id.h"
#include "worker/docker/engine_impl.h"

namespace davit::docker {
namespace {

constexpr size_t kMaxFileBytes = 1 << 20;
constexpr size_t kMaxTarBytes = kMaxFileBytes + (64 << 10);
constexpr int kMaxLinks = 8;
constexpr char kReaderLabel[] = "davit.reader";
constexpr char kProcessLabel[] = "davit.reader.process";
constexpr char kNamePrefix[] = "davit-reader-";

struct ArchiveCloser {
  void operator()(archive* a) const { archive_read_free(a); }
};
using Archive = std::unique_ptr<archive, ArchiveCloser>;

// One entry of a tar: a file's content, or where a link leads.
struct Entry {
  std::string content;
  std::string link;  // empty: it is a file
};

absl::Status NotFound(absl::string_view path, absl::string_view why) {
  return absl::NotFoundError(absl::StrCat("the image has no file ", path, why));
}

absl::StatusOr<Entry> ReadEntry(const std::string& tar, absl::string_view path) {
  const Archive reader(archive_read_new());
  archive_read_support_format_tar(reader.get());
  archive_entry* entry = nullptr;
  if (archive_read_open_memory(reader.get(), tar.data(), tar.size()) != ARCHIVE_OK ||
      archive_read_next_header(reader.get(), &entry) != ARCHIVE_OK) {
    return FailureStatus(v1::DOCKER_ERROR, "Docker's archive cannot be read");
  }
  if (const char* link = archive_entry_symlink(entry)) return Entry{"", link};
  if (archive_entry_filetype(entry) != AE_IFREG) return NotFound(path, ": it is not a file");
  const auto size = static_cast<size_t>(archive_entry_size(entry));
  if (size > kMaxFileBytes) {
    return absl::ResourceExhaustedError(absl::StrCat(path, " is over 1 MiB"));
  }
  Entry file;
  file.content.resize(size);
  if (archive_read_data(reader.get(), file.content.data(), size) != static_cast<la_ssize_t>(size)) {
    return FailureStatus(v1::DOCKER_ERROR, "Docker's archive breaks off");
  }
  return file;
}

std::string Resolve(absl::string_view path, absl::string_view link) {
  if (!link.empty() && link[0] == '/') return std::string(link);
  return absl::StrCat(path.substr(0, path.rfind('/') + 1), link);
}

}  // namespace

std::string Engine::Impl::NewReaderPath() {
  return absl::StrCat("/containers/create?name=", kNamePrefix, NewRandomId());
}

void Engine::Impl::LabelReader(absl::string_view reader, Json& labels) const {
  labels[kReaderLabel] = std::string(reader);
  labels[kProcessLabel] = incarnation();
}

absl::StatusOr<std::optional<std::string>> Engine::Impl::ReadArchive(absl::string_view container,
                                                                     absl::string_view path,
                                                                     const Call& call) {
  std::string tar;
  const HttpRequest request{
      "GET", ContainerPath(container, absl::StrCat("/archive?path=", UrlEscape(path)))};
  const auto collect = [&tar](absl::string_view data) {
    absl::StrAppend(&tar, data);
    return tar.size() <= kMaxTarBytes;
  };
  const absl::Status status =
      Stream(request, {Operation::kContainer, std::string(container)}, call, collect);
  if (EngineSays(status, "Could not find the file")) return std::nullopt;
  if (!status.ok()) return status;
  return tar;
}

absl::StatusOr<std::string> Engine::ReadImageFile(absl::string_view image, absl::string_view path,
                                                  absl::string_view reader, const Call& call) {
  Json body = {{"Image", std::string(image)},
               {"Cmd", {"davit-never-started"}},
               {"HostConfig", {{"NetworkMode", "none"}}}};
  impl_->LabelReader(reader, body["Labels"]);
  const absl::StatusOr<Json> created = impl_->Ask({"POST", Impl::NewReaderPath(), DumpJson(body)},
                                                  {Operation::kCreate, std::string(image)}, call);
  if (!created.ok()) return created.status();
  const std::string id = StringAt(*created, "Id");
  const absl::Cleanup remove = [&] { impl_->RemoveLeftover(id).IgnoreError(); };
  std::string at(path);
  for (int links = 0; links < kMaxLinks; ++links) {
    const absl::StatusOr<std::optional<std::string>> tar = impl_->ReadArchive(id, at, call);
    if (!tar.ok()) return tar.status();
    if (!tar->has_value()) return NotFound(path, "");
    absl::StatusOr<Entry> entry = ReadEntry(**tar, at);
    if (!entry.ok()) return entry.status();
    if (entry->link.empty()) return std::move(entry->content);
    at = Resolve(at, entry->link);
  }
  return NotFound(path, ": too many symbolic links");
}

absl::Status Engine::RemoveLeftReaders(absl::string_view reader, const Call& call) {
  const auto readers = ListContainers({{kReaderLabel, std::string(reader)}}, call);
  if (!readers.ok()) return readers.status();
  for (const worker::v1::ObservedContainer& container : *readers) {
    // A container has the labels of its image, too: those alone make it nothing of ours.
    if (!absl::StartsWith(container.name(), kNamePrefix)) continue;
    const auto process = container.labels().find(kProcessLabel);
    // One of this process is being read from.
    if (process != container.labels().end() && process->second == impl_->incarnation()) continue;
    absl::Status status = impl_->Remove(container.id(), /*with_volumes=*/true, call);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace davit::docker
