"""Bad input gets a clear error and exit code 2, and nothing is touched: not even an agent starts."""

import os
import unittest

from support import WEB, DavitTest, docker

GOOD = """project: shop
apps:
  web: {image: shop/web}
environments:
  dev: {}
"""

# What is wrong, the file, and what the error must say.
FILES = [
    ("empty", "", "empty"),
    ("a scalar", "hello", "mapping"),
    ("a list", "- a", "mapping"),
    ("broken YAML", "project: [a", ":1:"),
    ("a tab", "project: shop\n\tapps: {}", ":2:"),
    ("binary", "project: \x00\x01", "davit.yaml"),
    ("huge", "x-filler: " + "a" * (2 << 20), "1 MiB"),
    ("two documents", GOOD + "---\n" + GOOD, "document"),
    ("a duplicate key", GOOD.replace("project: shop", "project: shop\nproject: shop"), "project"),
    ("an anchor cycle", "project: shop\napps: &a\n  web: *a\n", "davit.yaml:"),
    ("an alias bomb", "x-a: &a [" + "x," * 100 + "]\n" + "".join(
        f"x-{c}: &{c} [" + f"*{p}," * 100 + "]\n" for p, c in zip("abcd", "bcde")), "davit.yaml:"),
    ("an unknown key", GOOD.replace("image:", "imge:"), "image"),
    ("an unknown key of the container", GOOD.replace(
        "{image: shop/web}", "{image: shop/web, container: {prots: ['1:1']}}"), "ports"),
    ("an app of the environment that does not exist", GOOD.replace("dev: {}", "dev: {apps: {wbe: {}}}"), "web"),
    ("an image reference that is none", GOOD.replace("shop/web", "'Shop//web:::'"), "image"),
    ("a port out of range", GOOD.replace(
        "{image: shop/web}", "{image: shop/web, container: {ports: ['70000:80']}}"), "70000"),
    ("an unset variable", GOOD.replace("shop/web", "${NOT_SET_ANYWHERE}"), "NOT_SET_ANYWHERE"),
    ("a depends_on cycle", GOOD.replace(
        "  web: {image: shop/web}",
        "  web: {image: shop/web, depends_on: [api]}\n  api: {image: shop/api, depends_on: [web]}"), "web"),
    ("an unknown depends_on", GOOD.replace("{image: shop/web}", "{image: shop/web, depends_on: [dbb]}"), "dbb"),
    ("a key of a later version", GOOD + "databases: {}\n", "not supported yet"),
    ("a wrong type", GOOD.replace("{image: shop/web}", "{image: [shop/web]}"), "image"),
    ("a wrong duration", GOOD.replace(
        "{image: shop/web}", "{image: shop/web, healthcheck: {tcp: {port: 1}, interval: soon}}"), "interval"),
]


class BadInputTest(DavitTest):
    project_name = "e2e-input"

    def assertNothingTouched(self):
        self.assertFalse(os.path.exists(self.state), "an agent was started")
        self.assertEqual(docker("volume", "ls", "-q", "--filter", "name=davit-agent"), "")

    def test_bad_files(self):
        project = self.project(WEB)
        for name, text, says in FILES:
            with self.subTest(name):
                project.write(text)
                for args in (["validate"], ["deploy", "-e", "dev", "--local"]):
                    run = project.run(*args, deadline_s=20)
                    self.assertExit(run, 2)
                    self.assertIn(says, run.err)
        self.assertNothingTouched()

    def test_all_errors_come_at_once_with_their_places(self):
        project = self.project(WEB)
        project.write(GOOD.replace("{image: shop/web}", "{imge: shop/web, retain: many}"))
        run = project.run("validate")
        self.assertExit(run, 2)
        self.assertIn("davit.yaml:3:", run.err)
        self.assertIn("did you mean", run.err)
        self.assertIn("retain", run.err)

    def test_bad_arguments(self):
        project = self.project(WEB)
        for args, says in [
                (["deploy", "wbe", "-e", "dev", "--local"], "web"),
                (["deploy", "web", "-e", "dve", "--local"], "dev"),
                (["deploy", "web", "-e", "dev"], "--local"),
                (["deploy", "web", "-e", "dev", "--local", "--image", "web=Not//an::image"], "image"),
                (["deploy", "web", "-e", "dev", "--controller", "tcp:nowhere"], "unix:"),
                (["deploi"], "deploi"),
                (["deploy", "--frobnicate"], "frobnicate"),
                ([], "deploy")]:
            with self.subTest(args):
                run = project.run(*args)
                self.assertExit(run, 2)
                self.assertIn(says, run.err)
        self.assertNothingTouched()

    def test_no_project_file(self):
        project = self.project(WEB)
        os.unlink(os.path.join(project.directory, "davit.yaml"))
        run = project.run("deploy", "-e", "dev", "--local")
        self.assertExit(run, 2)
        self.assertIn("davit init", run.err)

    def test_help_of_every_verb_needs_nothing(self):
        project = self.project(WEB)
        for verb in ["", "deploy", "plan", "status", "history", "show", "logs", "watch", "cancel", "validate",
                     "init", "agent", "version", "completion"]:
            with self.subTest(verb):
                run = project.run(*[verb] if verb else [], "--help", env={"DOCKER_HOST": "unix:///nonexistent"})
                self.assertExit(run, 0)
                self.assertIn("Usage", run.out)
        self.assertNothingTouched()

    def test_what_init_writes_is_valid(self):
        project = self.project(WEB)
        os.unlink(os.path.join(project.directory, "davit.yaml"))
        self.assertExit(project.run("init"), 0)
        self.assertExit(project.run("validate"), 0)
        self.assertExit(project.run("init"), 2)


if __name__ == "__main__":
    unittest.main(verbosity=2)
