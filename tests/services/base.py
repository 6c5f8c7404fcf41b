"""What every server for tests can do: start, die, come back, pause, end."""

import atexit
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import ClassVar, Self

from services import processes
from services.ports import Port

START_TIMEOUT = 120.0  # seconds; two busy cores can need many


class Missing(Exception):  # noqa: N818 - a reason to skip, no fault
    """The server's programs are not on this machine."""


class ServerError(Exception):
    """A server did not start; the message ends with its log."""


class Server(ABC):
    """One server on 127.0.0.1 with its data in a temporary folder.

    The data and the port stay the same from the first `start` to `stop`. When the tests' process
    dies, a watchdog ends the server and removes the folder.
    """

    name: ClassVar[str]
    account: ClassVar[str | None] = None  # runs under this account when we are root
    stop_signal: ClassVar[int] = signal.SIGKILL  # its data are thrown away: no need to ask

    def __init__(self) -> None:
        self.locate()
        self._group = self._account_group()
        self.owner = os.getpid()
        self.folder = Path(tempfile.mkdtemp(prefix=f"hirelens-{self.name}-")).resolve()
        self.data = self.folder / "data"
        self.log = self.folder / "server.log"
        self.numbers = count(1)
        self._ports: dict[str, Port] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self._prepared = False
        self._ended = False
        self.data.mkdir()
        self.log.touch()
        if self.user:
            self.folder.chmod(0o755)
            for path in (self.folder, self.data, self.log):
                shutil.chown(path, self.user, self._group)
        watched = (self.owner, self.folder, int(self.stop_signal))
        self._watchdog = subprocess.Popen(
            [sys.executable, "-I", "-S", processes.__file__, *map(str, watched)],
            cwd="/",
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        atexit.register(self.stop)

    @abstractmethod
    def locate(self) -> None:
        """Find the programs, or raise `Missing`."""

    @abstractmethod
    def prepare(self) -> None:
        """Make the data folder ready for the first start."""

    @abstractmethod
    def command(self) -> Sequence[str]:
        """The program in the foreground."""

    @abstractmethod
    def check(self) -> None:
        """Do one real request; raise when the server does not answer."""

    @property
    @abstractmethod
    def url(self) -> str:
        """Where it is, for SQLAlchemy or as a broker URL."""

    @abstractmethod
    def fresh_database(self) -> str:
        """The URL of a new, empty database (RabbitMQ: virtual host) of this server."""

    def environment(self) -> Mapping[str, str]:
        return os.environ

    @property
    def user(self) -> str | None:
        return self.account if os.geteuid() == 0 else None

    def _account_group(self) -> int | None:
        if self.user is None:
            return None
        try:
            return pwd.getpwnam(self.user).pw_gid
        except KeyError:
            reason = f"{self.name} does not run as root and there is no account {self.user}"
            raise Missing(reason) from None

    @property
    def port(self) -> int:
        return self.reserve("main")

    def reserve(self, purpose: str) -> int:
        """A port for the purpose, the same at each call."""
        if purpose not in self._ports:
            self._ports[purpose] = Port.reserve()
        return self._ports[purpose].number

    @property
    def pid(self) -> int:
        """The main process."""
        if self._process is None:
            raise ServerError(f"{self.name} does not run; call start()")
        return self._process.pid

    def pids(self) -> list[int]:
        """All processes of the running server, helpers like epmd left out."""
        return processes.within(self.data)

    def start(self) -> None:
        """Start, the first time or again on the same data and port; return when it answers."""
        if self._ended:
            raise ServerError(f"{self.name} was stopped and its data removed; make a new one")
        if self._process is not None:
            if self._process.poll() is None:
                return
            self.kill9()
        if not self._prepared:
            self.prepare()
            self._prepared = True
        self._process = self.spawn(self.command(), self.data)
        self._wait_until_ready()

    def spawn(self, command: Sequence[str], cwd: Path) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return subprocess.Popen(
                command,
                cwd=cwd,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                user=self.user,
                group=self._group,
                extra_groups=[] if self.user else None,
            )

    def call(self, command: Sequence[str]) -> None:
        """Run a program to its end, its output into the log."""
        process = self.spawn(command, self.data)
        if process.wait(START_TIMEOUT):
            raise self._failure(f"{Path(command[0]).name} ended with {process.returncode}")

    def _wait_until_ready(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + START_TIMEOUT
        while True:
            try:
                self.check()
                return
            except Exception as error:
                if self._process.poll() is not None:
                    raise self._failure(f"ended with {self._process.returncode}") from error
                if time.monotonic() > deadline:
                    raise self._failure(f"does not answer: {error!r}") from error
            time.sleep(0.05)

    def _failure(self, what: str) -> ServerError:
        tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-60:])
        return ServerError(f"{self.name} {what}; its log {self.log} ends:\n{tail}")

    def kill9(self) -> None:
        """Kill -9 all processes of the server; its data stay as they are."""
        processes.kill(self.data)
        if self._process is not None:
            self._process.wait()
            self._process = None

    def pause(self) -> None:
        """SIGSTOP all processes; clients wait, no connection breaks."""
        processes.send([self.pid], signal.SIGSTOP)  # first the one that makes new ones
        processes.send(self.pids(), signal.SIGSTOP)

    def resume(self) -> None:
        processes.send(self.pids(), signal.SIGCONT)

    def stop(self) -> None:
        """End the server and remove its data; a forked child's call does nothing."""
        if self._ended or os.getpid() != self.owner:
            return
        self._ended = True
        atexit.unregister(self.stop)
        self._watchdog.kill()
        self._watchdog.wait()
        processes.end(self.folder, self.stop_signal)
        if self._process is not None:
            self._process.wait()
            self._process = None
        for port in self._ports.values():
            port.release()

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def program(name: str, *folders: str) -> str:
    """The path of a program, looked for on PATH, in /usr/sbin and in the folders."""
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", *folders])
    found = shutil.which(name, path=path)
    if found is None:
        raise Missing(f"no {name} on this machine; tests/services/install installs it")
    return found
