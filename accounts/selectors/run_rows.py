"""Which accounts a run of the rules moved, from where to where."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from django.db.models import Exists, OuterRef, Q, QuerySet
from django_stubs_ext import StrOrPromise

from accounts.models import Account, AccountTerritory, Coverage, RuleRun
from common.access import Reach
from territories.models import Territory
from territories.selectors import unassigned

SAME = {"account": OuterRef("account"), "coverage": OuterRef("coverage"), "territory": OuterRef("territory")}
AT_A_TIME = 2_000


@dataclass(frozen=True)
class Moved:
    """An account that a run moved for one coverage; None: it was in no territory, or is in none, which in
    the field is *Unassigned*."""

    account: Account
    coverage: StrOrPromise
    before: Territory | None
    after: Territory | None


def moved_accounts(run: RuleRun, mine: Reach) -> QuerySet[Account]:
    """The accounts in reach that a run moved into or out of the territories that it names; none before it is done."""
    if run.written_at is None:
        return Account.objects.none()
    places = {row[1] for row in run.counts["territories"] if row[1]}
    was, now = (rows.filter(territory__in=places) for rows in _rows(run))
    left = was.exclude(Exists(now.filter(**SAME))).values("account_id")
    came = now.exclude(Exists(was.filter(**SAME))).values("account_id")
    rows: QuerySet[Account] = Account.objects.visible_to(mine).filter(Q(pk__in=came) | Q(pk__in=left))
    return rows


def moves_of(run: RuleRun, accounts: Sequence[Account]) -> list[Moved]:
    """Where each of these accounts was and went in a run, for each coverage in which it moved."""
    was, now = (
        {
            (row.account_id, row.coverage): row.territory
            for row in rows.filter(account__in=accounts).select_related("territory")
        }
        for rows in _rows(run)
    )
    nowhere = {Coverage.FIELD: unassigned()}
    return [
        Moved(account, coverage.label, was.get(place, none), now.get(place, none))
        for account in accounts
        for coverage in Coverage
        for place, none in [((account.pk, coverage.value), nowhere.get(coverage))]
        if was.get(place, none) != now.get(place, none)
    ]


def all_moves(run: RuleRun, mine: Reach) -> Iterator[Moved]:
    """The same of all accounts that a run moved, by name, some at a time."""
    rows = moved_accounts(run, mine).order_by("name_key", "pk").iterator(chunk_size=AT_A_TIME)
    while some := list(islice(rows, AT_A_TIME)):
        yield from moves_of(run, some)


def _rows(run: RuleRun) -> tuple[QuerySet[AccountTerritory], QuerySet[AccountTerritory]]:
    """What held on the run's day until the run, and what it recorded in its place."""
    day = run.starts_on
    rows = AccountTerritory.objects.filter(starts_on__lte=day).exclude(stops_on__lte=day)
    return rows.filter(superseded_at=run.written_at), rows.filter(recorded_at=run.written_at)
