"""Where the app runs in a container that was started by hand: taken over, kept, and put back when the release is bad."""

import unittest

from support import WEB, DavitTest, docker, http_get, make_image


class TakeoverTest(DavitTest):
    project_name = "e2e-takeover"

    def setUp(self):
        super().setUp()
        for tag in ("hand", "v1"):
            make_image(f"{self.project_name}/web:{tag}")
        make_image(f"{self.project_name}/web:bad", files={"www/health": None})
        self.davit = self.project(WEB)

    def start_by_hand(self, name, *options):
        identity = docker("run", "-d", "--name", name, "-p", f"{self.port}:80", *options,
                          f"{self.project_name}/web:hand")
        self.addCleanup(docker, "rm", "-f", identity, check=False)
        return identity

    def plan(self, *options):
        return self.davit.run("plan", "web", "-e", "dev", "--local", "--tag", "v1", *options)

    def assertRuns(self, identity, name):
        state = docker("inspect", "-f", "{{.State.Running}} {{.Name}} {{.HostConfig.RestartPolicy.Name}}", identity)
        self.assertEqual(state, f"true /{name} unless-stopped")
        self.assertEqual(http_get(self.port), "web hand")

    def test_one_of_the_apps_name_is_taken_over_and_said_so_before(self):
        self.start_by_hand("e2e-takeover-web")
        plan = self.plan("--detailed-exitcode")
        self.assertExit(plan, 10)
        self.assertIn("web: takes over container e2e-takeover-web, which Davit did not start\n", plan.out)
        self.assertEqual(http_get(self.port), "web hand")
        self.assertExit(self.davit.deploy("web", "--tag", "v1"), 0)
        self.assertEqual(http_get(self.port), "web v1")

    def test_what_the_release_will_not_have_is_in_the_plan_and_the_journal(self):
        self.start_by_hand("e2e-takeover-web", "-e", "DB_PASS=very-secret", "-v", "/tmp:/data", "-u", "1000")
        plan = self.plan()
        self.assertExit(plan, 0)
        for words in ("- env DB_PASS: was set", "- volume /data: was /tmp", "- container user: was 1000",
                      "will not have 3 settings of the container e2e-takeover-web"):
            self.assertIn(words, " ".join(plan.out.split()))
        run = self.davit.deploy("web", "--tag", "v1")
        self.assertExit(run, 0)
        self.assertIn("env DB_PASS", run.text)
        self.assertNotIn("very-secret", plan.text + run.text)

    def test_it_is_put_back_as_it_was_when_the_release_is_bad(self):
        identity = self.start_by_hand("e2e-takeover-web", "--restart", "unless-stopped")
        run = self.davit.deploy("web", "--tag", "bad")
        self.assertExit(run, 3)
        self.assertIn("HEALTH_STATUS", run.text)
        self.assertRuns(identity, "e2e-takeover-web")
        self.assertEqual(self.containers(), {})

    def test_one_that_holds_the_port_is_named_and_replaced_only_when_that_is_said(self):
        identity = self.start_by_hand("e2e-takeover-old", "--restart", "unless-stopped")
        refused = self.davit.deploy("web", "--tag", "v1")
        self.assertExit(refused, 1)
        for words in ("e2e-takeover-old", "--adopt"):
            self.assertIn(words, refused.text)
        self.assertRuns(identity, "e2e-takeover-old")
        self.assertExit(self.davit.deploy("web", "--tag", "bad", "--adopt", "e2e-takeover-old"), 3)
        self.assertRuns(identity, "e2e-takeover-old")
        plan = self.plan("--adopt", "web=e2e-takeover-old")
        self.assertIn("web: takes over container e2e-takeover-old, which Davit did not start\n", plan.out)
        self.assertExit(self.davit.deploy("web", "--tag", "v1", "--adopt", "e2e-takeover-old"), 0)
        self.assertEqual(http_get(self.port), "web v1")

    def test_one_that_goes_when_it_stops_is_told_of(self):
        self.start_by_hand("e2e-takeover-web", "--rm")
        refused = self.davit.deploy("web", "--tag", "v1")
        self.assertExit(refused, 1)
        self.assertIn("--rm", refused.text)
        self.assertIn("--adopt", refused.text)
        self.assertEqual(http_get(self.port), "web hand")
        plan = self.plan("--adopt", "e2e-takeover-web")
        self.assertExit(plan, 0)
        self.assertIn("started with --rm", plan.out)
        self.assertExit(self.davit.deploy("web", "--tag", "v1", "--adopt", "e2e-takeover-web"), 0)
        self.assertEqual(http_get(self.port), "web v1")


if __name__ == "__main__":
    unittest.main()
