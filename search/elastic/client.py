"""The client, and what its errors mean: one place knows Elasticsearch's exceptions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from elastic_transport import ConnectionError as NoConnection
from elastic_transport import ConnectionTimeout, TlsError, TransportError
from elasticsearch import ApiError, Elasticsearch, UnsupportedProductError

from search.elastic.config import ElasticConfig
from search.index import IndexUnavailableError, Trouble

_BLOCKS = ("cluster_block_exception",)
_REFUSED = {401, 403}


def connect(config: ElasticConfig) -> Elasticsearch:
    """Return a client; nothing is sent yet.

    Raises:
        IndexUnavailableError: URLs or certificate can never work.
    """
    secure: dict[str, Any] = {}
    if config.ca is not None:
        secure["ca_certs"] = str(config.ca)
    if config.api_key is not None:
        secure["api_key"] = config.api_key
    try:
        return Elasticsearch(
            list(config.urls),
            request_timeout=config.timeout_s,
            max_retries=config.retries,
            # A node that did not answer in time is asked again elsewhere only where there are
            # others: the writer's requests carry versions, so that a second one changes nothing.
            retry_on_timeout=len(config.urls) > 1,
            retry_on_status=(502, 504),
            **secure,
        )
    except (ValueError, OSError) as error:
        # Without a URL in it, which may hold a password.
        told = type(error).__name__ if "@" in str(error) else str(error)
        raise IndexUnavailableError(
            Trouble.DOWN,
            f"Elasticsearch cannot be reached by these settings ({told})",
            "correct HIRELENS_INDEX_URL (http://host:port or https://host:port) or "
            "HIRELENS_INDEX_CA (only for https)",
        ) from None


@contextmanager
def translated(config: ElasticConfig) -> Iterator[None]:
    """Turn the client's errors into ``IndexUnavailableError``; others pass.

    Raises:
        IndexUnavailableError: the cluster cannot be used now.
    """
    try:
        yield
    except (TransportError, ApiError, UnsupportedProductError) as error:
        found = unavailable(error, config)
        if found is None:
            raise
        raise found from error


def unavailable(error: Exception, config: ElasticConfig) -> IndexUnavailableError | None:
    """Return what an error of the client says of the cluster; None: it is about the request."""
    where = config.shown
    if isinstance(error, ConnectionTimeout):
        return IndexUnavailableError(
            Trouble.SLOW,
            f"Elasticsearch at {where} gave no answer in {config.timeout_s:g} s",
            "look at its load; HIRELENS_INDEX_TIMEOUT_S sets how long to wait",
        )
    if isinstance(error, TlsError) and "WRONG_VERSION_NUMBER" in error.message:
        return IndexUnavailableError(
            Trouble.DOWN,
            f"{where} does not speak TLS",
            "write http:// in HIRELENS_INDEX_URL, or the port that does",
        )
    if isinstance(error, TlsError):
        return IndexUnavailableError(
            Trouble.REFUSED,
            f"the certificate of {where} is not accepted ({error.message})",
            "set HIRELENS_INDEX_CA to the file of the authority that signed it",
        )
    if isinstance(error, NoConnection):
        return IndexUnavailableError(
            Trouble.DOWN,
            f"Elasticsearch at {where} does not answer ({_first(error)})",
            "start it, or correct HIRELENS_INDEX_URL",
        )
    if isinstance(error, UnsupportedProductError | TransportError):
        return IndexUnavailableError(
            Trouble.FOREIGN,
            f"{where} does not answer as an Elasticsearch does ({type(error).__name__})",
            "correct HIRELENS_INDEX_URL",
        )
    if isinstance(error, ApiError):
        return answered(error.status_code, kind_of(error.body), str(reason_of(error.body)), config)
    return None


def answered(
    status: int, kind: str, reason: str, config: ElasticConfig
) -> IndexUnavailableError | None:
    """Return what an answer with an error says of the cluster; None: it is about the request.

    Args:
        status: the HTTP status of the answer or of one item.
        kind: the server's type of the error.
        reason: the server's text.
        config: for the names.
    """
    if kind in _BLOCKS and status != 503:
        return IndexUnavailableError(
            Trouble.READ_ONLY,
            f"Elasticsearch takes no writes ({reason})",
            "free disk space or remove the block, then it goes on by itself",
        )
    if status in _REFUSED:
        return IndexUnavailableError(
            Trouble.REFUSED,
            f"Elasticsearch refuses the credentials ({status} {kind})",
            "set HIRELENS_INDEX_API_KEY to a key with the role of docs/elasticsearch.md",
        )
    if status == 429:
        return IndexUnavailableError(
            Trouble.BUSY, f"Elasticsearch is overloaded ({kind})", "it is asked again later"
        )
    if status == 404 and kind in ("index_not_found_exception", "resource_not_found_exception"):
        return IndexUnavailableError(
            Trouble.MISSING,
            f"there is no index behind {config.write_alias}",
            "make one: hirelens index create",
        )
    if status in (404, 405) and not kind.endswith("_exception"):
        return IndexUnavailableError(
            Trouble.FOREIGN,
            f"{config.shown} does not know what an Elasticsearch knows ({status})",
            "correct HIRELENS_INDEX_URL",
        )
    if status >= 500:
        return IndexUnavailableError(
            Trouble.DOWN,
            f"Elasticsearch cannot answer now ({status} {kind}: {reason[:200]})",
            "look at its log and at the health of the cluster",
        )
    return None


def check_read(doc: Mapping[str, Any], config: ElasticConfig) -> None:
    """Refuse a document of an ``_mget`` that could not be looked for, which is not: not there.

    Raises:
        IndexUnavailableError: it has an error in place of a document.
    """
    if "error" not in doc:
        return
    kind, reason = kind_of(doc), reason_of(doc)
    # An item has no status of its own.
    status = 404 if kind == "index_not_found_exception" else 503
    found = answered(status, kind, reason, config)
    if found is not None:
        raise found


def kind_of(body: object) -> str:
    """Return the server's type of an error."""
    error = body.get("error") if isinstance(body, Mapping) else None
    if isinstance(error, Mapping):
        return str(error.get("type", ""))
    return str(error or "")


def reason_of(body: object) -> str:
    """Return the server's text of an error, the innermost cause that it names."""
    error = body.get("error") if isinstance(body, Mapping) else None
    told = ""
    while isinstance(error, Mapping):
        told = str(error.get("reason") or told)
        error = error.get("caused_by")
    return told


def _first(error: Exception) -> str:
    return str(error).split(":")[-1].strip(" )'\"")[:120] or type(error).__name__
