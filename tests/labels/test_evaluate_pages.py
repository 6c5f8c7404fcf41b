"""Pictures and pages: well-formed, true to the numbers, and safe with any text."""

from xml.etree import ElementTree as ET

import numpy as np
import pytest

from labels.evaluate.bootstrap import Bootstrap
from labels.evaluate.calibration import Bin
from labels.evaluate.curves import precision_at, precision_recall_picture, reliability_picture
from labels.evaluate.errors_page import Marked, Mistake, confusion_page, errors_page
from labels.evaluate.svg import LEFT, SIDE, TOP, Chart

NS = "{http://www.w3.org/2000/svg}"


def test_a_chart_puts_points_where_they_belong() -> None:
    chart = Chart("a < b & c", "across", "up")
    chart.dots([((0.25, 1.0), "<here>")], "#123456")
    chart.curve([(0, 0), (1, 1)], "#000", "x > y")
    root = ET.fromstring(chart.render())
    circle = next(iter(root.iter(f"{NS}circle")))
    assert float(circle.get("cx", "")) == LEFT + SIDE / 4
    assert float(circle.get("cy", "")) == TOP
    assert circle[0].text == "<here>"
    texts = {text.text for text in root.iter(f"{NS}text")}
    assert {"a < b & c", "across", "up", "x > y"} <= texts


def test_the_reliability_picture_draws_every_bin() -> None:
    bins = [Bin(0.1, 0.2, 5), Bin(0.9, 0.8, 7)]
    root = ET.fromstring(reliability_picture("R", {"H": bins, "N": bins[:1], "X": []}))
    told = [circle[0].text for circle in root.iter(f"{NS}circle")]
    assert told == [
        "H: score 0.100, true 0.200, 5", "H: score 0.900, true 0.800, 7",
        "N: score 0.100, true 0.200, 5",
    ]  # fmt: skip


def test_precision_at_each_recall() -> None:
    hired = np.array([1.0, 0.0, 1.0, 0.0])
    found = precision_at(hired, np.ones(4))
    assert found[0] == 1.0
    assert found[50] == 1.0  # recall 0.5: the first pair alone
    assert found[51] == pytest.approx(2 / 3)
    assert found[100] == pytest.approx(2 / 3)
    twice = precision_at(hired, np.array([1.0, 3.0, 1.0, 0.0]))
    assert twice[100] == pytest.approx(2 / 5)
    assert np.isnan(precision_at(hired, np.zeros(4))).all()


def test_the_precision_recall_picture_marks_thresholds() -> None:
    scores = np.array([0.9, 0.8, 0.6, 0.1])
    hired = np.array([True, False, True, False])
    weights = Bootstrap(4, 50).weights
    text = precision_recall_picture("P", scores, hired, weights, {"hired": 0.5, "never": 2.0})
    root = ET.fromstring(text)
    told = [circle[0].text for circle in root.iter(f"{NS}circle")]
    assert told == ["hired 0.5: recall 1.000, precision 0.667"]
    assert len(list(root.iter(f"{NS}polygon"))) == 1
    assert "nan" not in text
    empty = precision_recall_picture("P", scores[:0], hired[:0], np.zeros((1, 0)), {})
    assert not list(ET.fromstring(empty).iter(f"{NS}polyline"))


def mistake(title: str = "招<b>厨师", body: str = "服务员&厨师\n第二行") -> Mistake:
    return Mistake(
        "p<1>", "a.jsonl", title, body,
        Marked("body", 4, 6, "H", "N:bait"),
        (Marked("title", 4, 6, "H", "H"), Marked("body", 0, 3, "N:coop", "X")),
        (0.1, 0.85, 0.05),
    )  # fmt: skip


def test_the_errors_page_marks_the_mention_and_escapes_the_rest() -> None:
    page = errors_page("Worst", [mistake()])
    assert '<mark title="judged H, model N:bait">厨师</mark>' in page
    assert '招&lt;b&gt;<span class="other" title="judged H, model H">厨师</span>' in page
    assert '<span class="other" title="judged N:coop, model X">服务员</span>&amp;<mark' in page
    assert "第二行" in page
    assert "p&lt;1&gt;" in page
    assert "(H 0.100, N 0.850, X 0.050)" in page
    assert "<b>" not in page
    assert "src=" not in page
    assert "href=" not in page


def test_no_error_is_said() -> None:
    assert "No mention is labelled wrongly" in errors_page("Worst", [])


def test_the_confusion_page_holds_every_count() -> None:
    page = confusion_page("Labels", ["H", "N:<x>"], [[7, 2], [0, 5]])
    assert '<td class="right">7</td><td class="wrong">2</td><td>9</td>' in page
    assert '<td class=""></td><td class="right">5</td><td>5</td>' in page
    assert "N:&lt;x&gt;" in page
