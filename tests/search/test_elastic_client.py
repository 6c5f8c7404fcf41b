"""Settings that can never work are the index's trouble, never a post's."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

import pytest
from elastic_fake import document

from search.elastic.client import connect
from search.elastic.config import ElasticConfig
from search.elastic.index import ElasticIndex
from search.index import IndexUnavailableError, Trouble


@pytest.mark.parametrize("url", ["http://host", "http://user:secret@host", "http://host:99999999"])
def test_a_url_that_cannot_be_used(url: str) -> None:
    index = ElasticIndex(ElasticConfig((url,)), "space-1")
    for call in (
        lambda: index.vector_space,
        lambda: index.get(["1"]),
        lambda: index.write([document("1")]),
    ):
        with pytest.raises(IndexUnavailableError, match="HIRELENS_INDEX_URL") as told:
            call()
        assert "secret" not in str(told.value)


def test_a_certificate_without_https(tmp_path: Path) -> None:
    (tmp_path / "ca.crt").write_text("")
    with pytest.raises(IndexUnavailableError, match="HIRELENS_INDEX_CA"):
        connect(ElasticConfig(("http://host:9200",), ca=tmp_path / "ca.crt"))


def test_a_file_that_is_no_certificate(tmp_path: Path) -> None:
    (tmp_path / "ca.crt").write_text("no certificate")
    index = ElasticIndex(ElasticConfig(("https://127.0.0.1:9",), ca=tmp_path / "ca.crt"), "space-1")
    with pytest.raises(IndexUnavailableError):
        index.get(["1"])
    index.close()


def test_https_to_a_node_that_speaks_http() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        answering = threading.Thread(target=_answer_in_http, args=(server,), daemon=True)
        answering.start()
        url = f"https://127.0.0.1:{server.getsockname()[1]}"
        index = ElasticIndex(ElasticConfig((url,), retries=0), "space-1")
        with pytest.raises(IndexUnavailableError, match="http://") as told:
            index.get(["1"])
        assert told.value.reason is Trouble.DOWN
        index.close()
    answering.join(5)


def _answer_in_http(server: socket.socket) -> None:
    connection, _ = server.accept()
    with connection:
        connection.recv(1024)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")
