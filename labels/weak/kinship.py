"""Whether two words name the same job or the same sector, by the taxonomy."""

from __future__ import annotations

from enrich.taxonomy import Taxonomy

# What a title adds to a job without making it another one: 客服 and 客服专员.
_RANKS = frozenset(
    ("专员", "员", "工", "人员", "师", "师傅", "工程师", "岗", "岗位", "代表", "实习生", "工人")
)

_TELL_NOTHING = frozenset(
    (
        "专员",
        "人员",
        "师傅",
        "工程",
        "程师",
        "经理",
        "主管",
        "总监",
        "助理",
        "管理",
        "负责",
        "实习",
        "习生",
        "高级",
        "代表",
    )
)


class Kinship:
    """Answers about pairs of words, remembered: posts repeat the same few."""

    LIMIT = 200_000
    """Remembered pairs; then all are forgotten, so that a long run keeps its size."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        """Answer by this taxonomy."""
        self.taxonomy = taxonomy
        self._same: dict[tuple[str, str], bool] = {}
        self._sectors: dict[str, frozenset[str]] = {}
        self._wide: dict[str, frozenset[str]] = {}

    def same(self, one: str, other: str) -> bool:
        """Tell whether a seeker of one would accept the other: equal, a kind of it, or its rank."""
        if one == other:
            return True
        key = (one, other) if one < other else (other, one)
        known = self._same.get(key)
        if known is None:
            if len(self._same) >= self.LIMIT:
                self._same.clear()
            known = self._same[key] = self._compare(*sorted(key, key=len))
        return known

    def sectors(self, form: str) -> frozenset[str]:
        """Return the ids of the sectors of a form's positions; nothing for an unknown word."""
        known = self._sectors.get(form)
        if known is None:
            if len(self._sectors) >= self.LIMIT:
                self._sectors.clear()
            senses = self.taxonomy.senses(form)
            known = self._sectors[form] = frozenset(
                self.taxonomy.path(sense.position)[0].id for sense in senses
            )
        return known

    def shares(self, form: str, title: str) -> bool:
        """Tell whether a form and a title share two characters that are not of a mere rank."""
        pairs = (form[i : i + 2] for i in range(len(form) - 1))
        return any(pair in title for pair in pairs if pair not in _TELL_NOTHING)

    def _compare(self, short: str, long: str) -> bool:
        if len(short) > 1 and (
            long.endswith(short) or (long.startswith(short) and long[len(short) :] in _RANKS)
        ):
            return True
        return not self._reach(short).isdisjoint(self._own(long)) or not self._own(
            short
        ).isdisjoint(self._reach(long))

    def _own(self, form: str) -> frozenset[str]:
        return frozenset(sense.position for sense in self.taxonomy.senses(form))

    def _reach(self, form: str) -> frozenset[str]:
        """Return the positions of a form and everything above them."""
        known = self._wide.get(form)
        if known is None:
            if len(self._wide) >= self.LIMIT:
                self._wide.clear()
            own = self._own(form)
            above = (parent for id_ in own for parent in self.taxonomy.ancestors(id_))
            known = self._wide[form] = own | frozenset(above)
        return known
