"""davit backup, backups and restore, with a real PostgreSQL: the rows of before are back, and nothing is lost."""

import json
import os
import shutil
import signal
import tempfile
import unittest

from postgres import PASSWORD, SOON, WRONG_PASSWORD, DatabaseTest, damage
from support import SERVE, agent_pid, docker, http_get, make_image, wait_until


class BackupsTest(DatabaseTest):
    project_name = "e2e-backups"

    def setUp(self):
        super().setUp()
        self.name = f"{self.project_name}-web"
        self.directory = tempfile.mkdtemp(dir=self.scratch)
        self.sql("CREATE TABLE cargo (name text); INSERT INTO cargo VALUES ('rope'), ('tar')")
        make_image(f"{self.project_name}/web:v1", SERVE)
        self.declared = {"wait": SOON, "backup": {"directory": self.directory}}
        self.davit = self.shop(database=self.declared)
        self.assertExit(self.run_davit("deploy", "--tag", "v1"), 0)

    def tearDown(self):
        # Neither controller nor worker has written a password down.
        for directory, _, names in os.walk(self.state):
            for path in (os.path.join(directory, name) for name in names):
                if not os.path.isfile(path):  # a socket
                    continue
                with open(path, "rb") as f:
                    text = f.read()
                for password in (PASSWORD, WRONG_PASSWORD):
                    self.assertNotIn(password.encode(), text, path)
        super().tearDown()

    def run_davit(self, *args, url=None):
        url = url or self.postgres.url(self.database)
        done = self.davit.run(*args, "-e", "dev", "--local", env={"DAVIT_SECRET_DATABASE_URL": url})
        self.assertNotIn(PASSWORD, done.text)
        return done

    def rows(self, database=None):
        return sorted(self.sql("SELECT name FROM cargo", database))

    def databases(self):
        return self.sql(f"SELECT datname FROM pg_database WHERE datname LIKE '{self.database}%' ORDER BY 1")

    def started(self):
        return docker("inspect", "-f", "{{.Id}} {{.State.StartedAt}}", self.name).split()

    def back_up(self):
        """Makes a backup, and returns what is listed of it."""
        done = self.run_davit("backup")
        self.assertExit(done, 0)
        self.assertIn("backup made and verified: main (", done.err)
        listed = json.loads(self.run_davit("backups", "--json").out)["backups"]
        self.assertEqual([b["database"] for b in listed], ["main"])
        return listed[0]

    def restore(self, path):
        return self.run_davit("restore", "main", os.path.basename(path), "--yes")

    def test_what_was_there_at_the_backup_is_back_and_what_came_after_is_kept_beside_it(self):
        backup = self.back_up()
        self.assertEqual(os.path.dirname(backup["path"]), self.directory)
        self.assertEqual(os.stat(backup["path"]).st_mode & 0o077, 0, "nobody else may read it")
        self.sql("DELETE FROM cargo; INSERT INTO cargo VALUES ('mutiny')")
        container, before = self.started()

        run = self.restore(backup["path"])
        self.assertExit(run, 0)
        self.assertIn("will be lost", run.err)
        self.assertEqual(self.rows(), ["rope", "tar"])
        olds = [name for name in self.databases() if name != self.database]
        self.assertEqual(len(olds), 1, "the database of before is kept")
        self.assertEqual(self.rows(olds[0]), ["mutiny"])
        self.assertIn(olds[0], self.run_davit("show", self.newest()).out, "and it is said what it is called")

        again, after = self.started()
        self.assertEqual(again, container, "it is the same container")
        self.assertGreater(after, before, "which was stopped meanwhile")
        self.assertEqual(http_get(self.port), "web v1")
        self.assertEqual(docker("inspect", "-f", "{{.HostConfig.RestartPolicy.Name}}", self.name), "unless-stopped")
        history = self.run_davit("history").out
        for word in ("restore", "backup", "(tag v1)"):
            self.assertIn(word, history)

    def newest(self):
        return json.loads(self.run_davit("history", "--json").out)["deployments"][0]["id"]

    def test_a_damaged_backup_changes_nothing(self):
        backup = self.back_up()
        damage(backup)
        self.sql("INSERT INTO cargo VALUES ('mutiny')")
        before = self.started()

        run = self.restore(backup["path"])
        self.assertExit(run, 1)
        self.assertIn("RESTORE_FAILED", run.text)
        self.assertIn("nothing was changed", run.text)
        self.assertEqual(self.started(), before, "nothing was stopped")
        self.assertEqual(self.rows(), ["mutiny", "rope", "tar"])
        self.assertEqual(self.databases(), [self.database])
        self.assertEqual(http_get(self.port), "web v1")

    def test_a_backup_that_was_cut_off_is_named_with_the_reason(self):
        backup = self.back_up()
        size = int(backup["size_bytes"])
        os.truncate(backup["path"], size // 2)
        reason = f"it has {size // 2} bytes instead of {size}: it was cut off"
        self.assertIn(reason, " ".join(self.run_davit("backups").out.split()))
        listed = json.loads(self.run_davit("backups", "--json").out)
        self.assertEqual(listed["backups"], [])
        self.assertEqual([(u["backup"]["path"], u["reason"]) for u in listed["unusable"]], [(backup["path"], reason)])
        run = self.restore(backup["path"])
        self.assertExit(run, 1)
        self.assertIn("RESTORE_FAILED", run.text)
        self.assertIn(reason, " ".join(run.text.split()))

    def test_a_backup_that_was_exchanged_together_with_its_record_is_not_restored(self):
        older = self.back_up()
        self.sql("INSERT INTO cargo VALUES ('mutiny')")
        self.assertExit(self.run_davit("backup"), 0)
        newer = json.loads(self.run_davit("backups", "--json").out)["backups"][0]
        before = self.started()
        shutil.copy(older["path"], newer["path"])
        with open(older["path"].replace(".dump", ".json")) as f:
            record = json.load(f)
        # With the name of the one whose place it takes, and as of a deployment that nobody knows.
        record.update(file=os.path.basename(newer["path"]), deployment="")
        with open(newer["path"].replace(".dump", ".json"), "w") as f:
            json.dump(record, f)

        run = self.restore(newer["path"])
        self.assertExit(run, 1)
        self.assertIn("is not the one that was made", run.text)
        self.assertIn("nothing was changed", run.text)
        self.assertEqual(self.started(), before, "nothing was stopped")
        self.assertEqual(self.rows(), ["mutiny", "rope", "tar"])

        record.update(deployment=newer["deployment_id"])
        with open(newer["path"].replace(".dump", ".json"), "w") as f:
            json.dump(record, f)
        self.assertIn("its checksum is another than deployment", " ".join(self.run_davit("backups").out.split()))
        self.assertExit(self.restore(older["path"]), 0)
        self.assertEqual(self.rows(), ["rope", "tar"])

    def test_a_database_that_refuses_is_said_so_before_anything_is_stopped(self):
        backup = self.back_up()
        before = self.started()
        wrong = self.postgres.url(self.database, password=WRONG_PASSWORD)
        for verb in (("backup",), ("restore", "main", os.path.basename(backup["path"]), "--yes")):
            run = self.run_davit(*verb, url=wrong)
            self.assertExit(run, 1)
            self.assertIn("DATABASE_DENIED", run.text)
            self.assertNotIn(WRONG_PASSWORD, run.text)
            self.assertIn("nothing was changed", run.text)
        self.assertEqual(self.started(), before)
        self.assertEqual(self.rows(), ["rope", "tar"])

    def test_an_admin_url_of_another_database_is_refused_and_one_of_the_same_is_taken(self):
        backup = self.back_up()
        before = self.started()
        self.davit = self.shop(database={**self.declared, "admin_url": {"secret": "ADMIN_URL"}})
        for other, code in (("postgres", 1), (self.database, 0)):
            env = {"DAVIT_SECRET_DATABASE_URL": self.postgres.url(self.database),
                   "DAVIT_SECRET_ADMIN_URL": self.postgres.url(other)}
            for verb in (("backup",), ("restore", "main", os.path.basename(backup["path"]), "--yes")):
                run = self.davit.run(*verb, "-e", "dev", "--local", env=env)
                self.assertExit(run, code)
                self.assertNotIn(PASSWORD, run.text)
                if code == 1:
                    self.assertIn("its admin_url leads to another database than its url", run.text)
                    self.assertIn("davit secrets set ADMIN_URL", run.text)
                    self.assertEqual(self.started(), before, "nothing was stopped")

    def start_restore(self, backup):
        restore = self.davit.start("restore", "main", os.path.basename(backup["path"]), "--yes", "-e", "dev", "--local",
                                   env={"DAVIT_SECRET_DATABASE_URL": self.postgres.url(self.database)})
        self.addCleanup(restore.communicate)
        return restore

    def restore_slowly(self, seconds_a_row):
        """Starts a restore; returns its process once the first rows are being read in."""
        self.sql("CREATE FUNCTION slowly(text) RETURNS bool LANGUAGE sql AS 'SELECT true';"
                 "ALTER TABLE cargo ADD CONSTRAINT slow CHECK (slowly(name));"
                 "CREATE OR REPLACE FUNCTION slowly(text) RETURNS bool LANGUAGE sql AS "
                 f"'SELECT pg_sleep({seconds_a_row}) IS NOT NULL'")
        backup = self.back_up()
        self.sql("ALTER TABLE cargo DROP CONSTRAINT slow; INSERT INTO cargo VALUES ('mutiny')")
        restore = self.start_restore(backup)
        wait_until(lambda: self.sql("SELECT 1 FROM pg_stat_activity WHERE query LIKE 'COPY public.cargo%'"
                                    f" AND datname LIKE '{self.database}%' AND state = 'active'", "postgres"),
                   "rows to be read in")
        return restore

    def restore_up_to_the_swap(self):
        """Starts a restore; returns its process, stuck where the databases change places, and what lets it go on."""
        backup = self.back_up()
        self.sql("INSERT INTO cargo VALUES ('mutiny')")
        let_go = self.postgres.lock(self.database)
        self.addCleanup(let_go)
        restore = self.start_restore(backup)
        wait_until(lambda: self.sql("SELECT 1 FROM pg_database WHERE NOT datallowconn AND "
                                    f"datname = '{self.database}'", "postgres"), "the swap to be begun")
        return restore, let_go

    def assertRestored(self, restore):
        self.assertEqual(restore.wait(timeout=120), 0)
        self.assertEqual(self.rows(), ["rope", "tar"])
        self.assertEqual(len(self.databases()), 2, "one of before, and nothing half-made")
        self.assertEqual(http_get(self.port), "web v1")

    def test_a_restore_goes_on_after_davit_was_killed_while_it_loaded(self):
        restore = self.restore_slowly(1)
        os.kill(agent_pid(self.state), signal.SIGKILL)
        self.assertRestored(restore)

    def test_a_restore_goes_on_after_davit_was_killed_in_the_swap(self):
        restore, let_go = self.restore_up_to_the_swap()
        os.kill(agent_pid(self.state), signal.SIGKILL)
        let_go()
        self.assertRestored(restore)

    def assertCancelled(self, restore):
        self.davit.run("cancel", self.newest(), "--local")
        self.assertEqual(restore.wait(timeout=120), 7)
        self.assertEqual(self.rows(), ["mutiny", "rope", "tar"])
        self.assertEqual(self.databases(), [self.database])
        self.assertEqual(http_get(self.port), "web v1")

    def test_all_serves_while_a_restore_loads_and_goes_on_to_when_it_is_cancelled(self):
        before = self.started()
        restore = self.restore_slowly(60)
        self.assertEqual(http_get(self.port), "web v1")
        self.assertIn("mutiny", self.rows())
        self.assertCancelled(restore)
        self.assertEqual(self.started(), before, "nothing was stopped")

    def test_a_restore_that_is_cancelled_in_the_swap_leaves_all_as_it_was(self):
        restore, _ = self.restore_up_to_the_swap()
        self.assertCancelled(restore)

    def last_line(self, run):
        return run.err.strip().splitlines()[-1]

    def test_what_is_live_runs_after_a_restore_unless_somebody_has_stopped_it(self):
        backup = self.back_up()
        docker("update", "--restart", "no", self.name)  # as one leaves it that could not put it back
        docker("stop", "--time", "0", self.name)
        run = self.restore(backup["path"])
        self.assertExit(run, 0)
        self.assertRegex(run.err, r"web v\d+ does not run now")
        self.assertIn("the apps run again (checked healthy)", self.last_line(run))
        self.assertEqual(http_get(self.port), "web v1")
        self.assertEqual(docker("inspect", "-f", "{{.HostConfig.RestartPolicy.Name}}", self.name), "unless-stopped")

        docker("rm", "--force", self.name)
        run = self.restore(backup["path"])
        self.assertExit(run, 0)
        self.assertRegex(run.err, r"web v\d+ has no container any more")
        self.assertEqual(http_get(self.port), "web v1")

        docker("stop", "--time", "0", self.name)
        run = self.restore(backup["path"])
        self.assertExit(run, 0)
        self.assertIn("does not run: it was down before, and was left so", self.last_line(run))
        self.assertEqual(docker("inspect", "-f", "{{.State.Running}}", self.name), "false")
        self.assertEqual(self.rows(), ["rope", "tar"])

    def test_what_an_app_is_not_healthy_on_can_be_taken_back_as_it_is_said(self):
        backup = self.back_up()
        self.sql("INSERT INTO cargo VALUES ('mutiny')")
        docker("exec", self.name, "/bin/busybox", "rm", "/www/health")
        run = self.restore(backup["path"])
        self.assertExit(run, 4)
        self.assertRegex(run.err, r"web v\d+ is not healthy on")
        self.assertEqual(self.rows(), ["rope", "tar"])
        shown = " ".join(self.run_davit("show", self.newest()).out.split())
        sql = shown.split("on the database postgres: ")[1].split(" Likely:")[0]
        self.sql(sql, "postgres")
        self.assertEqual(self.rows(), ["mutiny", "rope", "tar"])
        self.assertEqual(self.databases(), [self.database, self.database + "_restored"])

    def test_a_restore_asks_first(self):
        backup = self.back_up()
        run = self.run_davit("restore", "main", os.path.basename(backup["path"]))
        self.assertExit(run, 2)
        for words in ("stop web v", "will be lost", "--yes"):
            self.assertIn(words, run.err)
        self.assertExit(self.run_davit("restore", "main", "no-such.dump", "--yes"), 2)


if __name__ == "__main__":
    unittest.main(verbosity=2)
