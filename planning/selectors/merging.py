"""What a merge of two accounts would move, and what was merged into an account."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.utils.translation import ngettext

from accounts.models import Account, AccountMerge, AccountTerritory, Contact
from common.locale import format_number
from common.selectors import today
from orders.models import Order
from pipeline.models import Activity, Opportunity, Stage

MOST_NAMED = 20


@dataclass(frozen=True)
class Merging:
    """What goes over from a duplicate to the account that stays, and what does not."""

    open_deals: int
    closed_deals: int
    first_deals: list[Opportunity]
    activities: int
    contacts: int
    subsidiaries: int
    orders: int
    territories: list[str]
    first_ordered_on: date | None

    @property
    def more_deals(self) -> int:
        return self.open_deals - len(self.first_deals)


def seem_apart(survivor: Account, merged: Account) -> bool:
    """Whether nothing says that two accounts are one: neither names nor web domain nor tax number."""
    one, other = survivor.match_key, merged.match_key
    if one and other and (one.startswith(other) or other.startswith(one)):
        return False
    same = ("web_domain", "tax_number")
    return not any(
        getattr(merged, name) and getattr(merged, name) == getattr(survivor, name) for name in same
    )


def merging(survivor: Account, merged: Account) -> Merging:
    """What merging an account into another would do; for administrators, who see all of it."""
    deals = Opportunity.objects.filter(account=merged)
    opened = deals.filter(state=Stage.Kind.OPEN).select_related("owner", "stage").order_by("name_key", "pk")
    places = AccountTerritory.objects.overlapping(today(), None).filter(account=merged)
    days = (survivor.first_ordered_on, merged.first_ordered_on)
    return Merging(
        open_deals=opened.count(),
        closed_deals=deals.standing().exclude(state=Stage.Kind.OPEN).count(),
        first_deals=list(opened[:MOST_NAMED]),
        activities=Activity.objects.filter(account=merged).count(),
        contacts=Contact.objects.filter(account=merged).count(),
        subsidiaries=Account.objects.filter(parent=merged).exclude(pk=survivor.pk).count(),
        orders=Order.objects.filter(account=merged).count(),
        territories=sorted(set(places.values_list("territory__name", flat=True))),
        first_ordered_on=min(filter(None, days), default=None),
    )


def merges_of(account: Account) -> QuerySet[AccountMerge]:
    """What was merged into an account, the newest first, also what was undone."""
    return account.merges.select_related("merged", "by", "undone_by")


MOVED = ("deals", "order_requests", "activities", "leads", "contacts", "parents")
DATED = ("territories", "holds", "modules")


def stayed(merge: AccountMerge) -> list[str]:
    """What an undone merge left with the survivor, in words, because it was changed since."""
    return _kept(merge, MOVED)


def ended(merge: AccountMerge) -> list[str]:
    """What of the duplicate did not begin again with the undoing, in words: something else stands, or it is gone."""
    return _kept(merge, DATED)


def _kept(merge: AccountMerge, names: Sequence[str]) -> list[str]:
    counts = {name: len(merge.kept.get(name, ())) for name in names}
    return [_in_words(name, count) for name, count in counts.items() if count]


def _in_words(name: str, count: int) -> str:
    texts = {
        "deals": ngettext("%(count)s opportunity", "%(count)s opportunities", count),
        "order_requests": ngettext(
            "%(count)s order that awaited booking", "%(count)s orders that awaited booking", count
        ),
        "activities": ngettext("%(count)s activity", "%(count)s activities", count),
        "leads": ngettext("%(count)s lead", "%(count)s leads", count),
        "contacts": ngettext("%(count)s contact", "%(count)s contacts", count),
        "parents": ngettext("%(count)s subsidiary", "%(count)s subsidiaries", count),
        "territories": ngettext("%(count)s account's territory", "%(count)s accounts' territories", count),
        "holds": ngettext("%(count)s hold", "%(count)s holds", count),
        "modules": ngettext("%(count)s module", "%(count)s modules", count),
    }
    return texts[name] % {"count": format_number(count)}
