#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <functional>
#include <memory>

#include "controller/store/sqlite/sqlite_store.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/conformance/records.h"
#include "tests/support/temp_dir.h"

// What is acknowledged is there, whatever happens to the process.
namespace davit::test {
namespace {

using store::ReadTxn;
using store::SqliteStore;
using store::Store;
using store::Txn;

// Another process that runs `body` with a pipe to write to. Started before the
// test opens a store: SQLite's connections must not be carried over a fork.
class Child {
 public:
  explicit Child(const std::function<void(FILE*)>& body) {
    int ends[2];
    EXPECT_EQ(pipe(ends), 0);
    pid_ = fork();
    if (pid_ == 0) {
      close(ends[0]);
      body(fdopen(ends[1], "w"));
      _exit(0);
    }
    close(ends[1]);
    output_ = fdopen(ends[0], "r");
  }
  ~Child() { fclose(output_); }

  // One line, without its end; empty at the end of the output.
  std::string Line() {
    char line[64];
    if (fgets(line, sizeof(line), output_) == nullptr) return "";
    return std::string(line, strcspn(line, "\n"));
  }
  void Kill() { EXPECT_EQ(kill(pid_, SIGKILL), 0); }
  int Wait() {
    int status = 0;
    EXPECT_EQ(waitpid(pid_, &status, 0), pid_);
    return status;
  }

 private:
  pid_t pid_ = -1;
  FILE* output_ = nullptr;
};

void Say(FILE* output, int64_t number) {
  fprintf(output, "%ld\n", static_cast<long>(number));
  fflush(output);
}

// Commits events for ever, some in groups, and says the number of each one that
// was acknowledged.
void CommitForEver(const std::string& path, FILE* output) {
  auto store = SqliteStore::Open(path);
  if (!store.ok()) _exit(1);
  if (!(*store)->Update([](Txn& txn) { return txn.PutDeployment(Record("d-1")); }).ok()) _exit(1);
  for (int64_t next = 1;; next += 4) {
    std::vector<Store::UpdateFn> fns;
    for (int64_t i = next; i < next + 4; ++i) {
      fns.push_back([i](Txn& txn) { return txn.AppendEvents({NoteEvent("d-1", i)}); });
    }
    for (const absl::Status& status : (*store)->UpdateEach(fns)) {
      if (!status.ok()) _exit(1);
    }
    for (int64_t i = next; i < next + 4; ++i) Say(output, i);
  }
}

std::vector<int64_t> SequencesIn(const std::string& path) {
  std::vector<int64_t> sequences;
  auto store = SqliteStore::Open(path);
  EXPECT_TRUE(store.ok()) << store.status();
  const absl::Status status = (*store)->View([&](ReadTxn& txn) {
    const auto events = txn.ReadEvents("d-1", 0, 1'000'000);
    if (!events.ok()) return events.status();
    for (const v1::Event& event : *events) sequences.push_back(event.sequence());
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
  return sequences;
}

TEST(Durability, KeepsEveryAcknowledgedEventWhenTheProcessIsKilled) {
  for (int killed_after : {1, 40, 333}) {
    TempDir directory;
    const std::string path = directory.File("davit.db");
    Child child([&](FILE* output) { CommitForEver(path, output); });
    for (int i = 0; i < killed_after; ++i) ASSERT_NE(child.Line(), "");
    child.Kill();
    int64_t acknowledged = killed_after;
    for (std::string line = child.Line(); !line.empty(); line = child.Line()) ++acknowledged;
    ASSERT_TRUE(WIFSIGNALED(child.Wait()));

    const std::vector<int64_t> kept = SequencesIn(path);
    EXPECT_GE(static_cast<int64_t>(kept.size()), acknowledged);
    EXPECT_EQ(kept.size() % 4, 0u) << "a group is kept whole or not at all";
    for (size_t i = 0; i < kept.size(); ++i) EXPECT_EQ(kept[i], static_cast<int64_t>(i) + 1);
  }
}

TEST(Durability, LetsManyProcessesMakeAndFillOneStoreTogether) {
  constexpr int kProcesses = 4;
  constexpr int kEach = 25;
  TempDir directory;
  const std::string path = directory.File("davit.db");
  std::vector<std::unique_ptr<Child>> children;
  for (int c = 0; c < kProcesses; ++c) {
    children.push_back(std::make_unique<Child>([&](FILE* output) {
      auto store = SqliteStore::Open(path);
      if (!store.ok()) return;
      for (int i = 0; i < kEach; ++i) {
        const absl::Status status = (*store)->Update([&](Txn& txn) {
          const absl::Status put = txn.PutDeployment(Record("d-1"));
          if (!put.ok()) return put;
          const auto events = txn.ReadEvents("d-1", 0, 1000);
          if (!events.ok()) return events.status();
          const int64_t next = static_cast<int64_t>(events->size()) + 1;
          return txn.AppendEvents({NoteEvent("d-1", next, absl::StrCat(c))});
        });
        Say(output, status.ok() ? 1 : 0);
      }
    }));
  }
  int acknowledged = 0;
  for (const auto& child : children) {
    for (std::string line = child->Line(); !line.empty(); line = child->Line()) {
      if (line == "1") ++acknowledged;
    }
    child->Wait();
  }
  EXPECT_EQ(acknowledged, kProcesses * kEach);
  EXPECT_EQ(SequencesIn(path).size(), static_cast<size_t>(kProcesses * kEach));
}

}  // namespace
}  // namespace davit::test
