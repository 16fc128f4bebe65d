#ifndef DAVIT_COMMON_SPEC_DATABASE_READER_H_
#define DAVIT_COMMON_SPEC_DATABASE_READER_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "common/spec/origin_writer.h"
#include "common/spec/places.h"
#include "common/spec/problem_list.h"
#include "common/spec/variables.h"
#include "common/spec/yaml_tree.h"
#include "davit/v1/spec.pb.h"

namespace davit::spec {

// An app that uses a database, and what its preset has for the database's migration.
struct DatabaseUse {
  std::string app;
  std::string preset;  // its name
  NodePtr migrate;     // what the preset has, with the app; null: nothing
};

// Reads the databases that the apps of one environment use: what a preset brings is filled
// in, and a migration whose app does not live there is left out.
class DatabaseReader {
 public:
  // `databases` and `apps` are the file's mappings.
  DatabaseReader(NodePtr databases, const Node& apps, Variables& variables, ProblemList& problems)
      : databases_(std::move(databases)), apps_(apps), variables_(variables), problems_(problems) {}

  // That an app uses a database; a problem when there is none of the name. `path` is where the
  // app names it.
  void Use(const std::string& database, DatabaseUse use, const std::string& path, Places& places);
  // The databases that are used, into the spec, whose apps must be there.
  void Read(Places& places, v1::EnvironmentSpec* spec);

  // By database, those of the file alone.
  const absl::btree_map<std::string, std::vector<DatabaseUse>>& uses() const { return uses_; }
  // Where what Read() reads comes from.
  void LayOrigins(OriginWriter& origins) const;
  // Values of all that are used.
  int size() const;

 private:
  // Whose presets would fill in the migration of a database of uses().
  std::vector<const DatabaseUse*> PresetsFor(const std::string& database) const;
  void ReadOne(const Entry& entry, const std::string& path, Places& places,
               const v1::EnvironmentSpec& spec, v1::Database* out);
  bool HasPresetElsewhere(const v1::EnvironmentSpec& spec) const;
  void RefuseGuess(const Entry& entry, const DatabaseUse& one, const DatabaseUse& other);
  void PlaceMigration(const std::string& database, const std::string& path, Places& places,
                      v1::EnvironmentSpec* spec);

  const NodePtr databases_;
  const Node& apps_;
  Variables& variables_;
  ProblemList& problems_;
  absl::btree_map<std::string, std::vector<DatabaseUse>> uses_;
};

}  // namespace davit::spec

#endif  // DAVIT_COMMON_SPEC_DATABASE_READER_H_
