"""What keeps an order from being booked by itself: one line for each reason, with the field that mends it."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cache, cached_property, partial
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounts.selectors import territory_finder
from catalog.models import Product
from catalog.selectors.prices import Offers, offer_finder
from common.calendars import Span
from common.locale import format_date, format_money, format_share
from common.models import Period, Rate
from common.money import WHOLE_SHARE, convert
from common.policies import BOTH, CONTRACT, PURCHASE_ORDER
from common.selectors import policy, the_organisation, today, work_days
from common.transaction import widened
from orders.models import BookingEvent, Order, OrderLine, OrderRequest, ReviewPoint, SplitShare, points_for
from orders.rules import YEAR, below_limit, days_back, free_from, missing, purchase_order_key
from pipeline.models import Opportunity, OpportunityLine
from territories.selectors import unassigned
from workspace.models import Comment, Document

CODES = [
    ("purchase_order", _lazy("no purchase order number")),
    ("contract", _lazy("no signed contract")),
    ("review", _lazy("a point of the contract review is open")),
    ("period_closed", _lazy("closed period")),
    ("no_rate", _lazy("no rate")),
    ("not_sold", _lazy("product no longer sold")),
    ("split_total", _lazy("shares not 100 %")),
    *BookingEvent.Doubt.choices,
    ("purchase_order_taken", _lazy("purchase order of another order of the account")),
]
"""The reasons why an order waits."""


@dataclass(frozen=True)
class Lack:
    """A reason why an order waits: its code, the sentence, and the field of the booking form that mends it."""

    code: str
    text: str
    field: str = ""

    @property
    def is_decided(self) -> bool:
        """Whether those decide about it who work the queue."""
        return self.code in BookingEvent.Doubt.values

    @property
    def path(self) -> str:
        """The field as an act names it."""
        return self.field.replace("-", ".").replace("account_name", "account_id")


@dataclass(frozen=True)
class Item:
    """A line as it is looked at."""

    product_id: int
    quantity: int
    amount_minor: int
    term_months: int | None = None


@dataclass(frozen=True)
class Typed:
    """An order that is not booked yet, as it was typed. `totals`: what the revenue shares of each split come to.

    `is_handed_in`: those who work the queue see it.
    """

    deal: Opportunity | None
    account_id: int | None
    currency: str
    booked_on: date
    motion: str
    purchase_order: str
    items: Sequence[Item]
    ticks: Collection[int] = ()
    totals: Sequence[int] = ()
    kept: Collection[int] = field(default=())
    is_handed_in: bool = True


def typed_of(row: OrderRequest, kept: Collection[int] = ()) -> Typed:
    """What was typed of one that is kept; `kept`: products that it may have although they are no longer sold."""
    account_id = (row.opportunity.account_id if row.opportunity else None) or row.account_id
    items = [
        Item(line["product_id"], line["quantity"], line["amount_minor"], line.get("term_months"))
        for line in row.lines
    ]
    splits = [row.shares, *(line.get("shares", ()) for line in row.lines)]
    totals = [_revenue(split) for split in splits]
    facts = (row.currency, row.booked_on, row.motion, row.purchase_order)
    named = [total for total in totals if total is not None]
    is_waiting = row.state == OrderRequest.State.WAITING
    return Typed(row.opportunity, account_id, *facts, items, row.ticks, named, kept, is_waiting)


def _revenue(split: Iterable[dict[str, Any]]) -> int | None:
    """What the revenue shares of a split come to; None where it has none, and takes the usual ones."""
    weights = [share["weight"] for share in split if share.get("kind") != SplitShare.Kind.OVERLAY]
    return sum(weights) if weights else None


class Gate:
    """What orders are held against before they are booked, read once for many of them."""

    def __init__(self, orders: Sequence[Typed]) -> None:
        self.asked = policy("booking_asks")
        self.signed = (
            with_contract([one.deal.pk for one in orders if one.deal])
            if self.asked in (CONTRACT, BOTH)
            else ()
        )
        self.points = review_points()
        self.products = Product.objects.in_bulk({item.product_id for one in orders for item in one.items})
        self.limit = policy("price_limit_percent")
        self.used = cache(partial(_used, {one.account_id for one in orders if one.purchase_order.strip()}))
        with widened("account_territory"):  # where an account is, the deal's own too, whoever reads it
            self.territory_on = territory_finder({one.account_id for one in orders if one.account_id})
        self.nobody = unassigned().pk
        self.late: Callable[[date], Lack | None] = cache(too_old)
        self.orders = orders

    @cached_property
    def span(self) -> Span:
        """The days from the first booking date to the last one."""
        days = [one.booked_on for one in self.orders]
        return Span(min(days), max(days) + timedelta(days=1))

    @cached_property
    def rates(self) -> list[Rate]:
        currencies = {one.currency for one in self.orders}
        currencies |= {product.currency for product in self.products.values()}
        return list(Rate.objects.overlapping(self.span.start, self.span.stop).filter(currency__in=currencies))

    @cached_property
    def closed(self) -> list[Period]:
        first, stop = self.span.start, self.span.stop
        return list(Period.objects.filter(is_closed=True, starts_on__lt=stop, stops_on__gt=first))

    @cached_property
    def offers(self) -> Callable[[str, int | None, date], Offers]:
        currencies = {one.currency for one in self.orders}
        return offer_finder(list(self.products.values()), currencies, set(map(_book, self.orders)), self.span)

    def rate_lack(self, one: Typed) -> Lack | None:
        """As `both_rates`, which booking asks."""
        if one.currency == the_organisation().reporting_currency:
            return None
        held = {
            rate.kind for rate in self.rates if rate.currency == one.currency and rate.holds_on(one.booked_on)
        }
        if {Rate.Kind.BOOKED, Rate.Kind.PLAN} <= held:
            return None
        words = {"currency": one.currency, "day": format_date(one.booked_on)}
        return Lack("no_rate", _("No rate for %(currency)s on %(day)s") % words, "booked_on")

    def period_lack(self, one: Typed) -> Lack | None:
        if not any(one.booked_on in period.span for period in self.closed):
            return None
        text = _("%(day)s lies in a closed period") % {"day": format_date(one.booked_on)}
        return Lack("period_closed", text, "booked_on")

    def waits(self, one: Typed, *, decides: bool) -> list[Lack]:
        """Why a won deal's order waits for those who work the queue, or for what is to come; else it is booked."""
        rate = self.rate_lack(one)
        return [*self.asks(one), *([rate] if rate else []), *([] if decides else self.doubts(one))]

    def lacks(self, one: Typed) -> list[Lack]:
        """Every reason why it waits, those that nobody can pass first."""
        return [*self.asks(one), *self.faults(one), *self.doubts(one), *self._twice(one)]

    def asks(self, one: Typed) -> list[Lack]:
        """What is to be there before it is booked, and is not."""
        has_contract = one.deal.pk in self.signed if one.deal else None
        names = missing(self.asked, bool(one.purchase_order.strip()), has_contract)
        open_points = [point for point in points_for(self.points, one.motion) if point.pk not in one.ticks]
        return [
            *(_paper(name) for name in names),
            *(
                Lack("review", _("Open in the review: %(text)s") % {"text": point.text}, "ticks")
                for point in open_points
            ),
        ]

    def faults(self, one: Typed) -> list[Lack]:
        """What is wrong with it, so that nobody can book it as it is."""
        found = [self.period_lack(one), self.rate_lack(one)]
        for number, item in enumerate(one.items):
            product = self.products[item.product_id]
            if not (product.is_sold_on(one.booked_on) or product.pk in one.kept):
                text = _("%(product)s (line %(number)s) is no longer sold") % {
                    "product": product.name,
                    "number": number + 1,
                }
                found.append(Lack("not_sold", text, f"lines-{number}-product"))
        for total in one.totals:
            if total != WHOLE_SHARE:
                text = _("The shares total %(total)s %%") % {"total": format_share(total)}
                found.append(Lack("split_total", text, "shares-0-percent"))
        return [lack for lack in found if lack]

    def doubts(self, one: Typed) -> list[Lack]:
        """What somebody who works the queue decides."""
        late = self.late(one.booked_on)
        return [*([late] if late else []), *self._nowhere(one), *self._cheap(one)]

    def _twice(self, one: Typed) -> list[Lack]:
        """Whoever books it says that it is a second order under the same number.

        Of orders out of reach that is said once it is handed in: what nobody sees is no way to try numbers out.
        """
        if (one.account_id, purchase_order_key(one.purchase_order)) not in self.used(one.is_handed_in):
            return []
        text = _("Another order of this account has that purchase order")
        return [Lack("purchase_order_taken", text, "purchase_order")]

    def _nowhere(self, one: Typed) -> list[Lack]:
        if not one.account_id or self.territory_on(one.account_id, one.booked_on) != self.nobody:
            return []
        text = _("The account is in no territory on %(day)s") % {"day": format_date(one.booked_on)}
        return [Lack("no_territory", text, "account_name")]

    def _cheap(self, one: Typed) -> list[Lack]:
        if not self.limit:
            return []
        listed = self.offers(one.currency, _book(one), one.booked_on)
        found = []
        for number, item in enumerate(one.items):
            offer, product = listed.get(item.product_id), self.products.get(item.product_id)
            price = offer.price_minor if offer else product.list_price_minor if product else None
            if product is None or price is None:
                continue
            months = (item.term_months or YEAR) if product.is_recurring else 1
            currency = one.currency if offer else product.currency
            words = {"product": product.name, "number": number + 1}
            text = self._low(one, item.amount_minor, price * months * item.quantity, currency, words)
            if text:
                found.append(Lack("price_low", text, f"lines-{number}-amount"))
        return found

    def _low(self, one: Typed, minor: int, usual_minor: int, currency: str, words: dict[str, Any]) -> str:
        """Why the price of a line is to be decided about, if it is: a usual one of another currency counts at the plan
        rates of the day. Who lacks one of the order's own currency is told by `rate_lack`.
        """
        plan = {
            rate.currency: rate.value
            for rate in self.rates
            if rate.kind == Rate.Kind.PLAN and rate.holds_on(one.booked_on)
        }
        plan[the_organisation().reporting_currency] = Decimal(1)
        if currency == one.currency:
            plan[currency] = Decimal(1)
        elif one.currency not in plan:
            return ""
        if currency not in plan:
            words |= {"currency": currency, "day": format_date(one.booked_on)}
            text = _(
                "%(product)s (line %(number)s) has its list price in %(currency)s, without a plan rate on %(day)s"
            )
            return text % words
        usual = convert(usual_minor, plan[currency] / plan[one.currency], currency, one.currency)
        if not below_limit(minor, 1, usual, self.limit):
            return ""
        words |= {"limit": self.limit, "price": format_money(usual, one.currency)}
        return _("%(product)s (line %(number)s) is below %(limit)s %% of its list price of %(price)s") % words


def too_old(day: date) -> Lack | None:
    """Why a booking date is for those to decide who work the queue, if it is: it lies too far back."""
    now, work, free = today(), work_days(), policy("backdate_days")
    if day >= free_from(now, free, work):
        return None
    words = {"days": days_back(day, now, work), "free": free}
    return Lack("too_old", _("Booked %(days)s working days back; %(free)s are free") % words, "booked_on")


def _paper(name: str) -> Lack:
    if name == PURCHASE_ORDER:
        return Lack("purchase_order", _("the purchase order number"), "purchase_order")
    return Lack("contract", _("the signed contract"))


def _book(one: Typed) -> int | None:
    return one.deal.price_book_id if one.deal else None


def review_points() -> list[ReviewPoint]:
    """What is looked at before orders are booked."""
    return list(ReviewPoint.objects.filter(is_removed=False))


def lacks_contract(deal: Opportunity) -> bool:
    """Whether Settings ask for the signed contract of a deal that has none."""
    return policy("booking_asks") in (CONTRACT, BOTH) and not with_contract([deal.pk])


def _used(accounts: Collection[int | None], is_whole: bool) -> frozenset[tuple[int | None, str]]:
    """The accounts and purchase orders of what stands in the books; whoever reads it, where `is_whole`."""
    if not accounts:
        return frozenset()
    with widened("account", *(["order"] if is_whole else [])):
        rows = Order.objects.numbered(pk for pk in accounts if pk)
        known = rows.values_list("customer_id", "purchase_order")
        return frozenset((pk, purchase_order_key(number)) for pk, number in known)


def with_contract(deals: Collection[int]) -> frozenset[int]:
    """Those of the deals that have a signed contract, whoever put it there."""
    with widened("document"):
        rows = Document.objects.filter(subject=Comment.Subject.OPPORTUNITY, subject_id__in=list(deals))
        signed = rows.filter(kind=Document.Kind.CONTRACT, is_removed=False)
        return frozenset(signed.values_list("subject_id", flat=True))


def lacks_of(rows: Sequence[OrderRequest]) -> dict[int, list[Lack]]:
    """Why each of these waits, by its id."""
    kept = _kept(rows)
    typed = {row.pk: typed_of(row, kept.get(row.pk, ())) for row in rows}
    gate = Gate(list(typed.values()))
    return {pk: gate.lacks(one) for pk, one in typed.items()}


def _kept(rows: Sequence[OrderRequest]) -> dict[int, set[int]]:
    """The products that each may have although they are no longer sold: those of its deal and of what it renews."""
    offered = OpportunityLine.objects.filter(
        opportunity__in=[row.opportunity_id for row in rows if row.opportunity_id], is_removed=False
    ).values_list("opportunity_id", "product_id")
    by_deal: dict[int, set[int]] = {}
    for deal_id, product_id in offered:
        by_deal.setdefault(deal_id, set()).add(product_id)
    had = OrderLine.objects.filter(order__in=[row.renews_id for row in rows if row.renews_id])
    by_order: dict[int, set[int]] = {}
    for order_id, product_id in had.order_by().values_list("order_id", "product_id"):
        by_order.setdefault(order_id, set()).add(product_id)
    return {
        row.pk: by_deal.get(row.opportunity_id or 0, set()) | by_order.get(row.renews_id or 0, set())
        for row in rows
    }
