"""The client around a deployment: attaching, detaching, the agent's life."""

import json
import os
import signal
import unittest

from support import WEB, DavitTest, agent_pid, alive, docker, http_get, make_image, wait_until


class ClientTest(DavitTest):
    project_name = "e2e-client"

    def setUp(self):
        super().setUp()
        make_image(f"{self.project_name}/web:v1")
        make_image(f"{self.project_name}/web:late",
                   ["/bin/sh", "-c", "while [ ! -e /tmp/go ]; do sleep 0.05; done; exec httpd -f -p 80 -h /www"])
        self.davit = self.project(WEB.replace("attempts: 10", "attempts: 200"))

    def running_candidates(self):
        return [name for name, state in self.containers().items() if name.startswith("davit-") and state == "running"]

    def release_late_container(self):
        wait_until(self.running_candidates, "the candidate to run")
        docker("exec", self.running_candidates()[0], "/bin/sh", "-c", "echo > /tmp/go")

    def start_late(self):
        run = self.davit.deploy("web", "--tag", "late", "--detach")
        self.assertExit(run, 0)
        wait_until(self.running_candidates, "the candidate to run")
        return run.out.strip()

    def test_ctrl_c_detaches_and_says_how_to_come_back(self):
        process = self.davit.start("deploy", "web", "-e", "dev", "--local", "--tag", "late")
        wait_until(lambda: any(n.startswith("davit-") for n in self.containers()), "the candidate")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 8, err)
        self.assertIn("davit watch d-", (out + err).decode())
        self.assertIn("davit cancel d-", (out + err).decode())
        self.release_late_container()
        newest = json.loads(self.davit.run("history", "--local", "--json", "-e", "dev").out)["deployments"][0]
        self.assertExit(self.davit.run("watch", newest["id"], "--local"), 0)
        self.assertEqual(http_get(self.port), "web late")

    def test_two_watchers_see_the_same_events(self):
        deployment = self.start_late()
        watchers = [self.davit.start("watch", deployment, "--local", "--json") for _ in range(2)]
        self.release_late_container()
        outputs = [w.communicate(timeout=60)[0] for w in watchers]
        self.assertEqual([w.returncode for w in watchers], [0, 0])
        self.assertEqual(outputs[0], outputs[1])

    def test_a_short_wait_timeout_leaves_the_deployment_running(self):
        process = self.davit.deploy("web", "--tag", "late", "--wait-timeout", "1s")
        self.assertExit(process, 8)
        self.release_late_container()
        newest = json.loads(self.davit.run("history", "--local", "--json", "-e", "dev").out)["deployments"][0]
        self.assertExit(self.davit.run("watch", newest["id"], "--local"), 0)

    def test_cancel_stops_the_running_step_and_undoes(self):
        self.assertExit(self.davit.deploy("web", "--tag", "v1"), 0)
        deployment = self.start_late()
        self.assertExit(self.davit.run("cancel", deployment, "--local"), 0)
        self.assertExit(self.davit.run("watch", deployment, "--local"), 7)
        self.assertEqual(http_get(self.port), "web v1")

    def test_without_a_terminal_output_has_no_control_characters(self):
        run = self.davit.deploy("web", "--tag", "v1")
        self.assertExit(run, 0)
        self.assertNotIn("\x1b", run.text)
        self.assertNotIn("\r", run.text)

    def test_github_actions_get_groups_and_annotations(self):
        make_image(f"{self.project_name}/web:exits", ["/bin/sh", "-c", "exit 3"])
        summary = os.path.join(self.scratch, "summary.md")
        run = self.davit.deploy("web", "--tag", "exits",
                                env={"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": summary})
        self.assertExit(run, 3)
        self.assertIn("::error", run.text)
        with open(summary, encoding="utf-8") as f:
            self.assertIn("web", f.read())

    def test_one_agent_serves_all_callers_and_ends_when_idle_or_told(self):
        self.assertExit(self.davit.run("history", "--local"), 0)
        pid = agent_pid(self.state)
        other = self.davit.run("history", "--local", env={"DAVIT_STATE_DIR": os.path.join(self.scratch, "other")})
        self.assertExit(other, 0)
        self.assertIn(f"DAVIT_STATE_DIR is not used: the agent of this Docker Engine lives in {self.state}", other.err)
        self.assertEqual(agent_pid(self.state), pid)
        self.assertFalse(os.path.exists(os.path.join(self.scratch, "other", "agent.json")))
        self.assertExit(self.davit.run("agent", "stop"), 0)
        wait_until(lambda: not alive(pid), "the agent to end")
        self.assertExit(self.davit.run("history", "--local", env={"DAVIT_AGENT_IDLE": "1s"}), 0)
        pid = agent_pid(self.state)
        wait_until(lambda: not alive(pid), "the idle agent to end")


if __name__ == "__main__":
    unittest.main(verbosity=2)
