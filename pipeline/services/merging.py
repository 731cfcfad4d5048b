"""Deals, activities and what leads became of an account go over to another one, as both are the same; and back."""

from collections.abc import Mapping, Sequence

from accounts.services.merging import moved_rows
from pipeline.models import Activity, Lead, Opportunity

Ids = Mapping[str, Sequence[int]]
MOVED: tuple[tuple[str, type[Opportunity | Activity | Lead]], ...] = (
    ("deals", Opportunity),
    ("activities", Activity),
    ("leads", Lead),
)


def move_to_account(*, from_id: int, to_id: int) -> Ids:
    """Give the deals, open and closed, and the activities of one account to another; for acts, which locked both.

    Their owners stay; the territory of what is open follows its account. Leads that became the one have become the
    other. Orders stay where they are. Says what moved.
    """
    return {
        name: moved_rows(model._default_manager.filter(account_id=from_id), account_id=to_id)
        for name, model in MOVED
    }


def move_back(*, moved: Ids, from_id: int, to_id: int) -> Ids:
    """Put back what still is with that account; for acts. Says what is not there any more.

    A merge of earlier days moved no leads.
    """
    kept = {}
    for name, model in MOVED:
        rows = model._default_manager.filter(account_id=from_id, pk__in=moved.get(name, ()))
        kept[name] = sorted({*moved.get(name, ())}.difference(moved_rows(rows, account_id=to_id)))
    return kept
