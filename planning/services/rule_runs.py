"""The rules are run, or a run is taken back: at once, or once a second person has approved."""

import hashlib
from datetime import date
from typing import Any, NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import RuleRun
from accounts.selectors.previews import Preview
from accounts.selectors.runs import RULE_RUN
from accounts.selectors.taking_back import TakingBack
from accounts.services.runs import ask_run, check_run
from common.errors import Conflict, Refused
from common.locale import format_date, format_number
from common.selectors import today
from common.transaction import act, widened
from planning.selectors.rule_runs import kept, meaning_of
from territories.selectors import reach_for
from workspace.models import Approval
from workspace.services import Asked, ask, check_granted

NEVER_AGAIN = ("changed_since", "too_early", "not_done")
"""What stays in the way of a run that was asked for, whoever answers and when."""


class Started(NamedTuple):
    """What became of it: the run that the worker does, or what was asked where a second person has to approve."""

    run: RuleRun | None
    approval: Approval | None = None


@act
def run_or_ask(
    *, by: int, starts_on: date, digest: str, takes_back_id: int | None = None, reason: str = ""
) -> Started:
    """Run the rules from a day on, or take a run back, as the preview of that digest showed it; administrators only.

    Where more accounts move than the limit in Settings, another administrator is asked first. Raises what `check_run`
    does, so also Conflict where something else would move by now than was seen.
    """
    run: dict[str, Any] = {"starts_on": starts_on, "digest": digest, "takes_back_id": takes_back_id}
    found = check_run(**run)
    meaning = meaning_of(found)
    if not meaning.needs_approval:
        return Started(ask_run(by=by, **run))
    left_alone = found.left_alone if isinstance(found, Preview) else found.stay
    payload = {**run, "starts_on": starts_on.isoformat(), "effect": kept(meaning, left_alone)}
    asked = Asked(key_of(found), _about(found), _page(found), payload, reason.strip())
    return Started(None, ask(by=by, kind=RULE_RUN, asked=asked))


def key_of(found: Preview | TakingBack) -> str:
    """What waits for one answer at a time: just what was seen, from that day on."""
    return hashlib.sha256(f"{found.day} {found.digest}".encode()).hexdigest()


def _about(found: Preview | TakingBack) -> str:
    words = {"day": format_date(found.day), "count": format_number(found.moved)}
    if isinstance(found, TakingBack):
        words["run"] = format_date(found.run.starts_on)
        text = ngettext(
            "Take back the run of the rules from %(run)s, from %(day)s on: %(count)s account moves",
            "Take back the run of the rules from %(run)s, from %(day)s on: %(count)s accounts move",
            found.moved,
        )
    else:
        text = ngettext(
            "Run the rules from %(day)s on: %(count)s account moves",
            "Run the rules from %(day)s on: %(count)s accounts move",
            found.moved,
        )
    return text % words


def _page(found: Preview | TakingBack) -> str:
    """Where its effect is seen."""
    url = reverse("rule_preview")
    if isinstance(found, TakingBack):
        url = reverse("rule_run_back", args=[found.run.pk])
    return f"{url}?from={found.day.isoformat()}"


@act
def run_as_asked(*, by: int, approval_id: int, **asked: Any) -> RuleRun:
    """Run the rules that somebody asked to run; only out of a granted approval.

    Raises Forbidden without it, Conflict where something else would move by now or who asked may not run rules any
    more, and what `check_run` raises.
    """
    check_granted(by=by, approval_id=approval_id, kind=RULE_RUN, payload=asked)
    with widened("approval"):
        approval = Approval.objects.select_related("asked_by").get(pk=approval_id)
    asker = approval.asked_by
    if not reach_for(asker, today()).allows("rule", "update"):
        message = _("%(name)s, who asked for it, may not run the rules any more. Refuse it.")
        raise Conflict(message % {"name": asker.name}, code="asker_may_not")
    run: dict[str, Any] = {name: asked[name] for name in ("digest", "takes_back_id")}
    run["starts_on"] = date.fromisoformat(asked["starts_on"])
    try:
        check_run(**run)
    except Refused as refused:
        if refused.code not in NEVER_AGAIN:
            raise
        message = _("Rules, territories or accounts changed since this was asked. Refuse it, and ask anew.")
        if refused.code != "changed_since":
            message = _("%(why)s Refuse it, and ask anew.") % {"why": refused.message}
        raise Conflict(message, code=refused.code) from refused
    return ask_run(by=asker.pk, approval=approval, **run)
