"""The tools of the crash suite: a tool that sees nothing would make every run look good."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.crash import journal, measures
from tests.crash.children import Program, parent_of, send
from tests.crash.encoder import vector_of
from tests.crash.history import Write, plan
from tests.crash.monkey import TIMES, Monkey
from tests.crash.producer import message_of
from worker import messages
from worker.messages import Envelope, Refusal

PARENT = (
    "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {child!r}]); {child}"
)
CHILD = "import time; time.sleep(60)"
PARENT = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', '{CHILD}']); {CHILD}"
PATIENCE_S = 30.0


def with_a_child(log: Path) -> Program:
    program = Program("parent", ["-c", PARENT], log)
    program.start()
    deadline = time.monotonic() + PATIENCE_S
    while not program.children():
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.02)
    return program


def test_a_torn_note_is_no_acknowledgement(tmp_path: Path) -> None:
    file = tmp_path / "journal"
    journal.Journal(file).note([1, 2])
    with file.open("ab") as torn:
        torn.write(b'{"n": [3], "a')
    journal.Journal(file).note([4])
    assert journal.acknowledged([file]).keys() == {1, 2, 4}
    assert journal.acknowledged([tmp_path / "none"]) == {}


def test_vectors_are_of_unit_length_and_of_one_text() -> None:
    vector = vector_of("招聘电工", "包吃包住")
    assert sum(value * value for value in vector) == pytest.approx(1.0)
    others = {vector_of(title, body) for title in "abc" for body in "abc"}
    assert len(others) == 9


def test_the_monkey_forgets_no_fault() -> None:
    tries: Counter[str] = Counter()

    def deed(kind: str) -> bool:
        tries[kind] += 1
        if kind == "kill broker" and tries[kind] == 1:
            raise ConnectionRefusedError
        return kind != "drop hints" or tries[kind] > 3

    monkey = Monkey({kind: lambda kind=kind: deed(kind) for kind in TIMES}, random.Random(1))  # type: ignore[misc]
    struck = [monkey.strike() for _ in range(2 * sum(TIMES.values()))]
    assert monkey.complete
    assert struck.count(None) == 4
    assert Counter(filter(None, struck)) == monkey.counts


def test_a_killed_parent_leaves_an_orphan_that_is_found(tmp_path: Path) -> None:
    program = with_a_child(tmp_path / "log")
    (child,) = program.children()
    assert set(program.family()) == {program.pid, child}
    program.kill_parent()
    assert program.orphans() == [child]
    send([child], signal.SIGKILL)
    deadline = time.monotonic() + PATIENCE_S
    while program.orphans():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_killed_program_leaves_nothing(tmp_path: Path) -> None:
    program = with_a_child(tmp_path / "log")
    child = program.children()[0]
    program.kill()
    assert not program.alive
    assert program.code is None
    assert not Path(f"/proc/{child}").exists() or parent_of(child) is None
    program.start()
    assert (program.alive, program.starts) == (True, 2)
    program.kill()


def opened(write: Write) -> Envelope | Refusal:
    message = message_of(write)
    properties = message.properties
    return messages.open_envelope(
        properties["application_headers"],
        message.body,
        properties["content_type"],
        properties["content_encoding"],
    )


def test_messages_are_what_the_documentation_says_and_the_spoilt_ones_are_not() -> None:
    history = plan(1, 4000)
    sent = [w for w in history if w.way == "ingest"]
    whole = [w for w in sent if w.kind != "refused"][:50]
    for write in whole:
        envelope = opened(write)
        assert isinstance(envelope, Envelope)
        assert messages.read_post(envelope.args[0]).revision == write.revision
        assert message_of(write).properties == message_of(write).properties
    spoilt = [opened(w) for w in sent if w.kind == "refused"]
    refused = [found for found in spoilt if isinstance(found, Refusal)]
    assert 0 < len(refused) < len(spoilt), "some are refused by the envelope, some by the post"
    for found in spoilt:
        if isinstance(found, Envelope):
            with pytest.raises(ValueError, match="title"):
                messages.read_post(found.args[0])


def test_logs_are_counted_and_unforeseen_errors_told(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    log.write_text(
        '{"event": "indexed"}\n{"event": "indexed"}\n{"event": "dea\nno json\n'
        '{"event": "message", "message": "Task x raised unexpected: TypeError(1)"}\n'
    )
    assert measures.logged([log])["indexed"] == 2
    assert measures.unexpected([log]) == {"TypeError(1)": 1}


def test_outages_are_what_the_workers_told(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    log.write_text(
        '{"event": "index_unavailable", "reason": "down", "wait_s": 0.5}\n'
        '{"event": "index_unavailable", "reason": "slow", "wait_s": 1}\n'
        '{"event": "index_back", "seconds": 2.5}\n{"event": "index_back", "seconds": 0.5}\n'
    )
    found = measures.outages([log])
    assert found.reasons == {"down": 1, "slow": 1}
    assert found.seconds == [0.5, 2.5]


def test_percentiles() -> None:
    values = [float(n) for n in range(1, 101)]
    assert measures.percentile(values, 0.5) == 51.0
    assert measures.percentile(values, 0.95) == 96.0
    assert measures.percentile([], 0.95) == 0.0
