"""One controller, three hosts with an engine and a worker each; and what a network and machines do to them."""

import json
import os
import sys
import threading
import unittest

from cluster import Client, ClusterTest, run
from support import wait_until


def steps(events, kind, state, host=None):
    found = [e["step"] for e in events if e.get("step", {}).get("kind") == kind and e["step"]["state"] == state]
    return [s for s in found if host is None or s.get("host") == host]


class Following:
    """A davit command whose JSON events are read as they come."""

    def __init__(self, client, *args):
        self.client, self.args, self.events, self.seen = client, args, [], threading.Condition()
        self.process = client.start(*args)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            with self.seen:
                self.events.append(json.loads(line))
                self.seen.notify_all()

    def when(self, condition, what, deadline_s=120):
        """Waits until the events so far fulfil the condition."""
        with self.seen:
            if not self.seen.wait_for(lambda: condition(self.events), deadline_s):
                raise AssertionError(f"gave up waiting for {what} in {json.dumps(self.events[-5:], indent=1)}")

    def when_step(self, kind, state, host):
        self.when(lambda events: steps(events, kind, state, host), f"{kind} on {host} to be {state}")

    def end(self, deadline_s=150):
        self.process.wait(timeout=deadline_s)
        self.reader.join(timeout=10)
        error = self.process.stderr.read().decode()
        self.process.stdout.close()
        self.process.stderr.close()
        return self.process.returncode, error


class RolloutTest(ClusterTest):
    def deploy(self, tag, code=0):
        result = self.client.deploy("web", "--tag", tag)
        self.assertExit(result, code)
        return result

    def follow(self, tag):
        return Following(self.client, "deploy", "web", "-e", "dev", "--tag", tag, "--json")

    def assertEnds(self, following, code):
        ended, error = following.end()
        self.assertEqual(ended, code, f"{error}\n{json.dumps(following.events[-8:], indent=1)}\n"
                         f"{self.cluster.controller.text()[-2000:]}")

    def test_goes_over_all_hosts_in_batches(self):
        self.client.write(self.yaml(batch=2))
        following = self.follow("v1")
        self.assertEnds(following, 0)
        self.all_serve("v1")
        # The third host is not touched before the first two are healthy.
        started = [(e["step"]["host"], e["step"]["state"]) for e in following.events
                   if e.get("step", {}).get("kind") in ("start_container", "switch_name")]
        third = started.index(("three", "STEP_STARTED"))
        for host in ("one", "two"):
            self.assertIn((host, "STEP_SUCCEEDED"), started[:third])
        status = json.loads(self.client.run("status", "-e", "dev", "--json").out)
        self.assertEqual(sorted((a["host"], a["container_state"]) for a in status["apps"]),
                         [("one", "running"), ("three", "running"), ("two", "running")])

    def test_puts_all_hosts_back_when_the_last_one_is_sick(self):
        self.deploy("v1")
        failed = self.deploy("sick", code=3)
        self.assertIn("three", failed.text)
        self.all_serve("v1")
        for name in self.hosts:
            self.assertEqual(len(self.host(name).containers()), 1)

    def test_two_terminals_follow_the_same_deployment(self):
        started = self.client.run("deploy", "web", "-e", "dev", "--tag", "slow", "--detach")
        self.assertExit(started, 0)
        deployment = started.out.strip()
        watches = [Following(self.cluster.client(), "watch", deployment, "--json") for _ in range(2)]
        for watch in watches:
            self.assertEnds(watch, 0)
        first, second = ([e["sequence"] for e in w.events if "sequence" in e] for w in watches)
        self.assertEqual(first, second)
        self.assertEqual([int(s) for s in first], list(range(1, len(first) + 1)))

    def test_shows_facts_of_hosts_and_what_runs_there(self):
        self.deploy("v1")
        wait_until(lambda: self.client.host("one").get("apps"), "the report to have the container")
        host = self.client.host("one")
        self.assertEqual(host["state"], "ONLINE")
        self.assertEqual(host["facts"]["platform"], "linux/amd64")
        self.assertGreater(int(host["facts"]["disk_total_bytes"]), 0)
        self.assertEqual([(a["app"], a["release"], a["state"]) for a in host["apps"] if a["state"] == "running"],
                         [("web", "1", "running")])
        listed = self.client.run("hosts", "list")
        for name in self.hosts:
            self.assertIn(name, listed.out)

    def test_a_host_that_is_away_is_refused_before_anything_changes(self):
        self.deploy("v1")
        self.host("two").cut()
        self.cluster.await_state("two", "AWAY")
        listed = self.client.run("hosts", "list", deadline_s=30)
        self.assertExit(listed, 0)
        self.assertIn("away", listed.out.lower())
        refused = self.client.deploy("web", "--tag", "v2", deadline_s=60)
        self.assertExit(refused, 6)
        self.assertIn("HOST_UNREACHABLE", refused.text)
        self.assertIn("two", refused.text)
        self.host("two").restore()
        self.all_serve("v1")

    def test_the_others_go_back_without_a_host_that_is_away_and_it_follows_later(self):
        everywhere = self.yaml()
        self.client.write(everywhere)
        self.deploy("v1")
        self.deploy("v2")
        self.host("two").cut()
        self.cluster.await_state("two", "AWAY")
        back = ("rollback", "web", "-e", "dev", "--yes")
        refused = self.client.run(*back, deadline_s=60)
        self.assertExit(refused, 6)
        self.assertIn("HOST_UNREACHABLE", refused.text)
        self.assertIn("take two out of `hosts` in davit.yaml", " ".join(refused.text.split()))
        self.client.write(everywhere.replace("one, two, three", "one, three"))
        self.assertExit(self.client.run(*back), 0)
        self.host("two").restore()
        self.cluster.await_state("two", "ONLINE")
        self.assertEqual(self.serving(), {"one": "web v1", "two": "web v2", "three": "web v1"})
        self.client.write(everywhere)
        self.assertExit(self.client.run(*back, "--to", "1"), 0)
        self.all_serve("v1")

    def test_a_link_that_is_cut_in_the_middle_of_a_step_and_comes_back_hurts_nothing(self):
        self.deploy("v1")
        following = self.follow("slow")
        following.when_step("check_health", "STEP_STARTED", "two")
        self.host("two").cut()
        # The controller must have noticed, so that it really attaches again.
        self.cluster.await_state("two", "AWAY")
        self.host("two").restore()
        self.assertEnds(following, 0)
        self.all_serve("slow")

    def test_a_link_that_is_cut_after_its_step_and_comes_back_hurts_nothing(self):
        self.deploy("v1")
        following = self.follow("slow")
        following.when_step("switch_name", "STEP_SUCCEEDED", "one")
        self.host("one").cut()
        self.cluster.await_state("one", "AWAY")
        self.host("one").restore()
        self.assertEnds(following, 0)
        self.all_serve("slow")

    def test_a_host_that_stays_away_needs_a_human_and_the_others_go_back(self):
        self.deploy("v1")
        following = self.follow("slow")
        following.when_step("check_health", "STEP_STARTED", "two")
        self.host("two").cut()
        self.assertEnds(following, 4)
        last = self.client.run("history", "-e", "dev", "--json")
        self.assertIn("HOST_UNREACHABLE", last.out)
        self.host("two").restore()

    def test_a_dead_engine_is_named_and_nothing_is_changed(self):
        self.deploy("v1")
        self.host("three").kill_engine()
        wait_until(lambda: self.client.host("three").get("problem", {}).get("code") == "DOCKER_UNREACHABLE",
                   "the report to say that the engine is dead")
        refused = self.client.deploy("web", "--tag", "v2")
        self.assertExit(refused, 6)
        self.assertIn("DOCKER_UNREACHABLE", refused.text)
        self.assertIn("three", refused.text)
        for name in ("one", "two"):
            self.assertEqual(self.host(name).get(8080).strip(), "web v1")

    def test_a_slow_host_is_only_slow(self):
        self.host("two").slow()
        self.deploy("v2")
        self.host("two").quick()
        self.all_serve("v2")

    def test_a_worker_killed_in_the_middle_of_a_step_goes_on(self):
        self.deploy("v1")
        following = self.follow("slow")
        following.when_step("check_health", "STEP_STARTED", "two")
        self.host("two").worker.kill()
        self.host("two").worker.start()
        self.assertEnds(following, 0)
        self.all_serve("slow")

    def test_a_controller_killed_in_the_middle_of_a_step_goes_on(self):
        self.deploy("v1")
        following = self.follow("slow")
        following.when_step("check_health", "STEP_STARTED", "two")
        self.cluster.controller.kill()
        self.cluster.start_controller()
        self.assertEnds(following, 0)
        self.all_serve("slow")

    def test_a_client_in_another_language_submits_and_watches(self):
        here = os.path.dirname(os.path.abspath(__file__))
        out = run(sys.executable, "-B", os.path.join(here, "independent_client.py"), self.cluster.address,
                  os.path.join(self.cluster.certificates, "client"), f"{self.cluster.registry.name}/web:v2",
                  ",".join(self.hosts))
        self.assertEqual(json.loads(out.splitlines()[-1])["state"], "SUCCEEDED", out)
        self.all_serve("v2")

    def test_a_host_in_use_is_only_removed_by_force_which_says_who_needed_it(self):
        self.deploy("v1")
        following = self.follow("slow")
        following.when_step("check_health", "STEP_STARTED", "one")
        refused = self.client.run("hosts", "remove", "three")
        self.assertNotEqual(refused.code, 0)
        self.assertIn("HOST_IN_USE", refused.text)
        self.assertEqual(self.client.host("three")["state"], "ONLINE")
        removed = self.client.run("hosts", "remove", "three", "--force")
        self.assertExit(removed, 0)
        self.assertIn(f"it was in use: deployment {following.events[0]['deployment']['id']} goes on there", removed.err)
        self.assertIn("it was in use: web v1 of", removed.err)
        following.end()
        self.assertExit(self.client.run("hosts", "add", "three", self.host("three").address), 0)


class RestoredControllerTest(ClusterTest):
    hosts = ("one", "two")

    def verb(self, *args):
        return run(*self.cluster.controller.command[:1], *args, *self.cluster.controller.command[1:])

    def test_a_controller_restored_from_a_backup_adopts_its_workers_and_says_why(self):
        backup = os.path.join(self.cluster.scratch, "backup.db")
        self.assertExit(self.client.deploy("web", "--tag", "v1"), 0)
        self.verb("backup", backup)
        self.assertExit(self.client.deploy("web", "--tag", "v2"), 0)

        self.cluster.controller.stop()
        os.rename(f"{self.cluster.scratch}/controller", f"{self.cluster.scratch}/lost")
        self.verb("restore", backup)
        self.cluster.start_controller()

        for name in self.hosts:
            self.cluster.await_state(name, "REFUSED")
        refused = self.client.deploy("web", "--tag", "v1")
        self.assertEqual(refused.code, 6, refused.text)
        self.assertIn("HOST_NOT_ADOPTED", refused.text)
        self.assertIn("restored from a backup", refused.text)
        for name in self.hosts:
            adopted = self.client.run("hosts", "adopt", name)
            self.assertExit(adopted, 0)
            self.assertIn("v2", adopted.text)  # runs there, and the records do not know it
            self.cluster.await_state(name, "ONLINE")
        self.assertExit(self.client.deploy("web", "--tag", "v2"), 0)
        status = json.loads(self.client.run("status", "-e", "dev", "--json").out)
        # Number 2 was given before; the records had forgotten it.
        self.assertEqual({a["release"]["number"] for a in status["apps"]}, {"3"})
        self.all_serve("v2")


class CertificatesTest(ClusterTest):
    hosts = ("one",)

    def refused(self, certificate, *, address=None):
        client = certificate if isinstance(certificate, Client) else self.cluster.client(certificate, address)
        result = client.run("hosts", "list")
        self.assertEqual(result.code, 6, result.text)
        return result.text

    def test_wrong_expired_and_unknown_certificates_are_refused_with_the_reason(self):
        with self.subTest("unknown name"):
            self.cluster.make_certificates("stranger")
            text = self.refused("stranger")
            self.assertIn("NOT_AUTHORISED", text)
            self.assertIn("stranger", text)
        with self.subTest("another authority"):
            other = os.path.join(self.cluster.certificates, "other")
            run("deploy/make-certificates.sh", other, "client")
            theirs, ours = f"{other}/client", f"{self.cluster.certificates}/client"
            mixed = f"{self.cluster.certificates}/mixed"
            os.makedirs(mixed, exist_ok=True)
            for name, source in (("ca.crt", ours), ("tls.crt", theirs), ("tls.key", theirs)):
                run("cp", "-p", f"{source}/{name}", f"{mixed}/{name}")
            self.assertRegex(self.cluster.client("mixed").run("hosts", "list").text, "and not by our CA")
            self.assertIn("CA", self.refused(Client(self.cluster, theirs)))
        with self.subTest("expired"):
            self.cluster.make_certificates("late", options=("--days", "-1"))
            result = self.cluster.client("late").run("hosts", "list")
            self.assertNotEqual(result.code, 0)
            self.assertIn("expired", result.text)

    def test_without_a_certificate_nothing_is_tried(self):
        result = self.cluster.client(None).run("hosts", "list")
        self.assertExit(result, 2)
        self.assertIn("certificate", result.text)

    def test_a_plaintext_client_gets_no_answer(self):
        out = run(sys.executable, "-B", "-c", f"""
import grpc
channel = grpc.insecure_channel("{self.cluster.address}")
try:
    channel.unary_unary("/davit.v1.HostService/ListHosts")(b"", timeout=10)
    print("answered")
except grpc.RpcError as error:
    print(error.code().name)
""")
        self.assertEqual(out.strip(), "UNAVAILABLE")

    def test_a_worker_refuses_everybody_but_its_controller(self):
        host = self.host("one")
        host.worker.stop()
        host.write_worker_config(tls={**self.cluster.tls_files("one"), "allow": ["somebody"]})
        host.worker.start()
        try:
            self.cluster.await_state("one", "REFUSED")
            self.assertEqual(self.client.host("one")["problem"]["code"], "NOT_AUTHORISED")
            self.assertExit(self.client.deploy("web", "--tag", "v1"), 6)
        finally:
            host.worker.stop()
            host.write_worker_config()
            host.worker.start()

    def test_a_worker_with_another_hosts_certificate_is_not_believed(self):
        self.cluster.make_certificates("elsewhere")
        host = self.host("one")
        host.worker.stop()
        host.write_worker_config(tls={**self.cluster.tls_files("elsewhere"), "allow": ["controller"]})
        host.worker.start()
        try:
            self.cluster.await_state("one", "AWAY")
            problem = json.dumps(self.client.host("one")["problem"])
            self.assertIn("elsewhere", problem)
        finally:
            host.worker.stop()
            host.write_worker_config()
            host.worker.start()


class VersionSkewTest(ClusterTest):
    hosts = ("one",)

    def test_a_worker_of_the_protocol_before_is_named(self):
        host = self.host("one")
        host.worker.stop()
        here = os.path.dirname(os.path.abspath(__file__))
        command = host.worker.command
        host.worker.command = host.enter(sys.executable, "-B", os.path.join(here, "older_worker.py"), host.address,
                                         os.path.join(self.cluster.certificates, "one"))
        host.worker.start()
        try:
            self.cluster.await_state("one", "REFUSED")
            self.assertEqual(self.client.host("one")["problem"]["code"], "VERSION_SKEW")
            refused = self.client.deploy("web", "--tag", "v1")
            self.assertExit(refused, 1)
            self.assertIn("VERSION_SKEW", refused.text)
        finally:
            host.worker.stop()
            host.worker.command = command


if __name__ == "__main__":
    unittest.main(verbosity=2)
