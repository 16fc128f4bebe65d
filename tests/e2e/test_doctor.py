"""Everything that would stop a deployment, found at once, with nothing stopped and nothing left."""

import json
import os
import socket
import unittest

from support import HIGH_WEB, SERVE_HIGH, DavitTest, docker, extended, http_get, make_image, wait_until


class DoctorTest(DavitTest):
    project_name = "e2e-doctor"

    def setUp(self):
        super().setUp()
        make_image(f"{self.project_name}/web:v1", SERVE_HIGH, changes=["USER 1000"])
        self.davit = self.project(HIGH_WEB)
        # Before what is left is removed.
        self.addCleanup(self.wait_for_checks_to_go)

    def wait_for_checks_to_go(self):
        service = f"{self.project_name}-web"
        wait_until(lambda: not set(self.containers()) - {service}, "the containers of checks to go")

    def doctor(self, *args):
        return self.davit.run("doctor", "--tag", "v1", "-e", "dev", "--local", *args)

    def extend(self, container="", app=""):
        """Writes davit.yaml again, with more lines in the app and its container."""
        yaml = HIGH_WEB.format(project=self.project_name, port=self.port)
        self.davit.write(extended(yaml, container, app))

    def test_nothing_stands_in_the_way_and_nothing_is_left(self):
        self.extend(app="    env: {clear: {A: b}}\n    env_mounts: [{target: /app/.env}]\n"
                        "    checks: [{name: fine, command: ['true']}]\n")
        before = self.davit.run("history", "-e", "dev", "--local").out
        run = self.doctor()
        self.assertExit(run, 0)
        self.assertIn("ok: nothing stands in the way of a deployment", run.out)
        self.assertIn("checking dev on local", run.err)
        self.wait_for_checks_to_go()
        self.assertEqual(self.containers(), {})
        self.assertEqual(self.files_of_releases(), [])
        self.assertEqual(self.davit.run("history", "-e", "dev", "--local").out, before)

    def files_of_releases(self):
        return [name for _, _, names in os.walk(os.path.join(self.state, "worker", "files")) for name in names]

    def test_what_runs_goes_on_and_its_own_port_is_no_finding(self):
        self.assertExit(self.davit.deploy("web", "--tag", "v1"), 0)
        before = docker("ps", "-q", "--no-trunc", "--filter", f"name=^{self.project_name}-web$")
        self.assertExit(self.doctor(), 0)
        after = docker("ps", "-q", "--no-trunc", "--filter", f"name=^{self.project_name}-web$")
        self.assertEqual(after, before)
        self.assertEqual(http_get(self.port), "web v1")

    def test_twenty_missing_secrets_are_listed_at_once(self):
        names = [f"SECRET_{n:02}" for n in range(20)]
        self.extend(app=f"    env: {{secret: [{', '.join(names)}]}}\n")
        run = self.doctor()
        self.assertExit(run, 1)
        self.assertIn("SECRET_MISSING", run.out)
        for name in names:
            self.assertIn(f"davit secrets set {name} -e dev --local)", run.out)
        refused = self.davit.deploy("web", "--tag", "v1")
        self.assertExit(refused, 2)
        for name in names:
            self.assertIn(f"davit secrets set {name} -e dev --local)", refused.err)

    def test_findings_of_every_kind_come_together(self):
        media = os.path.join(self.davit.directory, "media")
        os.makedirs(media)
        with socket.socket() as other:
            other.bind(("0.0.0.0", self.port))
            other.listen()
            self.extend(container=f"      volumes: [{{source: {media}, target: /app/media}}]\n",
                        app="    checks:\n"
                            "      - {name: settings, command: [sh, -c, 'echo DEBUG is on; exit 3']}\n")
            run = self.doctor()
            self.assertExit(run, 1)
            for words in ("PORT_IN_USE", str(self.port), "VOLUME_UNWRITABLE", "UID 1000"):
                self.assertIn(words, run.out)
            self.assertRegex(run.out, f"chown 1000:[0-9]+ {media}")
            as_json = self.doctor("--json")
            self.assertExit(as_json, 1)
        findings = json.loads(as_json.out)["findings"]
        self.assertEqual({finding["host"] for finding in findings}, {"local"})
        self.wait_for_checks_to_go()
        self.assertEqual(self.containers(), {})
        os.chown(media, 1000, 1000)
        self.assertIn("| DEBUG is on\n", self.doctor().out)

    def test_an_image_that_is_not_there_hides_nothing_else(self):
        self.extend(app="    pull_policy: never\n")
        with socket.socket() as other:
            other.bind(("0.0.0.0", self.port))
            other.listen()
            run = self.davit.run("doctor", "--tag", "nowhere", "-e", "dev", "--local")
        self.assertExit(run, 1)
        self.assertEqual(run.out.count("IMAGE_NOT_FOUND"), 1, run.out)
        self.assertIn("PORT_IN_USE", run.out)

    def test_a_live_release_that_was_removed_by_hand_is_told_of(self):
        self.assertExit(self.davit.deploy("web", "--tag", "v1"), 0)
        docker("rm", "-f", f"{self.project_name}-web")
        run = self.doctor()
        self.assertExit(run, 0)
        self.assertIn("web v1, the live release, is not running (it has no container)", " ".join(run.out.split()))

    def test_a_check_that_only_warns_stands_in_nobodys_way(self):
        self.extend(app="    checks:\n"
                        "      - {name: settings, command: [sh, -c, 'echo DEBUG is on; exit 3'], on_failure: warn}\n")
        run = self.doctor()
        self.assertExit(run, 0)
        self.assertIn("warning web: ", run.out)
        self.assertIn("CHECK_FAILED", run.out)
        self.assertIn("| DEBUG is on\n", run.out)


if __name__ == "__main__":
    unittest.main()
