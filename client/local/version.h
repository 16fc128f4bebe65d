#ifndef DAVIT_CLIENT_LOCAL_VERSION_H_
#define DAVIT_CLIENT_LOCAL_VERSION_H_

namespace davit::local {

// Of this build, as CMake's project() has it: 1.2.3.
inline constexpr char kVersion[] = DAVIT_VERSION;

}  // namespace davit::local

#endif  // DAVIT_CLIENT_LOCAL_VERSION_H_
