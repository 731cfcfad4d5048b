"""Open work of accounts that move: what passes to whom on which day."""

from collections.abc import Callable, Collection, Mapping
from datetime import date

from accounts.models import AccountTerritory
from common.selectors import fiscal_day, the_organisation
from pipeline.models import Activity, Opportunity
from pipeline.services import pass_work
from planning.models import Move, Passing
from planning.rules.work import Work, passes_on
from planning.selectors.handover import Handed
from planning.services.handover import apply_due_hand_overs
from territories.selectors import owners_on


def passings_of(
    move: Move, account_ids: Collection[int], stood: Mapping[int, int], day: date, handed: Handed
) -> list[Passing]:
    """The accounts' open deals and tasks, each with the day on which it passes: those of who owns where they were.

    Theirs is what they have by that day: `handed` says what planned hand-overs pass until then.
    """
    owners = owners_on(set(stood.values()), day)
    stays = _stays(move, account_ids)
    choice, found = Work(move.open_work), []

    def whose(
        what: Opportunity | Activity, handed: Mapping[int, int], coming: Collection[tuple[int, int]]
    ) -> int | None:
        owner = owners.get(stood.get(what.account_id or 0, 0))
        holder = handed.get(what.pk, what.owner_id)
        is_theirs = holder == owner or (what.pk, holder) in coming
        return owner if is_theirs and not stays(what) else None

    deals = Opportunity.objects.open().filter(account__in=account_ids).order_by("pk")
    coming = _coming("opportunity", account_ids, day)
    for deal in deals.only("pk", "account_id", "owner_id", "category", "close_on", "created_on"):
        if owner := whose(deal, handed.deals, coming):
            on = passes_on(choice, deal.category, deal.close_on, day, move.stays_until)
            found.append(_passing(move, owner, on, opportunity_id=deal.pk))
    tasks = Activity.objects.filter(account__in=account_ids, done_at=None).order_by("pk")
    coming = _coming("activity", account_ids, day)
    for task in tasks.only("pk", "account_id", "owner_id"):
        if owner := whose(task, handed.tasks, coming):
            on = passes_on(choice, "", date.max, day, move.stays_until)
            found.append(_passing(move, owner, on, activity_id=task.pk))
    return found


def _stays(move: Move, account_ids: Collection[int]) -> Callable[[Opportunity | Activity], bool]:
    """Whether a deal or task of these accounts stays with its owner where a realignment is taken back: it was theirs
    before that one already. What passed by it goes back, and deals that came since go with the account.
    """
    undone = move.draft.undoes
    if undone is None or undone.published_at is None:
        return lambda what: False
    published_on = fiscal_day(undone.published_at, the_organisation())
    passed = Passing.objects.filter(draft=undone, state=Passing.State.DONE)
    of_deals = passed.filter(opportunity__account__in=account_ids)
    of_tasks = passed.filter(activity__account__in=account_ids)
    deals = set(of_deals.values_list("opportunity_id", flat=True))
    tasks = set(of_tasks.values_list("activity_id", flat=True))

    def stays(what: Opportunity | Activity) -> bool:
        if isinstance(what, Activity):
            return what.pk not in tasks
        return what.pk not in deals and what.created_on <= published_on

    return stays


def _coming(what: str, account_ids: Collection[int], day: date) -> set[tuple[int, int]]:
    """The deals or tasks of these accounts that wait to pass to their territory's owner by that day, from other
    realignments; each with the person who has to have it for that.
    """
    waiting = Passing.objects.filter(state=Passing.State.WAITING, passes_on__lte=day)
    rows = waiting.filter(**{f"{what}__account__in": account_ids})
    return set(rows.values_list(f"{what}_id", "person_id"))


def _passing(move: Move, person_id: int, on: date | None, **what: int) -> Passing:
    return Passing(draft_id=move.draft_id, person_id=person_id, passes_on=on, **what)


def pass_due(day: date, by: int | None = None) -> int:
    """Let open work pass whose day has come: to the owner of its account's territory, while the same person has it.

    What a seat's hand-over passes on that day passes first. Where nobody owns that territory it waits on. Says how many
    rows passed. Safe to run twice.
    """
    apply_due_hand_overs(today=day)
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
