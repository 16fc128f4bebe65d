"""The main job: releases go out, replace each other, and come back when they are bad."""

import json
import signal
import unittest

from support import WEB, DavitTest, docker, http_get, make_image


class ReleaseTest(DavitTest):
    project_name = "e2e-release"

    def setUp(self):
        super().setUp()
        for tag in ("v1", "v2"):
            make_image(f"{self.project_name}/web:{tag}")
        self.davit = self.project(WEB)

    def deploy(self, tag, code):
        run = self.davit.deploy("web", "--tag", tag)
        self.assertExit(run, code)
        return run

    def test_a_release_goes_out_and_a_second_one_replaces_it(self):
        self.assertIn("live", self.deploy("v1", 0).text)
        self.assertEqual(http_get(self.port), "web v1")
        self.deploy("v2", 0)
        self.assertEqual(http_get(self.port), "web v2")
        self.assertEqual(self.containers(), {"e2e-release-web": "running"})
        policy = docker("inspect", "-f", "{{.HostConfig.RestartPolicy.Name}}", "e2e-release-web")
        self.assertEqual(policy, "unless-stopped")

    def test_a_release_that_is_not_healthy_is_rolled_back_with_the_reason(self):
        make_image(f"{self.project_name}/web:bad", files={"www/health": None})
        self.deploy("v1", 0)
        before = docker("inspect", "-f", "{{.Id}} {{.HostConfig.RestartPolicy.Name}}", "e2e-release-web")
        run = self.deploy("bad", 3)
        self.assertIn("404", run.text)
        self.assertEqual(http_get(self.port), "web v1")
        after = docker("inspect", "-f", "{{.Id}} {{.HostConfig.RestartPolicy.Name}}", "e2e-release-web")
        self.assertEqual(after, before)
        self.assertEqual(self.containers(), {"e2e-release-web": "running"})

    def test_a_release_that_exits_is_rolled_back_with_its_last_words(self):
        make_image(f"{self.project_name}/web:exits", ["/bin/sh", "-c", "echo no database >&2; exit 7"])
        self.deploy("v1", 0)
        run = self.deploy("exits", 3)
        self.assertIn("no database", run.text)
        self.assertIn("exit code: 7", run.text)
        self.assertEqual(http_get(self.port), "web v1")

    def test_a_first_release_that_fails_is_removed_again(self):
        make_image(f"{self.project_name}/web:bad", files={"www/health": None})
        self.deploy("bad", 3)
        self.assertEqual(self.containers(), {})

    def test_history_status_show_and_logs_tell_what_happened(self):
        make_image(f"{self.project_name}/web:bad", files={"www/health": None})
        self.deploy("v1", 0)
        self.deploy("bad", 3)
        history = self.davit.run("history", "-e", "dev", "--local", "--json")
        self.assertExit(history, 0)
        states = [d["state"] for d in json.loads(history.out)["deployments"]]
        self.assertEqual(states[:2], ["ROLLED_BACK", "SUCCEEDED"])
        status = self.davit.run("status", "-e", "dev", "--local", "--json")
        app = json.loads(status.out)["apps"][0]
        self.assertEqual((app["app"], app["container_state"]), ("web", "running"))
        newest = json.loads(history.out)["deployments"][0]["id"]
        shown = self.davit.run("show", newest, "--local")
        self.assertExit(shown, 0)
        self.assertIn("HEALTH_STATUS", shown.text)
        logs = self.davit.run("logs", "web", "-e", "dev", "--local")
        self.assertExit(logs, 0)

    def test_a_follower_of_logs_goes_on_over_restarts_rollbacks_and_releases(self):
        for tag, health in (("one", "ok"), ("bad", None), ("two", "ok")):
            make_image(f"{self.project_name}/web:{tag}",
                       ["/bin/sh", "-c", f"echo {tag} begins; exec /bin/httpd -f -p 80 -h /www"],
                       files={"www/health": health})
        self.deploy("one", 0)
        follower = self.davit.start("logs", "web", "-e", "dev", "--local", "-f")
        self.addCleanup(follower.kill)
        self.assertEqual(follower.stdout.readline(), b"one begins\n")
        docker("restart", "-t", "0", "e2e-release-web")
        self.assertEqual(follower.stdout.readline(), b"one begins\n")
        self.deploy("bad", 3)
        self.deploy("two", 0)
        self.assertEqual(follower.stdout.readline(), b"two begins\n")
        follower.send_signal(signal.SIGINT)
        out, err = follower.communicate(timeout=60)
        self.assertEqual((follower.returncode, out), (0, b""), err)
        self.assertIn(b"has ended; waiting for the next one", err)

    def test_a_plan_shows_the_steps_and_changes_nothing(self):
        run = self.davit.run("plan", "web", "-e", "dev", "--local", "--tag", "v1")
        self.assertExit(run, 0)
        self.assertIn("start web v", run.out)
        self.assertEqual(self.containers(), {})

    def test_json_is_one_event_a_line_without_gaps(self):
        run = self.davit.deploy("web", "--tag", "v1", "--json")
        self.assertExit(run, 0)
        events = run.events()
        self.assertEqual(len(events), len(run.out.splitlines()))
        sequences = [int(e["sequence"]) for e in events if "sequence" in e]
        self.assertEqual(sequences, list(range(1, len(sequences) + 1)))

    def test_a_container_started_by_hand_is_taken_over_and_put_back(self):
        image = f"{self.project_name}/web:v1"
        by_hand = docker("run", "-d", "--name", "e2e-release-web", "--stop-timeout", "1", "-p",
                         f"{self.port}:80", image)
        self.addCleanup(docker, "rm", "-f", by_hand, check=False)
        make_image(f"{self.project_name}/web:bad", files={"www/health": None})
        self.deploy("bad", 3)
        self.assertEqual(http_get(self.port), "web v1")
        self.deploy("v2", 0)
        self.assertEqual(http_get(self.port), "web v2")
        self.assertEqual(docker("inspect", "-f", "{{.State.Status}}", by_hand), "exited")


TWO_APPS = """
project: {project}
apps:
  db:
    image: {project}/web:v1
    container: {{networks: [{project}-net], stop_grace_period: 0s}}
    healthcheck: {{tcp: {{port: 80}}, attempts: 10, interval: 500ms}}
  web:
    image: {project}/web
    depends_on: [db]
    container: {{ports: ["{port}:80"], networks: [{project}-net], stop_grace_period: 0s}}
    healthcheck: {{exec: {{command: [/bin/sh, -c, 'echo | nc db 80']}}, attempts: 10, interval: 500ms}}
environments:
  dev: {{}}
"""


class SeveralAppsTest(DavitTest):
    project_name = "e2e-apps"

    def setUp(self):
        super().setUp()
        make_image(f"{self.project_name}/web:v1")
        self.addCleanup(docker, "network", "rm", "e2e-apps-net", check=False)
        self.davit = self.project(TWO_APPS)

    def test_apps_go_out_in_the_order_of_depends_on_and_find_each_other_by_name(self):
        run = self.davit.deploy("--tag", "v1")
        self.assertExit(run, 0)
        self.assertLess(run.text.index("start db v1"), run.text.index("start web v1"))

    def test_when_one_app_fails_the_others_go_back_too(self):
        self.assertExit(self.davit.deploy("--tag", "v1"), 0)
        before = docker("inspect", "-f", "{{.Id}}", "e2e-apps-db", "e2e-apps-web")
        make_image(f"{self.project_name}/web:v1b", ["/bin/sh", "-c", "exit 1"])
        run = self.davit.deploy("--image", f"web={self.project_name}/web:v1b")
        self.assertExit(run, 3)
        self.assertEqual(docker("inspect", "-f", "{{.Id}}", "e2e-apps-db", "e2e-apps-web"), before)


if __name__ == "__main__":
    unittest.main(verbosity=2)
