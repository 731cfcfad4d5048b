"""Orders as a reader may see them: lists of them, one of them in full, those that lack something."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import OuterRef, Q, Subquery, Sum
from django.utils.translation import gettext as _

from accounts.models import Account
from common.access import Reach, seen
from common.http import Page, page_by_key
from common.nights import ONE_DAY
from common.transaction import widened
from orders.models import BookingEvent, Credit, Order, OrderLine, OrderQuerySet, OrderRequest, SplitShare
from orders.rules import left_of_lines
from orders.selectors.credits import CreditRow, with_reasons
from orders.selectors.known import CURRENT, AsOf
from pipeline.models import Motion, Opportunity
from pipeline.selectors.totals import Totals, added_up
from workspace.selectors.own import Asked, narrowed

SHOWN, SHOWN_OF_ACCOUNT = 10, 20
ON_ITS_WAY = {"delivered": "delivered_on", "invoiced": "invoiced_on", "paid": "paid_on"}
"""What may still be to come of an order, and the column with its day."""
LEAST_INSIDE = 3
"""So many characters are looked for anywhere in a number, fewer at its beginning."""
MOST_ADDED_UP = 1000
"""Of so many orders the list says what they come to."""


def orders_in(
    mine: Reach,
    *,
    text: str = "",
    state: str = "",
    owner_id: int | None = None,
    lacks_purchase_order: bool = False,
    without: str = "",
    own: Sequence[Asked] = (),
) -> OrderQuerySet:
    """The orders in reach by words, state and owner, newest first; or those without a purchase order, or that were not
    delivered, invoiced or paid yet (`without`: one of ON_ITS_WAY).

    Each has its value as `amount_minor` and, where the reader may see that account, its `account_name`.
    """
    accounts = Account.objects.visible_to(mine)
    name = Subquery(accounts.filter(pk=OuterRef("account_id")).values("name"))
    rows = Order.objects.visible_to(mine).valued().annotate(account_name=name)
    if text:
        named = accounts.filter(name_key__contains=text.lower()).values("pk")
        where = "icontains" if len(text) >= LEAST_INSIDE else "istartswith"
        numbers = Q(**{f"number__{where}": text}) | Q(**{f"purchase_order__{where}": text})
        rows = rows.filter(numbers | Q(account_id__in=named))
    if state:
        rows = rows.filter(state=state)
    if owner_id:
        rows = rows.filter(owner_id=owner_id)
    if lacks_purchase_order:
        rows = rows.standing().filter(purchase_order="")
    if without:
        rows = rows.standing().filter(**{ON_ITS_WAY[without]: None})
    found: OrderQuerySet = narrowed(rows, own).select_related("owner", "territory")
    return found


def lacking_purchase_order(mine: Reach) -> list[Order]:
    """What the coordinator has to complete: some booked orders without a purchase order, oldest first."""
    return list(orders_in(mine, lacks_purchase_order=True).order_by("booked_on", "id")[:SHOWN])


def newest_orders(mine: Reach) -> list[Order]:
    """Some of the orders that were booked last."""
    return list(orders_in(mine)[:SHOWN])


def orders_of_account(mine: Reach, account_id: int) -> list[Order]:
    """The newest orders of one account."""
    return list(orders_in(mine).filter(account_id=account_id)[:SHOWN_OF_ACCOUNT])


def order_of_deal(mine: Reach, opportunity_id: int) -> Order | None:
    """The order that won a deal, if there is one in reach."""
    return orders_in(mine).filter(opportunity_id=opportunity_id).first()


def order_with(mine: Reach, pk: int | None) -> Order | None:
    """An order with its value, where one is named. Raises NotInReach."""
    return None if pk is None else seen(Order.objects.valued(), mine, pk)


def renewable_orders(mine: Reach, deal: Opportunity) -> list[Order]:
    """The standing orders that a renewal of a deal's account could go on with, newest first."""
    if deal.motion != Motion.RENEWAL or deal.account_id is None:
        return []
    rows = orders_in(mine).filter(account_id=deal.account_id)
    rows = rows.exclude(renewals__state__in=Order.STANDING)[:SHOWN_OF_ACCOUNT]
    return [row for row in rows if row.is_standing and row.currency == deal.currency]


@dataclass(frozen=True)
class Terms:
    """An order, and the lines and shares of all the events that said what they are, of which the last one's stand.

    `counted`: of an order as it was known, what of each event counts by the clocks that were asked; None: all of all.
    """

    order: Order
    all_lines: list[OrderLine]
    all_shares: list[SplitShare]
    counted: Mapping[int, int] | None = None

    @property
    def lines(self) -> list[OrderLine]:
        return [line for line in self.all_lines if line.event_id == self.all_lines[-1].event_id]

    @property
    def shares(self) -> list[SplitShare]:
        """The split of the lines that have none of their own, revenue first."""
        return [share for share in self._standing if share.line_id is None]

    @property
    def _standing(self) -> list[SplitShare]:
        return [share for share in self.all_shares if share.event_id == self.all_lines[-1].event_id]

    def own_shares(self, line: OrderLine) -> list[SplitShare]:
        """The shares that a standing line has for itself."""
        return [share for share in self._standing if share.line_id == line.pk]

    def shares_of(self, line: OrderLine) -> list[SplitShare]:
        """Who shares the credit of a standing line, of each kind by its own shares or by those of all."""
        own = self.own_shares(line)
        kinds = {share.kind for share in own}
        found = [*own, *(share for share in self.shares if share.kind not in kinds)]
        return sorted(found, key=lambda share: (share.kind != share.Kind.REVENUE, share.person_id))

    @property
    def groups(self) -> list[tuple[str, list[SplitShare]]]:
        """The splits that stand, each with its heading: that of all lines has none."""
        own = [(number, line, self.own_shares(line)) for number, line in enumerate(self.lines, 1)]
        named = [(f"{number}. {line.product.name}", shares) for number, line, shares in own if shares]
        return [("", self.shares), *named] if self.shares else named

    def sold_on(self, root_id: int) -> date:
        """The day whose seats and rates the credits of a line bear."""
        return next(line.sold_on for line in self.all_lines if line.pk == root_id)

    @property
    def booked_lines(self) -> list[OrderLine]:
        """The standing lines as they were agreed last; what a new split writes is only what is left of them."""
        agreed = (line for line in self.all_lines if line.event.kind != BookingEvent.Kind.NEW_SPLIT)
        last = {line.root_id: line for line in agreed}
        return [last.get(line.root_id, line) for line in self.lines]

    @property
    def lines_minor(self) -> int:
        """The order intake of the lines as they were agreed last."""
        return sum(line.intake_minor for line in self.booked_lines)

    @property
    def table(self) -> list[tuple[OrderLine, int]]:
        """Each line as it was agreed last, and what is left of it."""
        return list(zip(self.booked_lines, (left for _line, left in self.left()), strict=True))

    def left(self) -> list[tuple[OrderLine, int]]:
        """Each line and the order intake that is left of it after partial cancellations."""
        amounts = left_of_lines(self.order.amount_minor, [line.intake_minor for line in self.lines])
        return list(zip(self.lines, amounts, strict=True))


@dataclass(frozen=True)
class Step:
    """A step of an order on its way to cash, the day on which it was done, and whether it is the next one to do."""

    name: str
    day: date | None
    is_next: bool


def steps_of(order: Order) -> list[Step]:
    """From booking to cash."""
    steps = [
        (_("Booked"), order.booked_on),
        (_("Delivered"), order.delivered_on),
        (_("Invoiced"), order.invoiced_on),
        (_("Paid"), order.paid_on),
    ]
    first = next((name for name, day in steps if day is None), None) if order.is_standing else None
    return [Step(name, day, name == first) for name, day in steps]


def keeps_day(events: Iterable[BookingEvent]) -> bool:
    """Whether something happened to an order on a day of its own, so that its booking date stays."""
    return any(event.kind in BookingEvent.FIXES_DAY for event in events)


def terms_of(order: Order, as_of: AsOf = CURRENT) -> Terms:
    """The lines and the split of an order that was read already; of an earlier day those of then, and its value."""
    rows = SplitShare.objects.filter(event__order=order).select_related("person")
    shares = list(rows.order_by("-kind", "person_id"))
    lines = list(order.lines.select_related("product", "family", "event", "order"))
    if as_of.is_now:
        return Terms(order, lines, shares)
    counted = _counted(order, as_of)
    order.amount_minor = sum(counted.values())
    lines = [line for line in lines if line.event_id in counted]
    return Terms(order, lines, [share for share in shares if share.event_id in counted], counted)


def _counted(order: Order, as_of: AsOf) -> dict[int, int]:
    """The order intake of each event of which something counts by those clocks: by its credits, whoever has them."""
    value = Sum("amount_minor", filter=Q(kind=Credit.Kind.REVENUE), default=0)
    with widened("credit", "booking_event"):
        rows = as_of.narrow(Credit.objects.filter(event__order=order)).order_by()
        return dict(rows.values("event_id").annotate(value=value).values_list("event_id", "value"))


def order_page(rows: OrderQuerySet, as_of: AsOf, after: str | None) -> Page[Order]:
    """A page of these orders, newest first; of an earlier day those of which something counts, at their value of then.

    Raises BadQuery for a key that was not made here.
    """
    with widened(*_behind(as_of)):
        return page_by_key(_counting(rows, as_of), ["-booked_on", "-id"], after)


def orders_total(rows: OrderQuerySet, as_of: AsOf, day: date) -> Totals | None:
    """What these orders come to, by the clocks that were asked, at the rates of a day; None where they are too many."""
    values = _counting(rows, as_of).order_by().values_list("currency", "amount_minor", named=True)
    with widened(*_behind(as_of)):
        found = list(values[: MOST_ADDED_UP + 1])
    return added_up(found, day) if len(found) <= MOST_ADDED_UP else None


def _behind(as_of: AsOf) -> tuple[str, ...]:
    """What the value of an order as it was known is read from."""
    return () if as_of.is_now else ("credit", "booking_event")


def _counting(rows: OrderQuerySet, as_of: AsOf) -> OrderQuerySet:
    """Those of which something counts, at their value of then."""
    if as_of.is_now:
        return rows
    if as_of.known:  # What was entered long after is not looked at one by one.
        rows = rows.filter(recorded_at__lte=as_of.known.at + ONE_DAY)
    credits = as_of.narrow(Credit.objects.filter(event__order=OuterRef("pk"))).order_by()
    value = credits.values("event__order").annotate(
        value=Sum("amount_minor", filter=Q(kind=Credit.Kind.REVENUE), default=0)
    )
    valued: OrderQuerySet = rows.annotate(amount_minor=Subquery(value.values("value")))
    return valued.exclude(amount_minor=None)


@dataclass(frozen=True)
class OrderDetail:
    """An order in full, as far as the reader may see it: each of its events with those of its credits that they see.

    `later`: of an order as it was known, the events since, each with what of it does not count. `handed_in`: as what it
    waited, if it did.
    """

    terms: Terms
    account: Account | None
    deal: Opportunity | None
    renews: Order | None
    renewal: Order | None
    entries: list[tuple[BookingEvent, list[CreditRow]]]
    later: list[tuple[BookingEvent, int]]
    handed_in: OrderRequest | None


def order_detail(mine: Reach, order_id: int, as_of: AsOf = CURRENT) -> OrderDetail:
    """One order with its terms, events and credits, newest event first, as known now or then. Raises NotInReach."""
    order = seen(
        Order.objects.valued().select_related("owner", "territory", "request__asked_by"), mine, order_id
    )
    terms, events = terms_of(order, as_of), list(order.events.select_related("by").order_by("-id"))
    later = _later(events, terms)
    events = [event for event in events if terms.counted is None or event.pk in terms.counted]
    rows = as_of.narrow(Credit.objects.visible_to(mine).filter(event__in=events)).named()
    found = with_reasons(rows, mine, events, terms.all_lines, terms.all_shares)
    around = Order.objects.visible_to(mine).filter(Q(renews=order) | Q(pk=order.renews_id or 0))
    standing = (row for row in around if row.pk == order.renews_id or row.is_standing)
    chain = {row.pk == order.renews_id: row for row in standing}
    return OrderDetail(
        terms,
        Account.objects.visible_to(mine).filter(pk=order.account_id).first(),
        Opportunity.objects.visible_to(mine).filter(pk=order.opportunity_id).first(),
        chain.get(True),
        chain.get(False),
        [(event, [row for row in found if row.credit.event_id == event.pk]) for event in events],
        later,
        _handed_in(order),
    )


def _handed_in(order: Order) -> OrderRequest | None:
    asked = getattr(order, "request", None)
    return asked if asked and asked.settled_at else None


def _later(events: Iterable[BookingEvent], terms: Terms) -> list[tuple[BookingEvent, int]]:
    """The events of which not all counts, each with the rest; what counts of the others becomes their amount."""
    if terms.counted is None:
        return []
    found = []
    for event in events:
        counts = terms.counted.get(event.pk)
        rest = event.amount_minor - (counts or 0)
        if counts is None or rest:
            found.append((event, rest))
        event.amount_minor = counts or 0
    return found
