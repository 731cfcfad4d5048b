"""Accounts in reach: lists, suggestions, names."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import F, Q, QuerySet, Value

from accounts.models import Account, AccountTerritory
from common.access import AnyOf, Reach
from common.calendars import Span
from common.selectors import today
from territories.selectors import subtree_within
from workspace.selectors.own import Asked, narrowed

LAST = "\U0010ffff"


SUGGESTIONS = 8


FAMILY = 50


SAMPLE = 2000


SAME_NAME = 200


@dataclass(frozen=True)
class Search:
    """What a list of accounts is narrowed by; empty means everything."""

    text: str = ""
    industry: str = ""
    place: str = ""
    territory_id: int | None = None
    within_id: int | None = None
    on: date | None = None
    own: Sequence[Asked] = ()

    def territories(self) -> list[int] | None:
        """The territories that are asked for: one, or one with all that lies below it on the day; None for any."""
        if self.within_id is None:
            return None if self.territory_id is None else [self.territory_id]
        day = self.on or today()
        parts = subtree_within(self.within_id, Span(day, day + timedelta(days=1)))
        return [node for _span, nodes in parts for node in nodes]


def account_list(mine: Reach, search: Search) -> QuerySet[Account]:
    """Accounts in reach: the text is in the name or begins the number, the place in town, region or country."""
    rows = Account.objects.standing().visible_to(mine).select_related("territory")
    if search.text:
        text = search.text.lower()
        rows = rows.filter(Q(name_key__contains=text) | Q(number__startswith=search.text))
    if search.industry:
        rows = rows.filter(industry__iexact=search.industry)
    territories = search.territories()
    if territories is not None:
        rows = rows.filter(_placed(territories, search.on))
    rows = narrowed(rows, search.own)
    for word in filter(None, (part.strip() for part in search.place.split(","))):
        rows = rows.filter(place_key__contains=word.lower())
    return rows


def _placed(territories: list[int], on: date | None) -> Q:
    """Where accounts lie in the field: today, or on another day."""
    one, *others = territories
    there = Q(AnyOf(F("territory_id"), Value(territories))) if others else Q(territory_id=one)
    if on is None or on == today():
        return there
    return Q(pk__in=AccountTerritory.in_field().on(on).filter(there).values("account_id"))


def account_suggest(mine: Reach, text: str) -> list[Account]:
    """At most eight accounts in reach for what was typed: names that begin with it, then those with all its words."""
    typed = text.strip().lower()
    if not typed:
        return []
    rows = Account.objects.standing().visible_to(mine).order_by("name_key", "id")
    found = list(rows.filter(name_key__gte=typed, name_key__lt=typed + LAST)[:SUGGESTIONS])
    if len(found) < SUGGESTIONS:
        known = [row.pk for row in found]
        # Without an order the table is read once, instead of walking the whole index from row to row.
        words = [Q(name_key__contains=word) for word in typed.split()]
        containing = rows.filter(*words).exclude(pk__in=known).order_by()
        found += sorted(containing[: SUGGESTIONS - len(found)], key=lambda row: row.name_key)
    return found


def named(mine: Reach, name: str) -> list[int]:
    """The ids of the accounts in reach that have this name, in capitals or not."""
    rows = Account.objects.standing().visible_to(mine).filter(name_key=name.lower()).order_by("pk")
    return list(rows.values_list("pk", flat=True)[:SAME_NAME])


def industries(mine: Reach) -> list[str]:
    """The industries of some thousand accounts in reach, in order: what a filter proposes, not all that it takes."""
    rows = Account.objects.visible_to(mine).order_by().values_list("industry", flat=True)
    return sorted(set(rows[:SAMPLE]) - {""})
