"""When a digest leaves, how long a mail or a delivery waits that failed, what webhooks are told, own fields' values."""

import base64
import hashlib
import hmac
import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, time, timedelta, tzinfo
from itertools import count
from typing import Any

from common.calendars import iso_day
from common.money import parse_plain, plain
from common.said import Said
from common.said import marked as _

WAITS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))


def next_digest(instant: datetime, zone: tzinfo, hour: int) -> datetime:
    """The first time after an instant that it is this hour in that zone; when the clocks change it stays this hour.

    Example: Saturday 28 March 2026 12:00 in Berlin, at 7 → Sunday 07:00 there, 05:00 UTC. Raises nothing.
    """
    day = instant.astimezone(zone).date()
    due = datetime.combine(day, time(hour), zone)
    is_over = due.timestamp() <= instant.timestamp()
    return datetime.combine(day + timedelta(days=1), time(hour), zone) if is_over else due


def wait_after(tries: int) -> timedelta | None:
    """How long a mail waits that was refused so many times; None: it is given up.

    Example: refused once → 1 minute; five times → None. Raises nothing.
    """
    return WAITS[tries - 1] if tries <= len(WAITS) else None


OWN_TEXT = 500
_NUMBER = re.compile(r"(-?)([0-9]{1,15})(?:\.([0-9]{1,6}))?")


def own_value(
    kind: str,
    given: Any,
    *,
    choices: Sequence[Mapping[str, Any]] = (),
    currency: str = "",
    places: int = 2,
) -> Any:
    """What a record keeps of a value of one of the company's own fields; None for nothing.

    A text of one line, a number as plain text, an amount with its currency, a day as 2026-03-31, the number of a
    choice that is offered (given so, or by its words), or true or false.
    Example: number "0012.50" → "12.5"; amount "99.9" in EUR → {"amount": "99.90", "currency": "EUR"}; list "high" → 1.
    Raises Said for what is none of its kind, and says what would be right.
    """
    if given is None or (isinstance(given, str) and not given.strip()):
        return None
    if kind == "flag":
        if not isinstance(given, bool):
            raise Said(_("Write yes or no; true or false for programs."))
        return given
    if kind == "list":
        return _choice(given, choices)
    if kind == "amount":
        return _amount(given, currency, places)
    if not isinstance(given, str):
        raise Said(_("Write text between quotes."))
    if kind == "number":
        return _number(given.strip())
    if kind == "day":
        return _day(given.strip())
    if len(given.strip()) > OWN_TEXT:
        raise Said(_("Write at most %(most)s characters."), most=OWN_TEXT)
    return given.strip()


def _number(text: str) -> str:
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise Said(_("Write a number such as 1234.5, with at most 15 digits and 6 decimals."))
    size = f"{int(match[2])}.{(match[3] or '').rstrip('0')}".rstrip(".")
    return size if size == "0" else match[1] + size


def _day(text: str) -> str:
    try:
        return iso_day(text).isoformat()
    except Said:
        raise
    except ValueError:
        raise Said(_("Write a day of the calendar as 2026-03-31.")) from None


def _amount(given: Any, currency: str, places: int) -> dict[str, str]:
    """An amount alone is in the record's currency; one that names a currency names that."""
    if isinstance(given, Mapping) and set(given) == {"amount", "currency"}:
        if given["currency"] != currency:
            raise Said(_("Amounts here are in %(currency)s."), currency=currency)
        given = given["amount"]
    if not isinstance(given, str):
        raise Said(_('Write an amount as text, such as "1000.00".'))
    return {"amount": plain(parse_plain(given.strip(), places), places), "currency": currency}


def _choice(given: Any, choices: Sequence[Mapping[str, Any]]) -> int:
    offered = {one["id"]: one["label"] for one in choices if one["is_offered"]}
    wanted = given.strip().casefold() if isinstance(given, str) else None
    for number, label in offered.items():
        if label.casefold() == wanted or (type(given) is int and given == number):
            return int(number)
    raise Said(_("One of: %(values)s."), values=", ".join(offered.values()))


def own_key(label: str, taken: Collection[str]) -> str:
    """The key of a new field, made from its label, unlike those that are taken.

    Example: "Renewal risk (%)" → "renewal_risk"; taken already → "renewal_risk_2"; "€" → "field". Raises nothing.
    """
    plain_text = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    words = re.sub("[^a-z0-9]+", "_", plain_text).strip("_").lstrip("0123456789_")[:36].rstrip("_") or "field"
    keys = (words if number == 1 else f"{words}_{number}" for number in count(1))
    return next(key for key in keys if key not in taken)


WEBHOOK_WAITS = (*WAITS, timedelta(hours=12))


def webhook_wait(tries: int) -> timedelta | None:
    """How long a delivery waits that failed so many times; None: it is given up.

    Example: failed once → 1 minute; five times → 12 hours; six times → None. Raises nothing.
    """
    return WEBHOOK_WAITS[tries - 1] if tries <= len(WEBHOOK_WAITS) else None


def happenings_of(resource: str, kind: str, became: str) -> tuple[str, ...]:
    """What happened to a row, by its noted change: made or changed, and the state that it entered.

    Example: opportunity, changed, won → opportunity.changed, opportunity.won. Raises nothing.
    """
    first = f"{resource}.{'created' if kind == 'made' else 'changed'}"
    return (first, f"{resource}.{became}") if became else (first,)


def webhook_signature(secret: bytes, delivery: int, at: int, body: bytes) -> str:
    """How a delivery is signed, by the rules of standardwebhooks.com: HMAC-SHA256 over id, seconds since 1970 and body.

    Example: a receiver compares it with `webhook-signature`, where several may stand, each after a blank.
    Raises nothing.
    """
    signed = hmac.new(secret, f"{delivery}.{at}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(signed).decode()}"
