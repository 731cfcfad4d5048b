"""The territories, modules, rules and contacts that fields about accounts offer to choose from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Contact, Coverage, Module, Rule
from common.offers import Offer, Option
from common.transaction import reach
from territories import rules
from territories.models import Edge, Territory
from territories.selectors.offers import Territories


def gathering(day: date) -> Q:
    """The companies and regions below which something lies on that day: they gather territories and no accounts."""
    lying = Edge.objects.on(day).filter(parent=OuterRef("pk"), child__is_unassigned=False)
    return Q(kind__in=rules.GATHERING) & Q(Exists(lying))


@dataclass(frozen=True)
class Places(Territories):
    """The territories into which the reader may assign accounts, or create them (`act`).

    With a coverage only those that take accounts for it: overlays for specialists and partners, for the field anything
    else, but a company or a region only where nothing lies below it.
    """

    page = "place_suggest"
    act: str = "assign"
    coverage: str = ""

    @property
    def asks(self) -> Mapping[str, Any]:
        return {**super().asks, "act": self.act, "coverage": self.coverage}

    def rows(self) -> QuerySet[Any]:
        rows = super().rows()
        if not self.coverage:
            return rows
        overlays = Q(kind=Territory.Kind.OVERLAY)
        if self.coverage != Coverage.FIELD:
            return rows.filter(overlays)
        return rows.exclude(overlays).exclude(gathering(self.day))

    @property
    def lasts(self) -> bool:
        return self.coverage != ""

    def taken(self) -> QuerySet[Any]:
        mine = reach()
        relations = mine.relations("account", self.act)
        if "org" in relations:
            return super().taken()
        ids = frozenset[int]().union(*(mine.ids(relation) for relation in relations))
        return super().taken().filter(pk__in=ids)


@dataclass(frozen=True)
class Modules(Offer):
    """The modules in use."""

    page = "module_suggest"

    def rows(self) -> QuerySet[Any]:
        return Module.objects.filter(is_active=True)


@dataclass(frozen=True)
class Rules(Offer):
    """The rules in use."""

    page = "rule_suggest"

    def rows(self) -> QuerySet[Any]:
        return Rule.objects.filter(is_active=True)


@dataclass(frozen=True)
class Contacts(Offer):
    """The people at one account, each with their job title."""

    page = "contact_suggest"
    account_id: int | None = None

    @property
    def asks(self) -> Mapping[str, Any]:
        return {"account": self.account_id}

    def rows(self) -> QuerySet[Any]:
        return Contact.objects.visible_to(reach()).filter(account=self.account_id)

    def options(self, rows: Iterable[Any], text: str = "") -> list[Option]:
        return [Option(str(row.pk), row.name, row.title) for row in rows]
