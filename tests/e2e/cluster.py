"""Several hosts on one machine: a network namespace, a Docker Engine and a worker each, and a controller."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

from support import DAVIT, DEADLINE_S, Registry, Run, free_port, image_tar, wait_until, SERVE

CONTROLLER = os.environ.get("DAVIT_CONTROLLER_BINARY", "build/davit-controller")
WORKER = os.environ.get("DAVIT_WORKER_BINARY", "build/davit-worker")
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
WORKER_PORT = 7421


def run(*args, **kwargs):
    done = subprocess.run(args, capture_output=True, timeout=DEADLINE_S, **kwargs)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(args)}: {done.stderr.decode()}")
    return done.stdout.decode()


class Daemon:
    """A process that is started, killed and started again; its log is kept."""

    def __init__(self, log, command):
        self.log, self.command, self.process = log, command, None

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            start_new_session=True)

    def running(self):
        return self.process is not None and self.process.poll() is None

    def send(self, number):
        if self.running():
            self.process.send_signal(number)

    def kill(self):
        self.send(signal.SIGKILL)
        self.process.wait(timeout=30)

    def stop(self):
        if not self.running():
            return
        self.send(signal.SIGTERM)
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired as error:
            self.kill()
            raise AssertionError(f"{self.command} did not end; see {self.log}") from error

    def text(self):
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return log.read()


class Network:
    """A bridge that the hosts hang on, with a subnet that nobody has yet."""

    def __init__(self):
        taken = run("ip", "-4", "-o", "addr")
        number = next(n for n in range(1, 250) if f" 10.91.{n}." not in taken)
        self.bridge = f"dvb{number}"
        self.prefix = f"10.91.{number}"
        self.gateway = f"{self.prefix}.1"
        run("ip", "link", "add", self.bridge, "type", "bridge")
        run("ip", "addr", "add", f"{self.gateway}/24", "dev", self.bridge)
        run("ip", "link", "set", self.bridge, "up")

    def remove(self):
        subprocess.run(["ip", "link", "del", self.bridge], check=False, capture_output=True)


class Host:
    """A host: a network namespace on the bridge with a Docker Engine and a worker."""

    def __init__(self, cluster, name, number):
        self.cluster, self.name = cluster, name
        self.directory = os.path.join(cluster.scratch, name)
        os.makedirs(self.directory)
        self.ip = f"{cluster.network.prefix}.{10 + number}"
        self.address = f"{self.ip}:{WORKER_PORT}"
        self.namespace = f"{cluster.network.bridge}h{number}"
        self.link = f"{cluster.network.bridge}v{number}"
        self.socket = os.path.join(self.directory, "docker.sock")
        self.connect()
        self.engine = Daemon(os.path.join(self.directory, "dockerd.log"), self.enter(
            "unshare", "-m", "dockerd", "--data-root", f"{self.directory}/data", "--exec-root",
            f"{self.directory}/exec", "--pidfile", f"{self.directory}/pid", "-H", f"unix://{self.socket}",
            "--insecure-registry", f"{cluster.network.prefix}.0/24", "--dns", f"192.0.2.{number}"))
        self.worker = Daemon(os.path.join(self.directory, "worker.log"),
                             self.enter(os.path.abspath(WORKER), "--config", f"{self.directory}/worker.yaml"))

    def connect(self):
        run("ip", "netns", "add", self.namespace)
        run("ip", "link", "add", self.link, "type", "veth", "peer", "name", "eth0", "netns", self.namespace)
        run("ip", "link", "set", self.link, "master", self.cluster.network.bridge, "up")
        for command in (["link", "set", "lo", "up"], ["addr", "add", f"{self.ip}/24", "dev", "eth0"],
                        ["link", "set", "eth0", "up"], ["route", "add", "default", "via", self.cluster.network.gateway]):
            run("ip", "-n", self.namespace, *command)

    def enter(self, *command):
        return ["nsenter", f"--net=/run/netns/{self.namespace}", *command]

    def start_engine(self):
        self.engine.start()
        wait_until(lambda: self.answers(), f"the engine of {self.name} to answer")

    def answers(self):
        if not self.engine.running():
            raise AssertionError(f"dockerd of {self.name} ended:\n{self.engine.text()[-2000:]}")
        return subprocess.run(["docker", "-H", f"unix://{self.socket}", "version"], check=False,
                              capture_output=True, timeout=DEADLINE_S).returncode == 0

    def kill_engine(self):
        """kill -9 of the engine and its containerd; containers go on under their shims."""
        with open(f"{self.directory}/pid", encoding="utf-8") as f:
            os.kill(int(f.read()), signal.SIGKILL)
        self.engine.process.wait(timeout=30)
        pidfile = f"{self.directory}/exec/containerd/containerd.pid"
        with contextlib.suppress(OSError):
            with open(pidfile, encoding="utf-8") as f:
                os.kill(int(f.read()), signal.SIGKILL)
        for stale in (pidfile, f"{self.directory}/pid"):
            with contextlib.suppress(OSError):
                os.unlink(stale)

    def write_worker_config(self, **changes):
        settings = {"listen": [self.address], "state_directory": f"{self.directory}/worker",
                    "docker_socket": self.socket,
                    "tls": {**self.cluster.tls_files(self.name), "allow": ["controller"]}, **changes}
        with open(f"{self.directory}/worker.yaml", "w", encoding="utf-8") as f:
            json.dump(settings, f)  # JSON is YAML

    def cut(self):
        run("ip", "link", "set", self.link, "down")

    def restore(self):
        run("ip", "link", "set", self.link, "up")

    def slow(self):
        """A bad line: late, or, where the kernel cannot delay packets, narrow (which makes them late as well)."""
        late = ("netem", "delay", "300ms", "50ms")
        narrow = ("tbf", "rate", "1mbit", "burst", "4kb", "latency", "2s")
        shape = ["tc", "qdisc", "replace", "dev", self.link, "root"]
        if subprocess.run([*shape, *late], check=False, capture_output=True).returncode != 0:
            run(*shape, *narrow)

    def quick(self):
        subprocess.run(["tc", "qdisc", "del", "dev", self.link, "root"], check=False, capture_output=True)

    def docker(self, *args, stdin=None):
        return run("docker", "-H", f"unix://{self.socket}", *args, input=stdin).rstrip("\n")

    def containers(self):
        lines = self.docker("ps", "-a", "--format", "{{.Names}}|{{.State}}").splitlines()
        return dict(line.split("|") for line in lines)

    def get(self, port):
        """What the web server on a published port of the host says, as the host sees it."""
        return run(*self.enter("curl", "-sS", "--max-time", "5", f"http://127.0.0.1:{port}/"))

    def reset(self):
        """No containers, an intact link, engine and worker up."""
        self.restore()
        self.quick()
        if not self.engine.running():
            self.start_engine()
        ids = self.docker("ps", "-aq").split()
        if ids:
            self.docker("rm", "-f", *ids)
        if not self.worker.running():
            self.worker.start()

    def stop(self):
        self.worker.stop()
        with contextlib.suppress(Exception):
            self.reset()
            self.worker.stop()
        self.engine.stop()
        subprocess.run(["ip", "netns", "del", self.namespace], check=False, capture_output=True)


class Client:
    """davit on a machine that has nothing but the program, an address and a certificate."""

    def __init__(self, cluster, certificate, address=None):
        self.cluster, self.certificate = cluster, certificate
        self.address = address or cluster.address
        self.directory = tempfile.mkdtemp(dir=cluster.scratch)

    def write(self, yaml):
        with open(os.path.join(self.directory, "davit.yaml"), "w", encoding="utf-8") as f:
            f.write(yaml)

    def environment(self, **extra):
        env = {"PATH": os.environ["PATH"], "HOME": self.directory, "NO_COLOR": "1",
               "DAVIT_CONTROLLER": self.address, "DAVIT_CONTROLLER_NAME": "controller"}
        if self.certificate:
            env["DAVIT_TLS_DIR"] = self.certificate
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS"):
            if name in os.environ:
                env[name] = os.environ[name]
        return {**env, **extra}

    def start(self, *args):
        return subprocess.Popen([os.path.abspath(DAVIT), *args], cwd=self.directory, env=self.environment(),
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def finish(self, process, args, deadline_s=DEADLINE_S):
        try:
            out, err = process.communicate(timeout=deadline_s)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            raise AssertionError(f"davit {args} did not end:\n{out.decode()}\n{err.decode()}") from None
        return Run(args, process.returncode, out.decode(), err.decode())

    def run(self, *args, deadline_s=DEADLINE_S):
        return self.finish(self.start(*args), args, deadline_s)

    def deploy(self, *args, **kwargs):
        return self.run("deploy", *args, "-e", "dev", **kwargs)

    def host(self, name):
        """The host as `davit hosts show` has it."""
        return json.loads(self.run("hosts", "show", name, "--json").out)["host"]


class Cluster:
    """A controller and hosts, with certificates of one authority."""

    def __init__(self, names):
        self.scratch = tempfile.mkdtemp(prefix="dvc-", dir="/var/tmp")
        self.certificates = os.path.join(self.scratch, "certificates")
        self.hosts, self.registry, self.controller, self.network = {}, None, None, None
        try:
            self.start(names)
        except BaseException:
            self.stop()
            raise

    def start(self, names):
        self.make_certificates("controller", "client", *names)
        self.network = Network()
        self.registry = Registry(self.scratch, address=self.network.gateway)
        for number, name in enumerate(names, 1):
            host = self.hosts[name] = Host(self, name, number)
            host.write_worker_config()
            host.engine.start()
        for host in self.hosts.values():
            wait_until(host.answers, f"the engine of {host.name} to answer")
            host.worker.start()
        self.address = f"127.0.0.1:{free_port()}"
        self.controller = Daemon(os.path.join(self.scratch, "controller.log"),
                                 [os.path.abspath(CONTROLLER), "--config", f"{self.scratch}/controller.yaml"])
        self.write_controller_config()
        self.start_controller()
        for host in self.hosts.values():
            added = self.client().run("hosts", "add", host.name, host.address)
            if added.code != 0:
                raise AssertionError(f"{added.text}\n{host.worker.text()}")

    def make_certificates(self, *names, options=()):
        run(os.path.join(ROOT, "deploy/make-certificates.sh"), *options, self.certificates, *names)

    def tls_files(self, name):
        directory = os.path.join(self.certificates, name)
        return {"ca_file": f"{directory}/ca.crt", "cert_file": f"{directory}/tls.crt",
                "key_file": f"{directory}/tls.key"}

    def write_controller_config(self, **changes):
        settings = {"listen": [self.address, f"unix:{self.scratch}/controller.sock"],
                    "state_directory": f"{self.scratch}/controller",
                    "tls": {**self.tls_files("controller"), "allow": ["client"]}, **changes}
        with open(f"{self.scratch}/controller.yaml", "w", encoding="utf-8") as f:
            json.dump(settings, f)

    def start_controller(self):
        self.controller.start()

        def serves():
            if not self.controller.running():
                raise AssertionError(f"the controller ended:\n{self.controller.text()}")
            return self.client().run("hosts", "list").code == 0
        wait_until(serves, "the controller to serve")

    def client(self, certificate="client", address=None):
        directory = os.path.join(self.certificates, certificate) if certificate else None
        return Client(self, directory, address)

    def make_image(self, repository, tag, command=None, files=None):
        """Pushes an image to the registry; by default a web server that says its tag."""
        host = next(iter(self.hosts.values()))
        reference = f"{self.registry.name}/{repository}:{tag}"
        content = {"www/index.html": f"web {tag}", "www/health": "ok", **(files or {})}
        content = {path: text for path, text in content.items() if text is not None}
        host.docker("import", "--change", f"CMD {json.dumps(command or SERVE)}", "-", reference,
                    stdin=image_tar(content))
        host.docker("push", "-q", reference)
        host.docker("rmi", reference)

    def await_state(self, name, state, deadline_s=90):
        client = self.client()
        wait_until(lambda: client.host(name).get("state") == state, f"{name} to be {state}", deadline_s)

    def reset(self):
        for host in self.hosts.values():
            host.reset()
        if not self.controller.running():
            self.start_controller()
        for host in self.hosts.values():
            self.await_state(host.name, "ONLINE")

    def stop(self):
        with contextlib.ExitStack() as stack:
            stack.callback(shutil.rmtree, self.scratch, ignore_errors=True)
            if self.network:
                stack.callback(self.network.remove)
            if self.registry:
                stack.callback(self.registry.stop)
            for host in self.hosts.values():
                stack.callback(host.stop)
            if self.controller:
                stack.callback(self.controller.stop)


WEB = """
project: {project}
apps:
  web:
    image: {registry}/web
    container:
      ports: ["8080:80"]
      stop_grace_period: 0s
    healthcheck:
      http: {{path: /health, port: 80}}
      attempts: 20
      interval: 500ms
    strategy: {{batch: {batch}}}
environments:
  dev: {{hosts: [{hosts}]}}
"""


class ClusterTest(unittest.TestCase):
    """Each test class has a cluster, and each test a project of its own on clean hosts."""

    hosts = ("one", "two", "three")

    @classmethod
    def setUpClass(cls):
        cls.cluster = Cluster(cls.hosts)
        for tag in ("v1", "v2"):
            cls.cluster.make_image("web", tag)
        # Healthy everywhere but on the third host, which it knows by its engine's name server.
        cls.cluster.make_image("web", "sick", ["/bin/sh", "-c",
                               'case "$(cat /etc/resolv.conf)" in *192.0.2.3*) cd /tmp;; *) cd /www;; esac; '
                               "exec httpd -f -p 80"])
        cls.cluster.make_image("web", "slow", ["/bin/sh", "-c", "sleep 3; httpd -f -p 80 -h /www"])

    @classmethod
    def tearDownClass(cls):
        cls.cluster.stop()

    def setUp(self):
        self.cluster.reset()
        self.client = self.cluster.client()
        self.client.write(self.yaml())

    def yaml(self, batch=1, hosts=None):
        project = "p" + str(time.monotonic_ns())
        return WEB.format(project=project, registry=self.cluster.registry.name, batch=batch,
                          hosts=", ".join(hosts or self.hosts))

    def host(self, name):
        return self.cluster.hosts[name]

    def serving(self):
        """What each host answers."""
        return {name: self.host(name).get(8080).strip() for name in self.hosts}

    def all_serve(self, tag):
        self.assertEqual(self.serving(), {name: f"web {tag}" for name in self.hosts})

    def assertExit(self, result, code):
        self.assertEqual(result.code, code, f"davit {' '.join(result.args)}\n{result.out}\n{result.err}\n"
                         f"controller: {self.cluster.controller.text()[-3000:]}")
