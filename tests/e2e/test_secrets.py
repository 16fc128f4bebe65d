"""Secrets: set without being seen, given to containers, and found nowhere else."""

import base64
import contextlib
import json
import os
import random
import re
import shlex
import shutil
import signal
import string
import subprocess
import threading
import time
import unittest
import urllib.parse
import uuid

import grpc

import stubs
from cluster import CONTROLLER, WORKER, Daemon
from support import SOCKET, DavitTest, agent_pid, alive, docker, make_image, wait_until

STUBS = stubs.make()
from davit.v1 import secret_service_pb2, secret_service_pb2_grpc  # noqa: E402

# Says what it was given, as an application should not.
TALKS = ["/bin/sh", "-c", 'echo "the token is $TOKEN"; exec sleep 600']

YAML = """
project: {project}
apps:
  web:
    image: {project}/web
    env: {{secret: {{TOKEN: TOKEN}}, clear: {{PLAIN: visible}}}}
    container: {{stop_grace_period: 0s}}
environments:
  dev: {{hosts: [local]}}
"""


class CommandLines:
    """Reads the command lines of all processes over and over, and remembers every one."""

    def __enter__(self):
        self.seen, self.stopped = set(), threading.Event()
        self.thread = threading.Thread(target=self._read)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        self.thread.join()

    def _read(self):
        while not self.stopped.wait(0.01):
            for pid in filter(str.isdigit, os.listdir("/proc")):
                with contextlib.suppress(OSError), open(f"/proc/{pid}/cmdline", "rb") as f:
                    self.seen.add(f.read())

    def text(self):
        return b"\n".join(self.seen)


def contents(*directories):
    """The files below the directories with what is in them; sockets and what goes meanwhile left out."""
    for directory in directories:
        for folder, _, names in os.walk(directory):
            for path in (os.path.join(folder, name) for name in names):
                if os.path.isfile(path):
                    with contextlib.suppress(OSError), open(path, "rb") as f:
                        yield path, f.read()


def environment_of(container):
    return json.loads(docker("inspect", "-f", "{{json .Config.Env}}", container))


class SecretsTest(DavitTest):
    def stop_agent(self):
        pid = agent_pid(self.state)
        if pid and alive(pid):
            os.kill(pid, signal.SIGTERM)
            wait_until(lambda: not alive(pid), "the agent to end")

    def assertNowhere(self, value, places):
        for place, text in places:
            self.assertNotIn(value, text, f"in {place}")


class LocalTest(SecretsTest):
    project_name = "e2e-secret"

    def setUp(self):
        super().setUp()
        # A name of its own for each test: secrets stay with the state directory.
        self.project_name = type(self).project_name + str(time.monotonic_ns())
        make_image(f"{self.project_name}/web:v1", TALKS)
        self.addCleanup(docker, "rmi", "-f", f"{self.project_name}/web:v1", check=False)
        self.addCleanup(self.remove_own_containers)
        self.davit = self.project(YAML)
        self.value = f"the value {uuid.uuid4()}"

    def remove_own_containers(self):
        ids = docker("ps", "-aq", "--filter", f"label=davit.project={self.project_name}").split()
        if ids:
            docker("rm", "-f", *ids)

    def secrets(self, *args, **kwargs):
        return self.davit.run("secrets", *args, "--local", **kwargs)

    def set(self, value, name="TOKEN", code=0, environment=("-e", "dev")):
        run = self.secrets("set", name, *environment, stdin=value.encode())
        self.assertExit(run, code)
        return run

    def deploy(self, code=0, **kwargs):
        run = self.davit.deploy("web", "--tag", "v1", **kwargs)
        self.assertExit(run, code)
        return run

    def versions(self):
        run = self.secrets("list", "--json")
        self.assertExit(run, 0)
        return {(s.get("environment", ""), s["name"]): int(s["version"])
                for s in json.loads(run.out).get("secrets", [])}

    def test_a_secret_from_standard_input_reaches_the_container_and_nothing_else(self):
        with CommandLines() as lines:
            said = [self.set(self.value + "\n").text, self.deploy().text]
        container = f"{self.project_name}-web"
        self.assertIn(f"TOKEN={self.value}", environment_of(container))
        identifier = json.loads(self.davit.run("history", "-e", "dev", "--local", "--json").out)["deployments"][0]["id"]
        for args in (["history", "-e", "dev"], ["show", identifier], ["watch", identifier], ["plan", "--tag", "v1", "-e", "dev"],
                     ["status", "-e", "dev"], ["secrets", "list"]):
            run = self.davit.run(*args, "--local", "--json")
            self.assertExit(run, 0)
            said.append(run.text)
        self.assertNowhere(self.value, [("output", text) for text in said])
        value = self.value.encode()
        self.assertNowhere(value, [*contents(self.state, self.davit.directory), ("a command line", lines.text())])
        self.assertEqual(os.stat(f"{self.state}/secrets.key").st_mode & 0o7777, 0o600)

    def test_the_output_of_a_container_is_shown_without_the_value(self):
        self.set(self.value)
        self.deploy()
        run = self.davit.run("logs", "web", "-e", "dev", "--local")
        self.assertExit(run, 0)
        self.assertIn("the token is ***", run.out)
        self.assertNotIn(self.value, run.text)

    def test_missing_ones_are_told_all_at_once_before_anything_begins(self):
        self.davit = self.project(YAML.replace("{{TOKEN: TOKEN}}", "[ONE, TWO, TOKEN]"))
        self.set(self.value, "TWO", environment=())
        run = self.deploy(code=2)
        for name in ("ONE", "TOKEN"):
            self.assertIn(f"{name}: wanted by apps.web.env.secret, not set for dev", run.err)
        self.assertNotIn("TWO: wanted", run.err)
        self.assertEqual(self.containers(), {})
        self.assertExit(self.davit.run("plan", "--tag", "v1", "-e", "dev", "--local"), 2)

    def test_a_value_on_the_command_line_is_refused_and_not_repeated(self):
        run = self.secrets("set", "TOKEN", self.value)
        self.assertExit(run, 2)
        self.assertIn("command line", run.err)
        self.assertNotIn(self.value, run.text)

    def test_values_that_cannot_be_kept_out_of_sight_are_refused(self):
        self.assertIn("masking it would", self.set("abc", code=2).err)
        self.assertIn("64 KiB", self.set("x" * 70000, code=2).err)
        self.assertIn("zero byte", self.set("with\0zero", code=2).err)
        self.set("x" * 65536)

    def test_versions_grow_and_are_never_given_again(self):
        self.set(self.value)
        self.set(self.value + "2")
        self.set(self.value, environment=())
        self.assertEqual(self.versions(), {("", "TOKEN"): 1, ("dev", "TOKEN"): 2})
        self.assertExit(self.secrets("remove", "TOKEN", "-e", "dev"), 0)
        self.assertExit(self.secrets("remove", "TOKEN", "-e", "dev"), 2)
        self.assertEqual(self.versions(), {("", "TOKEN"): 1})
        self.set(self.value)
        self.assertEqual(self.versions(), {("", "TOKEN"): 1, ("dev", "TOKEN"): 3})

    def test_variables_of_the_caller_are_the_secrets_of_local_mode(self):
        env = {"DAVIT_SECRET_TOKEN": self.value, "DAVIT_SECRET_OTHER": "of something else"}
        self.deploy(env=env)
        self.assertIn(f"TOKEN={self.value}", environment_of(f"{self.project_name}-web"))
        self.assertEqual(self.versions(), {("dev", "TOKEN"): 1})
        self.deploy(env=env)
        self.assertEqual(self.versions(), {("dev", "TOKEN"): 1})
        self.deploy(env={"DAVIT_SECRET_TOKEN": self.value + "!"})
        self.assertEqual(self.versions(), {("dev", "TOKEN"): 2})
        with open(f"/proc/{agent_pid(self.state)}/environ", "rb") as f:
            self.assertNotIn(self.value.encode(), f.read())

    def test_another_key_and_none_are_told_clearly_and_the_right_one_counts_again(self):
        self.set(self.value)
        key = f"{self.state}/secrets.key"
        self.stop_agent()
        shutil.move(key, key + ".right")
        self.addCleanup(shutil.move, key + ".right", key)
        run = self.deploy(code=1)
        self.assertIn("SECRET_KEY_UNUSABLE", run.err)
        self.assertIn("is missing", run.err)
        self.assertEqual(self.containers(), {})
        with open(key, "w", encoding="ascii") as f:
            f.write("ab" * 32 + "\n")
        self.assertIn("its mode is", self.set(self.value, code=1).err)
        os.chmod(key, 0o600)
        self.assertIn("holds another key", self.set(self.value, code=1).err)
        shutil.copy(key + ".right", key)
        self.deploy()


class Daemons:
    """A controller and a worker of this machine's engine, as processes of their own."""

    def __init__(self, directory):
        self.directory = directory
        self.socket = f"{directory}/controller.sock"
        self.worker = Daemon(f"{directory}/worker.log", [
            os.path.abspath(WORKER), "--listen", f"unix:{directory}/worker.sock", "--state-directory",
            f"{directory}/worker", "--docker-socket", SOCKET])
        self.controller = Daemon(f"{directory}/controller.log", self.command())

    def command(self, *args):
        return [os.path.abspath(CONTROLLER), *args, "--listen", f"unix:{self.socket}", "--state-directory",
                f"{self.directory}/controller"]

    def start_controller(self, *args):
        self.controller.command = self.command(*args)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.socket)  # of one that was killed
        self.controller.start()
        wait_until(lambda: os.path.exists(self.socket), "the controller to serve")

    def stop(self):
        self.controller.stop()
        self.worker.stop()


class DaemonCase(SecretsTest):
    """A project that a controller and a worker of its own deploy."""

    def setUp(self):
        super().setUp()
        self.directory = os.path.join(self.scratch, self.id().rsplit(".", 1)[-1][:20])
        os.mkdir(self.directory)
        self.daemons = Daemons(self.directory)
        self.addCleanup(self.daemons.stop)
        self.daemons.worker.start()
        self.daemons.start_controller()
        make_image(f"{self.project_name}/web:v1", TALKS)
        self.davit = self.project(YAML)
        added = self.run_davit("hosts", "add", "local", f"unix:{self.directory}/worker.sock")
        self.assertExit(added, 0)

    def run_davit(self, *args, **kwargs):
        return self.davit.run(*args, env={"DAVIT_CONTROLLER": f"unix:{self.daemons.socket}"}, **kwargs)

    def set(self, value, code=0):
        run = self.run_davit("secrets", "set", "TOKEN", "-e", "dev", stdin=value.encode())
        self.assertExit(run, code)
        return run

    def deploy(self, code=0):
        run = self.run_davit("deploy", "web", "-e", "dev", "--tag", "v1", "--json")
        self.assertExit(run, code)
        return run


class DaemonTest(DaemonCase):
    project_name = "e2e-secretd"

    def test_a_new_key_seals_everything_and_the_old_one_opens_nothing(self):
        self.set("a value of before")
        self.deploy()
        new_key = f"{self.directory}/new.key"
        rekey = self.daemons.command("rekey", "--new-key-file", new_key)
        busy = subprocess.run(rekey, capture_output=True, timeout=60, check=False)
        self.assertEqual(busy.returncode, 1)
        self.assertIn(b"another controller uses", busy.stderr)
        self.daemons.controller.stop()
        done = subprocess.run(rekey, capture_output=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(b"secrets.key_file", done.stderr)
        self.daemons.start_controller()
        self.assertIn("holds another key", self.set("another value", code=1).err)
        self.daemons.controller.stop()
        self.daemons.start_controller("--secrets-key-file", new_key)
        self.deploy()
        self.assertIn("TOKEN=a value of before", environment_of(f"{self.project_name}-web"))

    def test_a_step_that_runs_while_both_are_killed_is_attached_to_and_still_masked(self):
        waits = "echo before $TOKEN; until [ -e /tmp/go ]; do sleep 1; done; echo after $TOKEN"
        self.davit = self.project(YAML.replace(
            "container:", f"checks: [{{{{name: waits, command: [/bin/sh, -c, '{waits}']}}}}]\n    container:"))
        self.set("a value of before")
        created = self.run_davit("deploy", "web", "-e", "dev", "--tag", "v1", "--detach")
        self.assertExit(created, 0)

        def one_offs():
            return docker("ps", "-q", "--filter", f"label=davit.project={self.project_name}").split()
        wait_until(one_offs, "the check to run")
        self.daemons.controller.kill()
        self.daemons.worker.kill()
        self.daemons.worker.start()
        self.daemons.start_controller()
        docker("exec", one_offs()[0], "/bin/busybox", "touch", "/tmp/go")
        watched = self.run_davit("watch", created.out.strip(), "--json")
        self.assertExit(watched, 0)
        said = "".join(strings_in(watched.out))
        self.assertIn("before ***", said)
        self.assertIn("after ***", said)
        for place, text in [*contents(self.directory), ("watch", said.encode())]:
            self.assertNotIn(b"a value of before", text, place)

    def test_a_backup_says_that_the_key_is_not_in_it(self):
        self.set("a value of before")
        copy = f"{self.directory}/copy.db"
        done = subprocess.run(self.daemons.command("backup", copy), capture_output=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(b"secrets.key, is not in it", done.stderr)
        with open(copy, "rb") as f, open(f"{self.directory}/controller/secrets.key", "rb") as key:
            text = f.read()
            self.assertNotIn(key.read().strip(), text)
            self.assertNotIn(b"a value of before", text)


# Without letters of other alphabets: there are several ways to write those.
ALPHABET = string.ascii_letters + string.digits + "'\"\\$&+/=%#!<>;:?,.*-_ "


def forms(value):
    """The value as it comes out of what programs do with values."""
    return {value, base64.b64encode(value.encode()).decode(), urllib.parse.quote(value, safe=""),
            json.dumps(value)[1:-1], shlex.quote(value)}


class CanaryTest(DaemonCase):
    """A thousand values that would sing wherever they were."""

    project_name = "e2e-canary"
    count = 1000

    def setUp(self):
        super().setUp()
        seed = random.SystemRandom().getrandbits(64)
        print(f"canaries of seed {seed}")
        source = random.Random(seed)
        letters = string.ascii_letters + string.digits
        # With letters at both ends: a log's spaces there would be anybody's.
        self.values = {f"CANARY_{i}": source.choice(letters) + "".join(source.choices(ALPHABET, k=source.randint(14, 40))) +
                       source.choice(letters) for i in range(self.count)}
        self.forms = sorted(set().union(*map(forms, self.values.values())))
        make_image(f"{self.project_name}/web:v1", ["/bin/sh", "-c", "cat /etc/forms; exec sleep 600"],
                   files={"etc/forms": "".join(f"here: {form} and on\n" for form in self.forms)})
        self.davit = self.project(YAML.replace("{{TOKEN: TOKEN}}", json.dumps(sorted(self.values))).replace(
            "container:", "checks: [{{name: forms, command: [/bin/cat, /etc/forms]}}]\n    container:"))

    def set_all(self):
        with grpc.insecure_channel(f"unix:{self.daemons.socket}") as channel:
            service = secret_service_pb2_grpc.SecretServiceStub(channel)
            for name, value in self.values.items():
                service.SetSecret(secret_service_pb2.SetSecretRequest(
                    project=self.project_name, environment="dev", name=name, value=value.encode(),
                    set_by="test@here"), timeout=30)

    def test_none_of_a_thousand_values_is_found_anywhere_in_any_form(self):
        with CommandLines() as lines:
            self.set_all()
            deployed = self.deploy()
        container = environment_of(f"{self.project_name}-web")
        for name, value in self.values.items():
            self.assertIn(f"{name}={value}", container)
        identifier = next(e["deployment_id"] for e in deployed.events() if "deployment_id" in e)
        said = [("deploy", deployed.text)]
        for args in (["watch", identifier], ["show", identifier], ["history", "-e", "dev"],
                     ["plan", "--tag", "v1", "-e", "dev"], ["logs", "web", "-e", "dev", "--tail", "100000"]):
            run = self.run_davit(*args, "--json")
            self.assertExit(run, 0)
            said.append((args[0], run.text))
        for place in ("watch", "logs"):
            text = "\n".join(strings_in(dict(said)[place]))
            # The quotes of a shell and the end of base64 say nothing.
            masked = re.findall(r"^here: (?:\*\*\*={0,2}|'\*\*\*') and on$", text, re.MULTILINE)
            self.assertGreaterEqual(len(masked), len(self.forms), f"{place}: all forms were written, and masked")
        places = [(path, text) for path, text in contents(self.directory)]
        places += [(place, text.encode()) for place, text in said]
        # As an event has it, quotes and all.
        places += [(f"{place}, unescaped", "\n".join(strings_in(text)).encode()) for place, text in said]
        places.append(("a command line", lines.text()))
        found = {place: [form for form in self.forms if form.encode() in text] for place, text in places}
        self.assertEqual({place: forms[:3] for place, forms in found.items() if forms}, {})


def strings_in(text):
    """All texts in lines of JSON; of bytes, what they are."""
    def walk(node):
        if isinstance(node, dict):
            for key, inner in node.items():
                if key == "data" and isinstance(inner, str):
                    with contextlib.suppress(ValueError):
                        yield base64.b64decode(inner, validate=True).decode(errors="replace")
                yield from walk(inner)
        elif isinstance(node, list):
            for inner in node:
                yield from walk(inner)
        elif isinstance(node, str):
            yield node
    for line in text.splitlines():
        with contextlib.suppress(ValueError):
            yield from walk(json.loads(line))


def tearDownModule():
    shutil.rmtree(STUBS, ignore_errors=True)


if __name__ == "__main__":
    unittest.main(verbosity=2)
