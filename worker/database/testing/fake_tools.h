#ifndef DAVIT_WORKER_DATABASE_TESTING_FAKE_TOOLS_H_
#define DAVIT_WORKER_DATABASE_TESTING_FAKE_TOOLS_H_

#include <functional>
#include <string>
#include <utility>

#include "worker/database/backup/tools.h"

namespace davit::database {

// Tools that do what a test says; by default pg_dump writes a text and pg_restore is
// content with everything.
class FakeTools final : public ToolRunner {
 public:
  using Behaviour = std::function<absl::StatusOr<ChildEnd>(const ToolRun&)>;

  int major_version() const override { return 15; }
  std::string version() const override { return "15.0"; }
  absl::StatusOr<ChildEnd> Run(const Call& call, const ToolRun& run) override;

  void OnDump(Behaviour behaviour) { dump_ = std::move(behaviour); }
  void OnRestore(Behaviour behaviour) { restore_ = std::move(behaviour); }

 private:
  Behaviour dump_;
  Behaviour restore_;
};

// The real ones, after what `before` says: an error of its own takes their place.
class GuardedTools final : public ToolRunner {
 public:
  using Guard = std::function<absl::Status(const ToolRun&)>;
  GuardedTools(ToolRunner& real, Guard before) : real_(real), before_(std::move(before)) {}

  int major_version() const override { return real_.major_version(); }
  std::string version() const override { return real_.version(); }
  absl::StatusOr<ChildEnd> Run(const Call& call, const ToolRun& run) override {
    if (absl::Status refused = before_(run); !refused.ok()) return refused;
    return real_.Run(call, run);
  }

 private:
  ToolRunner& real_;
  Guard before_;
};

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_TESTING_FAKE_TOOLS_H_
