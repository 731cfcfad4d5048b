"""Modules in reach: which there are, what is in them on a day, and what became of them."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Account, AccountTerritory, Module, ModuleMember
from accounts.rules.conditions import read
from accounts.selectors.rules import matching
from common.access import Reach
from common.errors import NotInReach, Refused
from common.history import MOST, Change, history_of, recorded, with_reason
from common.locale import format_date, format_number
from common.transaction import widened
from territories.models import Territory
from territories.selectors import unassigned

EXAMPLES = 10
SHOWN = 3
"""So many of a module's territories are named; the others are counted."""


@dataclass(frozen=True)
class Place:
    """A territory, and how many of some accounts are in it."""

    territory: Territory
    count: int


@dataclass(frozen=True)
class Bundle:
    """A module with the accounts in reach that are in it on a day, by territory, the fullest first."""

    module: Module
    places: Sequence[Place] = ()

    @property
    def count(self) -> int:
        return sum(place.count for place in self.places)

    @property
    def first(self) -> Sequence[Place]:
        return self.places[:SHOWN]

    @property
    def more(self) -> int:
        return len(self.places[SHOWN:])


def module_list(text: str = "", *, is_active: bool = True) -> QuerySet[Module]:
    """The modules that are in use, or were retired, by name."""
    rows = Module.objects.annotate(name_key=Lower("name")).filter(is_active=is_active)
    return rows.filter(name__icontains=text) if text else rows


def members_on(mine: Reach, module_id: int, day: date) -> QuerySet[ModuleMember]:
    """The accounts in reach that are in a module on that day, by name."""
    rows = ModuleMember.objects.on(day).filter(mine.q(ModuleMember), module_id=module_id)
    named: QuerySet[ModuleMember] = rows.select_related("account").annotate(name_key=F("account__name_key"))
    return named


def members_of(module_id: int, day: date) -> list[int]:
    """The ids of the accounts that are in a module on that day, which move as one.

    Raises Refused where the running act may not see all of them.
    """
    rows = ModuleMember.objects.on(day).filter(module_id=module_id)
    ids = list(rows.order_by("account_id").values_list("account_id", flat=True))
    with widened("module_member"):
        is_whole = rows.count() == len(ids)
    if not is_whole:
        message = _("You don't see all accounts of this module, and they move as one. Ask an administrator.")
        raise Refused(message, code="not_whole")
    return ids


def some_named(account_ids: Iterable[int]) -> list[Account]:
    """The first of these accounts by name, to be shown."""
    return list(Account.objects.filter(pk__in=list(account_ids)).order_by("name_key", "pk")[:EXAMPLES])


def picked(mine: Reach, account_ids: Sequence[int]) -> list[Account]:
    """The accounts that were picked, by name. Raises NotInReach where one of them is not in reach."""
    rows = list(Account.objects.visible_to(mine).filter(pk__in=account_ids))
    if len(rows) < len(set(account_ids)):
        raise NotInReach()
    return rows


def filled_next(mine: Reach, module_id: int, day: date) -> date | None:
    """The first day after this one on which accounts in reach come into a module."""
    rows = ModuleMember.objects.current().filter(module=module_id, starts_on__gt=day)
    found = rows.filter(mine.q(ModuleMember)).order_by("starts_on")
    return found.values_list("starts_on", flat=True).first()


def module_of(account_id: int, day: date) -> ModuleMember | None:
    """The module in which an account is on that day, else the one that it comes into next."""
    rows = ModuleMember.objects.overlapping(day, None).filter(account_id=account_id)
    row: ModuleMember | None = rows.select_related("module").order_by("starts_on").first()
    return row


def bundles(mine: Reach, modules: Iterable[Module], day: date) -> list[Bundle]:
    """These modules, each with where its accounts in reach are on that day."""
    listed = list(modules)
    rows = ModuleMember.objects.on(day).filter(mine.q(ModuleMember), module__in=listed)
    place = AccountTerritory.in_field().on(day).filter(account_id=OuterRef("account_id"))
    counted = rows.annotate(place=place.values("territory_id")[:1]).order_by()
    counts: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for module_id, territory_id, count in counted.values_list("module_id", "place").annotate(Count("pk")):
        counts[module_id].append((territory_id or unassigned().pk, count))
    named = Territory.objects.in_bulk({pk for places in counts.values() for pk, _count in places})
    return [
        Bundle(module, sorted((Place(named[pk], count) for pk, count in counts[module.pk]), key=_fullest))
        for module in listed
    ]


def _fullest(place: Place) -> tuple[int, str]:
    return -place.count, place.territory.name


@dataclass(frozen=True)
class Filling:
    """What the conditions of a module bring into it from a day on: accounts of no module, by id, and of others.

    `elsewhere`: account -> the module in which it is then or later. `digest` says all of it in one word.
    """

    new: list[int]
    elsewhere: dict[int, str]
    staying: int
    digest: str


def filling(mine: Reach, module: Module, day: date) -> Filling:
    """Of which accounts the conditions hold that the reader may put into modules, and where these are."""
    rows = matching(read(module.conditions), mine) if module.conditions else Account.objects.none()
    if "org" not in mine.relations("account", "bundle"):
        rows = rows.filter(territory_id__in=mine.ids("sub"))
    members = ModuleMember.objects.overlapping(day, None).filter(account__in=rows).select_related("module")
    inside, elsewhere = set(), {}
    for row in members.order_by("account_id", "-starts_on"):
        if row.module_id != module.pk:
            elsewhere[row.account_id] = row.module.name
        elif row.starts_on <= day and row.stops_on is None:
            inside.add(row.account_id)
    new = [pk for pk in rows.order_by("pk").values_list("pk", flat=True) if pk not in elsewhere]
    coming = [pk for pk in new if pk not in inside]
    told = json.dumps([module.pk, module.version, day.isoformat(), coming, sorted(elsewhere.items())])
    return Filling(coming, elsewhere, len(inside), hashlib.sha256(told.encode()).hexdigest())


def places_on(account_ids: Iterable[int], day: date) -> dict[int, Territory]:
    """The territory in which each of these accounts is on that day; *Unassigned* where it is in none."""
    ids = list(account_ids)
    rows = AccountTerritory.in_field().on(day).filter(account_id__in=ids).select_related("territory")
    placed = {row.account_id: row.territory for row in rows}
    return {pk: placed.get(pk) or unassigned() for pk in ids}


@dataclass(frozen=True)
class Step:
    """What one request recorded: so many accounts (one of them by name) came in on a day, or left on `stops_on`."""

    count: int
    name: str
    starts_on: date
    stops_on: date | None
    reason: str
    recorded_at: datetime
    recorded_by_id: int | None
    superseded_at: datetime | None
    superseded_by_id: int | None
    superseded_why: str

    def in_words(self) -> str:
        many = ngettext("%(count)s account", "%(count)s accounts", self.count)
        what = self.name if self.count == 1 else many % {"count": format_number(self.count)}
        said = _("%(what)s left on %(day)s") if self.stops_on else _("%(what)s came in, from %(day)s on")
        words = {"what": what, "day": format_date(self.stops_on or self.starts_on)}
        return with_reason(said % words, self.reason)


def module_history(mine: Reach, module: Module) -> list[Change]:
    """What came into a module and left it, as far as the reader may see it, and what was said of it, newest first."""
    told = [
        *recorded(_steps(mine, module), Step.in_words),
        *history_of(module, ["name", "note", "is_active"]),
    ]
    return sorted(told, key=lambda line: line.at, reverse=True)[:MOST]


def _steps(mine: Reach, module: Module) -> list[Step]:
    """A row that is superseded stays told where another carries it on; where none does it was withdrawn."""
    following = ModuleMember.objects.filter(
        account_id=OuterRef("account_id"),
        starts_on=OuterRef("starts_on"),
        recorded_at=OuterRef("superseded_at"),
    )
    gone = Q(superseded_at__isnull=False) & (Q(stops_on__isnull=False) | ~Exists(following))
    rows = ModuleMember.objects.filter(mine.q(ModuleMember), module=module).annotate(is_withdrawn=gone)
    grouped = rows.values("request_id", "recorded_by_id", "starts_on", "stops_on", "reason", "is_withdrawn")
    facts = grouped.annotate(
        count=Count("pk"), name=Min("account__name"), at=Min("recorded_at"), gone_at=Max("superseded_at"),
        gone_by=Max("superseded_by_id"), gone_why=Max("superseded_why"),
    )  # fmt: skip
    return [_step(fact) for fact in facts.order_by("-at")[:MOST]]


def _step(fact: dict[str, Any]) -> Step:
    same = {
        name: fact[name] for name in ("count", "name", "starts_on", "stops_on", "reason", "recorded_by_id")
    }
    is_gone = fact["is_withdrawn"]
    return Step(
        **same,
        recorded_at=fact["at"],
        superseded_at=fact["gone_at"] if is_gone else None,
        superseded_by_id=fact["gone_by"],
        superseded_why=fact["gone_why"],
    )
