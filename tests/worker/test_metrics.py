"""Metrics: what is counted, over real forked children, and that measuring never gets in the way."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from worker import metrics_list as listed
from worker import telemetry_page
from worker.report import DrainReport

# The client decides once a process, when imported, where values live: each test has its process.
FORKS = """
import json, os, signal, sys, time, urllib.request
from pathlib import Path
from worker import metrics
from worker.report import DrainReport

folder = Path(sys.argv[1])
folder.mkdir()
(folder / "counter_999999999.db").write_bytes(b"left by an earlier process")
metrics.prepare(folder)
server = metrics.serve(0)

def scrape():
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/metrics", timeout=10) as answer:
        return answer.read().decode()

def child(number, die):
    pid = os.fork()
    if pid:
        return pid
    report = DrainReport(claimed=4, indexed=3, superseded=1, inferred=2, reused=1)
    metrics.batch(report, 0.2, [("live", 0.3), ("backfill", 40.0)])
    metrics.inference(0.05)
    metrics.due("live", number, float(number))
    if die:
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(60)

killed = [child(n, True) for n in range(12)]
for pid in killed:
    os.waitpid(pid, 0)
living = child(99, False)
deadline = time.monotonic() + 20
while 'hirelens_due_rows{lane="live"} 99.0' not in scrape() and time.monotonic() < deadline:
    time.sleep(0.05)
first = scrape()
files = sorted(p.name for p in folder.glob("*"))
os.kill(living, signal.SIGKILL)
os.waitpid(living, 0)
second = scrape()
server.close()
print(json.dumps({"first": first, "second": second, "files": files, "port": server.port}))
"""


def run_script(text: str, *arguments: str) -> Any:
    done = subprocess.run(
        [sys.executable, "-c", text, *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def value(scraped: str, series: str) -> float | None:
    for line in scraped.splitlines():
        name, _, number = line.rpartition(" ")
        if name == series:
            return float(number)
    return None


def test_killed_and_living_children_are_scraped_over_http(tmp_path: Path) -> None:
    seen = run_script(FORKS, str(tmp_path / "metrics"))
    for scraped in (seen["first"], seen["second"]):
        assert value(scraped, 'hirelens_rows_total{outcome="indexed"}') == 39
        assert value(scraped, 'hirelens_conflicts_total{kind="superseded"}') == 13
        assert value(scraped, 'hirelens_cache_total{result="miss"}') == 26
        assert value(scraped, 'hirelens_freshness_seconds_count{lane="live"}') == 13
        assert value(scraped, 'hirelens_freshness_seconds_bucket{lane="live",le="0.25"}') == 0
        assert value(scraped, 'hirelens_freshness_seconds_bucket{lane="live",le="0.5"}') == 13
        assert value(scraped, "hirelens_batch_rows_sum") == 52
        assert value(scraped, "hirelens_inference_seconds_count") == 13
    assert value(seen["first"], 'hirelens_due_rows{lane="live"}') == 99
    # What a killed child last said of now is not true any more.
    assert value(seen["second"], 'hirelens_due_rows{lane="live"}') is None
    counters = [name for name in seen["files"] if name.startswith("counter")]
    assert "counter_dead.db" in counters
    assert len(counters) == 3, "twelve dead children in one file, the parent, the living child"


SINGLE = """
import json, sys
from worker import metrics
from worker.report import DrainReport

before = "prometheus_client" in sys.modules
metrics.batch(DrainReport(claimed=1), 0.1)
metrics.hints("live", 3)
off = metrics.scrape()
untouched = "prometheus_client" not in sys.modules
metrics.prepare()
metrics.batch(DrainReport(claimed=2, closed=1, dead=1, repaired=1), 1.5)
metrics.hints("live", 3)
metrics.hints("no such lane", 1)
metrics.due("backfill", 7, -1.0)
metrics.dead_open(4)
metrics.drift("ahead", 2)
metrics.ingested("rejected")
metrics.slow_batch()
metrics.hints("live", "not a number")
print(json.dumps({"off": off, "untouched": untouched and not before, "on": metrics.scrape()}))
"""


def test_a_process_without_children() -> None:
    seen = run_script(SINGLE)
    assert seen["off"] == ""
    assert seen["untouched"], "nothing may import the client before prepare"
    on = seen["on"]
    expected = {
        'hirelens_rows_total{outcome="closed"}': 1,
        'hirelens_rows_total{outcome="dead"}': 1,
        'hirelens_rows_total{outcome="indexed"}': 0,
        'hirelens_conflicts_total{kind="repaired"}': 1,
        "hirelens_dead_letters_total": 1,
        "hirelens_dead_letters_open": 4,
        'hirelens_batch_seconds_bucket{le="1.0"}': 0,
        'hirelens_batch_seconds_bucket{le="2.5"}': 1,
        'hirelens_hints_total{lane="live"}': 3,
        'hirelens_hints_total{lane="other"}': 1,
        'hirelens_due_rows{lane="backfill"}': 7,
        'hirelens_due_oldest_seconds{lane="backfill"}': 0,
        'hirelens_drift_total{kind="ahead"}': 2,
        'hirelens_ingest_total{outcome="rejected"}': 1,
        "hirelens_slow_batches_total": 1,
    }
    assert {name: value(on, name) for name in expected} == expected
    assert "_created" not in on


LATE = """
import json, sys
from pathlib import Path
import prometheus_client
from worker import metrics
try:
    metrics.prepare(Path(sys.argv[1]))
except RuntimeError as error:
    print(json.dumps(str(error)))
"""


def test_preparing_too_late_is_told(tmp_path: Path) -> None:
    assert "call prepare first" in run_script(LATE, str(tmp_path))


COST = """
import json, sys, time
from pathlib import Path
from worker import metrics
from worker.report import DrainReport

metrics.prepare(Path(sys.argv[1]))
report = DrainReport(claimed=32, indexed=30, superseded=2, inferred=30)
fresh = [("live", 0.2)] * 32
best = 1.0
for _ in range(5):
    start = time.perf_counter()
    for _ in range(100):
        metrics.batch(report, 0.1, fresh)
    best = min(best, (time.perf_counter() - start) / 3200)
print(json.dumps(best))
"""


def test_a_row_costs_microseconds(tmp_path: Path) -> None:
    assert run_script(COST, str(tmp_path)) < 50e-6


def test_every_count_of_a_batch_is_exported() -> None:
    names = {field.name for field in fields(DrainReport)}
    told = {*listed.ROWS.values, *listed.CONFLICTS.values}
    assert told | {"claimed", "inferred", "reused"} == names


def test_names_are_unique_and_prometheus_would_take_them() -> None:
    names = [metric.exported for metric in listed.METRICS]
    assert len(names) == len(set(names))
    assert all(name.startswith("hirelens_") for name in names)
    assert all(metric.buckets for metric in listed.METRICS if metric.kind is listed.Kind.HISTOGRAM)


def test_the_page_is_current() -> None:
    page = Path(__file__).parents[2] / "docs" / "metrics.md"
    assert page.read_text("utf-8") == telemetry_page.reference()


@pytest.mark.parametrize("metric", [listed.DUE_OLDEST, listed.DUE_READ, listed.DEAD_OPEN])
def test_alerts_ask_for_metrics_that_exist(metric: listed.Metric) -> None:
    assert metric.exported in telemetry_page.ALERTS
