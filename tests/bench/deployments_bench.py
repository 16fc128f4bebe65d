#!/usr/bin/python3
"""Times whole deployments: Davit with warm daemons against a shell script and against Ansible.

Each replaces a busybox web server that is healthy at once by another one, with the image present and no grace to stop.
deployment/ has what it is compared with.
"""

import contextlib
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
BUILD = HERE.parents[1] / "build-bench"
sys.path.insert(0, str(HERE.parent / "e2e"))

from comparison import compare, parse_options  # noqa: E402
from support import SERVE, free_port, image_tar  # noqa: E402

IMAGE = "davit-bench/web"
DAVIT_YAML = """
project: bench
apps:
  web:
    image: {image}
    container:
      name: bench-davit
      ports: ["{port}:80"]
      stop_grace_period: 0s
    healthcheck:
      http: {{path: /health, port: 80}}
    retain: 1
environments:
  dev: {{hosts: [here]}}
"""


def docker(*args, **kwargs):
    return subprocess.run(["docker", *args], check=True, capture_output=True, **kwargs).stdout


def timed(command, **kwargs):
    begin = time.perf_counter()
    done = subprocess.run(command, check=False, stdin=subprocess.DEVNULL, capture_output=True, **kwargs)
    took = time.perf_counter() - begin
    if done.returncode != 0:
        raise SystemExit(f"{command}: {done.returncode}\n{done.stdout.decode()}\n{done.stderr.decode()}")
    return took


class Davit:
    """A controller and a worker, warm, and a project that they deploy."""

    def __init__(self, scratch, stack):
        self.davit, self.directory = BUILD / "davit", scratch
        self.start(stack, BUILD / "davit-worker", "worker")
        self.start(stack, BUILD / "davit-controller", "controller")
        self.env = {"PATH": os.environ["PATH"], "HOME": scratch, "DAVIT_CONTROLLER": f"unix:{scratch}/controller.sock"}
        (pathlib.Path(scratch) / "davit.yaml").write_text(DAVIT_YAML.format(image=IMAGE, port=free_port()))
        timed([self.davit, "hosts", "add", "here", f"unix:{scratch}/worker.sock"], env=self.env)

    def start(self, stack, program, name):
        path = f"{self.directory}/{name}.sock"
        process = subprocess.Popen([program, "--listen", f"unix:{path}", "--state-directory", f"{self.directory}/{name}"],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        stack.callback(process.wait)
        stack.callback(process.terminate)
        end = time.monotonic() + 15
        while True:
            with socket.socket(socket.AF_UNIX) as probe:
                if probe.connect_ex(path) == 0:
                    return
            if process.poll() is not None or time.monotonic() > end:
                raise SystemExit(f"{program} does not serve")
            time.sleep(0.02)

    def deploy(self, tag):
        return timed([self.davit, "deploy", "web", "-e", "dev", "--tag", tag], env=self.env, cwd=self.directory)


class Shell:
    """The shell script."""

    def __init__(self):
        self.port = free_port()

    def deploy(self, tag):
        return timed([HERE / "deployment/deploy.sh", "bench-shell", f"{IMAGE}:{tag}", str(self.port), "/health"])


class Ansible:
    """The playbook."""

    def __init__(self):
        self.variables = {"name": "bench-ansible", "port": free_port(), "path": "/health",
                          "ansible_python_interpreter": sys.executable}

    def deploy(self, tag):
        variables = json.dumps({**self.variables, "image": f"{IMAGE}:{tag}"})
        return timed(["ansible-playbook", "-i", "localhost,", "-e", variables, HERE / "deployment/deploy.yml"])


class Turns:
    """Deploys one version and the other, in turns. Called: milliseconds of one deployment."""

    def __init__(self, way):
        self.way, self.count = way, 0
        self()  # the first one has nothing to replace

    def __call__(self):
        self.count += 1
        return 1000 * self.way.deploy("ab"[self.count % 2])


def remove_all():
    ids = docker("ps", "-aq", "--filter", "name=bench-").split()
    if ids:
        docker("rm", "-f", *ids)
    for reference in (f"{IMAGE}:*", "davit.keep/bench/*/*"):
        ids = docker("images", "-q", "--filter", f"reference={reference}").split()
        if ids:
            docker("rmi", "-f", *sorted(set(ids)))


def main():
    options = parse_options()
    with contextlib.ExitStack() as stack:
        scratch = tempfile.mkdtemp(prefix="davit-bench-")
        stack.callback(shutil.rmtree, scratch, ignore_errors=True)
        stack.callback(remove_all)
        for tag in ("a", "b"):
            docker("import", "--change", f"CMD {json.dumps(SERVE)}", "-", f"{IMAGE}:{tag}",
                   input=image_tar({"www/health": tag}))
        davit = Turns(Davit(scratch, stack))
        # One deployment takes half a second, and Docker's own time varies by a tenth: many pairs.
        options.pairs = 1 if options.smoke else max(options.pairs, 30)
        compare("a whole deployment, against a shell script", "ms", 1.05, davit, Turns(Shell()), options,
                at_least=False)
        options.pairs = min(options.pairs, 10)
        compare("a whole deployment, against Ansible", "ms", 0.25, davit, Turns(Ansible()), options, at_least=False)


if __name__ == "__main__":
    main()
