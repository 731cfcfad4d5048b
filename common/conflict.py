"""Two people edited one record: the second sees both versions beside each other and keeps what they typed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms

from common.errors import Stale
from common.forms import both_versions, take_version
from common.history import history_of


@dataclass(frozen=True)
class Conflict:
    """What differs between the saved and the typed version, and who saved it when; for `components/conflict.html`."""

    rows: list[dict[str, Any]]
    by: str
    at: datetime | None


def conflict_of(form: forms.Form, saved: Callable[[], forms.Form], row: Any) -> Conflict | None:
    """The conflict of a form that came back stale, else None; the form can then be sent again.

    `row` is read again, and `saved` then makes the same form filled from it.
    """
    if not isinstance(getattr(form, "refusal", None), Stale):
        return None
    row.refresh_from_db()
    take_version(form, row.version)
    latest = next(iter(history_of(row, ["version"])), None)
    return Conflict(both_versions(form, saved()), latest.by if latest else "", latest.at if latest else None)
