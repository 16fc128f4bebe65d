"""The example application of deploy/examples/django in several versions, and what its images are made of."""

import hashlib
import os
import shutil
import subprocess
import tempfile

from support import docker

EXAMPLE = os.path.join(os.path.dirname(__file__), "..", "..", "deploy", "examples", "django")
PACKAGES = ["python3-django", "python3-django-environ", "python3-psycopg2", "python3-whitenoise", "gunicorn",
            "python-is-python3", "libjs-jquery"]
BASE = "davit-test/django:" + hashlib.sha256(" ".join(PACKAGES).encode()).hexdigest()[:12]
# Outlives a run: it takes most of a minute to make.
CACHE = "/var/cache/davit-tests"


def make_base():
    """An image of Debian with Django, as nobody has a registry of such images at hand here."""
    if docker("images", "-q", BASE):
        return
    path = os.path.join(CACHE, BASE.replace("/", "-").replace(":", "-") + ".tar")
    if not os.path.exists(path):
        _bootstrap(path)
    with open(path, "rb") as tar:
        docker("import", "-", BASE, stdin=tar.read())


def _bootstrap(path):
    os.makedirs(CACHE, exist_ok=True)
    root = tempfile.mkdtemp(dir=CACHE)
    try:
        subprocess.run(["debootstrap", "--variant=minbase", f"--include={','.join(PACKAGES)}", "bookworm", root],
                       check=True, stdout=subprocess.DEVNULL, timeout=600)
        unwanted = ["--exclude=./var/cache/apt", "--exclude=./var/lib/apt/lists", "--exclude=./usr/share/doc",
                    "--exclude=./usr/share/locale", "--exclude=./usr/share/man"]
        subprocess.run(["tar", "-C", root, *unwanted, "-cf", f"{path}.part", "."], check=True, timeout=120)
        os.rename(f"{path}.part", path)
    finally:
        shutil.rmtree(root, ignore_errors=True)


class Harbour:
    """A directory with the application, to be changed from version to version."""

    def __init__(self, directory):
        self.directory = directory
        shutil.copytree(EXAMPLE, directory, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))

    def write(self, path, text):
        with open(os.path.join(self.directory, path), "w", encoding="utf-8") as f:
            f.write(text)

    def change(self, path, before, after):
        with open(os.path.join(self.directory, path), encoding="utf-8") as f:
            text = f.read()
        assert before in text, f"{path} has no {before!r}"
        self.write(path, text.replace(before, after, 1))

    def add_migration(self, name, after, operation):
        self.write(f"tenants/migrations/{name}.py",
                   "from django.db import migrations, models\n\n\nclass Migration(migrations.Migration):\n"
                   f"    dependencies = [('tenants', '{after}')]\n    operations = [{operation}]\n")

    def remove(self, path):
        os.unlink(os.path.join(self.directory, path))
