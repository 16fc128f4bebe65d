#ifndef DAVIT_WORKER_DATABASE_CATALOGUE_CATALOGUE_DIFF_H_
#define DAVIT_WORKER_DATABASE_CATALOGUE_CATALOGUE_DIFF_H_

#include <string>
#include <vector>

#include "worker/database/catalogue/catalogue.h"

namespace davit::database {

enum class ChangeKind {
  kAdded,
  kRemoved,
  kChanged,
  kRenamed,   // another name or schema, the same thing
  kReplaced,  // a table or column: dropped, and one of that name created again
};

// Of a changed object, what is another.
enum class ChangedPart { kNone, kDefinition, kDefault, kStrictness };

struct CatalogueChange {
  ChangeKind kind = ChangeKind::kChanged;
  ChangedPart part = ChangedPart::kNone;
  CatalogueObject before;  // not of kAdded
  CatalogueObject after;   // not of kRemoved
  // Of an added index or constraint: all its columns were added along with it, and stay
  // NULL in rows of who does not know them.
  bool on_new_columns = false;
  // Of an added foreign key: its table was added along with it.
  bool of_new_table = false;
  // Of an added table: what it inherits from was there before, and shows its rows too.
  bool inherits_old_table = false;
  // Of an added partition of a table of before: it asks more of rows than that does.
  bool asks_more_than_parent = false;
  // Of an added column: the definitions of the domain that is its type, and of those below it.
  std::string domain;

  const CatalogueObject& object() const { return kind == ChangeKind::kRemoved ? before : after; }
};

// What makes `after` of `before`, both in order, by `after`'s keys. What belongs to an
// added or removed table or schema is not listed by itself, but for foreign keys from a
// new table to one that was there. A column with several differences is listed for each.
std::vector<CatalogueChange> DiffCatalogues(const Catalogue& before, const Catalogue& after);

// One sentence: "Column vat (text) was added to shop_customer".
std::string ChangeSentence(const CatalogueChange& change);

// The same change in several schemas.
struct ChangeGroup {
  CatalogueChange first;
  std::vector<std::string> schemas;

  // With how many schemas, and which come first.
  std::string Sentence() const;
};

// Puts what 200 tenants have in common into one group; keeps the order.
std::vector<ChangeGroup> GroupBySchema(const std::vector<CatalogueChange>& changes);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_CATALOGUE_CATALOGUE_DIFF_H_
