"""A corporate family with figures: each account by itself and with all below it, as far as the reader sees the rows."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.db.models import F, Q, Sum, Value
from django.db.models.functions import Round

from accounts.models import Account
from accounts.selectors.family import above, below
from common.access import AnyOf, Reach
from common.models import Period, Rate
from common.selectors import period_of, today
from orders.models import Credit
from pipeline.models import Opportunity
from pipeline.selectors.opportunities import factors, worth

MOST_SHOWN = 200


@dataclass(frozen=True)
class Figures:
    """Accounts, open pipeline at the plan rate, and this year's order intake; None where that is not seen."""

    accounts: int
    pipeline: int
    intake: int | None


@dataclass(frozen=True)
class Member:
    """One account of a family: its place, its own figures, and those with all below it.

    `more` counts those directly below it that are not shown though it stands open.
    """

    account: Account
    path: str
    own: Figures
    all: Figures
    is_open: bool
    more: int

    @property
    def level(self) -> int:
        return self.path.count("/")

    @property
    def has_below(self) -> bool:
        return self.all.accounts > 1


@dataclass(frozen=True)
class Family:
    """The members that a page shows, from the top down, and the fiscal year of their order intake."""

    members: list[Member]
    year: Period | None


def family(mine: Reach, account: Account, opened: Collection[int] = ()) -> Family:
    """An account with those above it and those directly below it, and with what is below those that stand open."""
    line = [*above(account.pk), account.pk]
    return _family(mine, line, opened, "")


def family_below(mine: Reach, account: Account, path: str) -> Family:
    """Those directly below an account whose place in the tree is known."""
    found = _family(mine, [account.pk], (), path.rpartition("/")[0])
    return Family(found.members[1:], found.year)


def _family(mine: Reach, line: Sequence[int], opened: Collection[int], above_it: str) -> Family:
    """The members from the first of a line down; of those above the last one only the next of the line is shown."""
    year = _year()
    parents = below(line[0])
    totals = _totals(mine, parents, year)
    is_open = {*line, *opened}.intersection(parents)
    children, counts = _children(mine, is_open, parents)
    children |= {upper: [lower] for upper, lower in pairwise(line)}
    counts |= dict.fromkeys(line[:-1], 1)
    walk = list(_walk(line[0], children, above_it))
    accounts = Account.objects.visible_to(mine).in_bulk([pk for pk, _path in walk])
    members = [
        Member(accounts[pk], path, *totals(pk), pk in is_open, counts.get(pk, 0) - len(children.get(pk, ())))
        for pk, path in walk
    ]
    return Family(members, year)


def _children(
    mine: Reach, is_open: Collection[int], parents: Mapping[int, int | None]
) -> tuple[dict[int, list[int]], dict[int, int]]:
    """Those directly below each account that stands open, by name, so many of them; and how many there are."""
    rows = Account.objects.standing().visible_to(mine).filter(_among("parent_id", is_open))
    found: dict[int, list[int]] = defaultdict(list)
    for pk, parent in rows.order_by("name_key", "pk").values_list("pk", "parent_id"):
        if parents.get(pk) == parent:
            found[parent].append(pk)
    return {pk: below[:MOST_SHOWN] for pk, below in found.items()}, {
        pk: len(rows) for pk, rows in found.items()
    }


def _walk(pk: int, children: Mapping[int, Sequence[int]], above_it: str) -> Iterator[tuple[int, str]]:
    """An account and what is shown below it, each with its path."""
    path = f"{above_it}/{pk}".lstrip("/")
    yield pk, path
    for child in children.get(pk, ()):
        yield from _walk(child, children, path)


def _year() -> Period | None:
    quarter = period_of(today())
    return quarter.parent if quarter else None


def _totals(
    mine: Reach, parents: Mapping[int, int | None], year: Period | None
) -> Callable[[int], tuple[Figures, Figures]]:
    """Says the own figures of an account and those with all below it; parents come before what is below them."""
    pipeline, intake = _pipeline(mine, parents), _intake(mine, parents, year)
    own = (dict.fromkeys(parents, 1), pipeline, intake or {})
    whole = [_summed(each, parents) for each in own]

    def figures(found: Sequence[Mapping[int, int]], pk: int) -> Figures:
        accounts, worth_now, ordered = (each.get(pk, 0) for each in found)
        return Figures(accounts, worth_now, None if intake is None else ordered)

    return lambda pk: (figures(own, pk), figures(whole, pk))


def _summed(own: Mapping[int, int], parents: Mapping[int, int | None]) -> dict[int, int]:
    """Each account's figure with those of all below it; accounts with nothing there are left out."""
    found = dict(own)
    for pk in reversed(list(parents)) if own else ():
        parent = parents[pk]
        if parent is not None and pk in found:
            found[parent] = found.get(parent, 0) + found[pk]
    return found


def _among(column: str, ids: Collection[int]) -> Q:
    return Q(AnyOf(F(column), Value(list(ids))))


def _pipeline(mine: Reach, ids: Collection[int]) -> Mapping[int, int]:
    """The open pipeline of accounts at the plan rate, each deal rounded once."""
    rows = Opportunity.objects.visible_to(mine).open().filter(_among("account_id", ids)).order_by()
    plan = Sum(Round(worth(factors(Rate.Kind.PLAN, today()))))
    return {pk: int(total or 0) for pk, total in rows.values_list("account_id").annotate(total=plan)}


def _intake(mine: Reach, ids: Collection[int], year: Period | None) -> Mapping[int, int] | None:
    """The order intake of the fiscal year by account, of orders alone: an opening entry names none."""
    if year is None or not mine.relations("credit"):
        return None
    credits = (
        Credit.objects.visible_to(mine).intake().filter(_among("event__order__account_id", ids)).order_by()
    )
    found: dict[int, int] = defaultdict(int)
    within = credits.filter(booked_on__gte=year.starts_on, booked_on__lt=year.stops_on)
    for pk, total in within.values_list("event__order__account_id").annotate(total=Sum("plan_minor")):
        found[pk] += total
    return found
