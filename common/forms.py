"""Fields that take text, amounts, days and whole numbers as a reader writes them."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar
from zoneinfo import available_timezones

from babel import Locale
from babel.core import get_global
from django import forms
from django.utils.dates import MONTHS, WEEKDAYS
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from common import locale
from common.day_words import day_in_words
from common.errors import Refused
from common.models import Organisation
from common.money import WHOLE_SHARE, exponent
from common.said import Said
from common.selectors import end_of, organisation, today
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


class WrittenField(forms.Field):
    """A value typed in the reader's style: `write` puts it into the form, `read` takes what was typed."""

    attrs: ClassVar[dict[str, str]] = {"inputmode": "decimal", "autocomplete": "off", "class": "num"}
    write: Callable[[Any], str] = staticmethod(str)
    read: Callable[[str], Any]

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {} if widget.is_hidden else dict(self.attrs)

    def prepare_value(self, value: Any) -> Any:
        return value if value is None or isinstance(value, str) else self.write(value)

    def to_python(self, value: Any) -> Any:
        text = (self.prepare_value(value) or "").strip()
        try:
            return self.read(text) if text else None
        except Refused as refused:
            raise _invalid(refused) from refused

    def has_changed(self, initial: Any, data: Any) -> bool:
        return (self.prepare_value(initial) or "") != str(data or "").strip()


class MoneyField(WrittenField):
    """An amount typed in the reader's style; cleans to whole minor units of `currency`.

    A form whose currency is chosen beside the amount sets `currency` in its `__init__`.
    """

    currency = "USD"
    parse: Callable[[str, int], int] = staticmethod(locale.parse_units)

    def __init__(self, *, allow_negative: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.allow_negative = allow_negative

    def write(self, value: int) -> str:
        return locale.format_amount(value, self.currency)

    def read(self, text: str) -> int:
        minor = self.parse(text, exponent(self.currency))
        if minor < 0 and not self.allow_negative:
            raise Refused(_("This can't be below zero."), code="negative")
        return minor


class RateField(WrittenField):
    """An exchange rate typed in the reader's style, exact to ten decimals."""

    def read(self, text: str) -> Decimal:
        return Decimal(locale.parse_units(text, 10)).scaleb(-10)


class ShareField(WrittenField):
    """A percentage as the reader writes it, with up to six decimals; cleans to millionths of a percent."""

    write = staticmethod(locale.format_share)

    def __init__(self, *, may_be_zero: bool = True, **options: Any) -> None:
        super().__init__(**options)
        self.may_be_zero = may_be_zero

    def read(self, text: str) -> int:
        weight = locale.parse_units(text, 6)
        if not 0 <= weight <= WHOLE_SHARE:
            raise Refused(_("A share lies between 0 and 100 %."), code="share_range")
        if not (weight or self.may_be_zero):
            raise Refused(_("A share of 0 % is none: write more than 0."), code="share_range")
        return weight


class LocaleDateField(WrittenField):
    """A day: picked in the browser's own calendar, or typed in the reader's short style or as year-month-day."""

    attrs: ClassVar[dict[str, str]] = {}
    write: Callable[[Any], str] = staticmethod(date.isoformat)
    read = staticmethod(locale.parse_date)

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"widget": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), **options})


class ShortMoneyField(MoneyField):
    """An amount that may be cut short, 12k or 1.5m; a form takes the currency off that was typed beside it."""

    attrs = MoneyField.attrs | {"inputmode": "text"}
    parse = staticmethod(locale.parse_amount)


class DayWordsField(LocaleDateField):
    """A day typed as any other, or in words: +30, +2w, eom, eoq, eoy, fri, 31 mar; some of them are offered."""

    write: Callable[[Any], str] = staticmethod(locale.typed_date)
    OFFERED = ("+30", "+60", "eom", "eoq", "eoy")

    def __init__(self, **options: Any) -> None:
        attrs = {"list": "day_words", "autocomplete": "off", "autocapitalize": "none"}
        super().__init__(**{"widget": forms.DateInput(format="%Y-%m-%d", attrs=attrs), **options})

    def read(self, text: str) -> date:
        try:
            day = day_in_words(text, today(), locale.current().locale, end_of)
            return day or locale.parse_date(text)
        except Said as error:
            raise Refused(_(error.text) % error.values, code="date_format") from error
        except Refused as refused:
            if refused.code != "date_format" or text[:1].isdigit():
                raise
            message = _("Write a day, or one of +30, +2w, eom, eoq, eoy, fri, 31 mar.")
            raise Refused(message, code="date_format") from refused

    @classmethod
    def offered(cls) -> list[tuple[str, date]]:
        """Words that a reader may pick, each with the day that it means today."""
        days = {word: cls()._offered(word) for word in cls.OFFERED}
        return [(word, day) for word, day in days.items() if day]

    def _offered(self, word: str) -> date | None:
        try:
            return self.read(word)
        except Refused:
            return None


class WholeField(WrittenField):
    """A whole number in plain digits, such as a quantity or the version of a row."""

    attrs = WrittenField.attrs | {"inputmode": "numeric"}

    def __init__(self, *, least: int = 0, most: int = 2_147_483_647, **options: Any) -> None:
        super().__init__(**options)
        self.least, self.most = least, most

    def read(self, text: str) -> int:
        is_whole = text.isascii() and text.isdigit() and len(text) <= 10
        if not (is_whole and self.least <= int(text) <= self.most):
            limits = {"least": self.least, "most": self.most}
            raise Refused(_("Write a whole number from %(least)s to %(most)s.") % limits, code="whole_number")
        return int(text)


class PickedField(forms.Field):
    """The ids of the rows that were picked in a list, carried from page to page."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> list[int]:
        texts = [str(one) for one in value or []]
        if not all(text.isascii() and text.isdigit() and len(text) < 19 for text in texts):
            raise forms.ValidationError(_("Pick them from the list."), code="not_picked")
        return list(dict.fromkeys(map(int, texts)))


def version_field() -> WholeField:
    """The version that an edit read, as a hidden field."""
    return WholeField(least=1, widget=forms.HiddenInput)


class NamedForm(forms.Form):
    """What has a name, and a code by which files name it."""

    name = LineField(label=_("Name"), max_length=120)
    code = LineField(
        label=_("Code"), max_length=40, help_text=_("Short and unique; files and the API use it.")
    )


class NamedEditForm(NamedForm):
    """A name and a code that somebody read at a version."""

    version = version_field()


def take_version(form: forms.Form, version: int) -> None:
    """Let a stale form be sent again: it now carries the version that the page shows beside it."""
    form.data = form.data.copy()  # type: ignore[attr-defined]
    form.data[form.add_prefix("version")] = str(version)  # type: ignore[index]


def _invalid(refused: Refused) -> forms.ValidationError:
    return forms.ValidationError(str(refused.message), code=refused.code)


LOCALES = "en-US en-GB de-DE de-AT de-CH fr-FR es-ES it-IT nl-NL pl-PL pt-BR sv-SE".split()


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


def weekday_choices() -> Sequence[tuple[int, StrOrPromise]]:
    """The days of the week, from the one with which it begins here; Monday is 0."""
    company, days = organisation(), [*WEEKDAYS.items()]
    first = company.first_weekday if company else 0
    return days[first:] + days[:first]


class CompanyForm(forms.Form):
    """What is said of a company."""

    name = LineField(label=_("Name"), max_length=120)
    reporting_currency = forms.ChoiceField(label=_("Reporting currency"), choices=currency_choices)
    time_zone = forms.ChoiceField(
        label=_("Time zone"), choices=zone_choices, help_text=_("Where its days begin.")
    )
    locale = forms.ChoiceField(label=_("Figures and days of new people"), choices=locale_choices)
    first_weekday = forms.TypedChoiceField(
        label=_("First day of the week"),
        coerce=int,
        choices=weekday_choices,
        help_text=_(
            "Lists of weekdays begin with it. No figure depends on it: working days are Monday to Friday or those of a "
            "work calendar, and the day on which forecast calls are due is a setting of its own."
        ),
    )
    fiscal_start_month = forms.TypedChoiceField(
        label=_("Fiscal year starts in"), coerce=int, choices=list(MONTHS.items())
    )
    fiscal_label = forms.ChoiceField(
        label=_("A fiscal year is named after the calendar year in which it"),
        choices=Organisation.FiscalLabel.choices,
        help_text=_(
            "Only of interest where it does not start in January: April 2026 to March 2027 is 2026 or 2027."
        ),
    )

    calendar = forms.ChoiceField(
        label=_("Fiscal years are made of"),
        choices=Organisation.Calendar.choices,
        help_text=_(
            "4-4-5: each quarter has months of four, four and five weeks. It holds for years that are added from now "
            "on; those in the calendar stay as they are."
        ),
    )
    year_end_weekday = forms.TypedChoiceField(
        label=_("Weeks end on"),
        coerce=int,
        choices=weekday_choices,
        initial=5,
        help_text=_("Only of years of weeks."),
    )
    year_ends = forms.ChoiceField(
        label=_("A year of weeks ends on the one that is"),
        choices=Organisation.YearEnds.choices,
        help_text=_("A 53rd week belongs to the last month."),
    )


class OrganisationForm(CompanyForm):
    """The company's settings."""

    version = version_field()


class YearPreviewForm(forms.Form):
    """Of which the periods are shown before there are any: a year, else the next one, by settings that may be new."""

    year = WholeField(required=False, least=1990, most=2200)
    fiscal_start_month = forms.TypedChoiceField(required=False, coerce=int, choices=list(MONTHS.items()))
    fiscal_label = forms.ChoiceField(required=False, choices=Organisation.FiscalLabel.choices)
    calendar = forms.ChoiceField(required=False, choices=Organisation.Calendar.choices)
    year_end_weekday = forms.TypedChoiceField(required=False, coerce=int, choices=list(WEEKDAYS.items()))
    year_ends = forms.ChoiceField(required=False, choices=Organisation.YearEnds.choices)


class YearForm(forms.Form):
    """A fiscal year to add."""

    year = WholeField(
        label=_("Fiscal year"), least=1990, most=2200, help_text=_("The year in which it starts.")
    )


class ColumnsForm(forms.Form):
    """Which columns a list shows, in which order; `do` moves one up or down and asks for the form again."""

    column = forms.MultipleChoiceField(required=False)
    order = forms.MultipleChoiceField()
    do = forms.CharField(required=False, max_length=80)

    def __init__(self, data: Any = None, *, known: Sequence[tuple[str, Any]], **options: Any) -> None:
        super().__init__(data, **options)
        self.labels = dict(known)
        for name in ("column", "order"):
            self.fields[name].choices = known  # type: ignore[attr-defined]

    def rows(self) -> list[dict[str, Any]]:
        """The columns in their order, each with whether it is shown."""
        order = self["order"].value() or []
        shown = self["column"].value() or []
        keys = dict.fromkeys([*(key for key in order if key in self.labels), *self.labels])
        return [{"key": key, "label": self.labels[key], "is_shown": key in shown} for key in keys]

    def is_moved(self) -> bool:
        """Whether a column was only moved; the form then stands as it was left, in the new order."""
        step, _sign, key = self.cleaned_data["do"].partition(":")
        order = list(dict.fromkeys(self.cleaned_data["order"]))
        if step not in ("up", "down") or key not in order:
            return False
        place = order.index(key)
        order.insert(max(0, place + (-1 if step == "up" else 1)), order.pop(place))
        self.data = self.data.copy()  # type: ignore[attr-defined]
        self.data.setlist("order", order)  # type: ignore[attr-defined]
        return True

    def chosen(self) -> list[str]:
        return [key for key in self.cleaned_data["order"] if key in self.cleaned_data["column"]]
