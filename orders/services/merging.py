"""Orders that await their booking go over to another account, as both are the same; and back."""

from collections.abc import Mapping, Sequence

from accounts.services.merging import moved_rows
from orders.models import OrderRequest

REQUESTS = "order_requests"


def move_requests(*, from_id: int, to_id: int) -> Mapping[str, Sequence[int]]:
    """What was won for one account and is not sold yet becomes the other one's; for acts, which locked both and moved
    the deals. Orders stay where they are. Says what moved.
    """
    rows = OrderRequest.objects.filter(state__in=OrderRequest.OPEN, account_id=from_id)
    return {REQUESTS: moved_rows(rows, account_id=to_id)}


def move_requests_back(
    *, moved: Mapping[str, Sequence[int]], from_id: int, to_id: int
) -> Mapping[str, Sequence[int]]:
    """Put back what still waits with that account; for acts. Says what does not; an earlier merge moved none."""
    ids = moved.get(REQUESTS, ())
    rows = OrderRequest.objects.filter(state__in=OrderRequest.OPEN, account_id=from_id, pk__in=ids)
    return {REQUESTS: sorted({*ids}.difference(moved_rows(rows, account_id=to_id)))}
