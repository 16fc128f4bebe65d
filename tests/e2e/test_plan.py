"""What a plan tells before anything is done: differences, the way back, limits, and where settings come from."""

import json
import unittest

from support import DavitTest, make_image

YAML = """
project: {project}
apps:
  web:
    image: {project}/web
    container:
      ports: ["{port}:80"]
      stop_grace_period: 0s
    env: {{clear: {{GREETING: hello, OLD: "1"}}}}
    healthcheck: {{http: {{path: /health, port: 80}}, start_delay: 1s, attempts: 4, interval: 500ms}}
environments:
  dev: {{}}
  other: {{}}
"""


class PlanTest(DavitTest):
    project_name = "e2e-plan"

    def setUp(self):
        super().setUp()
        for tag in ("v1", "v2"):
            make_image(f"{self.project_name}/web:{tag}")
        self.davit = self.project(YAML)

    def plan(self, *args, environment="dev", **kwargs):
        return self.davit.run("plan", "web", "-e", environment, "--local", *args, **kwargs)

    def test_the_exit_code_says_whether_anything_would_change(self):
        first = self.plan("--tag", "v1", "--detailed-exitcode", environment="other")
        self.assertExit(first, 10)
        self.assertIn("web: a first release, nothing serves now\n", first.out)
        self.assertEqual(self.containers(), {})
        self.assertExit(self.davit.deploy("web", "--tag", "v1"), 0)
        same = self.plan("--tag", "v1", "--detailed-exitcode")
        self.assertExit(same, 0)
        self.assertRegex(same.out, "web: no changes, v[0-9]+ is the same\n")
        self.assertExit(self.plan("--tag", "v2", "--detailed-exitcode"), 10)
        self.assertExit(self.plan("--tag", "v2"), 0)

    def test_each_difference_is_named(self):
        self.assertExit(self.davit.deploy("web", "--tag", "v1"), 0)
        yaml = YAML.format(project=self.project_name, port=self.port)
        yaml = yaml.replace('{GREETING: hello, OLD: "1"}', "{GREETING: good day, NEW: x}")
        yaml = yaml.replace("stop_grace_period: 0s", "stop_grace_period: 0s\n      hostname: shop")
        self.davit.write(yaml)
        run = self.plan("--tag", "v2")
        self.assertExit(run, 0)
        self.assertRegex(run.out, "web: what differs from v[0-9]+, the live release\n")
        for line in ("~ env GREETING: hello -> good day\n", "+ env NEW: x\n", "- env OLD: was 1\n",
                     "container hostname: "):
            self.assertIn(line, run.out)
        image = next(line for line in run.out.splitlines() if line.startswith("  ~ image: "))
        self.assertIn(f"{self.project_name}/web:v1", image)
        self.assertIn(f"{self.project_name}/web:v2", image)

    def test_a_secret_that_was_set_anew_is_told_by_its_version(self):
        yaml = YAML.format(project=self.project_name, port=self.port)
        self.davit.write(yaml.replace('OLD: "1"}', 'OLD: "1"}, secret: [TOKEN]'))
        self.assertExit(self.davit.deploy("web", "--tag", "v1", env={"DAVIT_SECRET_TOKEN": "first-value"}), 0)
        run = self.plan("--tag", "v1", env={"DAVIT_SECRET_TOKEN": "second-value"})
        self.assertExit(run, 0)
        self.assertIn("\n  ~ env TOKEN: secret TOKEN, version 1 -> secret TOKEN, version 2\n", run.out)
        self.assertNotIn("value", run.text)

    def test_limits_and_the_way_back_are_told(self):
        self.assertExit(self.davit.deploy("web", "--tag", "v1"), 0)
        run = self.plan("--tag", "v2")
        self.assertExit(run, 0)
        self.assertIn("  web: healthy within 3s: 4 attempts, one every 500ms, after 1s\n", run.out)
        self.assertRegex(run.out, r"\[local\] start web v[0-9]+ \(at most 2m\)\n")
        way_back = run.out.split("if a step fails\n")[1]
        self.assertRegex(way_back, "put web v[0-9]+ back\n")

    def test_programs_get_all_of_it(self):
        self.assertExit(self.davit.deploy("web", "--tag", "v1"), 0)
        run = self.plan("--tag", "v2", "--json")
        self.assertExit(run, 0)
        plan = json.loads(run.out)
        self.assertEqual(plan["changes"][0]["kind"], "REPLACED")
        self.assertEqual([d["what"] for d in plan["changes"][0]["differences"]], ["image"])
        self.assertTrue(plan["rollback"])
        self.assertTrue(all("timeout" in step for step in plan["deployment"]["steps"]))

    def test_defaults_are_shown_without_asking_anybody(self):
        run = self.davit.run("plan", "-e", "dev", "--show-defaults")
        self.assertExit(run, 0)
        self.assertRegex(run.out, r"GREETING: hello +# davit.yaml:9")
        self.assertRegex(run.out, r"retain: 5 +# default")


if __name__ == "__main__":
    unittest.main()
