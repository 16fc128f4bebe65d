#ifndef DAVIT_WORKER_DATABASE_CATALOGUE_CHANGE_CONTEXT_H_
#define DAVIT_WORKER_DATABASE_CATALOGUE_CHANGE_CONTEXT_H_

#include <vector>

#include "worker/database/catalogue/catalogue_diff.h"

namespace davit::database {

// What changes mean for each other: leaves out those that another one brings with it, and
// sets what they know of each other, from `on_new_columns` on.
std::vector<CatalogueChange> WithContext(std::vector<CatalogueChange> changes,
                                         const Catalogue& before, const Catalogue& after);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_CATALOGUE_CHANGE_CONTEXT_H_
