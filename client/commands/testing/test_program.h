#ifndef DAVIT_CLIENT_COMMANDS_TESTING_TEST_PROGRAM_H_
#define DAVIT_CLIENT_COMMANDS_TESTING_TEST_PROGRAM_H_

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "client/commands/command_line/command_line.h"

namespace davit::commands {

// A davit.yaml with two apps and two environments.
inline constexpr char kShopOfTwo[] = R"(project: shop
apps:
  web: {image: shop/web}
  api: {image: "shop/api:${API_TAG}"}
environments:
  dev: {}
  production: {hosts: [prod-1]}
)";

// The program in a directory of its own, as a user runs it.
class ProgramTest : public ::testing::Test {
 protected:
  ProgramTest() : before_(std::filesystem::current_path()) {
    std::string name = "/tmp/davit-shop-XXXXXX";
    directory_ = mkdtemp(name.data());
    std::filesystem::current_path(directory_);
  }
  ~ProgramTest() override {
    std::filesystem::current_path(before_);
    std::filesystem::remove_all(directory_);
  }

  int Run(const std::vector<std::string>& arguments) {
    out_.str("");
    err_.str("");
    Invocation invocation{.out = out_,
                          .err = err_,
                          .out_width = width_,
                          .err_width = width_,
                          .variable =
                              [this](const std::string& name) {
                                const auto found = variables_.find(name);
                                return found == variables_.end() ? std::nullopt
                                                                 : std::optional(found->second);
                              },
                          .in_descriptor = in_descriptor_};
    return RunCommandLine(arguments, invocation);
  }

  void Write(const std::string& text) { std::ofstream("davit.yaml") << text; }

  const std::filesystem::path before_;
  std::string directory_;
  std::map<std::string, std::string> variables_;
  int width_ = 0;
  int in_descriptor_ = STDIN_FILENO;
  std::ostringstream out_;
  std::ostringstream err_;
};

}  // namespace davit::commands

#endif  // DAVIT_CLIENT_COMMANDS_TESTING_TEST_PROGRAM_H_
