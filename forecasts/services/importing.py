"""Calls brought in from files: what people said, on the day they said it."""

from collections.abc import Sequence
from datetime import date, datetime, time

from django.utils.translation import gettext as _

from common.importing import Names, Outcome, Row, resolved
from common.models import Period
from common.selectors import the_organisation
from common.transaction import act, reach
from forecasts.models import Submission
from territories.models import User
from territories.selectors import seat_finder

NOON = time(12)
Key = tuple[int, int, str, bool, datetime]


@act
def apply_import(*, by: int | None, entity: str, rows: Sequence[Row]) -> Outcome:
    """Bring in calls, each at noon of its day, for the node on which the person sat on that day.

    Administrators, and the organisation's own jobs. Calls are kept for ever: one that is there with another amount
    is rejected.
    """
    reach().require("quota", "update")
    outcome = Outcome()
    people = Names(_("person"), User.objects.values_list("pk", "email", "name"))
    rows = resolved(rows, outcome, {"person": people})
    seat_on = seat_finder({row.values["person"] for row in rows})
    quarters, zone = list(Period.objects.quarters()), the_organisation().zone()
    standing = {_key(call): call.amount_minor for call in Submission.objects.all()}
    new = []
    for row in rows:
        quarter = _quarter(quarters, row.values["on"])
        if quarter is None:
            outcome.rejects.append(
                row.reject("on", _("No fiscal year holds this day."), _("Add the year to the profile."))
            )
            continue
        said_on: date = row.values["submitted_on"]
        call = Submission(
            person_id=row.values["person"],
            node_id=seat_on(row.values["person"], said_on),
            is_team=bool(row.values.get("is_team")),
            period=quarter,
            category=row.values["category"],
            amount_minor=row.values["amount"],
            note=row.values.get("note") or "",
            submitted_at=datetime.combine(said_on, NOON, zone),
        )
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


def _quarter(quarters: Sequence[Period], day: date) -> Period | None:
    return next((quarter for quarter in quarters if quarter.starts_on <= day < quarter.stops_on), None)


def _key(call: Submission) -> Key:
    return call.person_id, call.period_id, call.category, call.is_team, call.submitted_at
