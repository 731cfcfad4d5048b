"""The people that fields about deals offer to choose from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from common.offers import Option
from common.transaction import reach
from pipeline.models import Competitor, Opportunity
from pipeline.selectors.opportunities import owners
from territories.models import User
from territories.selectors.offers import People


@dataclass(frozen=True)
class Owners(People):
    """The people whose deals the reader may lead, and the one who has the deal (`now`)."""

    page = "owner_suggest"
    now: int | None = None

    @property
    def asks(self) -> Mapping[str, Any]:
        return {}

    def rows(self) -> QuerySet[Any]:
        led = owners(reach())
        people = User.objects.filter(Q(pk__in=led.values("pk")) | Q(pk=self.now)) if self.now else led
        return self.told_apart(people)


@dataclass(frozen=True)
class Holders(Owners):
    """The same and all who have a deal in the reader's reach, those who left too: whose deals a figure may be of."""

    @property
    def asks(self) -> Mapping[str, Any]:
        return {"as": "holders"}

    def rows(self) -> QuerySet[Any]:
        mine = reach()
        held = Opportunity.objects.visible_to(mine).standing().filter(owner=OuterRef("pk"))
        return self.told_apart(User.objects.filter(Q(pk__in=owners(mine).values("pk")) | Exists(held)))

    def options(self, rows: Iterable[Any], text: str = "") -> list[Option]:
        return [Option(str(row.pk), row.name, _about(row)) for row in rows]


def _about(person: Any) -> str:
    """What tells a person from others of that name, and that they left."""
    left = "" if person.is_active else _("has left")
    return ", ".join(filter(None, [person.email if person.has_namesake else "", left]))


def competitors_of_each(deal_ids: Iterable[int]) -> dict[int, list[str]]:
    """The competitors on each of these deals."""
    found: dict[int, list[str]] = {}
    rows = Competitor.objects.filter(opportunity__in=list(deal_ids), is_removed=False).order_by("id")
    for pk, name in rows.values_list("opportunity_id", "name"):
        found.setdefault(pk, []).append(name)
    return found


def competitors_of(deal: Opportunity) -> list[str]:
    """The competitors on a deal."""
    rows = deal.competitors.filter(is_removed=False).order_by("id")
    return list(rows.values_list("name", flat=True))
