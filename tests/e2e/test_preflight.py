"""What preflight proves before anything is stopped: that the image's user can use what is mounted, and the registry's login."""

import os
import unittest

from support import HIGH_WEB, SERVE_HIGH, DavitTest, Registry, docker, extended, http_get, make_image


class PreflightTest(DavitTest):
    project_name = "e2e-preflight"

    def setUp(self):
        super().setUp()
        for tag in ("v1", "v2"):
            make_image(f"{self.project_name}/web:{tag}", SERVE_HIGH, changes=["USER 1000:1000"])
        self.davit = self.project(HIGH_WEB)

    def extend(self, container="", app=""):
        """Writes davit.yaml again, with more lines in the app and its container."""
        yaml = HIGH_WEB.format(project=self.project_name, port=self.port)
        self.davit.write(extended(yaml, container, app))

    def deploy_first(self):
        self.assertExit(self.davit.deploy("web", "--tag", "v1"), 0)
        self.assertEqual(http_get(self.port), "web v1")

    def root_owned(self):
        """A file of mode 0600 and a directory, as root leaves them."""
        base = os.path.join(self.davit.directory, "srv")
        media, settings = os.path.join(base, "media"), os.path.join(base, "settings.py")
        os.makedirs(media)
        with open(settings, "w", encoding="utf-8") as f:
            f.write("DEBUG = False\n")
        os.chmod(settings, 0o600)
        return media, settings

    @staticmethod
    def volumes(media, settings=None):
        """The volumes of a container: what is written, and what is only read."""
        text = f"      volumes:\n        - {{source: {media}, target: /app/media}}\n"
        if settings:
            text += f"        - {{source: {settings}, target: /app/settings.py, read_only: true}}\n"
        return text

    def test_what_root_owns_is_found_before_the_old_container_is_stopped(self):
        self.deploy_first()
        before = docker("ps", "-q", "--no-trunc", "--filter", f"name=^{self.project_name}-web$")
        media, settings = self.root_owned()
        self.extend(
            container=self.volumes(media, settings),
            app="    env: {clear: {GREETING: hello}}\n"
                "    env_mounts: [{target: /app/.env, owner: '0:0', mode: '0600'}]\n")
        run = self.davit.deploy("web", "--tag", "v2")
        self.assertExit(run, 1)
        for words in ("FILE_UNREADABLE", "VOLUME_UNWRITABLE", "/app/.env", "/app/settings.py", "/app/media", "UID 1000",
                      "owner 0:0, mode 0600", f"chown 1000:1000 {settings}", f"chown 1000:1000 {media}",
                      "owner: auto"):
            self.assertIn(words, run.text)
        self.assertEqual(http_get(self.port), "web v1")
        after = docker("ps", "-q", "--no-trunc", "--filter", f"name=^{self.project_name}-web$")
        self.assertEqual(after, before, "it was never stopped")
        left = docker("ps", "-aq", "--filter", f"label=davit.reader={self.state}/worker")
        self.assertEqual(left, "")

    def test_the_command_that_is_named_mends_it(self):
        media, _ = self.root_owned()
        self.extend(container=self.volumes(media))
        run = self.davit.deploy("web", "--tag", "v1")
        self.assertExit(run, 1)
        self.assertIn(f"chown 1000:1000 {media}", run.text)
        os.chown(media, 1000, 1000)
        self.assertExit(self.davit.deploy("web", "--tag", "v1"), 0)

    def test_the_default_settings_do_not_have_it(self):
        media = os.path.join(self.davit.directory, "made/media")
        self.extend(container=self.volumes(media),
                    app="    env: {clear: {GREETING: hello}}\n    env_mounts: [{target: /app/.env}]\n")
        for _ in range(2):  # the directory is made for the first, and there for the second
            self.assertExit(self.davit.deploy("web", "--tag", "v1"), 0)
            name = f"{self.project_name}-web"
            self.assertIn("hello", docker("exec", name, "/bin/cat", "/app/.env"))
            docker("exec", name, "/bin/sh", "-c", "echo here > /app/media/file")

    def test_an_image_that_runs_as_a_user_it_does_not_have(self):
        make_image(f"{self.project_name}/web:named", SERVE_HIGH, changes=["USER django"])
        self.extend(container=self.volumes(self.davit.directory))
        run = self.davit.deploy("web", "--tag", "named")
        self.assertExit(run, 1)
        self.assertIn("does not have the user", run.text)

    def test_an_entrypoint_that_ends_with_success_is_no_service(self):
        self.deploy_first()
        make_image(f"{self.project_name}/web:ends", ["/bin/true"], changes=["USER 1000:1000"])
        run = self.davit.deploy("web", "--tag", "ends")
        self.assertExit(run, 3)
        self.assertIn("CONTAINER_EXITED", run.text)
        self.assertEqual(http_get(self.port), "web v1")

    def test_doctor_says_it_without_a_deployment(self):
        media, settings = self.root_owned()
        self.extend(container=self.volumes(media, settings))
        run = self.davit.run("doctor", "web", "-e", "dev", "--local", "--tag", "v1")
        self.assertExit(run, 1)
        for words in ("VOLUME_UNWRITABLE", "FILE_UNREADABLE", f"chown 1000:1000 {media}"):
            self.assertIn(words, run.text)
        self.assertEqual(self.containers(), {})


class RegistryLoginTest(DavitTest):
    project_name = "e2e-login"

    def setUp(self):
        super().setUp()
        self.registry = Registry(self.scratch, password="correct horse")
        self.addCleanup(self.registry.stop)
        self.reference = f"{self.registry.name}/{self.project_name}/web:v1"
        make_image(self.reference, SERVE_HIGH)
        self.addCleanup(docker, "rmi", "-f", self.reference, check=False)
        config = os.path.join(self.scratch, "docker")
        docker_login = ["--config", config]
        docker(*docker_login, "login", "-u", "ci", "-p", "correct horse", self.registry.name)
        docker(*docker_login, "push", self.reference)
        docker("rmi", self.reference)
        self.davit = self.project(HIGH_WEB + f"registries:\n  own: {{{{server: '{self.registry.name}', username: ci, "
                                         "password: {{secret: REGISTRY_PASSWORD}}}}\n")

    def set_password(self, value):
        done = self.davit.run("secrets", "set", "REGISTRY_PASSWORD", "-e", "dev", "--local", stdin=value.encode())
        self.assertExit(done, 0)

    def test_the_projects_login_is_used_and_a_wrong_password_is_named(self):
        self.set_password("wrong pony")
        run = self.davit.deploy("web", "--image", self.reference)
        self.assertExit(run, 1)
        self.assertIn("REGISTRY_DENIED", run.text)
        self.assertIn("REGISTRY_PASSWORD (version 1, of dev)", run.text)
        self.assertIn("davit secrets set REGISTRY_PASSWORD -e dev", run.text)
        self.assertNotIn("wrong pony", run.text)
        self.set_password("correct horse")
        run = self.davit.deploy("web", "--image", self.reference)
        self.assertExit(run, 0)
        self.assertEqual(http_get(self.port), "web v1")
        self.assertNotIn("correct horse", run.text)

    def test_a_password_that_was_never_set_is_named_before_anything_begins(self):
        run = self.davit.deploy("web", "--image", self.reference)
        self.assertExit(run, 2)
        self.assertIn("REGISTRY_PASSWORD", run.text)
        self.assertIn("SECRET_MISSING", run.text)


if __name__ == "__main__":
    unittest.main(verbosity=2)
