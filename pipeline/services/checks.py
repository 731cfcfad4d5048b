"""What the acts of several files check before they write."""

from collections.abc import Collection
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.access import found, seen
from common.errors import Conflict, Refused, Stale
from common.money import MOST_MINOR
from common.transaction import reach
from pipeline.models import Opportunity
from pipeline.rules.lines import MOST_QUANTITY
from territories.models import User

FIRST_YEAR, LAST_YEAR = 2000, 2100
MERGED = gettext_lazy("This opportunity was merged into another one. Go on with that one.")


def deal_for(action: str, opportunity_id: int, version: int | None = None) -> Opportunity:
    """The deal, as the person read it where they say so, if they may do `action`.

    Raises NotInReach, Forbidden, Stale, or Conflict for one that was merged into another one.
    """
    deal: Opportunity = seen(Opportunity.objects.select_related("stage"), reach(), opportunity_id)
    reach().require("opportunity", action, deal)
    _refuse_merged(deal)
    if version not in (None, deal.version):
        raise Stale()
    return deal


def open_deal(opportunity_id: int, version: int) -> Opportunity:
    """A deal that may be edited. Raises Conflict for one that is won or lost."""
    deal = deal_for("update", opportunity_id, version)
    if not deal.is_open:
        message = _(
            "This opportunity is closed. A lost one can be re-opened; a won one is corrected on its order."
        )
        raise Conflict(message, code="opportunity_closed")
    return deal


def hold_deal(opportunity_id: int) -> Opportunity:
    """An open deal that the person may edit, locked: what else is done with it comes before or after.

    For what is noted on a deal without changing the deal itself. Raises NotInReach, Forbidden, Conflict.
    """
    held = locked(deal_for("update", opportunity_id))
    if not held.is_open:
        raise Conflict(_("This opportunity is closed. Re-open it first."), code="opportunity_closed")
    return held


def locked(deal: Opportunity) -> Opportunity:
    """A deal that the act has found in reach, as it stands once nobody else changes it until the act ends.

    For what hangs on a deal; `widened` for who may note it without changing the deal. Raises Conflict for a merged one.
    """
    rows = Opportunity.objects.select_related("stage").select_for_update(no_key=True, of=["self"])
    held: Opportunity = found(rows.filter(pk=deal.pk).first())
    _refuse_merged(held)
    return held


def _refuse_merged(deal: Opportunity) -> None:
    if deal.state == Opportunity.State.MERGED:
        raise Conflict(MERGED, code="opportunity_merged")


def check_amount(minor: int | None, path: str = "amount_minor") -> None:
    if minor is None:
        raise Refused(_("Say how much this is worth; 0 is allowed."), path=path, code="amount_missing")
    if not 0 <= minor < MOST_MINOR:
        message = _("An amount is zero or more, with at most 12 digits before the decimals.")
        raise Refused(message, path=path, code="amount_range")


def check_day(day: date, path: str) -> None:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        message = _("A day lies between %(first)s and %(last)s.") % {"first": FIRST_YEAR, "last": LAST_YEAR}
        raise Refused(message, path=path, code="date_range")


def check_person(person_id: int, path: str) -> None:
    """Raises Refused for nobody, and for who has left."""
    if not User.objects.filter(pk=person_id, is_active=True).exists():
        raise Refused(_("There is no such person, or they have left."), path=path, code="unknown_person")


def check_choice(value: str, path: str, known: Collection[str]) -> None:
    if value not in known:
        message = _("One of: %(known)s.") % {"known": ", ".join(filter(None, known))}
        raise Refused(message, path=path, code=f"unknown_{path}")


def check_item(product_id: int, quantity: int, path: str, known: Collection[int]) -> None:
    """A line's product is one of those `known`, and how many of it is in range. Raises Refused with the line's path."""
    if product_id not in known:
        raise Refused(_("There is no such product."), path=f"{path}.product_id", code="unknown_product")
    if not 1 <= quantity <= MOST_QUANTITY:
        message = _("A quantity is between 1 and %(most)s.") % {"most": MOST_QUANTITY}
        raise Refused(message, path=f"{path}.quantity", code="quantity_range")
