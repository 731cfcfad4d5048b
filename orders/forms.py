"""Forms of orders: booking, taking back, putting right, opening entries; and what the ledger is narrowed by."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.models import Family, Product
from common import locale
from common.access import Reach
from common.errors import Refused
from common.forms import LineField, LocaleDateField, MoneyField, WholeField, version_field
from common.money import WHOLE_SHARE
from common.selectors import currencies
from orders.models import Credit, Order, OrderLine
from orders.selectors import OrderDetail, ShareRow, people_named, percent_text, typed_name
from orders.services import LineInput, OpeningInput, ShareInput
from pipeline.forms.accounts import AccountForm
from pipeline.models import Motion, Opportunity
from territories.models import User


class PersonField(forms.CharField):
    """A person by name or e-mail address, suggested from a list on the page or not; cleans to their id."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=254, **options)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"list": "people", "autocomplete": "off"}

    def prepare_value(self, value: Any) -> Any:
        return typed_name(value) if isinstance(value, User) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return str(self.prepare_value(initial) or "") != str(data or "").strip()

    def clean(self, value: Any) -> Any:
        text = " ".join((super().clean(value) or "").split())
        if not text:
            return None
        found = people_named(text)
        if not found:
            raise forms.ValidationError(
                _("There is nobody of that name or e-mail address."), code="unknown_person"
            )
        if len(found) > 1:
            message = _("Several people have this name. Write the e-mail address.")
            raise forms.ValidationError(message, code="several_people")
        return found[0].pk


class ShareField(forms.Field):
    """A percentage as the reader writes it, with up to six decimals; cleans to millionths of a percent."""

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"inputmode": "decimal", "autocomplete": "off", "class": "num", "data-amount": ""}

    def prepare_value(self, value: Any) -> Any:
        return percent_text(value) if isinstance(value, int) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return str(self.prepare_value(initial) or "") != str(data or "").strip()

    def to_python(self, value: Any) -> int | None:
        text = (value or "").strip()
        if not text:
            return None
        try:
            weight = int(locale.parse_decimal(text, 6).scaleb(6))
        except Refused as refused:
            raise forms.ValidationError(str(refused.message), code="share_format") from refused
        if not 0 <= weight <= WHOLE_SHARE:
            raise forms.ValidationError(_("A share lies between 0 and 100 %."), code="share_range")
        return weight


class LineForm(forms.Form):
    """One line of an order: a product, how many, for how much in all."""

    product = forms.TypedChoiceField(
        label=_("Product"), coerce=int, error_messages={"required": _("Say which product this is.")}
    )
    quantity = WholeField(
        label=_("Quantity"), least=1, most=1_000_000, error_messages={"required": _("Say how many.")}
    )
    amount = MoneyField(
        label=_("Amount"), error_messages={"required": _("Say how much this line is worth; 0 is allowed.")}
    )

    def __init__(self, *args: Any, products: list[tuple[int, str]], currency: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["product"].choices = [("", _("no product")), *products]  # type: ignore[attr-defined]
        self.fields["amount"].currency = currency  # type: ignore[attr-defined]
        self.fields["amount"].widget.attrs["data-amount"] = ""

    def line(self) -> LineInput | None:
        """The line as the service takes it, or None where it is empty or was removed."""
        values = self.cleaned_data
        if "product" not in values or values.get("DELETE"):
            return None
        return LineInput(values["product"], values["quantity"], values["amount"])


class ShareForm(forms.Form):
    """One person's share of the credit."""

    person = PersonField(label=_("Person"), error_messages={"required": _("Say whose share this is.")})
    percent = ShareField(
        label=_("Share in percent"), error_messages={"required": _("Say how many percent this person gets.")}
    )

    def share(self) -> ShareInput | None:
        """The share as the service takes it, or None where it is empty or was removed."""
        values = self.cleaned_data
        if "person" not in values or values.get("DELETE"):
            return None
        return ShareInput(values["person"], values["percent"])


FORMS: dict[str, Any] = {
    "extra": 2,
    "can_delete": True,
    "max_num": 100,
    "absolute_max": 101,
    "validate_max": True,
}
LineFormSet = forms.formset_factory(LineForm, **FORMS)
ShareFormSet = forms.formset_factory(ShareForm, **FORMS)


class LinesAndShares(forms.Form):
    """A form with lines and a split below it; both are part of what it cleans to."""

    def terms(self) -> dict[str, Any]:
        """What the form's own fields clean to."""
        return dict(self.cleaned_data)

    def attach(
        self,
        lines: Sequence[dict[str, Any]],
        shares: Sequence[dict[str, Any]],
        currency: str,
        kept: Sequence[int] = (),
    ) -> None:
        """Give the form its rows; `kept` are products that may stay although they are no longer sold."""
        data = self.data if self.is_bound else None
        sold = Product.objects.filter(Q(is_sold=True) | Q(pk__in=kept)).values_list("pk", "name")
        options = {"products": list(sold), "currency": currency}
        self.lines = LineFormSet(data, initial=list(lines), prefix="lines", form_kwargs=options)
        self.shares = ShareFormSet(data, initial=list(shares), prefix="shares")
        self.order_currency, self.places = currency, locale.exponent(currency)

    def clean(self) -> dict[str, Any]:
        cleaned = self.terms()
        if not self.lines.is_valid():
            self.add_error(None, _("Look at the lines: something there is missing or wrong."))
        if not self.shares.is_valid():
            self.add_error(None, _("Look at the shares: something there is missing or wrong."))
        if self.errors:
            return cleaned
        cleaned["lines"] = [line for form in self.lines if (line := form.line())]
        cleaned["shares"] = [share for form in self.shares if (share := form.share())]
        if not cleaned["lines"]:
            self.add_error(None, _("Add at least one line: a product and an amount."))
        return cleaned


class BookingForm(LinesAndShares, AccountForm):
    """Everything that books an order. With a deal, its account, currency and version are the order's."""

    booked_on = LocaleDateField(label=_("Booking date"), help_text=_("When the customer committed."))
    purchase_order = LineField(
        label=_("Purchase order"),
        max_length=80,
        required=False,
        help_text=_("The customer's own number, if it is there."),
    )
    motion = forms.ChoiceField(
        label=_("Motion"), choices=Motion.choices, help_text=_("What kind of business this is.")
    )
    currency = forms.ChoiceField(label=_("Currency"), help_text=_("Of all amounts below."))
    owner_id = PersonField(
        label=_("Owner"), required=False, help_text=_("Empty: who owns the account's territory on that day.")
    )
    version = version_field()

    def __init__(
        self,
        data: Any = None,
        *,
        mine: Reach,
        deal: Opportunity | None,
        lines: Sequence[Any] = (),
        **options: Any,
    ) -> None:
        super().__init__(data, mine=mine, **options)
        self.deal, self.may_create = deal, False
        del self.fields["account_is_new"]
        if deal and deal.account_id:
            del self.fields["account"], self.fields["account_name"]
        if deal:
            del self.fields["currency"], self.fields["owner_id"]
        else:
            del self.fields["version"]
            self._offer_currencies()
            if not mine.relations("order", "create") - {"own"}:
                del self.fields["owner_id"]
        self.attach(_from_deal(deal, lines), _owner_share(deal), self._currency())

    def _offer_currencies(self) -> None:
        self.fields["currency"].choices = [(code, code) for code in currencies()]  # type: ignore[attr-defined]

    def _currency(self) -> str:
        if self.deal:
            return self.deal.currency
        known = currencies()
        chosen = str(self.data.get("currency", known[0])) if self.is_bound else known[0]
        return chosen if chosen in known else known[0]

    def terms(self) -> dict[str, Any]:
        """As the service takes it."""
        cleaned = AccountForm.clean(self) if "account" in self.fields else dict(self.cleaned_data)
        if self.deal is None:
            return cleaned if "owner_id" in self.fields else {**cleaned, "owner_id": self.mine.user_id}
        deal = {"opportunity_id": self.deal.pk, "opportunity_version": cleaned.pop("version", None)}
        kept = {"account_id": self.deal.account_id} if self.deal.account_id else {}
        return {**cleaned, **deal, **kept, "currency": self.deal.currency}


def _from_deal(deal: Opportunity | None, lines: Sequence[Any]) -> list[dict[str, Any]]:
    if lines:
        return [
            {"product": row.product_id, "quantity": row.quantity, "amount": row.amount_minor} for row in lines
        ]
    return [{"quantity": 1, "amount": deal.amount_minor}] if deal and deal.amount_minor else []


def _owner_share(deal: Opportunity | None) -> list[dict[str, Any]]:
    return [{"person": deal.owner, "percent": WHOLE_SHARE}] if deal else []


class PurchaseOrderForm(forms.Form):
    """The customer's own number of an order."""

    purchase_order = LineField(
        label=_("Purchase order"),
        max_length=80,
        required=False,
        help_text=_("The customer's own number. Empty: the order waits for it."),
    )
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

    def __init__(self, data: Any = None, *, detail: OrderDetail, **options: Any) -> None:
        super().__init__(data, **options)
        lines = [_line_initial(line, left) for line, left in detail.left()]
        shares = [_share_initial(share) for share in detail.shares]
        self.attach(lines, shares, detail.order.currency, [line.product_id for line in detail.lines])


def _line_initial(line: OrderLine, left: int) -> dict[str, Any]:
    return {"product": line.product_id, "quantity": line.quantity, "amount": left}


def _share_initial(share: ShareRow) -> dict[str, Any]:
    return {"person": share.person, "percent": share.weight}


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
        known = currencies()
        self.fields["currency"].choices = [(code, code) for code in known]  # type: ignore[attr-defined]
        self.fields["family_id"].choices = list(Family.objects.values_list("pk", "name"))  # type: ignore[attr-defined]
        chosen = str(self.data.get("currency", known[0])) if self.is_bound else known[0]
        self.fields["amount_minor"].currency = chosen if chosen in known else known[0]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """As the service takes it: one entry."""
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


class CreditFilterForm(forms.Form):
    """What the list of credits is narrowed by; a person and a node come from the figure that was clicked."""

    person = forms.CharField(required=False, widget=forms.HiddenInput)
    node = forms.CharField(required=False, widget=forms.HiddenInput)
    alone = forms.CharField(required=False, widget=forms.HiddenInput)
    days = forms.CharField(required=False, widget=forms.HiddenInput)
    period = forms.ChoiceField(label=_("Period"), required=False)
    family = forms.ChoiceField(label=_("Product family"), required=False)
    kind = forms.ChoiceField(
        label=_("Kind"), choices=[("intake", _("all order intake")), *Credit.Kind.choices], required=False
    )
    place = forms.ChoiceField(
        label=_("Place"), choices=[("", _("all")), ("out", _("out of territory"))], required=False
    )
    basis = forms.ChoiceField(
        label=_("Basis"),
        choices=[("seat", _("by the seller's seat")), ("territory", _("by the account's territory"))],
    )

    def __init__(self, *, periods: Sequence[str], **options: Any) -> None:
        super().__init__(**options)
        families = [(str(pk), name) for pk, name in Family.objects.values_list("pk", "name")]
        self.fields["period"].choices = [(code, code) for code in periods]  # type: ignore[attr-defined]
        self.fields["family"].choices = [("", _("all")), *families]  # type: ignore[attr-defined]
        if not self.initial.get("node"):
            del self.fields["basis"]
