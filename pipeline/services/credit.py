"""Whose credit an act takes away, and what of it waits for an answer."""

from django.utils.translation import gettext as _

from common.errors import Conflict
from common.selectors import today
from common.transaction import reach
from pipeline.models import Opportunity
from pipeline.rules.splits import Shares
from pipeline.selectors.sharing import SPLIT_CHANGE, may_change, waiting_split
from territories.selectors import seat_finder
from workspace.services.approvals import withdraw_waiting


def loser_of(by: int, lost: Shares) -> int | None:
    """Who loses most of those who are neither the actor nor led by them; None where there is nobody like that."""
    place, day, led = seat_finder(lost), today(), reach().territories
    others = [person for person in lost if person != by and place(person, day) not in led]
    return max(others, key=lambda person: (lost[person], -person), default=None)


def settle_waiting_split(by: int, deal: Opportunity) -> None:
    """Let no change of the deal's split wait for an answer: one by whom the deal has left since is withdrawn.

    For acts that have checked that the actor may change the deal, and locked it. Raises Conflict for any other.
    """
    waiting = waiting_split(deal.pk)
    if waiting is None:
        return
    if may_change(waiting.asked_by, deal):
        message = _("A change of the split of %(deal)s waits for %(approver)s. %(asker)s can withdraw it.")
        words = {
            "deal": deal.name,
            "approver": waiting.approver.name if waiting.approver else waiting.get_role_display(),
            "asker": waiting.asked_by.name,
        }
        raise Conflict(message % words, code="split_waits")
    why = _("%(asker)s may not change %(deal)s any more.")
    words = {"asker": waiting.asked_by.name, "deal": deal.name}
    _withdraw(by, deal, why % words)


def end_waiting_split(by: int, deal: Opportunity, state: str) -> None:
    """Withdraw what waits of a deal that was won or lost just now: its split stays; for acts that have closed it."""
    why = _("%(deal)s was won.") if state == Opportunity.State.WON else _("%(deal)s was lost.")
    _withdraw(by, deal, why % {"deal": deal.name})


def _withdraw(by: int, deal: Opportunity, why: str) -> None:
    withdraw_waiting(by=by, kind=SPLIT_CHANGE, keys=[str(deal.pk)], why=why)
