"""Charts: every figure is in the table and in the drawing, in place, and nothing needs an inline style."""

from itertools import pairwise
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st

from common.axes import ticks
from common.charts import Bar, Chart, Measured, bullet, stacked


def write(value: int) -> str:
    return f"{value:,} €"


def drawing(svg: str) -> Element:
    assert "style=" not in svg
    assert "script" not in svg
    return fromstring(svg)


def titles(svg: str) -> list[str]:
    return [title.text or "" for title in drawing(svg).iter("title")]


def stack(*bars: Bar) -> Chart:
    return stacked("Two months", "May beat June.", ["New", "Expansion"], bars, write)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 870, [0, 200, 400, 600, 800, 1000]),
        (0, 0, [0, 1]),
        (0, 5, [0, 1, 2, 3, 4, 5]),
        (0, 6, [0, 2, 4, 6]),
        (0, 13, [0, 5, 10, 15]),
        (-30, 100, [-50, 0, 50, 100]),
        (-7, 0, [-8, -6, -4, -2, 0]),
    ],
)
def test_an_axis_has_round_values(low, high, expected):
    assert ticks(low, high) == expected


@given(st.integers(-(10**15), 0), st.integers(0, 10**15))
def test_an_axis_holds_its_values_in_at_most_five_steps(low, high):
    marks = ticks(low, high)
    assert marks[0] <= low
    assert high <= marks[-1]
    assert 2 <= len(marks) <= 6
    assert len({later - earlier for earlier, later in pairwise(marks)}) == 1


def test_a_series_has_the_colour_of_what_it_means():
    chart = stacked("", "", ["Went on", "Lost"], [Bar("May", (70, 30))], write, colours=("went", "lost"))
    drawn = [one.get("class") for one in drawing(chart.wide).iter() if "seg" in (one.get("class") or "")]
    assert drawn == ["seg went", "seg lost"]
    assert [fromstring(entry.mark)[0].get("class") for entry in chart.legend[:2]] == ["went", "lost"]


def test_a_stack_lists_every_part_total_and_target():
    chart = stack(Bar("May", (70, 30), 80), Bar("June", (40, -10)))
    assert chart.columns == ["Period", "New", "Expansion", "Total", "Target"]
    assert chart.rows == [["May", "70 €", "30 €", "100 €", "80 €"], ["June", "40 €", "-10 €", "30 €", "—"]]
    assert [entry.label for entry in chart.legend] == ["New", "Expansion", "Target"]


def test_a_stack_is_drawn_in_two_widths_with_its_words():
    chart = stack(Bar("May", (70, 30), 80))
    for svg, width in ((chart.wide, "560"), (chart.narrow, "320")):
        assert drawing(svg).get("width") == width
        assert drawing(svg).get("aria-label") == "Two months. May beat June."
        assert titles(svg) == ["May, New: 70 €", "May, Expansion: 30 €", "May, Target: 80 €"]


def test_parts_of_a_stack_stand_on_each_other_and_negative_ones_hang_below():
    new, expansion = [
        (float(rect.get("y", 0)), float(rect.get("height", 0)))
        for rect in drawing(stack(Bar("May", (60, 40))).wide).iter("rect")
    ]
    assert expansion[0] + expansion[1] == pytest.approx(new[0])
    assert new[1] / expansion[1] == pytest.approx(1.5, abs=0.02)
    up, down = [
        (float(rect.get("y", 0)), float(rect.get("height", 0)))
        for rect in drawing(stack(Bar("May", (60, -40))).wide).iter("rect")
    ]
    assert up[0] + up[1] == pytest.approx(down[0])


def test_names_that_would_touch_are_thinned_out():
    chart = stack(*(Bar(f"2026-{month:02}", (month, 0)) for month in range(1, 13)))
    shown = [text.text for text in drawing(chart.narrow).iter("text") if (text.text or "").startswith("2026")]
    assert shown == ["2026-01", "2026-04", "2026-07", "2026-10"]


def test_a_chart_of_nothing_is_an_empty_frame():
    chart = stack()
    assert chart.rows == []
    assert drawing(chart.wide).get("role") == "img"


@pytest.mark.parametrize(
    ("measured", "size", "kind"),
    [
        (Measured("Ada", 50, 100), 44.8, "bar "),
        (Measured("Ada", 100, 100, 60), 89.6, "bar done"),
        (Measured("Ada", 900, 100), 112, "bar done"),
        (Measured("Ada", -25, 100), 22.4, "bar minus"),
    ],
)
def test_a_bullet_stops_at_the_edge_and_marks_its_state(measured, size, kind):
    rects = drawing(bullet(measured, write)).iter("rect")
    bar = next(rect for rect in rects if "bar" in (rect.get("class") or ""))
    assert (float(bar.get("width", 0)), bar.get("class")) == (size, kind)


def test_a_bullet_says_its_figures():
    svg = bullet(Measured("Ada", 900, 100, 60), write)
    assert drawing(svg).get("aria-label") == "Ada: 900 €, Target 100 €, Pace 60 €"


@pytest.mark.parametrize("target", [None, 0, -5])
def test_without_a_target_there_is_no_bullet(target):
    assert bullet(Measured("Ada", 50, target), write) == ""


def test_names_of_people_are_escaped():
    svg = bullet(Measured("<b>Ada</b>", 5, 4), write)
    assert "<b>" not in svg
    assert "&lt;b&gt;Ada&lt;/b&gt;" in svg
