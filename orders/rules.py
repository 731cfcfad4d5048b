"""How order intake is shared out and taken back. Amounts are whole minor units of the order's currency."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import NamedTuple
from unicodedata import normalize

from common.calendars import WorkDays, add_months
from common.money import WHOLE_SHARE, allocate, plain_share, round_half_away

MOST_ORDER = 10**13
"""No order or opening entry reaches this in minor units of the reporting currency (100 billion, with two decimals):
nine hundred thousand orders of just below it still add up in the cells of attainment, which are 64 bits wide."""
MOST_PURCHASE_ORDER = 80
"""So many characters a customer's own number of an order, or a contract's, has at most."""
MOST_ADDRESS = 300
"""So many characters an address has at most."""
MOST_TICKS = 500
"""So many points of the contract review are ticked at most."""
MOST_ACCEPTED = 200
"""So many characters the reason has at most for which an exception is accepted."""


IN_TIME = 2
"""An order is entered in time within so many working days of its booking date."""


def late_from(booked_on: date, work: WorkDays) -> date:
    """The first day on which an order of that booking date is entered late; there is a working day in every week.

    Example: Friday 8 May 2026, with days of Monday to Friday → Wednesday 13 May. Raises nothing.
    """
    day = booked_on
    while work.between(booked_on, day) <= IN_TIME:
        day += timedelta(days=1)
    return day


def median_of(numbers: Mapping[int, int]) -> Fraction | None:
    """The median of values of which there are so many each; of an even number the mean of the two in the middle.

    Example: {0: 1, 1: 1, 2: 1, 3: 1} → 3/2; {5: 3, 9: 2} → 5; none → None. Raises nothing.
    """
    total, passed = sum(numbers.values()), 0
    middle: list[int] = []
    for value in sorted(numbers):
        for place in ((total - 1) // 2, total // 2):
            if passed <= place < passed + numbers[value]:
                middle.append(value)
        passed += numbers[value]
    return Fraction(sum(middle), 2) if middle else None


class SplitTotalError(ValueError):
    """The shares of a split do not total 100 %; `total` is what they do, in millionths of a percent."""

    def __init__(self, total: int) -> None:
        super().__init__(f"The shares total {plain_share(total)} %. They must total exactly 100 %.")
        self.total = total


def split_credit(amount: int, shares: Sequence[int]) -> list[int]:
    """An amount by shares that total exactly 100 %, by largest remainder, so that Σ credits = amount.

    Shares are millionths of a percent, in the order of a stable id; 0 % is allowed and gets 0.
    Example: 100000 at 60 % and 40 % → 60000, 40000; 10001 at 50/50 → 5001, 5000.
    Raises SplitTotalError (a ValueError) with the running total, ValueError for a negative share.
    """
    total = sum(shares)
    if total != WHOLE_SHARE:
        raise SplitTotalError(total)
    return allocate(amount, shares)


def split_lines(amounts: Sequence[int], shares: Sequence[int]) -> list[list[int]]:
    """Every line's credits; shares apply to lines alone, and the order's credits are their sums.

    Example: two lines of 1 cent at 50/50 → [1, 0] twice, so 2 and 0 in all. Raises as `split_credit`.
    """
    return [split_credit(amount, shares) for amount in amounts]


def left_of_lines(value: int, lines: Sequence[int]) -> list[int]:
    """What is left of each line of an order that is worth `value` now: spread by the intake they were booked at.

    Example: 300 of lines of 300 and 100 → 225 and 75. Lines of 0 stay 0. Raises ValueError for a line below 0.
    """
    return allocate(value, lines) if any(lines) else list(lines)


def cancel_lines(
    cancelled: int,
    lines: Sequence[int],
    shares: Sequence[Sequence[int]],
    credited: Sequence[Sequence[int]],
) -> list[list[int]]:
    """What cancelling a part of an order posts, by line and person: what remains, split, less the credits.

    What remains is spread over the lines by the amounts they were booked at, each line by its own split;
    `credited` is each line's credits so far, by person, with cancellations. The result depends only on what
    remains, so any order of cancellations ends alike, and at 0 for everybody.
    Example, one line: 3334, 3333, 3333 cancelled by 5000 → -1667, -1666, -1667; again → -1667, -1667, -1666.
    Raises ValueError when more than the remaining value is cancelled, or nothing while something remains, or on a
    bad split.
    """
    value = sum(map(sum, credited))
    if not 0 <= cancelled <= value or (value and not cancelled):
        raise ValueError("Only a part of what the order is still worth, or all of it, can be cancelled.")
    left = left_of_lines(value - cancelled, lines)
    after = [split_credit(amount, weights) for amount, weights in zip(left, shares, strict=True)]
    return [
        [new - old for new, old in zip(line, before, strict=True)]
        for line, before in zip(after, credited, strict=True)
    ]


def overlay_credit(amount: int, share: int) -> int:
    """The overlay credit of a line: its order intake by a share of its own, rounded once, a half away from zero.

    The share is in millionths of a percent; several may total anything. Example: 1001 at 50 % → 501. Raises nothing.
    """
    return round_half_away(Fraction(amount * share, WHOLE_SHARE))


YEAR = 12
"""So many months has what is counted a year for, and a recurring line of which nobody says another term."""


class Measures(NamedTuple):
    """What a line, or somebody's part of it, comes to; all but the units in minor units of the order's currency."""

    intake: int = 0
    units: int = 0
    tcv: int = 0
    acv: int = 0
    arr: int = 0


def measures(amount: int, renewed: int, units: int, term: int | None) -> Measures:
    """What a line of an order comes to in each measure; `term`: for how many months it recurs, None for a one-off.

    ARR is the amount of twelve months; so is ACV, of a term below twelve months the amount. Rounded once, on the line.
    What is worth nothing has no units.
    Example: 300000 for 36 months → TCV 300000, ACV and ARR 100000; 60000 for 6 → ACV 60000, ARR 120000. Raises nothing.
    """
    arr = round_half_away(Fraction(amount * YEAR, term)) if term else 0
    acv = arr if term and term >= YEAR else amount if term else 0
    return Measures(amount - renewed, units if amount else 0, amount, acv, arr)


@dataclass(frozen=True, slots=True)
class Item:
    """A product of an order: how many, for how much in all, and how much of that renews what was there before.

    `line`: the standing line that it is, or goes on with; None for something new, or where that is not said.
    `term`: for how many months it recurs; None for a one-off, and where that is not said.
    """

    product: int
    quantity: int
    amount: int
    renewed: int = 0
    line: int | None = None
    term: int | None = None

    @property
    def intake(self) -> int:
        return self.amount - self.renewed

    @property
    def measures(self) -> Measures:
        return measures(self.amount, self.renewed, self.quantity, self.term)


@dataclass(frozen=True, slots=True)
class More:
    """What comes new: the item, its place among what was wished, and the standing one whose rest it is, if any."""

    item: Item
    wish: int
    stands: int | None


def amended(stands: Sequence[Item], wished: Sequence[Item]) -> tuple[list[Item | None], list[More]]:
    """What stays of each standing item, None where it goes, and what comes new beside it, for an order as wished.

    An item goes on with the line that it names, else with the first of its product that none names, where it does not
    say another term: another one ends what was for the old one. What is worth more stays, and the rest comes new, with
    the units that come with it and for the same term; else it stays with its new amount and units.
    Example: 10 × A for 1000 and B for 500, wished 14 × A for 1400 → 10 × A for 1000 and None; 4 × A for 400.
    Raises nothing.
    """
    goes_on = _matched(stands, wished)
    stays = [
        _kept(item, wished[goes_on[place]] if place in goes_on else None) for place, item in enumerate(stands)
    ]
    places = {wish: place for place, wish in goes_on.items()}
    comes = []
    for wish, item in enumerate(wished):
        place = places.get(wish)
        if place is None:
            comes.append(More(item, wish, None))
        elif item.amount > stands[place].amount:
            more, units = item.amount - stands[place].amount, max(0, item.quantity - stands[place].quantity)
            comes.append(More(Item(item.product, units, more, term=stands[place].term), wish, place))
    return stays, comes


def _matched(stands: Sequence[Item], wished: Sequence[Item]) -> dict[int, int]:
    """The place of the wish with which each standing item goes on."""
    places = {item.line: place for place, item in enumerate(stands) if item.line}
    found = {}
    for wish, item in enumerate(wished):
        place = places.get(item.line or 0)
        if place is not None and place not in found and _goes_on(stands[place], item):
            found[place] = wish
    taken = set(found.values())
    for wish, item in enumerate(wished):
        free = [place for place, one in enumerate(stands) if place not in found and _goes_on(one, item)]
        if wish not in taken and free:
            found[free[0]] = wish
    return found


def _goes_on(item: Item, wish: Item) -> bool:
    return item.product == wish.product and wish.term in (None, item.term)


def _kept(item: Item, wish: Item | None) -> Item | None:
    if wish is None:
        return None
    if wish.amount > item.amount:
        return replace(item, quantity=min(item.quantity, wish.quantity))
    return replace(item, quantity=wish.quantity, amount=wish.amount, renewed=min(item.renewed, wish.amount))


def is_new_business(first_ordered_on: date | None, booked_on: date, months: int) -> bool:
    """Whether a booking counts as new: no earlier order, or booked before the first order's day + so many months.

    Example with 12 months, first 15 Mar 2025: 14 Mar 2026 is new, 15 Mar 2026 existing; first 29 Feb 2024: existing
    from 28 Feb 2025. Raises nothing.
    """
    return first_ordered_on is None or booked_on < add_months(first_ordered_on, months)


def state_of(delivered_on: date | None, invoiced_on: date | None, paid_on: date | None) -> str:
    """How far an order that stands is on its way to cash, by the days that are noted on it.

    Example: nothing, or invoiced alone → booked; delivered, and paid or not → fulfilled; all three → closed.
    Raises nothing.
    """
    if delivered_on is None:
        return "booked"
    return "closed" if invoiced_on and paid_on else "fulfilled"


def purchase_order_key(number: str) -> str:
    """What two purchase order numbers have alike that are the same one: case, spaces and the width of letters and
    digits do not matter (NFKC).

    Example: "PO 4711", "po4711" and the same in full-width digits → po4711. Raises nothing.
    """
    return "".join(normalize("NFKC", number).split()).casefold()


def missing(asked: str, has_purchase_order: bool, has_contract: bool | None) -> tuple[str, ...]:
    """What is asked for before an order is booked, and is not there.

    `asked`: nothing, purchase_order, contract or both; `has_contract` None: no deal, so nobody asks for its contract.
    Example: both, with a purchase order and without a contract → contract. Raises nothing.
    """
    there = {"purchase_order": has_purchase_order, "contract": has_contract is not False}
    return tuple(name for name, is_there in there.items() if asked in (name, "both") and not is_there)


def days_back(day: date, today: date, work: WorkDays) -> int:
    """How many working days a booking date lies back: those after it, up to and with today.

    Example: Monday 4 May to Wednesday 20 May 2026 with no day off → 12; a Friday to the Monday after it → 1; the same
    day → 0. Raises nothing.
    """
    after = (day + timedelta(days=n) for n in range(1, (today - day).days + 1))
    return sum(one in work for one in after)


def free_from(today: date, days: int, work: WorkDays) -> date:
    """The earliest booking date that lies at most so many working days back.

    Example: Wednesday 20 May 2026 and 5 → Wednesday 13 May; Sunday 17 May and 0 → Friday 15 May. Raises nothing.
    """
    day = today
    while day not in work or days:
        days -= day in work
        day -= timedelta(days=1)
    return day


def below_limit(amount_minor: int, quantity: int, list_minor: int, limit_percent: int) -> bool:
    """Whether a line is worth less than so many percent of its list price.

    Example: 2 at a list price of 100.00 for 159.99, limit 80 → yes; for 160.00 → no. Raises nothing.
    """
    return amount_minor * 100 < list_minor * quantity * limit_percent
