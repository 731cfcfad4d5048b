"""Closing a period in the books: what is in the ledger by then stays all that is in it."""

from common.models import Period
from common.transaction import act
from orders.models import LedgerHead
from workspace.services import periods


@act
def close_period(*, by: int, approval_id: int, period_id: int) -> None:
    """Close a period out of a granted approval, and keep which entry was the ledger's last.

    Whoever books into it holds it until their end, so that their entries are numbered before that or refused. Raises
    what closing raises.
    """
    closed = periods.close_period(by=by, approval_id=approval_id, period_id=period_id)
    Period.objects.filter(pk__in=closed).update(closed_seq=LedgerHead.objects.get().seq)
