"""A migration that is killed half-way, however: it has run once, and what it left is said."""

import json
import os
import re
import signal
import unittest

from postgres import HAS_URL, DatabaseTest
from support import SERVE, SmallEngine, agent_pid, alive, docker, wait_until

PSQL = 'psql -X -q -v ON_ERROR_STOP=1 "$DATABASE_URL" -c'
MIGRATE = f"""#!/bin/sh
set -e
{PSQL} "INSERT INTO runs DEFAULT VALUES"
{PSQL} "CREATE TABLE half (id int)"
{PSQL} "SELECT pg_sleep(SECONDS)"
{PSQL} "CREATE TABLE whole (id int)"
"""


class KilledMigrationTest(DatabaseTest):
    project_name = "e2e-killed-migration"

    def setUp(self):
        super().setUp()
        self.sql("CREATE TABLE runs (begun timestamptz DEFAULT now())")
        self.backups = os.path.join(self.scratch, "backups")
        # The server is reached through its socket, also from an engine with a network of its own.
        self.davit = self.shop(
            database={"backup": {"before_migrate": False, "directory": self.backups},
                      "migrate": {"app": "web", "command": ["/bin/migrate"]}},
            web={"env": HAS_URL,
                 "container": {"volumes": [{"source": self.postgres.directory, "target": "/sockets"}],
                               "stop_grace_period": "0s"},
                 "healthcheck": {"exec": {"command": ["/bin/true"]}, "attempts": 20, "interval": "300ms"}})
        self.seconds = 4

    def image(self):
        return self.postgres.image_tar({"bin/migrate": MIGRATE.replace("SECONDS", str(self.seconds))})

    def url(self):
        url = f"postgresql://postgres@/{self.database}?host=/sockets&port={self.postgres.port}"
        return {"DAVIT_SECRET_DATABASE_URL": url}

    def restore(self):
        backup = next(name for name in os.listdir(self.backups) if name.endswith(".dump"))
        return self.davit.run("restore", "-e", "dev", "--local", "--yes", "main", backup, env=self.url())

    def deploy(self, meanwhile, **env):
        """Deploys, and does `meanwhile` when the migration has done the half; the exit code and all that was said."""
        process = self.davit.start("deploy", "web", "-e", "dev", "--local", "--tag", "v1", env={**self.url(), **env})
        sleeps = ("SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND "
                  f"query = 'SELECT pg_sleep({self.seconds})'")
        wait_until(lambda: process.poll() is not None or self.sql(sleeps) == ["1"], "the migration to be half done")
        if process.poll() is None:
            meanwhile()
        out, err = process.communicate(timeout=90)
        return process.returncode, out.decode() + err.decode()

    def assert_half(self, code, said):
        self.assertEqual(code, 3, said)
        self.assertIn("Table half was added", said)
        self.assertNotIn("Table whole", said)
        self.assertEqual(self.tables(), ["half", "runs"])
        self.assert_ran_once("failed")

    def assert_ran_once(self, state):
        self.assertEqual(self.sql("SELECT count(*) FROM runs"), ["1"])
        self.assertEqual(self.sql("SELECT state FROM davit.davit_migrations"), [state])

    def tables(self):
        return self.sql("SELECT relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace "
                        "WHERE nspname = 'public' AND relkind = 'r' ORDER BY 1")

    def import_here(self):
        docker("import", "--change", f"CMD {json.dumps(SERVE)}", "-", f"{self.project_name}/web:v1", stdin=self.image())

    def test_when_its_container_is_killed(self):
        self.seconds = 60
        self.import_here()

        def kill():
            for container in docker("ps", "-q", "--filter", "label=davit.one-off", "--filter",
                                    f"label=davit.project={self.project_name}").split():
                if "/bin/migrate" in docker("inspect", "-f", "{{.Config.Cmd}}", container):
                    docker("kill", container)
        self.assert_half(*self.deploy(kill))

    def test_when_its_worker_is_killed_it_goes_on_and_is_compared_by_the_next(self):
        self.import_here()

        def kill():
            pid = agent_pid(self.state)
            os.kill(pid, signal.SIGKILL)
            wait_until(lambda: not alive(pid), "the agent to be dead")
        code, said = self.deploy(kill)
        self.assertEqual(code, 0, said)
        self.assertIn("2 changes of the schema", said)
        self.assertEqual(self.tables(), ["half", "runs", "whole"])
        self.assert_ran_once("finished")

    def test_when_its_journal_is_lost_no_restore_goes_on_beside_it(self):
        self.seconds = 60
        self.import_here()
        self.assertExit(self.davit.run("backup", "-e", "dev", "--local", env=self.url()), 0)

        def lose():
            pid = agent_pid(self.state)
            os.kill(pid, signal.SIGKILL)
            wait_until(lambda: not alive(pid), "the agent to be dead")
            for directory, _, names in os.walk(self.state):
                for name in names:
                    if name.startswith("journal.db"):
                        os.remove(os.path.join(directory, name))
        code, said = self.deploy(lose)
        self.assertEqual(code, 4, said)
        container = re.search("docker kill (davit-[^ `]+)", said).group(1)
        held = self.restore()
        self.assertExit(held, 1)
        self.assertIn("MIGRATION_HELD", held.text)
        self.assertIn(f"(container {container})", held.text)
        docker("kill", container)
        wait_until(lambda: self.restore().code == 0, "the restore to be let in")
        self.assertEqual(self.tables(), ["runs"])
        self.assertEqual(self.sql("SELECT count(*) FROM runs"), ["0"])

    def test_when_its_engine_is_killed(self):
        self.seconds = 60
        engine = SmallEngine(self.scratch, size_mib=1024)
        self.addCleanup(engine.stop)
        engine.docker("import", "--change", f"CMD {json.dumps(SERVE)}", "-", f"{self.project_name}/web:v1",
                      input=self.image())
        self.davit.prefix = engine.enter()
        env = {"DOCKER_HOST": f"unix://{engine.socket}", "DAVIT_STATE_DIR": os.path.join(self.scratch, "engine")}
        self.addCleanup(self.davit.run, "agent", "stop", env=env)

        def kill():
            engine.kill()
            engine.start()
        self.assert_half(*self.deploy(kill, **env))


if __name__ == "__main__":
    unittest.main(verbosity=2)
