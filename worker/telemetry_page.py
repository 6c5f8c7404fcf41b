"""The page ``docs/metrics.md``, made from the closed lists themselves."""

from __future__ import annotations

import logging

from worker import metrics_list as listed
from worker.log_events import SHAPES

ALERTS = f"""\
groups:
  - name: hirelens
    rules:
      - alert: PostsAreLate
        expr: {listed.DUE_OLDEST.exported}{{lane="live"}} > 30
        for: 2m
        annotations:
          summary: A written post has waited longer than 30 s. Are workers alive, the index slow?
      - alert: IndexAway
        expr: >-
          max({listed.INDEX_OUTAGE.exported}) > 60
          and sum(increase({listed.INDEX_UNAVAILABLE.exported}[2m])) > 0
        annotations:
          summary: The index has not been usable for a minute; posts wait. Run hirelens doctor.
      - alert: NobodyLooks
        expr: >-
          absent({listed.DUE_READ.exported})
          or time() - {listed.DUE_READ.exported} > 60
        for: 1m
        annotations:
          summary: The relay has read no due rows for a minute. Does it live, is the database there?
      - alert: APersonIsNeeded
        expr: >-
          {listed.DEAD_OPEN.exported} > 0
          or increase({listed.DRIFT.exported}{{kind=~"ahead|unknown"}}[1h]) > 0
        annotations:
          summary: "Posts that workers cannot help: hirelens dead list; hirelens recover for drift."
"""

_HEAD = """\
# Metrics, events and traces

Made by `worker.telemetry_page`; the lists are closed.

## Metrics

A process that stays answers Prometheus at `/metrics`: a worker for all of its children, killed ones
included; the relay and reconcile each for itself. Sum counters and histograms over processes. A
label value outside the list counts as `other`.

| metric | type | label: values | what it says |
|---|---|---|---|
"""

_EVENTS = """
## Events

One JSON object a line on standard error, a short line on a terminal: `at` (UTC), `event`, `level`,
`pid`, and those of the event's fields that are known. Texts are cut after 500 characters.

| event | level | fields | when |
|---|---|---|---|
"""

_TRACE = """
## Traces

Each write has a trace id (32 hexadecimal digits): the caller's own, or that of a W3C `traceparent`,
or a new one. It stands in the outbox row, in the post's history (`hirelens explain ID`) and in
every line of the log about the post: one search for it shows a post's way from write to index.
"""


def reference() -> str:
    """Return the whole page."""
    metrics = [_metric(metric) for metric in listed.METRICS]
    events = [
        f"| `{event.value}` | {logging.getLevelName(shape.level).lower()} "
        f"| {', '.join(f'`{name}`' for name in shape.fields)} | {shape.meaning} |"
        for event, shape in SHAPES.items()
    ]
    alerts = "\n## Four alerts worth having\n\n```yaml\n" + ALERTS + "```\n"
    return _HEAD + "\n".join(metrics) + "\n" + alerts + _EVENTS + "\n".join(events) + "\n" + _TRACE


def _metric(metric: listed.Metric) -> str:
    values = ", ".join(f"`{value}`" for value in metric.values)
    label = f"`{metric.label}`: {values}" if metric.label else ""
    return f"| `{metric.exported}` | {metric.kind.value} | {label} | {metric.meaning} |"
