"""Stage conversion with deals that are still open: the figures of docs/domain.md."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as some

from pipeline.rules.funnel import End, Spell, conversion, median_of, share_within

GONE, LOST, OPEN = End.REACHED, End.LOST, End.OPEN
FOUR = [Spell(GONE, 10), Spell(LOST, 20), Spell(OPEN, 25), Spell(GONE, 30)]


def test_an_open_deal_is_neither_gone_on_nor_stopped() -> None:
    assert share_within(FOUR, 60) is not None
    assert share_within([*FOUR, Spell(LOST, 60)], 60) == Fraction(1, 5) + Fraction(3, 5) * Fraction(1, 2)


def test_the_example_of_the_page() -> None:
    found = conversion(FOUR, 60)
    assert (found.entered, found.reached, found.lost, found.open, found.later) == (4, 2, 1, 1, 0)
    assert found.share == Fraction(3, 4)
    assert found.median == 20


def test_lost_deals_stay_in_the_denominator() -> None:
    assert share_within([Spell(GONE, 5, 3), Spell(LOST, 1, 7)], 30) == Fraction(3, 10)


def test_what_goes_on_later_is_told_apart() -> None:
    found = conversion([Spell(GONE, 10), Spell(GONE, 90)], 60)
    assert (found.reached, found.later, found.share) == (1, 1, Fraction(1, 2))


def test_undefined_while_nobody_could_be_watched_that_long() -> None:
    assert share_within([Spell(GONE, 2), Spell(OPEN, 10, 5)], 30) is None
    assert share_within([Spell(GONE, 2), Spell(OPEN, 30, 5)], 30) == Fraction(1, 6)
    assert share_within([], 30) is None


def test_all_ended_is_known_at_once() -> None:
    assert share_within([Spell(GONE, 2), Spell(LOST, 3)], 30) == Fraction(1, 2)


def test_medians() -> None:
    assert median_of([]) is None
    assert median_of([Spell(GONE, 20), Spell(GONE, 400), Spell(GONE, 60)]) == 60
    assert median_of([Spell(GONE, 1, 3), Spell(GONE, 9)]) == 1
    assert median_of([Spell(GONE, 10), Spell(GONE, 15)]) == Fraction(25, 2)


SPELLS = some.lists(
    some.builds(Spell, some.sampled_from([GONE, LOST]), some.integers(0, 40), some.integers(1, 5)), min_size=1
)


@given(SPELLS, some.integers(0, 40))
def test_without_open_deals_it_is_a_plain_share(spells: list[Spell], within: int) -> None:
    gone = sum(one.deals for one in spells if one.end is GONE and one.days <= within)
    assert share_within(spells, within) == Fraction(gone, sum(one.deals for one in spells))
