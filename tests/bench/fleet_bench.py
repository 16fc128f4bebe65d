#!/usr/bin/python3
"""A controller with 1,000 hosts against gRPC alone: dispatch to all of them, streams a second, memory.

The hosts are workers that do nothing, in another process, over mutual TLS (fleet/sim_workers.cc). Everything that a
controller does, it does: records on disk before each step and after it, reports of each host, the plan. fleet/raw_streams.cc
sends the same messages and does nothing else.
"""

import contextlib
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import uuid

import grpc

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILD = ROOT / "build-bench"
sys.path.insert(0, str(HERE.parent / "e2e"))

import stubs  # noqa: E402
from comparison import compare, parse_options, row  # noqa: E402

STUBS = stubs.make()
from davit.v1 import deployment_pb2, deployment_service_pb2, deployment_service_pb2_grpc  # noqa: E402
from davit.v1 import host_service_pb2, host_service_pb2_grpc  # noqa: E402


def start(stack, command, **kwargs):
    process = subprocess.Popen(command, **kwargs)

    def end():
        process.terminate()
        process.wait(timeout=60)
    stack.callback(end)
    return process


class Workers:
    """sim_workers in a process of its own; `address` is where it listens."""

    def __init__(self, stack, certificates):
        process = start(stack, [BUILD / "tests/bench/bench_sim_workers", certificates], stdin=subprocess.PIPE,
                        stdout=subprocess.PIPE, text=True)
        self.address = process.stdout.readline().strip()


class Controller:
    """davit-controller with `count` hosts at `address`."""

    def __init__(self, stack, scratch, certificates, address, count):
        directory = tempfile.mkdtemp(dir=scratch)
        socket = f"unix:{directory}/socket"
        files = {f"--tls-{name}-file": f"{certificates}/{file}"
                 for name, file in (("ca", "ca.crt"), ("cert", "tls.crt"), ("key", "tls.key"))}
        command = [BUILD / "davit-controller", "--listen", socket, "--state-directory", f"{directory}/state", "--tls-allow", "*"]
        self.log = open(f"{directory}/log", "w", encoding="utf-8")
        stack.callback(self.log.close)
        self.process = start(stack, command + [word for pair in files.items() for word in pair], stdin=subprocess.DEVNULL,
                             stdout=self.log, stderr=self.log)
        channel = stack.enter_context(grpc.insecure_channel(socket, [("grpc.max_receive_message_length", 64 << 20)]))
        self.deployments = deployment_service_pb2_grpc.DeploymentServiceStub(channel)
        self.hosts = host_service_pb2_grpc.HostServiceStub(channel)
        self.names = [f"h{i}.sim.test" for i in range(count)]
        for name in self.names:
            request = host_service_pb2.AddHostRequest(name=name, address=address, unchecked=True)
            self.hosts.AddHost(request, timeout=30, wait_for_ready=True)
        self.await_online()

    def await_online(self):
        end = time.monotonic() + 120
        while True:
            hosts = self.hosts.ListHosts(host_service_pb2.ListHostsRequest(), timeout=30, wait_for_ready=True).hosts
            if all(host.state == host_service_pb2.Host.ONLINE for host in hosts):
                return
            if time.monotonic() > end:
                raise SystemExit(f"hosts are not online: {hosts[0]}")
            time.sleep(0.1)

    def resident_bytes(self):
        with open(f"/proc/{self.process.pid}/statm", encoding="utf-8") as f:
            return int(f.read().split()[1]) * os.sysconf("SC_PAGESIZE")

    def deploy(self, hosts, environment="dev"):
        """Deploys to all hosts at once. Seconds, and the number of steps that were run."""
        create = deployment_service_pb2.CreateDeploymentRequest(request_id=str(uuid.uuid4()))
        spec = create.deployment.spec
        spec.project, spec.environment = "bench", environment
        spec.hosts.extend(hosts)
        app = spec.apps["web"]
        app.image = "registry.example/web:1"
        app.container.name = "bench-web"
        app.strategy.type, app.strategy.batch = "recreate", 10000
        app.rollback.automatic, app.retain = True, 5
        made = self.deployments.CreateDeployment(create, timeout=60).deployment
        self.await_end(made.id)
        ended = self.deployments.GetDeployment(deployment_service_pb2.GetDeploymentRequest(id=made.id), timeout=60).deployment
        if ended.state != deployment_pb2.SUCCEEDED:
            raise SystemExit(f"the deployment did not succeed: {ended.failure}")
        took = ended.end_time.ToNanoseconds() - ended.create_time.ToNanoseconds()
        return took / 1e9, len(ended.steps)

    def await_end(self, deployment):
        """Asks now and then: who watches is sent every event, which no raw stream has to do for anybody."""
        end = time.monotonic() + 300
        while time.monotonic() < end:
            newest = self.deployments.ListDeployments(deployment_service_pb2.ListDeploymentsRequest(page_size=1), timeout=60)
            if newest.deployments[0].id == deployment and newest.deployments[0].HasField("end_time"):
                return
            time.sleep(0.05)
        raise SystemExit("the deployment does not end")


class Raw:
    """raw_streams, run once a round for both of its figures."""

    def __init__(self, address, certificates, hosts):
        self.command = [BUILD / "tests/bench/bench_raw_streams", address, certificates, str(hosts), "3"]
        self.last = None

    def run(self):
        out = subprocess.run(self.command, check=True, stdout=subprocess.PIPE).stdout
        self.last = json.loads(out)
        return self.last

    def broadcast_ms(self):
        return 1000 * statistics.median(self.run()["seconds"])

    def streams_per_second(self):
        return self.run()["streams_per_second"]


def compare_memory(hosts, controller, empty, raw):
    """What each host costs in memory: the controller's growth with all hosts, and the raw channels'."""
    ours, theirs = (n / hosts / 1000 for n in (controller - empty, raw))
    print(row(f"memory a host, {hosts} hosts, against raw channels", "kB", ours, theirs, [ours / theirs], 1.5, False))


def make_certificate(scratch):
    """One certificate for the workers of all hosts, and for the controller."""
    directory = f"{scratch}/tls/sim"
    subprocess.run([ROOT / "deploy/make-certificates.sh", f"{scratch}/tls", "sim"], check=True, stdout=subprocess.DEVNULL)
    ca = f"{scratch}/tls/ca/ca"
    subprocess.run(["openssl", "req", "-x509", "-key", f"{directory}/tls.key", "-CA", f"{ca}.crt", "-CAkey", f"{ca}.key",
                    "-subj", "/CN=sim", "-addext", "subjectAltName=DNS:sim,DNS:*.sim.test", "-addext",
                    "basicConstraints=critical,CA:false", "-days", "2", "-out", f"{directory}/tls.crt"], check=True)
    return directory


def measure(options, stack):
    hosts = 20 if options.smoke else 1000
    os.makedirs(options.directory, exist_ok=True)
    scratch = tempfile.mkdtemp(prefix="fleet-", dir=options.directory)
    stack.callback(shutil.rmtree, scratch, ignore_errors=True)
    certificates = make_certificate(scratch)
    workers = Workers(stack, certificates)
    with contextlib.ExitStack() as small:
        empty = Controller(small, scratch, certificates, workers.address, 0).resident_bytes()
    controller = Controller(stack, scratch, certificates, workers.address, hosts)
    resident = controller.resident_bytes()
    raw, one = Raw(workers.address, certificates, hosts), Raw(workers.address, certificates, 1)
    compare_memory(hosts, resident, empty, raw.run()["rss_bytes"] - one.run()["rss_bytes"])

    def step_on_all_ms():
        took, steps = controller.deploy(controller.names)
        return 1000 * took * hosts / steps

    def steps_per_second():
        took, steps = controller.deploy(controller.names)
        return steps / took

    compare(f"a step on each of {hosts} hosts, on disk, against a raw broadcast", "ms", 3, step_on_all_ms,
            raw.broadcast_ms, options, at_least=False)
    compare("steps a second through controller and workers, against raw streams", "/s", 0.5, steps_per_second,
            raw.streams_per_second, options)


def main():
    options = parse_options()
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, STUBS, ignore_errors=True)
        measure(options, stack)


if __name__ == "__main__":
    main()
