"""The people that fields about answers offer to choose from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from common.selectors import today
from territories.selectors.offers import People
from workspace.selectors.stand_ins import able_to_stand_in


@dataclass(frozen=True)
class Colleagues(People):
    """Those who may stand in for somebody today."""

    page = "colleague_suggest"
    person: int = 0

    @property
    def asks(self) -> Mapping[str, Any]:
        return {"person": self.person}

    def rows(self) -> QuerySet[Any]:
        return self.told_apart(able_to_stand_in(self.person, today()))
