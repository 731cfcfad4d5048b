"""Accounts go to a territory together: at once, or once a second person has approved."""

import hashlib
import json
from collections.abc import Collection
from datetime import date
from typing import Any, NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.selectors.modules import members_of
from accounts.selectors.placing import Placing
from accounts.services import check_placing, place_accounts
from accounts.services.modules import locked_module
from common.access import Reach
from common.errors import Conflict, Refused
from common.locale import format_number
from common.selectors import policy, today
from common.transaction import act, widened
from planning.selectors.assign import ASSIGN, LIMIT
from planning.selectors.shape import Shape
from territories.selectors import reach_for
from workspace.models import Approval
from workspace.services import Asked, ask, check_granted


class Assigned(NamedTuple):
    """What became of it: what was found, and what was asked where a second person has to approve."""

    placing: Placing
    approval: Approval | None = None


@act
def assign_or_ask(
    *,
    by: int,
    account_ids: Collection[int],
    territory_id: int,
    starts_on: date,
    coverage: str,
    reason: str,
) -> Assigned:
    """Put accounts into a territory from a day on, or ask for it where they are more than the limit in Settings.

    Who may and what is refused: as for `assign_accounts`. A second administrator answers. An assignment changes no
    quota and no credit that is booked, so that the number of accounts alone decides.
    """
    place: dict[str, Any] = {"territory_id": territory_id, "starts_on": starts_on, "coverage": coverage}
    return place_or_ask(by=by, found=check_placing(account_ids=account_ids, **place), reason=reason)


@act
def place_or_ask(*, by: int, found: Placing, reason: str) -> Assigned:
    """The same for what `check_placing` found in this transaction, as a page that shows it first has."""
    if len(found.moving) <= policy(LIMIT):
        return Assigned(place_accounts(by=by, found=found, reason=reason))
    territory_id, starts_on = found.territory.pk, found.starts_on
    payload: dict[str, Any] = {"territory_id": territory_id, "coverage": found.coverage}
    payload |= {"starts_on": starts_on.isoformat(), "reason": reason.strip()}
    payload |= {"account_ids": [account.pk for account in found.moving], "row_ids": found.row_ids}
    payload["path"] = _path(territory_id, starts_on)
    key = hashlib.sha256(json.dumps({**payload, "reason": ""}, sort_keys=True).encode()).hexdigest()
    about = ngettext(
        "Assign %(count)s account to %(name)s", "Assign %(count)s accounts to %(name)s", len(found.moving)
    )
    words = {"count": format_number(len(found.moving)), "name": found.territory.name}
    url = reverse("territory_detail", args=[territory_id])
    asked = Asked(key, about % words, url, payload, payload["reason"])
    return Assigned(found, ask(by=by, kind=ASSIGN, asked=asked))


@act
def move_module_or_ask(
    *, by: int, module_id: int, territory_id: int, starts_on: date, coverage: str, reason: str
) -> Assigned:
    """The same for all accounts that are in a module on that day, whatever their number.

    Raises also what `check_module_move` raises.
    """
    place: dict[str, Any] = {"territory_id": territory_id, "starts_on": starts_on, "coverage": coverage}
    return place_or_ask(by=by, found=check_module_move(module_id=module_id, **place), reason=reason)


def check_module_move(*, module_id: int, starts_on: date, **place: Any) -> Placing:
    """What moving a module does, as `check_placing` says it; it stays locked until the transaction's end, so that
    nobody fills it meanwhile and leaves something behind.

    Raises Refused where nothing is in it on that day, or the running act does not see all of it.
    """
    locked_module(module_id)
    ids = members_of(module_id, starts_on)
    if not ids:
        raise Refused(_("No account is in the module on that day."), path="starts_on", code="empty")
    return check_placing(account_ids=ids, starts_on=starts_on, **place)


@act
def assign_as_asked(*, by: int, approval_id: int, **asked: Any) -> Placing:
    """Put the accounts there that somebody asked for; only out of a granted approval.

    Raises Forbidden without it, Conflict where one of them was assigned otherwise meanwhile, the territory hangs
    elsewhere or who asked may not assign there any more, and what `assign_accounts` raises.
    """
    check_granted(by=by, approval_id=approval_id, kind=ASSIGN, payload=asked)
    place = {name: asked[name] for name in ("account_ids", "territory_id", "coverage")}
    place["starts_on"] = date.fromisoformat(asked["starts_on"])
    found = check_placing(**place)
    if found.row_ids != asked["row_ids"]:
        message = _(
            "Some of these accounts were assigned otherwise since this was asked. Refuse it, and ask anew."
        )
        raise Conflict(message, code="assigned_otherwise")
    if _path(found.territory.pk, found.starts_on) != asked["path"]:
        message = _("%(name)s hangs elsewhere in the tree since this was asked. Refuse it, and ask anew.")
        raise Conflict(message % {"name": found.territory.name}, code="moved_since")
    _check_asker(approval_id, found)
    return place_accounts(by=by, found=found, reason=asked["reason"])


def _path(territory_id: int, day: date) -> list[int]:
    """Where a territory hangs on a day: itself and all above it, as the person who answers is told."""
    return Shape(Reach.everything(), day).path(territory_id)


def _check_asker(approval_id: int, found: Placing) -> None:
    """Raises Conflict where who asked may not do it by themselves any more."""
    with widened("approval"):
        asker = Approval.objects.select_related("asked_by").get(pk=approval_id).asked_by
    theirs = reach_for(asker, today())
    places = {found.territory.pk, *(pk for account in found.moving for pk in found.left(account))}
    if not all(theirs.allows("account", "assign", {"territory_id": pk}) for pk in places):
        message = _("%(name)s, who asked for it, may not assign accounts there any more. Refuse it.")
        raise Conflict(message % {"name": asker.name}, code="asker_may_not")
