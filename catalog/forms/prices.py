"""Price books, and what products cost in them from a day on."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.models import PriceBook, Product
from catalog.services.prices import MOST_TAX_PLACES, PriceInput
from common import locale
from common.errors import Refused
from common.forms import LineField, LocaleDateField, MoneyField, WrittenField, version_field
from common.selectors import currencies


class PercentField(WrittenField):
    """A percentage as the reader writes it; cleans to an exact number from 0 to 100."""

    def __init__(self, *, places: int, **options: Any) -> None:
        super().__init__(**options)
        self.places = places

    def write(self, value: Decimal) -> str:
        return locale.format_share(int(value.scaleb(6)))

    def read(self, text: str) -> Decimal:
        value = Decimal(locale.parse_units(text, self.places)).scaleb(-self.places)
        if not 0 <= value <= 100:
            raise Refused(_("This lies between 0 and 100 %."), code="percent_range")
        return value


class BookForm(forms.Form):
    """A price book of one currency."""

    name = LineField(label=_("Name"), max_length=80)
    currency = forms.ChoiceField(label=_("Currency"))
    is_usual = forms.BooleanField(
        label=_("Usual for its currency"),
        required=False,
        help_text=_(
            "Deals that choose no book take its prices. It takes the place of the book that was usual."
        ),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["currency"].choices = [(code, code) for code in currencies()]  # type: ignore[attr-defined]


class BookEditForm(forms.Form):
    """A book that somebody read at a version; its currency stays."""

    name = BookForm.base_fields["name"]
    is_usual = BookForm.base_fields["is_usual"]
    is_retired = forms.BooleanField(
        label=_("Retired"),
        required=False,
        help_text=_(
            "It takes no more prices and no deal chooses it any more. Deals keep the prices they have."
        ),
    )
    version = version_field()


class PriceForm(forms.Form):
    """What one product costs."""

    product = forms.IntegerField(widget=forms.HiddenInput)
    price = MoneyField(label=_("Price"), required=False)
    tax = PercentField(label=_("Tax in percent"), required=False, places=MOST_TAX_PLACES)

    def __init__(self, *args: Any, names: dict[int, str], currency: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["price"].currency = currency  # type: ignore[attr-defined]
        raw = self["product"].value()
        self.name = names.get(int(raw)) if str(raw or "").isdigit() else None
        for field in ("price", "tax"):
            self.fields[field].widget.attrs["aria-label"] = f"{self.fields[field].label}: {self.name or ''}"


PriceFormSet = forms.formset_factory(PriceForm, extra=0, max_num=51, absolute_max=51)


class PricesForm(forms.Form):
    """The prices of a page of products from a day on; only those that were changed are written."""

    version = version_field()
    starts_on = LocaleDateField(
        label=_("From"), help_text=_("Each holds until the product's next price begins.")
    )

    def __init__(
        self, data: Any = None, *, book: PriceBook, products: Sequence[Product], **options: Any
    ) -> None:
        super().__init__(data, **options)
        initial: list[dict[str, Any]] = [
            {"product": row.pk, "price": row.price_minor, "tax": row.tax}  # type: ignore[attr-defined]  # annotated
            for row in products
        ]
        names = {row.pk: row.name for row in products}
        self.rows = PriceFormSet(
            data, initial=initial, prefix="prices", form_kwargs={"names": names, "currency": book.currency}
        )

    def clean(self) -> dict[str, Any]:
        """As the service takes it. A tax stands beside a price."""
        if not self.rows.is_valid():
            self.add_error(None, _("Look at the prices below."))
            return self.cleaned_data
        changed = [row for row in self.rows if row.has_changed()]
        for row in changed:
            if row.cleaned_data["price"] is None and row.cleaned_data["tax"] is not None:
                row.add_error("price", _("Write the price that this tax is on."))
                self.add_error(None, _("Look at the prices below."))
        rows = [row.cleaned_data for row in changed]
        prices = [PriceInput(row["product"], row["price"], row["tax"]) for row in rows]
        if not prices and not self.errors:
            self.add_error(None, _("No price was changed."))
        return {**self.cleaned_data, "prices": prices}
