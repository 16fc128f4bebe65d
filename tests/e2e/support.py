"""What the end-to-end tests share: images, projects, and the davit program run as a user would."""

import fcntl
import hashlib
import io
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import tarfile
import tempfile
import threading
import time
import unittest
import urllib.request

DAVIT = os.environ.get("DAVIT_BINARY", "build/davit")
SOCKET = os.environ.get("DAVIT_TEST_DOCKER_SOCKET", "/var/run/docker.sock")
DEADLINE_S = 120
AGENT_VOLUME = "davit-agent"


def docker(*args, check=True, stdin=None):
    """Runs the docker command; returns its standard output without the last newline."""
    done = subprocess.run(
        ["docker", "-H", f"unix://{SOCKET}", *args],
        input=stdin, capture_output=True, timeout=DEADLINE_S)
    if check and done.returncode != 0:
        raise AssertionError(f"docker {' '.join(args)}: {done.stderr.decode()}")
    return done.stdout.decode().rstrip("\n")


def free_port():
    """A port that no test gets a second time while this process lives. Not one that the kernel gives to whoever dials."""
    directory = os.path.join(tempfile.gettempdir(), f"davit-test-ports-{os.getuid()}")  # tests/support/unique.cc's, too
    os.makedirs(directory, exist_ok=True)
    while True:
        port = random.randint(20000, 32000)
        with socket.socket() as s:
            try:
                s.bind(("", port))
            except OSError:
                continue
        reserved = os.open(os.path.join(directory, str(port)), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(reserved, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return port
        except OSError:
            os.close(reserved)


def wait_until(condition, what, deadline_s=90):
    """Polls an outside condition that gives no notice of itself."""
    end = time.monotonic() + deadline_s
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"gave up waiting for: {what}")
        threading.Event().wait(0.02)


def http_get(port, path="/"):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
        return answer.read().decode()


APPLETS = ["sh", "httpd", "sleep", "echo", "cat", "nc", "tail", "dd", "kill", "printf", "true"]


def image_tar(files):
    """A root file system of busybox and `files` (path to text) as a tar."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for directory in ["bin", "www", "www/cgi-bin", "tmp", "etc"]:
            entry = tarfile.TarInfo(directory)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(entry)
        tar.add(shutil.which("busybox"), "bin/busybox")
        for applet in APPLETS:
            link = tarfile.TarInfo(f"bin/{applet}")
            link.type, link.linkname = tarfile.SYMTYPE, "busybox"
            tar.addfile(link)
        for path, text in files.items():
            entry = tarfile.TarInfo(path)
            data = text.encode()
            entry.size, entry.mode = len(data), 0o755
            tar.addfile(entry, io.BytesIO(data))
    return out.getvalue()


SERVE = ["/bin/httpd", "-f", "-p", "80", "-h", "/www"]
# As a user who is not root may.
SERVE_HIGH = ["/bin/httpd", "-f", "-p", "8080", "-h", "/www"]


def make_image(reference, command=None, files=None, changes=()):
    """Imports an image; by default a web server whose / says its tag."""
    tag = reference.rsplit(":", 1)[-1]
    content = {"www/index.html": f"web {tag}", "www/health": "ok"}
    content.update(files or {})
    content = {path: text for path, text in content.items() if text is not None}
    args = ["import", "--change", f"CMD {json.dumps(command or SERVE)}"]
    for change in changes:
        args += ["--change", change]
    docker(*args, "-", reference, stdin=image_tar(content))
    return reference


def make_foreign_image(reference, architecture):
    """Loads an image for another processor, in the form of `docker save`: an import is always for the engine's own."""
    layer = image_tar({})
    config = {"os": "linux", "architecture": architecture, "config": {"Cmd": SERVE},
              "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(layer).hexdigest()]}}
    manifest = [{"Config": "config.json", "RepoTags": [reference], "Layers": ["layer.tar"]}]
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, data in [("manifest.json", json.dumps(manifest).encode()),
                           ("config.json", json.dumps(config).encode()), ("layer.tar", layer)]:
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    docker("load", stdin=out.getvalue())


class Run:
    """A finished davit command."""

    def __init__(self, args, code, out, err):
        self.args, self.code, self.out, self.err = args, code, out, err

    @property
    def text(self):
        return self.out + self.err

    def events(self):
        return [json.loads(line) for line in self.out.splitlines() if line.startswith("{")]


class Project:
    """A directory with a davit.yaml, and davit commands run in it."""

    def __init__(self, directory, state, yaml):
        self.directory, self.state = directory, state
        self.prefix = []  # a command that runs davit, such as nsenter
        self.write(yaml)

    def write(self, yaml):
        with open(os.path.join(self.directory, "davit.yaml"), "w", encoding="utf-8") as f:
            f.write(yaml)

    def environment(self, **extra):
        keep = ("PATH", "HOME", "ASAN_OPTIONS", "UBSAN_OPTIONS")
        env = {k: os.environ[k] for k in keep if k in os.environ}
        env.update(DAVIT_STATE_DIR=self.state, DOCKER_HOST=f"unix://{SOCKET}", NO_COLOR="1")
        env.update({k: v for k, v in extra.items() if v is not None})
        return env

    def start(self, *args, env=None, **popen):
        """Starts davit and returns the process."""
        return subprocess.Popen(
            [*self.prefix, os.path.abspath(DAVIT), *args], cwd=self.directory,
            env=self.environment(**(env or {})), stdin=popen.pop("stdin", subprocess.DEVNULL),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, **popen)

    def run(self, *args, env=None, deadline_s=DEADLINE_S, stdin=None):
        """Runs davit to its end; `stdin`, where there is any, are bytes."""
        process = self.start(*args, env=env, stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE)
        try:
            out, err = process.communicate(input=stdin, timeout=deadline_s)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            raise AssertionError(f"davit {args} did not end:\n{out.decode()}\n{err.decode()}")
        return Run(args, process.returncode, out.decode(), err.decode())

    def deploy(self, *args, **kwargs):
        return self.run("deploy", *args, "-e", "dev", "--local", **kwargs)


def agent_pid(state):
    try:
        with open(os.path.join(state, "agent.json"), encoding="utf-8") as f:
            return int(json.load(f)["pid"])
    except (OSError, ValueError, KeyError):
        return None


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as f:
            return f.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


class DavitTest(unittest.TestCase):
    """Each test class has an agent, a state directory and a project name of its own."""

    project_name = "e2e"
    shares_images = False  # whether images are made for the class, and stay until its last test

    @classmethod
    def setUpClass(cls):
        labels = docker("volume", "inspect", "-f", "{{json .Labels}}", AGENT_VOLUME, check=False)
        if labels and "/davit-e2e-" not in labels:
            raise AssertionError(f"this engine belongs to an agent in use: {labels}")
        docker("volume", "rm", "-f", AGENT_VOLUME, check=False)
        cls.scratch = tempfile.mkdtemp(prefix="davit-e2e-")
        cls.state = os.path.join(cls.scratch, "state")
        cls.images = []

    @classmethod
    def tearDownClass(cls):
        pid = agent_pid(cls.state)
        if pid and alive(pid):
            os.kill(pid, signal.SIGTERM)
            wait_until(lambda: not alive(pid), "the agent to end")
        cls.remove_leftovers()
        docker("volume", "rm", "-f", AGENT_VOLUME, check=False)
        shutil.rmtree(cls.scratch, ignore_errors=True)

    @classmethod
    def remove_containers(cls):
        ids = docker("ps", "-aq", "--filter", f"label=davit.project={cls.project_name}").split()
        if ids:
            # The containers of checks also go by themselves, and may be going just now.
            docker("rm", "-f", *ids, check=False)

    @classmethod
    def remove_leftovers(cls):
        cls.remove_containers()
        for reference in (f"{cls.project_name}/*", f"davit.keep/{cls.project_name}/*/*"):
            ids = docker("images", "-q", "--filter", f"reference={reference}").split()
            if ids:
                docker("rmi", "-f", *sorted(set(ids)), check=False)

    def setUp(self):
        self.port = free_port()
        self.addCleanup(self.remove_containers if self.shares_images else self.remove_leftovers)

    def project(self, yaml):
        directory = tempfile.mkdtemp(dir=self.scratch)
        return Project(directory, self.state, yaml.format(project=self.project_name, port=self.port))

    def assertExit(self, run, code):
        self.assertEqual(run.code, code, f"davit {' '.join(run.args)}\n{run.out}\n{run.err}")

    def containers(self, **filters):
        args = ["ps", "-a", "--format", "{{.Names}}|{{.State}}",
                "--filter", f"label=davit.project={self.project_name}"]
        return dict(line.split("|") for line in docker(*args).splitlines())


WEB = """
project: {project}
apps:
  web:
    image: {project}/web
    container:
      ports: ["{port}:80"]
      stop_grace_period: 0s
    healthcheck:
      http: {{path: /health, port: 80}}
      attempts: 10
      interval: 500ms
environments:
  dev: {{}}
"""


# For images that serve on 8080.
HIGH_WEB = """
project: {project}
apps:
  web:
    image: {project}/web
    container:
      ports: ["{port}:8080"]
      stop_grace_period: 0s
    healthcheck: {{http: {{path: /, port: 8080}}, attempts: 10, interval: 500ms}}
environments:
  dev: {{}}
"""


def extended(yaml, container="", app=""):
    """`yaml`, made of HIGH_WEB, with more lines in the app and its container."""
    yaml = yaml.replace("      stop_grace_period: 0s\n", f"      stop_grace_period: 0s\n{container}")
    return yaml.replace("    healthcheck:", f"{app}    healthcheck:")


class Registry:
    """Debian's docker-registry on a free port of this machine, with a password when asked."""

    def __init__(self, directory, password=None, address="127.0.0.1"):
        self.address = address
        self.port = free_port()
        self.name = f"{address}:{self.port}"
        auth = ""
        if password:
            line = subprocess.run(["htpasswd", "-Bbn", "ci", password], check=True,
                                  capture_output=True).stdout
            path = os.path.join(directory, f"htpasswd-{self.port}")
            with open(path, "wb") as f:
                f.write(line)
            auth = f"auth: {{htpasswd: {{realm: test, path: {path}}}}}\n"
        config = os.path.join(directory, f"registry-{self.port}.yml")
        with open(config, "w", encoding="utf-8") as f:
            f.write("version: 0.1\nlog: {level: error}\n"
                    f"storage: {{filesystem: {{rootdirectory: {directory}/registry-{self.port}}}}}\n"
                    f"http: {{addr: '{self.name}'}}\n{auth}")
        self.process = subprocess.Popen(["docker-registry", "serve", config],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(self.answers, "the registry to answer")

    def answers(self):
        try:
            with socket.create_connection((self.address, self.port), timeout=1):
                return True
        except OSError:
            return False

    def stop(self):
        self.process.kill()
        self.process.wait()


class SmallEngine:
    """A Docker Engine of its own, in its own network namespace, with a data root of a given size."""

    def __init__(self, directory, size_mib):
        self.directory = tempfile.mkdtemp(dir=directory)
        self.namespace = f"dv{os.getpid()}"
        self.socket = os.path.join(self.directory, "docker.sock")
        self.data = os.path.join(self.directory, "data")
        os.mkdir(self.data)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size_mib}m", "davit-test", self.data], check=True)
        subprocess.run(["ip", "netns", "add", self.namespace], check=True)
        subprocess.run(["ip", "-n", self.namespace, "link", "set", "lo", "up"], check=True)
        self.start()

    def start(self):
        log = open(os.path.join(self.directory, "log"), "ab")
        self.process = subprocess.Popen(
            ["nsenter", f"--net=/run/netns/{self.namespace}", "unshare", "-m", "dockerd",
             "--data-root", self.data, "--exec-root", f"{self.directory}/exec",
             "--pidfile", f"{self.directory}/pid", "-H", f"unix://{self.socket}"],
            stdout=log, stderr=log, start_new_session=True)
        log.close()
        wait_until(lambda: self.docker("version", check=False).returncode == 0, "the engine to answer")

    def docker(self, *args, check=True, **kwargs):
        return subprocess.run(["docker", "-H", f"unix://{self.socket}", *args], check=check,
                              capture_output=True, timeout=DEADLINE_S, **kwargs)

    def enter(self):
        """The command that runs another in the engine's network."""
        return ["nsenter", f"--net=/run/netns/{self.namespace}"]

    def kill(self):
        with open(f"{self.directory}/pid", encoding="utf-8") as f:
            os.kill(int(f.read()), signal.SIGKILL)
        self.process.wait()
        # Its containerd would outlive it and hold the exec root.
        pidfile = f"{self.directory}/exec/containerd/containerd.pid"
        if os.path.exists(pidfile):
            with open(pidfile, encoding="utf-8") as f:
                os.kill(int(f.read()), signal.SIGKILL)
        for stale in (pidfile, f"{self.directory}/pid"):
            if os.path.exists(stale):
                os.unlink(stale)

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=60)
        subprocess.run(["umount", "-l", self.data], check=False)
        subprocess.run(["ip", "netns", "del", self.namespace], check=False)
