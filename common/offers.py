"""What a field offers to choose from: the same rows are found by typing, shown by their names, and taken."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import Case, Q, QuerySet, Value, When
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.http import urlencode

from common.transaction import kept

FEW = 50
"""So many choices stand in a plain list; of more than that one types a part of the name."""
MOST_FOUND = 12
SEPARATOR = " · "
KEY_DIGITS = 18
Choices = list[tuple[Any, Any]]


@dataclass(frozen=True)
class Option:
    """One choice: what is sent for it, its name, what tells it from others of that name, and why it was found."""

    key: str
    name: str
    about: str = ""
    note: str = ""

    @property
    def label(self) -> str:
        """As a field shows the choice that was made."""
        return f"{self.name}{SEPARATOR}{self.about}" if self.about else self.name


class Offer:
    """Rows that may be chosen, by their `name`. A value: two of the same rows are equal."""

    page: ClassVar[str]
    """The URL name of what answers typing."""

    @property
    def asks(self) -> Mapping[str, Any]:
        """What the page has to be told to offer the same rows."""
        return {}

    @property
    def url(self) -> str:
        query = {name: value for name, value in self.asks.items() if value}
        return f"{reverse(self.page)}{'?' if query else ''}{urlencode(query)}"

    def rows(self) -> QuerySet[Any]:
        """All that is offered."""
        raise NotImplementedError

    def taken(self) -> QuerySet[Any]:
        """All that is understood when it is sent: what is not offered among it, its act refuses in words of its own."""
        return self.rows()

    def options(self, rows: Iterable[Any], text: str = "") -> list[Option]:
        """These rows as choices; `text` is what they were found by."""
        return [Option(str(row.pk), row.name) for row in rows]

    name: ClassVar[str] = "name"
    """The column of the name."""

    def matching(self, text: str) -> Q:
        """What is found by a part of a name."""
        return Q(**{f"{self.name}__icontains": text})

    def called(self, text: str) -> Q:
        """What somebody means who types all of a name."""
        return Q(**{f"{self.name}__iexact": text})

    def found(self, text: str) -> list[Option]:
        """The first that were found, those on top whose name begins so; one more than is shown where there are more."""
        typed = text.split(SEPARATOR)[0].strip()
        begins = Case(When(**{f"{self.name}__istartswith": typed}, then=Value(0)), default=Value(1))
        rows = self.rows().filter(self.matching(typed)) if typed else self.rows()
        return self.options(rows.order_by(begins, Lower(self.name), "pk")[: MOST_FOUND + 1], typed)

    def one(self, key: str) -> Option | None:
        """The choice with that key, if it is one."""
        is_key = key.isascii() and key.isdigit() and len(key) <= KEY_DIGITS
        return next(iter(self.options(self.taken().filter(pk=key))), None) if is_key else None

    def several(self, keys: Sequence[str]) -> list[Option]:
        """The choices with these keys, in the order of the keys; what is none is left out."""
        ids = [key for key in keys if key.isascii() and key.isdigit() and len(key) <= KEY_DIGITS]
        found = {option.key: option for option in self.options(self.taken().filter(pk__in=ids))}
        return [found[key] for key in ids if key in found]

    def named(self, text: str) -> list[Option]:
        """The choices that are meant by a name, or by a label that was typed in full."""
        begins = text.split(SEPARATOR)[0].strip()
        rows = self.taken().filter(self.called(text) | self.called(begins)).order_by("pk")
        options = self.options(rows[: MOST_FOUND + 1])
        whole = [option for option in options if option.label.casefold() == text.casefold()]
        return whole or (options if begins == text else [])

    def choices(self) -> Choices | None:
        """All of them for a plain list; None where they are too many for one. A transaction asks once."""
        return kept(self, self._read_choices)

    def _read_choices(self) -> Choices | None:
        rows = list(self.rows().order_by()[: FEW + 1])
        return None if len(rows) > FEW else self.listed(rows)

    def listed(self, rows: Sequence[Any]) -> Choices:
        """These rows as a plain list shows them."""
        options = sorted(self.options(rows), key=lambda option: option.label.casefold())
        return [(option.key, option.label) for option in options]
