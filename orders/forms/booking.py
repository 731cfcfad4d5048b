"""Booking an order, renewing one, and sending back what awaits its booking."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import chain
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.models import BundlePart
from catalog.selectors.prices import Offer
from common.access import Reach
from common.forms import LineField, LocaleDateField, TextField, version_field
from common.policies import BOTH, PURCHASE_ORDER, REQUIRED, WHOLE
from common.selectors import policy, today
from orders.forms.entry import (
    LinesAndShares,
    PersonField,
    SecondOrder,
    chosen_currency,
    find_people,
    purchase_order_field,
    rows_of,
)
from orders.models import MOST_POINT, Order, OrderRequest
from orders.rules import MOST_ACCEPTED, MOST_ADDRESS, MOST_PURCHASE_ORDER, YEAR
from orders.selectors.awaiting import is_typed
from orders.selectors.gate import review_points
from orders.selectors.orders import Terms
from orders.selectors.people import typed_name
from orders.services import ShareInput
from orders.services.bookings import shares_of_deal
from orders.services.inputs import with_revenue
from pipeline.forms.accounts import AccountForm
from pipeline.models import Motion, Opportunity, OpportunityLine
from territories.models import User
from workspace.forms.own import OwnForm
from workspace.models import ListValue
from workspace.selectors.lists import offered


class PapersForm(forms.Form):
    """What the papers of an order say beside its purchase order."""

    contract_number = LineField(label=_("Contract number"), max_length=MOST_PURCHASE_ORDER, required=False)
    signed_on = LocaleDateField(label=_("Signed on"), required=False)
    bill_to = TextField(
        label=_("Bill to"), max_length=MOST_ADDRESS, required=False, widget=forms.Textarea({"rows": 2})
    )
    ship_to = TextField(
        label=_("Ship to"), max_length=MOST_ADDRESS, required=False, widget=forms.Textarea({"rows": 2})
    )


PAPERS = tuple(PapersForm.base_fields)


class BookingForm(SecondOrder, LinesAndShares, AccountForm, PapersForm):
    """Everything that books an order. With a deal, its account, currency and version are the order's."""

    account_is_new = None  # type: ignore[assignment]
    booked_on = LocaleDateField(label=_("Booking date"), help_text=_("When the customer committed."))
    purchase_order = purchase_order_field(_("The customer's own number, if it is there."))
    motion = forms.ChoiceField(
        label=_("Motion"), choices=Motion.choices, help_text=_("What kind of business this is.")
    )
    won_reason: forms.Field = LineField(label=_("Why it was won"), max_length=200, required=False)
    currency = forms.ChoiceField(label=_("Currency"), help_text=_("Of all amounts below."))
    owner_id = PersonField(
        label=_("Owner"), required=False, help_text=_("Empty: who owns the account's territory on that day.")
    )
    ticks = forms.TypedMultipleChoiceField(
        label=_("Contract review"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    accepted_because = LineField(
        label=_("Why this is accepted"),
        max_length=MOST_ACCEPTED,
        required=False,
        help_text=_("Kept with the order, with what is accepted."),
    )
    version = version_field()

    def __init__(
        self,
        data: Any = None,
        *,
        mine: Reach,
        deal: Opportunity | None,
        renews: Order | None = None,
        kept: OrderRequest | None = None,
        **options: Any,
    ) -> None:
        super().__init__(data, mine=mine, **options)
        self.deal, self.renews, self.kept = deal, renews, kept
        self.offer_second()
        self._offer_points()
        if policy("booking_asks") in (PURCHASE_ORDER, BOTH):
            self.fields["purchase_order"].help_text = _("Without it the order awaits its booking.")
        if kept:
            self.fields["version"].required = True
        if deal and deal.account_id:
            del self.fields["account"], self.fields["account_name"]
        if deal:
            del self.fields["currency"], self.fields["owner_id"]
            self._ask_why()
        else:
            del self.fields["won_reason"]
            if not kept:
                del self.fields["version"]
            if not mine.relations("order", "give") - {"own"}:
                del self.fields["owner_id"]
        if renews and not deal:
            del self.fields["currency"]  # it is that of the order which is renewed
        held = deal or renews
        currency = held.currency if held else chosen_currency(self)
        self.attach(currency, self._known(), is_renewal=renews is not None)

    def _offer_points(self) -> None:
        """The points of the contract review; which of them an order needs hangs on its motion, which is chosen here."""
        points = review_points()
        if not points:
            del self.fields["ticks"]
            return
        choices = [
            (point.pk, f"{point.text} ({point.get_motion_display()})" if point.motion else point.text)
            for point in points
        ]
        self.fields["ticks"].choices = choices  # type: ignore[attr-defined]

    def _known(self) -> set[int]:
        """The products on offer although they may not be sold any more: the deal or what is renewed has them."""
        typed = [row["product"] for row in self.initial.get("lines", ()) if "product" in row]
        held = [one.lines.values_list("product_id", flat=True) for one in (self.deal, self.renews) if one]
        return {*typed, *chain.from_iterable(held)}

    def _ask_why(self) -> None:
        """Why the deal was won: one of the reasons on offer, or any where none is."""
        if reasons := offered(ListValue.List.WON_REASON):
            choices = [("", _("Choose a reason")), *((reason, reason) for reason in reasons)]
            label = self.fields["won_reason"].label
            self.fields["won_reason"] = forms.ChoiceField(label=label, choices=choices, required=False)
        if policy("won_reason") == REQUIRED:
            self.fields["won_reason"].required = True
            self.fields["won_reason"].error_messages["required"] = _("Say why it was won.")

    @property
    def asks_acceptance(self) -> bool:
        """Whether a reason was asked for, or is said, for which an exception is accepted."""
        refusal = getattr(self, "refusal", None)
        return bool(self.data.get("accepted_because")) or getattr(refusal, "code", "") == "acceptance_missing"

    def usual_shares(self, booked_on: date) -> list[ShareInput]:
        """The deal's split of the booking date; none where shares were typed when it was won: these are named."""
        if self.deal is None or (self.deal.awaits_booking_since and is_typed(self.deal.pk)):
            return []
        return with_revenue(shares_of_deal(self.deal, booked_on), [], self.deal.owner_id)

    def terms(self) -> dict[str, Any]:
        """As the service takes it."""
        find_people([self], "owner_id")
        cleaned = AccountForm.clean(self) if "account" in self.fields else dict(self.cleaned_data)
        if self.renews:
            cleaned["renews_order_id"] = self.renews.pk
        if self.deal is None:
            kept = (
                {"request_id": self.kept.pk, "request_version": cleaned.pop("version")} if self.kept else {}
            )
            return {**cleaned, **kept, "currency": self.order_currency}
        deal = {"opportunity_id": self.deal.pk, "opportunity_version": cleaned.pop("version", None)}
        kept = {"account_id": self.deal.account_id} if self.deal.account_id else {}
        return {**cleaned, **deal, **kept}


def from_deal(deal: Opportunity, lines: Iterable[OpportunityLine]) -> dict[str, Any]:
    """What the booking of a deal starts with: its lines, or its amount in one of them, and the split of today."""
    rows: list[dict[str, Any]] = [
        {
            "product": row.product_id,
            "quantity": row.quantity,
            "amount": row.amount_minor,
            "months": row.term_months,
        }
        for row in lines
    ]
    if not rows and deal.amount_minor:
        rows = [{"quantity": 1, "amount": deal.amount_minor}]
    return {"motion": deal.motion, "version": deal.version, "lines": rows, **_shared(deal, today())}


def from_request(request: OrderRequest) -> dict[str, Any]:
    """What the booking of an order that awaits it starts with: all that was typed."""
    deal = request.opportunity
    lines = [
        {
            "product": row["product_id"],
            "quantity": row["quantity"],
            "amount": row["amount_minor"],
            "renewed": row.get("renewed_minor", 0),
            "months": row.get("term_months"),
        }
        for row in request.lines
    ]
    typed = {
        name: getattr(request, name) for name in ("booked_on", "purchase_order", "motion", "ticks", *PAPERS)
    }
    known: dict[str, Any] = {"version": request.version}
    if deal:
        known = {"won_reason": deal.won_reason, "version": deal.version}
    else:
        known |= {
            "currency": request.currency,
            "owner_id": typed_name(request.owner) if request.owner else "",
        }
    if deal is None or deal.account_id is None:
        known |= {"account": request.account_id, "account_name": request.account_name or ""}
    return {**typed, **known, "lines": lines, **_typed(request)}


def _typed(request: OrderRequest) -> dict[str, Any]:
    """The shares that were typed, else those of the deal."""
    own = [
        (number, ShareInput(**row))
        for number, line in enumerate(request.lines, 1)
        for row in line.get("shares", ())
    ]
    shares = [ShareInput(**row) for row in request.shares]
    people = User.objects.in_bulk({share.person_id for share in (*shares, *(one for _n, one in own))})
    named = [
        {"line": number, "person": typed_name(people[one.person_id]), "percent": one.weight, "kind": one.kind}
        for number, one in own
    ]
    deal = request.opportunity
    common = _shared(deal, request.booked_on) if deal and not shares else rows_of(shares, people)
    return {**common, "own": named}


def _shared(deal: Opportunity, day: date) -> dict[str, Any]:
    """How a booking of that day shares the credit of a deal where nobody says otherwise."""
    shares = with_revenue(shares_of_deal(deal, day), [], deal.owner_id)
    return dict(rows_of(shares, User.objects.in_bulk({share.person_id for share in shares})))


def renewing(order: Order, terms: Terms, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What the renewal of an order starts with: the rows of its deal, else its own lines at what is left of them; what
    it had of a product is renewed.
    """
    had = Counter[int]()
    for line, left in terms.left():
        had[line.product_id] += line.renewed_minor + left
    own: list[dict[str, Any]] = [
        {
            "product": line.product_id,
            "quantity": line.quantity,
            "amount": line.renewed_minor + left,
            "months": line.term_months,
        }
        for line, left in terms.left()
    ]
    is_whole = policy("renewals_count") == WHOLE
    lines = []
    for row in rows or own:
        renewed = 0 if is_whole else min(row.get("amount", 0), had[row.get("product", 0)])
        had[row.get("product", 0)] -= renewed
        lines.append({**row, "renewed": renewed})
    return {"currency": order.currency, "motion": Motion.RENEWAL, "lines": lines}


def repeating(order: Order, terms: Terms) -> dict[str, Any]:
    """What an order starts with that is another one again: its account, currency, motion, lines and split."""
    lines = [
        {
            "product": line.product_id,
            "quantity": line.quantity or 1,
            "amount": line.renewed_minor + left,
            "months": line.term_months,
        }
        for line, left in terms.left()
    ]
    people = User.objects.in_bulk({share.person_id for share in terms.shares})
    facts = {
        "currency": order.currency,
        "motion": order.motion,
        "bill_to": order.bill_to,
        "ship_to": order.ship_to,
    }
    return {**facts, "lines": lines, **rows_of(terms.shares, people)}


def from_bundle(parts: Iterable[BundlePart], prices: Mapping[int, Offer]) -> dict[str, Any]:
    """The lines of an order for a bundle: its parts, each at its price where it has one; what recurs for a year."""
    lines = []
    for part in parts:
        offer, months = prices.get(part.product_id), YEAR if part.product.is_recurring else None
        price = {"amount": offer.price_minor * part.quantity * (months or 1)} if offer else {}
        lines.append({"product": part.product_id, "quantity": part.quantity, "months": months, **price})
    return {"lines": lines}


class CommentForm(forms.Form):
    """Why an order that is not booked is given up; whoever entered it need not say."""

    comment = TextField(
        label=_("Why"),
        max_length=500,
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("Whoever entered it is told."),
        error_messages={"required": _("Say why; whoever entered it is told.")},
    )
    version = version_field()

    def __init__(self, *args: Any, is_own: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["comment"].required = not is_own
        if is_own:
            self.fields["comment"].help_text = ""


class PointForm(forms.Form):
    """Something that is looked at before orders are booked."""

    text = LineField(label=_("What is looked at"), max_length=MOST_POINT)
    motion = forms.ChoiceField(
        label=_("Of orders"), choices=[("", _("of every motion")), *Motion.choices], required=False
    )


class RemovePointForm(forms.Form):
    """A point that is looked at no more, as it was read."""

    version = version_field()


class SendBackForm(forms.Form):
    """Why an order that awaits its booking goes back to who sold it."""

    comment = TextField(
        label=_("What is missing or wrong"),
        max_length=500,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("The owner is told."),
    )
    version = version_field()


class PurchaseOrderForm(SecondOrder, PapersForm, OwnForm):
    """What is noted on an order: what its papers say, and the company's own fields."""

    own_subject = "order"
    besides = ("own", "currency")
    purchase_order = purchase_order_field(_("The customer's own number. Empty: the order waits for it."))
    version = version_field()
    field_order = ("purchase_order", *PAPERS)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.offer_second()

    def usual(self) -> list[forms.BoundField]:
        """The fields that are always shown, and the question once it came up."""
        return [field for field in super().usual() if field.name != "is_second" or self.asks_second]
