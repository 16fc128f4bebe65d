"""Times whole deployments, in turn: Davit with warm daemons, a shell script, Ansible. Prints JSON: seconds a run of each.

compare.py --pairs N --davit FILE --controller FILE --worker FILE [--no-ansible]

Each replaces a busybox web server that is healthy at once by another one, with the image present and no grace to stop.
"""

import argparse
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
sys.path.insert(0, str(HERE.parents[1] / "e2e"))

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

    def __init__(self, options, scratch, stack):
        self.davit, self.directory = os.path.abspath(options.davit), scratch
        self.start(stack, options.worker, "worker")
        self.start(stack, options.controller, "controller")
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


def shell(tag, port):
    return timed([str(HERE / "deploy.sh"), "bench-shell", f"{IMAGE}:{tag}", str(port), "/health"])


def ansible(tag, port):
    variables = {"name": "bench-ansible", "image": f"{IMAGE}:{tag}", "port": port, "path": "/health",
                 "ansible_python_interpreter": "/usr/bin/python3"}
    return timed(["ansible-playbook", "-i", "localhost,", "-e", json.dumps(variables), str(HERE / "deploy.yml")])


def remove_all():
    ids = docker("ps", "-aq", "--filter", "name=bench-").split()
    if ids:
        docker("rm", "-f", *ids)
    for reference in (f"{IMAGE}:*", "davit.keep/bench/*/*"):
        ids = docker("images", "-q", "--filter", f"reference={reference}").split()
        if ids:
            docker("rmi", "-f", *sorted(set(ids)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--pairs", type=int, default=30)
    parser.add_argument("--no-ansible", action="store_true")
    for program in ("davit", "controller", "worker"):
        parser.add_argument(f"--{program}", required=True)
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        scratch = tempfile.mkdtemp(prefix="davit-bench-")
        stack.callback(shutil.rmtree, scratch, ignore_errors=True)
        stack.callback(remove_all)
        for tag in ("a", "b"):
            docker("import", "--change", f"CMD {json.dumps(SERVE)}", "-", f"{IMAGE}:{tag}",
                   input=image_tar({"www/health": tag}))
        davit, ports = Davit(options, scratch, stack), [free_port(), free_port()]
        runs = {"davit": davit.deploy, "shell": lambda tag: shell(tag, ports[0])}
        if not options.no_ansible:
            runs["ansible"] = lambda tag: ansible(tag, ports[1])
        seconds = {name: [] for name in runs}
        for i in range(options.pairs + 1):
            for name, deploy in runs.items():
                took = deploy("ab"[i % 2])
                if i > 0:  # the first one has nothing to replace
                    seconds[name].append(took)
        print(json.dumps(seconds))


if __name__ == "__main__":
    main()
