"""Forms of orders: booking, taking back, putting right, opening entries; and what the ledger is narrowed by."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from catalog.models import Family, Product
from common.access import Reach
from common.forms import (
    LineField,
    LocaleDateField,
    MoneyField,
    ShareField,
    TextField,
    WholeField,
    version_field,
)
from common.money import exponent
from common.policies import BOTH, PURCHASE_ORDER, REQUIRED
from common.selectors import currencies, policy, today
from orders.models import Basis, Credit, Order, OrderRequest
from orders.rules import MOST_PURCHASE_ORDER
from orders.selectors.awaiting import typed_shares
from orders.selectors.orders import Terms
from orders.selectors.people import people_named, typed_name
from orders.services import LineInput, OpeningInput, ShareInput
from pipeline.forms.accounts import AccountForm
from pipeline.models import Motion, Opportunity, OpportunityLine
from pipeline.rules.lines import MOST_LINES, MOST_QUANTITY
from pipeline.selectors.team import split_on
from territories.models import User
from workspace.forms.own import OwnFilterForm, OwnForm
from workspace.models import ListValue
from workspace.selectors.lists import offered


class PersonField(forms.CharField):
    """A person by name or e-mail address, suggested from a list on the page or not; `find_people` makes ids of them."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=254, empty_value=None, **options)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"list": "people", "autocomplete": "off"}

    def clean(self, value: Any) -> str | None:
        return " ".join((super().clean(value) or "").split()) or None


def find_people(forms_of: Iterable[forms.Form], name: str) -> None:
    """Put the ids of the people into the field `name` of these forms, or say beside it that nobody was found."""
    typed = {form: form.cleaned_data[name] for form in forms_of if form.cleaned_data.get(name)}
    found = people_named(typed.values())
    for form, text in typed.items():
        ids = found[text.lower()]
        if len(ids) == 1:
            form.cleaned_data[name] = ids[0]
        else:
            several = _("Several people have this name. Write the e-mail address."), "several_people"
            nobody = _("There is nobody of that name or e-mail address."), "unknown_person"
            message, code = several if ids else nobody
            form.add_error(name, forms.ValidationError(message, code=code))


class SplitField(ShareField):
    """A person's share of the credit, which the page adds up while it is typed."""

    attrs = {**ShareField.attrs, "data-amount": ""}


class LineForm(forms.Form):
    """One line of an order: a product, how many, for how much in all."""

    product = forms.TypedChoiceField(
        label=_("Product"), coerce=int, error_messages={"required": _("Say which product this is.")}
    )
    quantity = WholeField(
        label=_("Quantity"), least=1, most=MOST_QUANTITY, error_messages={"required": _("Say how many.")}
    )
    amount = MoneyField(
        label=_("Amount"), error_messages={"required": _("Say how much this line is worth; 0 is allowed.")}
    )

    def __init__(self, *args: Any, products: list[tuple[int, str]], currency: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["product"].choices = [("", _("no product")), *products]  # type: ignore[attr-defined]
        self.fields["amount"].currency = currency  # type: ignore[attr-defined]
        self.fields["amount"].widget.attrs["data-amount"] = ""


class ShareForm(forms.Form):
    """One person's share of the credit."""

    person = PersonField(label=_("Person"), error_messages={"required": _("Say whose share this is.")})
    percent = SplitField(
        label=_("Share in percent"), error_messages={"required": _("Say how many percent this person gets.")}
    )


class PeopleFormSet(forms.BaseFormSet):  # type: ignore[type-arg]
    """Shares whose people are looked up together."""

    def clean(self) -> None:
        find_people(self.forms, "person")


ROWS: Any = {"can_delete": True, "max_num": MOST_LINES, "absolute_max": MOST_LINES + 1, "validate_max": True}
LineFormSet = forms.formset_factory(LineForm, **ROWS)
ShareFormSet = forms.formset_factory(ShareForm, formset=PeopleFormSet, **ROWS)


class LinesAndShares(forms.Form):
    """A form with lines and a split below it; both are part of what it starts with and of what it cleans to."""

    def terms(self) -> dict[str, Any]:
        """What the form's own fields clean to."""
        return dict(self.cleaned_data)

    def attach(self, currency: str, kept: Collection[int] = ()) -> None:
        """Give the form its rows; `kept` are products that may stay although they are no longer sold."""
        data = self.data if self.is_bound else None
        sold = Product.objects.filter(
            Q(retired_on=None, is_bundle=False) | Q(retired_on__gt=today(), is_bundle=False) | Q(pk__in=kept)
        ).values_list("pk", "name")
        options = {"products": list(sold), "currency": currency}
        lines, shares = self.initial.get("lines"), self.initial.get("shares")
        self.lines = LineFormSet(data, initial=lines, prefix="lines", form_kwargs=options)
        self.shares = ShareFormSet(data, initial=shares, prefix="shares")
        self.order_currency, self.places = currency, exponent(currency)

    def clean(self) -> dict[str, Any]:
        cleaned = self.terms()
        if not self.lines.is_valid():
            self.add_error(None, _("Look at the lines: something there is missing or wrong."))
        if not self.shares.is_valid():
            self.add_error(None, _("Look at the shares: something there is missing or wrong."))
        if self.errors:
            return cleaned
        lines = [LineInput(row["product"], row["quantity"], row["amount"]) for row in _rows(self.lines)]
        if not lines:
            self.add_error(None, _("Add at least one line: a product and an amount."))
        shares = [ShareInput(row["person"], row["percent"]) for row in _rows(self.shares)]
        is_usual = set(shares) == set(self.usual_shares(cleaned["booked_on"]))
        return {**cleaned, "lines": lines, "shares": [] if is_usual else shares}

    def usual_shares(self, booked_on: date) -> list[ShareInput]:
        """Those that it takes without being told, if there are any: they need not be typed."""
        return []


def _rows(formset: Any) -> list[dict[str, Any]]:
    """What the rows clean to, without those that are empty or were removed."""
    return [row for row in formset.cleaned_data if row and not row["DELETE"]]


def _chosen_currency(form: forms.Form) -> str:
    """Offer the currencies in use, and say which one is chosen: where none was, the first."""
    known = currencies()
    form.fields["currency"].choices = [(code, code) for code in known]  # type: ignore[attr-defined]
    chosen = form.data.get("currency")
    return chosen if chosen in known else known[0]


def _purchase_order_field(help_text: StrOrPromise) -> LineField:
    label = _("Purchase order")
    return LineField(label=label, max_length=MOST_PURCHASE_ORDER, required=False, help_text=help_text)


class BookingForm(LinesAndShares, AccountForm):
    """Everything that books an order. With a deal, its account, currency and version are the order's."""

    account_is_new = None  # type: ignore[assignment]
    booked_on = LocaleDateField(label=_("Booking date"), help_text=_("When the customer committed."))
    purchase_order = _purchase_order_field(_("The customer's own number, if it is there."))
    motion = forms.ChoiceField(
        label=_("Motion"), choices=Motion.choices, help_text=_("What kind of business this is.")
    )
    won_reason: forms.Field = LineField(label=_("Why it was won"), max_length=200, required=False)
    currency = forms.ChoiceField(label=_("Currency"), help_text=_("Of all amounts below."))
    owner_id = PersonField(
        label=_("Owner"), required=False, help_text=_("Empty: who owns the account's territory on that day.")
    )
    version = version_field()

    def __init__(self, data: Any = None, *, mine: Reach, deal: Opportunity | None, **options: Any) -> None:
        super().__init__(data, mine=mine, **options)
        self.deal = deal
        if deal and deal.account_id:
            del self.fields["account"], self.fields["account_name"]
        if deal:
            del self.fields["currency"], self.fields["owner_id"]
            self._ask_why()
        else:
            del self.fields["version"], self.fields["won_reason"]
            if not mine.relations("order", "give") - {"own"}:
                del self.fields["owner_id"]
        kept = [row["product"] for row in self.initial.get("lines", ()) if "product" in row]
        self.attach(deal.currency if deal else _chosen_currency(self), kept)

    def _ask_why(self) -> None:
        """Why the deal was won: one of the reasons on offer, or any where none is."""
        if reasons := offered(ListValue.List.WON_REASON):
            choices = [("", _("Choose a reason")), *((reason, reason) for reason in reasons)]
            label = self.fields["won_reason"].label
            self.fields["won_reason"] = forms.ChoiceField(label=label, choices=choices, required=False)
        if policy("won_reason") == REQUIRED:
            self.fields["won_reason"].required = True
            self.fields["won_reason"].error_messages["required"] = _("Say why it was won.")
        if policy("booking_asks") in (PURCHASE_ORDER, BOTH):
            self.fields["purchase_order"].help_text = _("Without it the order awaits its booking.")

    def usual_shares(self, booked_on: date) -> list[ShareInput]:
        """The deal's split of the booking date; none where shares were typed when it was won: these are named."""
        if self.deal is None or (self.deal.awaits_booking_since and typed_shares(self.deal.pk)):
            return []
        return [ShareInput(*share) for share in split_on(self.deal, booked_on).items()]

    def terms(self) -> dict[str, Any]:
        """As the service takes it."""
        find_people([self], "owner_id")
        cleaned = AccountForm.clean(self) if "account" in self.fields else dict(self.cleaned_data)
        if self.deal is None:
            return cleaned
        deal = {"opportunity_id": self.deal.pk, "opportunity_version": cleaned.pop("version", None)}
        kept = {"account_id": self.deal.account_id} if self.deal.account_id else {}
        return {**cleaned, **deal, **kept}


def from_deal(deal: Opportunity, lines: Iterable[OpportunityLine]) -> dict[str, Any]:
    """What the booking of a deal starts with: its lines, or its amount in one of them, and the split of today."""
    rows: list[dict[str, Any]] = [
        {"product": row.product_id, "quantity": row.quantity, "amount": row.amount_minor} for row in lines
    ]
    if not rows and deal.amount_minor:
        rows = [{"quantity": 1, "amount": deal.amount_minor}]
    split = split_on(deal, today())
    people = User.objects.in_bulk(split)
    shares = [{"person": typed_name(people[pk]), "percent": weight} for pk, weight in split.items()]
    return {"motion": deal.motion, "version": deal.version, "lines": rows, "shares": shares}


def from_request(request: OrderRequest) -> dict[str, Any]:
    """What the booking of a won deal that awaits it starts with: all that was typed when it was won."""
    deal = request.opportunity
    split = {row["person_id"]: row["weight"] for row in request.shares} or split_on(deal, request.booked_on)
    people = User.objects.in_bulk(split)
    lines = [
        {"product": row["product_id"], "quantity": row["quantity"], "amount": row["amount_minor"]}
        for row in request.lines
    ]
    shares = [{"person": typed_name(people[pk]), "percent": weight} for pk, weight in split.items()]
    typed = {name: getattr(request, name) for name in ("booked_on", "purchase_order", "motion")}
    known: dict[str, Any] = {"won_reason": deal.won_reason, "version": deal.version}
    if deal.account_id is None:
        known |= {"account": request.account_id, "account_name": request.account.name}
    return {**typed, **known, "lines": lines, "shares": shares}


class SendBackForm(forms.Form):
    """Why an order that awaits its booking goes back to who sold it."""

    comment = TextField(
        label=_("What is missing or wrong"),
        max_length=500,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("The owner is told."),
    )
    version = version_field()


class PurchaseOrderForm(OwnForm):
    """What is noted on an order: the customer's own number, and the company's own fields."""

    own_subject = "order"
    besides = ("own", "currency")
    purchase_order = _purchase_order_field(_("The customer's own number. Empty: the order waits for it."))
    version = version_field()


class CancelForm(forms.Form):
    """Taking back an order, or a part of it."""

    booked_on = LocaleDateField(
        label=_("Date of the cancellation"), help_text=_("It counts in the period of this day.")
    )
    amount_minor = MoneyField(
        label=_("Amount to take back"), required=False, help_text=_("Empty: all that is left.")
    )
    reason = LineField(label=_("Reason"), max_length=200)
    version = version_field()

    def __init__(self, data: Any = None, *, currency: str, **options: Any) -> None:
        super().__init__(data, **options)
        self.fields["amount_minor"].currency = currency  # type: ignore[attr-defined]


class CorrectForm(LinesAndShares):
    """Putting an order right: the lines and the split as they should be."""

    booked_on = LocaleDateField(
        label=_("Date of the correction"), help_text=_("It counts in the period of this day.")
    )
    reason = LineField(label=_("Reason"), max_length=200)
    version = version_field()

    def __init__(self, data: Any = None, *, terms: Terms, **options: Any) -> None:
        super().__init__(data, **options)
        self.attach(terms.order.currency, kept=[line.product_id for line in terms.lines])


def from_terms(terms: Terms) -> dict[str, Any]:
    """What a correction starts with: what is left of each line, and the split."""
    return {
        "version": terms.order.version,
        "lines": [
            {"product": line.product_id, "quantity": line.quantity, "amount": left}
            for line, left in terms.left()
        ],
        "shares": [{"person": typed_name(share.person), "percent": share.weight} for share in terms.shares],
    }


class OpeningForm(forms.Form):
    """One person's order intake with one family before the product was in use."""

    person_id = PersonField(label=_("Person"))
    booked_on = LocaleDateField(label=_("Day"), help_text=_("It decides the month, the seat and the rate."))
    family_id = forms.TypedChoiceField(label=_("Product family"), coerce=int)
    amount_minor = MoneyField(
        label=_("Amount"),
        allow_negative=True,
        help_text=_("To take an entry back, post it again with a minus."),
    )
    currency = forms.ChoiceField(label=_("Currency"))
    motion = forms.ChoiceField(label=_("Motion"), choices=Motion.choices)
    is_new_business = forms.BooleanField(label=_("The customers were new"), required=False)
    source = LineField(
        label=_("Source"),
        max_length=200,
        help_text=_("Where the figure comes from: a file and its line, a report."),
    )

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        self.fields["family_id"].choices = list(Family.objects.values_list("pk", "name"))  # type: ignore[attr-defined]
        self.fields["amount_minor"].currency = _chosen_currency(self)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """As the service takes it: one entry."""
        find_people([self], "person_id")
        return self.cleaned_data if self.errors else {"entries": [OpeningInput(**self.cleaned_data)]}


class OrderFilterForm(forms.Form):
    """What the list of orders is narrowed by."""

    q = forms.CharField(label=_("Number, purchase order or account"), required=False)
    state = forms.ChoiceField(
        label=_("State"), choices=[("", _("all")), *Order.State.choices], required=False
    )
    waiting = forms.ChoiceField(
        label=_("Waiting"), choices=[("", _("all")), ("1", _("without purchase order"))], required=False
    )

    def __init__(self, query: dict[str, str], mine: Reach) -> None:
        super().__init__(initial=query)
        self.own = OwnFilterForm(query, mine, "order")


class CreditFilterForm(forms.Form):
    """What the list of credits is narrowed by; a person and a node come from the figure that was clicked."""

    person = forms.CharField(required=False, widget=forms.HiddenInput)
    node = forms.CharField(required=False, widget=forms.HiddenInput)
    alone = forms.CharField(required=False, widget=forms.HiddenInput)
    days = forms.CharField(required=False, widget=forms.HiddenInput)
    tree = forms.CharField(required=False, widget=forms.HiddenInput)
    period = forms.ChoiceField(label=_("Period"), required=False)
    family = forms.ChoiceField(label=_("Product family"), required=False)
    kind = forms.ChoiceField(
        label=_("Kind"), choices=[("intake", _("all order intake")), *Credit.Kind.choices], required=False
    )
    place = forms.ChoiceField(
        label=_("Place"), choices=[("", _("all")), ("out", _("out of territory"))], required=False
    )
    basis = forms.ChoiceField(label=_("Basis"), choices=Basis.choices)

    def __init__(self, *, periods: Sequence[str], **options: Any) -> None:
        super().__init__(**options)
        families = [(str(pk), name) for pk, name in Family.objects.values_list("pk", "name")]
        self.fields["period"].choices = [(code, code) for code in periods]  # type: ignore[attr-defined]
        self.fields["family"].choices = [("", _("all")), *families]  # type: ignore[attr-defined]
        if not self.initial.get("node"):
            del self.fields["basis"]
