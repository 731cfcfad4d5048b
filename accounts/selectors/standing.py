"""How an account is classified by date."""

from datetime import date

from django.utils.translation import gettext as _

from accounts.models import CLASSES, Account, Classification
from common.history import Change, recorded, with_reason
from common.locale import format_date

NOT_KNOWN = Classification()


def classes_on(account: Account, day: date) -> Classification:
    """How an account is classified on a day; not at all where nobody said."""
    row: Classification | None = Classification.objects.on(day).filter(account=account).first()
    return row or NOT_KNOWN


def classifications(account: Account, day: date) -> list[Classification]:
    """What is known of an account's classes for other days than this, newest first."""
    rows = Classification.objects.current().filter(account=account)
    return [row for row in rows.order_by("-starts_on") if not row.holds_on(day)]


def book_of_classes(account: Account) -> list[Change]:
    """Whatever was said of an account's classes, newest first."""
    rows = Classification.objects.filter(account=account).order_by("-recorded_at", "-pk")
    return recorded(list(rows), in_words)


def in_words(row: Classification) -> str:
    """A row as the book says it: *Enterprise · A · Cloud · strategic, from May 1, 2026 on: annual review*."""
    values = {"start": format_date(row.starts_on), "stop": format_date(row.stops_on)}
    span = (_("%(start)s until %(stop)s") if row.stops_on else _("from %(start)s on")) % values
    return with_reason(f"{named(row)}, {span}", row.reason)


def named(row: Classification) -> str:
    """Its classes, one after the other; a dash where there are none."""
    texts = [getattr(row, name) for name in CLASSES if name != "is_strategic"]
    marks = [_("strategic")] if row.is_strategic else []
    return " · ".join([*filter(None, texts), *marks]) or "—"
