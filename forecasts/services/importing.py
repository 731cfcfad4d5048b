"""Calls brought in from files: what people said, on the day they said it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, time
from typing import Any

from django.utils.translation import gettext as _

from common.importing import Names, Outcome, Row, resolved
from common.models import Period
from common.selectors import quarter_finder, the_organisation
from common.transaction import act, reach
from forecasts.models import Submission
from territories.models import Seat, User
from territories.selectors import seat_finder

NOON = time(12)
Key = tuple[int, int, str, bool, datetime]
Place = Callable[[Row], int | None]


@act
def apply_import(*, by: int | None, entity: str, rows: Sequence[Row]) -> Outcome:
    """Bring in calls, each at noon of its day, for the node on which the person sat, or which they led, on that day.

    Administrators, and the organisation's own jobs. Calls are kept for ever: one that is there with another amount
    is rejected.
    """
    reach().require("submission", "import")
    outcome = Outcome()
    people = Names(_("person"), User.objects.values_list("pk", "email", "name"))
    rows = resolved(rows, outcome, {"person": people})
    place, quarter_of, zone = _place_finder(rows), quarter_finder(), the_organisation().zone()
    standing = {_key(call): call.amount_minor for call in Submission.objects.all()}
    new = []
    for row in rows:
        said_at = datetime.combine(row.values["submitted_on"], NOON, zone)
        call = _call(row, place(row), quarter_of(row.values["on"]), said_at)
        if fault := next(_faults(call, standing), None):
            outcome.rejects.append(row.reject(*fault))
        elif _key(call) in standing:
            outcome.unchanged += 1
        else:
            new.append(call)
    Submission.objects.bulk_create(new, batch_size=2_000)
    outcome.created += len(new)
    return outcome


def _faults(call: Submission, standing: Mapping[Key, int]) -> Iterator[tuple[str, str, str]]:
    """What is wrong with a call: the field, the problem and the remedy."""
    if not call.period_id:
        yield "on", _("No fiscal year holds this day."), _("Add the fiscal year first.")
    if call.amount_minor < 0:
        yield "amount", _("It is below zero."), _("A call is zero or more.")
    if not call.node_id:
        yield "person", _("They led no team on that day."), _("A team's call is its lead's.")
    if standing.get(_key(call), call.amount_minor) != call.amount_minor:
        yield "amount", _("This call is kept with another amount."), _("Leave it out.")


def _place_finder(rows: Sequence[Row]) -> Place:
    """The node that a row's call is for: the person's seat on that day, or the team that they led; None without one."""
    seat_on = seat_finder({row.values["person"] for row in rows})
    led: dict[int, list[Seat]] = {}
    for seat in Seat.objects.current().filter(kind=Seat.Kind.LEAD).order_by("territory_id"):
        led.setdefault(seat.user_id, []).append(seat)

    def find(row: Row) -> int | None:
        person, day = row.values["person"], row.values["submitted_on"]
        if not row.values.get("is_team"):
            return seat_on(person, day)
        return next((seat.territory_id for seat in led.get(person, []) if seat.holds_on(day)), None)

    return find


def _call(row: Row, node_id: int | None, quarter: Period | None, said_at: datetime) -> Submission:
    said: dict[str, Any] = {
        "person_id": row.values["person"],
        "node_id": node_id,
        "is_team": bool(row.values.get("is_team")),
        "period": quarter,
        "category": row.values["category"],
        "amount_minor": row.values["amount"],
        "note": row.values.get("note") or "",
    }
    return Submission(**said, submitted_at=said_at)


def _key(call: Submission) -> Key:
    return call.person_id, call.period_id, call.category, call.is_team, call.submitted_at
