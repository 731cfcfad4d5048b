"""What every act on an order shares: the day it is dated on, what it checks, and the rows it posts."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from accounts.services import note_order
from catalog.models import Product
from common.errors import Conflict, Refused
from common.locale import exponent, format_money
from common.models import Period, Rate
from common.money import MOST_MINOR, convert
from common.selectors import rate_on, the_organisation, today
from orders.models import BookingEvent, Credit, DirtyCell, Order, OrderLine, Participant, SplitShare
from orders.rules import MOST_ORDER, SplitTotalError, split_lines
from orders.selectors import percent_text
from pipeline.services import add_participants
from territories.models import User
from territories.selectors import has_tree, seat_finder, today_of

MOST_LINES = MOST_SHARES = 100
MOST_QUANTITY = 1_000_000
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


def open_month(by: int | None, day: date) -> date:
    """The first day of the fiscal month in which `day` lies.

    Raises Refused for a day after the actor's today (for a job, the organisation's) or outside the calendar
    or the tree, Conflict for a closed period.
    """
    if day > (today_of(by) if by else today()):
        message = _("A booking date lies today or earlier, never in the future.")
        raise Refused(message, path="booked_on", code="date_range")
    periods: list[Period] = list(Period.objects.holding(day))
    month = next((period for period in periods if period.kind == Period.Kind.MONTH), None)
    if month is None:
        message = _("The fiscal calendar does not reach that day. Ask an administrator to extend it.")
        raise Refused(message, path="booked_on", code="date_range")
    if not has_tree(day):
        message = _("The territories do not reach back to that day. Date it when there were some.")
        raise Refused(message, path="booked_on", code="date_range")
    if any(period.is_closed for period in periods):
        message = _("That day lies in a closed period. Date it in an open one.")
        raise Conflict(message, path="booked_on", code="period_closed")
    return month.starts_on


def checked_shares(shares: Sequence[ShareInput]) -> list[ShareInput]:
    """The shares in the order of their people. Raises Refused, with the total where it is not 100 %."""
    people = [share.person_id for share in shares]
    if not 0 < len(people) <= MOST_SHARES:
        message = _("A split names at least one person and at most %(most)s.") % {"most": MOST_SHARES}
        raise Refused(message, path="shares", code="share_count")
    if len(set(people)) < len(people):
        message = _("A person stands twice in the split. Give each person one share.")
        raise Refused(message, path="shares", code="splitshare_person_once")
    if User.objects.filter(pk__in=people).count() < len(people):
        raise Refused(_("There is no such person."), path="shares", code="unknown_person")
    ordered = sorted(shares, key=lambda share: share.person_id)
    try:
        split_lines([0], [share.weight for share in ordered])
    except SplitTotalError as error:
        message = _("The shares total %(total)s %%. They must total exactly 100 %%.")
        named = {"total": percent_text(error.total)}
        raise Refused(message % named, path="shares", code="split_total") from error
    except ValueError as error:
        raise Refused(_("A share lies between 0 and 100 %."), path="shares", code="share_range") from error
    return ordered


def credited(split: Sequence[ShareInput]) -> list[int]:
    """The people who get credit by a split: somebody named with 0 % gets none, and reads nothing for it."""
    return [share.person_id for share in split if share.weight]


def checked_lines(lines: Sequence[LineInput]) -> dict[int, int]:
    """Each line's product and its family. Raises Refused with the path of what is wrong."""
    if not 0 < len(lines) <= MOST_LINES:
        message = _("An order has at least one line and at most %(most)s.") % {"most": MOST_LINES}
        raise Refused(message, path="lines", code="line_count")
    products = Product.objects.filter(pk__in=[line.product_id for line in lines])
    families = dict(products.values_list("pk", "family_id"))
    for index, line in enumerate(lines):
        _check_line(line, f"lines.{index}", families)
    check_total(sum(line.amount_minor for line in lines))
    return families


def check_total(total: int, path: str = "lines") -> None:
    """Raises Refused for lines that together are more than one amount can be."""
    if total >= MOST_MINOR:
        message = _("An order's lines total at most 12 digits before the decimals. Book several orders.")
        raise Refused(message, path=path, code="amount_range")


def _check_line(line: LineInput, path: str, families: dict[int, int]) -> None:
    if line.product_id not in families:
        raise Refused(_("There is no such product."), path=f"{path}.product_id", code="unknown_product")
    if not 1 <= line.quantity <= MOST_QUANTITY:
        message = _("A quantity is between 1 and %(most)s.") % {"most": MOST_QUANTITY}
        raise Refused(message, path=f"{path}.quantity", code="quantity_range")
    if not 0 <= line.amount_minor < MOST_MINOR:
        message = _("An amount is zero or more, with at most 12 digits before the decimals.")
        raise Refused(message, path=f"{path}.amount", code="amount_range")


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
        reporting = the_organisation().reporting_currency
        if currency == reporting:
            return cls(currency, reporting, None, None)
        booked, plan = rate_on(Rate.Kind.BOOKED, currency, day), rate_on(Rate.Kind.PLAN, currency, day)
        return cls(currency, reporting, booked, plan)

    def check(self, total: int, path: str = "lines") -> None:
        """Raises Refused for what is worth more in the reporting currency than the books take as one order."""
        if max(abs(self.in_booked(total)), abs(self.in_plan(total))) >= MOST_ORDER:
            message = _("One entry is worth less than %(most)s. Look at the amounts and at the rate.")
            most = format_money(MOST_ORDER, self.reporting)
            raise Refused(message % {"most": most}, path=path, code="amount_range")

    def in_booked(self, minor: int) -> int:
        return self._convert(minor, self.booked)

    def in_plan(self, minor: int) -> int:
        return self._convert(minor, self.plan)

    def _convert(self, minor: int, rate: Rate | None) -> int:
        if rate is None:
            return minor
        return convert(minor, rate.value, exponent(self.currency), exponent(self.reporting))


def post_lines(
    order: Order, event: BookingEvent, lines: Sequence[LineInput], families: dict[int, int]
) -> list[OrderLine]:
    """The event's own lines, in their order."""
    rows = [
        OrderLine(
            order=order,
            event=event,
            product_id=line.product_id,
            family_id=families[line.product_id],
            quantity=line.quantity,
            amount_minor=line.amount_minor,
        )
        for line in lines
    ]
    return OrderLine.objects.bulk_create(rows)


def post_shares(event: BookingEvent, shares: Sequence[ShareInput]) -> None:
    """The event's split."""
    SplitShare.objects.bulk_create(
        SplitShare(event=event, person_id=share.person_id, weight=share.weight) for share in shares
    )


def new_credits(
    order: Order,
    event: BookingEvent,
    lines: Sequence[OrderLine],
    shares: Sequence[ShareInput],
    *,
    rates_on: Callable[[str, date], Rates] = Rates.on,
    seat_on: Callable[[int, date], int] | None = None,
) -> list[Credit]:
    """Each line's credit for each person, stamped as of the order's booking date, not posted yet.

    A person with a share whose part of a line rounds to nothing has a row of 0: it says so, and a later
    cancellation can stand on it. Amounts are converted here, once per row. Raises Refused for an order that is
    too large, Conflict where a rate is missing.
    """
    rates = rates_on(order.currency, order.booked_on)
    rates.check(sum(line.amount_minor for line in lines))
    seat_on = seat_on or seat_finder(share.person_id for share in shares)
    seats = {share.person_id: seat_on(share.person_id, order.booked_on) for share in shares}
    parts = split_lines([line.amount_minor for line in lines], [share.weight for share in shares])
    return [
        Credit(
            event=event,
            line=line,
            kind=Credit.Kind.REVENUE,
            motion=order.motion,
            is_new_business=order.is_new_business,
            family_id=line.family_id,
            person_id=share.person_id,
            seat_id=seats[share.person_id],
            territory_id=order.territory_id,
            booked_on=event.booked_on,
            currency=order.currency,
            amount_minor=amount,
            booked_minor=rates.in_booked(amount),
            booked_rate=rates.booked,
            plan_minor=rates.in_plan(amount),
            plan_rate=rates.plan,
        )
        for line, row in zip(lines, parts, strict=True)
        for share, amount in zip(shares, row, strict=True)
        if share.weight and line.amount_minor
    ]


def open_to(order: Order, people: Iterable[int]) -> None:
    """Let everybody who gains or loses credit read the order, its account and its deal for good."""
    named = sorted(set(people))
    Participant.objects.bulk_create(
        (Participant(order=order, user_id=person) for person in named), ignore_conflicts=True
    )
    note_order(account_id=order.account_id, booked_on=order.booked_on, person_ids=named)
    if order.opportunity_id:
        add_participants(opportunity_id=order.opportunity_id, person_ids=named, reason="credit")


def post(entries: Sequence[Credit], months: dict[date, date]) -> None:
    """Mark the cells that fall behind, then append to the ledger: its head stays locked until the commit.

    `months` holds the first day of the fiscal month of every booking date. The last statements of an act.
    """
    cells = {(row.seat_id, row.territory_id, row.person_id, months[row.booked_on]) for row in entries}
    DirtyCell.objects.bulk_create(
        DirtyCell(seat_id=seat, territory_id=territory, person_id=person, month_on=month)
        for seat, territory, person, month in sorted(cells)
    )
    Credit.objects.bulk_create(entries)
