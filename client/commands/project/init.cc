#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "client/commands/command_line/verbs.h"
#include "client/commands/invocation/exit_code.h"
#include "client/commands/invocation/shell_command.h"
#include "client/commands/project/starter_file.h"
#include "common/failure/failure.h"
#include "common/spec/image_reference.h"

namespace davit::commands {
namespace {

constexpr char kDefaultFile[] = "davit.yaml";

struct InitOptions {
  std::string file = kDefaultFile;
  std::string image;
  int port = 8000;
};

// How the file that is written, or was there, is looked at.
std::string CheckCommand(const std::string& path) {
  const std::string option = path == kDefaultFile ? "" : absl::StrCat(" -f ", ShellWord(path));
  return absl::StrCat("check it with: davit validate", option);
}

absl::Status Refuse(absl::string_view message, absl::string_view next_command) {
  v1::Failure failure = MakeFailure(v1::SPEC_INVALID, message);
  failure.set_next_command(std::string(next_command));
  return FailureStatus(failure);
}

absl::Status CheckImage(const std::string& image) {
  const auto reference = spec::ParseImageReference(image);
  if (reference.ok()) return absl::OkStatus();
  return Refuse(absl::StrCat("--image ", image, ": ", reference.status().message()),
                "write it as REPOSITORY or REPOSITORY:TAG");
}

absl::Status WriteNew(const std::string& path, const std::string& text) {
  std::error_code error;
  if (std::filesystem::exists(path, error)) {
    return Refuse(absl::StrCat(path, " is there already and is left as it is"), CheckCommand(path));
  }
  std::ofstream out(path);
  out << text;
  if (out.flush()) return absl::OkStatus();
  return Refuse(absl::StrCat(path, " cannot be written"), "check the directory's owner and mode");
}

int Init(const Invocation& invocation, const InitOptions& options) {
  std::error_code error;
  const auto directory = std::filesystem::absolute(options.file, error).parent_path();
  StarterOptions starter{.project = ProjectNameFrom(directory.filename().string()),
                         .image = options.image,
                         .port = options.port};
  if (starter.image.empty()) starter.image = absl::StrCat(starter.project, "/web");
  absl::Status status = CheckImage(starter.image);
  if (status.ok()) status = WriteNew(options.file, StarterFile(starter));
  if (!status.ok()) return invocation.Fail(status);
  invocation.Tell(absl::StrCat("wrote ", options.file, "; ", CheckCommand(options.file)));
  return kLive;
}

}  // namespace

void AddInit(CLI::App& app, Invocation& invocation) {
  auto options = std::make_shared<InitOptions>();
  CLI::App* verb = app.add_subcommand("init", "Write a commented davit.yaml to begin with");
  verb->add_option("-f,--file", options->file, "Where to write it")->capture_default_str();
  verb->add_option("--image", options->image, "Repository of the image");
  verb->add_option("--port", options->port, "Port that the app listens on")
      ->check(CLI::Range(1, 65535))
      ->capture_default_str();
  verb->callback([options, &invocation] {
    invocation.run = [options, &invocation] { return Init(invocation, *options); };
  });
}

}  // namespace davit::commands
