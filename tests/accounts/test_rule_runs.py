"""Rules are previewed, then run: what the preview says is what the run does, and a run again changes nothing."""

from datetime import date
from typing import Any

from accounts.models import Account, AccountTerritory, Hold, MovedAccount, Rule
from accounts.selectors.previews import preview
from accounts.services import rules as rule_services
from accounts.services.places import apply_due_assignments
from common.access import Reach
from common.transaction import work
from tests.accounts.ruled import JUNE, START, account, between, is_in, places, rule, run
from tests.cast import Cast

TODAY = date(2026, 5, 20)


class TestTheWorkedExample:
    def test_the_preview_names_what_comes_and_goes(
        self, company: Cast, acting: Any, example: list[Rule]
    ) -> None:
        nodes = company.territories
        with acting(company.admin):
            found = preview(JUNE)
            effect = found.effects[0]
            assert (found.accounts, found.moved, found.faults, found.unmatched) == (7, 3, [], [])
            assert {pk: one.count for pk, one in effect.came.items()} == {
                nodes["Bay"].pk: 1,
                nodes["West"].pk: 2,
            }
            assert {pk: one.count for pk, one in effect.went.items()} == {nodes["Unassigned"].pk: 3}
            assert (effect.before[nodes["Unassigned"].pk], effect.after(nodes["Unassigned"].pk)) == (4, 1)
            [conflict] = found.conflicts
            assert (conflict.decides.pk, conflict.other.pk, conflict.count) == (
                example[1].pk,
                example[2].pk,
                1,
            )
            assert conflict.examples == [company.accounts["Bank 10001"].pk]

    def test_the_run_does_what_it_says(self, company: Cast, acting: Any, example: list[Rule]) -> None:
        done = run(acting, company.admin, TODAY)
        assert (done.state, done.error) == ("done", "")
        counts = {"accounts": 7, "moved": 3, "unassigned": 0, "conflicts": 1, "unmatched": 0, "rows": 3}
        left = {"spared": 0, "held": 0, "rules": {str(one.pk): 1 for one in example}}
        left |= {"clashes": [[example[1].pk, example[2].pk, 1]], "never": []}
        nodes = [company.territories[name].pk for name in ("Unassigned", "West", "Bay")]
        went = [["field", nodes[0], 0, 3], ["field", nodes[1], 2, 0], ["field", nodes[2], 1, 0]]
        assert done.counts == {**counts, **left, "territories": went}
        with acting(company.admin):
            assert places(TODAY) == {
                "Acorn": "East 1", "Beech": "East 2", "Cedar": "West 1",
                "Bank 94105": "Bay", "Bank 10001": "West", "Mill 60601": "West",
            }  # fmt: skip
            row = AccountTerritory.objects.get(account__name="Bank 94105")
            cause = (row.cause, row.cause_id, row.cause_version, row.reason, row.recorded_by_id)
            assert cause == ("rule", example[0].pk, 1, "Bay Area", company.admin.pk)
            assert Account.objects.get(name="Bakery").territory.is_unassigned
            assert Account.objects.get(name="Bank 94105").territory.name == "Bay"
            assert MovedAccount.objects.count() == 3

    def test_run_again_it_changes_nothing(self, company: Cast, acting: Any, example: list[Rule]) -> None:
        run(acting, company.admin, TODAY)
        with acting(company.admin):
            before = list(AccountTerritory.objects.order_by("pk").values())
        again = run(acting, company.admin, TODAY)
        assert (again.counts["moved"], again.counts["rows"]) == (0, 0)
        with acting(company.admin):
            assert list(AccountTerritory.objects.order_by("pk").values()) == before
            assert MovedAccount.objects.count() == 3


class TestWhatARuleTouches:
    def test_by_hand_and_held_it_leaves_alone(self, company: Cast, acting: Any) -> None:
        nodes, by = company.territories, company.admin
        with acting(by):
            account("Placed", nodes["East 1"], "manual", tier="A")
            account("Realigned", nodes["East 1"], "realignment", tier="A")
            held = account("Held", nodes["East 1"], tier="A")
            over = account("Held before", nodes["East 1"], tier="A")
            for one, stop in ((held, date(2026, 7, 1)), (over, JUNE)):
                Hold.objects.create(account=one, person=company.rep, starts_on=TODAY, stops_on=stop)
            account("Imported", nodes["East 1"], tier="A")
            sparing = rule(by, "A", nodes["Bay"], is_in("tier", "A"))
        counts = run(acting, by, JUNE).counts
        assert [counts[name] for name in ("moved", "spared", "held")] == [2, 2, 1]
        with acting(by):
            found = places(JUNE)
            assert [found[name] for name in ("Placed", "Realigned", "Held", "Held before", "Imported")] == [
                "East 1", "East 1", "East 1", "Bay", "Bay",
            ]  # fmt: skip
            rule_services.edit_rule(by=by.pk, rule_id=sparing.pk, version=1, spares_placed=False)
        assert run(acting, by, JUNE).counts["moved"] == 2
        with acting(by):
            found = places(JUNE)
            assert (found["Placed"], found["Realigned"], found["Held"]) == ("Bay", "Bay", "East 1")

    def test_what_is_held_from_a_later_day_on_it_leaves_alone(self, company: Cast, acting: Any) -> None:
        nodes, by = company.territories, company.admin
        with acting(by):
            held = account("Held later", nodes["East 1"], tier="A")
            Hold.objects.create(account=held, person=company.rep, starts_on=JUNE, stops_on=date(2026, 9, 1))
            rule(by, "A", nodes["Bay"], is_in("tier", "A"))
        counts = run(acting, by, TODAY).counts
        assert (counts["moved"], counts["held"], counts["rows"]) == (0, 1, 0)
        with acting(by):
            assert (places(TODAY)["Held later"], places(JUNE)["Held later"]) == ("East 1", "East 1")

    def test_what_no_rule_takes_any_more_goes_to_unassigned(self, company: Cast, acting: Any) -> None:
        nodes, by = company.territories, company.admin
        with acting(by):
            account("Imported", nodes["East 1"], tier="B")
            account("Small", nodes["East 1"], employees=5)
            small = rule(by, "Small ones", nodes["Bay"], between("employees", None, 9))
        run(acting, by, TODAY)
        with acting(by):
            assert places(TODAY)["Small"] == "Bay"
            rule_services.edit_rule(by=by.pk, rule_id=small.pk, version=1, is_active=False)
        done = run(acting, by, JUNE)
        assert (done.counts["moved"], done.counts["unassigned"]) == (1, 1)
        with acting(by):
            assert (places(TODAY)["Small"], places(JUNE)["Small"]) == ("Bay", "Unassigned")
            assert places(JUNE)["Imported"] == "East 1"
            row = AccountTerritory.objects.on(JUNE).get(account__name="Small")
            assert (row.cause, row.cause_id, row.reason) == ("rule", None, "no rule takes it")
        assert run(acting, by, JUNE).counts["rows"] == 0

    def test_a_rule_may_lead_to_unassigned(self, company: Cast, acting: Any) -> None:
        by, nodes = company.admin, company.territories
        with acting(by):
            account("Nowhere", tier="A")
            account("Placed", nodes["East 1"], tier="A")
            rule(by, "A", nodes["Unassigned"], is_in("tier", "A"))
        done = run(acting, by, TODAY)
        assert (done.counts["moved"], done.counts["unassigned"], done.counts["rows"]) == (1, 1, 3)
        with acting(by):
            assert (places(TODAY)["Nowhere"], places(TODAY)["Placed"]) == ("Unassigned", "Unassigned")

    def test_an_account_merged_into_another_is_none(
        self, company: Cast, acting: Any, example: list[Rule]
    ) -> None:
        with acting(company.admin):
            Account.objects.filter(name="Bank 10001").update(merged_into=company.accounts["Bank 94105"])
            assert preview(JUNE).accounts == 6


class TestTheStream:
    """Accounts come out of the database as text: whatever is written in them is read as it is."""

    def test_signs_that_text_escapes(self, company: Cast, acting: Any) -> None:
        by, odd = company.admin, "Back\\slash \\n line\nfeed \u000b tab"
        with acting(by):
            account("Odd", country=odd)
            account("Other", country="Back")
            rule(by, "Odd ones", company.territories["Bay"], is_in("country", odd))
        assert run(acting, by, TODAY).counts["moved"] == 1
        with acting(by):
            assert places(TODAY)["Odd"] == "Bay"

    def test_of_many_only_some_are_named(self, company: Cast, acting: Any) -> None:
        by, nodes = company.admin, company.territories
        with acting(by):
            for number in range(25):
                account(f"Many {number}", nodes["East 1"], tier="A")
            rule(by, "A", nodes["Bay"], is_in("tier", "A"))
            came = preview(JUNE).effects[0].came[nodes["Bay"].pk]
            assert (came.count, len(came.examples)) == (25, 20)

    def test_a_held_account_keeps_what_was_planned(self, company: Cast, acting: Any) -> None:
        by, nodes = company.admin, company.territories
        with acting(by):
            held = account("Held", nodes["East 1"], tier="A")
            planned = rule(by, "A", nodes["Bay"], is_in("tier", "A"))
        run(acting, by, date(2026, 7, 1))
        with acting(by):
            Hold.objects.create(account=held, person=company.rep, starts_on=TODAY, stops_on=date(2026, 6, 15))
            rule_services.edit_rule(by=by.pk, rule_id=planned.pk, version=1, is_active=False)
        assert run(acting, by, JUNE).counts["rows"] == 0
        with acting(by):
            assert (places(JUNE)["Held"], places(date(2026, 7, 1))["Held"]) == ("East 1", "Bay")


class TestRowsByDate:
    """What runs on the day ends, what rules planned for later goes, what people planned for later stays."""

    def rows(self, name: str) -> list[tuple[str, str, str, str]]:
        rows = AccountTerritory.objects.current().filter(account__name=name).order_by("coverage", "starts_on")
        return [
            (
                one.territory.name,
                one.cause,
                one.starts_on.isoformat(),
                (one.stops_on and one.stops_on.isoformat()) or "",
            )
            for one in rows.select_related("territory")
        ]

    def test_the_first_day_of_a_row_and_a_later_one(self, company: Cast, acting: Any) -> None:
        nodes, by = company.territories, company.admin
        with acting(by):
            one = account("One", nodes["East 1"], tier="A")
            rule(by, "A", nodes["Bay"], is_in("tier", "A"))
        run(acting, by, START)
        with acting(by):
            assert self.rows("One") == [("Bay", "rule", "2025-01-01", "")]
            old = AccountTerritory.objects.get(account=one, superseded_at__isnull=False)
            new = AccountTerritory.objects.current().get(account=one)
            assert (old.superseded_at, old.superseded_by_id) == (new.recorded_at, by.pk)
            Rule.objects.filter(name="A").update(territory=nodes["Finance"])
        run(acting, by, JUNE)
        with acting(by):
            bay = ("Bay", "rule", "2025-01-01", "2026-06-01")
            assert self.rows("One") == [bay, ("Finance", "rule", "2026-06-01", "")]
            assert Account.objects.get(name="One").territory.name == "Bay"

    def test_a_later_row_by_hand_stays(self, company: Cast, acting: Any) -> None:
        nodes, by = company.territories, company.admin
        with acting(by):
            one = account("One", tier="A")
            AccountTerritory.objects.create(
                account=one, territory=nodes["East 2"], starts_on=date(2026, 7, 1)
            )
            rule(by, "A", nodes["Bay"], is_in("tier", "A"))
        run(acting, by, JUNE)
        with acting(by):
            assert self.rows("One") == [
                ("Bay", "rule", "2026-06-01", "2026-07-01"),
                ("East 2", "manual", "2026-07-01", ""),
            ]

    def test_a_later_row_of_a_rule_goes(self, company: Cast, acting: Any) -> None:
        nodes, by = company.territories, company.admin
        with acting(by):
            account("One", nodes["East 1"], tier="A")
            account("Placed", nodes["East 1"], "manual", tier="A")
            account("Nowhere", tier="A")
            first = rule(by, "A", nodes["Bay"], is_in("tier", "A"), spares_placed=False)
        run(acting, by, date(2026, 7, 1))
        with acting(by):
            east = ("East 1", "manual", "2025-01-01", "2026-07-01")
            assert self.rows("Placed") == [east, ("Bay", "rule", "2026-07-01", "")]
            rule_services.edit_rule(by=by.pk, rule_id=first.pk, version=1, is_active=False)
        done = run(acting, by, JUNE)
        assert (done.counts["moved"], done.counts["rows"]) == (0, 2)
        with acting(by):
            assert self.rows("Placed") == [("East 1", "manual", "2025-01-01", "")]
            assert self.rows("One") == [("East 1", "import", "2025-01-01", "")]
            assert self.rows("Nowhere") == []
        assert run(acting, by, JUNE).counts["rows"] == 0

    def test_a_day_that_has_passed_moves_today_only_where_the_row_still_holds(
        self, company: Cast, acting: Any
    ) -> None:
        nodes, by = company.territories, company.admin
        with acting(by):
            one = account("One", tier="A")
            AccountTerritory.objects.create(
                account=one, territory=nodes["East 2"], starts_on=date(2026, 5, 1)
            )
            Account.objects.filter(pk=one.pk).update(territory=nodes["East 2"])
            account("Two", tier="A")
            rule(by, "A", nodes["Bay"], is_in("tier", "A"))
        run(acting, by, date(2026, 4, 1))
        with acting(by):
            assert self.rows("One")[0] == ("Bay", "rule", "2026-04-01", "2026-05-01")
            now = dict(Account.objects.values_list("name", "territory__name"))
            assert (now["One"], now["Two"]) == ("East 2", "Bay")


class TestSpecialistsAndPartners:
    def test_they_have_rules_of_their_own(self, company: Cast, acting: Any) -> None:
        nodes, by = company.territories, company.admin
        with acting(by):
            account("One", nodes["East 1"], tier="A", segment="Big")
            rule(by, "A", nodes["Bay"], is_in("tier", "A"))
            big = rule(by, "Big", nodes["Cloud"], is_in("segment", "Big"), coverage="specialist")
        done = run(acting, by, TODAY)
        assert (done.counts["moved"], done.counts["rows"]) == (2, 3)
        with acting(by):
            assert (places(TODAY)["One"], places(TODAY, "specialist")) == ("Bay", {"One": "Cloud"})
            one = Account.objects.get(name="One")
            assert (one.territory.name, one.specialist_territory.name, one.partner_territory) == (
                "Bay",
                "Cloud",
                None,
            )
            assert MovedAccount.objects.count() == 1
            rule_services.edit_rule(by=by.pk, rule_id=big.pk, version=1, is_active=False)
            effect = preview(JUNE).effects[1]
            assert {pk: side.count for pk, side in effect.came.items()} == {None: 1}
        run(acting, by, JUNE)
        with acting(by):
            assert (places(TODAY, "specialist"), places(JUNE, "specialist")) == ({"One": "Cloud"}, {})
        with work(by=None, why="days that begin", reach=Reach.everything()):
            apply_due_assignments(today=JUNE)
            assert Account.objects.get(name="One").specialist_territory is None
