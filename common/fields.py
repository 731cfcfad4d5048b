"""The fields of API bodies: each takes one JSON type written in one way, and says what would be right."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeVar

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.calendars import iso_day
from common.errors import Refused
from common.money import exponent, parse_plain, parse_share, plain, plain_share, round_half_away
from common.said import Said
from common.selectors import the_organisation
from common.text import checked_text

T = TypeVar("T")
MOST_ID = 2**63 - 1


def refused(message: str, code: str) -> serializers.ValidationError:
    return serializers.ValidationError(message, code=code)


def _read(data: Any, example: str, code: str, read: Callable[[str], T]) -> T:
    """What a text says. Raises ValidationError for what is no text, or is not written so that it can be read."""
    if not isinstance(data, str):
        raise refused(_('Write this as text, such as "%(example)s".') % {"example": example}, code)
    try:
        return read(data)
    except Said as error:
        raise refused(_(error.text) % error.values, code) from error


class WholeField(serializers.IntegerField):
    """A whole number: no text, no decimals, no true or false."""

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, int) or isinstance(data, bool):
            raise refused(_("Write a whole number without quotes, such as 12."), "whole_number")
        return data


class IdField(WholeField):
    """The id of a row."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"min_value": 1, "max_value": MOST_ID, **options})


class LineField(serializers.CharField):
    """Text on one line, composed, without unseen characters."""

    is_long = False

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            raise refused(_("Write text between quotes."), "text")
        try:
            return checked_text(super().to_internal_value(data), is_long=self.is_long)
        except Refused as error:
            raise refused(str(error.message), error.code) from error


class TextField(LineField):
    """Text that may have several lines."""

    is_long = True


@extend_schema_field({"type": "string", "pattern": "^[A-Z]{3}$", "example": "EUR"})
class CurrencyField(serializers.Field[str, str, str, Any]):
    """A currency's code."""

    def to_internal_value(self, data: Any) -> str:
        if not (isinstance(data, str) and re.fullmatch("[A-Z]{3}", data)):
            raise refused(_("Write a currency as three capital letters, such as EUR."), "currency_format")
        return data

    def to_representation(self, value: str) -> str:
        return value


class OneOfField(serializers.ChoiceField):
    """One of a few words."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) or (data not in self.choices and not (data == "" and self.allow_blank)):
            known = ", ".join(map(str, self.choices))
            raise refused(_("Write one of: %(known)s.") % {"known": known}, "unknown_choice")
        return data


class FlagField(serializers.BooleanField):
    """true or false, nothing like it."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            raise refused(_("Write true or false, without quotes."), "flag")
        return data


@extend_schema_field(OpenApiTypes.DATE)
class DayField(serializers.Field[date, str, str, Any]):
    """A day written as 2026-03-31."""

    def to_internal_value(self, data: Any) -> date:
        try:
            return _read(data, "2026-03-31", "date_format", iso_day)
        except ValueError:
            message = _("Write a day of the calendar as 2026-03-31, between quotes.")
            raise refused(message, "date_format") from None

    def to_representation(self, value: date) -> str:
        return value.isoformat()


@extend_schema_field({"type": "string", "pattern": r"^-?\d{1,12}(\.\d{1,3})?$", "example": "1000.00"})
class AmountField(serializers.Field[int, str, str, Any]):
    """An amount as text with a full stop: "1234.56". Numbers are refused.

    Its currency stands beside it, in the body or the row; else it is the serializer's `currency`, else the
    reporting currency.
    """

    def to_internal_value(self, data: Any) -> int:
        places = exponent(self._currency_of(getattr(self.root, "initial_data", None)))
        return _read(data, "1000.00", "amount_format", lambda text: parse_plain(text, places))

    def to_representation(self, value: int) -> str:
        return plain(value, exponent(self._currency_of(getattr(self.parent, "instance", None))))

    def _currency_of(self, source: Any) -> str:
        stated = source.get("currency") if isinstance(source, Mapping) else getattr(source, "currency", None)
        if isinstance(stated, str) and stated:
            return stated
        return str(self.context.get("currency") or the_organisation().reporting_currency)


@extend_schema_field({"type": "string", "pattern": r"^\d{1,3}(\.\d{1,6})?$", "example": "33.333333"})
class PercentField(serializers.Field[int, str, str, Any]):
    """A share in percent as text, with up to six decimals: "33.333333"."""

    def to_internal_value(self, data: Any) -> int:
        return _read(data, "33.333333", "share_format", parse_share)

    def to_representation(self, value: int) -> str:
        return plain_share(value)


class ExactPercentField(PercentField):
    """A percentage as the same text, kept as an exact number."""

    def to_internal_value(self, data: Any) -> Decimal:  # type: ignore[override]
        return Decimal(super().to_internal_value(data)).scaleb(-6)

    def to_representation(self, value: Decimal) -> str:  # type: ignore[override]
        return super().to_representation(int(value.scaleb(6)))


@extend_schema_field({"type": "string", "pattern": r"^-?\d+\.\d{6}$", "example": "0.834500"})
class RatioField(serializers.Field[Fraction, str, str, Any]):
    """An exact ratio as text with six decimals; only read."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"read_only": True, **options})

    def to_representation(self, value: Fraction) -> str:
        return plain(round_half_away(value * 10**6), 6)
