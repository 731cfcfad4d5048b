"""The people and territories whose quotas one may set, as one list to choose from."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from common.offers import MOST_FOUND, Choices, Offer, Option
from common.selectors import today
from common.transaction import reach
from quotas.selectors.quotas import assignable
from territories.selectors.offers import People, Territories
from territories.selectors.tree import named_on


@dataclass(frozen=True)
class _People(People):
    def rows(self) -> QuerySet[Any]:
        return self.told_apart(assignable(reach())[0].filter(is_active=True))


@dataclass(frozen=True)
class _Territories(Territories):
    def taken(self) -> QuerySet[Any]:
        theirs = assignable(reach())[1].filter(is_unassigned=False)
        return self.dated(named_on(today()).filter(pk__in=theirs.values("pk")))

    def listed(self, rows: Sequence[Any]) -> Choices:
        return [(str(row.pk), row.called) for row in sorted(rows, key=lambda row: row.called.casefold())]


@dataclass(frozen=True)
class Assignees(Offer):
    """People at work and territories; the key says which, such as `person:7`."""

    page = "assignee_suggest"
    kinds = {"person": _People(), "territory": _Territories()}

    def found(self, text: str) -> list[Option]:
        """As many people as territories, so that neither hides the other; one more where there are more of either."""
        people, territories = (_of(kind, offer.found(text)) for kind, offer in self.kinds.items())
        room = (
            max(MOST_FOUND // 2, MOST_FOUND - len(territories)),
            max(MOST_FOUND // 2, MOST_FOUND - len(people)),
        )
        shown = [*people[: room[0]], *territories[: room[1]]]
        rest = [*people[room[0] :], *territories[room[1] :]]
        return [*shown, *rest[:1]]

    def one(self, key: str) -> Option | None:
        kind, _colon, pk = key.partition(":")
        option = self.kinds[kind].one(pk) if kind in self.kinds else None
        return replace(option, key=key) if option else None

    def named(self, text: str) -> list[Option]:
        return [each for kind, offer in self.kinds.items() for each in _of(kind, offer.named(text))]

    def choices(self) -> Choices | None:
        people, territories = (offer.choices() for offer in self.kinds.values())
        if people is None or territories is None:
            return None
        groups = ((_("People"), "person", people), (_("Territories"), "territory", territories))
        return [(title, [(f"{kind}:{pk}", label) for pk, label in rows]) for title, kind, rows in groups]


def _of(kind: str, options: list[Option]) -> list[Option]:
    return [replace(option, key=f"{kind}:{option.key}") for option in options]
