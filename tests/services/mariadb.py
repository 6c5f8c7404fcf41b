"""A MariaDB server for tests."""

from collections.abc import Sequence

from services.base import Server, program


class MariaDB(Server):
    """Databases compare text without case, which is this server's habit.

    `fsync` matters for a loss of power only; a killed server keeps its commits either way.
    """

    name = "mariadb"
    account = "mysql"

    def __init__(self, *, fsync: bool = False) -> None:
        self.fsync = fsync
        super().__init__()

    def locate(self) -> None:
        self._install = program("mariadb-install-db")
        self._server = program("mariadbd")

    def prepare(self) -> None:
        # A server that starts clears its folder of temporary tables: none may be shared.
        self._temporary = self.folder / "tables"
        self._temporary.mkdir()
        self._temporary.chmod(0o777)
        self.call(
            [
                self._install,
                "--no-defaults",
                f"--datadir={self.data}",
                f"--tmpdir={self._temporary}",
                "--skip-test-db",
                "--auth-root-authentication-method=normal",
                "--innodb-log-file-size=16M",
            ]
        )
        (self.folder / "accounts.sql").write_text(
            "CREATE USER IF NOT EXISTS hirelens@'127.0.0.1';\n"
            "GRANT ALL ON *.* TO hirelens@'127.0.0.1' WITH GRANT OPTION;\n"
            "CREATE DATABASE IF NOT EXISTS hirelens;\n"
        )

    def command(self) -> Sequence[str]:
        return [
            self._server,
            "--no-defaults",
            f"--datadir={self.data}",
            f"--tmpdir={self._temporary}",
            f"--socket={self.data}/socket",
            f"--pid-file={self.data}/pid",
            f"--init-file={self.folder}/accounts.sql",
            "--bind-address=127.0.0.1",
            f"--port={self.port}",
            "--skip-name-resolve",
            "--character-set-server=utf8mb4",
            "--collation-server=utf8mb4_general_ci",
            "--max-connections=200",
            "--innodb-buffer-pool-size=64M",
            "--innodb-log-file-size=16M",
            f"--innodb-flush-log-at-trx-commit={1 if self.fsync else 2}",
        ]

    def check(self) -> None:
        self._execute("SELECT 1")

    def _execute(self, statement: str) -> None:
        import pymysql

        connection = pymysql.connect(
            host="127.0.0.1", port=self.port, user="hirelens", connect_timeout=5, read_timeout=20
        )
        try:
            connection.cursor().execute(statement)
        finally:
            connection.close()

    def _url(self, database: str) -> str:
        return f"mysql+pymysql://hirelens@127.0.0.1:{self.port}/{database}?charset=utf8mb4"

    @property
    def url(self) -> str:
        return self._url("hirelens")

    def fresh_database(self) -> str:
        name = f"fresh_{next(self.numbers)}"
        self._execute(f"CREATE DATABASE {name}")
        return self._url(name)
