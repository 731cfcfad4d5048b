"""Who works on a deal, and who gets its credit on which day."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from common.money import WHOLE_SHARE
from pipeline.models import Opportunity, Split, SplitPart, TeamMember
from pipeline.rules.splits import Shares, in_force

REVENUE, OVERLAY = SplitPart.Kind.REVENUE, SplitPart.Kind.OVERLAY


def team_of(deal: Opportunity, today: date) -> list[TeamMember]:
    """Who works on the deal today or will, by name."""
    rows = TeamMember.objects.overlapping(today, None).filter(opportunity=deal)
    return list(rows.select_related("person").order_by("person__name", "starts_on"))


@dataclass(frozen=True)
class Credit:
    """Who gets the credit of a deal on `[starts_on, stops_on)`: without a split its owner, all of it."""

    split: Split | None
    starts_on: date
    stops_on: date | None
    revenue: Shares
    overlay: Shares

    def holds_on(self, day: date) -> bool:
        return self.starts_on <= day and (self.stops_on is None or day < self.stops_on)


def credits_of(deal: Opportunity) -> list[Credit]:
    """Who gets the credit of a deal on which days, from its creation on, earliest first."""
    splits = list(deal.splits.order_by("pk").prefetch_related("parts"))
    found = [
        Credit(splits[place], start, stop, shares_of(splits[place]), shares_of(splits[place], OVERLAY))
        for place, start, stop in in_force([split.starts_on for split in splits])
    ]
    first = found[0].starts_on if found else None
    if first and first <= deal.created_on:
        return found
    return [Credit(None, deal.created_on, first, {deal.owner_id: WHOLE_SHARE}, {}), *found]


def shares_of(split: Split, kind: str = REVENUE) -> Shares:
    """The shares of one kind in a split."""
    return {part.person_id: part.weight for part in split.parts.all() if part.kind == kind}


def credit_on(known: Sequence[Credit], day: date) -> Credit:
    """Which of the credits of a deal holds on a day; on one before them all the first."""
    return next((credit for credit in known if credit.holds_on(day)), known[0])


def split_on(deal: Opportunity, day: date) -> Shares:
    """The revenue shares of a deal on a day, which total 100 %; without a split its owner has all of it."""
    return split_finder([deal.pk])(deal.pk, day) or {deal.owner_id: WHOLE_SHARE}


def split_finder(deal_ids: Iterable[int]) -> Callable[[int, date], Shares]:
    """The revenue shares of one of these deals on a day; none where it has no split then. They are read once.

    On a day before the deal was created those of that day.
    """
    held: dict[int, list[Split]] = defaultdict(list)
    rows = Split.objects.filter(opportunity__in=list(deal_ids)).prefetch_related("parts")
    for split in rows.select_related("opportunity").order_by("-pk"):
        held[split.opportunity_id].append(split)

    def find(deal_id: int, day: date) -> Shares:
        begun = (s for s in held.get(deal_id, ()) if s.starts_on <= max(day, s.opportunity.created_on))
        last = next(begun, None)
        return shares_of(last) if last else {}

    return find
