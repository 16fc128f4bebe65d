#ifndef DAVIT_WORKER_DATABASE_CATALOGUE_TABLE_PARENTS_H_
#define DAVIT_WORKER_DATABASE_CATALOGUE_TABLE_PARENTS_H_

#include <string>
#include <utility>
#include <vector>

#include "worker/database/catalogue/catalogue_diff.h"

namespace davit::database {

// What a table inherits from, or is a partition of, by schema and name.
std::vector<std::pair<std::string, std::string>> ParentsOf(const CatalogueObject& table);

bool IsPartition(const CatalogueObject& table);

// Whether an added partition asks more of rows than its parent, `before`, does: by checks, by what
// is unique, or by NOT NULL. `before` is in order.
bool AsksMoreThanParent(const CatalogueObject& partition,
                        const std::pair<std::string, std::string>& parent,
                        const std::vector<CatalogueChange>& changes, const Catalogue& before);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_CATALOGUE_TABLE_PARENTS_H_
