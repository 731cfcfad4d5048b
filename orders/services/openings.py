"""Order intake from before the product was in use."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from django.utils.translation import gettext as _

from catalog.models import Family
from common.errors import Refused
from common.transaction import act, reach, widened
from orders.models import BookingEvent, Credit
from orders.services.posting import BOOKKEEPING, Rates, open_month, post
from pipeline.models import Motion
from pipeline.services.guards import MOST_MINOR, check_currency, check_text
from territories.models import User
from territories.selectors import seat_node_on


@dataclass(frozen=True)
class OpeningInput:
    """What one person took in with one family before the start: how much, when, and from which line.

    Without `territory_id` the territory is the person's seat on that day.
    """

    person_id: int
    family_id: int
    booked_on: date
    currency: str
    amount_minor: int
    motion: str = Motion.NEW
    is_new_business: bool = False
    territory_id: int | None = None
    line: str = ""


@act
def post_opening(*, by: int, entries: Sequence[OpeningInput], source: str) -> list[BookingEvent]:
    """Bring in order intake from before the start: one event and one credit of kind *opening* for each entry.

    Admins. `source` names where the figures come from; with an entry's line it stands on the credit. Raises
    Refused on an unknown person, family or currency, Conflict for a closed period or a missing rate.
    """
    reach().require("order", "opening")
    check_text(source, "source")
    _check(entries)
    months = {day: open_month(by, day) for day in {entry.booked_on for entry in entries}}
    with widened(*BOOKKEEPING):
        events = BookingEvent.objects.bulk_create(
            BookingEvent(
                kind=BookingEvent.Kind.OPENING,
                booked_on=entry.booked_on,
                amount_minor=entry.amount_minor,
                source=_source(source, entry),
                by_id=by,
            )
            for entry in entries
        )
        rates, seats = cache(Rates.on), cache(seat_node_on)
        post(
            [
                _credit(
                    event,
                    entry,
                    rates(entry.currency, entry.booked_on),
                    seats(entry.person_id, entry.booked_on),
                )
                for event, entry in zip(events, entries, strict=True)
            ],
            months,
        )
    return events


def _credit(event: BookingEvent, entry: OpeningInput, rates: Rates, seat_id: int) -> Credit:
    return Credit(
        event=event,
        kind=Credit.Kind.OPENING,
        motion=entry.motion,
        is_new_business=entry.is_new_business,
        family_id=entry.family_id,
        person_id=entry.person_id,
        seat_id=seat_id,
        territory_id=entry.territory_id or seat_id,
        booked_on=entry.booked_on,
        currency=entry.currency,
        amount_minor=entry.amount_minor,
        booked_minor=rates.in_booked(entry.amount_minor),
        booked_rate=rates.booked,
        plan_minor=rates.in_plan(entry.amount_minor),
        plan_rate=rates.plan,
        source=event.source,
    )


def _source(source: str, entry: OpeningInput) -> str:
    return f"{source.strip()} {entry.line}".strip()[:200]


def _check(entries: Sequence[OpeningInput]) -> None:
    people = set(User.objects.filter(pk__in={e.person_id for e in entries}).values_list("pk", flat=True))
    families = set(Family.objects.filter(pk__in={e.family_id for e in entries}).values_list("pk", flat=True))
    for currency in {entry.currency for entry in entries}:
        check_currency(currency)
    for entry in entries:
        if entry.person_id not in people:
            raise Refused(_("There is no such person."), path="person_id", code="unknown_person")
        if entry.family_id not in families:
            raise Refused(_("There is no such product family."), path="family_id", code="unknown_family")
        if entry.amount_minor == 0 or abs(entry.amount_minor) >= MOST_MINOR:
            message = _("An opening entry is not zero, and has at most 12 digits before the decimals.")
            raise Refused(message, path="amount_minor", code="amount_range")
        if entry.motion not in Motion.values:
            raise Refused(_("Choose a motion."), path="motion", code="unknown_motion")
