"""Images are built on the host, tested, pushed with each registry's own login, and released exactly."""

import json
import os
import signal
import subprocess
import unittest

from support import (DavitTest, Registry, docker, http_get, make_image, wait_until)

YAML = """
project: {project}
registries:
  one: {{server: "%(one)s", username: ci, password: {{secret: ONE}}}}
  two: {{server: "%(two)s", username: ci, password: {{secret: TWO}}}}
apps:
  web:
    image: %(one)s/{project}/web
    build:
      context: app
      push: [%(push)s]
      test: [/bin/sh, -c, %(test)s]
    container:
      ports: ["{port}:80"]
      stop_grace_period: 0s
    healthcheck:
      http: {{path: /health, port: 80}}
      attempts: 10
      interval: 500ms
environments:
  dev: {{}}
  both: {{hosts: [a, b]}}
"""

# Of the base image, and so of everything that is built.
LABEL = "davit.e2e=build"

DOCKERFILE = """FROM {project}/base:1
COPY www /www
RUN echo "building with {words}"
"""


class BuildTest(DavitTest):
    project_name = "e2e-build"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.one = Registry(cls.scratch, password="first-password")
        cls.two = Registry(cls.scratch, password="second-password")

    @classmethod
    def tearDownClass(cls):
        cls.one.stop()
        cls.two.stop()
        super().tearDownClass()

    @classmethod
    def remove_leftovers(cls):
        super().remove_leftovers()
        # Newest first: what lies above others, also what the builder keeps.
        ids = docker("images", "-aq", "--filter", f"label={LABEL}").split()
        if ids:
            docker("rmi", "-f", *dict.fromkeys(ids), check=False)

    def setUp(self):
        super().setUp()
        make_image(f"{self.project_name}/base:1", changes=(f"LABEL {LABEL}",))
        self.secrets = {"DAVIT_SECRET_ONE": "first-password", "DAVIT_SECRET_TWO": "second-password"}

    def make(self, push="one, two", test="'true'"):
        values = {"one": self.one.name, "two": self.two.name, "push": push, "test": test}
        davit = self.project(YAML % values)
        self.write(davit, "app/Dockerfile", DOCKERFILE.format(project=self.project_name, words="nothing"))
        self.write(davit, "app/.dockerignore", "www/secret\n")
        self.write(davit, "app/www/index.html", "built once")
        self.write(davit, "app/www/health", "ok")
        self.write(davit, "app/www/secret", "never sent")
        return davit

    @staticmethod
    def write(davit, path, text):
        whole = os.path.join(davit.directory, path)
        os.makedirs(os.path.dirname(whole), exist_ok=True)
        with open(whole, "w", encoding="utf-8") as f:
            f.write(text)

    def git(self, davit, *args):
        done = subprocess.run(["git", "-C", davit.directory, "-c", "user.name=t", "-c", "user.email=t@example.com",
                               *args], check=True, capture_output=True)
        return done.stdout.decode().strip()

    def commit(self, davit):
        self.git(davit, "init", "-q")
        self.git(davit, "add", "-A")
        self.git(davit, "commit", "-q", "-m", "first")
        return self.git(davit, "rev-parse", "--short", "HEAD")

    def davit_build(self, davit, *args):
        return davit.run("build", "web", "-e", "dev", "--local", *args, env=self.secrets)

    def deploy(self, davit, *args):
        return davit.deploy("web", *args, env=self.secrets)

    def image_of_service(self):
        return docker("inspect", "-f", "{{.Image}}", f"{self.project_name}-web")

    def test_an_image_is_built_tested_and_pushed_to_two_registries(self):
        davit = self.make(test="'test ! -e /www/secret && cat /www/index.html && echo tested well'")
        commit = self.commit(davit)
        run = self.davit_build(davit, "--json")
        self.assertExit(run, 0)
        self.assertIn("| Step 1/3 : FROM", run.err)
        self.assertIn("tested well\n", run.err)
        built = json.loads(run.out)
        self.assertEqual(built["app"], "web")
        self.assertEqual(built["reference"], f"{self.one.name}/{self.project_name}/web:{commit}")
        self.assertEqual([d.split("@")[0] for d in built["digests"]],
                         [f"{r.name}/{self.project_name}/web" for r in (self.one, self.two)])
        for secret in ("first-password", "second-password"):
            self.assertNotIn(secret, run.text)

    def test_what_was_built_is_deployed_and_a_tag_that_moves_changes_nothing(self):
        davit = self.make()
        self.commit(davit)
        self.assertExit(self.deploy(davit, "--build", "--tag", "v1"), 0)
        self.assertEqual(http_get(self.port), "built once")
        first = self.image_of_service()
        # Somebody moves the tag, on the host and in the registry.
        reference = f"{self.one.name}/{self.project_name}/web:v1"
        self.write(davit, "app/www/index.html", "moved")
        self.assertExit(self.davit_build(davit, "--tag", "v1"), 0)
        moved = docker("inspect", "-f", "{{.Id}}", reference)
        self.assertNotEqual(moved, first)
        show = json.loads(davit.run("history", "--local", "--json", "-e", "dev").out)["deployments"][0]
        release = show["releases"][0]
        self.assertIn("@sha256:", release["image_digest"])
        self.assertEqual(self.image_of_service(), first)
        # By its digest the old image is still what it was.
        self.assertExit(self.deploy(davit, "--image", release["image_digest"]), 0)
        self.assertEqual(http_get(self.port), "built once")

    def test_a_failing_test_ends_it_before_anything_is_pushed_or_deployed(self):
        davit = self.make(test="'echo 2 of 3 passed; exit 9'")
        run = self.deploy(davit, "--build", "--tag", "broken")
        self.assertExit(run, 1)
        self.assertIn("TEST_FAILED", run.text)
        self.assertIn("exit code: 9", run.text)
        self.assertIn("2 of 3 passed", run.text)
        self.assertNotIn("pushing", run.text)
        self.assertEqual(self.containers(), {})
        images = docker("images", "-q", f"{self.one.name}/{self.project_name}/web")
        self.assertEqual(images, "")
        history = json.loads(davit.run("history", "--local", "--json", "-e", "dev").out)
        self.assertNotIn("broken", json.dumps(history))

    def test_a_step_of_the_dockerfile_that_fails_is_named(self):
        davit = self.make()
        self.write(davit, "app/Dockerfile", f"FROM {self.project_name}/base:1\nRUN echo oh no; exit 3\n")
        run = self.davit_build(davit, "--tag", "v1")
        self.assertExit(run, 1)
        self.assertIn("BUILD_FAILED", run.text)
        self.assertIn("step 2/2, RUN echo oh no; exit 3", run.text)

    def test_a_registry_that_refuses_is_named_with_the_login(self):
        davit = self.make()
        self.secrets["DAVIT_SECRET_TWO"] = "not-the-password"
        run = self.davit_build(davit, "--tag", "v1")
        self.assertExit(run, 1)
        self.assertIn("REGISTRY_DENIED", run.text)
        self.assertIn(f"refused to take {self.two.name}", run.text)
        self.assertIn("secret TWO", run.text)
        self.assertNotIn("not-the-password", run.text)

    def test_a_registry_that_is_away_is_named(self):
        davit = self.make()
        gone = Registry(self.scratch)
        gone.stop()
        with open(os.path.join(davit.directory, "davit.yaml"), encoding="utf-8") as f:
            text = f.read()
        davit.write(text.replace(self.two.name, gone.name))
        run = self.davit_build(davit, "--tag", "v1")
        self.assertExit(run, 1)
        self.assertIn("REGISTRY_UNREACHABLE", run.text)

    def test_outside_of_git_a_tag_is_needed(self):
        davit = self.make()
        run = davit.run("build", "-e", "dev", "--local", env=self.secrets | {"GIT_CEILING_DIRECTORIES": "/"})
        self.assertExit(run, 2)
        self.assertIn("--tag", run.text)

    def test_a_work_tree_with_changes_makes_a_dirty_tag(self):
        davit = self.make(push="")
        commit = self.commit(davit)
        self.write(davit, "app/www/new.html", "new")
        run = self.davit_build(davit)
        self.assertExit(run, 0)
        self.assertIn(f"web:{commit}-dirty", run.out)
        self.assertIn("(not pushed)", run.out)

    def test_what_is_pushed_nowhere_is_deployed_to_this_machine(self):
        davit = self.make(push="")
        self.assertExit(self.deploy(davit, "--build", "--tag", "here"), 0)
        self.assertEqual(http_get(self.port), "built once")

    def test_what_is_pushed_nowhere_is_not_built_for_several_hosts(self):
        davit = self.make(push="")
        for args in (("deploy", "web", "--build"), ("build",)):
            run = davit.run(*args, "-e", "both", "--tag", "v1", "--controller", "unix:/nowhere", env=self.secrets)
            self.assertExit(run, 2)
            self.assertIn("on one of 2 hosts alone", run.text)

    def test_ctrl_c_ends_the_build_and_leaves_no_container(self):
        davit = self.make(test="'echo begun; sleep 300'")
        process = davit.start("build", "web", "-e", "dev", "--local", "--tag", "v1", env=self.secrets)
        lines = []
        for line in process.stderr:
            lines.append(line.decode())
            if "begun" in lines[-1]:
                break

        def tests():
            return docker("ps", "-aq", "--filter", f"label=davit.builder={self.state}/worker")
        self.assertNotEqual(tests(), "")
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 7, "".join(lines) + err.decode())
        wait_until(lambda: tests() == "", "the test to be gone")

    def test_secrets_that_are_missing_are_named_before_anything_is_sent(self):
        davit = self.make()
        with open(os.path.join(davit.directory, "davit.yaml"), encoding="utf-8") as f:
            text = f.read()
        davit.write(text.replace("TWO", "THREE"))
        run = self.davit_build(davit, "--tag", "v1")
        self.assertExit(run, 2)
        self.assertIn("THREE: wanted by registries.two.password", run.text)
        self.assertNotIn("Step", run.text)


if __name__ == "__main__":
    unittest.main(verbosity=2)
