"""What is live in one environment goes to another: the same image, whatever has become of its tag."""

import json
import unittest

from support import DavitTest, Registry, docker, free_port, http_get, make_image

YAML = """
project: {project}
apps:
  web:
    image: IMAGE
    container:
      ports: ["{port}:80"]
      stop_grace_period: 0s
    env: {{clear: {{GREETING: hello}}}}
    healthcheck: {{http: {{path: /health, port: 80}}, attempts: 10, interval: 500ms}}
environments:
  dev: {{}}
  empty: {{}}
  staging:
    apps:
      web:
        container: {{name: {project}-staging, ports: ["STAGING:80"]}}
        env: {{clear: {{GREETING: good day}}}}
"""


class PromoteTest(DavitTest):
    project_name = "e2e-promote"

    def setUp(self):
        super().setUp()
        self.staging = free_port()

    def project_of(self, image):
        return self.project(YAML.replace("IMAGE", image).replace("STAGING", str(self.staging)))

    def promote(self, davit, *args):
        return davit.run("promote", "web", "--from", "dev", "--to", "staging", "--local", *args)

    def make(self, reference, text):
        make_image(reference, files={"www/index.html": text})
        self.addCleanup(docker, "rmi", "-f", reference, check=False)

    def test_the_image_that_was_tried_goes_out_although_its_tag_has_moved(self):
        registry = Registry(self.scratch)
        self.addCleanup(registry.stop)
        reference = f"{registry.name}/shop/web:main"
        self.make(reference, "tried")
        docker("push", reference)
        davit = self.project_of(f"{registry.name}/shop/web")
        self.assertExit(davit.deploy("web", "--tag", "main"), 0)
        self.make(reference, "newer")
        docker("push", reference)
        run = self.promote(davit)
        self.assertExit(run, 0)
        self.assertIn("~ env GREETING: hello -> good day\n", run.err)
        self.assertIn(f"~ container ports: {self.port}:80 -> {self.staging}:80\n", run.err)
        self.assertEqual((http_get(self.port), http_get(self.staging)), ("tried", "tried"))
        images = [self.live_release(davit, name)["image_digests"] for name in ("dev", "staging")]
        self.assertEqual(images[0], images[1])

    def live_release(self, davit, environment):
        run = davit.run("history", "-e", environment, "--local", "--json")
        self.assertExit(run, 0)
        return json.loads(run.out)["deployments"][0]["releases"][0]

    def test_an_image_of_this_machine_alone_goes_from_environment_to_environment_on_it(self):
        self.make(f"{self.project_name}/web:main", "tried")
        davit = self.project_of(f"{self.project_name}/web")
        self.assertExit(davit.deploy("web", "--tag", "main"), 0)
        self.make(f"{self.project_name}/web:main", "newer")
        self.assertExit(self.promote(davit), 0)
        self.assertEqual(http_get(self.staging), "tried")

    def test_what_is_not_live_is_not_promoted(self):
        davit = self.project_of(f"{self.project_name}/web")
        run = davit.run("promote", "web", "--from", "empty", "--to", "staging", "--local")
        self.assertExit(run, 2)
        self.assertIn("nothing was ever deployed to empty", run.err)
        self.assertIn("(NOT_FOUND)", run.err)


if __name__ == "__main__":
    unittest.main()
