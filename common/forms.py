"""Fields that take text, amounts, days and whole numbers as a reader writes them, and both versions of a stale form."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import available_timezones

from babel import Locale
from babel.core import get_global
from django import forms
from django.utils.dates import MONTHS
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from common import locale
from common.errors import Refused
from common.models import Rate
from common.text import checked_text


class LineField(forms.CharField):
    """Text on one line, composed, without unseen characters: what the API takes."""

    is_long = False

    def to_python(self, value: Any) -> str:
        try:
            return checked_text(super().to_python(value) or "", is_long=self.is_long)
        except Refused as refused:
            raise _invalid(refused) from refused


class TextField(LineField):
    """Text that may have several lines."""

    widget = forms.Textarea
    is_long = True


class EmailField(LineField, forms.EmailField):
    """An e-mail address."""


class MoneyField(forms.Field):
    """An amount typed in the reader's style; cleans to whole minor units of `currency`.

    A form whose currency is chosen beside the amount sets `currency` in its `__init__`.
    """

    widget = forms.TextInput

    def __init__(self, *, currency: str = "USD", allow_negative: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.currency, self.allow_negative = currency, allow_negative

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"inputmode": "decimal", "autocomplete": "off", "class": "num"}

    def prepare_value(self, value: Any) -> Any:
        return locale.format_amount(value, self.currency) if isinstance(value, int) else value

    def to_python(self, value: Any) -> int | None:
        text = (value or "").strip()
        if not text:
            return None
        try:
            minor = locale.parse_amount(text, self.currency)
        except Refused as refused:
            raise _invalid(refused) from refused
        if text[0] in "-\u2212" and not self.allow_negative:
            raise forms.ValidationError(_("This can't be below zero."), code="negative")
        return minor

    def has_changed(self, initial: Any, data: Any) -> bool:
        return str(self.prepare_value(initial) or "") != str(data or "").strip()


class RateField(forms.Field):
    """An exchange rate typed in the reader's style, exact to ten decimals."""

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"inputmode": "decimal", "autocomplete": "off", "class": "num"}

    def to_python(self, value: Any) -> Decimal | None:
        text = (value or "").strip()
        if not text:
            return None
        try:
            return locale.parse_decimal(text, 10)
        except Refused as refused:
            raise _invalid(refused) from refused


class LocaleDateField(forms.Field):
    """A day: picked in the browser's own calendar, or typed in the reader's short style or as year-month-day."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"widget": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), **options})

    def prepare_value(self, value: Any) -> Any:
        return value.isoformat() if isinstance(value, date) else value

    def to_python(self, value: Any) -> date | None:
        text = (value or "").strip() if not isinstance(value, date) else value.isoformat()
        if not text:
            return None
        try:
            return locale.parse_date(text)
        except Refused as refused:
            raise _invalid(refused) from refused

    def has_changed(self, initial: Any, data: Any) -> bool:
        return str(self.prepare_value(initial) or "") != str(data or "").strip()


class WholeField(forms.CharField):
    """A whole number in plain digits, such as a quantity or the version of a row."""

    def __init__(self, *, least: int = 0, most: int = 2_147_483_647, **options: Any) -> None:
        super().__init__(**options)
        self.least, self.most = least, most

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {} if widget.is_hidden else {"inputmode": "numeric", "autocomplete": "off", "class": "num"}

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        is_whole = text.isascii() and text.isdigit() and len(text) <= 10
        if not (is_whole and self.least <= int(text) <= self.most):
            limits = {"least": self.least, "most": self.most}
            raise forms.ValidationError(
                _("Write a whole number from %(least)s to %(most)s."), code="whole_number", params=limits
            )
        return int(text)


def version_field() -> WholeField:
    """The version that an edit read, as a hidden field."""
    return WholeField(least=1, widget=forms.HiddenInput)


def both_versions(typed: forms.Form, saved: forms.Form) -> list[dict[str, Any]]:
    """The visible fields in which what was typed differs from what is saved now, for `components/conflict.html`."""
    return [row for row in _differences(typed, saved) if row["theirs"] != row["yours"]]


def take_version(form: forms.Form, version: int) -> None:
    """Let a stale form be sent again: it now carries the version that the page shows beside it."""
    form.data = form.data.copy()  # type: ignore[attr-defined]
    form.data[form.add_prefix("version")] = str(version)  # type: ignore[index]


def _differences(typed: forms.Form, saved: forms.Form) -> Iterator[dict[str, Any]]:
    for field in typed.visible_fields():
        values = [shown(form[field.name]) for form in (saved, typed)]
        yield {"label": field.label, "theirs": values[0], "yours": values[1]}


def shown(field: forms.BoundField) -> str:
    """A field's value as a reader sees it: the label of a choice, the text of the rest."""
    value = field.value()
    labels = {str(key): str(label) for key, label in getattr(field.field, "choices", [])}
    return labels.get(str(value), "") if labels else str(value if value is not None else "")


def _invalid(refused: Refused) -> forms.ValidationError:
    return forms.ValidationError(str(refused.message), code=refused.code)


LOCALES = (
    "en-US",
    "en-GB",
    "de-DE",
    "de-AT",
    "de-CH",
    "fr-FR",
    "es-ES",
    "it-IT",
    "nl-NL",
    "pl-PL",
    "pt-BR",
    "sv-SE",
)


def locale_choices() -> list[tuple[str, str]]:
    """The ways of writing figures and days that a person may choose."""
    return [(code, Locale.parse(code.replace("-", "_")).get_display_name("en") or code) for code in LOCALES]


def zone_choices() -> list[tuple[str, str]]:
    """The time zones of places, and UTC."""
    places = sorted(
        name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "SystemV/"))
    )
    return [("UTC", "UTC"), *((name, name.replace("_", " ")) for name in places)]


def currency_choices() -> list[tuple[str, str]]:
    """Every currency that is money somewhere today, by its code."""
    names = Locale("en").currencies
    rows = (row for rows in get_global("territory_currencies").values() for row in rows)
    tendered = {code for code, _start, end, is_tender in rows if end is None and is_tender}
    return [(code, f"{code} · {names.get(code, code)}") for code in sorted(tendered)]


def rated_choices() -> list[tuple[str, StrOrPromise]]:
    """The currencies to choose from for a rate, none of them chosen."""
    return [("", _("Choose a currency")), *currency_choices()]


class OrganisationForm(forms.Form):
    """The company's settings."""

    version = version_field()
    name = LineField(label=_("Name"), max_length=120)
    reporting_currency = forms.ChoiceField(label=_("Reporting currency"), choices=currency_choices)
    time_zone = forms.ChoiceField(
        label=_("Time zone"), choices=zone_choices, help_text=_("Where its days begin.")
    )
    locale = forms.ChoiceField(label=_("Figures and days of new people"), choices=locale_choices)
    fiscal_start_month = forms.TypedChoiceField(
        label=_("Fiscal year starts in"),
        coerce=int,
        choices=list(MONTHS.items()),
    )


class YearForm(forms.Form):
    """A fiscal year to add."""

    year = WholeField(
        label=_("Fiscal year"), least=1990, most=2200, help_text=_("The year in which it starts.")
    )


class CloseForm(forms.Form):
    """The closing of a period that somebody read at a version."""

    version = version_field()


class RateForm(forms.Form):
    """What one unit of a currency is worth in the reporting currency."""

    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=Rate.Kind.choices,
        help_text=_("Plan rates make quota and attainment, booked rates make finance figures."),
    )
    currency = forms.ChoiceField(label=_("Currency"), choices=rated_choices)
    value = RateField(label=_("One unit is worth"))
    starts_on = LocaleDateField(label=_("From"))
    stops_on = LocaleDateField(
        label=_("Until"), required=False, help_text=_("The first day on which it no longer holds.")
    )
    source = LineField(label=_("Source"), required=False, max_length=120)
