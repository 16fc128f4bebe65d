"""davit rollback: the whole older release comes back, checked; or it is said why not, before anything is touched."""

import json
import os
import pty
import unittest

from support import SERVE_HIGH, DavitTest, Registry, docker, http_get, make_image

YAML = """
project: {{project}}
apps:
  web:
    image: {image}
    container:
      ports: ["{{port}}:8080"]
      stop_grace_period: 0s
      labels: {{{{note: {greeting}}}}}
    env:
      clear: {{{{GREETING: {greeting}}}}}
      secret: [TOKEN]
    env_mounts:
      - {{{{target: /app/.env}}}}
    files:
      - {{{{target: /www/greeting.txt, content: 'says {{{{{{{{GREETING}}}}}}}}', mode: "0444"}}}}
    checks:
      - {{{{name: stays, command: [/bin/sh, -c, 'cat /app/.env >/dev/null']}}}}
    healthcheck: {{{{http: {{{{path: {path}, port: 8080}}}}, attempts: 10, interval: 500ms}}}}
environments:
  {environment}: {{{{}}}}
"""


class RollbackTest(DavitTest):
    project_name = "e2e-rollback"

    def setUp(self):
        super().setUp()
        # The records of one test are not those of another.
        self.environment = self.id().rsplit(".", 1)[1][len("test_"):][:30].replace("_", "-").strip("-")
        self.name, self.image = f"{self.project_name}-web", f"{self.project_name}/web"
        for tag in ("v1", "v2"):
            make_image(f"{self.project_name}/web:{tag}", SERVE_HIGH, changes=["USER 1000:1000"])
        self.davit = self.project(self.yaml("hello"))
        self.set_secret("first-token")

    def yaml(self, greeting, path="/health"):
        return YAML.format(greeting=greeting, environment=self.environment, path=path, image=self.image)

    def rewrite(self, *args, **kwargs):
        self.davit.write(self.yaml(*args, **kwargs).format(project=self.project_name, port=self.port))

    def set_secret(self, value):
        done = self.davit.run("secrets", "set", "TOKEN", "-e", self.environment, "--local", stdin=value.encode())
        self.assertExit(done, 0)

    def rollback(self, *args, **kwargs):
        return self.davit.run("rollback", *args, "-e", self.environment, "--local", **kwargs)

    def deploy(self, tag):
        self.assertExit(self.davit.run("deploy", "web", "--tag", tag, "-e", self.environment, "--local"), 0)

    def inside(self, *command):
        return docker("exec", self.name, *command)

    def live(self):
        return docker("inspect", "-f", "{{.Id}} {{.State.StartedAt}}", self.name)

    def number(self):
        """Of the release that serves."""
        return int(docker("inspect", "-f", '{{index .Config.Labels "davit.release"}}', self.name))

    def deploy_two(self):
        """One release, then another that has everything another way."""
        self.deploy("v1")
        first = self.number()
        self.set_secret("second-token")
        self.rewrite("goodbye")
        self.deploy("v2")
        return first

    def test_image_environment_files_and_secrets_come_back(self):
        first = self.deploy_two()
        self.assertEqual((http_get(self.port), http_get(self.port, "/greeting.txt")), ("web v2", "says goodbye"))
        self.assertIn("TOKEN=second-token", self.inside("cat", "/app/.env"))
        run = self.rollback("web", "--yes")
        self.assertExit(run, 0)
        self.assertEqual((http_get(self.port), http_get(self.port, "/greeting.txt")), ("web v1", "says hello"))
        env = self.inside("cat", "/app/.env")
        self.assertIn("TOKEN=first-token", env)
        self.assertIn("GREETING=hello", env)
        self.assertEqual(self.number(), first + 2)
        self.assertEqual(docker("inspect", "-f", '{{.Config.Labels.note}} {{.HostConfig.RestartPolicy.Name}}', self.name),
                         "hello unless-stopped")
        self.assertIn(f"web v{first + 2} is v{first} again", run.err)
        self.assertIn("check health", run.text)
        self.assertNotIn("first-token", run.text)
        self.assertEqual(list(self.containers()), [self.name])

    def test_it_is_another_release_that_can_be_followed_and_gone_back_from(self):
        first = self.deploy_two()
        run = self.rollback("--yes", "--json")
        self.assertExit(run, 0)
        ended = [e["deployment"] for e in run.events() if "deployment" in e][-1]
        self.assertEqual((ended["operation"], ended["state"]), ("OPERATION_ROLLBACK", "SUCCEEDED"))
        self.assertRegex(self.davit.run("history", "-e", self.environment, "--local").out,
                         rf"rollback: web v{first + 2} \(tag v1\) +succeeded")
        again = self.rollback("--yes")
        self.assertExit(again, 2)
        self.assertIn(f"there is no release of web in {self.environment} that was live before", again.err)
        self.assertExit(self.rollback("web", "--to", f"v{first + 1}", "--yes"), 0)
        self.assertEqual(http_get(self.port, "/greeting.txt"), "says goodbye")

    def test_an_older_release_that_does_not_get_healthy_is_itself_rolled_back(self):
        # What the first release mounts from the host is another by now.
        volume = os.path.join(self.scratch, "www")
        os.makedirs(volume, exist_ok=True)
        with open(os.path.join(volume, "health"), "w", encoding="utf-8") as f:
            f.write("ok")
        os.chmod(volume, 0o755)
        mount = f'      volumes: [{{{{source: {volume}, target: /www/state, read_only: true}}}}]\n'
        yaml = self.yaml("hello", path="/state/health").replace("      labels:", mount + "      labels:")
        self.davit.write(yaml.format(project=self.project_name, port=self.port))
        self.deploy_two()
        os.unlink(os.path.join(volume, "health"))
        before = docker("inspect", "-f", "{{.Id}}", self.name)
        run = self.rollback("web", "--yes")
        self.assertExit(run, 3)
        self.assertIn("HEALTH", run.text)
        self.assertEqual(docker("inspect", "-f", "{{.Id}}", self.name), before)
        self.assertEqual(http_get(self.port, "/greeting.txt"), "says goodbye")

    def test_an_image_that_is_gone_is_told_before_anything_is_touched(self):
        first = self.deploy_two()
        before = self.live()
        for reference in (f"{self.project_name}/web:v1", f"davit.keep/{self.project_name}/{self.environment}/web:v{first}"):
            docker("rmi", "-f", reference, check=False)
        ids = docker("images", "-q", "--filter", f"reference=davit.keep/{self.project_name}/*/*").split()
        self.assertEqual(len(ids), 1, "only the live release's image is left")
        run = self.rollback("web", "--yes")
        self.assertNotEqual(run.code, 0)
        self.assertIn("IMAGE_NOT_FOUND", run.err)
        self.assertIn(f"{self.project_name}/web:v1", run.err)
        self.assertEqual(self.live(), before)
        history = json.loads(self.davit.run("history", "-e", self.environment, "--local", "--json").out)
        self.assertEqual(len(history["deployments"][0]["releases"]), 1)
        self.assertNotEqual(history["deployments"][0].get("operation"), "OPERATION_ROLLBACK", "none was begun")

    def test_an_image_that_only_the_registry_has_is_pulled_again_by_its_digest(self):
        registry = Registry(self.scratch)
        self.addCleanup(registry.stop)
        self.image = f"{registry.name}/{self.project_name}/web"
        for tag, files in (("v1", None), ("v2", None), ("v1", {"www/index.html": "another v1"})):
            make_image(f"{self.image}:{tag}", SERVE_HIGH, files=files, changes=["USER 1000:1000"])
            docker("push", f"{self.image}:{tag}")
            self.addCleanup(docker, "rmi", "-f", f"{self.image}:{tag}", check=False)
            if tag == "v1" and files is None:
                self.rewrite("hello")
                self.deploy("v1")
                first = self.number()
        self.rewrite("goodbye")
        self.deploy("v2")
        kept = f"davit.keep/{self.project_name}/{self.environment}/web:v{first}"
        docker("rmi", "-f", docker("images", "-q", kept))
        self.assertExit(self.rollback("web", "--yes"), 0)
        self.assertEqual(http_get(self.port), "web v1", "its tag means another image by now")

    def test_a_secret_that_was_removed_since_is_told(self):
        self.deploy_two()
        self.assertExit(self.davit.run("secrets", "remove", "TOKEN", "-e", self.environment, "--local"), 0)
        before = self.live()
        run = self.rollback("web", "--yes")
        self.assertExit(run, 2)
        self.assertIn("SECRET_MISSING", run.err)
        self.assertIn("TOKEN version ", run.err)
        self.assertEqual(self.live(), before)

    def test_without_a_terminal_it_must_be_told_to_go_on(self):
        self.deploy_two()
        before = self.live()
        run = self.rollback("web")
        self.assertExit(run, 2)
        self.assertRegex(run.err, r"run this:\ndavit rollback web .*--yes\n$")
        for release, why in (("99", "there is no release web v99"), (str(self.number()), "is live now")):
            run = self.rollback("web", "--to", release, "--yes")
            self.assertNotEqual(run.code, 0)
            self.assertIn(why, run.err)
        self.assertEqual(self.live(), before)

    def on_terminal(self, *answers):
        """davit rollback, with each answer typed once its question is there."""
        ours, theirs = pty.openpty()
        process = self.davit.start("rollback", "web", "-e", self.environment, "--local", stdin=theirs)
        os.close(theirs)
        shown = b""
        for question, answer in answers:
            while question.encode() not in shown:
                piece = os.read(process.stderr.fileno(), 4096)
                if not piece:
                    raise AssertionError(f"{question!r} was not asked:\n{shown.decode()}")
                shown += piece
            os.write(ours, answer.encode() + b"\n")
        _, rest = process.communicate(timeout=120)
        os.close(ours)
        return process.returncode, (shown + rest).decode()

    def test_on_a_terminal_releases_and_plan_are_shown_and_a_word_is_asked_for(self):
        first = self.deploy_two()
        before = self.live()
        code, text = self.on_terminal(("to go back to", ""), ("Type yes", "no"))
        self.assertEqual(code, 7, text)
        self.assertIn("not confirmed", text)
        self.assertEqual(self.live(), before)
        code, text = self.on_terminal(("to go back to", str(first)), ("Type yes", "yes"))
        self.assertEqual(code, 0, text)
        self.assertRegex(text, rf"web v{first} +{self.project_name}/web:v1 ")
        self.assertRegex(text, rf"web v{first + 1} .*live now")
        self.assertIn("GREETING: goodbye -> hello", text)
        self.assertEqual(http_get(self.port), "web v1")


if __name__ == "__main__":
    unittest.main()
