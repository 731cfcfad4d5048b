"""The accounts that fields about realignments offer to choose from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import Account
from accounts.selectors import account_suggest
from common.offers import MOST_FOUND, SEPARATOR, Choices, Offer, Option
from common.selectors import today
from common.transaction import reach
from planning.selectors.whereabouts import where_on


@dataclass(frozen=True)
class Accounts(Offer):
    """The accounts in reach by name or number, each with where it is on the day (`on`) and where it goes later."""

    page = "draft_account_suggest"
    on: date | None = None

    @property
    def asks(self) -> Mapping[str, Any]:
        return {"on": self.on.isoformat() if self.on else ""}

    def rows(self) -> QuerySet[Any]:
        return Account.objects.visible_to(reach()).filter(merged_into=None)

    def called(self, text: str) -> Q:
        return Q(name_key=text.lower()) | Q(number=text)

    def found(self, text: str) -> list[Option]:
        """Those whose number it is, then those that begin so, then those that contain it."""
        typed = text.split(SEPARATOR)[0].strip()
        numbered = list(self.rows().filter(number=typed)) if typed else []
        known = {account.pk for account in numbered}
        rows = [*numbered, *(one for one in account_suggest(reach(), typed) if one.pk not in known)]
        return self.options(rows[: MOST_FOUND + 1], typed)

    def options(self, rows: Iterable[Any], text: str = "") -> list[Option]:
        rows = list(rows)
        where = where_on([row.pk for row in rows], self.on or today()) if rows else {}
        return [
            Option(str(row.pk), row.name, where[row.pk], row.number if text and row.number == text else "")
            for row in rows
        ]

    def choices(self) -> Choices | None:
        """Never a plain list: one chooses several."""
        return None
