"""What is left of deployments that fail after an unsafe migration, with a real PostgreSQL: who has to act, and the
backups that lead back."""

import json
import tempfile
import unittest

from postgres import HAS_URL, PASSWORD, SOON, DatabaseTest
from support import docker, free_port, http_get


class FailedMigrationsTest(DatabaseTest):
    project_name = "e2e-failed-migrations"
    shares_images = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_image("good", True, "SELECT 1")
        cls.make_image("adds", True, "CREATE TABLE note (text text)")
        cls.make_image("drops", False, "ALTER TABLE cargo DROP COLUMN vat")
        cls.make_image("renames", False, "ALTER TABLE cargo RENAME COLUMN name TO label")

    @classmethod
    def make_image(cls, tag, healthy, migrate):
        """A web server that is healthy or not, and psql, which migrates once."""
        files = {"bin/migrate": f'#!/bin/sh\npsql -X -q -v ON_ERROR_STOP=1 "$DATABASE_URL" -c "{migrate}" || exit 1\n'}
        if healthy:
            files["www/health"] = "ok"
        cls.make_migrating_image(tag, files)

    @classmethod
    def remove_containers(cls):
        super().remove_containers()
        docker("rm", "-f", f"{cls.project_name}-web", check=False)  # started by hand

    def setUp(self):
        super().setUp()
        self.sql("CREATE TABLE cargo (name text, vat text)")
        # The records are those of all tests.
        self.environment = f"dev{self.port}"
        backups = tempfile.mkdtemp(dir=self.scratch)
        self.main = {"wait": SOON, "backup": {"directory": backups, "keep": 1},
                     "migrate": {"app": "web", "command": ["/bin/migrate"]}}
        self.davit = self.shop(self.environment, database=self.main, web={"env": HAS_URL})

    def run_davit(self, *args):
        url = self.postgres.url(self.database)
        done = self.davit.run(*args, "-e", self.environment, "--local", env={"DAVIT_SECRET_DATABASE_URL": url})
        self.assertNotIn(PASSWORD, done.text)
        return done

    def deploy(self, tag):
        return self.run_davit("deploy", "--tag", tag)

    def columns(self):
        return self.sql("SELECT column_name FROM information_schema.columns WHERE table_name = 'cargo' ORDER BY 1")

    def makers(self):
        """The deployments of the backups that there are, newest first."""
        return [backup["deployment_id"] for backup in json.loads(self.run_davit("backups", "--json").out)["backups"]]

    def deployments(self):
        """Newest first."""
        return [one["id"] for one in json.loads(self.run_davit("history", "--json").out)["deployments"]]

    def test_a_first_deployment_hurts_nobody(self):
        failed = self.deploy("drops")
        self.assertExit(failed, 3)
        self.assertIn("the migration of database main stays: nothing older uses it", failed.text)
        self.assertIn("nothing was live before; the migration stays", failed.text)
        for words in ("older release", "release of before", "SCHEMA_NOT_SAFE"):
            self.assertNotIn(words, failed.text)
        self.assertEqual(self.columns(), ["name"])
        self.assertEqual(docker("ps", "-aq", "--filter", f"label=davit.project={self.project_name}"), "")

        back = self.run_davit("rollback")
        self.assertExit(back, 2)
        self.assertIn(f"no release of web is live in {self.environment} yet", back.text)
        self.assertExit(self.deploy("good"), 0)
        self.assertEqual(http_get(self.port), "web good")

    def test_what_was_started_by_hand_may_be_hurt(self):
        docker("run", "-d", "--name", f"{self.project_name}-web", f"{self.project_name}/web:good")
        failed = self.deploy("drops")
        self.assertExit(failed, 4)
        self.assertIn("SCHEMA_NOT_SAFE", failed.text)

    def test_another_environment_may_be_hurt(self):
        self.assertExit(self.deploy("good"), 0)
        older, self.environment = self.environment, f"{self.environment}-b"
        container = {"name": f"{self.project_name}-b", "ports": [f"{free_port()}:80"], "stop_grace_period": "0s",
                     "extra_hosts": ["host.docker.internal:host-gateway"]}
        self.davit = self.shop(self.environment, database=self.main, web={"env": HAS_URL, "container": container})
        failed = self.deploy("drops")
        self.assertExit(failed, 4)
        self.assertIn("SCHEMA_NOT_SAFE", failed.text)
        self.assertIn(f"web v1 (environment {older}) may not be able to run on what it has left", failed.text)
        self.assertNotIn("nothing older uses it", failed.text)
        self.assertEqual(http_get(self.port), "web good")

    def test_the_backups_that_lead_back_outlive_many_failures(self):
        self.assertExit(self.deploy("adds"), 0)
        self.assertExit(self.deploy("drops"), 4)
        for _ in range(2):
            # There is nothing to drop any more, and the column is gone all the same.
            self.assertExit(self.deploy("drops"), 4)
        self.assertExit(self.deploy("renames"), 4)
        self.assertExit(self.deploy("drops"), 4)
        newest, renamed, _, _, dropped, live = self.deployments()
        self.assertEqual(self.makers(), [newest, renamed, dropped, live], "keep is 1")
        self.assertEqual(self.columns(), ["label"])

        backups = json.loads(self.run_davit("backups", "--json").out)["backups"]
        file = [one["path"].rsplit("/", 1)[1] for one in backups if one["deployment_id"] == dropped][0]
        self.assertExit(self.run_davit("restore", "main", file, "--yes"), 0)
        self.assertEqual((self.columns(), http_get(self.port)), (["name", "vat"], "web adds"))


if __name__ == "__main__":
    unittest.main()
