"""The card of a bundle: what it is, what it was made of, how good and how sure it is."""

from __future__ import annotations

from operator import attrgetter
from pathlib import Path
from typing import Any

from enrich.bundle import Calibration
from labels.train.config import RunConfig
from labels.train.config_file import PATHS, override, to_toml

_ROWS = ("all", "manual", "office", "several", "real", "written")


def card(
    config: RunConfig, base: str, posts: int, calibration: Calibration, figures: dict[str, Any]
) -> str:
    """Return the card; ``figures`` are those of ``metrics.json``."""
    files = ", ".join(path.name for path in config.data.judged)
    lines = [
        "# Reality model",
        "",
        "Labels every position mention of a Chinese job post: hired, mentioned only, no position.",
        "",
        f"- base: {base}",
        f"- trained on: {files} ({posts} posts)",
        (
            f"- seeds: {', '.join(map(str, config.seeds))}; kept: "
            f"{', '.join(map(str, figures['kept']))} ({config.average})"
        ),
        f"- hired from {_sure(calibration)} on, unsure from {calibration.threshold} on (kept)",
        "- limits: Chinese posts only; a position that the taxonomy lacks is never judged",
        "",
    ]
    for name in ("held_out", "out_of_fold"):
        if name in figures:
            lines += _table(name, figures[name])
    lines += ["## Settings", "", "```toml", to_toml(_without_folders(config)).strip(), "```"]
    return "\n".join(lines) + "\n"


def _table(name: str, figures: dict[str, Any]) -> list[str]:
    lines = [
        f"## Figures on the {name.replace('_', ' ')} posts",
        "",
        (
            "By (word, post), with the interval of 95 of 100 draws of posts; the thresholds were "
            "chosen on these posts, which no model was trained on."
        ),
        "",
        "| posts | number | precision | recall | F1 |",
        "|---|---|---|---|---|",
    ]
    for row in _ROWS:
        found = figures["pairs"][row]
        cells = " | ".join(_cell(found[key]) for key in ("precision", "recall", "f1"))
        lines.append(f"| {row} | {found['posts']} | {cells} |")
    lines += ["", "| calibration error | as trained | scaled, cross-fitted |", "|---|---|---|"]
    for label, found in figures["calibration_error"].items():
        lines.append(f"| {label} | {_cell(found['before'])} | {_cell(found['after'])} |")
    return [*lines, ""]


def _cell(figure: dict[str, float] | None) -> str:
    if figure is None:
        return "-"
    return f"{figure['value']:.3f} ({figure['low']:.3f} to {figure['high']:.3f})"


def _sure(calibration: Calibration) -> float:
    return calibration.hired_threshold or calibration.threshold


def _without_folders(config: RunConfig) -> RunConfig:
    """Return the config with names of files only: a card tells nothing of a machine's folders."""
    changes = {name: tuple(Path(path.name) for path in attrgetter(name)(config)) for name in PATHS}
    base = Path(config.model.base).name if Path(config.model.base).exists() else config.model.base
    return override(config, {**changes, "model.base": base, "out": None}, "card")
