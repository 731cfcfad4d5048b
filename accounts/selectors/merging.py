"""Where an account went that was merged into another one, and what was merged into an account."""

from django.utils.translation import gettext as _

from accounts.models import Account, AccountMerge
from common.access import Reach
from common.history import Change
from common.transaction import widened


def survivor_of(mine: Reach, pk: int) -> Account | None:
    """The account in reach into which another one was merged, whether the reader sees that one or not."""
    with widened("account"):
        into = Account.objects.filter(pk=pk).values_list("merged_into", flat=True).first()
    survivor: Account | None = Account.objects.visible_to(mine).filter(pk=into or 0).first()
    return survivor


def takes_new(mine: Reach, pk: int) -> bool:
    """Whether the account is in reach and was merged into no other: what may begin there at all."""
    return Account.objects.standing().visible_to(mine).filter(pk=pk).exists()


def merges_told(account: Account, mine: Reach) -> list[Change]:
    """What was merged into an account and taken apart again, by whom, when and why, newest first, for its history.

    Whoever reads the account has the duplicate's deals and contacts there, so that it is named to all of them. Once it
    is taken apart it is named, with the reason, to those alone who see it.
    """
    with widened("account_merge", "account"):
        found = AccountMerge.objects.filter(survivor=account).select_related("merged", "by", "undone_by")
        rows = list(found)
    apart = [row.merged_id for row in rows if row.undone_at]
    seen = set(Account.objects.visible_to(mine).filter(pk__in=apart).values_list("pk", flat=True))
    told = []
    for row in rows:
        is_named = not row.undone_at or row.merged_id in seen
        words = {"name": row.merged.name if is_named else _("Another account")}
        reason = row.reason if is_named else ""
        told.append(Change(row.merged_at, row.by.name, reason, _("%(name)s was merged into it") % words))
        if row.undone_at and row.undone_by:
            text = _("%(name)s was taken apart from it again") % words
            told.append(Change(row.undone_at, row.undone_by.name, text=text))
    return sorted(told, key=lambda one: one.at, reverse=True)
