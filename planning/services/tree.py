"""Territories are retired, merged and split: with all that hangs on them, or not at all."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Account, AccountTerritory
from accounts.services import assign_accounts, pass_accounts, repoint_rules, some_of
from common.calendars import Span
from common.errors import Conflict, Refused
from common.locale import format_date, format_number
from common.selectors import today
from common.transaction import act
from pipeline.services import follow_territories
from planning.models import HandOver
from planning.rules.splitting import chosen_twice
from planning.selectors.tree import hanging_on, last_booked_on
from territories import rules
from territories import services as territories
from territories.models import Edge, Territory
from territories.selectors import heirs_on, subtree_within
from territories.services.tree import check_parent

MOST_PARTS = 5


@act
def retire_territory(*, by: int, territory_id: int, on: date, reason: str = "") -> Territory:
    """Take an empty territory out of the tree from a day on; administrators only. Its history stays.

    Raises Conflict while anything hangs on it on that day or later, while something is booked there since, and for a
    day in a closed period; Refused for *Unassigned* and the last root.
    """
    territory = territories.take_for_retiring(by=by, territory_id=territory_id, on=on)
    _check_booked(territory, on)
    if hanging := hanging_on(territory, on):
        found = [f"{each.what}: {format_number(each.count)}" for each in hanging]
        message = _("%(name)s is not empty on that day: %(found)s. End these first.")
        raise Conflict(
            message % {"name": territory.name, "found": "; ".join(found)}, path="on", code="not_empty"
        )
    territories.end_place(by=by, territory_id=territory_id, on=on, reason=reason)
    return territory


def _check_booked(territory: Territory, on: date) -> None:
    """Raises Conflict where order intake stands there on that day or later: it stays, and needs a place in the tree."""
    if last := last_booked_on(territory.pk, on):
        words = {
            "name": territory.name,
            "last": format_date(last),
            "day": format_date(last + timedelta(days=1)),
        }
        message = _(
            "Order intake of %(last)s stands on %(name)s, and stays there. Choose %(day)s or a later day."
        )
        raise Conflict(message % words, path="on", code="booked_since")


class Merged(NamedTuple):
    """How much went over to the other territory, and how many seats ended."""

    nodes: int
    accounts: int
    seats: int
    rules: int
    work: int


@act
def merge_territory(*, by: int, territory_id: int, into_id: int, on: date, reason: str = "") -> Merged:
    """Give what a territory has to another one from a day on and retire it; administrators only.

    Accounts of every coverage, what lies below it, and the rules in use that point to it go over; its seats end, with
    what was planned for vacant ones or was to pass with one. Open work follows: today, or on the day itself. Quota and
    credit stay.

    Raises Refused where the other one is no place for all of it, Conflict while something is booked there since, and
    for a day in a closed period.
    """
    source = territories.take_for_retiring(by=by, territory_id=territory_id, on=on)
    _check_heir(source, into_id, on)
    _check_booked(source, on)
    goes = {"by": by, "from_id": territory_id, "to_id": into_id}
    why = reason.strip()
    nodes = territories.rehang(**goes, on=on, reason=why)
    accounts = pass_accounts(**goes, on=on, reason=why)
    seats = territories.vacate(by=by, territory_id=territory_id, on=on, reason=why)
    _drop_hand_overs(territory_id, on)
    ruled = repoint_rules(**goes)
    left: dict[str, Any] = {"by": by, "territory_id": territory_id, "on": on, "reason": why}
    territories.record_succession(**left, heir_id=into_id, is_whole=True)
    territories.end_place(**left)
    work = follow_territories(heirs={territory_id: into_id}) if on <= today() else 0
    return Merged(nodes, accounts, seats, ruled, work)


def _drop_hand_overs(territory_id: int, on: date) -> None:
    """Open work that was to pass there on that day or later follows the territory: the seat with which it would pass
    has ended.
    """
    planned = HandOver.objects.filter(territory=territory_id, state=HandOver.State.PLANNED, passes_on__gte=on)
    for row in planned.select_for_update().order_by("pk"):
        HandOver.objects.change(row.pk, row.version, state=HandOver.State.DROPPED)


def _check_heir(source: Territory, into_id: int, on: date) -> None:
    """Raises Refused for a territory that cannot have what the source has."""
    if into_id == source.pk:
        raise Refused(_("Choose another territory: this one is the one that goes."), path="into_id")
    target = check_parent(into_id, on, path="into_id")
    words = {"name": source.name, "into": target.name if target else ""}
    if any(into_id in nodes for span, nodes in subtree_within(source.pk, Span(on, date.max))):
        message = _("%(into)s lies below %(name)s. Move it elsewhere first, or merge the other way round.")
        raise Refused(message % words, path="into_id", code="tree_cycle")
    if target and (source.kind == rules.OVERLAY) != (target.kind == rules.OVERLAY):
        message = _(
            "Only one of %(name)s and %(into)s is an overlay: their accounts are covered for different ends."
        )
        raise Refused(message % words, path="into_id", code="overlay")


class Part(NamedTuple):
    """A territory that a split makes, with the accounts that it takes."""

    name: str
    code: str
    account_ids: Collection[int]


@act
def split_territory(
    *, by: int, territory_id: int, on: date, parts: Sequence[Part], reason: str = ""
) -> list[Territory]:
    """Put new territories of the same type beside one from a day on, each with accounts of it; administrators only.

    The rest stays where it is; so do seats, quota and credit. Raises Refused for an account that is in two parts, held,
    or not in the territory on that day, Conflict for a day in a closed period.
    """
    source = territories.take_for_retiring(by=by, territory_id=territory_id, on=on)
    _check_parts(source, parts, on)
    above = Edge.objects.on(on).get(child=source).parent_id
    return [_take_part(by, source, above, part, on, reason) for part in parts]


def _take_part(by: int, source: Territory, above: int | None, part: Part, on: date, why: str) -> Territory:
    """The new territory with its accounts. Raises Refused, naming the part."""
    given = {"name": part.name, "code": part.code, "kind": source.kind, "reason": why}
    try:
        new = territories.create_territory(by=by, parent_id=above, starts_on=on, **given)
        for coverage, ids in _by_coverage(source, part.account_ids, on).items():
            assign_accounts(
                by=by, account_ids=ids, territory_id=new.pk, starts_on=on, coverage=coverage, reason=why
            )
    except Refused as refused:
        refused.message = f"{part.name}: {refused.message}" if part.name else refused.message
        raise
    territories.record_succession(
        by=by, territory_id=source.pk, heir_id=new.pk, on=on, is_whole=False, reason=why
    )
    return new


def _by_coverage(source: Territory, ids: Collection[int], on: date) -> dict[str, list[int]]:
    """These accounts as far as they are in the territory on that day, by what they are covered for there."""
    found: dict[str, list[int]] = defaultdict(list)
    rows = AccountTerritory.objects.on(on).filter(territory=source, account__in=ids)
    for coverage, account_id in rows.order_by("account_id").values_list("coverage", "account_id"):
        found[coverage].append(account_id)
    return found


def _check_parts(source: Territory, parts: Sequence[Part], on: date) -> None:
    if not 1 <= len(parts) <= MOST_PARTS:
        message = _("Name from 1 to %(most)s new territories.") % {"most": MOST_PARTS}
        raise Refused(message, path="parts")
    for place, part in enumerate(parts):
        if not part.account_ids:
            message = _("%(name)s takes no account. Choose some, or add it as an empty territory.")
            raise Refused(message % {"name": part.name}, path=f"parts.{place}.account_ids")
    if twice := chosen_twice([part.account_ids for part in parts]):
        _refuse_twice(parts, twice)
    wanted = {pk for part in parts for pk in part.account_ids}
    there = AccountTerritory.objects.on(on).filter(territory=source, account__in=wanted)
    if missing := wanted.difference(there.values_list("account_id", flat=True)):
        message = _("Not in %(name)s on that day: %(accounts)s. Leave them out.")
        raise Refused(message % {"name": source.name, "accounts": _names(missing)}, path="parts")


def _refuse_twice(parts: Sequence[Part], twice: dict[int, list[int]]) -> None:
    pk, places = min(twice.items())
    words = {
        "account": _names([pk]),
        "parts": ", ".join(parts[place].name for place in places),
        "more": len(twice) - 1,
    }
    more = (
        ngettext(" So is %(more)s more.", " So are %(more)s more.", len(twice) - 1) if len(twice) > 1 else ""
    )
    message = _("%(account)s is in more than one part: %(parts)s. Leave it in one of them.")
    raise Refused((message + more) % words, path="parts", code="chosen_twice")


def _names(ids: Collection[int]) -> str:
    return some_of(Account.objects.filter(pk__in=ids).order_by("name_key").values_list("name", flat=True))


def follow_mergers(*, today: date) -> int:
    """Let open work that still stands on territories which were merged into others follow; the organisation's own job.

    A merger of a day to come leaves it where it is until then. Safe to run twice. Says how many rows followed.
    """
    return follow_territories(heirs=heirs_on(today))
