"""Gaps between dated spans, and too much at once, are found to the day; a ramp is read as it was meant."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.calendars import Span
from common.said import Said
from territories import rules
from territories.rules import gaps, overloads, ramp, ramp_percents

NEW_YEAR = date(2026, 1, 1)
JANUARY = Span(NEW_YEAR, date(2026, 2, 1))


def january(start: int, stop: int | None) -> Span:
    return Span(date(2026, 1, start), date.max if stop is None else date(2026, 1, stop))


def a_span(start: int, days: int | None) -> Span:
    first = NEW_YEAR + timedelta(days=start)
    return Span(first, date.max if days is None else first + timedelta(days=days))


SPANS = st.lists(st.builds(a_span, st.integers(-5, 40), st.integers(1, 20) | st.none()), max_size=8)


@pytest.mark.parametrize(
    ("held", "found"),
    [
        ([], [january(1, 31)]),
        ([january(1, 11), january(15, None)], [january(11, 15)]),
        ([january(15, None), january(1, 11)], [january(11, 15)]),
        ([january(5, 10), january(10, 20)], [january(1, 5), january(20, 31)]),
        ([january(1, 20), january(5, 10)], [january(20, 31)]),
        ([Span(date(2025, 1, 1), date.max)], []),
        ([Span(date(2026, 2, 1), date.max)], [january(1, 31)]),
        ([Span(date(2025, 1, 1), date(2025, 12, 1))], [january(1, 31)]),
    ],
)
def test_days_on_which_nothing_holds(held: list[Span], found: list[Span]) -> None:
    assert gaps(held, Span(NEW_YEAR, date(2026, 1, 31))) == found


@given(SPANS)
def test_exactly_the_uncovered_days(held: list[Span]) -> None:
    found = gaps(held, JANUARY)
    for offset in range(JANUARY.days):
        day = NEW_YEAR + timedelta(days=offset)
        assert any(day in gap for gap in found) is not any(day in span for span in held)
    assert all(one.stop < other.start for one, other in pairwise(found))


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("0 25 50 75 100", "0 25 50 75 100"),
        ("0, 25, 50 / 75;100", "0 25 50 75 100"),
        ("0% 25% 50% 75% 100%", "0 25 50 75 100"),
        (" 50\t50 100 ", "50 50 100"),
        ("0 100 100 100", "0 100"),
        ("", ""),
        ("100", ""),
        ("100 100", ""),
        ("0 " * 23 + "100", "0 " * 23 + "100"),
    ],
)
def test_a_ramp_is_kept_in_one_way(text: str, kept: str) -> None:
    assert ramp(text) == kept
    assert ramp_percents(text) == tuple(map(int, kept.split()))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0 25 101", "whole percents from 0 to 100"),
        ("0 2.5 100", "whole percents from 0 to 100"),
        ("-5 100", "whole percents from 0 to 100"),
        ("soon", "whole percents from 0 to 100"),
        ("0 \u0665 100", "whole percents from 0 to 100"),
        ("0000 100", "whole percents from 0 to 100"),
        ("50 25 100", "never falls"),
        ("0 50", "ends with 100"),
        ("0 " * 24 + "100", "at most"),
    ],
)
def test_what_is_no_ramp_says_what_one_is(text: str, said: str) -> None:
    with pytest.raises(Said, match=said):
        ramp(text)


WHOLE, HALF = 100_000_000, 50_000_000


@pytest.mark.parametrize(
    ("held", "found"),
    [
        ([], []),
        ([(january(1, None), WHOLE)], []),
        ([(january(1, 11), WHOLE), (january(11, None), WHOLE)], []),
        ([(january(1, None), WHOLE), (january(11, 21), HALF)], [(january(11, 21), 150_000_000)]),
        ([(january(1, None), HALF), (january(11, 21), HALF)], []),
        ([(january(1, None), HALF), (january(11, 21), HALF + 1)], [(january(11, 21), WHOLE + 1)]),
        (
            [(january(1, None), WHOLE), (january(11, 16), HALF), (january(16, 21), HALF)],
            [(january(11, 21), 150_000_000)],
        ),
        (
            [(january(1, None), WHOLE), (january(11, 16), HALF), (january(14, 21), HALF)],
            [
                (january(11, 14), 150_000_000),
                (january(14, 16), 200_000_000),
                (january(16, 21), 150_000_000),
            ],
        ),
        (
            [(january(1, None), WHOLE), (january(3, 5), HALF), (january(8, 9), HALF)],
            [(january(3, 5), 150_000_000), (january(8, 9), 150_000_000)],
        ),
    ],
)
def test_more_than_a_whole_person(held: list[tuple[Span, int]], found: list[tuple[Span, int]]) -> None:
    assert overloads(held) == found


class TestTypes:
    def test_nothing_lies_below_a_type_that_comes_after_its_own(self) -> None:
        below = {
            above: [kind for kind in rules.KINDS if rules.may_lie_below(kind, above)] for above in rules.KINDS
        }
        assert below == {
            "company": ["region", "area", "territory", "overlay"],
            "region": ["region", "area", "territory", "overlay"],
            "area": ["area", "territory", "overlay"],
            "territory": ["territory", "overlay"],
            "overlay": ["overlay"],
        }
        assert all(rules.may_lie_below(kind, None) for kind in rules.KINDS)
        assert rules.kinds_above("area") == ["company", "region", "area"]
        assert rules.kinds_above("company") == []

    def test_what_is_proposed_fits(self) -> None:
        assert [rules.next_kind(above) for above in (None, *rules.KINDS)] == [
            "company",
            "region",
            "area",
            "territory",
            "territory",
            "overlay",
        ]

    def test_a_file_without_types_gets_those_of_its_places(self) -> None:
        for above, leaf, parent in (
            (None, "company", "company"),
            ("company", "territory", "region"),
            ("region", "territory", "area"),
            ("area", "territory", "area"),
            ("territory", "territory", "territory"),
            ("overlay", "overlay", "overlay"),
        ):
            found = [rules.kind_by_place(above, is_parent=is_parent) for is_parent in (False, True)]
            assert found == [leaf, parent]

    def test_no_other_type_is_known(self) -> None:
        with pytest.raises(ValueError, match="not in"):
            rules.may_lie_below("city", "area")
