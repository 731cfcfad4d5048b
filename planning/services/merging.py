"""Two customers that are one: the duplicate is merged into the other, and a wrong merge is taken apart again."""

from datetime import date

from django.db.models import Min
from django.utils.translation import gettext as _

from accounts.models import Account, AccountMerge
from accounts.services.merging import merge_into, take_apart
from accounts.services.turns import lock_families, wait_for_runs
from common.access import found
from common.errors import Conflict, Refused
from common.transaction import act, because, now, reach
from orders.models import Order
from orders.services.merging import move_requests, move_requests_back
from pipeline.services.merging import move_back, move_to_account


@act
def merge_accounts(*, by: int, survivor_id: int, merged_id: int, reason: str) -> AccountMerge:
    """Merge a duplicate into another account: deals, open and closed, activities, contacts, subsidiaries.

    Leads that became the duplicate have become the one that stays; what awaits its booking is of the one that stays.

    Administrators only. Orders, entries of the books and what was written of the duplicate stay with it. Its
    territories, holds and module end today, it leaves lists and search, and its page leads to the survivor.
    Raises Refused for an account with itself, without a reason, or for one that is merged already.
    """
    reach().require("account_merge", "update")
    if not reason.strip():
        raise Refused(_("Say why they are one; it stays on record."), path="reason", code="reason_needed")
    if survivor_id == merged_id:
        raise Refused(_("Choose another account: this one stays."), path="survivor_id", code="same")
    survivor, merged = _both(survivor_id, merged_id)
    for account in (survivor, merged):
        if account.merged_into_id:
            message = _("%(name)s was merged into another account already.") % {"name": account.name}
            raise Refused(message, path="survivor_id", code="merged")
    words = {"merged": merged.name, "survivor": survivor.name, "reason": reason.strip()}
    why = _("%(merged)s was merged into %(survivor)s: %(reason)s") % words
    with because(why):
        moved = merge_into(by=by, survivor=survivor, merged=merged, reason=why[:200])
        moved |= move_to_account(from_id=merged_id, to_id=survivor_id)
        moved |= move_requests(from_id=merged_id, to_id=survivor_id)
        return AccountMerge.objects.create(
            survivor=survivor, merged=merged, reason=reason.strip(), moved=moved, by_id=by
        )


@act
def undo_merge(*, by: int, merge_id: int, version: int) -> AccountMerge:
    """Put back what a merge moved, where it still stands as the merge left it; administrators only.

    `kept` of what is returned says what stays with the survivor. Territories, holds and module begin again today.
    Raises Conflict where it is undone already or the survivor was merged on, Stale.
    """
    reach().require("account_merge", "update")
    merge: AccountMerge = found(AccountMerge.objects.filter(pk=merge_id).first())
    survivor, merged = _both(merge.survivor_id, merge.merged_id)
    merge.refresh_from_db()
    if merge.undone_at:
        raise Conflict(_("This merge was undone already."), code="undone")
    if survivor.merged_into_id:
        message = _("%(name)s was merged itself since. Undo that first.") % {"name": survivor.name}
        raise Conflict(message, code="merged")
    words = {"merged": merged.name, "survivor": survivor.name}
    with because(_("The merge of %(merged)s into %(survivor)s was undone") % words):
        first = _first_order(merge)
        kept = take_apart(survivor=survivor, merged=merged, moved=merge.moved, first_ordered_on=first)
        both = {"from_id": survivor.pk, "to_id": merged.pk}
        kept |= move_back(moved=merge.moved, **both)
        kept |= move_requests_back(moved=merge.moved, **both)
        AccountMerge.objects.change(merge_id, version, undone_at=now(), undone_by_id=by, kept=kept)
    merge.refresh_from_db()
    return merge


def _both(survivor_id: int, merged_id: int) -> tuple[Account, Account]:
    """Both accounts, locked in the order of their ids. Raises NotInReach."""
    wait_for_runs()
    lock_families()
    rows = Account.objects.select_for_update(no_key=True, of=("self",)).order_by("pk")
    locked = {row.pk: row for row in rows.filter(pk__in=[survivor_id, merged_id])}
    return found(locked.get(survivor_id)), found(locked.get(merged_id))


def _first_order(merge: AccountMerge) -> date | None:
    """The survivor's own first order: as it was before the merge, or an earlier one that was recorded since."""
    before = merge.moved["first_ordered_on"][0]
    own = Order.objects.filter(account=merge.survivor_id).aggregate(first=Min("booked_on"))["first"]
    days = [date.fromisoformat(before) if before else None, own]
    return min(filter(None, days), default=None)
