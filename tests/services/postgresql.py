"""A PostgreSQL server for tests."""

import re
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

from services.base import Server, program


class PostgreSQL(Server):
    """Databases sort by the rules of English, as many do in production, not by code point.

    `fsync` matters for a loss of power only; a killed server keeps its commits either way.
    """

    name = "postgresql"
    account = "postgres"
    stop_signal = signal.SIGQUIT  # kill -9 would leave a shared memory segment behind

    def __init__(self, *, fsync: bool = False) -> None:
        self.fsync = fsync
        super().__init__()

    def locate(self) -> None:
        versions = [path for path in Path("/usr/lib/postgresql").glob("*") if path.name.isdigit()]
        versions.sort(key=lambda path: int(path.name), reverse=True)
        folders = [str(path / "bin") for path in versions]
        self._initdb = program("initdb", *folders)
        self._postgres = program("postgres", *folders)

    def prepare(self) -> None:
        command = [self._initdb, "-D", str(self.data), "-U", "hirelens", "-A", "trust"]
        command += ["-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        version = subprocess.run([self._initdb, "--version"], capture_output=True, check=True)
        if int(re.findall(rb"\d+", version.stdout)[0]) >= 15:
            command += ["--locale-provider=icu", "--icu-locale=en"]
        self.call(command)

    def command(self) -> Sequence[str]:
        (self.data / "postmaster.pid").unlink(missing_ok=True)  # of a killed one
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": "",
            "max_connections": 200,
            "shared_buffers": "64MB",
            "dynamic_shared_memory_type": "mmap",
            "fsync": "on" if self.fsync else "off",
            "jit": "off",
        }
        pairs = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
        return [self._postgres, "-D", str(self.data), *pairs]

    def check(self) -> None:
        self._execute("select 1")

    def _execute(self, statement: str) -> None:
        import psycopg

        with psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user="hirelens",
            dbname="postgres",
            connect_timeout=5,
            autocommit=True,
        ) as connection:
            connection.execute(statement.encode())

    def _url(self, database: str) -> str:
        return f"postgresql+psycopg://hirelens@127.0.0.1:{self.port}/{database}"

    @property
    def url(self) -> str:
        return self._url("postgres")

    def fresh_database(self) -> str:
        name = f"fresh_{next(self.numbers)}"
        self._execute(f"create database {name}")
        return self._url(name)
