"""Who gets a deal's credit in words: what its page shows, what waits for an answer, what history tells."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from common.history import Change, names_of
from common.locale import format_date, format_share
from common.money import WHOLE_SHARE, allocate, round_half_away
from common.selectors import today
from common.transaction import widened
from pipeline.models import Opportunity, Split, TeamMember
from pipeline.rules.splits import Shares
from pipeline.selectors.team import OVERLAY, Credit, credit_on, credits_of, shares_of
from territories.models import User
from territories.selectors import reach_for
from workspace.models import Approval
from workspace.selectors.approvals import who_answered

SPLIT_CHANGE = "split_change"


@dataclass(frozen=True)
class Part:
    """A person's share, and what it is of the deal's amount where the deal has one."""

    person: User
    weight: int
    amount_minor: int | None


@dataclass(frozen=True)
class Shown:
    """Who gets the credit on some days, the greatest shares first."""

    split: Split | None
    starts_on: date
    stops_on: date | None
    revenue: Sequence[Part]
    overlay: Sequence[Part]


@dataclass(frozen=True)
class Sharing:
    """Who gets the credit of a deal today and on other days; what waits for an answer, and what it would do.

    `is_held`: no other change begins while it waits.
    """

    now: Shown
    others: Sequence[Shown]
    waiting: Approval | None
    effect: str
    is_held: bool


def sharing(deal: Opportunity, day: date) -> Sharing:
    """Who gets the credit of a deal, as its page shows it on a day."""
    known = credits_of(deal)
    people = User.objects.in_bulk({pk for one in known for pk in (*one.revenue, *one.overlay)})
    now, waiting = credit_on(known, day), waiting_split(deal.pk)
    others = [_shown(one, deal.amount_minor, people) for one in known if one is not now]
    effect = split_effects([waiting.payload])[0] if waiting else ""
    is_held = waiting is not None and may_change(waiting.asked_by, deal)
    return Sharing(_shown(now, deal.amount_minor, people), others, waiting, effect, is_held)


def _shown(credit: Credit, amount: int | None, people: Mapping[int, User]) -> Shown:
    revenue, overlay = _ranked(credit.revenue, people), _ranked(credit.overlay, people)
    parts: Sequence[int | None] = [None] * len(revenue)
    if amount is not None:
        parts = allocate(amount, [share for _person, share in revenue])
    return Shown(
        credit.split,
        credit.starts_on,
        credit.stops_on,
        [Part(person, share, part) for (person, share), part in zip(revenue, parts, strict=True)],
        [Part(person, share, _part_of(amount, share)) for person, share in overlay],
    )


def _ranked(shares: Shares, people: Mapping[int, User]) -> list[tuple[User, int]]:
    named = ((people[pk], share) for pk, share in shares.items())
    return sorted(named, key=lambda part: (-part[1], part[0].name, part[0].pk))


def _part_of(amount: int | None, share: int) -> int | None:
    return None if amount is None else round_half_away(Fraction(amount * share, WHOLE_SHARE))


def waiting_split(deal_id: int) -> Approval | None:
    """The change of a deal's split that waits for an answer, for whoever reads the deal."""
    with widened("approval"):
        rows = Approval.objects.filter(kind=SPLIT_CHANGE, key=str(deal_id), state=Approval.State.WAITING)
        waiting: Approval | None = rows.select_related("approver", "asked_by").first()
    return waiting


def waiting_splits(deal_ids: Iterable[int]) -> set[int]:
    """The deals of which a change of the split waits for an answer."""
    keys = [str(pk) for pk in deal_ids]
    with widened("approval"):
        rows = Approval.objects.filter(kind=SPLIT_CHANGE, key__in=keys, state=Approval.State.WAITING)
        return {int(key) for key in rows.values_list("key", flat=True)}


def may_change(person: User, deal: Opportunity) -> bool:
    """Whether somebody who asked to change the deal's split may still change the deal today."""
    return reach_for(person, today()).allows("opportunity", "update", deal)


def split_effects(asked: Sequence[dict[str, Any]]) -> list[str]:
    """Who would get how much instead of how much, and from which day on."""
    named = {pk for one in asked for kind in ("revenue", "overlay", "before") for pk, _share in one[kind]}
    people = dict(User.objects.filter(pk__in=named).values_list("pk", "name"))
    return [_effect(one, people) for one in asked]


def _effect(asked: Mapping[str, Any], people: Mapping[int, str]) -> str:
    before, after = dict(asked["before"]), dict(asked["revenue"])
    said = [_changed(people[pk], before.get(pk, 0), after.get(pk, 0)) for pk in {**before, **after}]
    words = {"day": format_date(date.fromisoformat(asked["starts_on"])), "shares": ", ".join(said)}
    text = _("From %(day)s on: %(shares)s.") % words
    overlay = in_words(dict(asked["overlay"]), people)
    return " ".join([text, _("As overlay: %(shares)s.") % {"shares": overlay}]) if overlay else text


def _changed(name: str, before: int, after: int) -> str:
    words = {"name": name, "share": format_share(after), "before": format_share(before)}
    if before == after:
        return _("%(name)s %(share)s %%, as before") % words
    return _("%(name)s %(share)s %% instead of %(before)s %%") % words


def in_words(shares: Shares, people: Mapping[int, str]) -> str:
    """Shares in a line: *Rita Rep 60 %, Paul Peer 40 %*."""
    each = ({"name": people[pk], "share": format_share(share)} for pk, share in shares.items())
    return ", ".join(_("%(name)s %(share)s %%") % one for one in each)


# ---- history ----


def team_history(deal: Opportunity) -> Iterator[Change]:
    """Who came to the deal's team, left it or has another role there, and who gets its credit from when on."""
    splits = list(deal.splits.order_by("pk").prefetch_related("parts"))
    rows = TeamMember.objects.filter(opportunity=deal).select_related("person")
    members = list(rows.order_by("recorded_at", "pk"))
    people = _names(splits, members)
    granted = _granted(deal.pk, people) if splits else {}
    for split in splits:
        who, parts = people.get(split.by_id or 0, ""), _parts(split)
        by = granted.get((split.by_id, split.starts_on, parts), who)
        yield Change(split.recorded_at, by, split.reason, text=_said(split, people))
    yield from _members(members, people)


Parts = tuple[frozenset[tuple[int, int]], frozenset[tuple[int, int]]]


def _parts(split: Split) -> Parts:
    return frozenset(shares_of(split).items()), frozenset(shares_of(split, OVERLAY).items())


def _names(splits: Iterable[Split], members: Sequence[TeamMember]) -> dict[int, str]:
    ids = {part.person_id for split in splits for part in split.parts.all()}
    others = [split.by_id for split in splits]
    others += [pk for row in members for pk in (row.person_id, row.recorded_by_id, row.superseded_by_id)]
    ids |= {pk for pk in others if pk}
    named = {row.person_id: row.person.name for row in members}
    return named | names_of(User, ids - named.keys())


def _granted(deal_id: int, people: Mapping[int, str]) -> dict[tuple[int | None, date, Parts], str]:
    """Who asked for which split, and who approved it."""
    with widened("approval"):
        rows = Approval.objects.filter(kind=SPLIT_CHANGE, key=str(deal_id), state=Approval.State.GRANTED)
        answers = list(rows.select_related("answered_by", "answered_for"))
    said = _("%(name)s, approved by %(approver)s")
    return {
        _asked(row): said % {"name": people.get(row.asked_by_id, ""), "approver": who_answered(row)}
        for row in answers
    }


def _asked(approval: Approval) -> tuple[int, date, Parts]:
    revenue, overlay = (frozenset(map(tuple, approval.payload[kind])) for kind in ("revenue", "overlay"))
    return approval.asked_by_id, date.fromisoformat(approval.payload["starts_on"]), (revenue, overlay)


def _said(split: Split, people: Mapping[int, str]) -> str:
    words = {"day": format_date(split.starts_on), "shares": in_words(shares_of(split), people)}
    text = _("Split from %(day)s on: %(shares)s") % words
    overlay = in_words(shares_of(split, OVERLAY), people)
    return text + (_("; as overlay: %(shares)s") % {"shares": overlay} if overlay else "")


def _members(rows: Sequence[TeamMember], people: Mapping[int, str]) -> Iterator[Change]:
    """What was recorded of one person at one instant is one change; so is what was taken back without anything new."""
    made: dict[tuple[int, datetime], list[TeamMember]] = defaultdict(list)
    before: dict[tuple[int, datetime], TeamMember] = {}
    for row in rows:
        made[row.person_id, row.recorded_at].append(row)
        if row.superseded_at:
            before[row.person_id, row.superseded_at] = row
    for (person, at), new in made.items():
        text = _member(people.get(person, ""), before.get((person, at)), new)
        yield Change(at, people.get(new[0].recorded_by_id or 0, ""), text=text)
    for (person, at), row in before.items():
        if (person, at) not in made:
            text = _("Took %(name)s out of the team") % {"name": people.get(person, "")}
            yield Change(at, people.get(row.superseded_by_id or 0, ""), row.superseded_why, text=text)


def _member(name: str, before: TeamMember | None, new: Sequence[TeamMember]) -> str:
    last = max(new, key=lambda row: row.starts_on)
    words = {"name": name, "role": last.role, "day": format_date(last.starts_on)}
    if before is None:
        text = _("Added %(name)s to the team from %(day)s on, as %(role)s")
        return (text if last.role else _("Added %(name)s to the team from %(day)s on")) % words
    if last.role != before.role:
        text = _("%(name)s works on it as %(role)s from %(day)s on")
        return (text if last.role else _("%(name)s works on it without a role from %(day)s on")) % words
    return _("%(name)s leaves the team on %(day)s") % {**words, "day": format_date(last.stops_on)}
