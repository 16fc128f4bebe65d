#!/usr/bin/env python3
"""Reads a trace of bench_commits --trace: was all of it on disk before it was acknowledged?

    check_trace.py FILE      what strace -f -y wrote of pwrite64, write, fdatasync and fsync

The program says "acknowledged RESULT" when it has acknowledged a step and "answered
DEPLOYMENT" when a request has its reply. RESULT and DEPLOYMENT stand in the bytes of
what is stored. So: before each of these lines, the log of the database was written with
these bytes in it, and flushed after that.
"""

import re
import sys

LINE = re.compile(r"^(\d+)\s+(.*)$")
CALL = re.compile(r"^(\w+)\(\d+<([^>]*)>")
RESUMED = re.compile(r"^<\.\.\. (\w+) resumed>")
SAID = re.compile(r'"(acknowledged|answered) (.*?)\\n"')
STORED = re.compile(r"result of d-[0-9a-z]+-\d+\.|d-[0-9a-z]{20}")


class Checker:
    """Follows the calls in the order in which they began and ended."""

    def __init__(self):
        self.flushing = {}  # thread to what was written before it began to flush
        self.written = set()  # but maybe not flushed
        self.flushed = set()
        self.early = []
        self.said = 0

    def begin(self, thread, name, path, text):
        if name in ("fdatasync", "fsync") and path.endswith("-wal"):
            self.flushing[thread] = set(self.written)
        elif name == "pwrite64" and path.endswith("-wal"):
            self.written |= set(STORED.findall(text)) - self.flushed
        elif name == "write" and (said := SAID.search(text)):
            self.said += 1
            if said[2] not in self.flushed:
                self.early.append(f"{said[1]} {said[2]}")

    def end(self, thread, name):
        if name in ("fdatasync", "fsync") and thread in self.flushing:
            self.flushed |= self.flushing.pop(thread)
            self.written -= self.flushed

    def read(self, lines):
        for line in lines:
            thread, text = LINE.match(line).groups()
            if call := CALL.match(text):
                self.begin(thread, call[1], call[2], text)
                if "<unfinished ...>" not in text:
                    self.end(thread, call[1])
            elif resumed := RESUMED.match(text):
                self.end(thread, resumed[1])


def main():
    checker = Checker()
    with open(sys.argv[1], encoding="utf-8", errors="replace") as trace:
        checker.read(trace)
    for early in checker.early:
        print(f"before it was on disk: {early}", file=sys.stderr)
    print(f"{checker.said} acknowledgements and answers, {len(checker.early)} before the flush")
    return 1 if checker.early or checker.said == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
