"""Open work follows its account into another territory; closed deals and done work stay where they were."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from django.db import connection

from accounts.models import Account, MovedAccount
from common.access import Reach
from common.transaction import work
from pipeline.models import Activity, Opportunity
from pipeline.services import log_activity
from pipeline.tasks import follow_accounts
from tests.pipeline.test_move_stage import win


@contextmanager
def worker() -> Iterator[None]:
    """The connection as the worker's bound role."""
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE salesops_worker")
        yield
        cursor.execute("SET ROLE salesops_web")


def moved(cast, name, territory):
    with work(by=None, why="a move", reach=Reach.everything()):
        Account.objects.filter(pk=cast.accounts[name].pk).update(territory=cast.territories[territory])
        MovedAccount.objects.create(account=cast.accounts[name])


def test_open_deals_and_activities_follow_once(cast, acting):
    deal = cast.deals["Acorn renewal"]
    with acting(cast.rep):
        for subject, done in (("Done before the move", True), ("Still to be done", False)):
            log_activity(
                by=cast.rep.pk,
                kind="call",
                subject=subject,
                opportunity_id=deal.pk,
                done=done,
                due_on=date(2026, 5, 29),
            )
    moved(cast, "Acorn", "West 1")
    with worker():
        follow_accounts()
        follow_accounts()
    with acting(cast.other_rep):
        assert Activity.objects.get(subject="Still to be done").territory == cast.territories["West 1"]
    with acting(cast.rep):
        assert Activity.objects.get(subject="Done before the move").territory == cast.territories["East 1"]
    with acting(cast.other_director):
        found = Opportunity.objects.get(pk=deal.pk)
        assert (found.territory_id, found.owner_id) == (cast.territories["West 1"].pk, cast.rep.pk)
        assert MovedAccount.objects.count() == 0


def test_a_won_deal_stays_in_the_territory_of_its_booking(cast, acting):
    deal = cast.deals["Acorn renewal"]
    with acting(cast.rep):
        win(cast.rep, deal, date(2026, 5, 1))
    moved(cast, "Acorn", "West 1")
    with worker():
        follow_accounts()
    with acting(cast.rep):
        assert Opportunity.objects.get(pk=deal.pk).territory == cast.territories["East 1"]
