"""The whole story of an application with a database, as its operator lives it: the example, a real PostgreSQL, a real registry."""

import http.client
import os
import re
import tempfile
import threading
import unittest
import urllib.request

from harbour import BASE, Harbour, make_base
from support import DavitTest, Project, Registry, docker, free_port, wait_until
from postgres import PASSWORD, Postgres

REGISTRY_PASSWORD = "bollard-and-chain"


class Load:
    """Requests one after the other, until it is stopped; what was not answered well is kept."""

    def __init__(self, get):
        self.get, self.answered, self.failures = get, 0, []
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while not self.over.is_set():
            try:
                self.get()
                self.answered += 1
            except (OSError, http.client.HTTPException) as e:
                self.failures.append(str(e))

    def stop(self):
        self.over.set()
        self.thread.join()


class DatabaseStory(DavitTest):
    project_name = "harbour"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        make_base()
        cls.postgres = Postgres(cls.scratch)
        cls.addClassCleanup(cls.postgres.stop)
        cls.registry = Registry(cls.scratch, password=REGISTRY_PASSWORD)
        cls.addClassCleanup(cls.registry.stop)

    @classmethod
    def remove_leftovers(cls):
        super().remove_leftovers()
        if hasattr(cls, "registry"):
            ids = docker("images", "-q", "--filter", f"reference={cls.registry.name}/*").split()
            if ids:
                docker("rmi", "-f", *sorted(set(ids)), check=False)

    def begin(self):
        """Nothing runs, and the database is empty."""
        self.remove_leftovers()
        self.port = free_port()
        self.database = f"harbour{self.port}"
        self.postgres.sql("postgres", f"CREATE DATABASE {self.database}")
        self.files = tempfile.mkdtemp(dir=self.scratch)
        self.app = Harbour(tempfile.mkdtemp(dir=self.scratch))
        with open(os.path.join(self.app.directory, "davit.yaml"), encoding="utf-8") as f:
            self.davit = Project(self.app.directory, self.state, f.read())

    def run_davit(self, *args):
        done = self.davit.run(*args, "-e", "dev", "--local", env={
            "HARBOUR_REGISTRY": self.registry.name, "HARBOUR_BASE": BASE, "HARBOUR_PORT": str(self.port),
            "HARBOUR_DATA": f"{self.files}/data", "HARBOUR_BACKUPS": f"{self.files}/backups",
            "DAVIT_SECRET_DATABASE_URL": self.postgres.url(self.database),
            "DAVIT_SECRET_SECRET_KEY": "keel-keel-keel-keel-keel-keel", "DAVIT_SECRET_REGISTRY_PASSWORD": REGISTRY_PASSWORD,
            "DAVIT_SECRET_DJANGO_SUPERUSER_PASSWORD": "first-mate-77"})
        for secret in (PASSWORD, REGISTRY_PASSWORD, "first-mate-77"):
            self.assertNotIn(secret, done.text)
        return done

    def deploy(self, tag, code=0):
        done = self.run_davit("deploy", "--build", "--tag", tag)
        self.assertExit(done, code)
        return done

    def sql(self, statement):
        return self.postgres.sql(self.database, statement)

    def get(self, path, host="localhost"):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers={"Host": host})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read().decode()

    def image(self):
        return docker("inspect", "-f", "{{.Image}}", "harbour-web")

    def running(self):
        """Each container's id and the time of its start."""
        return docker("inspect", "-f", "{{.Id}} {{.State.StartedAt}}", "harbour-web", "harbour-worker").splitlines()

    def assert_seeded_once(self):
        self.assertEqual(self.sql("SELECT username, is_superuser FROM tenants_user"), ["admin|t"])
        self.assertEqual(self.sql("SELECT slug FROM tenants_tenant ORDER BY 1"), ["guest", "root"])
        self.assertEqual(self.get("/"), "Harbour\n")
        self.assertEqual(self.get("/", host="guest.localhost"), "Guests\n")

    def migrations_begun(self):
        return self.sql("SELECT state FROM davit.davit_migrations ORDER BY begun_at")

    def first_deployment_on_an_empty_database(self):
        done = self.deploy("v1")
        live = re.search(r"web v(\d+) \(tag v1\), worker v(\d+) \(tag v1\) are live", done.text)
        self.first_releases = [f"web={live.group(1)}", f"worker={live.group(2)}"]
        self.first_image = self.image()
        self.assert_seeded_once()
        self.assertIn("sans-serif", self.get("/static/tenants/harbour.css"))
        self.assertEqual(docker("exec", "harbour-web", "stat", "-c", "%u %a", "/app/.env"), "1000 400")
        self.assertEqual(docker("exec", "harbour-web", "stat", "-c", "%u", "/app/static", "/app/media"), "1000\n1000")
        self.assertEqual(self.migrations_begun(), ["finished"])
        urllib.request.urlopen(f"http://localhost:{self.port}/jobs", data=b"", timeout=30).close()
        wait_until(lambda: self.get("/jobs") == "0 waiting\n", "the worker to do the job")

    def an_additive_migration(self):
        self.app.change("tenants/models.py", "    name = models", "    note = models.TextField(null=True)\n    name = models")
        self.app.add_migration("0002_note", "0001_initial",
                               "migrations.AddField('tenant', 'note', models.TextField(null=True))")
        done = self.deploy("v2")
        self.assertIn("Column note (text) was added to tenants_tenant", self.show(done).out)
        self.assert_seeded_once()
        self.assertEqual(self.migrations_begun(), ["finished"] * 2)
        self.assertEqual(len(os.listdir(f"{self.files}/backups")) // 2, 2)

    def show(self, done):
        deployment = re.search(r"d-[0-9a-z]{20}", done.text).group()
        shown = self.run_davit("show", deployment)
        self.assertExit(shown, 0)
        return shown

    def a_migration_that_meets_what_is_there_already(self):
        self.sql("CREATE TABLE tenants_invoice (id bigserial PRIMARY KEY)")
        self.app.add_migration("0003_invoice", "0002_note", "migrations.CreateModel('Invoice', "
                               "[('id', models.BigAutoField(primary_key=True)), ('total', models.IntegerField())])")
        before = self.running()
        load = Load(lambda: self.get("/"))
        done = self.deploy("v3", code=1)
        load.stop()
        self.assertEqual(load.failures, [])
        self.assertGreater(load.answered, 20)
        self.assertEqual(self.running(), before)
        for words in ("MIGRATION_FAILED", "tenants_invoice", "already", "tenants.0003_invoice",
                      "it is not what the migration wants", "wanted, and not there: total integer NOT NULL"):
            self.assertIn(words, done.text)
        self.assertEqual(self.migrations_begun(), ["finished"] * 2 + ["failed"])
        self.the_rest_of_which_is_missing()
        self.app.remove("tenants/migrations/0003_invoice.py")
        self.sql("DROP TABLE tenants_invoice")

    def the_rest_of_which_is_missing(self):
        self.sql("ALTER TABLE tenants_invoice ADD total integer NOT NULL")
        self.app.add_migration("0003_invoice", "0002_note", "migrations.CreateModel('Invoice', "
                               "[('id', models.BigAutoField(primary_key=True)), ('total', models.IntegerField())]), "
                               "migrations.AddField('tenant', 'colour', models.TextField(default='red'))")
        done = self.deploy("v3", code=1)
        for words in ("it is what the migration wants",
                      "the migration wants more, which is not there: column colour of tenants_tenant"):
            self.assertIn(words, done.text)
        # Recorded as applied, it would never be there.
        self.assertNotIn("--fake", done.text)

    def a_release_that_never_gets_healthy(self):
        self.app.change("tenants/views.py", "    return HttpResponse(f\"{Tenant.objects.count()} tenants\\n\")",
                        "    return HttpResponse(status=503)")
        self.app.change("davit.yaml", 'port: 8000, status: "200"}', 'port: 8000, status: "200"}\n      attempts: 12\n      interval: 1s')
        web = self.running()[0].split()[0]
        done = self.deploy("v4", code=3)
        self.assertIn("HEALTH_STATUS", done.text)
        self.assertEqual(self.running()[0].split()[0], web)
        self.assert_seeded_once()

    def a_rollback_by_hand_over_the_migration(self):
        to = (word for release in self.first_releases for word in ("--to", release))
        done = self.run_davit("rollback", "web", "worker", *to, "--yes")
        self.assertExit(done, 0)
        self.assertEqual(self.image(), self.first_image)
        self.assertEqual(self.sql("SELECT count(*) FROM django_migrations WHERE app = 'tenants'"), ["2"])
        self.assert_seeded_once()

    def a_backup_and_a_restore(self):
        self.assertExit(self.run_davit("backup"), 0)
        # The newest is the last by name: names have the time in them.
        file = max(f for f in os.listdir(f"{self.files}/backups") if f.endswith(".dump"))
        self.assertIn(file, self.run_davit("backups").out)
        self.sql("INSERT INTO tenants_tenant (slug, name) VALUES ('late', 'Too late')")
        self.assertExit(self.run_davit("restore", "main", file, "--yes"), 0)
        self.assert_seeded_once()
        self.assertEqual(len(self.postgres.sql("postgres", "SELECT 1 FROM pg_database WHERE datname LIKE "
                                                           f"'{self.database}%'")), 2)

    def tell(self):
        self.begin()
        self.first_deployment_on_an_empty_database()
        self.an_additive_migration()
        self.a_migration_that_meets_what_is_there_already()
        self.a_release_that_never_gets_healthy()
        self.a_rollback_by_hand_over_the_migration()
        self.a_backup_and_a_restore()

    def test_the_story_ends_the_same_way_a_second_time(self):
        for _ in range(2):
            self.tell()


if __name__ == "__main__":
    unittest.main()
