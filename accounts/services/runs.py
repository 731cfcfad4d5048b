"""Running the rules: asked for by a person after a preview, done by the worker in one transaction."""

from datetime import date
from typing import Any

from django.db import OperationalError, connection
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts.bulk.ruled import Effect, apply, follow, let_work_follow
from accounts.models import Coverage, RuleRun
from accounts.selectors.previews import Preview, busiest, preview
from accounts.services.telling import tell_owners
from common.access import Reach
from common.errors import Conflict, Refused
from common.selectors import today
from common.services import refuse_closed
from common.transaction import act, reach, work

OPEN = (RuleRun.State.WAITING, RuleRun.State.RUNNING)
# Until the run ends nobody else places, holds or hangs anything, so that what it decides is what it writes.
# The tree first, as acts do that hang territories elsewhere and then place accounts or change rules.
ALONE = """
SELECT pg_advisory_xact_lock(hashtext('territory_tree'));
LOCK TABLE accounts_rule IN SHARE MODE;
LOCK TABLE accounts_accountterritory, accounts_hold IN SHARE ROW EXCLUSIVE MODE
"""


@act
def ask_run(*, by: int, starts_on: date, digest: str) -> RuleRun:
    """Ask that the rules in use be run from a day on as the preview of that digest showed; administrators only.

    The worker does it within seconds. Raises Conflict for a day in a closed period, Refused where a run waits already.
    """
    reach().require("rule", "update")
    refuse_closed(starts_on, "starts_on")
    return RuleRun.objects.create(starts_on=starts_on, digest=digest, asked_by_id=by)


def run_waiting() -> bool:
    """Do the run that waits, or take one up again whose worker was killed; the organisation's own job.

    One transaction: all of it is done or nothing. A run that is refused says why, and nothing moved. Says whether there
    was one.
    """
    run = _begin()
    if run is None:
        return False
    try:
        with work(by=run.asked_by_id, why="a run of the rules", reach=Reach.everything()):
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
    refuse_closed(run.starts_on, "starts_on")
    found = preview(run.starts_on)
    if found.faults:
        raise Refused(" ".join(found.faults[:3]), path="rules")
    if found.digest != run.digest:
        message = _(
            "Rules, territories or accounts changed since the preview. Look at it again, then run it."
        )
        raise Conflict(message, code="changed_since")
    counts = _apply(found, run.asked_by_id)
    RuleRun.objects.change(run.pk, run.version, state=RuleRun.State.DONE, ended_at=Now(), counts=counts)
    return run


def _apply(found: Preview, by: int) -> dict[str, Any]:
    """Write what the preview says; what changed, in figures."""
    names = {pk: rule.name for pk, rule in found.rules.items()}
    written, now = 0, today()
    for effect in found.effects:
        written += apply(effect, by=by, names=names, nobody_takes=_("no rule takes it"))
        if effect.writes and found.day <= now:
            _follow(effect, now, by)
    nobody = found.effects[0].came.get(found.effects[0].nobody)
    return {
        "accounts": found.accounts,
        "moved": found.moved,
        "spared": found.spared,
        "held": found.held,
        "unassigned": nobody.count if nobody else 0,
        "conflicts": sum(one.count for one in found.conflicts),
        "unmatched": len(found.unmatched),
        "rows": written,
        "rules": {str(pk): rule.version for pk, rule in found.rules.items()},
        "territories": [
            [effect.coverage, pk, *effect.change(pk)] for effect in found.effects for pk in busiest(effect)
        ],
    }


def _follow(effect: Effect, now: date, by: int) -> None:
    """Today's territory of the accounts; open work goes with the field's, and who owns where they went is told."""
    moved = follow(effect, now)
    if effect.coverage == Coverage.FIELD:
        let_work_follow(moved)
        tell_owners(moved, by)


def _fail(run_id: int, error: Exception) -> None:
    """Say in the run's own row that it failed, and why."""
    kind = "" if isinstance(error, Refused) else f"{type(error).__name__}: "
    with work(by=None, why="a run of the rules that failed", reach=Reach.everything()):
        run = RuleRun.objects.get(pk=run_id)
        said = f"{kind}{error}"[:400]
        RuleRun.objects.change(run_id, run.version, state=RuleRun.State.FAILED, ended_at=Now(), error=said)
