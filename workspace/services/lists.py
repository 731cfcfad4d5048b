"""Acts on the values that forms offer; administrators do them. What was chosen from a list stays as it was written."""

from collections.abc import Callable

from django.db.models import Max
from django.utils.translation import gettext as _

from common.access import found
from common.checks import check_text
from common.errors import NotInReach, Refused, Stale
from common.transaction import act, reach
from workspace.models import ListValue
from workspace.selectors.lists import offered, values_of


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
def rename_value(*, by: int, value_id: int, version: int, value: str) -> None:
    """Write a value otherwise; records that hold it stay as they are. Raises Stale."""
    row = value_of(value_id)
    _check_value(row.list, value, besides=value_id)
    ListValue.objects.change(row.pk, version, value=value.strip())


@act
def offer_value(*, by: int, value_id: int, version: int, is_offered: bool) -> ListValue:
    """Offer a value again, or no longer; records that hold it keep it. Raises Stale."""
    row = value_of(value_id)
    ListValue.objects.change(row.pk, version, is_offered=is_offered)
    return row


@act
def move_value(*, by: int, value_id: int, version: int, is_up: bool) -> ListValue:
    """Put a value one place up or down in its list; at the end it stays. Raises Stale."""
    row = value_of(value_id)
    if row.version != version:
        raise Stale()
    rows = list(ListValue.objects.filter(list=row.list).select_for_update())
    place = rows.index(row)
    rows.insert(max(0, place + (-1 if is_up else 1)), rows.pop(place))
    for position, each in enumerate(rows):
        if each.position != position:
            ListValue.objects.change(each.pk, each.version, position=position)
    return row


def value_of(value_id: int) -> ListValue:
    """The value with that id, for who keeps the lists. Raises Forbidden, NotInReach."""
    reach().require("list_value", "update")
    row: ListValue = found(ListValue.objects.filter(pk=value_id).first())
    return row


def listed(name: str, value: str, path: str) -> str:
    """A value as its list writes it, in whatever case it came; any value where the list offers none.

    For acts that take it. Raises Refused, which says what is offered.
    """
    text, values = value.strip(), offered(name)
    found = next((one for one in values if one.casefold() == text.casefold()), None)
    if values and found is None:
        message = _("One of: %(values)s.") % {"values": ", ".join(values)}
        raise Refused(message, path=path, code=f"unknown_{path}")
    return found or text


def as_listed(name: str) -> Callable[[str], str]:
    """For imports: a value as its list writes it, in whatever case it came; any other as it is."""
    written = {value.casefold(): value for value in values_of(name).values_list("value", flat=True)}
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
