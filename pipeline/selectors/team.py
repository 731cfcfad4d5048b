"""Who works on a deal, and who gets its credit on which day."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from common.money import WHOLE_SHARE
from common.selectors import fiscal_day, the_organisation
from common.transaction import widened
from pipeline.models import Opportunity, Split, SplitPart, TeamMember
from pipeline.rules.splits import Share, Shares, in_force, share_of

REVENUE, OVERLAY = SplitPart.Kind.REVENUE, SplitPart.Kind.OVERLAY
READ = ("opportunity", "split", "split_part")
"""What is read beyond the reach: a person's own share of a deal that others have by now."""


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


def split_finder(deal_ids: Iterable[int]) -> Callable[..., Shares]:
    """The revenue shares of one of these deals on a day; none where it has no split then. As `held_split_finder`."""
    held = held_split_finder(deal_ids)

    def find(deal_id: int, day: date, known_on: date = date.max) -> Shares:
        split = held(deal_id, day, known_on)
        return shares_of(split) if split else {}

    return find


def held_split_finder(deal_ids: Iterable[int]) -> Callable[..., Split | None]:
    """The split of one of these deals on a day, with its parts; none where it has none then. They are read once.

    On a day before the deal was created that of that day. `known_on`: as it was recorded by the end of that day.
    """
    company = the_organisation()
    held: dict[int, list[Split]] = defaultdict(list)
    rows = Split.objects.filter(opportunity__in=list(deal_ids)).prefetch_related("parts")
    for split in rows.select_related("opportunity").order_by("-pk"):
        held[split.opportunity_id].append(split)

    def find(deal_id: int, day: date, known_on: date = date.max) -> Split | None:
        begun = (
            split
            for split in held.get(deal_id, ())
            if split.starts_on <= max(day, split.opportunity.created_on)
            and fiscal_day(split.recorded_at, company) <= known_on
        )
        return next(begun, None)

    return find


def shared_with(person_id: int) -> set[int]:
    """The deals of which a person has revenue credit by any split that was ever recorded."""
    with widened(*READ):
        parts = SplitPart.objects.filter(person=person_id, kind=REVENUE, weight__gt=0).order_by()
        return set(parts.values_list("split__opportunity_id", flat=True))


def share_finder(person_id: int, deal_ids: Iterable[int]) -> Callable[[int, bool, date, date], Share]:
    """What a person has of one of these deals on a day, which they own or not, as it was recorded by another day."""
    with widened(*READ):
        find = split_finder(deal_ids)

    def share(deal_id: int, is_owner: bool, day: date, known_on: date) -> Share:
        return share_of(person_id, person_id if is_owner else None, find(deal_id, day, known_on))

    return share
