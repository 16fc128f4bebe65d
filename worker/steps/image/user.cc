#include "worker/steps/image/user.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/failure/failure.h"

namespace davit::steps {
namespace {

using Fields = std::vector<absl::string_view>;

// The line of passwd or group that `matches`; empty when there is none.
template <typename Matches>
Fields FindLine(absl::string_view file, size_t least_fields, Matches matches) {
  for (const absl::string_view line : absl::StrSplit(file, '\n')) {
    Fields fields = absl::StrSplit(line, ':');
    if (fields.size() >= least_fields && matches(fields)) return fields;
  }
  return {};
}

std::optional<uint32_t> Number(absl::string_view text) {
  uint32_t number = 0;
  if (!absl::SimpleAtoi(text, &number)) return std::nullopt;
  return number;
}

absl::StatusOr<gid_t> ResolveGroup(absl::string_view name, absl::string_view group) {
  const Fields line = FindLine(group, 3, [&](const Fields& fields) { return fields[0] == name; });
  const auto number = Number(line.empty() ? name : line[2]);
  if (number.has_value()) return *number;
  return absl::NotFoundError(absl::StrCat("the image has no group \"", name, "\""));
}

// A file that the image does not have is empty.
absl::StatusOr<std::string> ReadFile(docker::Engine& engine, absl::string_view image,
                                     absl::string_view path, absl::string_view reader,
                                     const Call& call) {
  auto text = engine.ReadImageFile(image, path, reader, call);
  if (absl::IsNotFound(text.status()) && !IsFailure(text.status(), v1::IMAGE_NOT_FOUND)) return "";
  return text;
}

}  // namespace

absl::StatusOr<Owner> ParseOwner(absl::string_view text) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, ':');
  const auto uid = Number(parts[0]);
  const auto gid = parts.size() == 2 ? Number(parts[1]) : uid;
  if (parts.size() > 2 || !uid.has_value() || !gid.has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", text, "\" is no owner: auto, UID or UID:GID is wanted"));
  }
  return Owner{*uid, *gid};
}

absl::StatusOr<Owner> ResolveUser(absl::string_view user, absl::string_view passwd,
                                  absl::string_view group) {
  if (user.empty()) return Owner{};
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(user, absl::MaxSplits(':', 1));
  const auto number = Number(parts.first);
  const Fields line = FindLine(passwd, 4, [&](const Fields& fields) {
    return fields[0] == parts.first || (number.has_value() && Number(fields[2]) == number);
  });
  Owner owner;
  if (!line.empty()) {
    owner = {Number(line[2]).value_or(0), Number(line[3]).value_or(0)};
  } else if (number.has_value()) {
    owner.uid = *number;
  } else {
    return absl::NotFoundError(absl::StrCat("the image has no user \"", parts.first, "\""));
  }
  if (parts.second.empty()) return owner;
  const auto gid = ResolveGroup(parts.second, group);
  if (!gid.ok()) return gid.status();
  owner.gid = *gid;
  return owner;
}

absl::StatusOr<Owner> ImageUser(docker::Engine& engine, absl::string_view image,
                                absl::string_view user, absl::string_view reader,
                                const Call& call) {
  std::string declared(user);
  if (declared.empty()) {
    const auto details = engine.InspectImage(image, call);
    if (!details.ok()) return details.status();
    declared = details->user;
  }
  if (declared.empty()) return Owner{};
  const auto passwd = ReadFile(engine, image, "/etc/passwd", reader, call);
  if (!passwd.ok()) return passwd.status();
  const auto group = ReadFile(engine, image, "/etc/group", reader, call);
  if (!group.ok()) return group.status();
  return ResolveUser(declared, *passwd, *group);
}

}  // namespace davit::steps
