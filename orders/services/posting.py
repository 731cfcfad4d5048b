"""What every act on an order shares: the day it is dated on, the rates, and the rows it posts."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from itertools import groupby
from typing import Any, Self

from django.utils.translation import gettext as _

from accounts.services import note_orders
from catalog.models import Product
from common.errors import Conflict, Refused
from common.locale import format_money
from common.models import Period, Rate
from common.money import convert
from common.selectors import both_rates, policy, the_organisation, today
from orders.models import (
    BookingEvent,
    Credit,
    DirtyCell,
    LedgerHead,
    Order,
    OrderLine,
    Participant,
    SplitShare,
)
from orders.rules import MOST_ORDER, YEAR, Measures, is_new_business
from orders.services.inputs import LineInput, ShareInput, measures_out
from pipeline.services import add_participants
from territories.selectors import has_tree, seat_finder, today_of
from territories.services.tree import check_held

BOOKKEEPING = (
    "account",
    "account_participant",
    "account_territory",
    "booking_event",
    "credit",
    "deal_participant",
    "order",
    "order_line",
    "order_participant",
    "split_share",
)
"""What an act reads and writes outside its actor's reach, once their authority was checked."""


def lock_books() -> None:
    """Wait until nobody else posts, so that what is read of the books holds until this act posts itself."""
    LedgerHead.objects.select_for_update().get()


def wrong_day(message: str) -> Refused:
    return Refused(message, path="booked_on", code="date_range")


def is_new_customer(first_ordered_on: date | None, day: date) -> bool:
    """Whether a booking of that day is new business, by the setting of the day."""
    return is_new_business(first_ordered_on, day, policy("new_customer_months", day))


def open_month(by: int | None, day: date) -> date:
    """The first day of the fiscal month in which `day` lies.

    Raises Refused for a day after the actor's today (for a job, the organisation's) or outside the calendar
    or the tree, Conflict for a closed period.
    """
    if day > (today_of(by) if by else today()):
        raise wrong_day(_("A booking date lies today or earlier, never in the future."))
    periods = {period.kind: period for period in Period.objects.holding(day)}
    if Period.Kind.MONTH not in periods:
        raise wrong_day(_("The fiscal calendar does not reach that day. Ask an administrator to extend it."))
    if not has_tree(day):
        raise wrong_day(_("The territories do not reach back to that day. Date it when there were some."))
    if any(period.is_closed for period in periods.values()):
        message = _("That day lies in a closed period. Date it in an open one.")
        raise Conflict(message, path="booked_on", code="period_closed")
    return periods[Period.Kind.MONTH].starts_on  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Rates:
    """What turns a currency into the reporting currency on one day; None where they are the same."""

    currency: str
    reporting: str
    booked: Rate | None
    plan: Rate | None

    @classmethod
    def on(cls, currency: str, day: date) -> "Rates":
        """Raises Conflict with code `no_rate` where one is missing."""
        return cls(currency, the_organisation().reporting_currency, *both_rates(currency, day))

    def check(self, total: int, path: str = "lines") -> None:
        """Raises Refused for what is worth more in the reporting currency than the books take as one order."""
        if max(abs(self._converted(total, rate)) for rate in (self.booked, self.plan)) >= MOST_ORDER:
            message = _("One entry is worth less than %(most)s. Look at the amounts and at the rate.")
            most = format_money(MOST_ORDER, self.reporting)
            raise Refused(message % {"most": most}, path=path, code="amount_range")

    def money(self, part: Measures) -> dict[str, Any]:
        """What a credit of that much says: each sum in the reporting currency is converted here, once."""
        return {
            "currency": self.currency,
            "amount_minor": part.intake,
            "booked_minor": self._converted(part.intake, self.booked),
            "booked_rate": self.booked,
            "plan_minor": self._converted(part.intake, self.plan),
            "plan_rate": self.plan,
            "units": part.units,
            "tcv_minor": self._converted(part.tcv, self.plan),
            "acv_minor": self._converted(part.acv, self.plan),
            "arr_minor": self._converted(part.arr, self.plan),
        }

    def _converted(self, minor: int, rate: Rate | None) -> int:
        if rate is None:
            return minor
        return convert(minor, rate.value, self.currency, self.reporting)


@dataclass(frozen=True)
class Booking:
    """What an order's lines and splits are from an event on. Credits are posted for the lines that are new with it.

    `splits`: of each line. `stamped_on`: the day whose seats and rates the new credits bear, the order's booking date
    unless something was bought later; so is `territory_id` then the account's territory of that day.
    """

    order: Order
    event: BookingEvent
    lines: Sequence[LineInput]
    splits: Sequence[Sequence[ShareInput]]
    stamped_on: date
    territory_id: int

    @classmethod
    def of(
        cls,
        order: Order,
        event: BookingEvent,
        lines: Sequence[LineInput],
        splits: Sequence[Sequence[ShareInput]],
    ) -> Self:
        """With credits that are stamped as of the order's booking date."""
        return cls(order, event, lines, splits, order.booked_on, order.territory_id)

    def people(self) -> set[int]:
        return {share.person_id for split in self.splits for share in split}

    def readers(self) -> set[int]:
        """The owner and whoever gets credit: somebody named with 0 % gets none, and reads nothing for it."""
        credited = {share.person_id for split in self.splits for share in split if share.weight}
        return {self.order.owner_id, *credited}


class Desk:
    """Where entries are written and credits posted: the months and the rates that they need are read once."""

    def __init__(self, by: int | None) -> None:
        self.by = by
        self.month_on: Callable[[date], date] = cache(partial(open_month, by))
        self.rates_on: Callable[[str, date], Rates] = cache(Rates.on)

    def enter(self, bookings: Sequence[Booking], families: dict[int, int]) -> list[Credit]:
        """Write lines and splits, and open the orders to their readers; the credits are not posted yet.

        Raises Refused for an order that is too large, Conflict where a rate is missing.
        """
        recurring = _recurring(bookings)
        rows = OrderLine.objects.bulk_create(
            OrderLine(
                order=booking.order,
                event=booking.event,
                product_id=line.product_id,
                family_id=families[line.product_id],
                quantity=line.quantity,
                amount_minor=line.amount_minor,
                renewed_minor=line.renewed_minor,
                term_months=_term(line, recurring),
                origin_id=line.origin_id,
            )
            for booking in bookings
            for line in booking.lines
        )
        by_event = groupby(rows, key=lambda row: row.event_id)
        written = [
            (booking, list(lines)) for booking, (_event, lines) in zip(bookings, by_event, strict=True)
        ]
        SplitShare.objects.bulk_create(row for booking, lines in written for row in _shares(booking, lines))
        seat_on = seat_finder({person for booking in bookings for person in booking.people()})
        credits = [credit for booking, lines in written for credit in self._credits(booking, lines, seat_on)]
        _hold_places(bookings, credits)
        _open_to(bookings)  # locks accounts: territories come first
        return credits

    def _credits(
        self, booking: Booking, lines: Sequence[OrderLine], seat_on: Callable[[int, date], int]
    ) -> Iterable[Credit]:
        """Each new line's credit for each person, with the stamps of its day; none of a line of 0.

        One that is renewed whole has rows of no order intake: the contract is worth what it is. A person with a share
        whose part of a line rounds to nothing has a row of 0: it says so, and a later cancellation can stand on it.
        """
        order, day = booking.order, booking.stamped_on
        new = [line for line in lines if not line.origin_id]
        if not new:
            return
        rates = self.rates_on(order.currency, day)
        rates.check(sum(line.amount_minor for line in new))
        for line, split in zip(lines, booking.splits, strict=True):
            if line.origin_id or not line.amount_minor:
                continue
            for share, part in measures_out(line.measures, split):
                if share.weight:
                    yield Credit(
                        event=booking.event,
                        line=line,
                        kind=share.kind,
                        motion=order.motion,
                        is_new_business=order.is_new_business,
                        family_id=line.family_id,
                        person_id=share.person_id,
                        seat_id=seat_on(share.person_id, day),
                        territory_id=booking.territory_id,
                        booked_on=booking.event.booked_on,
                        **rates.money(part),
                    )

    def post(self, entries: Sequence[Credit]) -> None:
        """Mark the cells that fall behind, then append to the ledger: its head stays locked until the commit.

        The last statements of an act.
        """
        cells = {
            (row.seat_id, row.territory_id, row.person_id, self.month_on(row.booked_on)) for row in entries
        }
        DirtyCell.objects.bulk_create(
            DirtyCell(seat_id=seat, territory_id=territory, person_id=person, month_on=month)
            for seat, territory, person, month in sorted(cells)
        )
        Credit.objects.bulk_create(entries)


def _recurring(bookings: Sequence[Booking]) -> set[int]:
    """The products of these that recur."""
    products = Product.objects.filter(pk__in={line.product_id for one in bookings for line in one.lines})
    return set(products.filter(kind=Product.Kind.RECURRING).values_list("pk", flat=True))


def _term(line: LineInput, recurring: Collection[int]) -> int | None:
    """For how many months a line is written: as was said, else a year where its product recurs."""
    is_said = line.term_months is not None or line.origin_id
    return line.term_months if is_said or line.product_id not in recurring else YEAR


def check_worth(desk: Desk, currency: str, day: date, total: int) -> None:
    """Raises Refused for what no order can be worth; without a rate that is not known yet, and it waits for one."""
    try:
        rates = desk.rates_on(currency, day)
    except Conflict:
        return
    rates.check(total)


def _shares(booking: Booking, lines: Sequence[OrderLine]) -> Iterable[SplitShare]:
    """The rows of a split, of each kind once for all lines where they have the same, else of each line."""
    for kind in SplitShare.Kind.values:
        splits = [[share for share in split if share.kind == kind] for split in booking.splits]
        is_common = all(split == splits[0] for split in splits)
        named: Any = [(None, splits[0])] if is_common else zip(lines, splits, strict=True)
        for line, split in named:
            for share in split:
                values = {"person_id": share.person_id, "weight": share.weight, "kind": kind}
                yield SplitShare(event=booking.event, line=line, **values)


def _hold_places(bookings: Sequence[Booking], credits: Sequence[Credit]) -> None:
    """What is booked stays in the tree: who retires a territory meanwhile finds the credit there, or was before it.

    A correction is stamped with what the order had: its places may have been retired since.
    """
    new = {one.event.pk for one in bookings if one.event.kind in BookingEvent.STAMPED}
    booked = [credit for credit in credits if credit.event_id in new]
    check_held({(pk, row.booked_on) for row in booked for pk in (row.seat_id, row.territory_id)})


def _open_to(bookings: Sequence[Booking]) -> None:
    """Let their readers read the orders, the accounts and the deals of these for good."""
    named = [(booking.order, person) for booking in bookings for person in sorted(booking.readers())]
    Participant.objects.bulk_create(
        (Participant(order=order, user_id=person) for order, person in named), ignore_conflicts=True
    )
    add_participants((order.opportunity_id, person) for order, person in named if order.opportunity_id)
    days: dict[int, date] = {}
    for order, _person in named:
        days[order.account_id] = min(order.booked_on, days.get(order.account_id, order.booked_on))
    note_orders(dict(sorted(days.items())), sorted({(order.account_id, person) for order, person in named}))
