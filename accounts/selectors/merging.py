"""Where an account went that was merged into another one."""

from accounts.models import Account
from common.access import Reach
from common.transaction import widened


def survivor_of(mine: Reach, pk: int) -> Account | None:
    """The account in reach into which another one was merged, whether the reader sees that one or not."""
    with widened("account"):
        into = Account.objects.filter(pk=pk).values_list("merged_into", flat=True).first()
    survivor: Account | None = Account.objects.visible_to(mine).filter(pk=into or 0).first()
    return survivor
