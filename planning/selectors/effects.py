"""The effect of a realignment in a sentence, and the accounts and deals behind its figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum, Value
from django.db.models.functions import Round
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Account, Coverage
from common.access import AnyOf, Reach
from common.locale import format_money, format_number
from common.models import Rate
from common.selectors import the_organisation
from pipeline.models import Opportunity
from pipeline.selectors.opportunities import factors, worth
from planning.models import Draft
from planning.selectors.previews import (
    Gist,
    Passes,
    Worth,
    largest_first,
    name_in,
    passes_of,
)
from planning.selectors.whereabouts import names_on
from territories.models import Territory


def summary_of(gist: Gist) -> str:
    """Such as *2 accounts move. 9 open deals of $9.00 change hands. No quota changes. Nothing touches what is sold.*"""
    return " ".join(filter(None, [_moving(gist), _quotas(gist.quotas), _sold(gist)]))


def _moving(gist: Gist) -> str:
    """Accounts go to another territory; who owns one anew because a person moves is told by the people's figures."""
    accounts = ngettext("%(count)s account moves.", "%(count)s accounts move.", gist.accounts)
    deals = ngettext(
        "%(count)s open deal of %(sum)s changes hands.",
        "%(count)s open deals of %(sum)s change hands.",
        gist.passing.count,
    )
    said = " ".join(
        [
            accounts % {"count": format_number(gist.accounts)} if gist.accounts else _("No account moves."),
            deals % _counted(gist.passing) if gist.passing.count else _("No open deal changes hands."),
        ]
    )
    stays = ngettext(
        "%(count)s open deal of %(sum)s stays with its owner, and counts with its account's territory.",
        "%(count)s open deals of %(sum)s stay with their owners, and count with their accounts' territories.",
        gist.staying.count,
    )
    return f"{said} {stays % _counted(gist.staying)}" if gist.staying.count else said


def _counted(deals: Worth) -> dict[str, str]:
    currency = the_organisation().reporting_currency
    return {"count": format_number(deals.count), "sum": format_money(deals.minor, currency)}


def _quotas(count: int) -> str:
    said = ngettext("The quota of %(count)s person changes.", "The quota of %(count)s people changes.", count)
    return said % {"count": format_number(count)} if count else _("No quota changes.")


def _sold(gist: Gist) -> str:
    """Only an order of the draft's own day can count elsewhere than before: under the tree of that day."""
    if gist.is_resold:
        return _("What was sold stays booked as it is; orders of that very day count under the new tree.")
    return _("Nothing touches what was sold.")


@dataclass(frozen=True)
class Going:
    """An account that moves for one coverage: from where to where, and its open deals at the plan rate; what does not
    come leaves.
    """

    account: Account
    coverage: Coverage
    from_name: str
    to_name: str
    deals: int
    minor: int
    comes: bool


Place = tuple[int, str]
"""An account, and the coverage for which it moves."""


@dataclass(frozen=True)
class Behind:
    """What stands behind the figures of an effect, or of one territory or person in it.

    `passing`: of each deal that passes or stays the row of the preview.
    """

    name: str
    places: Mapping[Place, tuple[int, int]]
    into: frozenset[Place]
    passing: Sequence[Any]
    person: int | None
    nodes: list[str]
    day: date

    def accounts(self, mine: Reach) -> QuerySet[Account]:
        """The accounts in reach that move, with their open deals."""
        ids = sorted({pk for pk, _coverage in self.places})
        rows = Account.objects.visible_to(mine).filter(Q(AnyOf(F("pk"), Value(ids))))
        return rows.order_by("name_key", "pk")

    def going(self, accounts: Sequence[Account], mine: Reach) -> list[Going]:
        """These accounts, each with where it goes for each coverage."""
        ids = [account.pk for account in accounts]
        open_ones = Opportunity.objects.visible_to(mine).open().filter(account__in=ids).order_by()
        plan = Sum(Round(worth(factors(Rate.Kind.PLAN, self.day))))
        grouped = open_ones.values_list("account_id").annotate(number=Count("pk"), total=plan)
        deals = {pk: rest for pk, *rest in grouped}
        moving = [
            (account, coverage)
            for account in accounts
            for coverage in Coverage
            if (account.pk, coverage.value) in self.places
        ]
        nodes = {node for account, coverage in moving for node in self.places[account.pk, coverage.value]}
        names = names_on(nodes, self.day)
        return [self._one(*one, names, *deals.get(one[0].pk, (0, 0))) for one in moving]

    def _one(
        self, account: Account, coverage: Coverage, names: Mapping[int, str], count: int, minor: int | None
    ) -> Going:
        place = account.pk, coverage.value
        before, after = self.places[place]
        return Going(
            account,
            coverage,
            names.get(before, ""),
            names.get(after, ""),
            count,
            int(minor or 0),
            place in self.into,
        )

    def deals(self, mine: Reach) -> tuple[list[Passes], int]:
        """The largest deals in reach that pass or stay, and how many more there are: of a person those that they have
        or get, else those of the accounts that move in the field.
        """
        rows = [row for row in self.passing if self.person in row[1:3]] if self.person else self.passing
        found = Opportunity.objects.visible_to(mine).filter(pk__in=[row[0] for row in rows])
        if not self.person:
            ids = [pk for pk, coverage in self.places if coverage == Coverage.FIELD]
            found = found.filter(Q(AnyOf(F("account_id"), Value(ids))))
        shown = list(largest_first(found.select_related("account"))[:MOST_DEALS])
        more = found.count() - len(shown) if len(shown) == MOST_DEALS else 0
        return passes_of(shown, rows, self.day), more


def behind(
    draft: Draft, mine: Reach, territory: int | None = None, person: int | None = None
) -> Behind | None:
    """The rows behind a preview: all of them, or those of a territory with all below it, or of a person.

    None where there is no effect, or where it has no such row for this reader.
    """
    kept: Any = draft.preview
    if not kept or "ways" not in kept:
        return None
    name = name_in(kept, mine, territory, person) if territory or person else ""
    if name is None:
        return None
    within = _within(kept, territory, person)
    places = _places(kept, territory, person)
    into = frozenset(place for place, (_before, after) in places.items() if after in within[1])
    out = frozenset(place for place, (before, _after) in places.items() if before in within[0])
    touched = into ^ out if territory or person else frozenset(places)
    return Behind(
        name,
        {place: places[place] for place in touched},
        into,
        kept["deals"],
        person,
        _nodes(kept, territory, person) if territory or person else [],
        date.fromisoformat(kept["day"]),
    )


def _places(kept: Any, territory: int | None, person: int | None) -> dict[Place, tuple[int, int]]:
    """What moves, of a person and of a territory in the field alone: figures count no other accounts; an overlay, where
    nothing of the field lies, shows what its specialists and partners get.
    """
    overlays = Territory.objects.filter(kind=Territory.Kind.OVERLAY)
    in_field = person or (territory and not overlays.filter(pk=territory).exists())
    return {
        (pk, coverage): (before, after)
        for pk, coverage, before, after in kept["moved"]["places"]
        if coverage == Coverage.FIELD or not in_field
    }


def _within(kept: Any, territory: int | None, person: int | None) -> tuple[frozenset[int], frozenset[int]]:
    """The territories that count for a territory or a person, before and after."""
    if person:
        owners = kept["owners"]
        return (
            frozenset(pk for pk, before, _after in owners if before == person),
            frozenset(pk for pk, _before, after in owners if after == person),
        )
    ways = kept["ways"]
    return (
        frozenset(pk for pk, before, _after in ways if territory in before),
        frozenset(pk for pk, _before, after in ways if territory in after),
    )


MOST_DEALS = 500
"""So many deals are shown, the largest first."""


def _nodes(kept: Any, territory: int | None, person: int | None) -> list[str]:
    """The territories that come or leave with all below them, or with their owner's seat."""
    if person:
        moved = [
            (pk, after == person)
            for pk, before, after in kept["owners"]
            if (before == person) != (after == person)
        ]
    else:
        moved = [
            (pk, territory in after)
            for pk, before, after in kept["ways"]
            if before and after and territory != pk and (territory in before) != (territory in after)
        ]
        ids, ways = {pk for pk, _comes in moved}, {pk: {*way[:-1]} for pk, _before, way in kept["ways"]}
        moved = [(pk, comes) for pk, comes in moved if ids.isdisjoint(ways[pk])]
    names = names_on([pk for pk, _comes in moved], date.fromisoformat(kept["day"]))
    comes_in, leaves = _("%(name)s comes, with what is there"), _("%(name)s leaves, with what is there")
    return [(comes_in if comes else leaves) % {"name": names[pk]} for pk, comes in moved]
