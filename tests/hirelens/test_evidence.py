from hirelens.evidence import why_not


def test_a_decorated_mention_tells_why_a_post_is_no_answer() -> None:
    post = {"title": "招分拣", "body": "不要服*务*员，要扫码分笼的人"}
    mention = {"field": "body", "start": 2, "end": 7, "text": "服*务*员", "label": "N"}
    found = why_not("服务员", post, {"mentions": [mention | {"reason": "N:exclude"}]})
    assert found is not None
    assert (found.label, found.clause) == ("N:exclude", "不要服*务*员")


def test_a_hired_word_has_no_reason_against_it() -> None:
    post = {"title": "招服务员", "body": ""}
    mention = {"field": "title", "start": 1, "end": 4, "text": "服务员", "label": "H"}
    assert why_not("服务员", post, {"mentions": [mention | {"reason": None}]}) is None
