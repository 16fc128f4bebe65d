"""Environment files read back, byte for byte, by `docker run --env-file`."""

import io
import os
import shutil
import subprocess
import tarfile
import tempfile
import unittest

from values import ONE_LINE, SEVERAL_LINES, carried, random_values, write_files

SOCKET = os.environ.get("DAVIT_TEST_DOCKER_SOCKET", "/var/run/docker.sock")
IMAGE = f"davit-env-files-{os.getpid()}:test"


def docker(*args, stdin=None):
    done = subprocess.run(["docker", "-H", f"unix://{SOCKET}", *args], input=stdin, capture_output=True, timeout=100)
    if done.returncode != 0:
        raise AssertionError(done.stderr.decode())
    return done.stdout


def image_of_busybox():
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        tar.add(shutil.which("busybox"), "bin/busybox")
    return out.getvalue()


def run_with(text):
    """The environment that a container has of the file."""
    with tempfile.NamedTemporaryFile(suffix=".env") as file:
        file.write(text.encode())
        file.flush()
        out = docker("run", "--rm", "--network", "none", "--env-file", file.name, IMAGE,
                     "/bin/busybox", "cat", "/proc/self/environ")
    pairs = (entry.partition(b"=") for entry in out.split(b"\0") if entry)
    return {name.decode(): value.decode() for name, _, value in pairs}


class Docker(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        docker("import", "-", IMAGE, stdin=image_of_busybox())
        cls.addClassCleanup(docker, "rmi", IMAGE)

    def check(self, env):
        ((text, reason),) = write_files([("docker", env)])
        self.assertIsNone(reason)
        read = run_with(text)
        wrong = [(name, value, read.get(name)) for name, value in env.items() if read.get(name) != value]
        self.assertEqual(wrong, [])

    def test_every_value_of_one_line_comes_back(self):
        env, refused = carried("docker", ONE_LINE + ["a\rb", "${HOME}"])
        self.assertEqual(refused, {})
        self.check(env)

    def test_what_it_cannot_carry_is_refused_with_the_way_out(self):
        for value in SEVERAL_LINES + ["a\r", "x" * 65536]:
            ((_, reason),) = write_files([("docker", {"A": value})])
            self.assertIsNotNone(reason, value[:20])
            self.assertIn("use json", reason)

    def test_the_longest_line_comes_back(self):
        self.check({"A": "x" * (64 * 1024 - 3)})
        ((_, reason),) = write_files([("docker", {"A": "x" * (64 * 1024 - 2)})])
        self.assertIn("64 KiB", reason)

    def test_random_values_come_back_or_are_refused(self):
        env, refused = carried("docker", random_values(1, 1000))
        self.assertTrue(refused)
        self.check(env)


if __name__ == "__main__":
    unittest.main(verbosity=2)
