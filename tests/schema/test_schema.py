"""What `davit schema` prints, held to the loader by an independent validator."""

import ast
import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

import jsonschema
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
DAVIT = os.environ.get("DAVIT_BINARY", str(ROOT / "build-dev/davit"))
# So that texts with variables load.
ENVIRONMENT = {**os.environ, "TAG": "v1", "SET": "value", "NUMBER": "7", "PORT": "8080"}

HEAD = "project: shop\nenvironments: {dev: {}}\napps:\n  web:\n    image: nginx\n"

# Files that the loader takes, for corners that no example has.
GOOD = {
    "numbers and booleans as texts": HEAD + "    env: {clear: {DEBUG: true, PORT: 8000, RATE: 1.5}}\n",
    "quoted numbers": HEAD + "    retain: '7'\n    healthcheck: {tcp: {port: \"80\"}}\n",
    "variables where scalars are": HEAD + "    retain: ${NUMBER}\n    pull_policy: ${POLICY:-always}\n"
                                          "    healthcheck: {http: {port: '${PORT}'}, interval: '${NUMBER}s'}\n",
    "sizes": HEAD + "    container: {mem_limit: 512MiB}\n",
    "bytes": HEAD + "    container: {mem_limit: 10485760, cpus: 1}\n",
    "durations": HEAD + "    container: {stop_grace_period: 1h30m}\n    healthcheck: {start_delay: 0, tcp: {port: 1}}\n",
    "one number for a limit": HEAD + "    container: {ulimits: {nofile: 1024, core: {soft: 0, hard: 1}}}\n",
    "keys of the user's own": "x-common: {a: [1]}\n" + HEAD + "    x-note: text\n",
    "an app that is deleted": "project: shop\napps: {web: {image: nginx}, db: {image: nginx}}\n"
                              "environments: {dev: {apps: {db: null}}}\n",
    "a part that is completed": "project: shop\napps: {web: {image: nginx, healthcheck: {http: {path: /up}}}}\n"
                                "environments: {dev: {apps: {web: {healthcheck: {http: {port: 80}}}}}}\n",
    "another probe instead": "project: shop\napps: {web: {image: nginx, healthcheck: {http: {port: 80}}}}\n"
                             "environments: {dev: {apps: {web: {healthcheck: {http: null, tcp: {port: 80}}}}}}\n",
    "ports": HEAD + "    container: {ports: ['1:65535', '127.0.0.1:8080:80', '[::1]:53:53/udp', '1${PORT}:80']}\n",
    "secrets by name": HEAD + "    env: {secret: [SECRET_KEY, _B2], required: [SECRET_KEY]}\n",
    "secrets under another name": HEAD + "    env: {secret: {SECRET_KEY: DEV_KEY, TAKEN: null}}\n    extends: db\n  db: {image: db}\n",
    "registries": "registries:\n  hub: {server: docker.io, username: acme, password: {secret: HUB}}\n"
                  "  own: {server: 'r.io:5000', username: {secret: USER}, password: {secret: OWN}}\n" + HEAD,
    "a build": HEAD + "    build: {context: app, args: {VERSION: 1.5, DEBUG: true}, test: [pytest, -q]}\n",
    "a build with every default": HEAD + "    build: {}\n",
    "files": HEAD + "    env: {clear: {API: x}}\n    env_mounts: [{target: /app/.env}, {target: /a.json, format: json, mode: '0440'}]\n"
                    "    files: [{target: /b, content: '{{API}}', owner: '1000:1000', mode: 0444}]\n",
    "checks": HEAD + "    preset: django\n    checks: [{name: ready, command: [true], on_failure: warn, timeout: 30s}]\n",
    "a preset whose probe is another one": HEAD + "    preset: rails\n    healthcheck: {http: null, tcp: {port: 3000}}\n",
    "a database": "databases:\n  main: {url: {secret: URL}, migrate: {app: web, command: [m], lock_timeout: 0s}}\n"
                  + HEAD + "    database: main\n",
    "a database whose migration is the preset's": "databases: {main: {url: {secret: URL}, backup: {before_migrate: false}, "
                                                  "migrate: {timeout: 1h}}}\n"
                                                  + HEAD + "    database: main\n    preset: django\n",
    "a database without the preset's migration": "databases: {main: {url: {secret: URL}, migrate: null}}\n"
                                                 + HEAD + "    database: main\n    preset: django\n",
    "tasks": HEAD + "    tasks: [{name: a, command: [b], env: {secret: [A]}}, {name: c, command: [d], each_host: true,\n"
                    "             succeed_on: [done], env: {clear: {B: 1}, secret: {C: D}}, timeout: 1m}]\n",
    "anchors and merge keys": "project: shop\nx-base: &base {image: nginx}\nenvironments: {dev: {}}\n"
                              "apps: {web: {<<: *base}}\n",
}

# Files that neither takes.
BAD = {
    "an unknown key": HEAD + "    imagee: nginx\n",
    "an unknown key far inside": HEAD + "    healthcheck: {http: {port: 80, pth: /}}\n",
    "a key of a later version": HEAD + "    strategy: {bake: 5s}\n",
    "a later key of the whole file": HEAD + "notify: {}\n",
    "a list for a mapping": HEAD + "    container: []\n",
    "a text for a list": HEAD + "    depends_on: web\n",
    "a mapping for a text": HEAD + "    extends: {a: b}\n",
    "a word for a number": HEAD + "    retain: many\n",
    "a word for a boolean": HEAD + "    container: {read_only: perhaps}\n",
    "below the range": HEAD + "    retain: 0\n",
    "above the range": HEAD + "    healthcheck: {tcp: {port: 65536}}\n",
    "none of the choices": HEAD + "    pull_policy: sometimes\n",
    "a strategy of a later version": HEAD + "    strategy: {type: blue_green}\n",
    "a bad pattern": HEAD + "    container: {restart: perhaps}\n",
    "a bad name of the project": HEAD.replace("shop", "Shop"),
    "a bad name of an app": HEAD.replace("web", "Web_1"),
    "a bad name of a variable": HEAD + "    env: {clear: {1A: x}}\n",
    "a bad duration": HEAD + "    container: {stop_grace_period: 10}\n",
    "a duration of days": HEAD + "    container: {stop_grace_period: 1d}\n",
    "a size as Compose has it": HEAD + "    container: {mem_limit: 512m}\n",
    "two probes": HEAD + "    healthcheck: {tcp: {port: 80}, http: {port: 80}}\n",
    "a volume without a target": HEAD + "    container: {volumes: [{source: /a}]}\n",
    "a null in a list": HEAD + "    depends_on: [null]\n",
    "no project": HEAD.replace("project: shop\n", ""),
    "an empty project": HEAD.replace("shop", "''"),
    "no apps": "project: shop\nenvironments: {dev: {}}\napps: {}\n",
    "no environments": HEAD.replace("environments: {dev: {}}\n", ""),
    "a port above the range": HEAD + "    container: {ports: ['80000:80']}\n",
    "a port of the container alone": HEAD + "    container: {ports: [80]}\n",
    "a range of ports": HEAD + "    container: {ports: ['80-90:80']}\n",
    "a protocol that is none": HEAD + "    container: {ports: ['80:80/icmp']}\n",
    "a secret that is none by name": HEAD + "    env: {secret: [secret-key]}\n",
    "a secret's value for its name": HEAD + "    env: {secret: {SECRET_KEY: 'hunter two'}}\n",
    "a secret twice": HEAD + "    env: {secret: [A, A]}\n",
    "a list for clear variables": HEAD + "    env: {clear: [A]}\n",
    "a password in the file": "registries: {hub: {server: docker.io, username: a, password: hunter2}}\n" + HEAD,
    "a user twice": "registries: {hub: {server: docker.io, username: {value: a, secret: A}, password: {secret: A}}}\n" + HEAD,
    "a preset that there is not": HEAD + "    preset: spring\n",
    "a format that there is not": HEAD + "    env_mounts: [{target: /a, format: ini}]\n",
    "a file without a target": HEAD + "    files: [{content: a}]\n",
    "a check without a command": HEAD + "    checks: [{name: a}]\n",
    "a check without a name": HEAD + "    checks: [{command: [a]}]\n",
    "a task without a command": HEAD + "    tasks: [{name: a}]\n",
    "a failure of a task that is none of the choices": HEAD + "    tasks: [{name: a, command: [b], on_failure: stop}]\n",
    "a secret of a task that is none by name": HEAD + "    tasks: [{name: a, command: [b], env: {secret: [a-b]}}]\n",
    "a database's URL in the file": "databases: {main: {url: 'postgres://a:b@c/d'}}\n" + HEAD + "    database: main\n",
    "a relative directory of backups": "databases: {main: {url: {secret: A}, backup: {directory: a}}}\n"
                                       + HEAD + "    database: main\n",
    "a rollback that is none of the choices": "databases: {main: {url: {secret: A}, migrate: {app: web, command: [m], "
                                              "rollback: restore}}}\n" + HEAD + "    database: main\n",
    "an owner by name": HEAD + "    files: [{target: /a, content: a, owner: root}]\n",
    "a list for the file": "- project: shop\n",
}

# What a validator says of a mistake: its place, and a part of the words.
INSIDE = {
    "an unknown key of an app": (HEAD + "    imagee: nginx\n", "apps/web: ", "'imagee'"),
    "an unknown key far inside": (HEAD + "    healthcheck: {http: {port: 80, pth: /}}\n",
                                  "apps/web/healthcheck/http: ", "'pth'"),
    "a mistake in an environment": ("project: shop\napps: {web: {image: nginx}}\n"
                                    "environments: {dev: {apps: {web: {retain: many}}}}\n",
                                    "environments/dev/apps/web/retain: ", "'many' does not match"),
    "a mistake in what may be one number": (HEAD + "    container: {ulimits: {nofile: {sort: 1}}}\n",
                                            "apps/web/container/ulimits/nofile: ", "'sort'"),
    "above a range": (HEAD + "    retain: 101\n", "apps/web/retain: ", "101 is greater than the maximum of 100"),
    "a bad port": (HEAD + "    container: {ports: ['80000:80']}\n", "apps/web/container/ports/0: ", "'80000:80'"),
}


def run(*arguments):
    return subprocess.run([DAVIT, *arguments], env=ENVIRONMENT, capture_output=True, text=True, timeout=60)


def loads(text):
    """Whether the loader takes the file, and what it says."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write(text)
        file.flush()
        result = run("validate", "--file", file.name)
        return result.returncode == 0, result.stderr


def blocks(path):
    return re.findall(r"^```yaml\n(.*?)^```$", (ROOT / path).read_text(), re.M | re.S)


def constants(path):
    """Texts in a Python file that look like a davit.yaml."""
    tree = ast.parse((ROOT / path).read_text())
    return [node.value for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
            and re.search(r"^project:", node.value, re.M) and re.search(r"^apps:", node.value, re.M)]


class SchemaTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.text = run("schema").stdout
        cls.schema = json.loads(cls.text)
        cls.validator = jsonschema.Draft202012Validator(cls.schema)

    def complaints(self, text):
        return [f"{'/'.join(map(str, error.path))}: {error.message[:200]}"
                for error in self.validator.iter_errors(yaml.safe_load(text))]

    def test_is_a_schema(self):
        jsonschema.Draft202012Validator.check_schema(self.schema)

    def test_describes_every_key(self):
        mappings = [self.schema, *self.schema["$defs"].values()]
        for mapping in (m.get("then", m) for m in mappings):
            self.assertIn("description", mapping)
            for key, value in mapping["properties"].items():
                self.assertIn("description", value, key)
        self.assertEqual(self.schema["$defs"]["App"]["properties"]["retain"]["default"], 5)
        self.assertEqual(self.schema["$defs"]["Environment"]["properties"]["hosts"]["default"], ["local"])

    def test_has_no_key_of_later_versions(self):
        self.assertNotIn("bake", self.schema["$defs"]["Strategy"]["properties"])

    def test_takes_every_example_of_the_documents(self):
        found = 0
        for path in [p.relative_to(ROOT) for p in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]]:
            for block in blocks(path):
                if not re.search(r"^project:", block, re.M):
                    continue
                found += 1
                with self.subTest(f"{path} {found}"):
                    self.assertEqual(self.complaints(block), [])
        self.assertGreaterEqual(found, 3)

    def test_takes_the_starter_file(self):
        with tempfile.TemporaryDirectory() as directory:
            made = subprocess.run([DAVIT, "init"], cwd=directory, capture_output=True, text=True, timeout=60)
            self.assertEqual(made.returncode, 0, made.stderr)
            self.assertEqual(self.complaints(pathlib.Path(directory, "davit.yaml").read_text()), [])

    def test_takes_what_the_loader_takes_of_the_other_tests(self):
        texts = [text for path in sorted((ROOT / "tests/e2e").glob("*.py")) for text in constants(path)]
        texts.append((ROOT / "tests/fuzz/corpus/shop.yaml").read_text())
        taken = 0
        for text in texts:
            if not loads(text)[0]:
                continue
            taken += 1
            with self.subTest(text):
                self.assertEqual(self.complaints(text), [])
        self.assertGreaterEqual(taken, 1)

    def test_takes_what_the_loader_takes(self):
        for name, text in GOOD.items():
            with self.subTest(name):
                self.assertEqual(loads(text), (True, ""))
                self.assertEqual(self.complaints(text), [])

    def test_names_the_innermost_place_of_a_mistake(self):
        for name, (text, place, words) in INSIDE.items():
            with self.subTest(name):
                complaints = self.complaints(text)
                self.assertEqual(len(complaints), 1, complaints)
                self.assertTrue(complaints[0].startswith(place), complaints)
                self.assertIn(words, complaints[0])

    def test_refuses_what_the_loader_refuses(self):
        for name, text in BAD.items():
            with self.subTest(name):
                self.assertFalse(loads(text)[0])
                self.assertNotEqual(self.complaints(text), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
