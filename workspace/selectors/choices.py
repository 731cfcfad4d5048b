"""How people want to hear of what."""

from collections.abc import Iterable

from workspace.models import Choice, Delivery, Event

DEFAULTS = {
    Event.INVITED: Delivery.MAIL,
    Event.FORECAST_DUE: Delivery.MAIL,
    Event.FORECAST_LATE: Delivery.MAIL,
    Event.APPROVAL_ASKED: Delivery.MAIL,
    Event.RUN_FAILED: Delivery.MAIL,
    Event.ADDRESS_CHANGED: Delivery.MAIL,
}
"""What holds for who chose nothing; on the page for every other event."""
CHOOSABLE = [event for event in Event if event not in {Event.INVITED, Event.ADDRESS_CHANGED}]
NEVER_OFF = {Event.APPROVAL_ASKED}


def default(event: str) -> Delivery:
    return DEFAULTS.get(Event(event), Delivery.PAGE)


def ways(event: str) -> list[Delivery]:
    """The ways in which one may choose to hear of an event."""
    return [way for way in Delivery if way != Delivery.OFF or event not in NEVER_OFF]


def choices_of(person_id: int) -> dict[str, str]:
    """How a person hears of each event that they may choose for."""
    chosen = dict(Choice.objects.filter(person=person_id).values_list("event", "delivery"))
    return {event.value: chosen.get(event, default(event).value) for event in CHOOSABLE}


def deliveries(event: str, people: Iterable[int]) -> dict[int, str]:
    """How each of these people wants to hear of an event."""
    rows = Choice.objects.filter(event=event, person__in=list(people))
    return dict.fromkeys(people, default(event).value) | dict(rows.values_list("person_id", "delivery"))
