"""A Redis server for tests."""

from collections.abc import Sequence

from services.base import Server, program

DATABASES = 1_000


class Redis(Server):
    """Keeps its data in an append-only file; `fsync` forces each write to the disk."""

    name = "redis"

    def __init__(self, *, fsync: bool = False) -> None:
        self.fsync = fsync
        super().__init__()

    def locate(self) -> None:
        self._server = program("redis-server")

    def prepare(self) -> None:
        """Nothing: it makes its files when it starts."""

    def command(self) -> Sequence[str]:
        settings = {
            "bind": "127.0.0.1",
            "port": str(self.port),
            "dir": str(self.data),
            "databases": str(DATABASES),
            "save": "",
            "appendonly": "yes",
            "appendfsync": "always" if self.fsync else "everysec",
        }
        return [self._server, *(w for k, v in settings.items() for w in (f"--{k}", v))]

    def check(self) -> None:
        import redis

        with redis.Redis(port=self.port, host="127.0.0.1", socket_timeout=5) as client:
            client.ping()

    def _url(self, database: int) -> str:
        return f"redis://127.0.0.1:{self.port}/{database}"

    @property
    def url(self) -> str:
        return self._url(0)

    def fresh_database(self) -> str:
        return self._url(next(self.numbers) % DATABASES)
