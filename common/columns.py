"""Columns of a list: which there are, which a reader chose in which order, and what a row has in them on page and file.

A list names its columns once. The address says which are shown (`columns=name,stage`), a cookie remembers the last
choice of this browser; the form by which they are chosen is `common.forms.ColumnsForm`.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

from common.http import BadQuery
from common.locale import UNDEFINED, format_date, format_money, format_number
from common.money import exponent
from common.written import Cell

YEAR = 366 * 24 * 60 * 60


class Kind(StrEnum):
    """What a column holds: decides how it is shown, aligned and written into a file."""

    TEXT = "text"
    AMOUNT = "amount"
    DAY = "day"
    NUMBER = "number"
    YES = "yes"


class Amount(NamedTuple):
    """What a column of amounts has in a row."""

    minor: int | None
    currency: str


@dataclass(frozen=True)
class Column:
    """A column of a list.

    `value`: what a row has in it, None for nothing. `sort`: by which of the list's sortings its head sorts; `needs`:
    the relations that rows are read with for it; `is_first`: always shown, before all others; `is_short`: never
    broken; `is_plain`: its value says what it is, so that a card does not name the column.
    """

    key: str
    label: StrOrPromise
    value: Callable[[Any], Any]
    kind: Kind = Kind.TEXT
    sort: str = ""
    needs: tuple[str, ...] = ()
    is_first: bool = False
    is_short: bool = False
    is_plain: bool = False

    @property
    def is_numeric(self) -> bool:
        return self.kind in (Kind.AMOUNT, Kind.NUMBER)

    def shown(self, row: Any) -> str:
        """What a reader sees of a row, "—" where it has nothing."""
        value = self.value(row)
        if self.kind is Kind.AMOUNT:
            return format_money(*value)
        if value is None or value == "":
            return UNDEFINED
        if self.kind is Kind.DAY:
            return format_date(value)
        if self.kind is Kind.YES:
            return _("yes") if value else _("no")
        return format_number(value) if self.kind is Kind.NUMBER else str(value)

    def heads(self) -> list[str]:
        """The heads of its cells in a file: an amount has its currency in a cell of its own."""
        label = str(self.label)
        return (
            [label, _("Currency of %(column)s") % {"column": label}] if self.kind is Kind.AMOUNT else [label]
        )

    def cells(self, row: Any) -> list[Cell]:
        """What a file has of a row: amounts and numbers to be counted with, days as days."""
        value = self.value(row)
        if self.kind is Kind.AMOUNT:
            if value.minor is None:
                return ["", value.currency]
            return [Decimal(value.minor).scaleb(-exponent(value.currency)), value.currency]
        if value is None:
            return [""]
        return [self.shown(row) if self.kind in (Kind.YES, Kind.TEXT) and value != "" else value]


def columns_asked(
    known: Sequence[Column], usual: Sequence[str], asked: str | None, remembered: str = ""
) -> list[Column]:
    """The columns that an address asks for in its order, else those that were shown last, else the usual ones.

    What is always shown comes first. Raises BadQuery for a column that there is not, or that is named twice; what is
    remembered of a column that is gone is left out.
    """
    by_key = {column.key: column for column in known}
    if asked:
        keys = asked.split(",")
        strange = [key for key in keys if key not in by_key or keys.count(key) > 1]
        if strange:
            message = _("There is no column %(name)s here, or it is named twice. Known: %(known)s.")
            raise BadQuery(message % {"name": strange[0][:40], "known": ", ".join(by_key)}, path="columns")
    else:
        keys = [key for key in dict.fromkeys(remembered.split(",")) if key in by_key] or list(usual)
    first = [column for column in known if column.is_first]
    return [*first, *(by_key[key] for key in keys if not by_key[key].is_first)]


def relations(columns: Iterable[Column]) -> list[str]:
    """What rows are read with so that these columns ask nothing more."""
    return sorted({name for column in columns for name in column.needs})


def keys_of(columns: Iterable[Column]) -> str:
    """Columns as an address names them."""
    return ",".join(column.key for column in columns)


def remembered(request: HttpRequest, page: str) -> str:
    """The columns that this browser showed last on a page, as an address names them."""
    return request.COOKIES.get(f"columns_{page}", "")[:1000]


def remember(response: HttpResponse, page: str, columns: Iterable[Column]) -> HttpResponse:
    """Let the browser show these columns the next time."""
    is_secure = settings.SESSION_COOKIE_SECURE
    response.set_cookie(
        f"columns_{page}", keys_of(columns), max_age=YEAR, httponly=True, samesite="Lax", secure=is_secure
    )
    return response
