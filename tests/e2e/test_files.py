"""A release's files and the declared checks: as the image's user finds them, kept with their release, and gone with it."""

import json
import os
import signal
import unittest

import test_crash
from support import (SERVE_HIGH, DavitTest, SmallEngine, agent_pid, alive, docker, http_get, image_tar, make_image,
                     wait_until)

YAML = """
project: {{project}}
apps:
  web:
    image: {{project}}/web
    container:
      ports: ["{{port}}:8080"]
      stop_grace_period: 0s
    env:
      clear: {{{{GREETING: {greeting}, ODD: 'two  words # "quoted" $$HOME'}}}}
      secret: [TOKEN]
    env_mounts:
      - {{{{target: /app/.env}}}}
      - {{{{target: /app/env.json, format: json, mode: "0440"}}}}
    files:
      - {{{{target: /www/greeting.txt, content: 'says {{{{{{{{GREETING}}}}}}}}', mode: "0444"}}}}
    checks:
      - {{{{name: settings, command: [/bin/sh, -c, {check}]}}}}
      - {{{{name: style, command: [/bin/sh, -c, {style}], on_failure: warn}}}}
    healthcheck: {{{{http: {{{{path: /, port: 8080}}}}, attempts: 10, interval: 500ms}}}}
    retain: 2
environments:
  dev: {{{{}}}}
"""

# By a user without rights, who may read only what is his.
PASSES = "'cat /app/.env >/dev/null'"


class FilesTest(DavitTest):
    project_name = "e2e-files"

    def setUp(self):
        super().setUp()
        for tag in ("v1", "v2", "v3", "v4"):
            make_image(f"{self.project_name}/web:{tag}", SERVE_HIGH, changes=["USER 1000:1000"])
        self.davit = self.project(self.yaml("hello"))
        done = self.davit.run("secrets", "set", "TOKEN", "-e", "dev", "--local", stdin=b"t0ken-of-the-test")
        self.assertExit(done, 0)

    @staticmethod
    def yaml(greeting, check=PASSES, style="'true'"):
        return YAML.format(greeting=greeting, check=check, style=style)

    def rewrite(self, *args, **kwargs):
        self.davit.write(self.yaml(*args, **kwargs).format(project=self.project_name, port=self.port))

    def releases(self):
        """Release numbers whose files are on the host."""
        directory = os.path.join(self.state, "worker/files", self.project_name, "dev/web")
        return sorted(int(name) for name in os.listdir(directory)) if os.path.isdir(directory) else []

    def inside(self, *command):
        return docker("exec", f"{self.project_name}-web", *command)

    def test_the_images_user_reads_files_that_nobody_else_may(self):
        self.assertExit(self.davit.deploy("web", "--tag", "v1"), 0)
        env = json.loads(self.inside("cat", "/app/env.json"))
        self.assertEqual(env["ODD"], 'two  words # "quoted" $HOME')
        self.assertEqual(env["TOKEN"], "t0ken-of-the-test")
        self.assertIn("GREETING=hello\n", self.inside("cat", "/app/.env") + "\n")
        self.assertEqual(self.inside("/bin/busybox", "stat", "-c", "%u:%g %a", "/app/.env", "/app/env.json"),
                         "1000:1000 400\n1000:1000 440")
        self.assertEqual(http_get(self.port, "/greeting.txt"), "says hello")
        refused = docker("exec", "--user", "2000:2000", f"{self.project_name}-web", "cat", "/app/.env", check=False)
        self.assertEqual(refused, "")

    def test_a_rollback_puts_the_old_container_back_with_its_own_files(self):
        self.assertExit(self.davit.deploy("web", "--tag", "v1"), 0)
        before, kept = docker("inspect", "-f", "{{.Id}}", f"{self.project_name}-web"), self.releases()
        make_image(f"{self.project_name}/web:bad", ["/bin/sh", "-c", "cat /www/greeting.txt; exit 3"],
                   changes=["USER 1000:1000"])
        self.rewrite("goodbye")
        run = self.davit.deploy("web", "--tag", "bad")
        self.assertExit(run, 3)
        self.assertIn("says goodbye", run.text)
        self.assertEqual(docker("inspect", "-f", "{{.Id}}", f"{self.project_name}-web"), before)
        self.assertEqual(http_get(self.port, "/greeting.txt"), "says hello")
        self.assertEqual(self.releases(), kept, "those of the release that failed are gone")

    def test_files_of_releases_that_are_not_kept_are_removed(self):
        for tag in ("v1", "v2", "v3", "v4"):
            self.rewrite(f"hello-{tag}")
            self.assertExit(self.davit.deploy("web", "--tag", tag), 0)
        self.assertEqual(len(self.releases()), 2)
        self.assertEqual(http_get(self.port, "/greeting.txt"), "says hello-v4")

    def test_a_check_that_fails_changes_nothing(self):
        self.assertExit(self.davit.deploy("web", "--tag", "v1"), 0)
        before = docker("inspect", "-f", "{{.Id}} {{.State.StartedAt}}", f"{self.project_name}-web")
        containers, kept = {f"{self.project_name}-web": "running"}, self.releases()
        self.rewrite("goodbye", check="'echo DEBUG is on; exit 9'")
        run = self.davit.deploy("web", "--tag", "v2")
        self.assertExit(run, 1)
        self.assertIn("CHECK_FAILED", run.text)
        self.assertIn("exit code: 9", run.text)
        self.assertIn("DEBUG is on", run.text)
        self.assertEqual(docker("inspect", "-f", "{{.Id}} {{.State.StartedAt}}", f"{self.project_name}-web"), before)
        self.assertEqual(self.releases(), kept)
        wait_until(lambda: self.containers() == containers, "the check's container to go")

    def test_a_check_may_warn_and_its_container_goes_away(self):
        self.rewrite("hello", style="'echo too long a line; exit 1'")
        run = self.davit.deploy("web", "--tag", "v1")
        self.assertExit(run, 0)
        self.assertIn("too long a line", run.text)
        wait_until(lambda: self.containers() == {f"{self.project_name}-web": "running"},
                   "the checks' containers to go once their results are known")

    def test_no_value_of_a_secret_is_told(self):
        self.rewrite("hello", check="'cat /app/.env; echo $$TOKEN; exit 1'")
        run = self.davit.deploy("web", "--tag", "v1")
        self.assertExit(run, 1)
        self.assertNotIn("t0ken-of-the-test", run.text)
        self.assertIn("***", run.text)


    kill_agent = test_crash.KilledAgentTest.kill_agent
    kill_when = test_crash.KilledAgentTest.kill_when

    def test_a_deployment_with_secrets_goes_on_when_the_agent_is_killed(self):
        self.assertExit(self.davit.deploy("web", "--tag", "v1"), 0)
        for kind in ("write_files", "run_one_off", "start_container", "prune"):
            with self.subTest(kind):
                self.rewrite(f"hello-{kind}")
                process = self.davit.start("deploy", "web", "-e", "dev", "--local", "--tag", "v2", "--json")
                events = self.kill_when(process, kind)
                error = process.stderr.read().decode()
                process.stderr.close()
                self.assertEqual(process.returncode, 0, error)
                sequences = [int(e["sequence"]) for e in events if "sequence" in e]
                self.assertEqual(sequences, list(range(1, len(sequences) + 1)))
                self.assertEqual(http_get(self.port, "/greeting.txt"), f"says hello-{kind}")
                self.assertEqual(json.loads(self.inside("cat", "/app/env.json"))["TOKEN"], "t0ken-of-the-test")


LASTING = """
project: {project}
apps:
  web:
    image: {project}/web
    container: {{stop_grace_period: 0s}}
    checks:
      - {{name: lasting, command: [/bin/sh, -c, 'echo begun; while [ ! -e /tmp/go ]; do sleep 0.1; done; echo done']}}
environments:
  dev: {{}}
"""


class CheckUnderFireTest(DavitTest):
    project_name = "e2e-checks"

    def one_off(self, on=docker):
        return on("ps", "-q", "--no-trunc", "--filter", "label=davit.one-off", "--filter",
                  f"label=davit.project={self.project_name}")

    def test_a_check_goes_on_without_its_worker_and_is_taken_up_again(self):
        make_image(f"{self.project_name}/web:v1")
        process = self.project(LASTING).start("deploy", "web", "-e", "dev", "--local", "--tag", "v1")
        wait_until(lambda: self.one_off() and "begun" in docker("logs", self.one_off()), "the check to begin")
        container = self.one_off()
        pid = agent_pid(self.state)
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not alive(pid), "the agent to be dead")
        self.assertEqual(self.one_off(), container)
        docker("exec", container, "/bin/sh", "-c", ">/tmp/go")
        out, err = process.communicate(timeout=120)
        text = out.decode() + err.decode()
        self.assertEqual(process.returncode, 0, text)
        self.assertEqual((text.count("begun"), text.count("done\n")), (1, 1), text)
        wait_until(lambda: container not in docker("ps", "-aq", "--no-trunc"), "the check's container to go")

    def test_a_check_that_went_down_with_the_engine_is_not_taken_for_a_failed_one(self):
        engine = SmallEngine(self.scratch, size_mib=512)
        self.addCleanup(engine.stop)
        engine.docker("import", "--change", f"CMD {json.dumps(SERVE_HIGH)}", "-", f"{self.project_name}/web:v1",
                      input=image_tar({}))
        env = {"DOCKER_HOST": f"unix://{engine.socket}", "DAVIT_STATE_DIR": os.path.join(self.scratch, "engine")}
        project = self.project(LASTING)
        process = project.start("deploy", "web", "-e", "dev", "--local", "--tag", "v1", env=env)
        self.addCleanup(project.run, "agent", "stop", env=env)

        def on_engine(*args):
            return engine.docker(*args, check=False).stdout.decode().strip()

        wait_until(lambda: self.one_off(on_engine), "the check to begin")
        engine.kill()
        engine.start()
        out, err = process.communicate(timeout=120)
        text = out.decode() + err.decode()
        self.assertEqual(process.returncode, 1, text)
        self.assertIn("ONE_OFF_INTERRUPTED", text)
        self.assertNotIn("CHECK_FAILED", text)


if __name__ == "__main__":
    unittest.main()
