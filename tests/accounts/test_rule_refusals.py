"""What keeps rules from being run, what the worker does, and the preview of what changed since the last run."""

from datetime import date
from typing import Any, ClassVar

import pytest
from django.db import OperationalError

from accounts.bulk import places as moving
from accounts.models import Account, AccountTerritory, Hold, MovedAccount, Rule, RuleRun
from accounts.selectors.previews import last_run, preview
from accounts.services import rules as rule_services
from accounts.services import runs
from accounts.services.runs import ask_run, run_rules, run_waiting
from common.access import Reach
from common.errors import Conflict, Forbidden, Refused
from common.transaction import work
from territories.models import Edge, Territory
from tests.accounts.ruled import JUNE, START, account, is_in, places, rule, run
from tests.cast import Cast
from tests.closing import close_period
from workspace.models import Message

TODAY = date(2026, 5, 20)


class TestRefusals:
    def test_only_administrators(self, company: Cast, acting: Any) -> None:
        with acting(company.director), pytest.raises(Forbidden):
            ask_run(by=company.director.pk, starts_on=JUNE, digest="x")

    def test_two_do_not_wait(self, company: Cast, acting: Any) -> None:
        with acting(company.admin):
            ask_run(by=company.admin.pk, starts_on=JUNE, digest="x")
            with pytest.raises(Refused, match="waits already"):
                ask_run(by=company.admin.pk, starts_on=JUNE, digest="y")

    def close_april(self, company: Cast, acting: Any) -> None:
        with acting(company.admin):
            april = type(company.q2).objects.get(code="2026-04")
            close_period(april.pk)

    def test_a_day_in_a_closed_period(self, company: Cast, acting: Any) -> None:
        self.close_april(company, acting)
        with acting(company.admin), pytest.raises(Conflict, match="Choose May 1, 2026 or a later day"):
            ask_run(by=company.admin.pk, starts_on=date(2026, 4, 30), digest="x")

    def test_a_period_that_was_closed_meanwhile(
        self, company: Cast, acting: Any, example: list[Rule]
    ) -> None:
        day = date(2026, 4, 30)
        with acting(company.admin):
            asked = ask_run(by=company.admin.pk, starts_on=day, digest=preview(day).digest)
        self.close_april(company, acting)
        assert self.failed(acting, company, asked).startswith("This would change 2026-04, which is closed.")

    def failed(self, acting: Any, company: Cast, asked: RuleRun) -> str:
        """Let the worker try; why it did nothing."""
        with acting(company.admin):
            before = AccountTerritory.objects.count()
        assert run_waiting()
        with acting(company.admin):
            asked.refresh_from_db()
            assert (asked.state, asked.ended_at is not None) == ("failed", True)
            assert AccountTerritory.objects.count() == before
        assert not run_waiting()
        return asked.error

    @pytest.mark.parametrize("what", ["rule", "account", "tree", "hold"])
    def test_what_changed_since_the_preview(
        self, company: Cast, acting: Any, example: list[Rule], what: str
    ) -> None:
        by, nodes = company.admin, company.territories
        with acting(by):
            asked = ask_run(by=by.pk, starts_on=JUNE, digest=preview(JUNE).digest)
            if what == "rule":
                rule_services.edit_rule(by=by.pk, rule_id=example[2].pk, version=1, priority=30)
            elif what == "account":
                Account.objects.filter(name="Bakery").update(country="US", postcode="94000")
            elif what == "tree":
                node = Territory.objects.create(name="New", code="NEW")
                Edge.objects.create(child=node, parent=nodes["East"], starts_on=START)
            else:
                held = company.accounts["Bank 94105"]
                Hold.objects.create(
                    account=held, person=company.rep, starts_on=TODAY, stops_on=date(2027, 1, 1)
                )
        assert "changed since the preview. Look at it again" in self.failed(acting, company, asked)

    def test_a_rule_that_leads_out_of_the_tree_or_to_a_node_of_another_kind(
        self, company: Cast, acting: Any, example: list[Rule]
    ) -> None:
        by, nodes = company.admin, company.territories
        with acting(by):
            nodes["Bay"].edges_up.get().replaced(stops_on=JUNE)
            Territory.objects.filter(name="Finance").update(kind="overlay")
            found = preview(JUNE)
            assert found.faults == [
                (
                    "Bay, to which Bay Area leads, is not part of the tree on Jun 1, 2026. "
                    "Let the rule lead elsewhere, or take it out of use."
                ),
                (
                    "Banks: Finance is an overlay, which takes accounts of specialists and partners only. "
                    "Choose another territory, or another coverage."
                ),
            ]
            asked = ask_run(by=by.pk, starts_on=JUNE, digest=found.digest)
        assert self.failed(acting, company, asked).startswith("Bay, to which Bay Area leads")


class TestTheWorker:
    def test_nothing_waits(self, company: Cast) -> None:
        assert not run_waiting()

    def test_a_run_that_was_killed_is_taken_up_again(
        self, company: Cast, acting: Any, example: list[Rule], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        by = company.admin
        with acting(by):
            asked = ask_run(by=by.pk, starts_on=TODAY, digest=preview(TODAY).digest)
        real = moving.let_work_follow

        def killed(accounts: Any) -> None:
            real(accounts)
            raise OperationalError("the connection broke")

        monkeypatch.setattr(runs, "let_work_follow", killed)
        with pytest.raises(OperationalError):
            run_waiting()
        with acting(by):
            asked.refresh_from_db()
            assert (asked.state, len(places(TODAY)), MovedAccount.objects.count()) == ("running", 3, 0)
        monkeypatch.setattr(runs, "let_work_follow", real)
        assert run_waiting()
        with acting(by):
            asked.refresh_from_db()
            assert (asked.state, len(places(TODAY))) == ("done", 6)

    def test_what_breaks_is_said_and_raised(
        self, company: Cast, acting: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with acting(company.admin):
            asked = ask_run(by=company.admin.pk, starts_on=TODAY, digest=preview(TODAY).digest)

        def broken(day: date) -> None:
            raise ZeroDivisionError("a slip")

        monkeypatch.setattr(runs, "preview", broken)
        with pytest.raises(ZeroDivisionError):
            run_waiting()
        with acting(company.admin):
            asked.refresh_from_db()
            assert (asked.state, asked.error) == ("failed", "ZeroDivisionError: a slip")

    def test_a_run_that_is_done_is_not_done_again(
        self, company: Cast, acting: Any, example: list[Rule]
    ) -> None:
        done = run(acting, company.admin, TODAY)
        with work(by=None, why="a test", reach=Reach.everything()):
            assert run_rules(run_id=done.pk) is None

    def test_the_owner_is_told_once(self, company: Cast, acting: Any) -> None:
        nodes, by = company.territories, company.admin
        with acting(by):
            for name in ("One", "Two"):
                account(name, tier="A")
            rule(by, "A", nodes["East 1"], is_in("tier", "A"))
        run(acting, by, TODAY)
        with acting(company.rep):
            assert list(Message.objects.filter(person=company.rep).values_list("event", "count")) == [
                ("account_came", 2)
            ]


class TestTheNarrowedPreview:
    """Only accounts of rules that changed since the last run: the same outcome as of all accounts."""

    CHANGES: ClassVar[dict[str, tuple[str, dict[str, Any]]]] = {
        "another territory": ("Bay Area", {"territory_id": "Finance"}),
        "another priority": ("Banks", {"priority": 5}),
        "other conditions, narrower": ("All US", {"conditions": [[is_in("industry", "Mills")]]}),
        "other conditions, wider": ("Bay Area", {"conditions": [[is_in("postcode", "7", "9", "6")]]}),
        "other accounts altogether": ("Bay Area", {"conditions": [[is_in("industry", "Bakeries")]]}),
        "spares no more": ("All US", {"spares_placed": False}),
        "out of use": ("All US", {"is_active": False}),
    }

    @pytest.mark.parametrize("change", CHANGES)
    def test_it_says_the_same(self, company: Cast, acting: Any, example: list[Rule], change: str) -> None:
        by, nodes = company.admin, company.territories
        with acting(by):
            account("Placed mill", nodes["East 1"], "manual", country="US", industry="Mills")
        run(acting, by, TODAY)
        name, changes = self.CHANGES[change]
        changed = {key: nodes[value].pk if key == "territory_id" else value for key, value in changes.items()}
        with acting(by):
            rule_id = next(one.pk for one in example if one.name == name)
            rule_services.edit_rule(by=by.pk, rule_id=rule_id, version=1, **changed)
            whole, narrow = preview(JUNE), preview(JUNE, last_run(JUNE))
            assert [one.name for one in narrow.changed] == [name]
            assert narrow.digest == whole.digest
            assert narrow.accounts < whole.accounts
            for some, all_of in zip(narrow.effects, whole.effects, strict=True):
                touched = some.came.keys() | some.went.keys()
                assert {pk: some.before[pk] for pk in touched} == {pk: all_of.before[pk] for pk in touched}
            assert (narrow.moved, narrow.unmatched) == (whole.moved, [])

    def test_a_new_rule_and_nothing_new(self, company: Cast, acting: Any, example: list[Rule]) -> None:
        by, nodes = company.admin, company.territories
        run(acting, by, TODAY)
        with acting(by):
            nothing = preview(JUNE, last_run(JUNE))
            assert (nothing.changed, nothing.accounts, nothing.moved) == ([], 0, 0)
            rule(by, "Bakers", nodes["East 2"], is_in("industry", "Bakeries"), priority=1)
            whole, narrow = preview(JUNE), preview(JUNE, last_run(JUNE))
            assert (narrow.digest, narrow.accounts, narrow.moved) == (whole.digest, 1, 1)

    def test_a_run_that_began_later_says_nothing_of_before(self, company: Cast, acting: Any) -> None:
        run(acting, company.admin, JUNE)
        with acting(company.admin):
            assert (last_run(TODAY), last_run(JUNE) is not None) == (None, True)
