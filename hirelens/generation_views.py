"""What the verbs of ``hirelens index`` print."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from hirelens.output import console, emit_text, note, safe, table
from hirelens.times import shown

if TYPE_CHECKING:
    from hirelens.gate import Gate
    from hirelens.generations import Stage
    from hirelens.switching import Switched
    from search.copying import Copied
    from search.elastic.described import Described
    from worker.rebuild import Rebuilt

NAMED = 20


def listed(stage: Stage) -> list[dict[str, Any]]:
    """Return every generation with its figures; those that cannot be read are None."""
    from search.index import IndexUnavailableError

    found = []
    for one in stage.generations.all():
        try:
            counts = stage.generations.counts(one)
            figures: tuple[int | None, ...] = (
                *(counts.open, counts.closed, counts.lacking),
                stage.generations.size(one.name),
            )
        except IndexUnavailableError:
            figures = (None,) * 4
        found.append(_row(one, figures))
    return found


def show_list(rows: Iterable[dict[str, Any]]) -> None:
    """Print the generations as a table."""
    columns = ("generation", "role", "space", "recipe", "#open", "#closed", "#no vector", "#MB",
               "created", "#format")  # fmt: skip
    cells = [
        (
            row["name"],
            row["role"],
            (row["vector_space"] or "-")[:8],
            (row["recipe"] or "-")[:8],
            *("?" if row[k] is None else row[k] for k in ("open", "closed", "lacking")),
            "?" if row["bytes"] is None else f"{row['bytes'] / 1e6:.1f}",
            shown(row["created_at"]),
            "foreign" if row["format"] is None else row["format"],
        )
        for row in rows
    ]
    if not cells:
        emit_text("none yet: hirelens index create, or put posts")
        return
    found = table("generations", columns, cells)
    for name in (0, 1):  # what the other verbs are given stays whole on a narrow terminal
        found.columns[name].no_wrap = True
    console().print(found)


def show_gate(gate: Gate, lag: int | None = 0) -> None:
    """Print what a check found, problems last."""
    emit_text(f"{gate.standby} beside {gate.current}")
    for name, counts in gate.counts.items():
        emit_text(f"  {name:<9} " + ", ".join(f"{value} {key}" for key, value in counts.items()))
    emit_text(f"  {gate.compared} compared by version, {gate.sampled} documents compared whole")
    if gate.excused:
        emit_text(f"  {gate.excused} excused: given up (hirelens dead list) or just being written")
    if gate.renumbered:
        emit_text(f"  {gate.renumbered} right under an older activation; reconcile renews them")
    if gate.behind:
        emit_text(f"  {gate.behind} not under recipe {gate.recipe} yet{_named(gate.behind_ids)}")
    for problem in gate.problems:
        emit_text(f"  {problem.check}: {problem.count}, {problem.told}{_named(problem.ids)}")
    emit_text("it may serve" if gate.is_open(lag) else "it must not serve yet")


def show_copied(done: Copied) -> None:
    """Print what a copy did."""
    emit_text(f"{done.seen} compared, {done.copied} copied in {done.rounds} rounds")
    if done.extra:
        note(f"{len(done.extra)} are only in the standby{_named(done.extra)}")
    _refused(done.refused)


def show_rebuilt(done: Rebuilt) -> None:
    """Print what reading under another recipe did."""
    emit_text(
        f"{done.seen} seen, {done.written} written in {done.rounds} rounds for activation "
        f"{done.activation}; {done.counts['inferred']} read by the model, "
        f"{done.counts['reused']} from the cache"
    )
    if done.given_up:
        emit_text(f"{len(done.given_up)} left: given up before, see 'hirelens dead list'")
    if done.unknown:
        note(f"{len(done.unknown)} are not in the database{_named(sorted(done.unknown))}")
    _refused({id_: failure.error for id_, failure in done.failed.items()})


def show_switched(done: Switched) -> None:
    """Print what a switch did."""
    if done.finished:
        emit_text("an interrupted switch was finished")
    emit_text(f"{done.current} serves")
    if done.standby is not None:
        emit_text(f"{done.standby} stands by and receives all writes: hirelens index rollback")
    if done.recipe is not None:
        emit_text(f"recipe {done.recipe} is active (activation {done.activation})")
    if done.asked:
        emit_text(f"{done.asked} posts that were behind are asked for")
    if done.renumbered:
        emit_text(f"{done.renumbered} carry an older activation; reconcile renews them by and by")


def _refused(errors: dict[str, str]) -> None:
    if not errors:
        return
    note(f"{len(errors)} posts could not be brought:")
    for id_, error in sorted(errors.items())[:NAMED]:
        note(f"  {safe(id_)}: {safe(error)[:200]}")
    if len(errors) > NAMED:
        note(f"  and {len(errors) - NAMED} more; --json names them all")


def _named(ids: Iterable[str]) -> str:
    names = ", ".join(safe(id_) for id_ in list(ids)[:5])
    return f", such as {names}" if names else ""


def _row(one: Described, figures: tuple[int | None, ...]) -> dict[str, Any]:
    opened, closed, lacking, size = figures
    return {
        "name": one.name,
        "role": one.role,
        "vector_space": one.space or None,
        "recipe": one.recipe,
        "open": opened,
        "closed": closed,
        "lacking": lacking,
        "bytes": size,
        "created_at": one.created_at,
        "format": one.format,
    }
