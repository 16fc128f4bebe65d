"""davit-controller and davit-worker as processes: how they start, refuse, say so, and end."""

import contextlib
import os
import pathlib
import re
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = {"controller": os.environ.get("DAVIT_CONTROLLER_BINARY", str(ROOT / "build-dev/davit-controller")),
            "worker": os.environ.get("DAVIT_WORKER_BINARY", str(ROOT / "build-dev/davit-worker"))}
DEADLINE_S = 30


class DaemonsTest(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory(prefix="davit-daemons-")
        self.addCleanup(self.scratch.cleanup)
        self.directory = pathlib.Path(self.scratch.name)
        # As systemd does: who says READY=1 is heard here.
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.notify.close)
        self.notify.bind(str(self.directory / "notify"))
        self.notify.settimeout(DEADLINE_S)

    def command(self, daemon, *arguments):
        """Arguments stand before ours where they are verbs; no Docker is asked for."""
        own = {"controller": [], "worker": ["--docker-socket", str(self.directory / "docker.sock")]}
        return [PROGRAMS[daemon], *arguments, "--config", str(self.config(daemon)), *own[daemon]]

    def config(self, daemon):
        path = self.directory / f"{daemon}.yaml"
        if not path.exists():
            path.write_text(f"listen: ['unix:{self.directory}/run/{daemon}.sock']\n"
                            f"state_directory: {self.directory}/{daemon}\n")
        return path

    def environment(self):
        return {"PATH": os.environ["PATH"], "NOTIFY_SOCKET": str(self.directory / "notify")}

    def start(self, daemon, *arguments):
        process = subprocess.Popen(self.command(daemon, *arguments), env=self.environment(), stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(lambda: (process.kill(), process.communicate()))
        self.said = self.notify.recv(1000).decode()
        self.assertIn("READY=1\n", self.said)
        self.assertIn("serves at", self.said)
        return process

    def wait_for(self, process, line):
        """Reads the log up to a line that matches."""
        killer = threading.Timer(DEADLINE_S, process.kill)
        killer.start()
        read = []
        for text in process.stderr:
            read.append(text)
            if re.search(line, text):
                killer.cancel()
                return
        self.fail(f"no line {line} in {read}")

    def run_to_its_end(self, daemon, *arguments):
        return subprocess.run(self.command(daemon, *arguments), env=self.environment(), capture_output=True, text=True,
                              timeout=DEADLINE_S)

    def each(self):
        for daemon in PROGRAMS:
            with self.subTest(daemon):
                yield daemon

    def test_serves_says_so_and_ends_in_order(self):
        for daemon in self.each():
            process = self.start(daemon)
            path = self.directory / "run" / f"{daemon}.sock"
            self.assertEqual(path.stat().st_mode & 0o777, 0o600)
            begin = time.monotonic()
            process.send_signal(signal.SIGTERM)
            _, log = process.communicate(timeout=DEADLINE_S)
            self.assertLess(time.monotonic() - begin, DEADLINE_S / 2)
            self.assertEqual(process.returncode, 0, log)
            self.assertRegex(log, f"info davit-{daemon} .* serves at unix:{path}\n")
            self.assertEqual(self.notify.recv(1000), b"STOPPING=1")
            self.assertFalse(path.exists())

    def test_a_second_one_with_the_same_records_is_refused(self):
        for daemon in self.each():
            first = self.start(daemon)
            second = self.run_to_its_end(daemon, "--listen", f"unix:{self.directory}/run/other.sock")
            self.assertEqual(second.returncode, 1)
            self.assertRegex(second.stderr, f"cannot serve: another .*uses {self.directory}/{daemon}\n")
            self.assertIsNone(first.poll())

    def test_an_address_that_is_taken_is_named(self):
        for daemon in self.each():
            self.start(daemon)
            second = self.run_to_its_end(daemon, "--state-directory", str(self.directory / "other"))
            self.assertEqual(second.returncode, 1)
            self.assertIn(f"{self.directory}/run/{daemon}.sock", second.stderr)

    def test_a_bad_configuration_is_told_with_its_place(self):
        for daemon in self.each():
            self.config(daemon).write_text("listen: [nonsense]\n")
            done = self.run_to_its_end(daemon)
            self.assertEqual(done.returncode, 2)
            self.assertIn(f"{self.config(daemon)}:1:10: ", done.stderr)

    def test_a_killed_one_leaves_nothing_in_the_way(self):
        for daemon in self.each():
            self.start(daemon).kill()
            self.start(daemon).send_signal(signal.SIGTERM)
            self.assertEqual(self.notify.recv(1000), b"STOPPING=1")

    def make_certificate(self, *options):
        made = subprocess.run([ROOT / "deploy/make-certificates.sh", *options, self.directory / "tls", "host"],
                              capture_output=True, text=True, timeout=DEADLINE_S)
        self.assertEqual(made.returncode, 0, made.stderr)
        return self.directory / "tls/host"

    def start_with_tls(self, daemon, tls):
        return self.start(daemon, "--listen", "127.0.0.1:0", "--tls-ca-file", f"{tls}/ca.crt", "--tls-cert-file",
                          f"{tls}/tls.crt", "--tls-key-file", f"{tls}/tls.key", "--tls-allow", "other")

    def test_who_is_refused_is_a_warning(self):
        tls = self.make_certificate()
        for daemon in self.each():
            process = self.start_with_tls(daemon, tls)
            port = int(re.search(r"serves at 127\.0\.0\.1:(\d+)", self.said).group(1))
            with socket.create_connection(("127.0.0.1", port), timeout=DEADLINE_S) as plain:
                plain.sendall(b"GET / HTTP/1.1\r\nHost: host\r\n\r\n")
                self.wait_for(process, r" warning refused a connection: TLS handshake: http request\n")
            nobody = ssl.create_default_context(cafile=tls / "ca.crt")
            with socket.create_connection(("127.0.0.1", port), timeout=DEADLINE_S) as connection, \
                    contextlib.suppress(OSError), nobody.wrap_socket(connection, server_hostname="host") as without:
                without.recv(1000)
            self.wait_for(process, r" warning refused a connection: TLS handshake: peer did not return a certificate\n")
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(timeout=DEADLINE_S), 0)
            self.assertEqual(self.notify.recv(1000), b"STOPPING=1")

    def test_a_worker_says_that_docker_does_not_answer(self):
        process = self.start("worker")
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=DEADLINE_S)
        self.assertRegex(log, rf"warning Docker does not answer: .*{self.directory}/docker\.sock.*docker_socket")
        self.assertIn(" serves at ", log)

    def test_a_certificate_that_ends_soon_is_a_warning(self):
        tls = self.make_certificate("--days", "20")
        for daemon in self.each():
            process = self.start_with_tls(daemon, tls)
            process.send_signal(signal.SIGTERM)
            _, log = process.communicate(timeout=DEADLINE_S)
            self.assertEqual(self.notify.recv(1000), b"STOPPING=1")
            self.assertRegex(log, r"serves at 127\.0\.0\.1:[1-9]\d* as host\n")
            self.assertRegex(log, rf"warning the certificate in {tls}/tls.crt expires at .*, in (19|20) days")

    def test_records_are_copied_while_it_serves_and_put_back(self):
        self.start("controller")
        copy = self.directory / "copy.db"
        saved = self.run_to_its_end("controller", "backup", str(copy))
        self.assertEqual(saved.returncode, 0, saved.stderr)
        self.assertEqual(copy.stat().st_mode & 0o777, 0o600)
        over = self.run_to_its_end("controller", "restore", str(copy))
        self.assertEqual(over.returncode, 1)
        self.assertIn(f"{self.directory}/controller/controller.db", over.stderr)
        self.config("controller").write_text(f"listen: ['unix:{self.directory}/run/new.sock']\n"
                                             f"state_directory: {self.directory}/new/controller\n")
        restored = self.run_to_its_end("controller", "restore", str(copy))
        self.assertEqual(restored.returncode, 0, restored.stderr)
        self.start("controller")


if __name__ == "__main__":
    unittest.main(verbosity=2)
