"""Acts on the values that forms offer; administrators do them. What was chosen from a list stays as it was written."""

from collections.abc import Callable

from django.db import IntegrityError, transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _

from common.access import found, rule_for
from common.checks import check_text
from common.errors import Conflict, NotInReach, Refused, Stale
from common.transaction import act, because, reach, widened
from workspace.models import ListValue
from workspace.selectors.lists import Column, aliases, columns_of, offered, rules_that_name, values_of


@act
def add_value(*, by: int | None, name: str, value: str) -> ListValue:
    """Offer one more value, as the last of its list. Raises Refused for one that the list has."""
    reach().require("list_value", "update")
    if name not in ListValue.List.values:
        raise NotInReach()
    _check_value(name, value)
    last = ListValue.objects.filter(list=name).aggregate(last=Max("position"))["last"]
    position = 0 if last is None else last + 1
    return ListValue.objects.create(list=name, value=value.strip(), position=position)


@act
def rename_value(*, by: int, value_id: int, version: int, value: str, place: int | None = None) -> None:
    """Write a value otherwise, or put it at a place of its list; records that hold it stay as they are.

    Raises Stale, Conflict for one that was merged.
    """
    row = _standing(value_id)
    _check_value(row.list, value, besides=value_id)
    ListValue.objects.change(row.pk, version, value=value.strip())
    if place is not None:
        _place(value_of(value_id), place)


@act
def offer_value(*, by: int, value_id: int, version: int, is_offered: bool) -> ListValue:
    """Offer a value again, or no longer; records that hold it keep it. Raises Stale, Conflict for a merged one."""
    row = _standing(value_id)
    ListValue.objects.change(row.pk, version, is_offered=is_offered)
    return row


@act
def place_value(*, by: int, value_id: int, version: int, place: int) -> ListValue:
    """Put a value at a place of its list, the first being 1. Raises Stale, Conflict for one that was merged."""
    row = _standing(value_id)
    if row.version != version:
        raise Stale()
    _place(row, place)
    return row


def _place(row: ListValue, place: int) -> None:
    rows = list(values_of(row.list).filter(merged_into=None).select_for_update())
    rows.remove(row)
    rows.insert(max(0, place - 1), row)
    for position, each in enumerate(rows):
        if each.position != position:
            ListValue.objects.change(each.pk, each.version, position=position)


@act
def merge_value(*, by: int, value_id: int, version: int, into_id: int) -> int:
    """Let every record that holds a value hold another one of its list instead, and say how many those were.

    Administrators. Each record's history tells it. The value is offered no more and stays known: whoever writes it, in
    a form, a file or a program, means the other one. Raises Stale; Conflict for a list that records hold by date, where
    rules decide by the value, and where a record holds both; Refused for a value of another list.
    """
    reach().require("list_value", "update")
    both = ListValue.objects.filter(pk__in=[value_id, into_id]).order_by("pk")
    list(both.select_for_update(no_key=True))  # so that neither is merged or taken off the list meanwhile
    row, into = _standing(value_id), _standing(into_id)
    if row.list != into.list or row == into:
        raise Refused(_("Choose another value of the same list."), path="into_id", code="other_list")
    if not into.is_offered:
        raise Refused(_("Choose a value that is offered."), path="into_id", code="not_offered")
    _refuse_merging(row)
    ListValue.objects.change(row.pk, version, is_offered=False, merged_into=into)
    for alias in values_of(row.list).filter(merged_into=row):
        ListValue.objects.change(alias.pk, alias.version, merged_into=into)
    with because(_("%(value)s was merged into %(other)s") % {"value": row.value, "other": into.value}):
        return sum(_write_over(column, row, into) for column in columns_of(row.list))


def _refuse_merging(row: ListValue) -> None:
    if row.list in ListValue.BY_DATE:
        message = _(
            "Records hold these by date, and what was is not rewritten. Give the records another value."
        )
        raise Conflict(message, code="list_by_date")
    with widened("rule"):
        if names := rules_that_name(row.list, row.value):
            message = _("Rules decide by it: %(names)s. Change them first.") % {"names": ", ".join(names)}
            raise Conflict(message, code="rules_decide")


def _write_over(column: Column, row: ListValue, into: ListValue) -> int:
    """Records are locked by their ids, as every act that locks several of them does."""
    with widened(rule_for(column.model).name):
        rows = column.model._default_manager.filter(**{column.name: row.value})
        ids = list(rows.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))
        try:
            with transaction.atomic():
                rows.update(**{column.name: into.value}, version=F("version") + 1)
        except IntegrityError as error:
            message = _("Some records hold both %(value)s and %(other)s. Take one of them off there first.")
            words = {"value": row.value, "other": into.value}
            raise Conflict(message % words, code="holds_both") from error
    return len(ids)


def _standing(value_id: int) -> ListValue:
    """A value that was not merged. Raises Forbidden, NotInReach, Conflict."""
    row = value_of(value_id)
    if row.merged_into_id:
        raise Conflict(_("It was merged into another value: change that one."), code="value_merged")
    return row


def value_of(value_id: int) -> ListValue:
    """The value with that id, for who keeps the lists. Raises Forbidden, NotInReach."""
    reach().require("list_value", "update")
    row: ListValue = found(ListValue.objects.filter(pk=value_id).first())
    return row


def listed(name: str, value: str, path: str) -> str:
    """A value as its list writes it, in whatever case it came; any value where the list offers none.

    For acts that take it; what was merged means what it was merged into. Raises Refused, which says what is offered.
    """
    text, values = value.strip(), offered(name)
    found = next((one for one in values if one.casefold() == text.casefold()), None)
    if found is None and values:
        found = aliases(name).get(text.casefold())
    if values and found is None:
        message = _("One of: %(values)s.") % {"values": ", ".join(values)}
        raise Refused(message, path=path, code=f"unknown_{path}")
    return found or text


def as_listed(name: str) -> Callable[[str], str]:
    """For imports: a value as its list writes it, in whatever case it came, or what it means since it was merged.

    Any other is left as it is.
    """
    written = {value.casefold(): value for value in values_of(name).values_list("value", flat=True)}
    written |= aliases(name)
    return lambda value: written.get(value.strip().casefold(), value.strip())


def unlisted(name: str) -> Callable[[str], tuple[str, str] | None]:
    """For imports: what is wrong with a value and the remedy; nothing with one that the list has, or once had on offer.

    A file tells of the past, so what is no longer offered is known still.
    """
    values = list(values_of(name).values_list("value", flat=True))
    known, offering = {value.casefold() for value in values}, ", ".join(offered(name))

    def fault(value: str) -> tuple[str, str] | None:
        if not offering or not value or value.strip().casefold() in known:
            return None
        problem = _("%(value)r is not in the list.") % {"value": value}
        remedy = _("Write one of: %(values)s. An administrator may add it under Settings.")
        return problem, remedy % {"values": offering}

    return fault


def _check_value(name: str, value: str, besides: int = 0) -> None:
    """Raises Refused for an empty value, or one that another value of the list reads like."""
    check_text(value, "value")
    if ListValue.objects.filter(list=name, value__iexact=value.strip()).exclude(pk=besides).exists():
        raise Refused(_("That value is in the list already."), path="value", code="listvalue_once")
