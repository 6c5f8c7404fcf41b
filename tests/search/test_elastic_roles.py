"""Who plays which part, from what the server tells of aliases and `_meta`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from search.elastic.config import ElasticConfig
from search.elastic.roles import Generation, RoleWatch, generation_of, roles_of
from search.index import IndexUnavailableError, Trouble
from search.schema import mapping, vector_field

CONFIG = ElasticConfig(("http://user:secret@node:9200",), "h")
CURRENT = frozenset({CONFIG.read_alias, CONFIG.write_alias})
STANDBY = frozenset({CONFIG.standby_alias})


def generation(
    name: str, aliases: frozenset[str] = frozenset(), space: str = "space"
) -> Generation:
    return Generation(name, f"uuid-{name}", space, vector_field(space), None, aliases)


def refused(*found: Generation) -> IndexUnavailableError:
    with pytest.raises(IndexUnavailableError) as caught:
        roles_of(found, CONFIG)
    return caught.value


def test_the_parts_are_told_by_aliases() -> None:
    one, two, old = generation("1", CURRENT), generation("2", STANDBY), generation("0")
    roles = roles_of((old, one, two), CONFIG)
    assert (roles.current, roles.standby) == (one, two)
    assert roles.all == (one, two)
    assert roles_of((old, one), CONFIG).all == (one,)


def test_without_any_index_the_remedy_is_to_make_one() -> None:
    error = refused()
    assert error.reason is Trouble.MISSING
    assert "hirelens index create" in str(error)


@pytest.mark.parametrize("alias", sorted(CURRENT))
def test_half_of_the_aliases_is_not_enough(alias: str) -> None:
    error = refused(generation("1", frozenset({alias})))
    assert error.reason is Trouble.MISSING
    assert "1" in str(error)


def test_reading_one_and_writing_another_is_refused() -> None:
    halves = (
        generation("1", frozenset({CONFIG.read_alias})),
        generation("2", frozenset({CONFIG.write_alias})),
    )
    assert refused(*halves).reason is Trouble.MISSING


def after(actions: list[Any], found: dict[str, frozenset[str]]) -> tuple[Generation, ...]:
    """What a request of aliases makes of indices."""
    held = {name: set(aliases) for name, aliases in found.items()}
    for action in actions:
        ((verb, told),) = action.items()
        (held[told["index"]].remove if verb == "remove" else held[told["index"]].add)(told["alias"])
    return tuple(generation(name, frozenset(aliases)) for name, aliases in held.items())


@pytest.mark.parametrize(
    "found",
    [
        {"1": frozenset({CONFIG.write_alias})},
        {"1": frozenset({CONFIG.read_alias})},
        {"1": frozenset({CONFIG.write_alias}), "0": frozenset({CONFIG.read_alias})},
        {"1": frozenset({CONFIG.write_alias}), "2": STANDBY},
    ],
)
def test_the_remedy_of_halves_is_a_request_that_mends_them(
    found: dict[str, frozenset[str]],
) -> None:
    error = refused(*(generation(name, aliases) for name, aliases in found.items()))
    assert "keep 1: POST /_aliases " in str(error)
    actions = json.loads(str(error).partition("/_aliases ")[2])["actions"]
    assert roles_of(after(actions, found), CONFIG).current.name == "1"


def test_where_only_a_standby_is_left_it_may_serve() -> None:
    assert "hirelens index switch --force" in str(refused(generation("1", STANDBY)))


def test_an_index_with_an_aliass_name_is_to_be_deleted() -> None:
    assert f"DELETE /{CONFIG.write_alias}" in str(refused(generation(CONFIG.write_alias)))


@pytest.mark.parametrize("aliases", [CURRENT, CURRENT | STANDBY])
def test_two_of_a_part_are_named(aliases: frozenset[str]) -> None:
    error = refused(generation("first", aliases), generation("second", aliases))
    assert error.reason is Trouble.AMBIGUOUS
    assert "first" in str(error)
    assert "second" in str(error)


def test_two_standbys_are_named_too() -> None:
    found = (generation("1", CURRENT), generation("2", STANDBY), generation("3", STANDBY))
    assert refused(*found).reason is Trouble.AMBIGUOUS


def test_an_index_that_is_not_ours_is_foreign() -> None:
    assert refused(generation("1", CURRENT, space="")).reason is Trouble.FOREIGN
    with_standby = (generation("1", CURRENT), generation("2", STANDBY, space=""))
    assert refused(*with_standby).reason is Trouble.FOREIGN


def described(mappings: dict[str, Any]) -> dict[str, Any]:
    return {"mappings": mappings, "settings": {"index": {"uuid": "u"}}, "aliases": {"a": {}}}


def test_a_description_is_read() -> None:
    found = generation_of("n", described(mapping("space", 384)))
    assert found == Generation("n", "u", "space", vector_field("space"), 384, frozenset({"a"}))
    assert generation_of("n", described(mapping("space"))).length is None


def test_another_format_and_no_mapping_are_not_ours() -> None:
    other = mapping("space")
    other["_meta"]["hirelens"]["format"] = 0
    assert generation_of("n", described(other)).space == ""
    assert generation_of("n", described({})).space == ""


class Indices:
    def __init__(self) -> None:
        self.asked = 0

    def get(self, **_options: Any) -> dict[str, Any]:
        self.asked += 1
        found = described(mapping("space"))
        found["aliases"] = {alias: {} for alias in CURRENT}
        return {"h-posts-1": found}


class Client:
    def __init__(self) -> None:
        self.indices = Indices()


def test_roles_are_believed_for_a_while() -> None:
    now = [100.0]
    client = Client()
    watch = RoleWatch(client, CONFIG, lambda: now[0])  # type: ignore[arg-type]
    assert watch.age_s == float("inf")
    watch.roles()
    now[0] += CONFIG.roles_ttl_s
    watch.roles()
    assert client.indices.asked == 1
    assert watch.age_s == CONFIG.roles_ttl_s
    now[0] += 0.1
    watch.roles()
    assert client.indices.asked == 2
    watch.roles(fresh=True)
    assert client.indices.asked == 3


def test_a_password_in_the_url_is_never_shown() -> None:
    assert CONFIG.shown == "node:9200"
    assert "secret" not in CONFIG.shown
