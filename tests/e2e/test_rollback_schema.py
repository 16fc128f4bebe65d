"""davit rollback over a migration, with a real PostgreSQL: refused, or taken back as one says."""

import json
import tempfile
import unittest

from postgres import HAS_URL, PASSWORD, SOON, DatabaseTest, damage
from support import SERVE, docker, http_get


def script(sql):
    return f'#!/bin/sh\nexec psql -X -q -v ON_ERROR_STOP=1 "$DATABASE_URL" -c "{sql}"\n'


# Serves, unless a table says that it is sick.
FRAIL = ["/bin/sh", "-c", """psql -X -q "$DATABASE_URL" -c "SELECT 1 FROM v1_is_sick" && exit 1; exec """ + " ".join(SERVE)]


class RollbackSchemaTest(DatabaseTest):
    project_name = "e2e-rollback-schema"
    shares_images = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_image("v1", "CREATE TABLE cargo (name text, vat text); INSERT INTO cargo VALUES ('rope', '7')", "SELECT 1")
        cls.make_image("v2", "ALTER TABLE cargo DROP COLUMN vat", "ALTER TABLE cargo ADD COLUMN vat text")
        cls.make_image("frail", "CREATE TABLE cargo (name text, vat text)", "SELECT 1", FRAIL)
        cls.make_image("broken", "ALTER TABLE cargo DROP COLUMN IF EXISTS vat", "SELECT 1", ["/bin/sh", "-c", "exit 7"])

    @classmethod
    def make_image(cls, tag, migrate, undo, serve=SERVE):
        cls.make_migrating_image(
            tag, {"www/health": "ok", "bin/migrate": script(migrate), "bin/undo": script(undo)}, serve)

    def setUp(self):
        super().setUp()
        clerk = {"image": f"{self.project_name}/web", "extends": "web",
                 "container": {"command": ["/bin/sleep", "600"], "stop_grace_period": "0s", "restart": "no"},
                 "healthcheck": {"exec": {"command": ["/bin/true"]}, "attempts": 3, "interval": "300ms"}}
        self.davit = self.shop(
            database={"wait": SOON, "backup": {"directory": tempfile.mkdtemp(dir=self.scratch)},
                      "migrate": {"app": "web", "command": ["/bin/migrate"], "rollback_command": ["/bin/undo"]}},
            web={"env": HAS_URL}, clerk=clerk)

    def run_davit(self, *args, database=None):
        url = self.postgres.url(database or self.database)
        done = self.davit.run(*args, "-e", "dev", "--local", env={"DAVIT_SECRET_DATABASE_URL": url})
        self.assertNotIn(PASSWORD, done.text)
        return done

    def rollback(self, *args):
        return self.run_davit("rollback", "--yes", *args)

    def started(self, app):
        return docker("inspect", "-f", "{{.Id}} {{.State.StartedAt}}", f"{self.project_name}-{app}").split()

    def columns(self):
        return self.postgres.sql(self.database, "SELECT column_name FROM information_schema.columns WHERE "
                                                "table_name = 'cargo' ORDER BY 1")

    def rows(self):
        return self.postgres.sql(self.database, "SELECT name FROM cargo ORDER BY 1")

    def live_number(self, app):
        status = json.loads(self.run_davit("status", "--json").out)
        return next(row["release"]["number"] for row in status["apps"] if row["app"] == app)

    def deploy(self, tag):
        self.assertExit(self.run_davit("deploy", "--tag", tag), 0)
        self.assertEqual(http_get(self.port), f"web {tag}")

    def test_a_dropped_column_is_told_and_the_command_brings_it_back(self):
        self.deploy("v1")
        self.deploy("v2")
        self.assertEqual(self.columns(), ["name"])
        before = self.started("web")
        run = self.rollback()
        self.assertExit(run, 1)
        self.assertIn("SCHEMA_NOT_SAFE", run.err)
        self.assertRegex(run.err, r"main: .*vat.*: not safe")
        self.assertIn("--schema restore would put ", run.err)
        self.assertIn("--schema command would run `/bin/undo`", run.err)
        self.assertEqual(self.started("web"), before, "nothing was touched")

        run = self.rollback("--schema", "command")
        self.assertExit(run, 0)
        self.assertEqual((http_get(self.port), self.columns()), ("web v1", ["name", "vat"]))
        # What was taken back is in nobody's way any more.
        self.assertExit(self.run_davit("deploy", "--tag", "v2"), 0)
        run = self.rollback("web", "--schema", "keep")
        self.assertExit(run, 0)
        self.assertEqual((http_get(self.port), self.columns()), ("web v1", ["name"]))
        self.assertIn("stays as it is: not safe", run.err)

    def test_the_backup_of_before_is_put_in_place_while_nobody_uses_the_database(self):
        self.deploy("v1")
        self.deploy("v2")
        self.postgres.sql(self.database, "INSERT INTO cargo VALUES ('mutiny')")
        clerk, began = self.started("clerk")
        run = self.rollback("web", "--schema", "restore")
        self.assertExit(run, 0)
        self.assertIn("all that was written since then is lost", run.err)
        self.assertEqual((http_get(self.port), self.columns(), self.rows()), ("web v1", ["name", "vat"], ["rope"]))
        again, after = self.started("clerk")
        self.assertEqual(again, clerk, "it is no release of this rollback, and the same container")
        self.assertGreater(after, began, "which was stopped meanwhile")
        old = self.postgres.sql("postgres", "SELECT datname FROM pg_database WHERE datname LIKE "
                                            f"'{self.database}_%'")
        self.assertEqual(len(old), 1, "the database of before is kept beside it")
        self.assertEqual(self.postgres.sql(old[0], "SELECT name FROM cargo ORDER BY 1"), ["mutiny", "rope"])

    def test_a_rollback_that_failed_is_remembered_for_what_it_did_to_the_schema(self):
        self.deploy("frail")
        self.deploy("v2")
        second = self.live_number("web")
        self.postgres.sql(self.database, "CREATE TABLE v1_is_sick (why text)")
        self.assertExit(self.rollback("web", "--schema", "command"), 4)
        self.assertEqual((http_get(self.port), self.columns()), ("web v2", ["name", "vat"]))
        self.postgres.sql(self.database, "DROP TABLE v1_is_sick")
        run = self.rollback("web", "--schema", "command")
        self.assertExit(run, 0)
        self.assertIn("has taken it back already", run.err)
        self.assertEqual((http_get(self.port), self.columns()), ("web frail", ["name", "vat"]))

        self.deploy("v2")
        run = self.rollback("web", "--to", second, "--schema", "command")
        self.assertExit(run, 1)
        self.assertIn("a rollback has taken back what the migration of", run.err)
        self.assertEqual((http_get(self.port), self.columns()), ("web v2", ["name"]), "nothing was touched")

    def test_a_database_that_was_renamed_in_davit_yaml_is_the_same_one(self):
        self.deploy("v1")
        self.deploy("v2")
        with open(f"{self.davit.directory}/davit.yaml") as file:
            text = file.read()
        self.davit.write(text.replace('"main"', '"primary"'))
        run = self.rollback("web")
        self.assertExit(run, 1)
        self.assertRegex(run.err, r"primary: .*vat.*: not safe")
        self.assertExit(self.rollback("web", "--schema", "restore"), 0)
        self.assertEqual((http_get(self.port), self.columns()), ("web v1", ["name", "vat"]))

    def test_a_release_of_before_the_database_was_moved_is_not_gone_back_to(self):
        self.deploy("v1")
        moved = f"{self.database}_moved"
        self.postgres.sql("postgres", f'CREATE DATABASE "{moved}" TEMPLATE "{self.database}"')
        self.addCleanup(self.postgres.sql, "postgres", f'DROP DATABASE IF EXISTS "{moved}" WITH (FORCE)')
        self.assertExit(self.run_davit("deploy", "--tag", "v2", database=moved), 0)
        before = self.live_number("web")
        done = self.run_davit("rollback", "--yes", "--schema", "restore", database=moved)
        self.assertExit(done, 1)
        self.assertIn("another name of the database", done.text)
        self.assertIn("davit deploy", done.text)
        self.assertEqual(self.live_number("web"), before)
        kept = self.run_davit("rollback", "--yes", "--schema", "keep", database=moved)
        self.assertExit(kept, 0)
        self.assertIn("ANOTHER DATABASE", kept.text)

    def test_the_same_deployment_once_more_ends_as_the_first_one(self):
        self.deploy("v1")
        self.assertExit(self.run_davit("deploy", "web", "--tag", "broken"), 4)
        run = self.run_davit("deploy", "web", "--tag", "broken")
        self.assertExit(run, 4)
        self.assertIn("an earlier migration of main stays", run.err)
        self.assertNotIn("as it was", run.text)

    def test_a_backup_that_cannot_be_loaded_is_found_out_before_anything_is_stopped(self):
        self.deploy("v1")
        self.deploy("v2")
        backups = json.loads(self.run_davit("backups", "--json").out)["backups"]
        for backup in backups:
            damage(backup)
        before = [self.started(app) for app in ("web", "clerk")]
        run = self.rollback("web", "--schema", "restore")
        self.assertExit(run, 1)
        self.assertIn("RESTORE_FAILED", run.err)
        self.assertEqual([self.started(app) for app in ("web", "clerk")], before, "nothing was stopped")
        self.assertEqual((http_get(self.port), self.columns()), ("web v2", ["name"]))
        self.assertEqual(self.postgres.sql("postgres", "SELECT datname FROM pg_database WHERE datname LIKE "
                                                       f"'{self.database}_%'"), [])


if __name__ == "__main__":
    unittest.main()
