"""Calls brought in from files: what people said, on the day they said it."""

from collections.abc import Callable, Sequence
from datetime import datetime, time

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
    place, quarter_of = _place_finder(rows), quarter_finder()
    zone = the_organisation().zone()
    standing = {_key(call): call.amount_minor for call in Submission.objects.all()}
    new = []
    for row in rows:
        quarter, node_id = quarter_of(row.values["on"]), place(row)
        if quarter is None:
            outcome.rejects.append(
                row.reject("on", _("No fiscal year holds this day."), _("Add the year to the profile."))
            )
        elif row.values["amount"] < 0:
            outcome.rejects.append(row.reject("amount", _("It is below zero."), _("A call is zero or more.")))
        elif node_id is None:
            outcome.rejects.append(
                row.reject("person", _("They led no team on that day."), _("A team's call is its lead's."))
            )
        else:
            call = _call(row, node_id, quarter, datetime.combine(row.values["submitted_on"], NOON, zone))
            if _key(call) not in standing:
                new.append(call)
            elif standing[_key(call)] == call.amount_minor:
                outcome.unchanged += 1
            else:
                outcome.rejects.append(
                    row.reject("amount", _("This call is kept with another amount."), _("Leave it out."))
                )
    Submission.objects.bulk_create(new, batch_size=2_000)
    outcome.created += len(new)
    return outcome


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


def _call(row: Row, node_id: int, quarter: Period, said_at: datetime) -> Submission:
    return Submission(
        person_id=row.values["person"],
        node_id=node_id,
        is_team=bool(row.values.get("is_team")),
        period=quarter,
        category=row.values["category"],
        amount_minor=row.values["amount"],
        note=row.values.get("note") or "",
        submitted_at=said_at,
    )


def _key(call: Submission) -> Key:
    return call.person_id, call.period_id, call.category, call.is_team, call.submitted_at
