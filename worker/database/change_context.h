#ifndef DAVIT_WORKER_DATABASE_CHANGE_CONTEXT_H_
#define DAVIT_WORKER_DATABASE_CHANGE_CONTEXT_H_

#include <vector>

#include "worker/database/catalogue_diff.h"

namespace davit::database {

// What changes mean for each other: leaves out those that another one brings with it, and
// sets `on_new_columns` and `of_new_table`.
std::vector<CatalogueChange> WithContext(std::vector<CatalogueChange> changes,
                                         const Catalogue& before);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_CHANGE_CONTEXT_H_
