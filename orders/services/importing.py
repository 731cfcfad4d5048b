"""Orders and opening entries brought in from files: dated on their days, posted to the ledger as any other."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Account, AccountTerritory
from accounts.services import note_order
from catalog.models import Product
from common.checks import check_currency
from common.errors import Refused
from common.importing import Names, Outcome, Reject, Row, resolved
from common.money import WHOLE_SHARE
from common.transaction import act, reach
from orders.models import BookingEvent, Credit, Order, OrderLine, Participant, SplitShare
from orders.rules import is_new_business
from orders.services.openings import bring_openings
from orders.services.posting import Rates, ShareInput, check_total, new_credits, open_month, post
from pipeline.models import Opportunity, Stage
from pipeline.services import let_read
from territories.models import User
from territories.selectors import seat_finder, unassigned

AT_ONCE = 2_000
HEAD = ("account", "opportunity", "owner", "booked_on", "currency", "motion")


@act
def apply_import(*, by: int | None, entity: str, rows: Sequence[Row]) -> Outcome:
    """Bring in orders (`order`) or opening entries (`opening`).

    The rows of one number are the lines of one order, credited to its owner in full. Administrators, and the
    organisation's own jobs. What is in the ledger already is left alone; where the file says otherwise it is
    rejected, because the ledger is put right by an entry of its own.
    """
    reach().require("order", "import")
    outcome = Outcome()
    if entity == "opening":
        bring_openings(by, rows, outcome)
        return outcome
    rows = _whole(rows, resolved(rows, outcome, _names()), outcome)
    books = _Books(by, rows)
    asked = [order for order in _asked(rows, outcome) if books.accepts(order, outcome)]
    asked.sort(key=lambda order: (order.booked_on, order.number))
    for start in range(0, len(asked), AT_ONCE):
        books.book(asked[start : start + AT_ONCE])
    outcome.created += len(asked)
    return outcome


@dataclass(frozen=True)
class Asked:
    """One order of the file: what all of its rows say, and the rows, which are its lines."""

    number: str
    account: int
    opportunity: int | None
    owner: int
    booked_on: date
    currency: str
    motion: str
    purchase_order: str
    rows: tuple[Row, ...]

    @classmethod
    def of(cls, rows: Sequence[Row]) -> "Asked":
        first = rows[0].values
        facts: dict[str, Any] = {name: first.get(name) for name in ("number", *HEAD)}
        return cls(**facts, purchase_order=first.get("purchase_order") or "", rows=tuple(rows))

    @property
    def amount_minor(self) -> int:
        return sum(row.values["amount"] for row in self.rows)


def _names() -> dict[str, Names]:
    return {
        "account": Names(_("account"), Account.objects.values_list("pk", "number", "name")),
        "opportunity": Names(_("opportunity"), Opportunity.objects.values_list("pk", "number", "name")),
        "owner": Names(_("person"), User.objects.values_list("pk", "email", "name")),
        "product": Names(_("product"), Product.objects.values_list("pk", "code", "name")),
    }


def _whole(rows: Sequence[Row], kept: Sequence[Row], outcome: Outcome) -> list[Row]:
    """The rows of orders of which no line was rejected: half an order is none."""
    standing = {(row.file, row.line) for row in kept}
    broken = {row.values["number"] for row in rows if (row.file, row.line) not in standing}
    halves = [row for row in kept if row.values["number"] in broken]
    problem, remedy = (
        _("Another line of this order was rejected."),
        _("Correct that line; it comes in whole."),
    )
    outcome.rejects += [row.reject("number", problem, remedy) for row in halves]
    return [row for row in kept if row.values["number"] not in broken]


def _asked(rows: Sequence[Row], outcome: Outcome) -> Iterable[Asked]:
    """The orders of the file; one whose rows disagree is rejected whole."""
    ordered = sorted(rows, key=lambda row: (row.values["number"], row.line))
    for _number, group in groupby(ordered, key=lambda row: str(row.values["number"])):
        lines = list(group)
        first = lines[0].values
        differing = next((n for row in lines for n in HEAD if row.values.get(n) != first.get(n)), None)
        if differing:
            problem = _("The lines of one order say different things here.")
            outcome.rejects += [
                row.reject(differing, problem, _("Give every line the same.")) for row in lines
            ]
        else:
            yield Asked.of(lines)


class _Books:
    """What bookings of many orders need to know, read once."""

    def __init__(self, by: int | None, rows: Sequence[Row]) -> None:
        self.by = by
        self.accounts = Account.objects.in_bulk({row.values["account"] for row in rows})
        self.families = dict(Product.objects.values_list("pk", "family_id"))
        self.standing = {order.number: order for order in Order.objects.filter(number__in=_numbers(rows))}
        self.values = _booked_values(self.standing.values())
        self.deals = Opportunity.objects.in_bulk(
            {row.values["opportunity"] for row in rows if row.values.get("opportunity")}
        )
        ordered = Order.objects.filter(opportunity__in=self.deals)
        self.taken = set(ordered.values_list("opportunity_id", flat=True))
        self.rates_on: Callable[[str, date], Rates] = cache(Rates.on)
        self.seat_on = seat_finder({row.values["owner"] for row in rows})
        self.territory_on = _territory_finder(self.accounts)
        self.month_on = cache(partial(open_month, by))

    def accepts(self, order: Asked, outcome: Outcome) -> bool:
        """Whether it is to be booked: new, and nothing wrong with it."""
        if order.number in self.standing:
            if self._is_same(order):
                outcome.unchanged += 1
            else:
                outcome.rejects.append(
                    _refusal(order, "number", _("It is booked with other facts."), _("Correct the order."))
                )
            return False
        wrong = self._wrong(order)
        if wrong:
            outcome.rejects.append(wrong)
        elif order.opportunity:
            self.taken.add(order.opportunity)
        return wrong is None

    def _is_same(self, order: Asked) -> bool:
        there = self.standing[order.number]
        facts = (
            there.account_id,
            there.opportunity_id,
            there.owner_id,
            there.booked_on,
            there.currency,
            there.motion,
        )
        asked = (order.account, order.opportunity, order.owner, order.booked_on, order.currency, order.motion)
        return facts == asked and self.values[there.pk] == order.amount_minor

    def _wrong(self, order: Asked) -> Reject | None:
        """The refusal of an order that can't be booked."""
        low = next(
            (row for row in order.rows if row.values["amount"] < 0 or row.values["quantity"] < 1), None
        )
        if low:
            return low.reject(
                "amount",
                _("An order's lines have a quantity and no minus amount."),
                _("Book it as a cancellation."),
            )
        deal = self.deals.get(order.opportunity or 0)
        if deal and deal.state != Stage.Kind.WON:
            return _refusal(
                order, "opportunity", _("This deal is not won."), _("Bring it in as won, or leave it out.")
            )
        if deal and deal.account_id not in (None, order.account):
            remedy = _("Name the account of the deal, or leave the deal out.")
            return _refusal(order, "opportunity", _("This deal is with another account."), remedy)
        if deal and deal.pk in self.taken:
            return _refusal(
                order, "opportunity", _("This deal has an order already."), _("Leave the deal out.")
            )
        try:
            self.month_on(order.booked_on)
            check_currency(order.currency)
            check_total(order.amount_minor, "amount")
            self.rates_on(order.currency, order.booked_on).check(order.amount_minor, "amount")
        except Refused as refusal:
            remedy = _("Change the row, the calendar or the rates.")
            return _refusal(order, refusal.path or "currency", str(refusal.message), remedy)
        return None

    def book(self, asked: Sequence[Asked]) -> None:
        """Book them all: orders, events, lines, shares, readers, then the credits at the ledger's end."""
        orders = Order.objects.bulk_create(self._order(order) for order in asked)
        events = BookingEvent.objects.bulk_create(
            self._event(order, row) for order, row in zip(asked, orders, strict=True)
        )
        lines = OrderLine.objects.bulk_create(
            line
            for order, row, event in zip(asked, orders, events, strict=True)
            for line in self._lines(order, row, event)
        )
        SplitShare.objects.bulk_create(
            SplitShare(event=event, person_id=row.owner_id, weight=WHOLE_SHARE)
            for event, row in zip(events, orders, strict=True)
        )
        self._open_to(orders)
        by_event: dict[int, list[OrderLine]] = {}
        for line in lines:
            by_event.setdefault(line.event_id, []).append(line)
        entries: list[Credit] = []
        for event, row in zip(events, orders, strict=True):
            shares = [ShareInput(row.owner_id, WHOLE_SHARE)]
            entries += new_credits(
                row, event, by_event[event.pk], shares, rates_on=self.rates_on, seat_on=self.seat_on
            )
        post(entries, {event.booked_on: self.month_on(event.booked_on) for event in events})

    def _order(self, asked: Asked) -> Order:
        account = self.accounts[asked.account]
        if account.first_ordered_on is None or asked.booked_on < account.first_ordered_on:
            account.first_ordered_on = asked.booked_on
        return Order(
            number=asked.number,
            account_id=account.pk,
            opportunity_id=asked.opportunity,
            owner_id=asked.owner,
            territory_id=self.territory_on(account.pk, asked.booked_on),
            purchase_order=asked.purchase_order,
            motion=asked.motion,
            is_new_business=is_new_business(account.first_ordered_on, asked.booked_on),
            currency=asked.currency,
            booked_on=asked.booked_on,
        )

    def _event(self, asked: Asked, order: Order) -> BookingEvent:
        return BookingEvent(
            order=order,
            kind=BookingEvent.Kind.BOOKING,
            booked_on=order.booked_on,
            amount_minor=asked.amount_minor,
            source=f"{asked.rows[0].file} row {asked.rows[0].line}"[:200],
            by_id=self.by,
        )

    def _lines(self, asked: Asked, order: Order, event: BookingEvent) -> Iterable[OrderLine]:
        for row in asked.rows:
            product = row.values["product"]
            yield OrderLine(
                order=order,
                event=event,
                product_id=product,
                family_id=self.families[product],
                quantity=row.values["quantity"],
                amount_minor=row.values["amount"],
            )

    def _open_to(self, orders: Sequence[Order]) -> None:
        Participant.objects.bulk_create(Participant(order=order, user_id=order.owner_id) for order in orders)
        let_read(
            ((order.opportunity_id, order.owner_id) for order in orders if order.opportunity_id), "credit"
        )
        by_account = sorted(orders, key=lambda order: order.account_id)
        for account_id, group in groupby(by_account, key=lambda order: order.account_id):
            theirs = list(group)
            first = min(order.booked_on for order in theirs)
            note_order(
                account_id=account_id,
                booked_on=first,
                person_ids=sorted({order.owner_id for order in theirs}),
            )


def _numbers(rows: Sequence[Row]) -> set[str]:
    return {row.values["number"] for row in rows}


def _refusal(order: Asked, name: str, problem: str, remedy: str) -> Reject:
    return order.rows[0].reject(name, problem, remedy)


def _booked_values(orders: Iterable[Order]) -> dict[int, int]:
    """What each order was booked at, whatever was taken back or corrected since."""
    events = BookingEvent.objects.filter(
        order__in=[order.pk for order in orders], kind=BookingEvent.Kind.BOOKING
    )
    return {order_id or 0: amount for order_id, amount in events.values_list("order_id", "amount_minor")}


def _territory_finder(account_ids: Iterable[int]) -> Callable[[int, date], int]:
    """In which territory an account was on a day, as `accounts.selectors.territory_on` answers, read once."""
    places: dict[int, list[AccountTerritory]] = {}
    for place in AccountTerritory.objects.current().filter(account_id__in=list(account_ids)):
        places.setdefault(place.account_id, []).append(place)
    nobody = unassigned().pk

    def find(account_id: int, day: date) -> int:
        held = (
            p
            for p in places.get(account_id, [])
            if p.starts_on <= day and (p.stops_on is None or day < p.stops_on)
        )
        return next((place.territory_id for place in held), nobody)

    return find
