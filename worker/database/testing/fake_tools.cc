#include "worker/database/testing/fake_tools.h"

#include <unistd.h>

#include "absl/strings/string_view.h"

namespace davit::database {
namespace {

constexpr absl::string_view kFakeArchive = "all of the database";

}  // namespace

absl::StatusOr<ChildEnd> FakeTools::Run(const Call& call, const ToolRun& run) {
  if (absl::Status ended = call.Check(); !ended.ok()) return ended;
  const bool dump = run.tool == PostgresTool::kDump;
  if (const Behaviour& behaviour = dump ? dump_ : restore_) return behaviour(run);
  if (dump && write(run.output, kFakeArchive.data(), kFakeArchive.size()) < 0) {
    return absl::InternalError("the fake cannot write");
  }
  if (run.progress) run.progress();
  return ChildEnd{};
}

}  // namespace davit::database
