"""Settings of the front door: a TOML file and ``HIRELENS_*`` variables, frozen once read.

An option of the command line wins over a variable, a variable over the file, the file over the
default. The rooms never read the environment: they are handed what they need.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from hirelens.errors import ForeseenError

if TYPE_CHECKING:
    from search.elastic.config import ElasticConfig
    from search.fusion import Fusion
    from search.limits import Limits
    from search.rank import Rank
    from search.rule import Rule
    from worker.config import WorkerConfig

PREFIX = "HIRELENS_"
FILE_NAME = "hirelens.toml"
DEFAULT_HOME = Path("hirelens-home")
IndexKind = Literal["embedded", "elasticsearch"]
SearchLogKind = Literal["database", "files", "off"]

# Settings that the worker's configuration takes under the same name.
_WORKER = (
    "batch",
    "concurrency",
    "threads",
    "max_tasks_per_child",
    "max_memory_mb",
    "batch_deadline_s",
    "soft_limit_s",
    "hard_limit_s",
    "lease_s",
    "visibility_timeout_s",
    "delivery_limit",
    "backoff_s",
    "poll_s",
    "alive_timeout_s",
)
# Tables, and who reads them.
_TABLES = {
    "understanding": ("search.rule", "read_rule"),
    "fusion": ("search.fusion", "read_fusion"),
    "rank": ("search.rank", "read_rank"),
    "limits": ("search.limits", "read_limits"),
}
# Read by others than this module: the file itself and the tests' data folder.
OTHER_VARIABLES = frozenset({"HIRELENS_CONFIG", "HIRELENS_SHARED", "HIRELENS_CI"})


class SettingsError(ForeseenError):
    """A setting is wrong; names where it stands, the value and the remedy."""


class Settings(BaseModel):
    """Everything that can be set; see ``docs/settings.md``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    home: Path = Field(DEFAULT_HOME, description="Folder of the embedded state.")
    model: Path | None = Field(None, description="Folder of a model bundle; the shipped one else.")
    towers: Path | None = Field(
        None, description="Folder of a bundle of towers (vectors); the shipped one else."
    )
    taxonomy: Path | None = Field(
        None, description="Compiled taxonomy, a site's overlay in it; the shipped one else."
    )
    site: Path | None = Field(
        None,
        description="Folder of a site's own synonyms, stop words, employers and rewrites "
        "(site-rules.md); `site` in the home else, where there is one.",
    )
    search_log: SearchLogKind = Field(
        "database",
        description="What answers leave (searchlog.md): rows in the `database`, JSON lines in "
        "`files`, or nothing (`off`).",
    )
    search_log_days: int = Field(
        90, ge=1, le=36_500, description="`searchlog tidy` removes what is older, in days."
    )
    clicks: Path | None = Field(
        None, description="Table of co-clicks for rewriting queries (rewrite.md); none else."
    )
    index: IndexKind = Field(
        "embedded", description="Back end of the index: `embedded` or `elasticsearch`."
    )
    index_url: str = Field(
        "http://localhost:9200",
        pattern=r"^https?://[^\s,]+(,https?://[^\s,]+)*$",
        description="Elasticsearch: its nodes, separated by commas.",
    )
    index_api_key: str | None = Field(
        None, description="Elasticsearch: encoded API key; its role is in elasticsearch.md."
    )
    index_ca: Path | None = Field(
        None, description="Elasticsearch: certificate of the authority that signed the nodes'."
    )
    index_prefix: str = Field(
        "hirelens",
        pattern=r"^[a-z0-9][a-z0-9._-]{0,50}$",
        description="Elasticsearch: what names of indices and aliases begin with.",
    )
    index_timeout_s: float = Field(
        10.0, gt=0, le=300, description="Elasticsearch: what one request may take, in seconds."
    )
    index_retries: int = Field(
        3, ge=0, le=10, description="Elasticsearch: repetitions of a request that met no answer."
    )
    index_shards: int = Field(
        1, ge=1, le=1024, description="Elasticsearch: shards of a new generation."
    )
    index_replicas: int = Field(
        1, ge=0, le=10, description="Elasticsearch: replicas of a new generation."
    )
    understanding: Mapping[str, Any] = Field(
        {},
        description="What becomes of each attribute of a query (search.md), a table: `filter`, "
        "`boost`, `text` or `ignore`; as a variable `location=boost,benefit=ignore`.",
    )
    fusion: Mapping[str, Any] = Field(
        {},
        description="How text, intent and vector become one answer (search.md), a table: method, "
        "weights, quotas, folding; as a variable `method=convex,vector=0.8`.",
    )
    rank: Mapping[str, Any] = Field(
        {},
        description="How a page is ordered (search.md), a table: weights of relevance, freshness, "
        "completeness and given features.",
    )
    limits: Mapping[str, Any] = Field(
        {},
        description="What an answer waits for, in seconds (search.md), a table: `encode_s`, "
        "`load_s`, `channel_s`; a channel that takes longer is left out.",
    )
    batch: int = Field(32, ge=1, le=1000, description="Posts that the model reads at once.")
    write_batch: int = Field(500, ge=1, le=100_000, description="Posts in one transaction of put.")
    threads: int | None = Field(None, ge=1, le=1024, description="Threads of the model; None: all.")
    database_url: str | None = Field(
        None, description="PostgreSQL, MariaDB or MySQL; a SQLite file in the home else."
    )
    broker_url: str | None = Field(
        None, description="RabbitMQ or Redis: posts are indexed by `worker`, not by `put`."
    )
    queue_prefix: str = Field(
        "hirelens", pattern=r"^[a-z0-9._-]{1,50}$", description="What names of queues begin with."
    )
    concurrency: int = Field(1, ge=1, le=256, description="Child processes of one worker.")
    max_tasks_per_child: int = Field(
        20_000, ge=1, description="A child is replaced after so many messages."
    )
    max_memory_mb: int = Field(4096, ge=256, description="A child that holds more is replaced.")
    batch_deadline_s: float = Field(
        60.0,
        gt=0,
        description="What one batch may take, in seconds; one that takes longer is told as the "
        "event `slow_batch`, a sign that `batch` is too high for the machine.",
    )
    soft_limit_s: float = Field(120.0, gt=0, description="Then the batch is given back.")
    hard_limit_s: float = Field(150.0, gt=0, description="Then the child is killed.")
    lease_s: float = Field(300.0, gt=0, description="Then others may take the posts over.")
    visibility_timeout_s: float = Field(
        900.0, gt=0, description="Redis: then an unacknowledged message is sent again."
    )
    delivery_limit: int = Field(
        5, ge=1, description="Redeliveries of one ingest message before it is refused."
    )
    backoff_s: float = Field(1.0, ge=0, description="First delay of a post that failed.")
    poll_s: float = Field(0.5, gt=0, description="Pause of the relay between two looks.")
    live_delay_s: float = Field(
        5.0, ge=0, description="While the oldest live post waits longer, `reenrich` pauses."
    )
    alive_timeout_s: float = Field(
        60.0, gt=0, description="What a new child may take until it is ready."
    )

    @field_validator("understanding", "fusion", "rank", "limits", mode="before")
    @classmethod
    def _is_a_table(cls, value: object, info: ValidationInfo) -> Mapping[str, Any]:
        """Read a variable's pairs, and refuse what the room that uses the table refuses."""
        if isinstance(value, str):
            pairs = (pair.partition("=") for pair in value.split(",") if pair.strip())
            value = {name.strip(): told.strip() for name, _, told in pairs}
        if not isinstance(value, Mapping):
            raise ValueError("is no table")
        if value:
            _read_table(str(info.field_name), value)
        return dict(value)

    @field_validator("index_prefix")
    @classmethod
    def _its_own_names(cls, value: str) -> str:
        """Refuse a prefix whose indices another prefix would take for its own."""
        if "-posts-" in f"{value}-":
            raise ValueError("holds '-posts', which follows a prefix; choose another")
        return value

    @property
    def database(self) -> Path | str:
        """The database: its URL, or the SQLite file of posts, outbox and history."""
        return self.database_url or self.home / "posts.db"

    @property
    def queued(self) -> bool:
        """Tell whether workers index the posts, not the command that writes them."""
        return self.broker_url is not None

    @property
    def embedded(self) -> bool:
        """Tell whether the index is the embedded one."""
        return self.index == "embedded"

    def elastic_config(self) -> ElasticConfig:
        """Return how the Elasticsearch cluster is reached and used.

        Raises:
            SettingsError: the certificate's file is missing.
        """
        from search.elastic.config import ElasticConfig

        if self.index_ca is not None and not self.index_ca.is_file():
            raise SettingsError(f"index_ca: {self.index_ca} is no file; name the certificate's")
        return ElasticConfig(
            urls=tuple(self.index_url.split(",")),
            prefix=self.index_prefix,
            api_key=self.index_api_key,
            ca=self.index_ca,
            timeout_s=self.index_timeout_s,
            retries=self.index_retries,
            shards=self.index_shards,
            replicas=self.index_replicas,
        )

    def worker_config(self) -> WorkerConfig:
        """Return the settings of the worker processes, checked together.

        Raises:
            SettingsError: no broker is set.
            worker.checks.SettingsError: they cannot work together; names them and the remedy.
        """
        from worker.config import WorkerConfig

        patience_s = self.index_timeout_s * (self.index_retries + 1)
        if not self.embedded and patience_s >= self.soft_limit_s:
            raise SettingsError(
                f"index_timeout_s x (index_retries + 1) = {patience_s:g} s is not below "
                f"soft_limit_s = {self.soft_limit_s:g} s; a slow index would end every batch: "
                "lower index_timeout_s or index_retries"
            )
        if self.broker_url is None:
            raise SettingsError(
                "broker_url is not set; name a RabbitMQ (amqp://…) or Redis (redis://…) server, "
                "for example HIRELENS_BROKER_URL=amqp://guest:guest@localhost//"
            )
        return WorkerConfig(
            broker_url=self.broker_url,
            prefix=self.queue_prefix,
            **{name: getattr(self, name) for name in _WORKER},
        ).check()

    @property
    def rule(self) -> Rule:
        """What becomes of each attribute of a query."""
        return cast("Rule", _read_table("understanding", self.understanding))

    @property
    def fusion_rule(self) -> Fusion:
        """How channels become one answer."""
        return cast("Fusion", _read_table("fusion", self.fusion))

    @property
    def rank_rule(self) -> Rank:
        """How a page is ordered."""
        return cast("Rank", _read_table("rank", self.rank))

    @property
    def limits_rule(self) -> Limits:
        """What an answer waits for."""
        return cast("Limits", _read_table("limits", self.limits))

    @property
    def site_folder(self) -> Path | None:
        """The folder of a site's own rules; None where there is none."""
        if self.site is not None:
            return self.site
        return self.own_site if self.own_site.is_dir() else None

    @property
    def own_site(self) -> Path:
        """Where a site's own rules stand unless another folder is set."""
        return self.home / "site"

    @property
    def searches_folder(self) -> Path:
        """Where the search log keeps its files."""
        return self.home / "searches"

    @property
    def index_file(self) -> Path:
        """The SQLite file of the embedded index."""
        return self.home / "index.db"


def _read_table(name: str, values: Mapping[str, Any]) -> BaseModel:
    """Return what a table of the settings says, as the room that uses it reads it."""
    module, reader = _TABLES[name]
    return cast("BaseModel", getattr(import_module(module), reader)(values))


def load(home: Path | None, environment: Mapping[str, str]) -> Settings:
    """Read the settings; ``home`` is the command line's ``--home``.

    Raises:
        SettingsError: the file cannot be read, or a value is unknown or wrong.
        worker.checks.SettingsError: a batch of this size may outlast its lease.
    """
    named = environment.get("HIRELENS_CONFIG")
    place = home or Path(environment.get("HIRELENS_HOME") or DEFAULT_HOME)
    path = Path(named) if named else place / FILE_NAME
    if named and not path.is_file():
        raise SettingsError(f"HIRELENS_CONFIG: {path} is no file; name a TOML file or unset it")
    values: dict[str, tuple[Any, str]] = {
        name: (value, str(path)) for name, value in _read_toml(path).items()
    }
    for name in Settings.model_fields:
        variable = PREFIX + name.upper()
        if environment.get(variable):
            values[name] = (environment[variable], variable)
    if home is not None:
        values["home"] = (home, "--home")
    if "home" not in values:
        values["home"] = (place, "default")
    settings = _validated(values)
    from worker.checks import Timing

    Timing(settings.batch, settings.lease_s, settings.backoff_s).check()
    return settings


def unknown_variables(environment: Mapping[str, str]) -> list[str]:
    """Return the ``HIRELENS_*`` variables that nothing reads: most often a typing slip."""
    known = {PREFIX + name.upper() for name in Settings.model_fields} | OTHER_VARIABLES
    return sorted(name for name in environment if name.startswith(PREFIX) and name not in known)


def template() -> str:
    """Return a settings file in which every setting stands as a comment with its default."""
    lines = ["# hirelens settings; a HIRELENS_* variable of the same name wins over this file.", ""]
    for name, field in Settings.model_fields.items():
        if name == "home":
            continue
        lines.append(f"# {field.description}")
        lines.append(f"# {name} = {_toml_value(field.default, name)}")
    return "\n".join(lines) + "\n"


def reference() -> str:
    """Return the reference page that stands in ``docs/settings.md``."""
    lines = [
        "# Settings",
        "",
        f"An option wins over a variable, a variable over the file `{FILE_NAME}` in the home",
        "(or the file that `HIRELENS_CONFIG` names), the file over the default.",
        "",
        "| in the file | variable | default | what it sets |",
        "|---|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        default = f"`{field.default}`" if field.default or field.default == 0 else ""
        lines.append(f"| `{name}` | `{PREFIX}{name.upper()}` | {default} | {field.description} |")
    return "\n".join(lines) + "\n"


_EXAMPLES = {
    "model": '"path/to/bundle"',
    "towers": '"path/to/towers"',
    "taxonomy": '"taxonomy.json.gz"',
    "clicks": '"co_clicks.tsv.gz"',
    "site": '"path/to/site"',
    "database_url": '"postgresql+psycopg://hirelens@localhost/hirelens"',
    "broker_url": '"amqp://guest:guest@localhost//"',
    "index_api_key": '"…"',
    "index_ca": '"path/to/http_ca.crt"',
}


def _toml_value(default: object, name: str) -> str:
    if isinstance(default, Mapping):
        return "{}"
    if default is None:
        return _EXAMPLES.get(name, "2")
    return f'"{default}"' if isinstance(default, str) else str(default)


def _read_toml(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: is no TOML ({error}); correct it") from None


def _validated(values: Mapping[str, tuple[Any, str]]) -> Settings:
    try:
        return Settings(**{name: value for name, (value, _) in values.items()})
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        value, origin = values[name]
        where = origin if name.upper() in origin else f"{origin}: {name}"
        raise SettingsError(f"{where}: {value!r}: {_remedy(name, first['msg'])}") from None


def _remedy(name: str, problem: str) -> str:
    if name not in Settings.model_fields:
        return f"is no setting; use one of {', '.join(Settings.model_fields)}"
    if name == "index":
        return f"is no back end; use one of: {', '.join(get_args(IndexKind))}"
    return f"{problem}; correct it"
