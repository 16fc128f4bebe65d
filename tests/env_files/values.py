"""Values that files of environments have to carry, and the program that writes the files."""

import json
import os
import random
import subprocess

WRITER = os.environ.get("DAVIT_ENV_FILE_WRITER", "build-dev/tests/env_files/env_file_writer")

# In one line: every format carries them.
ONE_LINE = [
    "", "plain", " ", "\t", " leading", "trailing ", "\tboth\t", "two  words", "EOF", "<<EOF", "#", "#comment",
    "a#b", "a # b", "a\t# b", "$", "$HOME", "$$", "$(id)", "`id`", "${", "}${", "a$", "'", "''", "'quoted'", "it's",
    '"', '""', '"quoted"', 'say "hi"', "'\"'", "\"'\"", "'a' \"b\"", "\\n", "a\\nb", "\\t", "\\\\", "\\'", '\\"',
    "a\\\\b", "a\\'b", 'a\\"b', "C:\\dir", "C:\\dir\\", "ends\\", "\\", "it's\\", "tab\there", "ü", "日本語", "🎉",
    "\u00a0nbsp\u00a0", "\ufeffbom", "a=b", "=", "==a", "export A=b", "A='b'", "!", "*", "~", ";", "&&", "|", "%s",
    "%41", "{\"a\": \"b\"}", "[1, 'x']", "postgres://u:p%40ss@h:5432/d?x=1&y=2", "\x01\x02\x7f", "a\x1fb", "x" * 5000,
    "-----BEGIN KEY-----", "null", "true", "0", "{{NAME}}", "\\u0041", "\\x41", "\\0",
]
# In several: only json does.
SEVERAL_LINES = ["a\nb", "\n", "a\n", "\na", "a\r\nb", "a\n#b\nEOF\n", "-----BEGIN KEY-----\nQUJD\n-----END KEY-----\n"]

# What is dangerous comes often.
ALPHABET = list("ab'\"\\$#{}= \t:-`%!nt") + ["ü", "\u00a0", "🎉", "\r", "\n", "\x1c", "\u2028", "\x85", "\x0b"]


def random_values(seed, count):
    chance = random.Random(seed)
    return ["".join(chance.choices(ALPHABET, k=chance.randint(0, 12))) for _ in range(count)]


def write_files(cases):
    """Writes each (format, env); a text, or None and the reason where the format cannot carry it."""
    wanted = [{"format": kind, "env": env} for kind, env in cases]
    done = subprocess.run([WRITER], input=json.dumps(wanted).encode(), capture_output=True, check=True, timeout=60)
    return [(answer.get("file"), answer.get("refused")) for answer in json.loads(done.stdout)]


def carried(kind, values):
    """The values that the format carries, as one environment; the refusals of the others by value."""
    answers = write_files([(kind, {"A": value}) for value in values])
    refused = {value: reason for value, (_, reason) in zip(values, answers) if reason}
    names = [value for value in values if value not in refused]
    return {f"V{index:04d}": value for index, value in enumerate(names)}, refused
