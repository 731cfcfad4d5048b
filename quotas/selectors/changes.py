"""What was planned anew between two instants: places in the tree, seats, quotas, rates, periods."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.apps import apps
from django.db.models import Q
from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

from common.history import actor_of, names_of, people_of
from common.locale import format_exact, format_money
from common.models import Period, Rate
from common.selectors import the_organisation
from quotas.models import Quota
from territories.models import Edge, Seat, User

SHOWN = 50


@dataclass(frozen=True)
class Change:
    """A fact that was recorded, or one that no longer stands: what it says, of which days, by whom and when."""

    text: str
    starts_on: date
    stops_on: date | None
    is_gone: bool
    at: datetime
    by: str


@dataclass(frozen=True)
class Changes:
    """The changes of one input, as many as are shown, and whether there are more."""

    label: StrOrPromise
    rows: list[Change]
    has_more: bool


def changes_between(name: str, label: StrOrPromise, after: datetime, until: datetime) -> Changes:
    """What was recorded or superseded of that input after one instant, until the other, by the database's clock."""
    made = _periods(after, until) if name == "calendar" else _dated(name, after, until)
    rows = sorted(made, key=lambda change: (change.at, change.is_gone))
    return Changes(label, rows[:SHOWN], len(rows) > SHOWN)


def _edge(row: Edge) -> str:
    words = {"name": row.child.name, "above": row.parent.name if row.parent else ""}
    return _("%(name)s below %(above)s") % words if row.parent else _("%(name)s at the top") % words


def _seat(row: Seat) -> str:
    words = {"person": row.user.name, "place": row.territory.name, "kind": row.get_kind_display()}
    return _("%(person)s on %(place)s: %(kind)s") % words


def _quota(row: Quota) -> str:
    whose = row.person.name if row.person else row.territory.name if row.territory else ""
    amount = format_money(row.amount_minor, the_organisation().reporting_currency)
    parts = [whose, row.period.code, row.family.name if row.family else "", row.get_kind_display()]
    return f"{', '.join(part for part in parts if part)}: {amount}"


def _rate(row: Rate) -> str:
    return f"{row.currency}, {row.get_kind_display()}: {format_exact(row.value)}"


DATED: dict[str, tuple[Any, tuple[str, ...], Callable[[Any], str]]] = {
    "tree": (Edge, ("child", "parent"), _edge),
    "seats": (Seat, ("user", "territory"), _seat),
    "quotas": (Quota, ("person", "territory", "period", "family"), _quota),
    "rates": (Rate, (), _rate),
}


def _dated(name: str, after: datetime, until: datetime) -> Iterator[Change]:
    """A fact that was recorded and superseded again between the two is of neither."""
    model, named, words = DATED[name]
    came = Q(recorded_at__gt=after, recorded_at__lte=until)
    went = Q(superseded_at__gt=after, superseded_at__lte=until)
    rows = model.objects.filter((came & ~went) | (went & ~came)).select_related(*named)
    found = list(rows.order_by("recorded_at", "id")[: SHOWN + 1])
    people = names_of(User, {_by(row, after) for row in found})
    for row in found:
        is_gone, at = _went(row, after)
        by = people.get(_by(row, after), "")
        yield Change(words(row), row.starts_on, row.stops_on, is_gone, at, by)


def _went(row: Any, after: datetime) -> tuple[bool, datetime]:
    return (False, row.recorded_at) if row.recorded_at > after else (True, row.superseded_at)


def _by(row: Any, after: datetime) -> int | None:
    by: int | None = row.superseded_by_id if _went(row, after)[0] else row.recorded_by_id
    return by


def _periods(after: datetime, until: datetime) -> Iterator[Change]:
    kept = apps.get_model("common", "PeriodEvent")
    rows = kept._default_manager.filter(pgh_created_at__gt=after, pgh_created_at__lte=until)
    found = list(rows.order_by("pgh_id")[: SHOWN + 1])
    people = people_of(found)
    for row in found:
        kind = Period.Kind(row.kind).label
        by, at = actor_of(row, people)["by"], row.pgh_created_at
        yield Change(f"{kind} {row.code}", row.starts_on, row.stops_on, row.pgh_label == "delete", at, by)
