import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enrich.post import MAX_REVISION, Post, PostError, content_hash


def test_unknown_fields_are_kept_and_returned() -> None:
    post = Post.from_json('{"id": "a", "title": "招厨师", "phone": "x", "revision": 3}')
    assert post.extra == {"phone": "x"}
    assert post.to_mapping()["phone"] == "x"
    assert Post.from_mapping(post.to_mapping()) == post


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("[]", "(line)"),
        ("{", "(line)"),
        ("[" * 100_000, "(line)"),
        ('{"id": "a", "title": "x", "n": ' + "9" * 5000 + "}", "(line)"),
        ('{"id": "a", "title": "x", "n": NaN}', "(line)"),
        ('{"id": "a", "title": "x", "deep": ' + "[" * 60 + "]" * 60 + "}", "deep"),
        ('{"title": "x"}', "id"),
        ('{"id": 3, "title": "x"}', "id"),
        ('{"id": "a b", "title": "x"}', "id"),
        ('{"id": "a"}', "title"),
        ('{"id": "a", "title": "\\ud800"}', "title"),
        ('{"id": "a", "title": "x\\u0000"}', "title"),
        ('{"id": "a", "title": "x", "tags": ["\\u0000"]}', "tags"),
        ('{"id": "a", "title": "x", "tags": "y"}', "tags"),
        ('{"id": "a", "title": "x", "revision": -1}', "revision"),
        ('{"id": "a", "title": "x", "revision": true}', "revision"),
        (f'{{"id": "a", "title": "x", "revision": {MAX_REVISION + 1}}}', "revision"),
        ('{"id": "a", "title": "x", "updated_at": "yesterday"}', "updated_at"),
        ('{"id": "a", "title": "x", "updated_at": "2026-01-31T08:00:00+20:00"}', "updated_at"),
        ('{"id": "a", "title": "x", "updated_at": "2026-01-31T08:00:00+08:00:30"}', "updated_at"),
        ('{"id": "a", "title": "x", "pay": 1e999}', "pay"),
        ('{"id": "a", "title": "x", "pay": [{"from": -1e999}]}', "pay"),
        (json.dumps({"id": "a", "title": "x", "body": "y" * 50_001}), "body"),
    ],
)
def test_refusals_name_the_field_and_a_remedy(line: str, field: str) -> None:
    with pytest.raises(PostError) as caught:
        Post.from_json(line)
    assert caught.value.field == field
    assert caught.value.remedy


def test_an_unknown_field_named_extra_is_not_opened() -> None:
    raw = {"id": "a", "title": "x", "extra": {"salary": "9万/月", "updated_at": "junk"}}
    post = Post.from_mapping(raw)
    assert post.salary is None
    assert Post.from_mapping(post.to_mapping()) == post


def test_a_deleted_post_needs_no_text() -> None:
    assert Post.from_json('{"id": "a", "deleted": true}').deleted


def test_content_hash_ignores_the_revision_only() -> None:
    first = Post(id="a", title="x", revision=1)
    assert content_hash(first) == content_hash(Post(id="a", title="x", revision=2))
    assert content_hash(first) != content_hash(Post(id="a", title="x", salary="1", revision=1))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
names = st.sampled_from([*Post.model_fields, "other"])


@settings(deadline=None)
@given(st.dictionaries(names, json_values, max_size=6))
def test_any_json_object_is_a_post_or_a_named_refusal(raw: dict[str, object]) -> None:
    post: Post | None = None
    try:
        post = Post.from_mapping(raw)
    except PostError as error:
        refusal = error
    if post is None:
        assert refusal.field
        assert refusal.remedy
    else:
        assert Post.from_json(json.dumps(post.to_mapping())) == post
