"""Settings of the front door: a TOML file and ``HIRELENS_*`` variables, frozen once read.

An option of the command line wins over a variable, a variable over the file, the file over the
default. The rooms never read the environment: they are handed what they need.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hirelens.errors import ForeseenError

PREFIX = "HIRELENS_"
FILE_NAME = "hirelens.toml"
DEFAULT_HOME = Path("hirelens-home")
IndexKind = Literal["embedded"]

# Read by others than this module: the file itself and the tests' data folder.
OTHER_VARIABLES = frozenset({"HIRELENS_CONFIG", "HIRELENS_SHARED"})


class SettingsError(ForeseenError):
    """A setting is wrong; names where it stands, the value and the remedy."""


class Settings(BaseModel):
    """Everything that can be set; see ``docs/settings.md``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    home: Path = Field(DEFAULT_HOME, description="Folder of the embedded state.")
    model: Path | None = Field(None, description="Folder of a model bundle; the shipped one else.")
    taxonomy: Path | None = Field(
        None, description="Compiled taxonomy, a site's overlay in it; the shipped one else."
    )
    index: IndexKind = Field("embedded", description="Back end of the index.")
    batch: int = Field(32, ge=1, le=1024, description="Posts that the model reads at once.")
    write_batch: int = Field(500, ge=1, le=100_000, description="Posts in one transaction of put.")
    threads: int | None = Field(None, ge=1, le=1024, description="Threads of the model; None: all.")

    @property
    def database(self) -> Path:
        """The SQLite file of posts, outbox and history."""
        return self.home / "posts.db"

    @property
    def index_file(self) -> Path:
        """The SQLite file of the embedded index."""
        return self.home / "index.db"


def load(home: Path | None, environment: Mapping[str, str]) -> Settings:
    """Read the settings; ``home`` is the command line's ``--home``.

    Raises:
        SettingsError: the file cannot be read, or a value is unknown or wrong.
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
    return _validated(values)


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
        default = "" if field.default is None else f"`{field.default}`"
        lines.append(f"| `{name}` | `{PREFIX}{name.upper()}` | {default} | {field.description} |")
    return "\n".join(lines) + "\n"


def _toml_value(default: object, name: str) -> str:
    if default is None:
        return {"model": '"path/to/bundle"', "taxonomy": '"taxonomy.json.gz"'}.get(name, "2")
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
