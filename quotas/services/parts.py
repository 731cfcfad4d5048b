"""A roll-up of several fiscal quarters, shared by the workers that are free; where there are none, done alone."""

import time
from collections.abc import Collection, Sequence
from datetime import date

from common.access import Reach
from common.errors import Conflict
from common.transaction import work
from quotas import rollup
from quotas.rollup import Outcome

PAUSE = 0.02
PATIENCE = 5.0
"""Seconds for which a run waits at least for a part that somebody holds; else as long as it took itself up to then."""


def roll_up(months: Sequence[date] | None) -> Outcome:
    """Make the cells of these fiscal months anew (None: of all) for a job, which holds the gate; others may help.

    It keeps the first part for itself, takes others while there are any, and writes what was handed in: its commit
    publishes all or nothing. A part whose holder does not answer it works out as well. Raises ValueError as
    `rollup.work_out`.
    """
    parts = rollup.parts(months)
    if len(parts) < 2:
        return rollup.roll_up(months)
    begun, left = time.monotonic(), rollup.offer(parts[1:])
    made = [rollup.roll_up(parts[0].months, parts[0].entries)]
    until = _patience(begun)
    while left:
        if done := rollup.finished(left):
            part_id, outcome = done[0], rollup.publish_handed_in(done[0])
        elif taken := _take(left):
            part_id, outcome = taken
        elif time.monotonic() < until:
            time.sleep(PAUSE)
            continue
        else:
            part_id, part = next(iter(left.items()))
            outcome = rollup.roll_up(part.months, part.entries)
        del left[part_id]
        made.append(outcome)
        until = _patience(begun)
    rollup.forget()
    return Outcome(sum(one.changed_rows for one in made), sorted(day for one in made for day in one.months))


def _patience(begun: float) -> float:
    """Until when a run that began then waits for what others hold."""
    now = time.monotonic()
    return now + max(PATIENCE, now - begun)


def _take(ids: Collection[int]) -> tuple[int, Outcome] | None:
    """Work out and write a part that nobody holds; None where all are held."""
    with rollup.taken(ids) as part:
        return (part.id, rollup.roll_up(part.months, part.entries)) if part else None


def help_with_run() -> int:
    """Work out parts of the run in progress while any waits, for its own transaction to write; says how many it took.

    The organisation's own job, for any worker beside the one that has the run. A part that it can't work out waits on,
    and the run itself says why; one whose run has ended is deleted.
    """
    count = 0
    while _help():
        count += 1
    return count


def _help() -> bool:
    with rollup.taken() as part:
        if part is None:
            return False
        try:
            with work(by=None, why="a part of a run", reach=Reach.everything(), snapshot=part.snapshot):
                rollup.work_out(part.months, part.entries)
                rollup.hand_in(part)
        except Conflict:
            rollup.drop(part)
        return True
