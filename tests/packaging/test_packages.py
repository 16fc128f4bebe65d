"""The Debian packages: what is in them, what installing does, and that the rights of their units are enough."""

import gzip
import os
import pathlib
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))

from support import SOCKET, docker, make_image, wait_until  # noqa: E402

BUILD = pathlib.Path(os.environ.get("DAVIT_BUILD", ROOT / "build-dev"))
CPACK = os.environ.get("DAVIT_CPACK", "cpack")
DEADLINE_S = 120
PACKAGES = ["davit", "davit-controller", "davit-worker"]
# Users and groups that no machine has, so that nothing of them is left to chance.
WORKER, CONTROLLER, DAEMONS, OWNER = 64101, 64102, 64103, 64104


def run(*command, **options):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, timeout=DEADLINE_S, **options)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))}: {done.stdout}{done.stderr}")
    return done.stdout


def setUpModule():
    """Makes the packages, once, and unpacks them."""
    directory = pathlib.Path(tempfile.mkdtemp(prefix="davit-packages-"))
    unittest.addModuleCleanup(shutil.rmtree, directory, ignore_errors=True)
    # The daemons' users have to get at what is in it.
    directory.chmod(0o755)
    BuiltPackages.directory, BuiltPackages.root = directory, directory / "root"
    run(CPACK, "--config", BUILD / "CPackConfig.cmake", "-B", directory / "cpack")
    (directory / "control").mkdir()
    for name in PACKAGES:
        found = list((directory / "cpack").glob(f"{name}_*.deb"))
        assert len(found) == 1, found
        BuiltPackages.debs[name] = found[0]
        run("dpkg-deb", "-x", found[0], directory / "root")
        run("dpkg-deb", "-e", found[0], directory / "control" / name)


class BuiltPackages(unittest.TestCase):
    directory = root = None
    debs = {}

    def control(self, name, file):
        return (self.directory / "control" / name / file).read_text()

    def unit(self, name):
        return self.root / f"usr/lib/systemd/system/{name}.service"

    def setting(self, name, key):
        """The words of a setting of a unit, over all lines that give it."""
        return " ".join(re.findall(rf"^{key}=(.*)$", self.unit(name).read_text(), re.M)).split()


class PackagesTest(BuiltPackages):
    def test_packages_have_their_files_and_they_are_roots(self):
        wanted = {"davit": ["usr/bin/davit", "usr/share/bash-completion/completions/davit",
                            "usr/share/zsh/vendor-completions/_davit", "usr/share/fish/vendor_completions.d/davit.fish",
                            "usr/share/davit/davit.schema.json"]}
        for daemon in ["controller", "worker"]:
            wanted[f"davit-{daemon}"] = [
                f"usr/sbin/davit-{daemon}", f"usr/lib/systemd/system/davit-{daemon}.service",
                f"usr/lib/tmpfiles.d/davit-{daemon}.conf", f"etc/davit/{daemon}.yaml"]
        for name in PACKAGES:
            wanted[name] += [f"usr/share/doc/{name}/{file}" for file in [
                "configuration.md", "davit-yaml.md", "failures.md", "files.md", "install.md", "preflight.md", "secrets.md", "copyright", "changelog.gz",
                "examples/make-certificates.sh"]]
        for name, paths in wanted.items():
            entries = [line.split() for line in run("dpkg-deb", "-c", self.debs[name]).splitlines()]
            files = [e[5].removeprefix("./") for e in entries if not e[0].startswith("d")]
            with self.subTest(name):
                self.assertEqual(sorted(set(paths) - set(files)), [])
                self.assertEqual({e[1] for e in entries}, {"root/root"})
                self.assertEqual([e for e in entries if e[0][5] == "w" or e[0][8] == "w"], [])
                programs = [e for e in entries if "bin/" in e[5] and not e[0].startswith("d")]
                self.assertEqual({e[0] for e in programs}, {"-rwxr-xr-x"})

    def test_packages_depend_on_the_libraries_they_use(self):
        for name in PACKAGES:
            depends = self.control(name, "control")
            for library in ["libc6", "libgrpc++1.51", "libprotobuf32"]:
                self.assertIn(library, depends, name)
        for name in PACKAGES[1:]:
            self.assertIn("adduser", self.control(name, "control"))
            self.assertEqual(self.control(name, "conffiles"), f"/etc/davit/{name.removeprefix('davit-')}.yaml\n")

    def test_completions_are_of_their_shells(self):
        share = self.root / "usr/share"
        self.assertIn("complete -F _davit davit", (share / "bash-completion/completions/davit").read_text())
        self.assertTrue((share / "zsh/vendor-completions/_davit").read_text().startswith("#compdef davit\n"))
        self.assertIn("complete -c davit ", (share / "fish/vendor_completions.d/davit.fish").read_text())

    def test_changelog_and_copyright_are_as_debian_reads_them(self):
        for name in PACKAGES:
            doc = self.root / "usr/share/doc" / name
            packed = (doc / "changelog.gz").read_bytes()
            # No name and no time of the build.
            self.assertEqual(packed[3:8], bytes(5))
            (self.directory / "changelog").write_bytes(gzip.decompress(packed))
            entry = run("dpkg-parsechangelog", "-l", self.directory / "changelog")
            version = re.search(r"^Version: (.*)$", self.control(name, "control"), re.M).group(1)
            self.assertRegex(entry, rf"(?m)^Version: {re.escape(version)}$")
            copyright_text = (doc / "copyright").read_text()
            self.assertTrue(copyright_text.startswith(
                "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n"))
            self.assertIn("/usr/share/common-licenses/Apache-2.0", copyright_text)

    def test_links_of_the_guides_lead_somewhere(self):
        links = 0
        for guide in sorted((self.root / "usr/share/doc").glob("davit*/*.md")):
            for link in re.findall(r"\]\(([^)]+)\)", guide.read_text()):
                links += 1
                if not link.startswith(("http:", "https:")):
                    self.assertTrue((guide.parent / link.partition("#")[0]).exists(), f"{guide}: {link}")
        self.assertGreater(links, 5)

    def test_places_that_the_configuration_names_are_there(self):
        for name in PACKAGES[1:]:
            text = (self.root / f"etc/davit/{name.removeprefix('davit-')}.yaml").read_text()
            named = re.findall(r"/usr/share/doc/[\w./-]*\w", text)
            self.assertGreater(len(named), 0)
            for path in named:
                self.assertTrue((self.root / path[1:]).exists(), path)
            self.assertIn(f"/etc/davit/tls/{name.removeprefix('davit-')}/tls.key", text)

    def test_scripts_are_scripts(self):
        for name in PACKAGES[1:]:
            for script in ["postinst", "prerm", "postrm"]:
                path = self.directory / "control" / name / script
                run("sh", "-n", path)
                self.assertEqual(path.stat().st_mode & 0o777, 0o755)
                self.assertNotIn("@", path.read_text())

    def test_programs_are_the_versions_of_the_packages(self):
        for program in ["usr/sbin/davit-controller", "usr/sbin/davit-worker"]:
            version = re.search(r"^Version: (.*)$", self.control(os.path.basename(program), "control"), re.M).group(1)
            self.assertEqual(run(self.root / program, "--version"), f"{os.path.basename(program)} {version}\n")

    def test_units_start_what_is_installed_and_are_confined(self):
        for name, exposure in [("davit-controller", "20"), ("davit-worker", "35")]:
            self.assertEqual(self.setting(name, "ExecStart"), [f"/usr/sbin/{name}"])
            # By systemd's own count, from 0 to 100.
            run("systemd-analyze", "security", "--offline=true", f"--threshold={exposure}", self.unit(name))
        self.assertEqual(self.setting("davit-worker", "AmbientCapabilities"),
                         self.setting("davit-worker", "CapabilityBoundingSet"))
        self.assertEqual(self.setting("davit-controller", "CapabilityBoundingSet"), [])

    def test_a_prefix_of_ones_own_is_kept(self):
        target = self.directory / "own"
        run("cmake", "--install", BUILD, "--component", "worker", "--prefix", "/opt/davit",
            env={**os.environ, "DESTDIR": str(target)})
        unit = (target / "opt/davit/lib/systemd/system/davit-worker.service").read_text()
        self.assertIn("ExecStart=/opt/davit/sbin/davit-worker\n", unit)
        self.assertTrue((target / "opt/davit/sbin/davit-worker").exists())

    def test_installing_makes_users_and_purging_takes_what_was_kept(self):
        """On a copy of this machine, which goes away with the namespace that it is mounted in."""
        debs = " ".join(f"/davit/{deb.name}" for deb in self.debs.values())
        space = self.directory / "overlay"
        space.mkdir()
        said = run("unshare", "--mount", "--propagation", "private", "bash", "-euc", f"""
            # An overlay cannot lie on what it is made of.
            mount -t tmpfs -o mode=0755 tmpfs {space} && cd {space}
            mkdir upper work root
            mount -t overlay overlay -o lowerdir=/,upperdir=$PWD/upper,workdir=$PWD/work root
            mkdir root/davit && mount --bind {self.directory / "cpack"} root/davit
            mount -t proc proc root/proc
            chroot root bash -euc '
                dpkg --force-depends -i {debs} >&2
                systemd-tmpfiles --create davit-controller.conf davit-worker.conf
                echo worker: $(id -Gn davit-worker)
                echo controller: $(id -Gn davit-controller)
                stat -c "%n %a %U %G" /run/davit /var/lib/davit/* /etc/davit/*.yaml /etc/davit/tls/*
                davit-controller --print-config | grep socket_group
                davit-worker --print-config | grep socket_group
                dpkg --force-depends -i {debs} >&2; echo again
                dpkg -r davit-worker >&2; ls -d /var/lib/davit/worker /etc/davit/worker.yaml
                dpkg -P davit-worker >&2; ls /var/lib/davit /etc/davit /etc/davit/tls
                davit-controller backup /var/backups/davit.db 2>&1 | grep -o "There is no file.*"
                dpkg -P davit-controller >&2; ls -d /var/lib/davit /etc/davit 2>/dev/null || echo gone
            '""")
        lines = [re.sub(r"\s*#.*", "", line) for line in said.splitlines()]
        self.assertEqual(set(lines[0].split()), {"worker:", "davit-worker", "docker", "davit-daemon"})
        self.assertEqual(set(lines[1].split()), {"controller:", "davit-controller", "davit", "davit-daemon"})
        self.assertEqual(lines[2:], [
            "/run/davit 1775 root davit-daemon",
            "/var/lib/davit/controller 700 davit-controller davit-controller",
            "/var/lib/davit/worker 700 davit-worker davit-worker",
            "/etc/davit/controller.yaml 644 root root", "/etc/davit/worker.yaml 644 root root",
            "/etc/davit/tls/controller 750 root davit-controller", "/etc/davit/tls/worker 750 root davit-worker",
            'socket_group: "davit"', 'socket_group: "davit-daemon"', "again",
            "/etc/davit/worker.yaml", "/var/lib/davit/worker",
            "/etc/davit:", "controller.yaml", "tls", "", "/etc/davit/tls:", "controller", "",
            "/var/lib/davit:", "controller", "There is no file /var/lib/davit/controller/controller.db.", "gone"])


class RightsTest(BuiltPackages):
    """The installed programs with the users and capabilities of their units deploy to this machine's Docker."""

    def start(self, name, user, groups, *arguments):
        capabilities = [c.removeprefix("CAP_").lower() for c in self.setting(name, "AmbientCapabilities")]
        some = ",".join(["-all", *(f"+{c}" for c in capabilities)])
        log = self.directory / f"{name}.log"
        with open(log, "wb") as out:
            process = subprocess.Popen(
                ["setpriv", f"--reuid={user}", f"--regid={DAEMONS}", *groups, "--no-new-privs", f"--inh-caps={some}",
                 f"--ambient-caps={some}", f"--bounding-set={some}", self.root / "usr/sbin" / name,
                 "--state-directory", self.directory / f"state-{name}" / "state", "--socket-mode", "0660", *arguments],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out, env={"PATH": os.environ["PATH"]})
        self.addCleanup(self.stop, process, log)
        wait_until(lambda: process.poll() is not None or b" serves at " in log.read_bytes(), f"{name} to serve")
        self.assertIsNone(process.poll(), log.read_text())

    def stop(self, process, log):
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(timeout=20), 0, log.read_text())

    def make_directory(self, name, user, group, mode):
        path = self.directory / name
        path.mkdir()
        os.chown(path, user, group)
        path.chmod(mode)
        return path

    def davit(self, *arguments):
        return run(self.root / "usr/bin/davit", *arguments, cwd=self.project,
                   env={"PATH": os.environ["PATH"], "DAVIT_CONTROLLER": f"unix:{self.sockets}/controller.sock"})

    def test_the_worker_serves_with_no_more_rights_than_its_units(self):
        self.sockets = self.make_directory("run", 0, DAEMONS, 0o1775)
        self.make_directory("state-davit-worker", WORKER, DAEMONS, 0o700)
        self.make_directory("state-davit-controller", CONTROLLER, DAEMONS, 0o700)
        self.start("davit-worker", WORKER, [f"--groups={os.stat(SOCKET).st_gid}"], "--listen",
                   f"unix:{self.sockets}/worker.sock", "--docker-socket", SOCKET)
        self.start("davit-controller", CONTROLLER, ["--clear-groups"], "--listen",
                   f"unix:{self.sockets}/controller.sock")
        self.deploy_with_a_directory_of_its_own()

    def deploy_with_a_directory_of_its_own(self):
        name = f"davit-packages-{secrets.token_hex(4)}"
        image = make_image(f"{name}:v1", command=["/bin/sleep", "3600"])
        self.addCleanup(docker, "rmi", "-f", image, f"davit.keep/{name}/dev/web:v1", check=False)
        self.addCleanup(docker, "rm", "-f", f"{name}-web", check=False)
        # Root's, as /srv is: only capabilities get in.
        parent = self.make_directory("srv", 0, 0, 0o755)
        self.project = self.make_directory("project", 0, 0, 0o755)
        (self.project / "davit.yaml").write_text(f"""
project: {name}
apps:
  web:
    image: {name}
    pull_policy: never
    container:
      volumes: [{{source: {parent}/data/web, target: /data, owner: "{OWNER}:{OWNER}", mode: "2750"}}]
environments:
  dev: {{hosts: [here]}}
""")
        self.davit("hosts", "add", "here", f"unix:{self.sockets}/worker.sock")
        self.davit("deploy", "web", "-e", "dev", "--tag", "v1")
        made = os.stat(parent / "data/web")
        self.assertEqual((made.st_uid, made.st_gid, made.st_mode & 0o7777), (OWNER, OWNER, 0o2750))
        self.assertIn("here", self.davit("hosts", "list"))
        self.assertEqual(docker("inspect", "-f", "{{.State.Running}}", f"{name}-web"), "true")


if __name__ == "__main__":
    unittest.main(verbosity=2)
