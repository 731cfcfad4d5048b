"""The territories, modules and rules that fields about accounts offer to choose from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from accounts.models import Module, Rule
from common.offers import Offer
from common.transaction import reach
from territories.selectors.offers import Territories


@dataclass(frozen=True)
class Places(Territories):
    """The territories into which the reader may assign accounts, or create them (`act`)."""

    page = "place_suggest"
    act: str = "assign"

    @property
    def asks(self) -> Mapping[str, Any]:
        return {"act": self.act}

    def rows(self) -> QuerySet[Any]:
        mine = reach()
        relations = mine.relations("account", self.act)
        if "org" in relations:
            return super().rows()
        ids = frozenset[int]().union(*(mine.ids(relation) for relation in relations))
        return super().rows().filter(pk__in=ids)


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
