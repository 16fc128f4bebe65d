#ifndef DAVIT_TESTS_BENCH_PAST_H_
#define DAVIT_TESTS_BENCH_PAST_H_

#include <string>

namespace davit::bench {

// What has happened in a controller's store before the bench.
struct Past {
  int environments = 1;
  int deployments = 1;  // in each of them, all of which have succeeded
  int events = 100;     // of each deployment: its steps', and lines of log
};

// Names of the environments: env0, env1…
std::string EnvironmentNamed(int number);

// The path of a store of project shop with `past`. Made when `directory` has none of
// this schema yet, and kept: a long past takes minutes.
std::string StoreWith(const Past& past, const std::string& directory);

}  // namespace davit::bench

#endif  // DAVIT_TESTS_BENCH_PAST_H_
