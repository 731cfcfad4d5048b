"""Rules in words: what they ask, and how they once stood."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Account, Rule
from accounts.rules import conditions
from accounts.rules.conditions import Condition, Groups
from common.history import actor_of, people_of
from common.locale import format_money, format_number
from common.selectors import the_organisation
from territories.models import Territory

NAMED = 5
"""So many values are named; the others are counted."""

KINDS = {
    "country": gettext_lazy("Country"),
    "region": gettext_lazy("State or region"),
    "postcode": gettext_lazy("Postal code begins with"),
    "postcode_range": gettext_lazy("Postal code from … to …"),
    "industry": gettext_lazy("Industry"),
    "segment": gettext_lazy("Segment"),
    "tier": gettext_lazy("Tier"),
    "employees": gettext_lazy("Employees from … to …"),
    "annual_revenue": gettext_lazy("Annual revenue from … to …"),
    "parent": gettext_lazy("Parent: this account and all below it"),
    "account": gettext_lazy("One of these accounts"),
}
"""What a condition looks at, as a form offers it."""


def named_accounts(groups: Groups) -> dict[int, str]:
    """The names of the accounts in reach that conditions name, as far as they are told."""
    kinds = (conditions.PARENT, conditions.ACCOUNT)
    ids = [pk for group in groups for one in group if one.kind in kinds for pk in one.values[:NAMED]]
    return dict(Account.objects.filter(pk__in=ids).values_list("pk", "name"))


def sentences(groups: Groups) -> list[list[str]]:
    """Each group's conditions as sentences. Example: [["Country is US or Canada", "Tier is A"]]."""
    names = named_accounts(groups)
    return [[_sentence(one, names) for one in group] for group in groups]


def _sentence(one: Condition, names: Mapping[int, str]) -> str:
    if one.kind == "postcode":
        return _("Postal code begins with %(values)s") % {"values": _any_of(one.values)}
    if one.kind == "postcode_range":
        return _("Postal code is from %(least)s to %(most)s") % {"least": one.least, "most": one.most}
    if one.kind in conditions.SIZES:
        return _size(one)
    if one.kind in (conditions.PARENT, conditions.ACCOUNT):
        told = [names.get(pk, _("an account that you don't see")) for pk in one.values[:NAMED]]
        values = _any_of(told, len(one.values))
        words = _("It is %(values)s") if one.kind == "account" else _("It is %(values)s, or lies below")
        return words % {"values": values}
    return _("%(kind)s is %(values)s") % {"kind": KINDS[one.kind], "values": _any_of(one.values)}


def _any_of(values: Sequence[str], count: int = 0) -> str:
    """Some values as a choice. Example: "US, Canada or Mexico", "A, B, C, D, E or 12 more"."""
    told, more = list(values[:NAMED]), (count or len(values)) - NAMED
    if more > 0:
        told.append(ngettext("%(count)s more", "%(count)s more", more) % {"count": format_number(more)})
    if len(told) == 1:
        return told[0]
    return _("%(first)s or %(last)s") % {"first": ", ".join(told[:-1]), "last": told[-1]}


def _size(one: Condition) -> str:
    currency = the_organisation().reporting_currency
    is_money = one.kind == "annual_revenue"
    least, most = (
        format_money(end, currency) if is_money else format_number(end) for end in (one.least, one.most)
    )
    what = _("Annual revenue") if is_money else _("Number of employees")
    if one.least is None:
        return _("%(what)s is at most %(most)s") % {"what": what, "most": most}
    if one.most is None:
        return _("%(what)s is at least %(least)s") % {"what": what, "least": least}
    return _("%(what)s is from %(least)s to %(most)s") % {"what": what, "least": least, "most": most}


@dataclass(frozen=True)
class Version:
    """A rule as it once stood, and who made it so when."""

    number: int
    at: datetime
    by: str
    name: str
    coverage: str
    territory: str
    priority: int
    spares_placed: bool
    is_active: bool
    groups: list[list[str]]


def versions_of(rule: Rule) -> list[Version]:
    """The rule as it stood when, newest first."""
    events = list(rule.history.order_by("-pgh_id"))  # type: ignore[attr-defined]
    people = people_of(events)
    places = Territory.objects.in_bulk({event.territory_id for event in events})
    return [_version(event, people, places) for event in events]


def _version(event: Any, people: Mapping[Any, str], places: Mapping[int, Territory]) -> Version:
    actor = actor_of(event, people)
    return Version(
        number=event.version,
        at=actor["at"],
        by=actor["by"],
        name=event.name,
        coverage=event.get_coverage_display(),
        territory=places[event.territory_id].name,
        priority=event.priority,
        spares_placed=event.spares_placed,
        is_active=event.is_active,
        groups=sentences(conditions.read(event.conditions)),
    )
