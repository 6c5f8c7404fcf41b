"""Foreseeable mistakes as one plain sentence; everything else keeps its traceback."""

from __future__ import annotations

import errno
import sqlite3
import sys


class ForeseenError(ValueError):
    """A mistake of the user that the front door itself found; the message is all there is."""


# Errors of the rooms whose message already names the place and the remedy. They are looked up in
# loaded modules only: whoever raised one has imported its module, and no other command pays.
_TOLD: dict[str, tuple[str, ...]] = {
    "enrich.bundle": ("BundleError",),
    "enrich.post": ("PostError",),
    "enrich.taxonomy": ("TaxonomyError",),
    "labels.taxonomy.source": ("SourceError",),
    "labels.taxonomy.coverage": ("GoldError",),
    "labels.train.data": ("GoldError",),
    "labels.weak.fit": ("FitError",),
    "labels.weak.model": ("ModelError",),
    "labels.weak.reader": ("GoldError",),
    "labels.weak.writing": ("WritingError",),
    "labels.train.base": ("BaseError",),
    "labels.augment.recipe": ("RecipeError",),
    "labels.evaluate.pairs": ("RunError",),
    "search.channels": ("ChannelError",),
    "search.query_vectors": ("EncoderMissingError", "EncoderFailedError"),
    "search.site.files": ("SiteError",),
    "search.searchlog.model": ("RecordError",),
    "search.rewrite.clicks": ("ClickTableError",),
    "search.index": ("VectorSpaceError", "IndexUnavailableError", "CursorError"),
    "search.elastic.generations": ("GenerationError",),
    "search.embedded.connection": ("IndexFileError",),
    "worker.posts": ("UnknownPost",),
    "worker.revisions": ("RevisionConflict",),
    "worker.deadletters": ("UnknownDeadLetter", "LetterWithoutPost"),
    "worker.recipes": ("RecipeMismatch", "ActivationsExhausted"),
    "worker.registry": ("UnknownRecipe",),
    "worker.rejects": ("UnknownReject",),
    "worker.searches": ("UnknownSearch",),
    "worker.recover": ("UnknownNumbering",),
    "worker.selection": ("SelectionError",),
    "worker.checks": ("SettingsError",),
    "search.copying": ("StandbyError",),
}


def explain(error: BaseException) -> str | None:
    """Return what to tell the user about an error, None where it is a fault of the program."""
    if isinstance(error, ForeseenError):
        return str(error)
    for module, names in _TOLD.items():
        loaded = sys.modules.get(module)
        kinds = tuple(getattr(loaded, name) for name in names if hasattr(loaded, name))
        if kinds and isinstance(error, kinds):
            return str(error)
    if isinstance(error, BrokenPipeError):
        return None
    if isinstance(error, OSError):
        return _file_problem(error)
    if isinstance(error, UnicodeDecodeError):
        return f"input is not UTF-8 ({error.reason}); convert it: iconv -f GB18030 -t UTF-8"
    return _database_problem(error)


def _file_problem(error: OSError) -> str | None:
    name = error.filename or "file"
    remedies = {
        errno.ENOENT: "does not exist; check the path",
        errno.EISDIR: "is a folder; name a file",
        errno.ENOTDIR: "lies below something that is no folder; check the path",
        errno.EEXIST: "exists and is no folder; choose another path",
        errno.EACCES: "may not be read or written by you; change its rights or the path",
        errno.EROFS: "lies on a read-only file system; choose another path",
        errno.ENOSPC: "does not fit on the disk; make room and run the command again",
        errno.ENAMETOOLONG: "is too long a name; choose another path",
    }
    remedy = remedies.get(error.errno or 0)
    return None if remedy is None else f"{name}: {remedy}"


def _database_problem(error: BaseException) -> str | None:
    original = getattr(error, "orig", error)
    if not isinstance(original, sqlite3.Error):
        return _server_problem(error)
    text = str(original)
    if "locked" in text or "busy" in text:
        return "the database is locked by another process; let it finish, then run this again"
    if "readonly" in text or "unable to open" in text:
        return f"the database cannot be written ({text}); check the rights of --home"
    if "not a database" in text or "malformed" in text:
        return f"a database file in --home is damaged ({text}); move it away and put again"
    return f"database: {text}; see 'hirelens doctor'"


# Module, class, what to tell: errors of servers that a setting names.
_SERVERS = (
    ("sqlalchemy.exc", "ArgumentError", "HIRELENS_DATABASE_URL is no URL of a database"),
    ("sqlalchemy.exc", "NoSuchModuleError", "HIRELENS_DATABASE_URL is no known kind of database"),
    (
        "sqlalchemy.exc",
        "OperationalError",
        "the database server cannot be used; check that it runs",
    ),
    ("kombu.exceptions", "OperationalError", "the broker cannot be reached; check that it runs"),
)
_FORMS = "postgresql+psycopg://user@host/name, mariadb+pymysql://… or mysql+pymysql://…"


def _server_problem(error: BaseException) -> str | None:
    """Tell of a database server or broker that is unknown, cannot be reached, or refuses."""
    if isinstance(error, ModuleNotFoundError) and error.name in {"psycopg", "pymysql", "redis"}:
        return f"the driver {error.name} is not installed; pip install 'hirelens[server]'"
    for module, name, told in _SERVERS:
        kind = getattr(sys.modules.get(module), name, None)
        if kind is not None and isinstance(error, kind):
            detail = str(getattr(error, "orig", None) or error).strip().split("\n")[0]
            remedy = f"; use {_FORMS}" if "URL" in told else ""
            return f"{told}{remedy} ({detail})"
    return None
