#!/usr/bin/python3
"""Times whole deployments: Davit with warm daemons against shell scripts and against Ansible.

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
from postgres import PASSWORD, Postgres  # noqa: E402
from support import SERVE, free_port, image_tar  # noqa: E402

IMAGE = "davit-bench/web"
DAVIT_YAML = """
project: bench
databases:
  main:
    url: {{secret: DATABASE_URL}}
    backup: {{directory: {scratch}/backups}}
    migrate: {{app: shop, command: [/bin/migrate]}}
apps:
  web:
    image: {image}
    container: {{name: bench-davit, ports: ["{web_port}:80"], stop_grace_period: 0s}}
    healthcheck: {{http: {{path: /health, port: 80}}}}
    retain: 1
  shop:
    extends: web
    container: {{name: bench-davit-shop, ports: ["{shop_port}:80"], extra_hosts: ["host.docker.internal:host-gateway"]}}
    healthcheck: {{http: {{path: /health, port: 80}}}}
    database: main
    env: {{secret: [DATABASE_URL]}}
environments:
  dev: {{hosts: [here]}}
"""
# A migration that finds nothing to do, as most deployments have it.
MIGRATE = """#!/bin/sh
exec psql -X -q -v ON_ERROR_STOP=1 "$DATABASE_URL" -c "SELECT 1 FROM pg_class WHERE relname = 'cargo'"
"""


def docker(*args, **kwargs):
    return subprocess.run(["docker", *args], check=True, capture_output=True, **kwargs).stdout


def timed(command, **kwargs):
    begin = time.perf_counter()
    kwargs.setdefault("input", b"")
    done = subprocess.run(command, check=False, capture_output=True, **kwargs)
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
        (pathlib.Path(scratch) / "davit.yaml").write_text(DAVIT_YAML.format(
            image=IMAGE, web_port=free_port(), shop_port=free_port(), scratch=scratch))
        self.run("hosts", "add", "here", f"unix:{scratch}/worker.sock")

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

    def run(self, *args, **kwargs):
        return timed([self.davit, *args], env=self.env, cwd=self.directory, **kwargs)

    def app(self, name):
        return lambda tag: self.run("deploy", name, "-e", "dev", "--tag", tag)


def shell():
    port = str(free_port())
    return lambda tag: timed([HERE / "deployment/deploy.sh", "bench-shell", f"{IMAGE}:{tag}", port, "/health"])


def shell_with_database(scratch, postgres, database):
    port = str(free_port())
    env = {**os.environ, "PGHOST": "127.0.0.1", "PGPORT": str(postgres.port), "PGUSER": "postgres",
           "PGPASSWORD": PASSWORD, "PGDATABASE": database, "DATABASE_URL": postgres.url(database)}
    return lambda tag: timed([HERE / "deployment/deploy_database.sh", "bench-shell-shop", f"{IMAGE}:{tag}", port,
                              "/health", f"{scratch}/shell-backups"], env=env)


def ansible():
    variables = {"name": "bench-ansible", "port": free_port(), "path": "/health",
                 "ansible_python_interpreter": sys.executable}

    def deploy(tag):
        given = json.dumps({**variables, "image": f"{IMAGE}:{tag}"})
        return timed(["ansible-playbook", "-i", "localhost,", "-e", given, HERE / "deployment/deploy.yml"])
    return deploy


class Turns:
    """Deploys one version and the other, in turns. Called: milliseconds of one deployment."""

    def __init__(self, deploy):
        self.deploy, self.count = deploy, 0
        self()  # the first one has nothing to replace

    def __call__(self):
        self.count += 1
        return 1000 * self.deploy("ab"[self.count % 2])


def fill(postgres):
    """Two databases alike, of some megabytes."""
    for database in ("ours", "theirs"):
        postgres.sql("postgres", f"CREATE DATABASE {database}")
        postgres.sql(database, "CREATE TABLE cargo AS SELECT n, md5(n::text) AS name FROM generate_series(1, 100000) n")


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
        postgres = Postgres(scratch)
        stack.callback(postgres.stop)
        fill(postgres)
        for tag in ("a", "b"):
            docker("import", "--change", f"CMD {json.dumps(SERVE)}", "-", f"{IMAGE}:{tag}",
                   input=postgres.image_tar({"www/health": tag, "bin/migrate": MIGRATE}))
        davit = Davit(scratch, stack)
        davit.run("secrets", "set", "DATABASE_URL", "-e", "dev", input=postgres.url("ours").encode())
        # One deployment takes half a second, and Docker's own time varies by a tenth: many pairs.
        options.pairs = 1 if options.smoke else max(options.pairs, 30)
        web = Turns(davit.app("web"))
        compare("a whole deployment, against a shell script", "ms", 1.05, web, Turns(shell()), options, at_least=False)
        compare("a whole deployment with a database, against a shell script with pg_dump", "ms", 1.05,
                Turns(davit.app("shop")), Turns(shell_with_database(scratch, postgres, "theirs")), options, at_least=False)
        options.pairs = min(options.pairs, 10)
        compare("a whole deployment, against Ansible", "ms", 0.25, web, Turns(ansible()), options, at_least=False)


if __name__ == "__main__":
    main()
