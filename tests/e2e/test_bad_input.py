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
    ("a password in the file", "registries: {hub: {server: docker.io, username: me, password: dckr_pat}}\n" + GOOD,
     "{secret: NAME}"),
    ("a registry that no image can name", "registries: {hub: {server: 'https://ghcr.io', username: me, "
     "password: {secret: HUB}}}\n" + GOOD, "without `https://`"),
    ("a secret's value for its name", GOOD.replace(
        "{image: shop/web}", "{image: shop/web, env: {secret: {KEY: 'hunter 2'}}}"), "name of a secret"),
    ("a variable that is missing", GOOD.replace(
        "{image: shop/web}", "{image: shop/web, env: {required: [ALLOWED_HOSTS]}}"),
     "`ALLOWED_HOSTS` is required by `web` and missing in the environment `dev`"),
    ("a value that its file cannot carry", GOOD.replace(
        "{image: shop/web}", "{image: shop/web, env: {clear: {KEY: \"a\\nb\"}}, "
                             "env_mounts: [{target: /app/.env, format: docker}]}"), "cannot carry KEY"),
    ("a file that names no variable", GOOD.replace(
        "{image: shop/web}", "{image: shop/web, files: [{target: /a, content: '{{API}}'}]}"), "`API`"),
    ("a registry to push to that there is not", GOOD.replace(
        "{image: shop/web}", "{image: shop/web, build: {push: [docr]}}"), "docr"),
    ("a key of a later version", GOOD + "notify: {}\n", "not supported yet"),
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

    def test_twenty_missing_variables_come_at_once(self):
        project = self.project(WEB)
        names = [f"VARIABLE_{i}" for i in range(20)]
        project.write(GOOD.replace("{image: shop/web}", f"{{image: shop/web, env: {{required: [{', '.join(names)}]}}}}"))
        run = project.run("deploy", "-e", "dev", "--local")
        self.assertExit(run, 2)
        for name in names:
            self.assertIn(f"`{name}` is required by `web` and missing in the environment `dev`", run.err)
        self.assertNothingTouched()

    def test_what_stands_where_a_password_belongs_is_not_shown(self):
        project = self.project(WEB)
        project.write("registries: {hub: {server: docker.io, username: me, password: dckr_pat_1234}}\n" + GOOD)
        for args in (["validate"], ["validate", "--json"], ["deploy", "-e", "dev", "--local"]):
            run = project.run(*args)
            self.assertExit(run, 2)
            self.assertNotIn("dckr_pat_1234", run.out + run.err)

    def test_what_show_defaults_prints_can_be_deployed(self):
        project = self.project(WEB)
        project.write(GOOD.replace("{image: shop/web}", "{image: shop/web, preset: django, env: {secret: [KEY]}}"))
        shown = project.run("validate", "-e", "dev", "--show-defaults")
        self.assertExit(shown, 0)
        self.assertRegex(shown.out, r"(?m)^ +port: 8000 +# preset django$")
        self.assertRegex(shown.out, r"(?m)^ +image: shop/web +# davit.yaml:3$")
        project.write(shown.out)
        self.assertExit(project.run("validate"), 0)

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
