"""Where an account is on a day, and what is in no territory."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django_stubs_ext import StrOrPromise

from accounts.models import Account, AccountTerritory, Cause, Hold, Rule, RuleRun
from common.access import Reach
from common.transaction import widened
from territories.selectors import unassigned


def territory_on(account_id: int, day: date) -> int:
    """The territory in which an account is on that day; *Unassigned* where it is in none."""
    rows = AccountTerritory.in_field().on(day).filter(account_id=account_id)
    found = rows.values_list("territory_id", flat=True).first()
    return int(found) if found is not None else unassigned().pk


def territory_finder(account_ids: Iterable[int]) -> Callable[[int, date], int]:
    """In which territory one of these accounts was on a day, as `territory_on` answers, read once."""
    places: dict[int, list[AccountTerritory]] = {}
    for place in AccountTerritory.in_field().current().filter(account_id__in=list(account_ids)):
        places.setdefault(place.account_id, []).append(place)
    nobody = unassigned().pk

    def find(account_id: int, day: date) -> int:
        held = (place.territory_id for place in places.get(account_id, []) if place.holds_on(day))
        return next(held, nobody)

    return find


def assignments(account_id: int) -> QuerySet[AccountTerritory]:
    """In which territories an account is, was and will be, newest first, as known now; who began and ended each."""
    rows = AccountTerritory.objects.current().filter(account_id=account_id)
    return rows.traced("account", "territory", "coverage").select_related("territory").order_by("-starts_on")


@dataclass(frozen=True)
class Placed:
    """A row of where an account is, and what put it there; of a rule its name and, for who opens rules, its page.

    `back`: the run of the rules that was taken back, so that the account is here again; for who opens runs, its page.
    """

    row: AccountTerritory
    cause: StrOrPromise
    name: str = ""
    url: str = ""
    back: RuleRun | None = None
    back_url: str = ""


def placed(mine: Reach, account_id: int) -> list[Placed]:
    """In which territories an account is, was and will be, newest first, each with its cause."""
    rows = list(assignments(account_id))
    ids = {row.cause_id for row in rows if row.cause == Cause.RULE and row.cause_id}
    names = dict(Rule.objects.filter(pk__in=ids).values_list("pk", "name")) if ids else {}
    back = taken_back(rows)
    return [_placed(mine, row, names, back.get(row.pk)) for row in rows]


def _placed(mine: Reach, row: AccountTerritory, names: dict[int, str], back: RuleRun | None) -> Placed:
    cause = Cause(row.cause).label
    # Only a rule's: realignments have ids of their own.
    name = names.get(row.cause_id or 0, "") if row.cause == Cause.RULE else ""
    url = reverse("rule_detail", args=[row.cause_id]) if name and mine.relations("rule", "list") else ""
    back_url = ""
    if back and mine.relations("rule_run", "read"):
        back_url = reverse("rule_run_detail", args=[back.pk])
    return Placed(row, cause, name, url, back, back_url)


def taken_back(rows: Sequence[AccountTerritory]) -> dict[int, RuleRun]:
    """By traced rows of one account those that began because a run of the rules was taken back, and that run."""
    if all(row.cause != Cause.RULE for row in rows):
        return {}  # what a run leaves or ends is a rule's
    instants = {row.pk: {row.recorded_at, row.begun_at} for row in rows}  # type: ignore[attr-defined]
    done = RuleRun.objects.filter(takes_back__isnull=False, written_at__in=set().union(*instants.values()))
    with widened("rule_run"):
        runs = {run.written_at: run for run in done.select_related("takes_back")}
    found = {}
    for row in rows:
        run = next((runs[at] for at in instants[row.pk] if at in runs), None)
        if run and run.takes_back and row.starts_on == run.starts_on:
            found[row.pk] = run.takes_back
    return found


def holds(mine: Reach, today: date) -> QuerySet[Hold]:
    """Who keeps which account in reach, today and later."""
    rows = Hold.objects.overlapping(today, None).filter(mine.q(Hold))
    return rows.select_related("account", "account__territory", "person")


def unassigned_accounts(mine: Reach) -> QuerySet[Account]:
    """Accounts in reach that are in *Unassigned* today."""
    return Account.objects.standing().visible_to(mine).filter(territory=unassigned())


def ending_assignments(mine: Reach, today: date, days: int) -> QuerySet[AccountTerritory]:
    """Assignments of accounts in reach that end within so many days with none to follow, soonest first."""
    rows = AccountTerritory.in_field().current().filter(mine.q(AccountTerritory), starts_on__lte=today)
    following = (
        AccountTerritory.in_field()
        .current()
        .filter(account_id=OuterRef("account_id"), starts_on=OuterRef("stops_on"))
    )
    soon = today + timedelta(days=days)
    ending = rows.filter(~Exists(following), stops_on__gt=today, stops_on__lte=soon)
    return ending.select_related("account", "territory").order_by("stops_on", "account_id")
