"""Every failure a user can meet, provoked for real: its code, its words and its exit code."""

import base64
import json
import os
import socket
import unittest

from support import (SOCKET, WEB, DavitTest, Project, Registry, SmallEngine, docker, free_port, http_get,
                     image_tar, make_foreign_image, make_image)


class FailureTest(DavitTest):
    project_name = "e2e-failures"

    def setUp(self):
        super().setUp()
        make_image(f"{self.project_name}/web:v1")
        self.davit = self.project(WEB)

    def fails(self, failure, code, *args, says=(), env=None):
        """Deploys and expects a failure of that code; returns the run."""
        run = self.davit.deploy("web", *args, env=env)
        self.assertExit(run, code)
        self.assertIn(failure, run.text)
        for words in says:
            self.assertIn(words, run.text)
        return run

    def image(self, tag, *args, **kwargs):
        return make_image(f"{self.project_name}/web:{tag}", *args, **kwargs)

    # --- Before anything is touched: exit 1 -------------------------------

    def test_image_not_found_in_the_registry(self):
        registry = Registry(self.scratch)
        self.addCleanup(registry.stop)
        self.fails("IMAGE_NOT_FOUND", 1, "--image", f"{registry.name}/shop/web:v9", says=["v9"])

    def test_registry_refuses_without_credentials(self):
        registry = Registry(self.scratch, password="correct horse")
        self.addCleanup(registry.stop)
        self.fails("REGISTRY_DENIED", 1, "--image", f"{registry.name}/shop/web:v1", says=["docker login"])

    def test_registry_refuses_wrong_credentials_and_takes_the_right_ones(self):
        registry = Registry(self.scratch, password="correct horse")
        self.addCleanup(registry.stop)
        reference = f"{registry.name}/shop/web:v1"
        docker("tag", f"{self.project_name}/web:v1", reference)
        self.addCleanup(docker, "rmi", "-f", reference, check=False)
        home = os.path.join(self.scratch, "home")
        os.makedirs(f"{home}/.docker", exist_ok=True)

        def log_in(password):
            auth = base64.b64encode(f"ci:{password}".encode()).decode()
            with open(f"{home}/.docker/config.json", "w", encoding="utf-8") as f:
                json.dump({"auths": {registry.name: {"auth": auth}}}, f)

        log_in("correct horse")
        environment = dict(os.environ, HOME=home, DOCKER_CONFIG=f"{home}/.docker")
        os.environ["DOCKER_CONFIG"] = environment["DOCKER_CONFIG"]
        self.addCleanup(os.environ.pop, "DOCKER_CONFIG", None)
        docker("push", reference)
        docker("rmi", reference)
        self.davit.run("agent", "stop")  # an agent reads the login of whoever starts it
        self.addCleanup(self.davit.run, "agent", "stop")
        config = {"DOCKER_CONFIG": f"{home}/.docker"}
        log_in("wrong pony")
        run = self.fails("REGISTRY_DENIED", 1, "--image", reference, env=config)
        self.assertNotIn("wrong pony", run.text)
        log_in("correct horse")
        run = self.davit.deploy("web", "--image", reference, env=config)
        self.assertExit(run, 0)
        self.assertEqual(http_get(self.port), "web v1")

    def test_registry_not_reachable(self):
        self.fails("REGISTRY_UNREACHABLE", 1, "--image", f"127.0.0.1:{free_port()}/shop/web:v1")

    def test_image_for_another_platform(self):
        make_foreign_image(f"{self.project_name}/web:arm", "arm64")
        self.fails("IMAGE_WRONG_PLATFORM", 1, "--tag", "arm", says=["arm64", "amd64"])

    def test_port_taken_by_a_program_is_named(self):
        with socket.socket() as taken:
            taken.bind(("0.0.0.0", self.port))
            taken.listen()
            self.fails("PORT_IN_USE", 1, "--tag", "v1", says=[str(self.port), str(os.getpid())])

    def test_port_taken_by_a_container_is_named(self):
        docker("run", "-d", "--name", "e2e-other", "-p", f"{self.port}:80", f"{self.project_name}/web:v1")
        self.addCleanup(docker, "rm", "-f", "e2e-other")
        self.fails("CONTAINER_NOT_OURS", 1, "--tag", "v1", says=["e2e-other", "--adopt"])

    # --- While replacing: exit 3 ------------------------------------------

    def test_container_exits(self):
        self.image("exits", ["/bin/sh", "-c", "echo out of luck; exit 5"])
        self.fails("CONTAINER_EXITED", 3, "--tag", "exits", says=["out of luck", "5"])

    def test_container_killed_for_memory(self):
        self.davit.write(WEB.format(project=self.project_name, port=self.port).replace(
            "stop_grace_period: 0s", "stop_grace_period: 0s\n      mem_limit: 8MiB"))
        self.image("greedy", ["/bin/sh", "-c", "sleep 2; /bin/tail -n 1 /dev/zero"])
        self.fails("CONTAINER_OUT_OF_MEMORY", 3, "--tag", "greedy", says=["mem_limit"])

    def test_command_not_in_the_image(self):
        self.image("nocmd", ["/bin/gunicorn"])
        self.fails("COMMAND_NOT_FOUND", 3, "--tag", "nocmd", says=["/bin/gunicorn"])

    def test_health_status_wrong(self):
        self.image("v404", files={"www/health": None})
        self.fails("HEALTH_STATUS", 3, "--tag", "v404", says=["404", "/health"])

    def test_health_redirected(self):
        answer = "Status: 301 Moved\\r\\nLocation: https://shop.example/health\\r\\n\\r\\n"
        self.image("redirects", files={"www/cgi-bin/health": f"#!/bin/sh\nprintf '{answer}'\n"})
        self.davit.write(WEB.format(project=self.project_name, port=self.port).replace(
            "{path: /health, port: 80}", "{path: /cgi-bin/health, port: 80, status: '200-299'}"))
        self.fails("HEALTH_REDIRECT", 3, "--tag", "redirects", says=["https://shop.example/health"])

    def test_health_refused(self):
        self.image("deaf", ["/bin/sleep", "1000"])
        self.fails("HEALTH_REFUSED", 3, "--tag", "deaf", says=["80"])

    def test_health_timed_out(self):
        self.image("slow", ["/bin/nc", "-ll", "-p", "80", "-e", "/bin/sleep", "1000"])
        self.davit.write(WEB.format(project=self.project_name, port=self.port).replace(
            "attempts: 10", "attempts: 10\n      timeout: 1s"))
        self.fails("HEALTH_TIMEOUT", 3, "--tag", "slow")

    # --- The environment ---------------------------------------------------

    def test_docker_not_reachable(self):
        run = self.davit.deploy("web", "--tag", "v1", env={"DOCKER_HOST": "unix:///nonexistent/docker.sock"})
        self.assertExit(run, 6)
        self.assertIn("DOCKER_UNREACHABLE", run.text)
        self.assertIn("/nonexistent/docker.sock", run.text)

    def test_lock_held_says_by_whom_and_since_when(self):
        self.image("deaf", ["/bin/sleep", "1000"])
        self.davit.write(WEB.format(project=self.project_name, port=self.port).replace(
            "attempts: 10", "attempts: 400"))
        first = self.davit.deploy("web", "--tag", "deaf", "--detach")
        self.assertExit(first, 0)
        deployment = first.out.strip()
        run = self.davit.deploy("web", "--tag", "v1")
        self.assertExit(run, 5)
        self.assertIn("LOCK_HELD", run.text)
        self.assertIn(deployment, run.text)
        self.assertExit(self.davit.run("cancel", deployment, "--local"), 0)
        self.assertExit(self.davit.run("watch", deployment, "--local"), 7)
        self.assertExit(self.davit.deploy("web", "--tag", "v1"), 0)


class SmallDiskTest(DavitTest):
    project_name = "e2e-disk"

    def test_a_full_disk_is_found_before_anything_is_stopped(self):
        engine = SmallEngine(self.scratch, size_mib=64)
        self.addCleanup(engine.stop)
        engine.docker("import", "--change", 'CMD ["/bin/sleep","1000"]', "-", f"{self.project_name}/web:v1",
                      input=image_tar({}))
        project = self.project(WEB)
        env = {"DOCKER_HOST": f"unix://{engine.socket}", "DAVIT_STATE_DIR": os.path.join(self.scratch, "small")}
        run = project.deploy("web", "--tag", "v1", env=env)
        self.addCleanup(project.run, "agent", "stop", env=env)
        self.assertExit(run, 1)
        self.assertIn("DISK_FULL", run.text)


if __name__ == "__main__":
    unittest.main(verbosity=2)
