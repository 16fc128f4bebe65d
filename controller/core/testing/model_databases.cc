// What steps do to databases, which are as many as their names.
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "controller/core/testing/model_host.h"

namespace davit::core {
namespace {

constexpr char kCutShort[] = "interrupted half-way";

}  // namespace

std::string ModelHost::BackUp(const worker::v1::BackupDatabase& backup,
                              worker::v1::StepOutputs& outputs) {
  if (!Act()) return kCutShort;
  const std::string file = absl::StrCat(backup.database().name(), ".dump");
  outputs.mutable_backup()->set_path(absl::StrCat(backup.directory(), "/", file));
  return Act() ? "" : kCutShort;
}

std::string ModelHost::Load(const std::string& step_id) {
  if (!Act()) return kCutShort;
  loaded[step_id] = false;
  if (!Act()) return kCutShort;
  loaded[step_id] = true;
  return "";
}

std::string ModelHost::Drop(const worker::v1::DropLoaded& drop) {
  if (!Act()) return kCutShort;
  loaded.erase(drop.loading_step_id());
  return "";
}

std::string ModelHost::Restore(const worker::v1::RestoreDatabase& restore,
                               worker::v1::StepOutputs& outputs) {
  const auto found = loaded.find(restore.loading_step_id());
  if (found == loaded.end() || !found->second) return "nothing was loaded";
  if (!Act()) return kCutShort;
  loaded.erase(found);
  outputs.mutable_restored()->set_old_name(
      absl::StrCat("shop_", restore.database().name(), "_before_20260102030405"));
  return "";
}

// As a real one, it says what it has made of the schema also when it fails.
std::string ModelHost::Migrate(const worker::v1::MigrateDatabase& migrate,
                               worker::v1::StepOutputs& outputs) {
  if (!Act()) return kCutShort;
  ++one_offs[migrate.run().container().service_name()];
  v1::Migration& migration = *outputs.mutable_migration();
  migration.set_meaning(v1::SCHEMA_UNCHANGED);
  (*migration.mutable_previous())["shop"] = "0004";
  if (!Act()) return kCutShort;
  if (migrates_to == v1::SCHEMA_UNCHANGED) return Act() ? "" : kCutShort;
  ++migrations[migrate.database().name()];
  migration.set_meaning(migrates_to);
  v1::SchemaChange& change = *migration.add_changes();
  change.set_sentence("Column vat was changed");
  change.set_meaning(migrates_to);
  return Act() ? "" : kCutShort;
}

void ModelHost::TakeBack(absl::string_view one_off) {
  if (!absl::ConsumePrefix(&one_off, "rollback_command of database ")) return;
  migrations.erase(std::string(one_off));
}

}  // namespace davit::core
