"""The seeded history of a crash run: what is written, by whom, by which way in. Pure.

Every write carries its revision, so that several writers may hold one post: the revision decides,
in whatever order the writes arrive. ``plan`` gives the same history for the same arguments.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["create", "edit", "salary", "close", "reopen", "refused"]
Way = Literal["transaction", "ingest", "sql"]
Fate = Literal["lost", "error"]

WRITES_A_POST = 5
DEADLY_EVERY = 500
"""One post in so many kills the process that reads it."""
AT_LEAST = 2
DEADLY_MARK = "炸"
POISON_MARK = "毒"
_SHARED = 0.3
_BURST = 0.4
_WAYS: tuple[Way, ...] = ("transaction", "ingest", "sql")
_JOBS = ("服务员", "送餐员", "会计", "保安", "电工", "文员", "司机", "仓管")
_OFFERS = ("包吃包住", "五险一金", "月休四天", "多劳多得", "交通方便", "有餐补", "双休", "可兼职")


@dataclass(frozen=True, slots=True)
class Write:
    """One write of one post; ``number`` is its place in the history.

    ``fate``: what reading this content leads to (a dead letter of this kind). ``doubled``: its
    message is sent twice. ``late``: the number of an older write of this post that is sent again
    after this one. ``broken``: the stored payload is no post at all.
    """

    number: int
    writer: int
    way: Way
    kind: Kind
    id: str
    revision: int
    title: str
    body: str
    salary: str
    deleted: bool = False
    fate: Fate | None = None
    broken: bool = False
    doubled: bool = False
    late: int | None = None
    lane: Literal["live", "backfill"] = "live"

    def payload(self) -> dict[str, Any]:
        """Return the post as JSON, exactly as a source would give it."""
        wrong = self.broken or self.kind == "refused"
        return {
            "id": self.id,
            "title": self.number if wrong else self.title,
            "body": self.body,
            "salary": self.salary,
            "revision": self.revision,
            "deleted": self.deleted,
        }


@dataclass(slots=True)
class _Post:
    id: str
    owner: int | None  # None: any writer
    revision: int = 0
    title: str = ""
    body: str = ""
    salary: str = ""
    deleted: bool = False
    fate: Fate | None = None


@dataclass(frozen=True, slots=True)
class _Doom:
    """At this step a post gets a content that cannot be read; ``healed``: and later another."""

    step: int
    kind: Literal["deadly", "poison", "broken"]
    healed: bool


class _Author:
    """Invents the history step by step; all chance comes from one generator."""

    def __init__(self, seed: int, writes: int, writers: int) -> None:
        self.chance = random.Random(f"history {seed}")
        self.writes = writes
        self.writers = writers
        self.most = max(writes // WRITES_A_POST, 8)
        self.posts: list[_Post] = []
        self.free: list[_Post] = []  # those that no doom has settled
        self.last: _Post | None = None
        self.sent: dict[str, list[Write]] = {}
        self.done: list[Write] = []

    def plan(self) -> list[Write]:
        dooms = {doom.step: doom for doom in self._dooms()}
        refusals = set(self.chance.sample(range(self.writes), max(self.writes // 250, AT_LEAST)))
        heal: dict[int, _Post] = {}
        for step in range(self.writes):
            if step in heal:
                self._edit(heal.pop(step))
            elif step in dooms and self.free:
                doom = dooms[step]
                post = self._any()
                self._doom(post, doom)
                if doom.healed:
                    heal[min(step + 1 + self.chance.randrange(60), self.writes - 1)] = post
            elif step in refusals:
                self._refused()
            else:
                self._step()
        return self.done

    def _dooms(self) -> Iterable[_Doom]:
        deadly = max(self.most // DEADLY_EVERY, AT_LEAST)
        kinds: list[tuple[Literal["deadly", "poison", "broken"], bool]] = [
            *[("deadly", False)] * deadly,
            *[("poison", False), ("broken", False)] * max(self.most // 1000, 1),
            *[("deadly", True), ("poison", True), ("broken", True)],
        ]
        first, last = self.writes // 4, self.writes * 9 // 10
        steps = self.chance.sample(range(first, last), len(kinds))
        return [_Doom(step, *kind) for step, kind in zip(steps, kinds, strict=True)]

    def _step(self) -> None:
        if not self.free or (len(self.posts) < self.most and self.chance.random() < 0.35):
            self._create()
            return
        post = self._any()
        if post.deleted:
            self._reopen(post)
            return
        draw = self.chance.random()
        if draw < 0.5:
            self._edit(post)
        elif draw < 0.75:
            self._salary(post)
        else:
            post.deleted = True
            self._write(post, "close")

    def _any(self) -> _Post:
        # A post is often written again at once, while its last revision is being processed.
        if self.last is not None and self.last in self.free and self.chance.random() < _BURST:
            return self.last
        # Half of the others go to a few busy posts: they meet their own earlier revisions.
        busy = self.free[: max(len(self.free) // 10, 1)]
        return self.chance.choice(busy if self.chance.random() < 0.5 else self.free)

    def _create(self) -> None:
        shared = self.chance.random() < _SHARED
        owner = None if shared else self.chance.randrange(self.writers)
        post = _Post(f"p{len(self.posts):05}", owner)
        self.posts.append(post)
        self.free.append(post)
        self._retext(post)
        post.salary = self._pay()
        self._write(post, "create")

    def _edit(self, post: _Post) -> None:
        kind: Kind = "reopen" if post.deleted else "edit"
        post.deleted, post.fate = False, None
        self._retext(post)
        self._write(post, kind)

    def _reopen(self, post: _Post) -> None:
        post.deleted = False
        if self.chance.random() < 0.5 and post.fate is None:
            self._retext(post)
        self._write(post, "reopen")

    def _salary(self, post: _Post) -> None:
        post.salary = self._pay(other_than=post.salary)
        self._write(post, "salary")

    def _doom(self, post: _Post, doom: _Doom) -> None:
        kind: Kind = "reopen" if post.deleted else "edit"
        post.deleted = False
        post.fate = "lost" if doom.kind == "deadly" else "error"
        mark = DEADLY_MARK if doom.kind == "deadly" else POISON_MARK
        self._retext(post, mark if doom.kind != "broken" else "")
        self._write(post, kind, broken=doom.kind == "broken")
        # A broken row has no text of its own: whatever is built upon it would be whole again.
        if not doom.healed or doom.kind == "broken":
            self.free.remove(post)

    def _refused(self) -> None:
        number = len(self.done)
        post = _Post(f"bad{number:05}", self.chance.randrange(self.writers), body="x")
        self._write(post, "refused")

    def _retext(self, post: _Post, mark: str = "") -> None:
        """Give a new text; few titles and a common pool of bodies: posts often share a text."""
        post.title = f"招聘{self.chance.choice(_JOBS)}{mark}"
        offers = self.chance.sample(_OFFERS, 3)
        place = self.chance.randrange(max(self.writes // 4, 10))
        own = f" {post.id} {post.revision}" if mark else ""
        post.body = f"{offers[0]}，{offers[1]}。{offers[2]}，第{place}号店。{own}"

    def _pay(self, other_than: str = "") -> str:
        while (pay := f"{self.chance.randrange(30, 150)}00元/月") == other_than:
            pass
        return pay

    def _write(self, post: _Post, kind: Kind, *, broken: bool = False) -> None:
        self.last = post
        post.revision += 1
        owner = post.owner
        writer = self.chance.randrange(self.writers) if owner is None else owner
        way: Way = self.chance.choice(_WAYS)
        if broken:
            way = "sql"  # the other ways refuse it
        elif kind == "refused":
            way = "ingest"
        own = [w for w in self.sent.get(post.id, ()) if not w.broken]
        late = self.chance.choice(own).number if own and self.chance.random() < 0.15 else None
        write = Write(
            number=len(self.done),
            writer=writer,
            way=way,
            kind=kind,
            id=post.id,
            revision=post.revision,
            title=post.title,
            body=post.body,
            salary=post.salary,
            deleted=post.deleted,
            fate=post.fate,
            broken=broken,
            doubled=self.chance.random() < 0.15,
            late=late,
            lane="backfill" if self.chance.random() < 0.1 else "live",
        )
        self.done.append(write)
        self.sent.setdefault(post.id, []).append(write)


def plan(seed: int, writes: int, writers: int = 3) -> list[Write]:
    """Return the whole history, in the order in which its author thought of it."""
    if writes < 60 or writers < 1:
        raise ValueError("a history needs 60 writes and 1 writer at least")
    return _Author(seed, writes, writers).plan()


def of_writer(history: Sequence[Write], writer: int) -> list[Write]:
    """Return what one writer has to write, in its order."""
    return [write for write in history if write.writer == writer]
