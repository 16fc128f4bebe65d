#ifndef DAVIT_CONTROLLER_CORE_DATABASE_BACKUP_TEXT_H_
#define DAVIT_CONTROLLER_CORE_DATABASE_BACKUP_TEXT_H_

#include <string>

#include "davit/v1/database.pb.h"

// A backup of a database, for people and for the worker that has it.
namespace davit::core {

// Its path, host and time.
std::string BackupText(const v1::Backup& backup);

// When it was begun: what was written since is not in it. To the second, UTC.
std::string BackupTime(const v1::Backup& backup);

// Where it lies on its host, and its name there.
std::string BackupDirectory(const v1::Backup& backup);
std::string BackupFile(const v1::Backup& backup);

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_DATABASE_BACKUP_TEXT_H_
