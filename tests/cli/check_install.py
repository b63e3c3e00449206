#!/usr/bin/python3
"""What `cmake --install` and `cpack` make of the build that $SNAS stands in, and what an installed program finds."""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

SNAS = pathlib.Path(os.environ["SNAS"]).resolve()
ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
VERSION = re.search(r'define SNAS_VERSION "([^"]*)"', (ROOT / "include/snas/base/version.h").read_text()).group(1)
TIMEOUT = 1200  # seconds


def run(*command, **options):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=TIMEOUT,
                          check=False, **options)
    if done.returncode != 0:
        raise AssertionError(f"{command} gave {done.returncode}: {done.stdout}{done.stderr}")
    return done.stdout


def commands():
    return [line.split("\t")[0] for line in run(SNAS, "complete", "--", "").splitlines()]


def wanted(document):
    """Files below the prefix, for a folder of documents that are in no other place."""
    files = {"bin/snas", "share/snas/nas-bench-201.csv.gz", "share/bash-completion/completions/snas",
             "share/man/man1/snas.1"}
    files |= {f"share/man/man1/snas-{command}.1" for command in commands()}
    files |= {f"share/snas/configs/{path.name}" for path in (ROOT / "configs").glob("*.json")}
    files |= {f"share/snas/scripts/{name}" for name in ("get-cifar10", "get-cifar100", "lib/get-cifar",
                                                        "snas_torch.py")}
    files |= {f"{document}/{path.relative_to(ROOT)}" for path in (ROOT / "docs").rglob("*") if path.is_file()}
    return files | {f"{document}/{name}" for name in ("README.md", "CITATION.cff", "data/README.md")}


def wanted_mpi():
    """The same of the program of several processes, where it is built."""
    return {"bin/snas-mpi", "share/man/man1/snas-mpi.1",
            "share/bash-completion/completions/snas-mpi"} if (SNAS.parent / "snas-mpi").exists() else set()


class Installed(unittest.TestCase):
    """cmake --install, in a folder of its own."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.prefix = pathlib.Path(cls.folder.name, "prefix")
        run("cmake", "--install", SNAS.parent, "--prefix", cls.prefix)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def run_there(self, *words):
        """The installed program, where nothing of the project is near."""
        environment = {k: v for k, v in os.environ.items() if k != "SNAS_DATA"}
        return run(self.prefix / "bin/snas", *words, cwd=self.folder.name, env=environment)

    def test_every_file_is_where_it_belongs_and_no_other(self):
        found = {str(path.relative_to(self.prefix)) for path in self.prefix.rglob("*") if path.is_file()}
        documents = "share/doc/snas"
        own = {f"{documents}/LICENSE", "share/zsh/site-functions/_snas"}
        self.assertEqual(found, wanted(documents) | wanted_mpi() | own)

    def test_the_program_finds_its_table(self):
        said = self.run_there("info", "space", "nas-bench-201")
        self.assertIn(f"{self.prefix}/bin/../share/snas/nas-bench-201.csv.gz", said)
        self.assertIn("15,625 cells", said)

    def test_configs_are_without_fault_where_they_are(self):
        for path in sorted((self.prefix / "share/snas/configs").glob("*.json")):
            if "schema" not in path.name and "study" not in path.name:
                self.run_there("config", "check", path)

    def test_the_manual_is_that_of_the_program(self):
        page = (self.prefix / "share/man/man1/snas-search.1").read_text(encoding="utf-8")
        self.assertEqual(page, self.run_there("help", "--man", "search"))
        self.assertIn(f'"snas {VERSION}"', page)

    def test_scripts_that_fetch_data_answer_help(self):
        said = run(self.prefix / "share/snas/scripts/get-cifar10", "--help", cwd=self.folder.name)
        self.assertIn("cifar-10-binary.tar.gz", said)


class Package(unittest.TestCase):
    """The .deb: what it holds; and, as root where debootstrap is, installed into a new Debian 12."""

    @classmethod
    def setUpClass(cls):
        for tool in ("dpkg-shlibdeps", "dpkg-deb", "cpack"):
            if shutil.which(tool) is None:
                raise unittest.SkipTest(f"{tool} is not installed")
        cls.folder = tempfile.TemporaryDirectory()
        run("cpack", "-G", "DEB", "-B", cls.folder.name, cwd=SNAS.parent)
        cls.package = next(pathlib.Path(cls.folder.name).glob(f"snas_{VERSION}-1_*.deb"))

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def field(self, name):
        return run("dpkg-deb", "-f", self.package, name).strip()

    def test_it_needs_the_libraries_that_the_program_is_linked_to(self):
        self.assertEqual(self.field("Version"), f"{VERSION}-1")
        needed = {line.split()[0] for line in self.field("Depends").split(",")}
        self.assertGreaterEqual(needed, {"libc6", "libcjson1", "libpng16-16", "zlib1g"})
        self.assertIn("libopenblas0", self.field("Recommends"))

    def test_it_holds_what_is_installed_where_debian_wants_it(self):
        listed = run("dpkg-deb", "-c", self.package).splitlines()
        found = {line.split()[5][len("./usr/"):] for line in listed if line.startswith("-")}
        for line in listed:
            self.assertEqual(line.split()[1], "root/root")
        documents = "share/doc/snas"
        own = {f"{documents}/{name}" for name in ("copyright", "changelog.gz", "changelog.Debian.gz")}
        own |= {"share/zsh/vendor-completions/_snas", "share/lintian/overrides/snas"}
        packed = {name + ".gz" if name.startswith("share/man/") else name for name in wanted(documents)}
        self.assertEqual(found, packed | own)

    def test_the_package_beside_it_holds_the_program_of_several_processes(self):
        if not wanted_mpi():
            self.skipTest("snas-mpi is not built")
        package = next(pathlib.Path(self.folder.name).glob(f"snas-mpi_{VERSION}-1_*.deb"))
        listed = run("dpkg-deb", "-c", package).splitlines()
        found = {line.split()[5][len("./usr/"):] for line in listed if line.startswith("-")}
        packed = {name + ".gz" if name.startswith("share/man/") else name for name in wanted_mpi()}
        own = {f"share/doc/snas-mpi/{name}" for name in ("copyright", "changelog.gz", "changelog.Debian.gz")}
        self.assertEqual(found, packed | own | {"share/lintian/overrides/snas-mpi"})
        needed = run("dpkg-deb", "-f", package, "Depends")
        self.assertIn(f"snas (= {VERSION}-1), openmpi-bin", needed)
        self.assertIn("libopenmpi", needed)
        self.assertNotIn("libopenmpi", self.field("Depends"))

    def test_lintian_has_nothing_to_warn_of(self):
        if shutil.which("lintian") is None:
            self.skipTest("lintian is not installed")
        said = run("lintian", "--allow-root", "--fail-on", "error,warning", self.package)
        self.assertEqual([line for line in said.splitlines() if line[:2] in ("E:", "W:")], [])

    def test_it_installs_into_a_new_debian(self):
        if os.geteuid() != 0 or shutil.which("debootstrap") is None:
            self.skipTest("needs root and debootstrap")
        root = pathlib.Path(self.folder.name, "root")
        run("debootstrap", "--variant=minbase", "bookworm", root, "http://deb.debian.org/debian")
        shutil.copy(self.package, root / "snas.deb")
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8",
                       "DEBIAN_FRONTEND": "noninteractive"}

        def inside(*words):
            return run("chroot", root, *words, env=environment)

        inside("apt-get", "install", "-y", "--no-install-recommends", "/snas.deb", "man-db")
        self.assertIn(VERSION, inside("snas", "--version"))
        self.assertIn("15,625 cells", inside("snas", "info", "space", "nas-bench-201"))
        self.assertIn("snas-search.1", inside("man", "-w", "snas-search"))
        inside("snas", "search", "/usr/share/snas/configs/quick.json", "--set", "search.epochs=1", "--out", "/first")
        self.assertIn('"choice"', inside("snas", "derive", "/first", "--json"))


class Sources(unittest.TestCase):
    """The archive of the sources: what git has, and it builds, without the tests."""

    def test_it_has_every_file_of_the_project_and_builds_without_tests(self):
        with tempfile.TemporaryDirectory() as folder:
            run("cpack", "--config", "CPackSourceConfig.cmake", "-B", folder, cwd=SNAS.parent)
            run("tar", "-xzf", f"{folder}/snas-{VERSION}.tar.gz", "-C", folder)
            tree = pathlib.Path(folder, f"snas-{VERSION}")
            if (ROOT / ".git").exists() and shutil.which("git"):
                tracked = set(run("git", "ls-files", "-co", "--exclude-standard", cwd=ROOT).splitlines())
                found = {str(path.relative_to(tree)) for path in tree.rglob("*") if path.is_file()}
                self.assertEqual(found, {name for name in tracked if (ROOT / name).exists()})
            launcher = ["-DCMAKE_C_COMPILER_LAUNCHER=ccache"] if shutil.which("ccache") else []
            run("cmake", "--preset", "release", "-DSNAS_TESTS=OFF", *launcher, cwd=tree)
            run("cmake", "--build", "--preset", "release", "-j", str(os.cpu_count()), cwd=tree)
            self.assertIn(VERSION, run(tree / "build/release/snas", "--version"))
            self.assertEqual(list((tree / "build/release").glob("test_*")), [])


if __name__ == "__main__":
    unittest.main()
