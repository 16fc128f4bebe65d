#!/usr/bin/env python3
"""check_trace.py finds what was said too early, and nothing else."""

import unittest

import check_trace

WROTE = '7 pwrite64(5</x/davit.db-wal>, "\\0result of d-{0}-01.\\0", 4096, 0) = 4096\n'
FLUSHED = "7 fdatasync(5</x/davit.db-wal>) = 0\n"
SAID = '{1} write(1</dev/null>, "acknowledged result of d-{0}-01.\\n", 9) = 9\n'
ONE = "1" * 20
TWO = "2" * 20


class CheckTraceTest(unittest.TestCase):
    def early(self, *lines):
        checker = check_trace.Checker()
        checker.read(lines)
        return len(checker.early)

    def test_takes_what_was_flushed_before(self):
        self.assertEqual(self.early(WROTE.format(ONE), FLUSHED, SAID.format(ONE, 7)), 0)

    def test_finds_what_was_only_written(self):
        self.assertEqual(self.early(WROTE.format(ONE), SAID.format(ONE, 7), FLUSHED), 1)

    def test_finds_what_was_written_after_the_flush(self):
        lines = [WROTE.format(ONE), FLUSHED, WROTE.format(TWO), SAID.format(ONE, 7), SAID.format(TWO, 7)]
        self.assertEqual(self.early(*lines), 1)

    def test_finds_what_is_said_while_it_is_flushed(self):
        begun = "7 fdatasync(5</x/davit.db-wal> <unfinished ...>\n"
        ended = "7 <... fdatasync resumed>) = 0\n"
        self.assertEqual(self.early(WROTE.format(ONE), begun, SAID.format(ONE, 8), ended), 1)
        self.assertEqual(self.early(WROTE.format(ONE), begun, ended, SAID.format(ONE, 8)), 0)

    def test_counts_no_flush_of_another_file(self):
        other = "7 fdatasync(6</x/davit.db>) = 0\n"
        self.assertEqual(self.early(WROTE.format(ONE), other, SAID.format(ONE, 7)), 1)


if __name__ == "__main__":
    unittest.main()
