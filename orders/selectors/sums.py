"""What minus entries and those of a new split come from: a line before and after, and what somebody had of it."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Sum

from common.transaction import widened
from orders.models import BookingEvent, Credit, OrderLine, SplitShare


@dataclass(frozen=True)
class Change:
    """What an entry did to a line, in minor units of the order's currency.

    `weight`: the person's share of the line from then on; `line_minor`: what it changed of the line's order intake;
    `left_minor`: what is left of that; `had_minor`: what the person had of the line before.
    """

    weight: int
    line_minor: int
    left_minor: int
    had_minor: int


Part = tuple[int, int, str, int]
"""An event, a person, revenue or overlay, and what of a line that comes to."""


def changes_of(found: Iterable[tuple[Credit, BookingEvent | None]]) -> dict[int, Change]:
    """What those of the credits rest on that take back or came with a new split, by their ids.

    Only of orders that the reader sees: what their lines come to is theirs to know, whoever has it. As many queries for
    many credits as for one, and none where there is none of them.
    """
    rows = [
        (credit, event)
        for credit, event in found
        if event and credit.line_id and (credit.reverses_id or event.kind == BookingEvent.Kind.NEW_SPLIT)
    ]
    if not rows:
        return {}
    weight_of = _weight_finder({event.order_id for _credit, event in rows})
    parts: dict[int, list[Part]] = defaultdict(list)
    with widened("credit"):
        credits = Credit.objects.filter(line__in={credit.line_id for credit, _event in rows}).order_by()
        named = credits.values_list("line_id", "event_id", "person_id", "kind")
        for line, *part in named.annotate(minor=Sum("amount_minor")):
            parts[line].append((part[0], part[1], part[2], part[3]))
    return {
        credit.pk: _change(credit, parts[credit.line_id or 0], weight_of(credit)) for credit, _event in rows
    }


def _change(credit: Credit, parts: Sequence[Part], weight: int) -> Change:
    whole = [(event, minor) for event, _person, kind, minor in parts if kind == Credit.Kind.REVENUE]
    own = [
        (event, minor)
        for event, person, kind, minor in parts
        if (person, kind) == (credit.person_id, credit.kind)
    ]
    return Change(
        weight,
        sum(minor for event, minor in whole if event == credit.event_id),
        sum(minor for event, minor in whole if event <= credit.event_id),
        sum(minor for event, minor in own if event < credit.event_id),
    )


def _weight_finder(orders: Collection[int | None]) -> Callable[[Credit], int]:
    """The share that somebody has of a line once an event was entered: by the last one that says how it is shared."""
    versions: dict[int, list[OrderLine]] = defaultdict(list)
    for line in OrderLine.objects.filter(order__in=orders).order_by("event_id"):
        versions[line.root_id].append(line)
    held: dict[tuple[int, int | None, str], dict[int, int]] = defaultdict(dict)
    for share in SplitShare.objects.filter(event__order__in=orders).order_by():
        held[share.event_id, share.line_id, share.kind][share.person_id] = share.weight

    def find(credit: Credit) -> int:
        known = [line for line in versions[credit.line_id or 0] if line.event_id <= credit.event_id]
        if not known:
            return 0
        event, line = known[-1].event_id, known[-1].pk
        named = held.get((event, line, credit.kind)) or held[event, None, credit.kind]
        return named.get(credit.person_id, 0)

    return find
