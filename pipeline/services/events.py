"""Events at which people are met: fairs, dinners, meetings of the community."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from common.access import seen
from common.checks import check_currency, check_text, refuse_unknown
from common.errors import Forbidden, Refused
from common.transaction import act, reach
from pipeline.models import SalesEvent
from pipeline.services.checks import check_amount, check_day, check_person

EVENT_FIELDS = ("name", "starts_on", "ends_on", "place", "currency", "cost_minor", "owner_id")


@act
def create_event(
    *,
    by: int,
    name: str,
    starts_on: date,
    ends_on: date,
    currency: str,
    owner_id: int | None = None,
    **fields: Any,
) -> SalesEvent:
    """Note an event; one's own or that of somebody whom one leads. Everybody reads events."""
    values = {"name": name, "starts_on": starts_on, "ends_on": ends_on, "currency": currency, **fields}
    values["owner_id"] = owner_id or by
    refuse_unknown(values, EVENT_FIELDS)
    values = _checked(values)
    _check_days(values["starts_on"], values["ends_on"])
    _check_owner("create", values["owner_id"])
    event: SalesEvent = SalesEvent.objects.create(**values)
    return event


@act
def edit_event(*, by: int, event_id: int, version: int, **changes: Any) -> SalesEvent:
    """Change an event: fields of EVENT_FIELDS; its owner or whoever leads them. Raises Stale."""
    refuse_unknown(changes, EVENT_FIELDS)
    event: SalesEvent = seen(SalesEvent.objects.all(), reach(), event_id)
    reach().require("sales_event", "update", event)
    values = _checked(changes)
    _check_days(values.get("starts_on", event.starts_on), values.get("ends_on", event.ends_on))
    if values.get("owner_id", event.owner_id) != event.owner_id:
        _check_owner("update", values["owner_id"])
    SalesEvent.objects.change(event.pk, version, **values)
    event.refresh_from_db()
    return event


def _checked(values: dict[str, Any]) -> dict[str, Any]:
    """The values as they are kept. Raises Refused."""
    kept: dict[str, Any] = {
        name: value.strip() if isinstance(value, str) else value for name, value in values.items()
    }
    if "name" in kept:
        check_text(kept["name"], "name")
    if kept.get("place"):
        check_text(kept["place"], "place")
    for name in ("starts_on", "ends_on"):
        if name in kept:
            check_day(kept[name], name)
    if "currency" in kept:
        check_currency(kept["currency"])
    if kept.get("cost_minor") is not None:
        check_amount(kept["cost_minor"], "cost_minor")
    return kept


def _check_days(starts_on: date, ends_on: date) -> None:
    if ends_on < starts_on:
        message = _("The last day comes after the first one, or is the same.")
        raise Refused(message, path="ends_on", code="salesevent_days")


def _check_owner(action: str, owner_id: int) -> None:
    check_person(owner_id, "owner_id")
    if not reach().allows("sales_event", action, {"owner_id": owner_id}):
        raise Forbidden(_("An event is yours, or that of somebody whom you lead."))
