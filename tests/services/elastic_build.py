"""Build the Elasticsearch node for tests into a cache outside the tree.

Once for each state of `elasticsearch/`: a second call finds the first one's result, and calls at
the same time wait for each other. `elasticsearch/build` does it beforehand, so this module needs
the standard library only.
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from services.base import Missing, program

SOURCES = Path(__file__).with_name("elasticsearch")
JDKS = Path("/usr/lib/jvm")
OLDEST_JAVA = 21
RETRIES = "maven.wagon.http.retryHandler.count=3"
BUILD_TIMEOUT = 400.0  # seconds; the first build on a machine fetches 87 MB
REMEDY = "tests/services/install"


@dataclass(frozen=True)
class Build:
    """A built node and the JDK that runs it.

    `folder` holds `node` (the node's `path.home`) and `native` (the folder of native libraries).
    """

    folder: Path
    jdk: Path

    @property
    def home(self) -> Path:
        return self.folder / "node"

    @property
    def natives(self) -> Path:
        return self.folder / "native"

    @property
    def class_path(self) -> str:
        """The jars in a fixed order: an archive of classes is valid for one order only."""
        return os.pathsep.join(str(jar) for jar in sorted((self.home / "lib").glob("*.jar")))


def cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "hirelens"


def digest() -> str:
    """Twelve digits that stand for the build file and all sources."""
    found = hashlib.sha256()
    files = [SOURCES / "pom.xml", *sorted((SOURCES / "src").rglob("*"))]
    for path in files:
        if path.is_file():
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            found.update(f"{path.relative_to(SOURCES)} {content}\n".encode())
    return found.hexdigest()[:12]


def java_version(jdk: Path) -> str:
    """As the JDK's own `release` file says it, e.g. `25.0.3`; empty where there is no compiler."""
    try:
        text = (jdk / "release").read_text()
    except OSError:
        return ""
    said = re.search(r'^JAVA_VERSION="([\d.]+)', text, re.MULTILINE)
    return said.group(1) if said and (jdk / "bin" / "javac").exists() else ""


def find_jdk() -> Path:
    """The first that is new enough: JAVA_HOME, the one on PATH, the newest in /usr/lib/jvm."""
    on_path = shutil.which("javac")
    places = [Path(home) for home in [os.environ.get("JAVA_HOME")] if home]
    places += [Path(on_path).resolve().parents[1]] if on_path else []
    installed = [path for path in JDKS.glob("*") if java_version(path)]
    places += sorted(installed, key=_major, reverse=True)
    for place in places:
        if _major(place) >= OLDEST_JAVA:
            return place
    raise Missing(f"no JDK {OLDEST_JAVA} or newer on this machine (Elasticsearch); see {REMEDY}")


def _major(jdk: Path) -> int:
    return int(java_version(jdk).partition(".")[0] or 0)


@contextmanager
def locked(name: str) -> Iterator[Path]:
    """The cache folder, while no other process is in here for the same name."""
    folder = cache()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder


def ensure() -> Build:
    """The node, built if it is not there; `Missing` says what is needed for it."""
    jdk = find_jdk()
    name = f"elasticsearch-{digest()}"
    build = Build(cache() / name, jdk)
    if build.folder.is_dir():
        return build
    maven = program("mvn")
    with locked(name) as folder:
        if not build.folder.is_dir():
            for left in folder.glob(f"{name}.*/"):  # by a build that was killed
                shutil.rmtree(left, ignore_errors=True)
            work = Path(tempfile.mkdtemp(prefix=f"{name}.", dir=folder))
            try:
                _compile(maven, jdk, work)
                _link_natives(work)
                work.chmod(0o755)
                work.rename(build.folder)
            finally:
                shutil.rmtree(work, ignore_errors=True)
    return build


def _compile(maven: str, jdk: Path, work: Path) -> None:
    project = work / "project"
    shutil.copytree(SOURCES, project)
    # Java asks the list of accounts for the home folder, where ~/.m2 lies; HOME is to win.
    options = f"{os.environ.get('MAVEN_OPTS', '')} -Duser.home={Path.home()}"
    try:
        done = subprocess.run(
            [
                maven,
                "--batch-mode",
                "--quiet",
                "-Dmaven.wagon.http.retryHandler.count=3",
                "package",
            ],
            cwd=project,
            env=os.environ | {"JAVA_HOME": str(jdk), "MAVEN_OPTS": options},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=BUILD_TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        raise Missing(f"mvn package in {SOURCES} took over {BUILD_TIMEOUT:g} s") from late
    if done.returncode:
        said = "\n".join(done.stdout.decode(errors="replace").splitlines()[-30:])
        raise Missing(f"mvn package in {SOURCES} ended with {done.returncode}:\n{said}")
    (project / "target" / "node").rename(work / "node")
    shutil.rmtree(project)


def _link_natives(work: Path) -> None:
    """The node asks for libzstd.so, a name that only a development package installs."""
    natives = work / "native"
    natives.mkdir()
    for library in ("/usr/lib", "/lib", "/usr/lib64"):
        for found in [*Path(library).glob("*/libzstd.so.1"), *Path(library).glob("libzstd.so.1")]:
            (natives / "libzstd.so").symlink_to(found)
            return
    raise Missing(f"no libzstd.so.1 on this machine (Elasticsearch); {REMEDY} installs it")
