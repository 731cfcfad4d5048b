"""Order intake from before the product was in use: typed one by one, or brought in from files."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext as _

from catalog.models import Family
from common.checks import check_currency, check_text
from common.errors import Refused
from common.importing import Names, Outcome, Reject, Row, resolved
from common.locale import format_date
from common.money import MOST_MINOR
from common.transaction import act, reach, widened
from common.undoing import InUse, Made, recorded
from orders.models import BookingEvent, Credit
from orders.rules import Measures
from orders.services.posting import BOOKKEEPING, Desk, lock_books
from pipeline.models import Motion
from territories.models import Seat, Territory, User
from territories.selectors import seat_finder, unassigned
from territories.services.tree import check_held, hold_places, outside_tree


@dataclass(frozen=True)
class OpeningInput:
    """What one person took in with one family before the start: how much, when, and where the figure comes from.

    Without `territory_id` the territory is the person's seat on that day.
    """

    person_id: int
    family_id: int
    booked_on: date
    currency: str
    amount_minor: int
    source: str
    motion: str = Motion.NEW
    is_new_business: bool = False
    territory_id: int | None = None


@act
def post_opening(*, by: int | None, entries: Sequence[OpeningInput]) -> list[BookingEvent]:
    """Bring in order intake from before the start: one event and one credit of kind *opening* for each entry.

    Admins, and the organisation's own jobs. A wrong entry is taken back by the same one with a minus amount.
    Raises Refused on an unknown person, family or currency, Conflict for a closed period, a missing rate, or a
    territory that is not in the tree on that day.
    """
    reach().require("order", "opening")
    # Nobody takes from the tree what the entries stand on. It is read again: who retired it meanwhile was waited for.
    hold_places(territory_id for territory_id, _day in _Desk(by, entries).places)
    desk = _Desk(by, entries)
    for entry in entries:
        desk.check(entry)
    check_held(desk.places)
    return _post(desk, entries)


def _post(desk: "_Desk", entries: Sequence[OpeningInput]) -> list[BookingEvent]:
    """Post entries that were checked and stand on what is held."""
    with widened(*BOOKKEEPING):
        events = BookingEvent.objects.bulk_create(map(desk.event, entries))
        desk.post([desk.credit(event, entry) for event, entry in zip(events, entries, strict=True)])
    return events


class _Desk(Desk):
    """What entries are checked and stamped with, read once for all of them."""

    def __init__(self, by: int | None, entries: Sequence[OpeningInput]) -> None:
        super().__init__(by)
        self.people = User.objects.in_bulk({entry.person_id for entry in entries})
        self.families = Family.objects.in_bulk({entry.family_id for entry in entries})
        self.seat_on = seat_finder(self.people)
        self.places = {place for entry in entries for place in self.places_of(entry)}

    def check(self, entry: OpeningInput) -> None:
        """Raises Refused or Conflict for an entry that can't be posted."""
        if entry.person_id not in self.people:
            raise Refused(_("There is no such person."), path="person_id", code="unknown_person")
        if entry.family_id not in self.families:
            raise Refused(_("There is no such product family."), path="family_id", code="unknown_family")
        if entry.amount_minor == 0 or abs(entry.amount_minor) >= MOST_MINOR:
            message = _("An opening entry is not zero, and has at most 12 digits before the decimals.")
            raise Refused(message, path="amount_minor", code="amount_range")
        if entry.motion not in Motion.values:
            raise Refused(_("Choose a motion."), path="motion", code="unknown_motion")
        check_text(entry.source, "source")
        check_currency(entry.currency)
        self.month_on(entry.booked_on)
        self.rates_on(entry.currency, entry.booked_on).check(entry.amount_minor, "amount_minor")

    def event(self, entry: OpeningInput) -> BookingEvent:
        return BookingEvent(
            kind=BookingEvent.Kind.OPENING,
            booked_on=entry.booked_on,
            amount_minor=entry.amount_minor,
            source=entry.source.strip()[:200],
            by_id=self.by,
        )

    def place_of(self, entry: OpeningInput) -> int:
        return entry.territory_id or self.seat_on(entry.person_id, entry.booked_on)

    def places_of(self, entry: OpeningInput) -> set[tuple[int, date]]:
        """On which territories the entry stands, and on which day: where it was taken in, and its person's seat."""
        day = entry.booked_on
        return {(self.place_of(entry), day), (self.seat_on(entry.person_id, day), day)}

    def credit(self, event: BookingEvent, entry: OpeningInput) -> Credit:
        return Credit(
            event=event,
            kind=Credit.Kind.OPENING,
            motion=entry.motion,
            is_new_business=entry.is_new_business,
            family_id=entry.family_id,
            person_id=entry.person_id,
            seat_id=self.seat_on(entry.person_id, entry.booked_on),
            territory_id=self.place_of(entry),
            booked_on=entry.booked_on,
            source=event.source,
            **self.rates_on(entry.currency, entry.booked_on).money(Measures(entry.amount_minor)),
        )


def bring_openings(by: int | None, rows: Sequence[Row], outcome: Outcome) -> None:
    """The rows of a file as opening entries, by person, or by territory for its owner of that day.

    What the books hold for a row's facts already is left alone, or the row is rejected. Part of `apply_import`.
    """
    reach().require("order", "opening")
    rows = resolved(rows, outcome, _names())
    held = _hold(by, rows)
    lock_books()
    asked = _entries(rows, outcome)
    desk = _Desk(by, [entry for _row, entry in asked])
    standing = _standing({entry.booked_on for _row, entry in asked})
    outside = set(outside_tree(desk.places))
    new = [(row, entry) for row, entry in asked if _is_new(row, entry, desk, standing, outcome)]
    wanted = [entry for row, entry in new if _stands(row, desk.places_of(entry), held, outside, outcome)]
    _post(desk, wanted)
    outcome.created += len(wanted)


def _hold(by: int | None, rows: Sequence[Row]) -> set[int]:
    """Let nobody take from the tree what the rows stand on until they are posted: all of it before the books are
    locked (docs/architecture.md, *Whose turn it is*), and Unassigned, where who leaves a seat meanwhile counts."""
    entries = [entry for _row, entry in _entries(rows, Outcome())]
    held = {unassigned().pk, *(territory_id for territory_id, _day in _Desk(by, entries).places)}
    hold_places(held)
    return held


def _names() -> dict[str, Names]:
    return {
        "person": Names(_("person"), User.objects.values_list("pk", "email", "name")),
        "territory": Names(_("territory"), Territory.objects.values_list("pk", "code", "name")),
        "family": Names(_("product family"), Family.objects.values_list("pk", "code", "name")),
    }


def _entries(rows: Sequence[Row], outcome: Outcome) -> list[tuple[Row, OpeningInput]]:
    owner_on = _owner_finder({row.values["territory"] for row in rows if row.values.get("territory")})
    return [(row, entry) for row in rows if (entry := _entry(row, owner_on, outcome))]


def _owner_finder(territory_ids: set[int]) -> Callable[[int, date], int | None]:
    """Who owned one of these territories on a day, as `territories.selectors.owner_of` answers, read once."""
    seats: dict[int, list[Seat]] = defaultdict(list)
    for seat in Seat.objects.current().filter(territory__in=territory_ids, kind=Seat.Kind.OWNER):
        seats[seat.territory_id].append(seat)
    return lambda pk, day: next((seat.user_id for seat in seats[pk] if seat.holds_on(day)), None)


def _entry(row: Row, owner_on: Callable[[int, date], int | None], outcome: Outcome) -> OpeningInput | None:
    """What a row asks for; None where it names nobody, or a territory that nobody owned on that day."""
    values = row.values
    person_id, territory_id = values.get("person"), values.get("territory")
    if territory_id and not person_id:
        person_id = owner_on(territory_id, values["on"])
    if not person_id:
        problem = _("Nobody owned it on that day.") if territory_id else _("Nobody is named.")
        outcome.rejects.append(row.reject("territory", problem, _("Name the person whose intake it was.")))
        return None
    return OpeningInput(
        person_id=person_id,
        territory_id=territory_id,
        family_id=values["family"],
        booked_on=values["on"],
        currency=values["currency"],
        amount_minor=values["amount"],
        motion=values.get("motion") or Motion.NEW,
        is_new_business=bool(values.get("is_new_business")),
        source=f"{row.file} row {row.line}",
    )


KEY = ("person_id", "territory_id", "booked_on", "family_id", "currency", "motion", "is_new_business")


def _standing(days: set[date]) -> dict[tuple[Any, ...], int]:
    """What the opening entries of those days add up to by their facts; what was taken back whole is not there."""
    rows = Credit.objects.filter(kind=Credit.Kind.OPENING, booked_on__in=days).order_by()
    sums = rows.values_list(*KEY).annotate(total=Sum("amount_minor")).exclude(total=0)
    return {tuple(facts): total for *facts, total in sums}


def _is_new(
    row: Row, entry: OpeningInput, desk: _Desk, standing: dict[tuple[Any, ...], int], outcome: Outcome
) -> bool:
    """Whether the entry is to be posted: not in the books, and nothing wrong with it."""
    facts = tuple(desk.place_of(entry) if name == "territory_id" else getattr(entry, name) for name in KEY)
    held = standing.get(facts)
    if held == entry.amount_minor:
        outcome.unchanged += 1
        return False
    if held is not None:
        problem = _("It is in the books with another amount.")
        outcome.rejects.append(row.reject("amount", problem, _("Enter the difference as an opening entry.")))
        return False
    try:
        desk.check(entry)
    except Refused as refusal:
        name = {"amount_minor": "amount", "booked_on": "on"}.get(refusal.path, "currency")
        remedy = _("Change the row, the calendar or the rates.")
        outcome.rejects.append(row.reject(name, str(refusal.message), remedy))
        return False
    return True


def _stands(
    row: Row,
    places: set[tuple[int, date]],
    held: set[int],
    outside: set[tuple[int, date]],
    outcome: Outcome,
) -> bool:
    """Whether the entry stands on what is in the tree on its day, and will be there when it is posted."""
    if gone := places & outside:
        outcome.rejects.append(not_in_tree(row, "on", *min(gone)))
    elif not held.issuperset(territory_id for territory_id, _day in places):
        problem = _("Its person took another seat while it was brought in.")
        outcome.rejects.append(row.reject("person", problem, _("Bring it in again.")))
    else:
        return True
    return False


def not_in_tree(row: Row, name: str, territory_id: int, day: date) -> Reject:
    """The refusal of a row that would stand on a territory outside of that day's tree."""
    place = Territory.objects.values_list("name", flat=True).get(pk=territory_id)
    problem = _("%(name)s is not part of the tree on %(day)s.") % {"name": place, "day": format_date(day)}
    return row.reject(name, problem, _("Correct the day, or the tree."))


STAMPS = (*KEY, "seat_id", "booked_rate_id", "plan_rate_id", "source")


def take_back_openings(by: int | None, made: Made) -> None:
    """A counter-entry for each opening entry of an import, with its stamps and rates. Part of `undo_import`."""
    lock_books()
    entries = recorded(made, BookingEvent).filter(kind=BookingEvent.Kind.OPENING)
    credits = list(Credit.objects.filter(event__in=entries).select_related("event").order_by("ledger_seq"))
    desk = Desk(by)
    for day in sorted({row.booked_on for row in credits}):
        desk.month_on(day)
    _refuse_put_right(credits)
    events = BookingEvent.objects.bulk_create(_counter(by, row.event) for row in credits)
    desk.post([_reversal(row, event) for row, event in zip(credits, events, strict=True)])


def _refuse_put_right(credits: Sequence[Credit]) -> None:
    """Raises InUse where the books hold another sum by now than the import brought."""
    standing, brought = _standing({row.booked_on for row in credits}), Counter[tuple[Any, ...]]()
    for row in credits:
        brought[tuple(getattr(row, name) for name in KEY)] += row.amount_minor
    if changed := sum(standing.get(facts) != total for facts, total in brought.items()):
        raise InUse(BookingEvent, changed=changed)


def _counter(by: int | None, event: BookingEvent) -> BookingEvent:
    return BookingEvent(
        kind=event.kind,
        booked_on=event.booked_on,
        amount_minor=-event.amount_minor,
        reason=_("import undone"),
        source=event.source,
        by_id=by,
    )


def _reversal(row: Credit, event: BookingEvent) -> Credit:
    money = {name: -getattr(row, name) for name in ("amount_minor", "booked_minor", "plan_minor")}
    stamps = {name: getattr(row, name) for name in STAMPS}
    return Credit(event=event, kind=row.kind, reverses=row, **stamps, **money)
