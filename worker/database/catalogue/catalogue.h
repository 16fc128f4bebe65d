#ifndef DAVIT_WORKER_DATABASE_CATALOGUE_CATALOGUE_H_
#define DAVIT_WORKER_DATABASE_CATALOGUE_CATALOGUE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/call.h"
#include "worker/database/connection/connection.h"

namespace davit::database {

// By number they are also the order within a table. The text form has the numbers: new
// ones go to the end.
enum class ObjectKind : uint8_t {
  kSchema,
  kTable,  // also partitioned and foreign ones
  kColumn,
  kIndex,  // without constraint's; `strict` when unique
  kPrimaryKey,
  kUnique,
  kForeignKey,
  kCheck,
  kExclusion,
  kTrigger,
  kPolicy,  // row security
  kRule,
  kSequence,
  kView,
  kMaterializedView,
  kEnum,
  kType,  // domains and composite types
  kFunction,
  kExtension,
  kPrivilege,  // of a table or view, granted to another than its owner
  kMigration,  // a row of a framework's table of applied migrations
};

inline constexpr int kObjectKinds = static_cast<int>(ObjectKind::kMigration) + 1;

// What a person calls it: "column", "foreign key"…
absl::string_view KindName(ObjectKind kind);

// Whether objects of `kind` belong to a table and go with it.
bool BelongsToTable(ObjectKind kind);

// One thing of the schema. Names are as stored, without quotes.
struct CatalogueObject {
  ObjectKind kind = ObjectKind::kTable;
  std::string schema;  // empty for extensions
  std::string table;   // that it belongs to; empty where none
  std::string name;    // functions with the types of their arguments
  // A column's type; an index's or constraint's definition; an enum's values, one a
  // line; the migration's state; a digest where only equality counts.
  std::string definition;
  // A column's default, identity or generation expression; empty without.
  std::string default_value;
  bool strict = false;               // a column that is NOT NULL, an index that is unique
  bool expression = false;           // an index over expressions or with a condition
  std::vector<std::string> columns;  // of an index or constraint
  // The server's number of a table or column, which a renamed one keeps and a new one of
  // the same name does not; 0 unknown. Only good within one database.
  uint64_t id = 0;
};

// Whether it is an index that is left of a CREATE INDEX CONCURRENTLY which did not end, and the
// statement that drops it.
bool IsUnfinishedIndex(const CatalogueObject& object);
std::string IndexDrop(const CatalogueObject& index);

// Everything of all user schemas, ordered by schema, table, kind and name. What it does
// not have: rows, comments, statistics, the place of a column, settings of roles and
// database, privileges on other than tables and views.
struct Catalogue {
  std::vector<CatalogueObject> objects;
  // What could not be looked at, a sentence each.
  std::vector<std::string> gaps;
};

// The statements that drop the unfinished indexes in it.
std::vector<std::string> UnfinishedIndexDrops(const Catalogue& catalogue);

// Negative, zero or positive as `a` comes before, with or after `b`.
int CompareKeys(const CatalogueObject& a, const CatalogueObject& b);

// Puts the objects in order; of two with one key the second is dropped.
void SortCatalogue(Catalogue& catalogue);

// A snapshot in one transaction, in a fixed number of queries however many schemas there
// are. It waits for no lock longer than five seconds. Errors are Connection's.
absl::StatusOr<Catalogue> ReadCatalogue(Connection& connection, const Call& call);

// A line an object; equal texts mean equal catalogues. With `ids`, it can tell that
// something was replaced by its like; without, it compares across databases.
enum class ObjectIds { kWith, kWithout };
std::string CatalogueText(const Catalogue& catalogue, ObjectIds ids = ObjectIds::kWith);

// Reads what CatalogueText wrote. INVALID_ARGUMENT for anything else.
absl::StatusOr<Catalogue> ParseCatalogue(absl::string_view text);

// SHA-256 of the text, in hex.
std::string CatalogueHash(const Catalogue& catalogue, ObjectIds ids = ObjectIds::kWith);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_CATALOGUE_CATALOGUE_H_
