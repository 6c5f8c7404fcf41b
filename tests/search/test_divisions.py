"""Places: what a name may mean, what lies in it, and what a query asks by it."""

from __future__ import annotations

from itertools import pairwise

import pytest

from search.conditions import Condition, Held
from search.divisions import divisions, lies_in
from search.intent.model import Intent
from search.regions import REGIONS
from search.whereabouts import elsewhere, located

DIVISIONS = divisions()


def place(name: str, *, negated: bool = False) -> Intent:
    return Intent(name, "location", name, "test", negated=negated)


def asked(*names: str, city: str | None = None) -> list[tuple[Condition, ...]]:
    found = located([place(name) for name in names], DIVISIONS, city)
    return [group for _, asks in found for group in asks.groups]


def stated(group: tuple[Condition, ...], field: str = "tag:location") -> set[str]:
    found = (one for one in group if isinstance(one, Held) and one.field == field)
    return {value for one in found for value in one.values}


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("北京", ("北京市",)),
        ("苏州", ("江苏省", "苏州市")),
        ("昆山", ("江苏省", "苏州市", "昆山市")),
        ("浦东", ("上海市", "浦东新区")),
        ("虎门镇", ("广东省", "东莞市", "虎门")),
        ("魔都", ("上海市",)),
        ("徐家汇", ("上海市", "徐汇区", "徐家汇")),
        ("河南", ("河南省",)),
    ],
)
def test_a_name_means_a_place(name: str, place: tuple[str, ...]) -> None:
    assert DIVISIONS.find(name) == (place,)


def test_what_no_register_has_means_nothing() -> None:
    assert DIVISIONS.find("附近") == DIVISIONS.find("") == ()


def test_every_region_has_known_members() -> None:
    for name, members in REGIONS.items():
        assert len(DIVISIONS.find(name)) == len(set(members)), name


def test_what_lies_in_a_place_is_named_unless_it_lies_elsewhere_too() -> None:
    beijing = set(DIVISIONS.names(DIVISIONS.find("北京")))
    assert {"北京市", "北京", "海淀区", "海淀", "三里屯"} <= beijing
    assert not {"朝阳区", "朝阳", "上海", "通州"} & beijing  # others bear these names too
    district = set(DIVISIONS.names((("北京市", "朝阳区"),)))
    assert {"朝阳区", "朝阳", "三里屯"} <= district
    assert "北京" not in district


def test_a_city_field_of_another_city_is_no_match() -> None:
    assert "朝阳" not in DIVISIONS.cities(DIVISIONS.find("朝阳区"))
    assert "昆山" in DIVISIONS.cities(DIVISIONS.find("苏州"))


@pytest.mark.parametrize("name", ["北京", "广东", "苏州", "昆山", "虎门", "珠三角"])
def test_names_below_mean_nothing_elsewhere(name: str) -> None:
    places = DIVISIONS.find(name)
    own = {written for place in places for written in DIVISIONS.names((place,))[:4]}
    for inner in set(DIVISIONS.names(places)) - own:
        assert all(any(lies_in(one, p) for p in places) for one in DIVISIONS.find(inner)), inner


def test_a_place_in_another_one_narrows_it() -> None:
    group, within = asked("北京", "朝阳区")
    # The towns of just this one, those with common names too: 北京 must be stated beside them.
    assert {"朝阳区", "三里屯", "望京街道"} <= stated(group)
    assert not {"长春市", "桂林街道"} & stated(group)
    assert "北京" in stated(within, "city")
    assert asked("朝阳区", "北京") == [group, within]


def test_a_place_alone_has_only_names_of_its_own_below() -> None:
    (group,) = asked("朝阳区")
    assert "朝阳区" in stated(group)
    assert "望京街道" not in stated(group)  # there is one in Sichuan as well


def test_around_a_place_lies_its_city() -> None:
    ((_, asks),) = located([place("望京"), place("昆山")], DIVISIONS)
    assert asks.around == ("北京市", "苏州市")
    assert {"海淀", "昆山"} <= stated(asks.wider[0])
    for name in ("北京", "苏州", "江苏", "江浙沪"):
        ((_, asks),) = located([place(name)], DIVISIONS)
        assert asks.wider == asks.around == ()


def test_what_lies_in_a_place_tells_the_place() -> None:
    """A post that states 海淀 alone lies in 北京, so that it answers 北京 海淀区."""
    group, within = asked("北京", "海淀区")
    assert "海淀" in stated(group) & stated(within)


def test_places_beside_each_other_are_alternatives() -> None:
    (group,) = asked("北京", "上海")
    assert {"北京", "上海"} <= stated(group) & stated(group, "city")


def test_an_unknown_place_must_stand_in_the_post() -> None:
    (_, (group,)) = (asked("苏州")[0], asked("某某大厦"))
    assert Held("tag:location", ("某某大厦",)) in group
    assert len(group) == 2


def test_what_depends_on_the_seeker_asks_nothing() -> None:
    ((intents, asks),) = located([place("附近")], DIVISIONS)
    assert (intents[0].text, asks.groups) == ("附近", ())
    assert asks.why


def test_a_given_city_wins() -> None:
    inside, outside = located([place("朝阳区"), place("上海")], DIVISIONS, "北京")
    assert "朝阳区" in stated(inside[1].groups[0])
    assert "宽城区" not in stated(inside[1].groups[0])
    assert not outside[1].groups
    assert outside[1].why


def test_a_refused_place_refuses_what_lies_in_it() -> None:
    asks = elsewhere(place("苏州", negated=True), DIVISIONS)
    assert "昆山" in stated(asks.refused)
    assert elsewhere(place("某某大厦"), DIVISIONS).why


def test_paths_have_no_repeated_level() -> None:
    for name in ("北京", "重庆", "临高县", "东莞"):
        for found in DIVISIONS.find(name):
            assert all(upper != lower for upper, lower in pairwise(found))


def test_queries_with_ever_other_places_do_not_fill_the_memory() -> None:
    def entries() -> int:
        return sum(len(kept) for kept in vars(DIVISIONS).values() if isinstance(kept, dict))

    first = DIVISIONS.find("北京")
    DIVISIONS.names(first)
    before = entries()
    for other in ("鹤岗", "玉树", "儋州"):
        places = (*first, *DIVISIONS.find(other))
        assert set(DIVISIONS.names(places)) >= {"北京", other}
        assert other in DIVISIONS.cities(places)
    assert entries() == before
