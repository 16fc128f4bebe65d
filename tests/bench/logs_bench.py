#!/usr/bin/python3
"""A flood of log lines through worker, controller and client, each a process, over mutual TLS.

The flood is a container that writes numbered lines of 100 bytes as fast as it can. `davit logs` of it is held against
`docker logs` of it, and against what Docker gives who is attached to such a container without a log driver. A second
flood, which comes out of a worker's memory (fleet/sim_workers.cc), is held against a raw stream of the same messages
(logs/raw_logs.cc). All is written to files, and each file must have every line once and in order.
"""

import contextlib
import filecmp
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILD = ROOT / "build-bench"
sys.path.insert(0, str(HERE.parent / "e2e"))

from comparison import compare, parse_options  # noqa: E402
from support import free_port, image_tar, wait_until  # noqa: E402

IMAGE = "davit-bench/flood:1"
CONTAINER = "bench-flood"
DAVIT_YAML = """
project: bench-logs
apps:
  web:
    image: {image}
    pull_policy: missing
    container:
      name: {container}
      command: [/bin/sh, -c, "cat /flood/lines; exec sleep 100000"]
      volumes: [{{source: {flood}, target: /flood, read_only: true}}]
      logging: {{driver: json-file}}
      stop_grace_period: 0s
    retain: 1
environments:
  dev: {{hosts: [here]}}
  memory: {{hosts: [sim]}}
"""


def run(*command, **kwargs):
    kwargs.setdefault("stdout", subprocess.PIPE)
    if "input" not in kwargs:
        kwargs["stdin"] = subprocess.DEVNULL
    done = subprocess.run(command, check=False, stderr=subprocess.PIPE, **kwargs)
    if done.returncode != 0:
        raise SystemExit(f"{command}: {done.returncode}\n{done.stderr.decode()}")
    return done.stdout


def start(stack, command, **kwargs):
    process = subprocess.Popen(command, **kwargs)

    def end():
        process.terminate()
        process.wait(timeout=60)
    stack.callback(end)
    return process


def serves(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def remove_containers():
    names = run("docker", "ps", "-aq", "--filter", f"name={CONTAINER}").decode().split()
    if names:
        run("docker", "rm", "-f", *names)


def write_lines(path, count):
    """The numbered lines, as logs/numbered_lines.h makes them too."""
    with open(path, "w", encoding="ascii") as f:
        f.writelines(f"{number:010} {'x' * 88}\n" for number in range(count))


class Davit:
    """A controller, a worker and a worker without Docker, and a project that lives on both."""

    def __init__(self, scratch, stack, flood):
        self.scratch, self.tls = scratch, f"{scratch}/tls"
        run(ROOT / "deploy/make-certificates.sh", "--ip", "127.0.0.1", self.tls, "controller", "here", "sim", "me")
        port = self.daemon(stack, "controller", "controller")
        self.env = {"PATH": os.environ["PATH"], "HOME": scratch, "DAVIT_CONTROLLER": f"127.0.0.1:{port}",
                    "DAVIT_CONTROLLER_NAME": "controller", "DAVIT_TLS_DIR": f"{self.tls}/me"}
        self.davit("hosts", "add", "here", f"127.0.0.1:{self.daemon(stack, 'worker', 'here')}")
        sim = start(stack, [BUILD / "tests/bench/bench_sim_workers", f"{self.tls}/sim"], stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE, text=True)
        self.sim_address = sim.stdout.readline().strip()
        self.davit("hosts", "add", "sim", self.sim_address, "--unchecked")
        pathlib.Path(scratch, "davit.yaml").write_text(
            DAVIT_YAML.format(image=IMAGE, container=CONTAINER, flood=flood), encoding="utf-8")
        for environment in ("dev", "memory"):
            self.davit("deploy", "web", "-e", environment)

    def daemon(self, stack, kind, name):
        port = free_port()
        files = {f"--tls-{key}-file": f"{self.tls}/{name}/{file}"
                 for key, file in (("ca", "ca.crt"), ("cert", "tls.crt"), ("key", "tls.key"))}
        command = [BUILD / f"davit-{kind}", "--listen", f"127.0.0.1:{port}", "--state-directory", f"{self.scratch}/{name}",
                   "--tls-allow", "*"] + [word for pair in files.items() for word in pair]
        with open(f"{self.scratch}/{name}.log", "wb") as log:
            start(stack, command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_until(lambda: serves(port), f"the {kind} to serve")
        return port

    def davit(self, *args, **kwargs):
        return run(BUILD / "davit", *args, env=self.env, cwd=self.scratch, **kwargs)


class Reader:
    """Called: megabytes a second of one reading, whose output is checked against the lines in `expected`."""

    def __init__(self, expected, command, **kwargs):
        self.expected, self.command, self.kwargs = expected, command, kwargs
        self.out = expected.with_name("out")

    def read(self, out):
        begin = time.perf_counter()
        run(*self.command, stdout=out, **self.kwargs)
        return time.perf_counter() - begin

    def __call__(self):
        with open(self.out, "wb") as out:
            took = self.read(out)
        if not filecmp.cmp(self.expected, self.out, shallow=False):
            raise SystemExit(f"{self.command}: {self.out} is not {self.expected}")
        size = self.out.stat().st_size
        self.out.unlink()
        return size / 1e6 / took


class Attached(Reader):
    """From the first byte on: a container is being started before it."""

    def read(self, out):
        with subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process:
            piece = os.read(process.stdout.fileno(), 1 << 16)
            begin = time.perf_counter()
            while piece:
                out.write(piece)
                piece = os.read(process.stdout.fileno(), 1 << 16)
            took = time.perf_counter() - begin
        if process.returncode != 0:
            raise SystemExit(f"{self.command}: {process.returncode}")
        return took


def measure(options, stack):
    os.makedirs(options.directory, exist_ok=True)
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="logs-", dir=options.directory))
    stack.callback(shutil.rmtree, scratch, ignore_errors=True)
    stack.callback(lambda: run("docker", "rmi", "-f", IMAGE))
    stack.callback(remove_containers)
    remove_containers()
    run("docker", "import", "--change", f"CMD {json.dumps(['/bin/true'])}", "-", IMAGE, input=image_tar({}))
    flood, memory, lines = scratch / "flood/lines", scratch / "memory/lines", "50000" if options.smoke else "5000000"
    for path, count in ((flood, 20_000 if options.smoke else 1_000_000), (memory, int(lines))):
        path.parent.mkdir()
        write_lines(path, count)
    davit = Davit(str(scratch), stack, flood.parent)
    last = flood.read_bytes()[-100:]
    wait_until(lambda: run("docker", "logs", "--tail", "1", CONTAINER) == last, "the flood to be in Docker's files", 120)

    def logs(environment, tail):
        return [BUILD / "davit", "logs", "web", "-e", environment, "--tail", tail]
    ours = Reader(flood, logs("dev", "all"), env=davit.env, cwd=scratch)
    compare("a log flood through worker, controller and client, against docker logs", "MB/s", 0.9, ours,
            Reader(flood, ["docker", "logs", CONTAINER]), options)
    raw = [BUILD / "tests/bench/bench_raw_logs", davit.sim_address, f"{davit.tls}/me", "sim", lines]
    compare("a log out of memory through controller and client, against a raw stream", "MB/s", 0.5,
            Reader(memory, logs("memory", lines), env=davit.env, cwd=scratch), Reader(memory, raw), options)
    options.pairs = min(options.pairs, 3)
    attach = ["docker", "run", "--rm", "--name", f"{CONTAINER}-attached", "--log-driver", "none", "-v",
              f"{flood.parent}:/flood:ro", IMAGE, "/bin/cat", "/flood/lines"]
    compare("a log flood through worker, controller and client, against attach without a log", "MB/s", 0.9, ours,
            Attached(flood, attach), options)


def main():
    options = parse_options()
    with contextlib.ExitStack() as stack:
        measure(options, stack)


if __name__ == "__main__":
    main()
