"""What the acts of several apps check before they write."""

from collections.abc import Collection, Iterable

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from common.errors import Refused
from common.selectors import currencies
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
