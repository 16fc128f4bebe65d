"""The structure is a feature: which room may know which, and that core can do no I/O."""

import os
import pathlib
import re
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("DAVIT_BUILD", ROOT / "build"))

# Room to the rooms whose headers its production code may include (besides its own).
MAY_INCLUDE = {
    "common": {"common"},
    "controller/core": {"common"},
    "controller/store": {"common", "controller/core"},
    "controller/fleet": {"common"},
    "controller/secrets": {"common", "controller/store", "controller/executor"},
    "controller/executor": {"common", "controller/core", "controller/store", "controller/fleet"},
    "controller/api": {"common", "controller/core", "controller/store", "controller/fleet", "controller/executor",
                       "controller/secrets"},
    "controller": {"common", "controller/core", "controller/store", "controller/fleet", "controller/executor",
                   "controller/api", "controller/secrets"},
    "worker/docker": {"common"},
    "worker/probe": {"common"},
    "worker/build": {"common", "worker/docker"},
    "worker/database": {"common", "worker/docker"},
    "worker/steps": {"common", "worker/docker", "worker/database", "worker/probe"},
    "worker/service": {"common", "worker/docker", "worker/database", "worker/steps", "worker/build"},
    "worker": {"common", "worker/docker", "worker/database", "worker/steps", "worker/service", "worker/build"},
    "client/output": {"common"},
    "client/build": {"common"},
    "client/local": {"common", "controller", "worker/docker", "worker/database", "worker/service", "worker/steps",
                     "worker/build"},
    "client/commands": {"common", "client/output", "client/local", "client/build"},
    "client": {"common", "client/commands"},
}

# What may not be in core's undefined symbols: I/O, clocks, and the libraries that do them.
FORBIDDEN_IN_CORE = re.compile(
    r"\b(grpc::|grpc_|curl_|sqlite3_|SQLite::|spdlog::|YAML::|fopen|open64|socket$|absl::Now|"
    r"clock_gettime|gettimeofday|getenv|pthread_create|std::chrono::_V2::)")


def room_of(path):
    """The longest room that `path` (relative) lies in."""
    rooms = [r for r in MAY_INCLUDE if str(path).startswith(r + "/")]
    return max(rooms, key=len, default=None)


def sources(pattern):
    tracked = subprocess.run(["git", "ls-files", "--", pattern], cwd=ROOT, check=True, capture_output=True)
    return [pathlib.Path(line) for line in tracked.stdout.decode().splitlines()]


class StructureTest(unittest.TestCase):
    def test_each_room_includes_only_what_it_may(self):
        wrong = []
        for path in sources("*.cc") + sources("*.h"):
            room = room_of(path)
            if room is None or path.name.endswith("_test.cc"):
                continue
            for included in re.findall(r'^#include "([^"]+)"', (ROOT / path).read_text(), re.M):
                target = room_of(included)
                if target and target != room and not any(
                        target == ok or target.startswith(ok + "/") for ok in MAY_INCLUDE[room]):
                    wrong.append(f"{path} includes {included}")
        self.assertEqual(wrong, [])

    def test_core_cannot_do_io(self):
        archive = BUILD / "controller/core/libdavit_controller_core.a"
        self.assertTrue(archive.exists(), archive)
        symbols = subprocess.run(["nm", "-C", "--undefined-only", archive], check=True, capture_output=True)
        bad = [line for line in symbols.stdout.decode().splitlines() if FORBIDDEN_IN_CORE.search(line)]
        self.assertEqual(bad, [])

    def test_every_source_is_built(self):
        built = (BUILD / "compile_commands.json").read_text()
        built += "".join(unity.read_text() for unity in BUILD.glob("**/Unity/*.cxx"))
        orphans = [str(p) for p in sources("*.cc")
                   if not str(p).startswith(("tests/fuzz/", "tests/bench/")) and str(ROOT / p) not in built]
        self.assertEqual(orphans, [])

    def test_one_library_a_folder(self):
        for path in sources("*/CMakeLists.txt"):
            text = (ROOT / path).read_text()
            if path.parts[0] in ("proto", "tests"):
                continue
            with self.subTest(str(path)):
                self.assertLessEqual(text.count("davit_library("), 2)
                self.assertNotIn("GLOB", text)

    def test_every_executable_says_what_runs_it(self):
        silent = [str(p) for p in sources("*")
                  if os.access(ROOT / p, os.X_OK) and (ROOT / p).is_file()
                  and (ROOT / p).read_bytes()[:2] != b"#!"]
        self.assertEqual(silent, [])

    def test_mains_stay_small(self):
        for path in sources("*main.cc"):
            self.assertLess(len((ROOT / path).read_text().splitlines()), 150, path)


if __name__ == "__main__":
    unittest.main(verbosity=2)
