import pytest

from enrich.borders import is_cut_out


@pytest.mark.parametrize(
    ("text", "form", "cut"),
    [
        ("请在产品检索页输入", "品检", True),
        ("采用公司机房设备", "司机", True),
        ("引导购物车结算", "导购", True),
        ("招聘司机两名", "司机", False),
        ("本公司招司机", "司机", False),
        ("连锁店长优先", "店长", False),
        ("招导购和收银", "导购", False),
        ("客服", "客服", False),
        ("女服务员两名", "服务员", False),
        ("招hr一名", "hr", False),
    ],
)
def test_a_piece_of_other_words_is_told_from_a_form(text: str, form: str, cut: bool) -> None:
    start = text.index(form)
    assert is_cut_out(text, start, start + len(form)) is cut
