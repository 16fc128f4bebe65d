"""Promises under fire: whatever is killed, a deployment goes on and nothing is lost or done twice."""

import json
import os
import signal
import subprocess
import threading
import unittest

from support import (SERVE, SOCKET, WEB, DavitTest, SmallEngine, agent_pid, alive, docker, http_get, image_tar,
                     make_image, wait_until)

STEPS = ["observe", "pull_image", "preflight", "stop_container", "start_container", "check_health",
         "switch_name", "set_restart_policy", "prune"]


class KilledAgentTest(DavitTest):
    project_name = "e2e-crash"

    def setUp(self):
        super().setUp()
        for tag in ("v1", "v2"):
            make_image(f"{self.project_name}/web:{tag}", ["/bin/sh", "-c", "sleep 0.5; httpd -f -p 80 -h /www"])
        self.davit = self.project(WEB)
        self.assertExit(self.davit.deploy("web", "--tag", "v1"), 0)

    def kill_agent(self):
        pid = agent_pid(self.state)
        if pid and alive(pid):
            os.kill(pid, signal.SIGKILL)
            wait_until(lambda: not alive(pid), "the agent to be dead")

    def kill_when(self, process, kind):
        """Kills the agent as soon as the client has heard that a step of `kind` has started."""
        killed, output = threading.Event(), []

        def read():
            for raw in process.stdout:
                output.append(raw.decode())
                step = json.loads(raw).get("step", {})
                if step.get("kind") == kind and step.get("state") == "STEP_STARTED" and not killed.is_set():
                    self.kill_agent()
                    killed.set()

        reader = threading.Thread(target=read)
        reader.start()
        process.wait(timeout=90)
        reader.join(timeout=10)
        process.stdout.close()
        self.assertTrue(killed.is_set(), f"no step of kind {kind} started")
        return [json.loads(line) for line in output]

    def test_a_deployment_goes_on_when_the_agent_is_killed_in_any_step(self):
        for kind in STEPS:
            with self.subTest(kind):
                process = self.davit.start("deploy", "web", "-e", "dev", "--local", "--tag", "v2", "--json")
                events = self.kill_when(process, kind)
                error = process.stderr.read().decode()
                process.stderr.close()
                self.assertEqual(process.returncode, 0, error)
                sequences = [int(e["sequence"]) for e in events if "sequence" in e]
                self.assertEqual(sequences, list(range(1, len(sequences) + 1)))
                self.assertEqual(http_get(self.port), "web v2")
                self.assertEqual(self.containers(), {"e2e-crash-web": "running"})

    def test_a_rollback_goes_on_when_the_agent_is_killed(self):
        make_image(f"{self.project_name}/web:bad", files={"www/health": None})
        for kind in ("remove_container", "put_back"):
            with self.subTest(kind):
                process = self.davit.start("deploy", "web", "-e", "dev", "--local", "--tag", "bad", "--json")
                self.kill_when(process, kind)
                process.stderr.close()
                self.assertEqual(process.returncode, 3)
                self.assertEqual(http_get(self.port), "web v1")
                self.assertEqual(self.containers(), {"e2e-crash-web": "running"})

    def test_with_the_client_gone_too_the_next_command_takes_it_up(self):
        run = self.davit.deploy("web", "--tag", "v2", "--detach")
        self.assertExit(run, 0)
        self.kill_agent()
        watched = self.davit.run("watch", run.out.strip(), "--local")
        self.assertExit(watched, 0)
        self.assertEqual(http_get(self.port), "web v2")

    def test_a_container_is_started_once_only(self):
        events_of_docker = self.davit_container_starts()
        process = self.davit.start("deploy", "web", "-e", "dev", "--local", "--tag", "v2", "--json")
        self.kill_when(process, "start_container")
        process.stderr.close()
        self.assertEqual(events_of_docker(), 1)

    def davit_container_starts(self):
        import time
        since = f"{time.time():.9f}"  # whole seconds would count the release before, too

        def count():
            until = str(int(time.time()) + 1)
            return len(docker("events", "--since", since, "--until", until, "--filter", "event=start", "--filter",
                              f"label=davit.project={self.project_name}", "--format", "{{.ID}}").splitlines())
        return count


class CancelledStopTest(DavitTest):
    """A stop goes on in the engine when nobody waits for it any more: what is put back must outlive it."""

    project_name = "e2e-stop"
    GRACE_S = 6
    OBEYS, IGNORES = "echo told; sleep 3; exit 0", "echo told"

    def begin_to_stop(self, when_told):
        """Leaves a deployment while v1, which does that when it is told to end, is being stopped; its id."""
        serve = f"trap '{when_told}' TERM; httpd -p 80 -h /www; while true; do sleep 0.1; done"
        make_image(f"{self.project_name}/web:v1", ["/bin/sh", "-c", serve])
        make_image(f"{self.project_name}/web:v2")
        self.davit = self.project(WEB.replace("stop_grace_period: 0s", f"stop_grace_period: {self.GRACE_S}s"))
        self.assertExit(self.davit.deploy("web", "--tag", "v1"), 0)
        run = self.davit.deploy("web", "--tag", "v2", "--detach")
        self.assertExit(run, 0)
        wait_until(lambda: "told" in docker("logs", f"{self.project_name}-web"), "v1 to be told to end")
        return run.out.strip()

    def cancel(self, deployment):
        self.assertExit(self.davit.run("cancel", deployment, "--local"), 0)
        watched = self.davit.run("watch", deployment, "--local")
        self.assertExit(watched, 7)

    def assert_serves_on(self):
        name = f"{self.project_name}-web"
        self.assertEqual(http_get(self.port), "web v1")
        with self.assertRaises(subprocess.TimeoutExpired, msg="the stop that was given up has ended it"):
            subprocess.run(["docker", "-H", f"unix://{SOCKET}", "wait", name], capture_output=True,
                           timeout=self.GRACE_S + 1, check=False)
        self.assertEqual(http_get(self.port), "web v1")
        self.assertEqual(self.containers(), {name: "running"})
        self.assertEqual(docker("inspect", "-f", "{{.HostConfig.RestartPolicy.Name}}", name), "unless-stopped")

    def test_the_old_release_serves_on_when_its_stop_is_cancelled(self):
        for when_told in (self.OBEYS, self.IGNORES):
            with self.subTest(when_told):
                self.cancel(self.begin_to_stop(when_told))
                self.assert_serves_on()

    def test_the_old_release_serves_on_when_the_agent_was_killed_too(self):
        for when_told in (self.OBEYS, self.IGNORES):
            with self.subTest(when_told):
                deployment = self.begin_to_stop(when_told)
                pid = agent_pid(self.state)
                os.kill(pid, signal.SIGKILL)
                wait_until(lambda pid=pid: not alive(pid), "the agent to be dead")
                self.cancel(deployment)
                self.assert_serves_on()


class KilledEngineTest(DavitTest):
    project_name = "e2e-engine"

    def test_an_engine_that_dies_during_a_release_is_waited_for_and_the_old_release_put_back(self):
        engine = SmallEngine(self.scratch, size_mib=1024)
        self.addCleanup(engine.stop)
        for tag, command in (("v1", SERVE), ("deaf", ["/bin/sleep", "1000"])):
            engine.docker("import", "--change", f"CMD {json.dumps(command)}", "-",
                          f"{self.project_name}/web:{tag}", input=image_tar({"www/health": "ok"}))
        project = self.project(WEB.replace("attempts: 10", "attempts: 40"))
        project.prefix = engine.enter()
        env = {"DOCKER_HOST": f"unix://{engine.socket}", "DAVIT_STATE_DIR": os.path.join(self.scratch, "engine")}
        self.addCleanup(project.run, "agent", "stop", env=env)
        self.assertExit(project.deploy("web", "--tag", "v1", env=env), 0)
        before = engine.docker("inspect", "-f", "{{.Id}}", "e2e-engine-web").stdout
        process = project.start("deploy", "web", "-e", "dev", "--local", "--tag", "deaf", "--json", env=env)
        for raw in process.stdout:
            step = json.loads(raw).get("step", {})
            if step.get("kind") == "check_health" and step.get("state") == "STEP_STARTED":
                break
        engine.kill()
        engine.start()
        _, error = process.communicate(timeout=90)
        self.assertEqual(process.returncode, 3, error.decode())
        state = engine.docker("inspect", "-f", "{{.Id}}", "e2e-engine-web").stdout
        self.assertEqual(state, before)
        running = engine.docker("ps", "--format", "{{.Names}}").stdout.decode().split()
        self.assertEqual(running, ["e2e-engine-web"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
