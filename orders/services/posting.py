"""What every act on an order shares: the day it is dated on, what it checks, and the rows it posts."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _

from accounts.services import note_order
from catalog.models import Product
from common.errors import Conflict, Refused
from common.locale import format_money, format_share
from common.models import Period, Rate
from common.money import MOST_MINOR, convert
from common.selectors import both_rates, the_organisation, today
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
from orders.rules import MOST_ORDER, SplitTotalError, split_lines
from pipeline.rules.lines import MOST_LINES
from pipeline.services import add_participants
from pipeline.services.checks import check_amount, check_item
from territories.models import User
from territories.selectors import has_tree, seat_finder, today_of
from territories.services.tree import check_held

MOST_SHARES = 100
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


@dataclass(frozen=True)
class LineInput:
    """One line of an order as asked for: its amount in all, in minor units of the order's currency."""

    product_id: int
    quantity: int
    amount_minor: int


@dataclass(frozen=True)
class ShareInput:
    """A person's share of an order's credit, in millionths of a percent: 100 % is 100 000 000."""

    person_id: int
    weight: int


def lock_books() -> None:
    """Wait until nobody else posts, so that what is read of the books holds until this act posts itself."""
    LedgerHead.objects.select_for_update().get()


def wrong_day(message: str) -> Refused:
    return Refused(message, path="booked_on", code="date_range")


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


def checked_shares(shares: Sequence[ShareInput]) -> list[ShareInput]:
    """The shares in the order of their people. Raises Refused, with the total where it is not 100 %."""
    people = {share.person_id for share in shares}
    if not 0 < len(shares) <= MOST_SHARES:
        message = _("A split names at least one person and at most %(most)s.") % {"most": MOST_SHARES}
        raise Refused(message, path="shares", code="share_count")
    if len(people) < len(shares):
        message = _("A person stands twice in the split. Give each person one share.")
        raise Refused(message, path="shares", code="splitshare_person_once")
    if User.objects.filter(pk__in=people).count() < len(people):
        raise Refused(_("There is no such person."), path="shares", code="unknown_person")
    try:
        split_lines([0], [share.weight for share in shares])
    except SplitTotalError as error:
        message = _("The shares total %(total)s %%. They must total exactly 100 %%.")
        named = {"total": format_share(error.total)}
        raise Refused(message % named, path="shares", code="split_total") from error
    except ValueError as error:
        raise Refused(_("A share lies between 0 and 100 %."), path="shares", code="share_range") from error
    return sorted(shares, key=lambda share: share.person_id)


def checked_lines(lines: Sequence[LineInput], day: date, kept: Collection[int] = ()) -> dict[int, int]:
    """Each line's product and its family; `kept` are products that may stay although they are no longer sold:
    what the deal offered, what the order had.

    Raises Refused with the path of what is wrong.
    """
    if not 0 < len(lines) <= MOST_LINES:
        message = _("An order has at least one line and at most %(most)s.") % {"most": MOST_LINES}
        raise Refused(message, path="lines", code="line_count")
    products = Product.objects.in_bulk({line.product_id for line in lines})
    for index, line in enumerate(lines):
        path = f"lines.{index}"
        check_item(line.product_id, line.quantity, path, products)
        check_amount(line.amount_minor, f"{path}.amount")
        if products[line.product_id].is_bundle and line.product_id not in kept:
            message = _("This is a bundle. An order has lines of its parts.")
            raise Refused(message, path=f"{path}.product_id", code="bundle")
        if not (products[line.product_id].is_sold_on(day) or line.product_id in kept):
            message = _("This product is no longer sold.")
            raise Refused(message, path=f"{path}.product_id", code="not_sold")
    check_total(sum(line.amount_minor for line in lines))
    return {product.pk: product.family_id for product in products.values()}


def check_total(total: int, path: str = "lines") -> None:
    """Raises Refused for lines that together are more than one amount can be."""
    if total >= MOST_MINOR:
        message = _("An order's lines total at most 12 digits before the decimals. Book several orders.")
        raise Refused(message, path=path, code="amount_range")


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

    def money(self, minor: int) -> dict[str, Any]:
        """What a credit of that amount says of money: each sum in the reporting currency is converted here, once."""
        return {
            "currency": self.currency,
            "amount_minor": minor,
            "booked_minor": self._converted(minor, self.booked),
            "booked_rate": self.booked,
            "plan_minor": self._converted(minor, self.plan),
            "plan_rate": self.plan,
        }

    def _converted(self, minor: int, rate: Rate | None) -> int:
        if rate is None:
            return minor
        return convert(minor, rate.value, self.currency, self.reporting)


@dataclass(frozen=True)
class Booking:
    """A booking or a correction: its event, and the lines and the split that are the order's from then on."""

    order: Order
    event: BookingEvent
    lines: Sequence[LineInput]
    split: Sequence[ShareInput]

    def readers(self) -> set[int]:
        """The owner and whoever gets credit: somebody named with 0 % gets none, and reads nothing for it."""
        return {self.order.owner_id, *(share.person_id for share in self.split if share.weight)}


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
        rows = OrderLine.objects.bulk_create(
            OrderLine(
                order=booking.order,
                event=booking.event,
                product_id=line.product_id,
                family_id=families[line.product_id],
                quantity=line.quantity,
                amount_minor=line.amount_minor,
            )
            for booking in bookings
            for line in booking.lines
        )
        shares = [(booking.event, share) for booking in bookings for share in booking.split]
        SplitShare.objects.bulk_create(
            SplitShare(event=event, person_id=share.person_id, weight=share.weight) for event, share in shares
        )
        seat_on = seat_finder({share.person_id for _event, share in shares})
        by_event = groupby(rows, key=lambda row: row.event_id)
        credits = [
            credit
            for booking, (_event, lines) in zip(bookings, by_event, strict=True)
            for credit in self._credits(booking, list(lines), seat_on)
        ]
        _hold_places(bookings, credits)
        _open_to(bookings)  # locks accounts: territories come first
        return credits

    def _credits(
        self, booking: Booking, lines: Sequence[OrderLine], seat_on: Callable[[int, date], int]
    ) -> Iterable[Credit]:
        """Each line's credit for each person, stamped as of the order's booking date.

        A person with a share whose part of a line rounds to nothing has a row of 0: it says so, and a later
        cancellation can stand on it.
        """
        order = booking.order
        rates = self.rates_on(order.currency, order.booked_on)
        rates.check(sum(line.amount_minor for line in lines))
        parts = split_lines([line.amount_minor for line in lines], [share.weight for share in booking.split])
        for line, row in zip(lines, parts, strict=True):
            for share, amount in zip(booking.split, row, strict=True):
                if share.weight and line.amount_minor:
                    yield Credit(
                        event=booking.event,
                        line=line,
                        kind=Credit.Kind.REVENUE,
                        motion=order.motion,
                        is_new_business=order.is_new_business,
                        family_id=line.family_id,
                        person_id=share.person_id,
                        seat_id=seat_on(share.person_id, order.booked_on),
                        territory_id=order.territory_id,
                        booked_on=booking.event.booked_on,
                        **rates.money(amount),
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


def _hold_places(bookings: Sequence[Booking], credits: Sequence[Credit]) -> None:
    """What is booked stays in the tree: who retires a territory meanwhile finds the credit there, or was before it.

    A correction is stamped with what the order had: its places may have been retired since.
    """
    new = {one.event.pk for one in bookings if one.event.kind == BookingEvent.Kind.BOOKING}
    booked = [credit for credit in credits if credit.event_id in new]
    check_held({(pk, row.booked_on) for row in booked for pk in (row.seat_id, row.territory_id)})


def _open_to(bookings: Sequence[Booking]) -> None:
    """Let their readers read the orders, the accounts and the deals of these for good."""
    named = [(booking.order, person) for booking in bookings for person in sorted(booking.readers())]
    Participant.objects.bulk_create(
        (Participant(order=order, user_id=person) for order, person in named), ignore_conflicts=True
    )
    add_participants((order.opportunity_id, person) for order, person in named if order.opportunity_id)
    named.sort(key=lambda pair: pair[0].account_id)
    for account_id, group in groupby(named, key=lambda pair: pair[0].account_id):
        orders, people = zip(*group, strict=True)
        first_on = min(order.booked_on for order in orders)
        note_order(account_id=account_id, booked_on=first_on, person_ids=sorted(set(people)))
