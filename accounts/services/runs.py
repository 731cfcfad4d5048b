"""Running the rules: asked for by a person after a preview, done by the worker in one transaction."""

from datetime import date, datetime
from typing import Any

from django.db import OperationalError, connection
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.bulk.places import let_work_follow
from accounts.bulk.placing import apply, follow
from accounts.bulk.taking_back import put_back
from accounts.models import Coverage, RuleRun
from accounts.selectors.previews import SHOWN_LINES, Preview, busiest, preview
from accounts.selectors.runs import approval_of
from accounts.selectors.taking_back import TakingBack, cannot_go_back, too_early, what_goes_back
from accounts.services.telling import tell_owners
from common.access import Reach, found
from common.errors import Conflict, Refused
from common.selectors import today
from common.services import refuse_closed
from common.transaction import act, reach, widened, work
from workspace.models import Approval, Event
from workspace.services import tell

OPEN = (RuleRun.State.WAITING, RuleRun.State.RUNNING)
# Until the run ends nobody else places, holds or hangs anything, so that what it decides is what it writes.
# In the order of all acts (docs/architecture.md, *Whose turn it is*): the tree, the rules, where accounts are.
ALONE = """
SELECT pg_advisory_xact_lock(hashtext('territory_tree'));
LOCK TABLE accounts_rule IN SHARE MODE;
LOCK TABLE accounts_accountterritory, accounts_hold IN SHARE ROW EXCLUSIVE MODE
"""


@act
def ask_run(
    *,
    by: int,
    starts_on: date,
    digest: str,
    takes_back_id: int | None = None,
    approval: Approval | None = None,
) -> RuleRun:
    """Ask that the rules in use be run from a day on as the preview of that digest showed; administrators only, and by
    acts that have looked at how many accounts move.

    `takes_back_id`: no rule is run, but what that run did is taken back. `approval`: what was granted where it had to
    be; since then it was asked for. The worker does it within seconds. Raises Conflict for a day in a closed period and
    for a run that can't be taken back, Refused where a run waits already and for a day before that run or before today.
    """
    _check_asked(starts_on, takes_back_id)
    asked = {"approval": approval, "asked_at": approval.asked_at} if approval else {}
    return RuleRun.objects.create(
        starts_on=starts_on, digest=digest, asked_by_id=by, takes_back_id=takes_back_id, **asked
    )


@act
def check_run(*, starts_on: date, digest: str, takes_back_id: int | None = None) -> Preview | TakingBack:
    """What a run does that was previewed with that digest; nothing is asked for yet. Administrators only.

    Raises what `ask_run` does, and what the worker would: Refused where a rule leads out of the tree, Conflict where
    something else would move by now than was seen.
    """
    other = _check_asked(starts_on, takes_back_id)
    if RuleRun.objects.filter(state=RuleRun.State.WAITING).exists():
        raise Refused(_("A run of the rules waits already. Let it end first."), code="waits")
    seen = what_goes_back(other, starts_on) if other else _previewed(starts_on)
    _check_digest(digest, seen.digest)
    return seen


def _check_asked(starts_on: date, takes_back_id: int | None) -> RuleRun | None:
    """The run that is to be taken back, if one is. Raises as `ask_run`."""
    reach().require("rule", "update")
    refuse_closed(starts_on, "starts_on")
    if takes_back_id is None:
        return None
    other: RuleRun = found(RuleRun.objects.filter(pk=takes_back_id).first())
    _check_taking_back(other, starts_on)
    return other


def _check_taking_back(run: RuleRun, day: date) -> None:
    if why := cannot_go_back(run):
        raise Conflict(why, code="not_done")
    if why := too_early(run, day):
        raise Refused(why, path="starts_on", code="too_early")


def run_waiting() -> bool:
    """Do the run that waits, or take one up again whose worker was killed; the organisation's own job.

    One transaction: all of it is done or nothing. A run that is refused says why, and nothing moved. Says whether there
    was one.
    """
    run = _begin()
    if run is None:
        return False
    try:
        why = "a run of the rules is taken back" if run.takes_back_id else "a run of the rules"
        with work(by=run.asked_by_id, why=why, reach=Reach.everything()):
            run_rules(run_id=run.pk)
    except (
        OperationalError
    ):  # the connection broke, or somebody else was faster with a lock: it is taken up again
        raise
    except Exception as error:
        _fail(run.pk, error)
        if not isinstance(error, Refused):
            raise
    return True


def _begin() -> RuleRun | None:
    """Take the oldest open run that nobody is at, and say so for those who watch."""
    with work(by=None, why="a run of the rules begins", reach=Reach.everything()):
        rows = RuleRun.objects.filter(state__in=OPEN).order_by("pk")
        run: RuleRun | None = rows.select_for_update(skip_locked=True).first()
        if run and run.state == RuleRun.State.WAITING:
            RuleRun.objects.change(run.pk, run.version, state=RuleRun.State.RUNNING)
        return run


@act
def run_rules(*, run_id: int) -> RuleRun | None:
    """Put accounts where the rules say from the run's day on; the organisation's own job. None: somebody else is at it.

    What runs on that day ends; what rules had planned for later goes, what people planned for later stays. Nothing
    changes where it is run again. Raises Conflict where rules, tree or accounts changed since the preview, or the day
    was closed, Refused where a rule leads out of the tree.
    """
    run: RuleRun | None = (
        RuleRun.objects.select_for_update(skip_locked=True).filter(pk=run_id, state__in=OPEN).first()
    )
    if run is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute(ALONE)
        cursor.execute("SELECT clock_timestamp()")
        at = cursor.fetchone()[0]
    refuse_closed(run.starts_on, "starts_on")
    counts = _take_back(run, run.takes_back, at) if run.takes_back else _run(run, at)
    done = {"state": RuleRun.State.DONE, "ended_at": Now(), "written_at": at, "counts": counts}
    RuleRun.objects.change(run.pk, run.version, **done)
    return run


def _run(run: RuleRun, at: datetime) -> dict[str, Any]:
    seen = _previewed(run.starts_on)
    _check_digest(run.digest, seen.digest)
    return _apply(seen, run.asked_by_id, at)


def _previewed(day: date) -> Preview:
    seen = preview(day)
    if seen.faults:
        raise Refused(" ".join(seen.faults[:3]), path="rules")
    return seen


def _check_digest(asked: str, digest: str) -> None:
    if digest != asked:
        message = _(
            "Rules, territories or accounts changed since the preview. Look at it again, then run it."
        )
        raise Conflict(message, code="changed_since")


def _take_back(run: RuleRun, other: RuleRun, at: datetime) -> dict[str, Any]:
    """Put the accounts back that still stand as the other run left them; what changed, in figures."""
    _check_taking_back(other, run.starts_on)  # it may have waited past midnight
    seen = what_goes_back(other, run.starts_on)
    _check_digest(run.digest, seen.digest)
    written, now = 0, today()
    for one in seen.returns:
        if one.verdicts.get("back"):
            with widened("account", "account_territory", "hold"):
                written += put_back(one, by=run.asked_by_id, now=at)
            if run.starts_on <= now:
                _follow(one.coverage, one.nobody, now, run.asked_by_id)
    return _told_back(seen, written)


def _told_back(seen: TakingBack, written: int) -> dict[str, Any]:
    stay = {"stay": seen.stay, "moved_on": seen.moved_on, "held": seen.held, "gone": seen.gone}
    moved = {
        "accounts": seen.writes + seen.stay,
        "moved": seen.moved,
        "unassigned": seen.unassigned,
        "rows": written,
    }
    return {**moved, **stay, "territories": seen.territories()}


def _apply(seen: Preview, by: int, at: datetime) -> dict[str, Any]:
    """Write what the preview says; what changed, in figures."""
    names = {pk: rule.name for pk, rule in seen.rules.items()}
    written, now = 0, today()
    for effect in seen.effects:
        written += apply(effect, by=by, at=at, names=names, nobody_takes=_("no rule takes it"))
        if effect.writes and seen.day <= now:
            _follow(effect.coverage, effect.nobody, now, by)
    clashes, unmatched = seen.conflicts, seen.unmatched
    return {
        "accounts": seen.accounts,
        "moved": seen.moved,
        "spared": seen.spared,
        "held": seen.held,
        "unassigned": seen.unassigned,
        "conflicts": sum(one.count for one in clashes),
        "unmatched": len(unmatched),
        "rows": written,
        "rules": {str(pk): rule.version for pk, rule in seen.rules.items()},
        "clashes": [[one.decides.pk, one.other.pk, one.count] for one in clashes[:SHOWN_LINES]],
        "never": [rule.pk for rule in unmatched[:SHOWN_LINES]],
        "territories": [
            [effect.coverage, pk, *effect.change(pk)] for effect in seen.effects for pk in busiest(effect)
        ],
    }


def _follow(coverage: str, nobody: int | None, now: date, by: int) -> None:
    """Today's territory of the accounts; open work goes with the field's, and who owns where they went is told."""
    moved = follow(coverage, nobody, now)
    if coverage == Coverage.FIELD:
        let_work_follow(moved)
        tell_owners(moved, by)


def _fail(run_id: int, error: Exception) -> None:
    """Say in the run's own row that it failed, and why."""
    kind = "" if isinstance(error, Refused) else f"{type(error).__name__}: "
    with work(by=None, why="a run of the rules that failed", reach=Reach.everything()):
        run = RuleRun.objects.get(pk=run_id)
        said = f"{kind}{error}"[:400]
        RuleRun.objects.change(run_id, run.version, state=RuleRun.State.FAILED, ended_at=Now(), error=said)
        _tell_of_failure(run)


def _tell_of_failure(run: RuleRun) -> None:
    """Tell both whose approval it had: neither watches it."""
    approval = approval_of(run)
    if approval:
        people = [approval.asked_by_id, approval.answered_by_id or approval.asked_by_id]
        about = f"rules {run.starts_on.isoformat()}"
        page = reverse("rule_run_detail", args=[run.pk])
        tell(event=Event.RUN_FAILED, people=people, key=f"rules:{run.pk}", about=about, url=page)
