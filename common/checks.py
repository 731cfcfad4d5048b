"""What the acts of several apps check before they write."""

from collections.abc import Collection, Iterable
from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection
from django.utils.translation import gettext as _

from common.errors import Conflict, Refused
from common.models import Period
from common.selectors import currencies, today
from common.text import checked_text


def check_text(text: str, path: str, missing: str = "") -> None:
    """Raises Refused for a text that is empty or holds what nobody sees."""
    if not text.strip():
        raise Refused(missing or _("This must not be empty."), path=path, code="required")
    checked_text(text, path)


def check_line(text: str, path: str, most: int, missing: str = "") -> None:
    """Raises Refused for a text that is empty, too long, or holds what nobody sees."""
    check_text(text, path, missing)
    _check_length(text.strip(), path, most)


def line_of(text: str, path: str, most: int) -> str:
    """A line that has to be there, without blanks around it. Raises Refused with its path."""
    check_line(text, path, most)
    return checked_text(text, path).strip()


def note_of(text: str, path: str, most: int, *, is_long: bool = False) -> str:
    """A text that may be empty, without blanks around it. Raises Refused with its path."""
    note = checked_text(text, path, is_long=is_long).strip()
    _check_length(note, path, most)
    return note


def _check_length(text: str, path: str, most: int) -> None:
    if len(text) > most:
        raise Refused(_("Write at most %(most)s characters.") % {"most": most}, path=path, code="too_long")


def check_email(text: str) -> None:
    """Raises Refused for what is no e-mail address."""
    try:
        validate_email(text)
    except ValidationError:
        message = _("Write an e-mail address such as ann@acme.com.")
        raise Refused(message, path="email", code="email") from None


def refuse_unknown(changes: Iterable[str], known: Collection[str]) -> None:
    """Raises Refused for a field that an edit does not know."""
    if unknown := sorted(set(changes) - set(known)):
        message = _("There is no field %(names)s here.") % {"names": ", ".join(unknown)}
        raise Refused(message, path=unknown[0], code="unknown_field")


def check_currency(currency: str) -> None:
    """Raises Refused for a currency that is neither the reporting currency nor has a rate."""
    known = currencies()
    if currency not in known:
        message = _("%(currency)s is not used here. Known: %(known)s.")
        names = {"currency": currency, "known": ", ".join(known)}
        raise Refused(message % names, path="currency", code="unknown_currency")


CLOSABLE = """
SELECT code, stops_on, is_closed FROM common_period
WHERE stops_on > %s AND starts_on < %s AND stops_on <= %s ORDER BY id FOR SHARE
"""


def closed_between(start: date, stop: date) -> list[tuple[date, str]]:
    """The closed periods with days of `[start, stop)`, by where they stop; until the act's end no other is closed."""
    with connection.cursor() as cursor:
        cursor.execute(CLOSABLE, [start, stop, today()])
        return [(stops_on, code) for code, stops_on, is_closed in cursor.fetchall() if is_closed]


def check_open_year(day: date, path: str) -> None:
    """Raises Refused unless a fiscal year begins on that day, and Conflict where something of it or later is closed;
    until the act's end nothing of that can be.
    """
    years = Period.objects.filter(kind=Period.Kind.YEAR)
    if not years.filter(starts_on=day).exists():
        message = _("This holds for whole fiscal years. Choose the first day of one that the calendar has.")
        raise Refused(message, path=path, code="fiscal_year")
    if closed := closed_between(day, date.max):
        stops_on, code = min(closed)
        year = years.get(starts_on__lt=stops_on, stops_on__gte=stops_on)
        message = _("%(period)s is closed: the figures of %(year)s stay as they are.")
        raise Conflict(message % {"period": code, "year": year.code}, path=path, code="period_closed")
