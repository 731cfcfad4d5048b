"""Orders and opening entries brought in from files: dated on their days, posted to the ledger as any other."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Account
from accounts.selectors import territory_finder
from accounts.services.turns import wait_for_runs
from catalog.models import Product
from common.checks import check_currency
from common.errors import Refused
from common.importing import Names, Outcome, Reject, Row, resolved
from common.transaction import act, reach
from common.undoing import Made
from orders.models import BookingEvent, Order
from orders.rules import purchase_order_key
from orders.services.inputs import LineInput, ShareInput, check_total, inputs_of, with_revenue
from orders.services.openings import bring_openings, not_in_tree, take_back_openings
from orders.services.posting import Booking, Desk, is_new_customer
from pipeline.models import Opportunity, Stage
from pipeline.rules.lines import MOST_MONTHS
from pipeline.selectors.team import held_split_finder
from territories.models import User
from territories.selectors import seat_finder
from territories.services.tree import hold_places, outside_tree
from workspace.services.own import COLUMN, own_json, own_rows

AT_ONCE = 2_000
HEAD = {
    "account": "account_id",
    "opportunity": "opportunity_id",
    "owner": "owner_id",
    "booked_on": "booked_on",
    "currency": "currency",
    "motion": "motion",
}
"""What every row of an order says alike, and where the order keeps it."""
Place = tuple[int, date]
"""A territory, and the day on which an order stands there."""


@act
def apply_import(*, by: int | None, entity: str, rows: Sequence[Row]) -> Outcome:
    """Bring in orders (`order`) or opening entries (`opening`).

    The rows of one number are the lines of one order, credited by the split of its deal on the day, else to its owner
    in full. Administrators, and the organisation's own jobs. What is in the ledger already is left alone; where the
    file says otherwise it is rejected, because the ledger is put right by an entry of its own.
    """
    reach().require("order", "import")
    outcome = Outcome()
    if entity == "opening":
        bring_openings(by, rows, outcome)
        return outcome
    kept = own_rows("order", resolved(rows, outcome, _names(rows)), {}, outcome)
    rows = _whole(rows, kept, outcome)
    _hold(rows)
    books = _Books(by, rows)
    asked = [one for one in _asked(rows, outcome) if books.accepts(one, outcome)]
    asked.sort(key=lambda one: (one.order.booked_on, one.order.number))
    for start in range(0, len(asked), AT_ONCE):
        books.book(asked[start : start + AT_ONCE])
    outcome.created += len(asked)
    return outcome


@act
def undo_import(*, by: int | None, entity: str, made: Made) -> None:
    """Take back the opening entries of an import by counter-entries of their days; orders are cancelled one by one.

    Who may: as for `apply_import`. Raises InUse where entries were put right since, Conflict for a closed period.
    """
    reach().require("order", "import")
    take_back_openings(by, made)


@dataclass(frozen=True)
class Asked:
    """One order of the file: what all of its rows say, and the rows, which are its lines."""

    order: Order
    rows: Sequence[Row]

    @property
    def lines(self) -> list[LineInput]:
        values = [row.values for row in self.rows]
        return [
            LineInput(one["product"], one["quantity"], one["amount"], term_months=one.get("term_months"))
            for one in values
        ]

    @property
    def number_used(self) -> tuple[int, str] | None:
        """The account and its purchase order, which no second order has that does not say so; None without one."""
        key = purchase_order_key(self.order.purchase_order)
        return (self.order.account_id, key) if key else None

    @property
    def is_second(self) -> bool:
        return any(row.values.get("is_second") for row in self.rows)

    @property
    def amount_minor(self) -> int:
        return sum(line.amount_minor for line in self.lines)

    def reject(self, name: str, problem: str, remedy: str) -> Reject:
        return self.rows[0].reject(name, problem, remedy)


def _names(rows: Sequence[Row]) -> dict[str, Names]:
    accounts, deals = _named(rows, "account"), _named(rows, "opportunity")
    return {
        "account": Names.among(_("account"), Account.objects.all(), "number", accounts),
        "opportunity": Names.among(_("opportunity"), Opportunity.objects.all(), "number", deals),
        "owner": Names(_("person"), User.objects.values_list("pk", "email", "name")),
        "product": Names(_("product"), Product.objects.values_list("pk", "code", "name")),
    }


def _whole(rows: Sequence[Row], kept: Sequence[Row], outcome: Outcome) -> list[Row]:
    """The rows of orders of which no line was rejected: half an order is none."""
    standing = {(row.file, row.line) for row in kept}
    broken = {row.values["number"] for row in rows if (row.file, row.line) not in standing}
    problem = _("Another line of this order was rejected.")
    remedy = _("Correct that line; it comes in whole.")
    halves = [row for row in kept if row.values["number"] in broken]
    outcome.rejects += [row.reject("number", problem, remedy) for row in halves]
    return [row for row in kept if row.values["number"] not in broken]


def _hold(rows: Sequence[Row]) -> None:
    """Let nobody take from the tree what the orders stand on, nor move their accounts, until they are booked.

    All of it before the first batch, whose accounts come in no order and which locks the ledger's head
    (docs/architecture.md, *Whose turn it is*). What an order stands on is read again after that.
    """
    named = _named(rows, "account")
    places_of = _place_finder(rows, _share_finder(rows), territory_finder(named))
    hold_places({pk for row in rows for pk, _day in places_of(row)})
    wait_for_runs()
    locked = Account.objects.filter(pk__in=named).order_by("pk").select_for_update(no_key=True)
    list(locked.values_list("pk"))


def _asked(rows: Sequence[Row], outcome: Outcome) -> Iterable[Asked]:
    """The orders of the file; one whose rows disagree is rejected whole."""
    ordered = sorted(rows, key=lambda row: (row.values["number"], row.line))
    for number, group in groupby(ordered, key=lambda row: str(row.values["number"])):
        lines = list(group)
        first = lines[0].values
        alike = [*HEAD, *(name for name in first if name.startswith(COLUMN))]
        differing = next((n for row in lines for n in alike if row.values.get(n) != first.get(n)), None)
        if differing:
            problem = _("The lines of one order say different things here.")
            remedy = _("Give every line the same.")
            outcome.rejects += [row.reject(differing, problem, remedy) for row in lines]
        else:
            facts = {column: first.get(name) for name, column in HEAD.items()}
            purchase_order = first.get("purchase_order") or ""
            own = json.loads(own_json(lines[0], None))
            yield Asked(Order(number=number, purchase_order=purchase_order, own=own, **facts), lines)


class _Books:
    """What bookings of many orders need to know, read once."""

    def __init__(self, by: int | None, rows: Sequence[Row]) -> None:
        self.desk = Desk(by)
        self.accounts = Account.objects.in_bulk(_named(rows, "account"))
        self.families = dict(Product.objects.values_list("pk", "family_id"))
        standing = Order.objects.filter(number__in=_named(rows, "number"))
        self.standing = {order.number: order for order in standing}
        booked = BookingEvent.objects.filter(order__in=standing, kind__in=BookingEvent.BOOKED)
        self.values = dict(booked.values_list("order_id", "amount_minor"))
        self.deals = Opportunity.objects.in_bulk(_named(rows, "opportunity"))
        ordered = Order.objects.filter(opportunity__in=self.deals)
        self.taken = set(ordered.values_list("opportunity_id", flat=True))
        self.used = _used(self.accounts)
        self.territory_on = territory_finder(self.accounts)
        self.shares_of = _share_finder(rows)
        self.places_of = _place_finder(rows, self.shares_of, self.territory_on)
        self.outside = set(outside_tree({place for row in rows for place in self.places_of(row)}))

    def accepts(self, asked: Asked, outcome: Outcome) -> bool:
        """Whether it is to be booked: new, and nothing wrong with it."""
        if self._is_booked(asked):
            outcome.unchanged += 1
            return False
        wrong = self._wrong(asked)
        if wrong:
            outcome.rejects.append(wrong)
        else:
            self._take(asked)
        return wrong is None

    def _take(self, asked: Asked) -> None:
        """What no later order of the file may have again."""
        if asked.order.opportunity_id:
            self.taken.add(asked.order.opportunity_id)
        if asked.number_used:
            self.used.add(asked.number_used)

    def _is_booked(self, asked: Asked) -> bool:
        """Whether the books hold it as it is asked for."""
        there = self.standing.get(asked.order.number)
        is_same = all(getattr(there, name, None) == getattr(asked.order, name) for name in HEAD.values())
        return there is not None and is_same and self.values[there.pk] == asked.amount_minor

    def _wrong(self, asked: Asked) -> Reject | None:
        """The refusal of an order that can't be booked."""
        order = asked.order
        if order.number in self.standing:
            return asked.reject("number", _("It is booked with other facts."), _("Correct the order."))
        if wrong := _wrong_line(asked.rows) or self._wrong_deal(asked):
            return wrong
        if asked.number_used in self.used and not asked.is_second:
            problem = _("Another order of this account has that purchase order.")
            remedy = _("Take the order out, or say in is_second that it is a second one under it.")
            return asked.reject("purchase_order", problem, remedy)
        try:
            self.desk.month_on(order.booked_on)
            check_currency(order.currency)
            check_total(asked.amount_minor, "amount")
            self.desk.rates_on(order.currency, order.booked_on).check(asked.amount_minor, "amount")
        except Refused as refusal:
            remedy = _("Change the row, the calendar or the rates.")
            return asked.reject(refusal.path or "currency", str(refusal.message), remedy)
        if outside := self.outside & self.places_of(asked.rows[0]):
            return not_in_tree(asked.rows[0], "booked_on", *min(outside))
        return None

    def _wrong_deal(self, asked: Asked) -> Reject | None:
        """The refusal of an order with a deal that it cannot be of."""
        order = asked.order
        deal = self.deals.get(order.opportunity_id or 0)
        if deal and deal.state != Stage.Kind.WON:
            remedy = _("Bring it in as won, or leave it out.")
            return asked.reject("opportunity", _("This deal is not won."), remedy)
        if deal and deal.account_id not in (None, order.account_id):
            remedy = _("Name the account of the deal, or leave the deal out.")
            return asked.reject("opportunity", _("This deal is with another account."), remedy)
        if deal and deal.awaits_booking_since:
            return asked.reject(
                "opportunity", _("Its order awaits booking here."), _("Book it in the product.")
            )
        if deal and deal.pk in self.taken:
            return asked.reject("opportunity", _("This deal has an order already."), _("Leave the deal out."))
        return None

    def book(self, asked: Sequence[Asked]) -> None:
        """Book them all: orders, events, lines, shares, readers, then the credits at the ledger's end."""
        Order.objects.bulk_create(self._stamped(one.order) for one in asked)
        events = BookingEvent.objects.bulk_create(map(self._event, asked))
        bookings = [
            Booking.of(one.order, event, one.lines, [self.shares_of(one.rows[0])] * len(one.lines))
            for one, event in zip(asked, events, strict=True)
        ]
        self.desk.post(self.desk.enter(bookings, self.families))

    def _stamped(self, order: Order) -> Order:
        """The order with its territory, and whether its customer was new."""
        account = self.accounts[order.account_id]
        if account.first_ordered_on is None or order.booked_on < account.first_ordered_on:
            account.first_ordered_on = order.booked_on
        order.territory_id = self.territory_on(account.pk, order.booked_on)
        order.is_new_business = is_new_customer(account.first_ordered_on, order.booked_on)
        return order

    def _event(self, asked: Asked) -> BookingEvent:
        return BookingEvent(
            order=asked.order,
            kind=BookingEvent.Kind.BOOKING,
            booked_on=asked.order.booked_on,
            amount_minor=asked.amount_minor,
            source=f"{asked.rows[0].file} row {asked.rows[0].line}"[:200],
            by_id=self.desk.by,
        )


def _used(account_ids: Iterable[int]) -> set[tuple[int, str]]:
    """The accounts and purchase orders of what stands in the books."""
    numbers = Order.objects.numbered(account_ids).values_list("customer_id", "purchase_order")
    return {(pk, purchase_order_key(number)) for pk, number in numbers}


def _wrong_line(rows: Sequence[Row]) -> Reject | None:
    """The refusal of an amount, a quantity or a term that no line has."""
    low = next((row for row in rows if row.values["amount"] < 0 or row.values["quantity"] < 1), None)
    if low:
        problem = _("An order's lines have a quantity and no minus amount.")
        return low.reject("amount", problem, _("Book it as a cancellation."))
    terms = ((row, row.values.get("term_months")) for row in rows)
    wrong = next((row for row, term in terms if term is not None and not 1 <= term <= MOST_MONTHS), None)
    words = {"most": MOST_MONTHS}
    problem, remedy = _("A term is between 1 and %(most)s months."), _("Correct it, or leave it empty.")
    return wrong.reject("term_months", problem % words, remedy) if wrong else None


def _named(rows: Sequence[Row], name: str) -> set[Any]:
    """What the rows say there, if anything: ids, or still the texts of the file."""
    return {row.values[name] for row in rows if row.values.get(name)}


def _place_finder(
    rows: Sequence[Row],
    shares_of: Callable[[Row], list[ShareInput]],
    territory_on: Callable[[int, date], int],
) -> Callable[[Row], set[Place]]:
    """On which territories a row's order stands, and on which day: its account's, and the seats of who gets credit."""
    seat_on = seat_finder({share.person_id for row in rows for share in shares_of(row)})

    def find(row: Row) -> set[Place]:
        day = row.values["booked_on"]
        seats = {(seat_on(share.person_id, day), day) for share in shares_of(row)}
        return {(territory_on(row.values["account"], day), day), *seats}

    return find


def _share_finder(rows: Sequence[Row]) -> Callable[[Row], list[ShareInput]]:
    """Who gets the credit of a row's order, by their ids: the split of its deal on the day, else its owner."""
    split_on = held_split_finder(_named(rows, "opportunity"))

    def find(row: Row) -> list[ShareInput]:
        shares = inputs_of(split_on(row.values.get("opportunity") or 0, row.values["booked_on"]))
        return with_revenue(shares, [], row.values["owner"])

    return find
