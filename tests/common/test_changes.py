"""Reading on: what changed since a program read last, with nothing missed, and nothing told of what is out of reach."""

import random
import re
import threading
import time
from base64 import urlsafe_b64decode
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from accounts.models import Account, Contact
from accounts.services import assign_accounts, create_contact
from common.access import Reach, table
from common.changes import CURSORS_LIVE, Place, _key, _opened
from common.models import RowChange
from common.selectors import today
from common.services import forget_changes
from common.transaction import work
from orders.models import Order
from pipeline.models import Activity, Lead, Opportunity
from pipeline.services import add_to_team, clone_opportunity, edit_opportunity, merge_deals
from territories.services import grant_role
from tests.calls import Api, faults, message
from tests.cast import Cast
from tests.workspace.at_once import at_once

RESOURCES = {
    "accounts": Account,
    "activities": Activity,
    "contacts": Contact,
    "leads": Lead,
    "opportunities": Opportunity,
    "orders": Order,
}


class Reader:
    """A program that reads a resource on from where it stopped."""

    def __init__(self, person: Any, resource: str = "opportunities") -> None:
        self.api, self.path, self.after = Api(person, "read"), f"{resource}/changes/", ""
        self.rows: dict[int, Any] = {}
        self.said: dict[str, Any] = {}

    def read(self) -> tuple[set[int], list[int]]:
        """The ids of all rows that came and all that are gone, up to what was committed before.

        While something ends in another database of the server, it may take another step to get there.
        """
        with work(by=None, why="a test"), connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id()::text::bigint")
            until = cursor.fetchone()[0]
        came, gone = self.step()
        while self.said["more"] or self._stands_at() <= until:
            more = self.step()
            came, gone = came | more[0], gone + more[1]
        return came, gone

    def _stands_at(self) -> int:
        return int(_opened(RESOURCES[self.path.partition("/")[0]], self.after)[0])

    def step(self, limit: int = 500) -> tuple[set[int], list[int]]:
        """The ids of the rows that came, and those that are gone."""
        self.said = self.api.get(f"{self.path}?limit={limit}&after={self.after}").json()
        self.after = self.said["after"]
        self.rows.update((row["id"], row) for row in self.said["results"])
        for pk in self.said["gone"]:
            self.rows.pop(pk, None)
        return {row["id"] for row in self.said["results"]}, self.said["gone"]


@pytest.fixture
def deal(cast: Cast) -> Opportunity:
    return cast.deals["Acorn renewal"]


def rename(acting: Any, person: Any, deal: Opportunity, name: str) -> None:
    with acting(person):
        deal.refresh_from_db()
        edit_opportunity(by=person.pk, opportunity_id=deal.pk, version=deal.version, name=name)


class TestReading:
    def test_first_all_there_is_then_what_changes(self, cast: Cast, acting: Any, deal: Opportunity) -> None:
        reader = Reader(cast.admin)
        everything = {one.pk for one in cast.deals.values()}
        assert reader.read() == (everything, [])
        assert reader.read() == (set(), [])
        rename(acting, cast.rep, deal, "Acorn, renewed")
        assert reader.read() == ({deal.pk}, [])
        assert reader.rows[deal.pk]["name"] == "Acorn, renewed"
        assert reader.read() == (set(), [])

    def test_it_goes_on_in_steps(self, cast: Cast, acting: Any, deal: Opportunity) -> None:
        reader, seen = Reader(cast.admin), set()
        while True:
            came, gone = reader.step(limit=1)
            assert gone == []
            seen |= came
            if not reader.said["more"]:
                break
            assert len(came) == 1
        assert seen == {one.pk for one in cast.deals.values()}
        with acting(cast.admin):
            for one in cast.deals.values():
                edit_opportunity(by=cast.admin.pk, opportunity_id=one.pk, version=one.version, name="again")
        steps: list[Any] = []
        while len(steps) < len(seen):
            steps += [came for came in [reader.step(limit=1)[0]] if came]
        assert [len(came) for came in steps] == [1] * len(seen)
        assert set().union(*steps) == seen
        assert reader.said["more"] is False

    def test_what_changed_while_one_went_through_comes_after(
        self, cast: Cast, acting: Any, deal: Opportunity
    ) -> None:
        reader = Reader(cast.admin)
        reader.step(limit=1)
        rename(acting, cast.rep, deal, "meanwhile")
        while reader.said["more"]:
            reader.step(limit=1)
        reader.read()
        assert reader.rows[deal.pk]["name"] == "meanwhile"

    def test_who_may_not_read_a_row_never_hears_of_it(
        self, cast: Cast, acting: Any, deal: Opportunity
    ) -> None:
        reader = Reader(cast.other_rep)
        reader.step()
        rename(acting, cast.rep, deal, "not theirs")
        assert reader.read() == (set(), [])

    def test_no_step_tells_how_much_happens_elsewhere(
        self, cast: Cast, acting: Any, deal: Opportunity
    ) -> None:
        """Between two changes that the reader hears of lie twelve that are not theirs: two steps, not fourteen."""
        reader, other = Reader(cast.rep), cast.deals["Beech renewal"]
        reader.read()
        rename(acting, cast.rep, deal, "one")
        for number in range(12):
            rename(acting, cast.peer, other, f"elsewhere {number}")
        rename(acting, cast.rep, deal, "two")
        told: list[int] = []
        while len(told) < 2:
            came, gone = reader.step(limit=1)
            assert (came | {*gone}) or not reader.said["more"]
            told += came
        assert told == [deal.pk, deal.pk]
        assert reader.said["more"] is False

    def test_a_step_looks_at_so_many_changes_and_goes_on(
        self, cast: Cast, acting: Any, deal: Opportunity, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        reader, other = Reader(cast.rep), cast.deals["Beech renewal"]
        reader.read()
        for number in range(4):
            rename(acting, cast.peer, other, f"elsewhere {number}")
        rename(acting, cast.rep, deal, "mine")
        Reader(cast.admin).read()  # until all of that is passed on
        monkeypatch.setattr("common.changes.MOST_LOOKED", 2)
        steps: list[Any] = []
        while not steps or not steps[-1][0]:
            steps.append((*reader.step(), reader.said["more"]))
        assert [step for step in steps if step[0] or step[2]] == [
            (set(), [], True),
            (set(), [], True),
            ({deal.pk}, [], False),
        ]

    def test_a_key_shows_nothing(self, cast: Cast, acting: Any, deal: Opportunity) -> None:
        """What stands in it cannot be read: neither as it is nor in base64."""
        reader = Reader(cast.rep)
        reader.step()
        number = str(reader._stands_at()).encode()
        parts = re.split("[:.]", reader.after)
        opened = [urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in parts]
        assert all(number not in part for part in [reader.after.encode(), *opened])

    def test_a_deal_given_away_is_gone_for_one_and_comes_to_the_other(
        self, cast: Cast, acting: Any, deal: Opportunity
    ) -> None:
        giver, taker, boss = Reader(cast.rep), Reader(cast.peer), Reader(cast.manager)
        for reader in (giver, taker, boss):
            reader.step()
        with acting(cast.manager):
            edit_opportunity(
                by=cast.manager.pk, opportunity_id=deal.pk, version=deal.version, owner_id=cast.peer.pk
            )
        assert giver.read() == (set(), [deal.pk])
        assert taker.read() == ({deal.pk}, [])
        assert boss.read() == ({deal.pk}, [])

    def test_a_merged_deal_is_gone(self, cast: Cast, acting: Any, deal: Opportunity) -> None:
        reader = Reader(cast.rep)
        with acting(cast.rep):
            other = Opportunity.objects.get(pk=deal.pk)
            copy = clone_opportunity(
                by=cast.rep.pk, opportunity_id=deal.pk, name="twice", close_on=deal.close_on
            )
        assert copy.pk in reader.read()[0]
        with acting(cast.rep):
            merge_deals(by=cast.rep.pk, opportunity_id=other.pk, version=other.version, other_id=copy.pk)
        assert reader.read() == ({deal.pk}, [copy.pk])

    def test_contacts_come_and_go_with_their_account(self, cast: Cast, acting: Any) -> None:
        acorn = cast.accounts["Acorn"]
        with acting(cast.rep):
            ann = create_contact(by=cast.rep.pk, account_id=acorn.pk, name="Ann Ash")
        mine, theirs = Reader(cast.rep, "contacts"), Reader(cast.peer, "contacts")
        assert (mine.read(), theirs.read()) == (({ann.pk}, []), (set(), []))
        with acting(cast.director):
            assign_accounts(
                by=cast.director.pk,
                account_ids=[acorn.pk],
                territory_id=cast.territories["East 2"].pk,
                starts_on=today(),
                reason="a test",
            )
        assert (mine.read(), theirs.read()) == ((set(), [ann.pk]), ({ann.pk}, []))

    def test_credit_brings_a_row_into_reach(self, cast: Cast, acting: Any, deal: Opportunity) -> None:
        reader = Reader(cast.peer)
        assert reader.read() == ({cast.deals["Beech renewal"].pk}, [])
        with acting(cast.manager):
            add_to_team(by=cast.manager.pk, opportunity_id=deal.pk, person_id=cast.peer.pk, role="helper")
        assert reader.read() == ({deal.pk}, [])

    @pytest.mark.parametrize("resource", RESOURCES)
    def test_every_resource_is_read_like_that(self, cast: Cast, resource: str) -> None:
        reader = Reader(cast.admin, resource)
        came, gone = reader.step()
        assert gone == []
        with work(by=None, why="a test", reach=Reach.everything()):
            assert len(came) == RESOURCES[resource].objects.count()
        assert reader.read() == (set(), [])

    def test_another_seat_is_told(self, cast: Cast, acting: Any) -> None:
        mine, boss = Reader(cast.rep), Reader(cast.director)
        stamps = []
        for _ in range(2):
            mine.step()
            boss.step()
            stamps.append((mine.said["reach"], boss.said["reach"]))
        assert stamps[0] == stamps[1]
        with acting(cast.admin):
            grant_role(by=cast.admin.pk, user_id=cast.rep.pk, role="coordinator", starts_on=today())
        mine.step()
        assert mine.said["reach"] != stamps[0][0]


class TestKeys:
    @pytest.mark.parametrize(
        "query", ["after=broken", "after=a:b:c", "after=ключ", "limit=0", "limit=1001", "limit=x"]
    )
    def test_what_was_not_made_here_is_refused(self, cast: Cast, query: str) -> None:
        answer = Api(cast.rep).get(f"opportunities/changes/?{query}")
        assert (answer.status_code, faults(answer)) == (400, [("bad_query", query.partition("=")[0])])

    def test_a_key_is_for_one_resource(self, cast: Cast) -> None:
        reader = Reader(cast.rep)
        reader.step()
        answer = reader.api.get(f"leads/changes/?after={reader.after}")
        assert (answer.status_code, faults(answer)) == (400, [("bad_query", "after")])

    def test_after_thirty_days_one_starts_again(self, cast: Cast, clock: Any) -> None:
        reader = Reader(cast.rep)
        reader.step()
        clock.shift(CURSORS_LIVE + timedelta(minutes=1))
        reader.api = Api(cast.rep, "read")
        answer = reader.api.get(f"{reader.path}?after={reader.after}")
        assert (answer.status_code, faults(answer)) == (410, [("start_again", "after")])
        assert "Read everything anew, without after." in message(answer)
        assert reader.api.get(reader.path).json()["results"] != []

    def test_a_key_is_good_for_thirty_days(self, cast: Cast, clock: Any) -> None:
        reader = Reader(cast.rep)
        reader.step()
        clock.shift(CURSORS_LIVE - timedelta(minutes=1))
        reader.api = Api(cast.rep, "read")
        assert reader.api.get(f"{reader.path}?after={reader.after}").status_code == 200

    def test_in_a_database_restored_elsewhere_one_starts_again(self, cast: Cast) -> None:
        key = _key(Opportunity, Place(5, 1, "another.1"), None)
        answer = Api(cast.rep).get(f"opportunities/changes/?after={key}")
        assert (answer.status_code, faults(answer)) == (410, [("start_again", "after")])

    def test_what_no_key_reaches_any_more_is_taken_out(self, cast: Cast, owner: Any) -> None:
        owner.execute("UPDATE common_rowchange SET recorded_at = '2026-04-01'")
        owner.execute(
            "INSERT INTO common_rowchange (resource, row_id, kind, became) VALUES ('lead', 1, 'made', '')"
        )
        with work(by=None, why="a test", reach=Reach.everything()), connection.cursor() as cursor:
            cursor.execute("SET LOCAL ROLE salesops_worker")
            assert forget_changes() > 0
            assert [change.row_id for change in RowChange.objects.all()] == [1]


class TestAtTheSameTime:
    """Who begins first may commit last: what they wrote must not be passed by."""

    def test_a_change_that_commits_later_is_not_missed(
        self, cast: Cast, acting: Any, deal: Opportunity
    ) -> None:
        reader, other = Reader(cast.admin), cast.deals["Beech renewal"]
        reader.step()
        began, may_end = threading.Event(), threading.Event()

        def slow() -> None:
            with acting(cast.rep):
                edit_opportunity(by=cast.rep.pk, opportunity_id=deal.pk, version=deal.version, name="first")
                began.set()
                assert may_end.wait(10)

        def quick() -> list[set[int]]:
            assert began.wait(10)
            rename(acting, cast.peer, other, "second")
            seen = [reader.step()[0]]  # the second one committed; the first one may still come before it
            may_end.set()
            return seen

        _slow, (early,) = at_once(slow, quick)
        assert deal.pk not in early
        assert early | reader.read()[0] == {deal.pk, other.pk}

    def test_with_many_writers_none_is_missed(self, cast: Cast, acting: Any) -> None:
        contacts, chance, everyone = (
            Reader(cast.admin, "contacts"),
            random.Random(7),
            [*cast.accounts.values()],
        )
        left = threading.Barrier(len(everyone) + 1)
        waits = {account.pk: [chance.random() / 100 for _ in range(20)] for account in everyone}

        def write(account: Account) -> None:
            for number, wait in enumerate(waits[account.pk], 1):
                with acting(cast.admin):
                    create_contact(by=cast.admin.pk, account_id=account.pk, name=f"{number}")
                    time.sleep(wait)
            left.wait(30)

        def follow() -> None:
            while left.n_waiting < len(everyone):
                contacts.step(limit=3)
            left.wait(30)

        at_once(follow, *[lambda account=account: write(account) for account in everyone])
        contacts.read()
        assert len(contacts.rows) == 20 * len(everyone)


def test_what_is_noted_is_what_the_access_table_decides_by(cast: Cast, acting: Any, owner: Any) -> None:
    """Where a rule looks at another column, the trigger has to keep it too."""
    for name in ("account", "lead", "opportunity", "activity", "order"):
        rule = table()[name]
        columns = {column for columns in rule.columns.values() for column in columns}
        owner.execute(
            "SELECT pg_get_functiondef(tgfoid) FROM pg_trigger WHERE tgrelid = %s::regclass AND tgname LIKE %s",
            [rule.model_class()._meta.db_table, "pgtrigger_noted_gone_%"],
        )
        body = owner.fetchone()[0]
        assert {column for column in columns if f"'{column}', went.{column}" in body} == columns
        assert body.count("', went.") == len(columns)
