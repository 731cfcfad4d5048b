"""Where accounts are on a day and where they are planned to go after it, in words."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from django.db.models import F, Q, QuerySet, Value
from django.utils.translation import gettext as _

from accounts.models import AccountTerritory
from common.access import AnyOf
from common.locale import format_date
from territories.selectors import unassigned
from territories.selectors.tree import named_on

Places = list[tuple[int, date]]
"""The field territories of an account, each with its first day, in order."""


def places_from(account_ids: Collection[int] | None, day: date) -> dict[int, Places]:
    """The field territories of accounts on that day and later, each with its first day, in order; None: of all."""
    rows = AccountTerritory.in_field().overlapping(day, None)
    if account_ids is not None:
        rows = rows.filter(Q(AnyOf(F("account_id"), Value(list(account_ids)))))
    found: dict[int, Places] = defaultdict(list)
    for account, node, begins in rows.order_by("starts_on").values_list(
        "account_id", "territory_id", "starts_on"
    ):
        found[account].append((node, begins))
    return found


def where_on(account_ids: Collection[int], day: date) -> dict[int, str]:
    """Such as *East 1*, or *East 1; in Moordale from Dec 2, 2026 on*."""
    places, nobody = places_from(account_ids, day), unassigned().pk
    names = names_on({node for rows in places.values() for node, _begins in rows} | {nobody}, day)
    return {pk: _in_words(places.get(pk, ()), day, names, names[nobody]) for pk in account_ids}


def names_on(nodes: Collection[int], day: date) -> dict[int, str]:
    """What these territories are called on that day."""
    rows: QuerySet[Any] = named_on(day)
    return dict(rows.filter(pk__in=nodes).values_list("pk", "called"))


def later_in_words(places: Collection[tuple[int, date]], day: date, names: Mapping[int, str]) -> str:
    """Such as *in Moordale from Dec 2, 2026 on*; empty where nothing is planned after that day."""
    words = _("in %(name)s from %(day)s on")
    later = [(names[node], begins) for node, begins in places if begins > day]
    return "; ".join(words % {"name": name, "day": format_date(begins)} for name, begins in later)


def _in_words(places: Collection[tuple[int, date]], day: date, names: Mapping[int, str], nobody: str) -> str:
    here = next((names[node] for node, begins in places if begins <= day), nobody)
    return "; ".join(filter(None, [here, later_in_words(places, day, names)]))
