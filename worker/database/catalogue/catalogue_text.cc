#include <openssl/sha.h>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "worker/database/catalogue/catalogue.h"

namespace davit::database {
namespace {

constexpr absl::string_view kTextHeader = "davit catalogue 1";
constexpr absl::string_view kGap = "gap";
constexpr size_t kFields = 10;

std::string Escaped(absl::string_view value) {
  return absl::StrReplaceAll(
      value, {{"\\", "\\\\"}, {"\t", "\\t"}, {"\n", "\\n"}, {"\r", "\\r"}, {",", "\\c"}});
}

std::string Unescaped(absl::string_view value) {
  return absl::StrReplaceAll(
      value, {{"\\\\", "\\"}, {"\\t", "\t"}, {"\\n", "\n"}, {"\\r", "\r"}, {"\\c", ","}});
}

std::string LineOf(const CatalogueObject& object, ObjectIds ids) {
  const std::string columns = absl::StrJoin(
      object.columns, ",",
      [](std::string* out, const std::string& column) { absl::StrAppend(out, Escaped(column)); });
  return absl::StrJoin(
      {absl::StrCat(static_cast<int>(object.kind)), Escaped(object.schema), Escaped(object.table),
       Escaped(object.name), Escaped(object.definition), Escaped(object.default_value),
       std::string(object.strict ? "1" : "0"), std::string(object.expression ? "1" : "0"), columns,
       absl::StrCat(ids == ObjectIds::kWith ? object.id : 0)},
      "\t");
}

std::vector<std::string> ColumnsOf(absl::string_view text) {
  std::vector<std::string> columns;
  if (text.empty()) return columns;
  for (const absl::string_view column : absl::StrSplit(text, ',')) {
    columns.push_back(Unescaped(column));
  }
  return columns;
}

bool ParseLine(absl::string_view line, Catalogue& catalogue) {
  const std::vector<absl::string_view> fields = absl::StrSplit(line, '\t');
  if (fields.size() == 2 && fields[0] == kGap) {
    catalogue.gaps.push_back(Unescaped(fields[1]));
    return true;
  }
  CatalogueObject object;
  int kind = 0;
  if (fields.size() != kFields || !absl::SimpleAtoi(fields[0], &kind) || kind < 0 ||
      kind >= kObjectKinds || !absl::SimpleAtoi(fields[9], &object.id)) {
    return false;
  }
  object.kind = static_cast<ObjectKind>(kind);
  object.schema = Unescaped(fields[1]);
  object.table = Unescaped(fields[2]);
  object.name = Unescaped(fields[3]);
  object.definition = Unescaped(fields[4]);
  object.default_value = Unescaped(fields[5]);
  object.strict = fields[6] == "1";
  object.expression = fields[7] == "1";
  object.columns = ColumnsOf(fields[8]);
  catalogue.objects.push_back(std::move(object));
  return true;
}

}  // namespace

std::string CatalogueText(const Catalogue& catalogue, ObjectIds ids) {
  std::string text = absl::StrCat(kTextHeader, "\n");
  for (const std::string& gap : catalogue.gaps)
    absl::StrAppend(&text, kGap, "\t", Escaped(gap), "\n");
  for (const CatalogueObject& object : catalogue.objects) {
    absl::StrAppend(&text, LineOf(object, ids), "\n");
  }
  return text;
}

absl::StatusOr<Catalogue> ParseCatalogue(absl::string_view text) {
  std::vector<absl::string_view> lines = absl::StrSplit(text, '\n');
  if (lines.size() < 2 || lines.front() != kTextHeader || !lines.back().empty()) {
    return absl::InvalidArgumentError("This is no catalogue, or only a part of one");
  }
  Catalogue catalogue;
  for (size_t line = 1; line + 1 < lines.size(); ++line) {
    if (!ParseLine(lines[line], catalogue)) {
      return absl::InvalidArgumentError(absl::StrCat("Line ", line + 1, " is no catalogue's"));
    }
  }
  return catalogue;
}

std::string CatalogueHash(const Catalogue& catalogue, ObjectIds ids) {
  const std::string text = CatalogueText(catalogue, ids);
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(digest), sizeof(digest)));
}

}  // namespace davit::database
