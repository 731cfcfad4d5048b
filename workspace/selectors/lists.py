"""The values that forms offer, and where records hold them."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.apps import apps
from django.conf import settings
from django.db.models import Count, QuerySet
from django.urls import reverse
from django_stubs_ext import StrOrPromise

from workspace.models import ListValue


def values_of(name: str) -> QuerySet[ListValue]:
    """Every value of a list in its order, also those that are not offered any more."""
    return ListValue.objects.filter(list=name)


def place_of(row: ListValue) -> int:
    """The place of a value among those that stand, the first being 1."""
    before = (
        values_of(row.list).filter(merged_into=None, position__lte=row.position).order_by("position", "id")
    )
    ids = list(before.values_list("pk", flat=True))
    return ids.index(row.pk) + 1 if row.pk in ids else 1


def offered(name: str) -> list[str]:
    """What a form offers of a list, in its order."""
    return list(values_of(name).filter(is_offered=True).values_list("value", flat=True))


def aliases(name: str) -> dict[str, str]:
    """What was merged, in small letters, and the value that it means since."""
    merged = values_of(name).filter(merged_into__isnull=False)
    return {text.casefold(): now for text, now in merged.values_list("value", "merged_into__value")}


@dataclass(frozen=True)
class Column:
    """A column in which records hold a value of a list, and the page that shows those that do, if there is one."""

    model: Any
    name: str
    page: str
    of: StrOrPromise

    def address(self, value: str) -> str:
        """The page of the records that hold a value; empty where there is none."""
        if not self.page:
            return ""
        url_name, _mark, fixed = self.page.partition("?")
        *others, key = fixed.split("&")
        return f"{reverse(url_name)}?{'&'.join([*others, urlencode({key: value})])}"


def columns_of(name: str) -> Iterator[Column]:
    """Where records hold values of a list (`settings.LISTED`)."""
    for column, page, of in settings.LISTED.get(name, ()):
        label, _dot, field = column.rpartition(".")
        yield Column(apps.get_model(label), field, page, of)


@dataclass(frozen=True)
class Use:
    """A value of a list: how many records hold it, and the pages that show them."""

    row: ListValue
    number: int
    pages: list[tuple[StrOrPromise, str]]


def use_of(row: ListValue) -> Use:
    """One value, with who holds it, as far as the reader sees them."""
    columns = list(columns_of(row.list))
    held = (one.model._default_manager.filter(**{one.name: row.value}) for one in columns)
    return Use(row, sum(rows.count() for rows in held), _pages(columns, row.value))


def uses(name: str) -> list[Use]:
    """Each value of a list in its order, with who holds it, as far as the reader sees them."""
    columns, counts = list(columns_of(name)), Counter[str]()
    for column in columns:
        rows = column.model._default_manager.exclude(**{column.name: ""}).order_by()
        counts.update(dict(rows.values_list(column.name).annotate(number=Count("pk"))))
    return [
        Use(row, counts[row.value], _pages(columns, row.value))
        for row in values_of(name).select_related("merged_into").order_by("position", "id")
    ]


def _pages(columns: Iterable[Column], value: str) -> list[tuple[StrOrPromise, str]]:
    return [(one.of, one.address(value)) for one in columns if one.page]


def rules_that_name(name: str, value: str) -> list[str]:
    """The names of what decides by a value of the list, such as rules of accounts (`settings.DECIDED_BY`)."""
    found = []
    for column in settings.DECIDED_BY.get(name, ()):
        label, _dot, field = column.rpartition(".")
        rows = apps.get_model(label)._default_manager.all()
        found += [str(row) for row in rows if _bare(value) in set(_texts(getattr(row, field)))]
    return found


def _texts(said: Any) -> Iterator[str]:
    """Every text in a value of JSON, as rules compare it."""
    if isinstance(said, str):
        yield _bare(said)
    elif isinstance(said, list | dict):
        for one in said.values() if isinstance(said, dict) else said:
            yield from _texts(one)


def _bare(text: str) -> str:
    return "".join(text.split()).casefold()
