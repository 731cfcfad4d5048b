"""What becomes of an open deal by an edit: the same for one deal and for thousands at once."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from django.apps import apps
from django.db.models import F, Sum
from django.utils.translation import gettext as _

from common.checks import check_currency, check_text, refuse_unknown
from common.errors import Forbidden, Refused
from common.locale import format_date, format_money
from common.models import Period
from common.transaction import context, now, reach
from pipeline.models import OPEN_CATEGORIES, Concession, Motion, Opportunity, OpportunityLine
from pipeline.rules.movement import crosses
from pipeline.services.checks import check_amount, check_choice, check_day, check_person
from pipeline.services.ways import WAY, checked_way, way_of
from workspace.services import own_values

EDITABLE = (
    *"name amount_minor currency close_on category owner_id motion next_step next_step_on".split(),
    *WAY,
    "own",
)


A_MOMENT = timedelta(hours=1)
"""So long a re-date can be taken back by who made it, also into a closed period."""


class Known:
    """What an edit looks at beside its deal: asked once for all deals of an act, and only where an edit needs it."""

    def __init__(self, deals: Iterable[Opportunity]) -> None:
        self._ids = [deal.pk for deal in deals]
        self._owners: set[int] = set()
        self._ways: dict[Any, dict[str, Any]] = {}

    @cached_property
    def quarters(self) -> list[date]:
        return list(Period.objects.quarters().values_list("starts_on", flat=True))

    @cached_property
    def _closed(self) -> list[tuple[date, date, str]]:
        closed = Period.objects.filter(is_closed=True).order_by("-stops_on")
        return list(closed.values_list("starts_on", "stops_on", "code"))

    @cached_property
    def _taken_back(self) -> dict[int, date]:
        """The close date that a deal had until the person re-dated it a moment ago, where nothing came after that."""
        events = apps.get_model("pipeline.OpportunityEvent")._default_manager
        rows = events.filter(pgh_obj_id__in=self._ids, version__gte=F("pgh_obj__version") - 1)
        before: dict[int, date] = {}
        found: dict[int, date] = {}
        for event in rows.order_by("pgh_id"):
            mine = event.pgh_context.get("by") == context().by_id
            if event.pgh_obj_id in before and mine and now() - event.pgh_created_at < A_MOMENT:
                found[event.pgh_obj_id] = before[event.pgh_obj_id]
            before[event.pgh_obj_id] = event.close_on
        return found

    def check_close(self, day: date, deal_id: int | None = None) -> None:
        """An open deal is not expected to close in a closed period. Raises Refused with the first day that may be.

        Whoever re-dated `deal_id` a moment ago may take that back, whatever has closed since.
        """
        for starts_on, stops_on, code in self._closed:
            if starts_on <= day < stops_on and (deal_id is None or self._taken_back.get(deal_id) != day):
                message = _(
                    "%(period)s is closed: nothing closes in it any more. Choose %(day)s or a later day."
                )
                values = {"period": code, "day": format_date(stops_on)}
                raise Refused(message % values, path="close_on", code="period_closed")

    @cached_property
    def made(self) -> dict[int, int]:
        """What the products of each deal come to; deals without any are missing."""
        lines = OpportunityLine.objects.filter(opportunity__in=self._ids, is_removed=False)
        sums = lines.order_by().values_list("opportunity_id").annotate(Sum("amount_minor"))
        return dict(sums)

    @cached_property
    def with_concessions(self) -> set[int]:
        """The deals with a concession that is worth something."""
        worth = Concession.objects.filter(opportunity__in=self._ids, is_removed=False, worth_minor__gt=0)
        return set(worth.values_list("opportunity_id", flat=True))

    def check_owner(self, owner_id: int) -> None:
        if owner_id not in self._owners:
            check_owner(owner_id)
            self._owners.add(owner_id)

    def way(self, changes: Mapping[str, Any], standing: Mapping[str, Any]) -> dict[str, Any]:
        """As `checked_way`."""
        asked = {name: value for name, value in changes.items() if name in WAY}
        key = (*asked.items(), None, *standing.items())
        if asked and key not in self._ways:
            self._ways[key] = checked_way(asked, standing)
        return self._ways.get(key, {})


def becoming(deal: Opportunity, changes: Mapping[str, Any], known: Known) -> dict[str, Any]:
    """The columns of an open deal that an edit changes, with what follows from them; nothing where all stays.

    An empty category follows the stage again. A close date that moves into a later quarter counts as a push.
    Raises Refused on a field that is unknown or out of range, and on another amount than the deal's products come to;
    Forbidden for an owner that the actor may not choose.
    """
    refuse_unknown(changes, EDITABLE)
    wanted = dict(changes)
    if "category" in wanted:
        by_hand = wanted["category"]
        check_choice(by_hand, "category", ["", *dict(OPEN_CATEGORIES)])
        wanted |= {"category": by_hand or deal.stage.category, "category_is_manual": bool(by_hand)}
    if "own" in wanted:
        currency = wanted.get("currency", deal.currency)
        wanted["own"] = own_values("opportunity", wanted["own"], deal.own, currency)
    changed = {name: value for name, value in wanted.items() if getattr(deal, name) != value}
    check_values(changed)
    if "close_on" in changed:
        known.check_close(changed["close_on"], deal.pk)
    changed |= known.way(changed, way_of(deal))
    if "owner_id" in changed:
        known.check_owner(changed["owner_id"])
    if "currency" in changed:
        _check_currency_may_go(deal, known)
        changed["price_book_id"] = None  # a book has prices of one currency
    if "amount_minor" in changed:
        _check_amount_is_made(deal, changed["amount_minor"], known)
    if "close_on" in changed and crosses(deal.close_on, changed["close_on"], known.quarters):
        changed["pushes"] = deal.pushes + 1
    return changed


def check_values(values: Mapping[str, Any]) -> None:
    """Each value that is there is in range. Raises Refused with its path."""
    if "name" in values:
        check_text(values["name"], "name")
    if "amount_minor" in values:
        check_amount(values["amount_minor"])
    if "currency" in values:
        check_currency(values["currency"])
    if "motion" in values:
        check_choice(values["motion"], "motion", Motion.values)
    if values.get("close_on", True) is None:
        raise Refused(_("Say when this is expected to close."), path="close_on", code="required")
    for name in ("close_on", "next_step_on"):
        if values.get(name):
            check_day(values[name], name)


def check_owner(owner_id: int) -> None:
    """A deal is given to somebody who is active, and whom the actor may give it to. Raises Refused or Forbidden."""
    check_person(owner_id, "owner_id")
    if not reach().allows("opportunity", "give", {"owner_id": owner_id}):
        raise Forbidden(_("An opportunity is given to yourself or to somebody whom you lead."))


def _check_currency_may_go(deal: Opportunity, known: Known) -> None:
    """Raises Refused where something of the deal is priced in its currency."""
    if deal.pk in known.made:
        raise Refused(_("Remove the products first: their prices are in the old currency."), path="currency")
    if deal.pk in known.with_concessions:
        message = _("Clear what the concessions are worth first: it is in the old currency.")
        raise Refused(message, path="currency", code="concession_currency")


def _check_amount_is_made(deal: Opportunity, amount_minor: int, known: Known) -> None:
    """Raises Refused for an amount that the deal's products do not come to."""
    made = known.made.get(deal.pk)
    if made not in (None, amount_minor):
        message = _("Its products make the amount, %(amount)s: change them to change it.")
        values = {"amount": format_money(made, deal.currency)}
        raise Refused(message % values, path="amount_minor", code="amount_of_products")
