"""Databases that do not answer, refuse or are wanted by two deployments at once, each with a real PostgreSQL."""

import os
import subprocess
import tempfile
import unittest

from support import SERVE, docker, make_image, wait_until
from postgres import PASSWORD, WRONG_PASSWORD, DatabaseTest, Postgres


class RestartedPostgres(Postgres):
    """One that can go, and come back on the same port with the same data."""

    def start(self):
        self.log = open(os.path.join(self.directory, "log"), "ab")
        self.process = subprocess.Popen(
            ["runuser", "-u", "postgres", "--", f"{self.programs}/postgres", "-D", os.path.join(self.directory, "data")],
            stdout=self.log, stderr=self.log)
        wait_until(self.answers, "the server to take connections")


class DatabaseFaultsTest(DatabaseTest):
    project_name = "e2e-database-faults"

    server = RestartedPostgres

    def setUp(self):
        super().setUp()
        self.name = f"{self.project_name}-web"
        for tag in ("v1", "v2", "v3"):
            make_image(f"{self.project_name}/web:{tag}", SERVE)
        self.url = self.postgres.url(self.database)

    def deploy_first(self, attempts=3):
        self.davit = self.shop(
            database={"wait": {"attempts": attempts, "interval": "300ms"}, "backup": {"before_migrate": False},
                      "migrate": {"app": "web", "command": ["/bin/true"]}},
            web={"healthcheck": {"http": {"path": "/health", "port": 80}, "attempts": 20, "interval": "300ms"}})
        self.assertExit(self.deploy("v1"), 0)
        self.before = self.started()

    def deploy(self, tag):
        done = self.davit.deploy("--tag", tag, env={"DAVIT_SECRET_DATABASE_URL": self.url})
        self.assertNotIn(PASSWORD, done.text)
        self.assertNotIn(WRONG_PASSWORD, done.text)
        return done

    def started(self):
        return docker("inspect", "-f", "{{.Id}} {{.State.StartedAt}}", self.name)

    def migrations(self):
        return self.postgres.sql(self.database, "SELECT state FROM davit.davit_migrations ORDER BY begun_at")

    def assert_refused(self, *words):
        done = self.deploy("v2")
        self.assertExit(done, 1)
        for word in words:
            self.assertIn(word, done.text)
        self.assertEqual(self.started(), self.before)

    def test_a_database_that_is_down_for_good_stops_the_deployment(self):
        self.deploy_first()
        self.postgres.stop()
        self.addCleanup(self.postgres.start)
        self.assert_refused("DATABASE_UNREACHABLE", "refused")

    def test_a_wrong_password_is_named(self):
        self.deploy_first()
        self.url = self.postgres.url(self.database, WRONG_PASSWORD)
        self.assert_refused("DATABASE_", "password authentication failed")
        self.assertEqual(self.migrations(), ["finished"])

    def test_a_database_that_is_not_there_is_named(self):
        self.deploy_first()
        self.url = self.postgres.url("nowhere")
        self.assert_refused("DATABASE_", "nowhere")
        self.assertEqual(self.migrations(), ["finished"])

    def test_a_server_that_takes_no_changes_is_refused_before_anything_is_touched(self):
        self.deploy_first()
        alter = f"ALTER DATABASE {self.database} "
        self.postgres.sql("postgres", alter + "SET default_transaction_read_only TO on")
        self.addCleanup(self.postgres.sql, "postgres", alter + "RESET default_transaction_read_only")
        self.assert_refused("DATABASE_DENIED", "default_transaction_read_only is on")
        self.assertEqual(self.migrations(), ["finished"])

    def test_a_database_that_comes_back_in_time_is_waited_for(self):
        self.deploy_first(attempts=200)
        self.postgres.stop()
        deployment = self.davit.start("deploy", "-e", "dev", "--local", "--tag", "v2",
                                      env={"DAVIT_SECRET_DATABASE_URL": self.url})
        said = ""
        try:
            # Until it has been refused once, and has said so.
            while "refused" not in said:
                line = deployment.stderr.readline().decode()
                self.assertTrue(line, f"it did not say that it was refused:\n{said}")
                said += line
        finally:
            self.postgres.start()
        out, err = deployment.communicate(timeout=90)
        self.assertEqual(deployment.returncode, 0, (out + err).decode())
        self.assertEqual(self.migrations(), ["finished"] * 2)

    def test_two_deployments_at_once_migrate_once_each(self):
        self.deploy_first()
        both = [self.davit.start("deploy", "-e", "dev", "--local", "--lock-wait", "1m", "--tag", tag,
                                 env={"DAVIT_SECRET_DATABASE_URL": self.url}) for tag in ("v2", "v3")]
        for deployment in both:
            out, err = deployment.communicate(timeout=120)
            self.assertEqual(deployment.returncode, 0, (out + err).decode())
        self.assertEqual(self.migrations(), ["finished"] * 3)
        # One after the other: no migration began before the one before it was over.
        self.assertEqual(self.postgres.sql(self.database, "SELECT count(*) FROM davit.davit_migrations a, "
                         "davit.davit_migrations b WHERE a.begun_at < b.begun_at AND a.ended_at > b.begun_at"), ["0"])

    def test_a_backup_that_another_environments_migration_is_not_in_says_so(self):
        gate, backups = (tempfile.mkdtemp(dir=self.scratch) for _ in range(2))
        wait = {"attempts": 3, "interval": "300ms"}
        first = self.shop(
            database={"wait": wait, "backup": {"before_migrate": False}, "migrate": {
                "app": "web", "command": ["/bin/sh", "-c", "until [ -e /gate/open ]; do sleep 0.1; done"]}},
            web={"container": {"stop_grace_period": "0s", "extra_hosts": ["host.docker.internal:host-gateway"],
                               "volumes": [{"source": gate, "target": "/gate"}]}})
        second = self.shop(
            environment="stage",
            database={"wait": wait, "backup": {"directory": backups},
                      "migrate": {"app": "web", "command": ["/bin/true"]}},
            web={"container": {"name": f"{self.name}-stage", "stop_grace_period": "0s",
                               "extra_hosts": ["host.docker.internal:host-gateway"]}})
        secret = {"DAVIT_SECRET_DATABASE_URL": self.url}
        both = [first.start("deploy", "-e", "dev", "--local", "--tag", "v1", "--json", env=secret)]
        wait_until(lambda: self.ledger_table() and self.migrations() == ["running"], "the first to migrate")
        both.append(second.start("deploy", "-e", "stage", "--local", "--tag", "v1", env=secret))
        wait_until(lambda: any(name.endswith(".json") for name in os.listdir(backups)), "the backup")
        with open(os.path.join(gate, "open"), "w", encoding="utf-8"):
            pass
        for deployment in both:
            out, err = deployment.communicate(timeout=120)
            self.assertEqual(deployment.returncode, 0, (out + err).decode())
        self.assertEqual(self.migrations(), ["finished"] * 2)
        other = self.postgres.sql(self.database, "SELECT deployment FROM davit.davit_migrations ORDER BY begun_at")[0]
        self.assertIn(f"main: {other} migrated it, too, since the backup was begun",
                      " ".join(second.run("show", "-e", "stage", "--local").out.split()))

    def ledger_table(self):
        return self.postgres.sql(self.database, "SELECT to_regclass('davit.davit_migrations') IS NOT NULL") == ["t"]


if __name__ == "__main__":
    unittest.main()
