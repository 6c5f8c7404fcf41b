"""A RabbitMQ node for tests, without plugins."""

import os
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from services.base import Server, ServerError, program


class RabbitMQ(Server):
    """One node with an epmd of its own, which `kill9` spares and `stop` ends."""

    name = "rabbitmq"

    def __init__(self) -> None:
        self._epmd_process: subprocess.Popen[bytes] | None = None
        super().__init__()

    def locate(self) -> None:
        # Not the wrapper in /usr/sbin: that one insists on the account rabbitmq.
        home = "/usr/lib/rabbitmq/bin"
        self._server = (
            program("rabbitmq-server") if not Path(home).is_dir() else (f"{home}/rabbitmq-server")
        )
        self._epmd = program("epmd")
        self._erl_call = program(
            "erl_call", *(str(path) for path in Path("/usr/lib/erlang").glob("erts-*/bin"))
        )

    @property
    def node(self) -> str:
        return f"hirelens{self.port}@localhost"

    def prepare(self) -> None:
        (self.folder / "aux").mkdir()
        (self.folder / "plugins").write_text("[].")
        (self.folder / "env.conf").touch()
        (self.folder / "rabbitmq.conf").write_text(
            f"listeners.tcp.1 = 127.0.0.1:{self.port}\n"
            "disk_free_limit.absolute = 100MB\n"
            "raft.wal_max_size_bytes = 64000000\n"
            "log.console = true\n"
            "log.file = false\n"
        )

    def environment(self) -> Mapping[str, str]:
        folder = str(self.folder)
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("RABBITMQ_")}
        return inherited | {
            "HOME": folder,  # the cookie lies there
            "ERL_EPMD_PORT": str(self.reserve("epmd")),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": self.node,
            "RABBITMQ_DIST_PORT": str(self.reserve("distribution")),
            "RABBITMQ_MNESIA_BASE": f"{folder}/data/mnesia",
            "RABBITMQ_LOG_BASE": f"{folder}/data/log",
            "RABBITMQ_PID_FILE": f"{folder}/data/pid",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{folder}/plugins",
            "RABBITMQ_CONFIG_FILE": f"{folder}/rabbitmq.conf",
            "RABBITMQ_CONF_ENV_FILE": f"{folder}/env.conf",
            # Idle schedulers sleep instead of spinning; other servers need the cores.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+sbwt none +sbwtdcpu none +sbwtdio none "
            "-kernel inet_dist_use_interface {127,0,0,1}",
            "RUNNING_UNDER_SYSTEMD": "true",  # no shell between us and the node
        }

    def command(self) -> Sequence[str]:
        if self._epmd_process is None or self._epmd_process.poll() is not None:
            self._epmd_process = self.spawn([self._epmd], self.folder / "aux")
            self._wait_for_epmd()
        return [self._server]

    def _wait_for_epmd(self) -> None:
        # A node that finds none starts a daemon, which nobody would end.
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.reserve("epmd")), 5).close()
                return
            except OSError as error:
                if time.monotonic() > deadline:
                    raise ServerError(f"epmd does not answer, see {self.log}") from error
                time.sleep(0.02)

    def stop(self) -> None:
        super().stop()
        if self._epmd_process is not None and os.getpid() == self.owner:
            self._epmd_process.wait()

    def check(self) -> None:
        import amqp

        with amqp.Connection(f"127.0.0.1:{self.port}", connect_timeout=5, read_timeout=20) as link:
            link.channel().close()

    def evaluate(self, expression: str) -> str:
        """What an Erlang expression gives inside the node, as text."""
        cookie = (self.folder / ".erlang.cookie").read_text()
        answer = subprocess.run(
            [self._erl_call, "-sname", self.node, "-c", cookie, "-e"],
            input=f"{expression}.\n".encode(),
            env=dict(self.environment()),
            cwd=self.folder / "aux",
            capture_output=True,
            timeout=60,
            check=False,
        )
        if answer.returncode or not answer.stdout.startswith(b"{ok,"):
            raise ServerError(f"{expression}: {(answer.stdout + answer.stderr).decode()}")
        return answer.stdout.decode().strip().removeprefix("{ok, ").removesuffix("}")

    def _url(self, host: str) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self.port}/{host}"

    @property
    def url(self) -> str:
        return self._url("/")

    def fresh_database(self) -> str:
        name = f"fresh{next(self.numbers)}"
        self.evaluate(
            f'rabbit_vhost:add(<<"{name}">>, <<"test">>), '
            'rabbit_auth_backend_internal:set_permissions(<<"guest">>, '
            f'<<"{name}">>, <<".*">>, <<".*">>, <<".*">>, <<"test">>)'
        )
        return self._url(name)
