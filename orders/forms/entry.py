"""What is typed of an order's lines and of the people who share its credit."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from catalog.models import Product
from common.errors import Refused
from common.forms import LineField, MoneyField, ShareField, WholeField
from common.money import exponent
from common.selectors import currencies, today
from orders.models import SplitShare
from orders.rules import MOST_PURCHASE_ORDER
from orders.selectors.people import people_named, typed_name
from orders.services import LineInput, ShareInput
from pipeline.rules.lines import MOST_LINES, MOST_MONTHS, MOST_QUANTITY
from territories.models import User


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
    months = WholeField(label=_("Months"), least=1, most=MOST_MONTHS, required=False)
    renewed = MoneyField(label=_("Renewed"), required=False)
    origin = WholeField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        products: list[tuple[int, str]],
        currency: str,
        is_renewal: bool = False,
        is_new: bool = True,
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.fields["product"].choices = [("", _("no product")), *products]  # type: ignore[attr-defined]
        for name in ("amount", "renewed"):
            self.fields[name].currency = currency  # type: ignore[attr-defined]
        self.fields["amount"].widget.attrs["data-amount"] = ""
        if not is_renewal:
            del self.fields["renewed"]
        if is_new:
            del self.fields["origin"]
        else:
            self.fields["quantity"].least = 0  # type: ignore[attr-defined]  # a higher price alone has no units


class ShareForm(forms.Form):
    """One person's share of the credit."""

    person = PersonField(label=_("Person"), error_messages={"required": _("Say whose share this is.")})
    percent = SplitField(
        label=_("Share in percent"), error_messages={"required": _("Say how many percent this person gets.")}
    )


class OwnShareForm(ShareForm):
    """One person's share of the credit of one line alone, by the line's number; revenue, or overlay beside it."""

    kind = forms.ChoiceField(
        label=_("Kind"), choices=SplitShare.Kind.choices, initial=SplitShare.Kind.REVENUE, required=False
    )
    line = WholeField(
        label=_("Line"), least=1, most=MOST_LINES, error_messages={"required": _("Say of which line.")}
    )
    field_order = ("person", "percent", "line", "kind")

    def clean_kind(self) -> str:
        return self.cleaned_data["kind"] or SplitShare.Kind.REVENUE


class PeopleFormSet(forms.BaseFormSet):  # type: ignore[type-arg]
    """Shares whose people are looked up together."""

    def clean(self) -> None:
        find_people(self.forms, "person")


ROWS: Any = {"can_delete": True, "max_num": MOST_LINES, "absolute_max": MOST_LINES + 1, "validate_max": True}
LineFormSet = forms.formset_factory(LineForm, **ROWS)
ShareFormSet = forms.formset_factory(ShareForm, formset=PeopleFormSet, **ROWS)
OwnShareFormSet = forms.formset_factory(OwnShareForm, formset=PeopleFormSet, **ROWS)


NO_LINE = _("There is no line %(number)s. Lines count from the first one, also removed ones.")


class Shares:
    """How credit is shared: of all lines, of single ones, and beside them."""

    def __init__(self, data: Any, initial: Any) -> None:
        """Rows of single lines and of overlay may be left out whole, as from a page that has only the others."""
        if data is not None:
            data = data.copy()
            for name in ("own", "overlay"):
                data.setdefault(f"{name}-TOTAL_FORMS", "0")
                data.setdefault(f"{name}-INITIAL_FORMS", "0")
        self.shares = ShareFormSet(data, initial=initial.get("shares"), prefix="shares")
        self.own = OwnShareFormSet(data, initial=initial.get("own"), prefix="own")
        self.overlay = ShareFormSet(data, initial=initial.get("overlay"), prefix="overlay")

    def is_valid(self) -> bool:
        return all([self.shares.is_valid(), self.own.is_valid(), self.overlay.is_valid()])

    @property
    def common(self) -> list[ShareInput]:
        """Those of all lines, and the overlay."""
        overlay = SplitShare.Kind.OVERLAY
        return [
            *(ShareInput(row["person"], row["percent"]) for row in _rows(self.shares)),
            *(ShareInput(row["person"], row["percent"], overlay) for row in _rows(self.overlay)),
        ]

    def of_line(self, number: int) -> tuple[ShareInput, ...]:
        """Those of one line alone."""
        rows = (row for row in _rows(self.own) if row["line"] == number)
        return tuple(ShareInput(row["person"], row["percent"], row["kind"]) for row in rows)

    @property
    def is_more(self) -> bool:
        """Whether anything but a split of all lines is typed, or wrong."""
        beside = (self.own, self.overlay)
        return any(rows.initial or (rows.is_bound and rows.has_changed()) for rows in beside)

    def stray(self, numbers: Collection[int]) -> int | None:
        """A line that a share names and that is not among these, if any."""
        return next((row["line"] for row in _rows(self.own) if row["line"] not in numbers), None)


def rows_of(shares: Iterable[Any], people: Mapping[int, User]) -> dict[str, list[dict[str, Any]]]:
    """What the shares of all lines start with; each names a person, a weight and a kind."""
    found: dict[str, list[dict[str, Any]]] = {"shares": [], "overlay": []}
    for share in shares:
        row = {"person": typed_name(people[share.person_id]), "percent": share.weight}
        found["overlay" if share.kind == SplitShare.Kind.OVERLAY else "shares"].append(row)
    return found


COLUMNS = {"": "percent", "amount_minor": "amount", "renewed_minor": "renewed", "product_id": "product"}
"""The columns of rows by the names that acts give them; a split as a whole is refused at its first percentage."""


class LinesAndShares(forms.Form):
    """A form with lines and a split below it; both are part of what it starts with and of what it cleans to."""

    def terms(self) -> dict[str, Any]:
        """What the form's own fields clean to."""
        return dict(self.cleaned_data)

    def attach(
        self, currency: str, kept: Collection[int] = (), *, is_renewal: bool = False, is_new: bool = True
    ) -> None:
        """Give the form its rows; `kept` are products that may stay although they are no longer sold."""
        data = self.data if self.is_bound else None
        sold = Product.objects.filter(
            Q(retired_on=None, is_bundle=False) | Q(retired_on__gt=today(), is_bundle=False) | Q(pk__in=kept)
        ).values_list("pk", "name")
        options = {"products": list(sold), "currency": currency, "is_renewal": is_renewal, "is_new": is_new}
        lines = self.initial.get("lines")
        self.lines = LineFormSet(data, initial=lines, prefix="lines", form_kwargs=options)
        self.split = Shares(data, self.initial)
        self.order_currency, self.places = currency, exponent(currency)

    def clean(self) -> dict[str, Any]:
        cleaned = self.terms()
        if not self.lines.is_valid():
            self.add_error(None, _("Look at the lines: something there is missing or wrong."))
        if not self.split.is_valid():
            self.add_error(None, _("Look at the shares: something there is missing or wrong."))
        if self.errors:
            return cleaned
        shown = enumerate(self.lines.cleaned_data, 1)
        rows = {number: row for number, row in shown if row and not row["DELETE"]}
        lines = [self._line(number, row) for number, row in rows.items()]
        if not lines:
            self.add_error(None, _("Add at least one line: a product and an amount."))
        elif stray := self.split.stray(rows):
            self.add_error(None, NO_LINE % {"number": stray})
        shares = self.split.common
        is_usual = set(shares) == set(self.usual_shares(cleaned["booked_on"]))
        return {**cleaned, "lines": lines, "shares": [] if is_usual else shares}

    def field_at(self, path: str) -> forms.BoundField | None:
        """The field of a row by its path (`shares-0-percent`, or `lines.0.amount_minor` as acts name it), if any."""
        name, index, column = (*path.replace(".", "-").split("-"), "", "")[:3]
        rows: Any = {"lines": self.lines, "shares": self.split.shares}.get(name)
        if rows is None:
            return None
        if column == "shares":
            rows, index, column = self.split.own if _rows(self.split.own) else self.split.shares, "0", ""
        shown = [row for row in rows if not (row.is_bound and row.cleaned_data.get("DELETE"))]
        at, column = int(index or 0), COLUMNS.get(column, column)
        return shown[at][column] if at < len(shown) and column in shown[at].fields else None

    def mark(self, refused: Refused) -> None:
        """Say a refusal about a row beside its field, too."""
        if refused.path not in self.fields and (field := self.field_at(refused.path or "")):
            field.form.add_error(field.name, str(refused.message))
            self.refused_at = field

    def begin_at(self, name: str) -> None:
        """Have the page begin with the field that is to be mended, by its name as its id has it."""
        field = self[name] if name in self.fields else self.field_at(name)
        if field:
            field.field.widget.attrs["autofocus"] = True

    def _line(self, number: int, row: dict[str, Any]) -> LineInput:
        own = self.split.of_line(number), row.get("origin"), row.get("months")
        return LineInput(row["product"], row["quantity"], row["amount"], row.get("renewed") or 0, *own)

    def usual_shares(self, booked_on: date) -> list[ShareInput]:
        """Those that it takes without being told, if there are any: they need not be typed."""
        return []


def _rows(formset: Any) -> list[dict[str, Any]]:
    """What the rows clean to, without those that are empty or were removed."""
    return [row for row in formset.cleaned_data if row and not row["DELETE"]]


def chosen_currency(form: forms.Form) -> str:
    """Offer the currencies in use, and say which one is chosen: where none was, the first."""
    known = currencies()
    form.fields["currency"].choices = [(code, code) for code in known]  # type: ignore[attr-defined]
    chosen = (form.data if form.is_bound else form.initial).get("currency")
    return chosen if chosen in known else known[0]


class SecondOrder:
    """A form with a purchase order number. It asks whether this is a second order under it once that was refused."""

    def offer_second(self) -> None:
        label = _("This is a second order under the same purchase order")
        self.fields["is_second"] = forms.BooleanField(label=label, required=False, initial=False)  # type: ignore[attr-defined]

    @property
    def asks_second(self) -> bool:
        refusal = getattr(self, "refusal", None)
        is_said = bool(self.data.get("is_second"))  # type: ignore[attr-defined]
        return is_said or getattr(refusal, "code", "") == "purchase_order_taken"


def purchase_order_field(help_text: StrOrPromise) -> LineField:
    label = _("Purchase order")
    return LineField(label=label, max_length=MOST_PURCHASE_ORDER, required=False, help_text=help_text)
