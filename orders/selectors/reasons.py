"""What credits rest on: their event, share, territory, seat and rates, as each was known when they were posted."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.models import AccountTerritory, Cause, Rule
from common.dated import Dated
from common.money import WHOLE_SHARE
from orders.models import BookingEvent, Credit, OrderLine, SplitShare
from orders.selectors.sums import Change, changes_of
from pipeline.models import Split
from pipeline.selectors.team import shares_of
from territories.models import Seat
from territories.selectors.seats import SEAT_ORDER


@dataclass(frozen=True)
class SplitSource:
    """Where a share comes from: the `version`th split of the deal, else 100 % of the owner's, else what was typed.

    `usual`: of order intake that was shared otherwise than its deal, who would have had how much by the deal.
    """

    event: BookingEvent
    split: Split | None = None
    version: int = 0
    is_owners: bool = False
    usual: Mapping[int, int] | None = None


@dataclass(frozen=True)
class Placement:
    """The days for which an account was put into a territory: `first` as they were first said, by whom and why.

    `rule`: the name of the rule, where one did it.
    """

    row: AccountTerritory
    first: AccountTerritory
    rule: str


@dataclass(frozen=True)
class Reason:
    """A credit with all that it rests on, as far as the reader may see it."""

    credit: Credit
    event: BookingEvent | None
    line: OrderLine | None
    number: int
    weight: int | None
    is_own: bool
    split: SplitSource | None
    place: Placement | None
    seat: Seat | None
    change: Change | None = None


Found = tuple[Credit, BookingEvent | None, OrderLine | None, int, int | None, bool]


def reasons(
    found: Sequence[Found], events: Mapping[int, BookingEvent], shares: Iterable[SplitShare]
) -> list[Reason]:
    """The reasons of credits that were read with their event, line, its number and the person's share.

    As many queries for a page of them as for one.
    """
    orders = {event.order for event in events.values() if event.order}
    split_of = _split_finder(shares, events, {order.opportunity_id for order in orders})
    place_of = _place_finder({order.account_id for order in orders})
    seat_of = _seat_finder({credit.person_id for credit, *_rest in found})
    changes = changes_of([(credit, event if line else None) for credit, event, line, *_rest in found])
    return [
        Reason(
            *row,
            split=split_of(row[2], row[0].kind) if row[2] else None,
            place=place_of(row[0], row[2]),
            seat=seat_of(row[0], row[2]),
            change=changes.get(row[0].pk),
        )
        for row in found
    ]


def known(row: Dated, at: datetime) -> bool:
    """Whether that version stood at that instant."""
    return row.recorded_at <= at and (row.superseded_at is None or row.superseded_at > at)


def _split_finder(
    shares: Iterable[SplitShare], events: Mapping[int, BookingEvent], deals: set[int | None]
) -> Callable[[OrderLine, str], SplitSource | None]:
    """Where the shares of one kind in a line come from; of an event that the reader does not see, nothing."""
    held: dict[tuple[int, int | None, str], dict[int, int]] = defaultdict(dict)
    for share in shares:
        held[share.event_id, share.line_id, share.kind][share.person_id] = share.weight
    splits: dict[int, list[Split]] = defaultdict(list)
    rows = Split.objects.filter(opportunity__in=deals - {None}).select_related("opportunity")
    for split in rows.prefetch_related("parts").order_by("pk"):
        splits[split.opportunity_id].append(split)

    def find(line: OrderLine, kind: str) -> SplitSource | None:
        event = events.get(line.event_id)
        if event is None or event.order is None:
            return None
        named = held.get((line.event_id, line.pk, kind)) or held[line.event_id, None, kind]
        return _source(event, named, splits[event.order.opportunity_id or 0], kind)

    return find


def _source(
    event: BookingEvent, shares: Mapping[int, int], splits: Sequence[Split], kind: str
) -> SplitSource:
    """What explains these shares: the last split that was known then and held on the booking date, if they are its."""
    order = event.order
    if order is None or event.kind not in BookingEvent.BOOKED:
        return SplitSource(event)
    held = [
        (place, split)
        for place, split in enumerate(splits, 1)
        if split.recorded_at <= event.recorded_at
        and split.starts_on <= max(event.booked_on, split.opportunity.created_on)
    ]
    if held and shares_of(held[-1][1], kind) == shares:
        return SplitSource(event, held[-1][1], held[-1][0])
    owners = {order.owner_id: WHOLE_SHARE}
    if not held and shares == owners:
        return SplitSource(event, is_owners=True)
    is_other = order.opportunity_id is not None and kind == SplitShare.Kind.REVENUE
    usual = (shares_of(held[-1][1], kind) if held else {}) or owners
    return SplitSource(event, usual=usual if is_other else None)


def _place_finder(
    accounts: set[int],
) -> Callable[[Credit, OrderLine | None], Placement | None]:
    """What had put the account of an order where its credit says it was, as it was known when it was booked."""
    held: dict[int, list[AccountTerritory]] = defaultdict(list)
    rows = AccountTerritory.in_field().filter(account__in=accounts).select_related("recorded_by")
    for row in rows.order_by("recorded_at", "pk"):
        held[row.account_id].append(row)
    ruled = {
        row.cause_id for rows in held.values() for row in rows if row.cause == Cause.RULE and row.cause_id
    }
    names = dict(Rule.objects.filter(pk__in=ruled).values_list("pk", "name")) if ruled else {}

    def find(credit: Credit, line: OrderLine | None) -> Placement | None:
        if line is None:
            return None
        versions, day, at = held[line.order.account_id], line.sold_on, _read_at(line)
        for row in versions:
            is_it = row.territory_id == credit.territory_id and row.holds_on(day)
            if is_it and known(row, at):
                same = (one for one in versions if _same(one, row))
                return Placement(row, next(same), names.get(row.cause_id or 0, ""))
        return None

    return find


def _read_at(line: OrderLine) -> datetime:
    """When it was looked at where the account was: a corrected line has what its order had."""
    return line.event.recorded_at if line.event.kind in BookingEvent.STAMPED else line.order.recorded_at


def _same(one: AccountTerritory, other: AccountTerritory) -> bool:
    return (one.territory_id, one.starts_on) == (other.territory_id, other.starts_on)


def _seat_finder(people: set[int]) -> Callable[[Credit, OrderLine | None], Seat | None]:
    """On which seat a person sat where their credit says they did, as it was known when it was posted first."""
    held: dict[int, list[Seat]] = defaultdict(list)
    for seat in Seat.objects.filter(user__in=people):
        held[seat.user_id].append(seat)

    def find(credit: Credit, line: OrderLine | None) -> Seat | None:
        if line is None and credit.kind != Credit.Kind.OPENING:
            return None
        day = line.sold_on if line else credit.booked_on
        at = line.event.recorded_at if line and credit.reverses_id else credit.recorded_at
        its = (seat for seat in held[credit.person_id] if seat.territory_id == credit.seat_id)
        stood = [seat for seat in its if seat.holds_on(day) and known(seat, at)]
        return min(stood, key=lambda seat: SEAT_ORDER[Seat.Kind(seat.kind)], default=None)

    return find
