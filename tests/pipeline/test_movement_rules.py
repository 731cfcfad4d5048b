"""What moved between two days, deal by deal: the worked example, each step, and that parts always add up."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.calendars import Span
from pipeline.rules.movement import Outcome, Part, Stood, counts, steps
from pipeline.rules.splits import NOTHING, WHOLE, Share, share_of

QUARTER = Span(date(2026, 4, 1), date(2026, 7, 1))
FIRST, LAST = date(2026, 5, 13), date(2026, 5, 20)
INSIDE, LATER, EARLIER = date(2026, 6, 15), date(2026, 7, 15), date(2026, 3, 20)


def was(worth, close_on=INSIDE, outcome=Outcome.OPEN, on=FIRST, share=WHOLE):
    return Stood(outcome, close_on, on, worth, share)


def now(worth, close_on=INSIDE, outcome=Outcome.OPEN, on=LAST, share=WHOLE):
    return Stood(outcome, close_on, on, worth, share)


def standing_value(deal, period):
    """What a deal counts at the end of a day: only while it is open."""
    return counts(deal, period) if deal and deal.outcome is Outcome.OPEN else 0


def moved(before, after):
    return steps(before, after, QUARTER, before.worth if before else 0)


def test_the_worked_example_of_the_domain_page():
    """Its slipped deal is asked for in February, when March is not over yet: of that one alone the days differ."""
    deals = [
        (was(100), now(120, LATER)),
        (was(80), now(60)),
        (was(60), now(70, date(2026, 5, 18), Outcome.WON, date(2026, 5, 18))),
        (was(50), now(45, outcome=Outcome.LOST, on=date(2026, 5, 18))),
        (was(40, date(2026, 5, 15)), now(40, date(2026, 5, 15))),
        (was(30, LATER), now(35)),
        (was(25, EARLIER, on=date(2026, 2, 4)), now(25, on=date(2026, 2, 11))),
        (None, now(20)),
        (None, now(15, date(2026, 5, 19), Outcome.WON, date(2026, 5, 19))),
        (was(10, outcome=Outcome.LOST), now(10)),
    ]
    parts: Counter[Part] = Counter()
    for before, after in deals:
        parts.update(moved(before, after))
    start = sum(standing_value(before, QUARTER) for before, _ in deals)
    assert (start, dict(parts)) == (
        330,
        {
            Part.NEW: 35,
            Part.REOPENED: 10,
            Part.PULLED_IN: 30,
            Part.SLIPPED_IN: 25,
            Part.INCREASED: 15,
            Part.DECREASED: -25,
            Part.PUSHED_OUT: -100,
            Part.OVERDUE: -40,
            Part.LOST: -45,
            Part.WON: -85,
        },
    )
    assert start + sum(parts.values()) == sum(standing_value(after, QUARTER) for _, after in deals) == 150


@pytest.mark.parametrize(
    ("before", "after", "parts"),
    [
        (was(100), now(100), {}),
        (was(100, date(2026, 5, 1)), now(100), {Part.REDATED: 100}),
        (was(100), now(100, date(2026, 5, 19)), {Part.OVERDUE: -100}),
        (was(100), now(100, date(2026, 5, 20)), {}),
        (was(100), now(90, share=NOTHING), {Part.MOVED_OUT: -100}),
        (was(100, share=NOTHING), now(90), {Part.MOVED_IN: 100, Part.DECREASED: -10}),
        (was(100), now(100, outcome=Outcome.REMOVED), {Part.REMOVED: -100}),
        (was(100, outcome=Outcome.REMOVED), now(100), {Part.REOPENED: 100}),
        (was(100, outcome=Outcome.LOST), now(100, outcome=Outcome.LOST), {}),
        (was(100, outcome=Outcome.REMOVED), now(100, outcome=Outcome.LOST), {}),
        (was(90, outcome=Outcome.LOST), now(90, outcome=Outcome.WON), {Part.REOPENED: 90, Part.WON: -90}),
        (was(100, outcome=Outcome.WON), now(80, outcome=Outcome.WON), {}),
        (None, now(100, outcome=Outcome.REMOVED), {}),
        (None, now(100, outcome=Outcome.LOST), {Part.NEW: 100, Part.LOST: -100}),
        (None, now(100, LATER), {}),
        # Lost while its date was still ahead, though that has passed by the second day.
        (
            was(100, date(2026, 5, 18)),
            now(100, date(2026, 5, 18), Outcome.LOST, date(2026, 5, 15)),
            {Part.LOST: -100},
        ),
        # Its date had passed before it was lost: it went overdue, and was worth nothing to the quarter any more.
        (
            was(100, date(2026, 5, 14)),
            now(100, date(2026, 5, 14), Outcome.LOST, date(2026, 5, 18)),
            {Part.OVERDUE: -100},
        ),
        # Overdue, then won: it comes back with its booking date.
        (
            was(100, date(2026, 5, 1)),
            now(100, date(2026, 5, 18), Outcome.WON, date(2026, 5, 18)),
            {Part.REDATED: 100, Part.WON: -100},
        ),
    ],
)
def test_each_thing_that_changed_is_a_step_of_its_own(before, after, parts):
    assert moved(before, after) == parts


def test_another_plan_rate_is_told_apart_from_another_amount():
    """100 at 1.10 is 110, at 1.20 it is 120; it then grew to 132."""
    assert steps(was(120), now(132), QUARTER, 110) == {Part.RATE: 10, Part.INCREASED: 12}


def test_a_deal_pulled_out_into_an_earlier_period_is_neither_pushed_nor_overdue():
    before = was(100, on=date(2026, 2, 4))
    after = replace(before, close_on=EARLIER, on=date(2026, 2, 11))
    assert moved(before, after) == {Part.PULLED_OUT: -100}


SIXTY, FORTY = Share((60, 40), 0), Share((60, 40), 1)
HALF = Share((50, 50), 0)


def test_the_worked_example_of_a_shared_deal():
    """100.01 at 60/40, then at 50/50, then won at 110.00."""
    split, evenly = {1: 60_000_000, 2: 40_000_000}, {1: 50_000_000, 2: 50_000_000}
    told = []
    for person in (1, 2):
        before = was(100_01, share=share_of(person, 1, split))
        after = now(100_01, share=share_of(person, 1, evenly))
        booked = replace(after, outcome=Outcome.WON, on=LAST, close_on=LAST, credit=55_00)
        told.append((counts(before, QUARTER), moved(before, after), moved(after, booked)))
    assert told == [
        (60_01, {Part.MOVED_OUT: -10_00}, {Part.INCREASED: 4_99, Part.WON: -55_00}),
        (40_00, {Part.MOVED_IN: 10_00}, {Part.INCREASED: 5_00, Part.WON: -55_00}),
    ]


@pytest.mark.parametrize(
    ("before", "after", "parts"),
    [
        (was(100, share=SIXTY), now(100, share=SIXTY), {}),
        (was(100), now(100, share=SIXTY), {Part.MOVED_OUT: -40}),
        (was(100, share=NOTHING), now(120, share=FORTY), {Part.MOVED_IN: 40, Part.INCREASED: 8}),
        (was(100, share=FORTY), now(100, share=SIXTY), {Part.MOVED_IN: 20}),
        (None, now(100, share=FORTY), {Part.NEW: 40}),
        # Its date passed on the way: what left with the share is told first.
        (was(100), now(100, date(2026, 5, 1), share=SIXTY), {Part.MOVED_OUT: -40, Part.OVERDUE: -60}),
        (
            was(100, share=SIXTY),
            now(90, outcome=Outcome.LOST, share=SIXTY),
            {Part.DECREASED: -6, Part.LOST: -54},
        ),
        # Shared anew on its order: 60 of what was 100 is 50 of it, then 5 more, and 55 are credited.
        (
            was(100, share=SIXTY),
            replace(now(0, LAST, Outcome.WON, share=HALF), credit=55),
            {Part.MOVED_OUT: -10, Part.INCREASED: 5, Part.WON: -55},
        ),
    ],
)
def test_a_share_that_changes_moves_in_or_out_before_anything_else(before, after, parts):
    assert moved(before, after) == parts


@pytest.mark.parametrize(
    ("person", "owner", "shares", "part"),
    [
        (1, 1, {}, 101),
        (2, 1, {}, 0),
        (2, None, {}, 0),
        (1, 1, {1: 60, 2: 40}, 61),
        (2, 1, {1: 60, 2: 40}, 40),
        (1, 1, {1: 0, 2: 100}, 0),
        (2, 1, {1: 0, 2: 100}, 101),
        (1, 1, {2: 100}, 0),
        # The cent that is left over goes to whoever comes first by their id, in whichever order they are named.
        (1, 2, {2: 50, 1: 50}, 51),
        (2, 2, {2: 50, 1: 50}, 50),
    ],
)
def test_what_a_person_has_of_a_deal(person, owner, shares, part):
    assert share_of(person, owner, shares).of(101) == part


def splits():
    return st.dictionaries(st.integers(1, 5), st.integers(0, 100), max_size=3).filter(
        lambda shares: not shares or sum(shares.values())
    )


@given(splits(), st.integers(1, 5), st.integers(0, 10**12))
def test_what_it_counts_for_everybody_is_the_deal(split, owner, whole):
    assert sum(share_of(person, owner, split).of(whole) for person in range(1, 6)) == whole


def shares():
    return st.builds(share_of, st.integers(1, 5), st.integers(1, 5), splits())


def stands(on: date) -> st.SearchStrategy[Stood]:
    days = st.integers(-90, 120).map(lambda number: FIRST + timedelta(days=number))
    closed = st.integers(-30, 0).map(lambda number: on + timedelta(days=number))
    outcome, amounts = st.sampled_from(Outcome), st.integers(0, 10**9)
    return st.builds(Stood, outcome, days, st.just(on) | closed, amounts, shares(), st.none() | amounts)


@given(
    st.lists(st.tuples(st.none() | stands(FIRST), stands(LAST), st.integers(0, 10**9)), max_size=12),
    st.integers(-60, 200),
    st.integers(1, 100),
)
def test_what_was_there_and_all_parts_are_what_is_there(histories, begins, length):
    period = Span(FIRST + timedelta(days=begins), FIRST + timedelta(days=begins + length))
    start = end = parts = 0
    for before, after, worth_then in histories:
        then = replace(before, worth=worth_then) if before else None
        start += standing_value(then, period)
        end += standing_value(after, period)
        parts += sum(steps(before, after, period, worth_then).values())
    assert start + parts == end
