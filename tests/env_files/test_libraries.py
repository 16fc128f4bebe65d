"""Environment files read back, byte for byte, by the libraries that applications read them with."""

import json
import os
import tempfile
import unittest

import dotenv
import environ

from values import ONE_LINE, SEVERAL_LINES, carried, random_values, write_files


def read_with_python_dotenv(path):
    return dict(dotenv.dotenv_values(path))


def read_with_django_environ(path):
    class Reader(environ.Env):
        ENVIRON = {}

    Reader.read_env(path)
    return dict(Reader.ENVIRON)


def read_as_json(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


READERS = {"dotenv": [read_with_python_dotenv, read_with_django_environ], "json": [read_as_json]}


class Libraries(unittest.TestCase):
    def check(self, kind, env):
        ((text, reason),) = write_files([(kind, env)])
        self.assertIsNone(reason)
        with tempfile.NamedTemporaryFile(suffix=".env") as file:
            file.write(text.encode())
            file.flush()
            for reader in READERS[kind]:
                read = reader(file.name)
                wrong = [(name, env.get(name), read.get(name)) for name in env.keys() | read.keys()
                         if env.get(name) != read.get(name)]
                self.assertEqual(wrong, [], reader.__name__)

    def test_every_value_of_one_line_comes_back_from_dotenv_files(self):
        env, refused = carried("dotenv", ONE_LINE)
        self.assertEqual(set(refused), set())
        self.check("dotenv", env)

    def test_each_value_comes_back_from_a_dotenv_file_of_its_own(self):
        for value in ONE_LINE:
            with self.subTest(value):
                self.check("dotenv", {"A": value})

    def test_what_dotenv_files_cannot_carry_is_refused_with_the_way_out(self):
        for value in SEVERAL_LINES + ["${HOME}", "a${B:-c}", " ends\\", "a #\\", "\u2028", "\x85"]:
            ((_, reason),) = write_files([("dotenv", {"A": value})])
            self.assertIsNotNone(reason, value)
            self.assertIn("use json", reason)

    def test_every_value_comes_back_from_json(self):
        env, refused = carried("json", ONE_LINE + SEVERAL_LINES)
        self.assertEqual(refused, {})
        self.check("json", env)

    def test_random_values_come_back_or_are_refused(self):
        for seed in range(20):
            for kind in READERS:
                with self.subTest(seed=seed, kind=kind):
                    env, refused = carried(kind, random_values(seed, 500))
                    self.assertGreater(len(env), 100)
                    self.assertEqual(bool(refused), kind == "dotenv")
                    self.check(kind, env)

    def test_a_file_is_the_same_to_the_shell_when_nothing_is_escaped(self):
        ((text, _),) = write_files([("dotenv", {"A": "two words", "B": "$HOME", "C": "x"})])
        self.assertEqual(text, "A='two words'\nB='$HOME'\nC=x\n")


if __name__ == "__main__":
    unittest.main(verbosity=2)
