"""Open work of accounts that move: what passes to whom on which day."""

from collections.abc import Callable, Collection, Mapping
from datetime import date

from accounts.models import AccountTerritory
from common.selectors import fiscal_day, the_organisation
from pipeline.models import Activity, Opportunity
from pipeline.services import pass_work
from planning.models import Move, Passing
from planning.rules.work import Work, passes_on
from territories.selectors import owners_on


def passings_of(
    move: Move, account_ids: Collection[int], stood: Mapping[int, int], day: date
) -> list[Passing]:
    """The accounts' open deals and tasks, each with the day on which it passes: those of who owns where they were."""
    owners = owners_on(set(stood.values()), day)
    coming, stays = _coming(account_ids, day), _stays(move)
    choice, found = Work(move.open_work), []
    deals = Opportunity.objects.open().filter(account__in=account_ids).order_by("pk")
    for deal in deals.only("pk", "account_id", "owner_id", "category", "close_on", "created_on"):
        owner = owners.get(stood.get(deal.account_id or 0, 0))
        if owner and (deal.owner_id == owner or deal.pk in coming) and not stays(deal):
            on = passes_on(choice, deal.category, deal.close_on, day, move.stays_until)
            found.append(_passing(move, owner, on, opportunity_id=deal.pk))
    tasks = Activity.objects.filter(account__in=account_ids, done_at=None).order_by("pk")
    for task in tasks.only("pk", "account_id", "owner_id"):
        if task.owner_id == owners.get(stood.get(task.account_id or 0, 0)) and not stays(task):
            on = passes_on(choice, "", date.max, day, move.stays_until)
            found.append(_passing(move, task.owner_id, on, activity_id=task.pk))
    return found


def _stays(move: Move) -> Callable[[Opportunity | Activity], bool]:
    """Whether a deal or task stays with its owner where a realignment is taken back: it was theirs before that one
    already. What passed by it goes back, and deals that came since go with the account.
    """
    undone = move.draft.undoes
    if undone is None or undone.published_at is None:
        return lambda what: False
    published_on = fiscal_day(undone.published_at, the_organisation())
    passed = Passing.objects.filter(draft=undone, state=Passing.State.DONE)
    deals = set(passed.values_list("opportunity_id", flat=True))
    tasks = set(passed.values_list("activity_id", flat=True))

    def stays(what: Opportunity | Activity) -> bool:
        if isinstance(what, Activity):
            return what.pk not in tasks
        return what.pk not in deals and what.created_on <= published_on

    return stays


def _coming(account_ids: Collection[int], day: date) -> set[int]:
    """The deals of these accounts that wait to pass to their territory's owner by that day, from other realignments."""
    waiting = Passing.objects.filter(state=Passing.State.WAITING, passes_on__lte=day)
    rows = waiting.filter(opportunity__account__in=account_ids).values_list("opportunity_id", flat=True)
    return {pk for pk in rows if pk}


def _passing(move: Move, person_id: int, on: date | None, **what: int) -> Passing:
    return Passing(draft_id=move.draft_id, person_id=person_id, passes_on=on, **what)


def pass_due(day: date, by: int | None = None) -> int:
    """Let open work pass whose day has come: to the owner of its account's territory, while the same person has it.

    Where nobody owns that territory it waits on. Says how many rows passed. Safe to run twice.
    """
    due = list(
        Passing.objects.filter(state=Passing.State.WAITING, passes_on__lte=day)
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("opportunity", "activity")
        .order_by("pk")
    )
    accounts = {row.pk: (row.opportunity or row.activity).account_id for row in due}
    # By the days themselves: whether today's territory was brought to the account by now is another job's business.
    rows = AccountTerritory.in_field().on(day).filter(account__in=set(accounts.values()) - {None})
    places = dict(rows.values_list("account_id", "territory_id"))
    owners = owners_on(places.values(), day)
    deals: dict[int, int] = {}
    tasks: dict[int, int] = {}
    done = []
    for row in due:
        what = row.opportunity or row.activity
        new = owners.get(places.get(accounts[row.pk], 0))
        if new is None:
            continue
        done.append(row.pk)
        if what.owner_id == row.person_id != new:
            (deals if row.opportunity_id else tasks)[what.pk] = new
    passed = pass_work(by=by, deals=deals, activities=tasks)
    Passing.objects.filter(pk__in=done).update(state=Passing.State.DONE)
    return passed
