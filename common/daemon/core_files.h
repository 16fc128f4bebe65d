#ifndef DAVIT_COMMON_DAEMON_CORE_FILES_H_
#define DAVIT_COMMON_DAEMON_CORE_FILES_H_

namespace davit {

// This process leaves no core when it crashes, neither a file nor one that the system's
// handler is given, and other processes of its user cannot look into it: its memory has
// secrets. Children that it starts leave no core file either. To be called first of all.
void LeaveNoCores();

}  // namespace davit

#endif  // DAVIT_COMMON_DAEMON_CORE_FILES_H_
