"""What the worker does for what was planned."""

from celery import shared_task
from django.db import OperationalError

from common.access import Reach
from common.selectors import organisation, today
from common.transaction import work
from planning.models import Draft
from planning.services.handover import apply_due_hand_overs
from planning.services.moves import lead_due_rules
from planning.services.passing import pass_due
from planning.services.realigning import give_back, publish_draft, queued_drafts
from planning.services.telling import tell_leads
from planning.services.tree import follow_mergers as follow_merged


@shared_task(name="planning.publish_drafts")
def publish_drafts() -> None:
    """Publish the realignments that were approved, each in a transaction of its own."""
    with work(by=None, why="realignments", reach=Reach.everything()):
        waiting = queued_drafts()
    failed: Exception | None = None
    for draft_id in waiting:
        try:
            with work(by=None, why="a realignment", reach=Reach.everything()):
                draft = publish_draft(draft_id=draft_id)
                if draft and draft.state == Draft.State.PUBLISHED:
                    tell_leads(draft)
        except OperationalError:  # the connection broke, or a lock was somebody else's: it is taken up again
            raise
        except Exception as error:  # noqa: BLE001  the others do not wait for it
            failed = error
            with work(by=None, why="a realignment that failed", reach=Reach.everything()):
                give_back(draft_id=draft_id, error=str(error))
    if failed:
        raise failed


@shared_task(name="planning.pass_due")
def pass_due_work() -> int:
    """Rules lead elsewhere, and open work passes, on the day that was planned."""
    with work(by=None, why="realignments whose day has come", reach=Reach.everything()):
        return lead_due_rules(today()) + pass_due(today()) if organisation() else 0


@shared_task(name="planning.follow_mergers")
def follow_mergers() -> int:
    """Open work goes where its territory went, on the day of a merger."""
    with work(by=None, why="open work follows its territory", reach=Reach.everything()):
        return follow_merged(today=today()) if organisation() else 0


@shared_task(name="planning.apply_hand_overs")
def apply_hand_overs() -> int:
    """Open work passes with a seat on the day that was planned; before there is a company there is none."""
    with work(by=None, why="a seat was handed over", reach=Reach.everything()):
        return apply_due_hand_overs(today=today()) if organisation() else 0
