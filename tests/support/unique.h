#ifndef DAVIT_TESTS_SUPPORT_UNIQUE_H_
#define DAVIT_TESTS_SUPPORT_UNIQUE_H_

#include <string>

#include "absl/strings/string_view.h"

namespace davit::test {

// <prefix>-<random>: a name that no other test, running now or left behind,
// has. Fit for containers, images and networks.
std::string UniqueName(absl::string_view prefix);

// A port that nothing listens on at any address, below those that the kernel
// gives to outgoing connections. No other test program gets it while this one
// runs. Crashes where there is none.
int FreePort();

}  // namespace davit::test

#endif  // DAVIT_TESTS_SUPPORT_UNIQUE_H_
