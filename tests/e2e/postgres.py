"""A PostgreSQL of this machine for tests, which containers reach."""

import glob
import io
import ipaddress
import json
import os
import subprocess
import tarfile
import tempfile

from support import SERVE, DavitTest, Project, docker, free_port, image_tar, wait_until

PASSWORD = "moored-4711-hull"
WRONG_PASSWORD = "adrift-0815-hull"


def damage(backup):
    """Changes one byte of a backup, as it is listed: its size does not tell."""
    with open(backup["path"], "r+b") as f:
        middle = int(backup["size_bytes"]) // 2
        f.seek(middle)
        byte = f.read(1)
        f.seek(middle)
        f.write(bytes([byte[0] ^ 0xFF]))


class Postgres:
    """A server of this machine that containers reach, with the newest of Debian's versions."""

    def __init__(self, directory):
        self.directory = tempfile.mkdtemp(dir=directory)
        os.chmod(directory, 0o755)
        os.chmod(self.directory, 0o777)
        self.programs = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]
        self.port = free_port()
        # A new engine does not name the gateway before its first restart: it is the first address.
        subnet = docker("network", "inspect", "bridge", "-f", "{{(index .IPAM.Config 0).Subnet}}")
        self.gateway = str(next(ipaddress.ip_network(subnet).hosts()))
        data = os.path.join(self.directory, "data")
        secret = os.path.join(self.directory, "password")
        with open(secret, "w", encoding="utf-8") as f:
            f.write(PASSWORD)
        self.as_postgres("initdb", "-D", data, "-U", "postgres", "--no-sync", "--auth-local=trust",
                         "--auth-host=scram-sha-256", "--pwfile", secret)
        with open(os.path.join(data, "pg_hba.conf"), "a", encoding="utf-8") as f:
            f.write("host all all all scram-sha-256\n")
        with open(os.path.join(data, "postgresql.conf"), "a", encoding="utf-8") as f:
            f.write(f"port = {self.port}\nlisten_addresses = '127.0.0.1,{self.gateway}'\nfsync = off\n"
                    f"unix_socket_directories = '{self.directory}'\n")
        self.log = open(os.path.join(self.directory, "log"), "wb")
        self.process = subprocess.Popen(
            ["runuser", "-u", "postgres", "--", f"{self.programs}/postgres", "-D", data],
            stdout=self.log, stderr=self.log)
        wait_until(self.answers, "the server to take connections")

    def as_postgres(self, program, *args, check=True):
        return subprocess.run(["runuser", "-u", "postgres", "--", f"{self.programs}/{program}", *args],
                              check=check, capture_output=True, text=True, timeout=60, cwd="/")

    def answers(self):
        return self.as_postgres("pg_isready", "-q", "-h", self.directory, "-p", str(self.port), check=False).returncode == 0

    def sql(self, database, statement):
        """The rows, a line each."""
        done = self.as_postgres("psql", "-h", self.directory, "-p", str(self.port), "-U", "postgres", "-d", database,
                                "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-c", statement)
        return done.stdout.splitlines()

    def lock(self, database):
        """Has a session lock the database itself: it cannot be renamed. Returns what lets it go, once or more often."""
        psql = subprocess.Popen(
            ["runuser", "-u", "postgres", "--", f"{self.programs}/psql", "-h", self.directory, "-p", str(self.port),
             "-U", "postgres", "-d", "postgres", "-X", "-A", "-t", "-q"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd="/")
        psql.stdin.write(f"BEGIN; COMMENT ON DATABASE {database} IS 'locked'; SELECT 'held';\n")
        psql.stdin.flush()
        assert psql.stdout.readline() == "held\n"

        def let_go():
            if psql.returncode is None:
                psql.communicate(timeout=60)
        return let_go

    def url(self, database, password=PASSWORD):
        return f"postgresql://postgres:{password}@host.docker.internal:{self.port}/{database}"

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=60)
        self.log.close()

    def image_tar(self, files):
        """A root file system of busybox, `files`, and psql with what it is linked with."""
        out = io.BytesIO(image_tar({"etc/passwd": "root:x:0:0::/:/bin/sh\n", **files}))
        psql = f"{self.programs}/psql"
        linked = subprocess.run(["ldd", psql], check=True, capture_output=True, text=True).stdout.split()
        with tarfile.open(fileobj=out, mode="a") as tar:
            tar.add(psql, "bin/psql")
            for library in {word for word in linked if word.startswith("/")}:
                tar.add(os.path.realpath(library), library)
        return out.getvalue()


# How often a database or an app is tried that answers soon or never; and how a migration knows its database.
SOON = {"attempts": 3, "interval": "100ms"}
HAS_URL = {"secret": ["DATABASE_URL"]}


class DatabaseTest(DavitTest):
    """With a server for the class, and an empty database for each test."""

    server = Postgres

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.postgres = cls.server(cls.scratch)
        cls.addClassCleanup(lambda: cls.postgres.stop())

    def setUp(self):
        super().setUp()
        self.database = f"shop{self.port}"
        self.postgres.sql("postgres", f"CREATE DATABASE {self.database}")

    def sql(self, statement, database=None):
        return self.postgres.sql(database or self.database, statement)

    @classmethod
    def make_migrating_image(cls, tag, files, command=None):
        """A web server that says its tag, `files`, and psql, which migrates."""
        files = {"www/index.html": f"web {tag}", **files}
        docker("import", "--change", f"CMD {json.dumps(command or SERVE)}", "-", f"{cls.project_name}/web:{tag}",
               stdin=cls.postgres.image_tar(files))

    def shop(self, environment="dev", database=None, web=None, **apps):
        """A project whose app web serves on self.port and uses the database main. `database` and `web`: what their
        test declares of them besides, or in another way."""
        spec = {
            "project": self.project_name,
            "databases": {"main": {"url": {"secret": "DATABASE_URL"}, **(database or {})}},
            "apps": {
                "web": {
                    "image": f"{self.project_name}/web",
                    "database": "main",
                    "container": {"ports": [f"{self.port}:80"], "stop_grace_period": "0s",
                                  "extra_hosts": ["host.docker.internal:host-gateway"]},
                    "healthcheck": {"http": {"path": "/health", "port": 80}, "attempts": 10, "interval": "500ms"},
                    **(web or {}),
                },
                **apps,
            },
            "environments": {environment: {}},
        }
        # Every JSON is YAML.
        return Project(tempfile.mkdtemp(dir=self.scratch), self.state, json.dumps(spec, indent=2))
