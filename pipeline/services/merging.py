"""The deals and activities of an account go over to another one, because both are the same; and come back."""

from collections.abc import Mapping, Sequence

from accounts.services.merging import moved_rows
from pipeline.models import Activity, Opportunity

Ids = Mapping[str, Sequence[int]]


def move_to_account(*, from_id: int, to_id: int) -> Ids:
    """Give the deals, open and closed, and the activities of one account to another; for acts, which locked both.

    Their owners stay; the territory of what is open follows its account. Orders stay where they are. Says what moved.
    """
    return {
        "deals": moved_rows(Opportunity.objects.filter(account_id=from_id), account_id=to_id),
        "activities": moved_rows(Activity.objects.filter(account_id=from_id), account_id=to_id),
    }


def move_back(*, moved: Ids, from_id: int, to_id: int) -> Ids:
    """Put back what still is with that account; for acts. Says what is not there any more."""
    kept = {}
    for name, model in (("deals", Opportunity), ("activities", Activity)):
        back = moved_rows(model.objects.filter(account_id=from_id, pk__in=moved[name]), account_id=to_id)
        kept[name] = sorted({*moved[name]}.difference(back))
    return kept
