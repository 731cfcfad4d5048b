"""A run of the rules is taken back: what still stands as it left it goes to where it was, and the rest stays."""

import csv
import re
from datetime import UTC, date, datetime
from io import StringIO
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Account, AccountTerritory, Hold, MovedAccount, RuleRun
from accounts.selectors.taking_back import taking_back
from accounts.services.rules import edit_rule
from accounts.services.runs import ask_run, run_waiting
from common.errors import Conflict, Refused
from territories.models import Edge, Territory
from tests.accounts.places import assign_account
from tests.accounts.ruled import JUNE, START, account, is_in, places, rule, run
from tests.calls import Api
from tests.cast import Cast

TODAY = date(2026, 5, 20)
JULY = date(2026, 7, 1)


@pytest.fixture
def moved(company: Cast, acting: Any) -> RuleRun:
    """A run from today put four banks into Finance; they were in East 1, twice by import, by hand, and nowhere."""
    nodes, by = company.territories, company.admin
    with acting(by):
        for name, cause in (("Alder", "import"), ("Birch", "import"), ("Cliff", "manual")):
            company.accounts[name] = account(name, nodes["East 1"], cause, tier="A")
        company.accounts["Dune"] = account("Dune", tier="A")
        rule(by, "Tier A", nodes["Finance"], is_in("tier", "A"), spares_placed=False)
    return run(acting, by, TODAY)


def take_back(acting: Any, by: Any, done: RuleRun, day: date) -> RuleRun:
    with acting(by):
        digest = taking_back(done, day).digest
        asked = ask_run(by=by.pk, starts_on=day, digest=digest, takes_back_id=done.pk)
    assert run_waiting()
    with acting(by):
        return RuleRun.objects.get(pk=asked.pk)


def mine(day: date) -> dict[str, str]:
    return {name: place for name, place in places(day).items() if name in ("Alder", "Birch", "Cliff", "Dune")}


EAST = {"Alder": "East 1", "Birch": "East 1", "Cliff": "East 1"}


def test_everything_goes_back_with_its_cause(company: Cast, acting: Any, moved: RuleRun) -> None:
    assert (moved.state, moved.counts["moved"]) == ("done", 4)
    back = take_back(acting, company.admin, moved, TODAY)
    assert (back.state, back.error, back.takes_back_id) == ("done", "", moved.pk)
    counts = {name: back.counts[name] for name in ("moved", "stay", "unassigned", "rows")}
    assert counts == {"moved": 4, "stay": 0, "unassigned": 1, "rows": 3}
    with acting(company.admin):
        assert mine(TODAY) == EAST
        row = AccountTerritory.objects.current().get(account__name="Cliff")
        assert (row.starts_on, row.stops_on, row.cause, row.reason) == (START, None, "manual", "")
        assert row.account.territory.name == "East 1"
        assert company.accounts["Dune"].territories.current().count() == 0
        assert MovedAccount.objects.count() == 8


def test_from_a_later_day_the_days_before_stay(company: Cast, acting: Any, moved: RuleRun) -> None:
    take_back(acting, company.admin, moved, JULY)
    with acting(company.admin):
        assert mine(date(2026, 6, 30)) == dict.fromkeys(("Alder", "Birch", "Cliff", "Dune"), "Finance")
        assert mine(JULY) == EAST


def test_what_moved_on_is_held_or_has_nowhere_to_go_stays(company: Cast, acting: Any, moved: RuleRun) -> None:
    by, accounts = company.admin, company.accounts
    with acting(by):
        west = company.territories["West 1"].pk
        assign_account(
            by=by.pk, account_id=accounts["Alder"].pk, territory_id=west, starts_on=JUNE, reason="x"
        )
        Hold.objects.create(account=accounts["Birch"], person=by, starts_on=TODAY, stops_on=date(2027, 1, 1))
        found = taking_back(moved, JULY)
        assert (found.moved, found.moved_on, found.held, found.gone) == (2, 1, 1, 0)
        nodes = company.territories
        joined = sorted(nodes[name].pk for name in ("East 1", "Unassigned"))
        assert found.territories() == [
            ["field", nodes["Finance"].pk, 0, 2],
            *(["field", pk, 1, 0] for pk in joined),
        ]
    take_back(acting, by, moved, JULY)
    with acting(by):
        assert mine(JULY) == {"Alder": "West 1", "Birch": "Finance", "Cliff": "East 1"}
        assert taking_back(moved, JULY).writes == 0


def test_what_changed_since_the_preview_moves_nothing(company: Cast, acting: Any, moved: RuleRun) -> None:
    by = company.admin
    with acting(by):
        digest = taking_back(moved, TODAY).digest
        ask_run(by=by.pk, starts_on=TODAY, digest=digest, takes_back_id=moved.pk)
        west = company.territories["West 1"].pk
        assign_account(
            by=by.pk, account_id=company.accounts["Alder"].pk, territory_id=west, starts_on=TODAY, reason="x"
        )
    assert run_waiting()
    with acting(by):
        failed = RuleRun.objects.first()
        assert failed
        assert (failed.state, failed.error[:40]) == (
            "failed",
            "Rules, territories or accounts changed s",
        )
        assert mine(TODAY)["Birch"] == "Finance"


def test_what_is_refused(company: Cast, acting: Any, moved: RuleRun) -> None:
    by = company.admin
    with acting(by), pytest.raises(Refused, match="from May 20, 2026 on at the earliest"):
        ask_run(by=by.pk, starts_on=date(2026, 5, 19), digest="0" * 64, takes_back_id=moved.pk)
    with acting(by):
        waiting = ask_run(by=by.pk, starts_on=TODAY, digest="0" * 64, takes_back_id=moved.pk)
    with acting(by), pytest.raises(Conflict, match="Only a run that is done is taken back"):
        ask_run(by=by.pk, starts_on=TODAY, digest="0" * 64, takes_back_id=waiting.pk)
    with acting(by):
        RuleRun.objects.change(moved.pk, RuleRun.objects.get(pk=moved.pk).version, written_at=None)
        old = RuleRun.objects.get(pk=moved.pk)
        assert taking_back(old, TODAY).refusal.endswith("what runs write was not noted yet.")


def test_one_that_waited_past_midnight_changes_no_past_day(
    company: Cast, acting: Any, clock: Any, moved: RuleRun
) -> None:
    by = company.admin
    with acting(by):
        digest = taking_back(moved, TODAY).digest
        asked = ask_run(by=by.pk, starts_on=TODAY, digest=digest, takes_back_id=moved.pk)
    clock.move_to(datetime(2026, 5, 25, 9, tzinfo=UTC))
    assert run_waiting()
    with acting(by):
        failed = RuleRun.objects.get(pk=asked.pk)
        assert (failed.state, failed.error) == (
            "failed",
            "This run is taken back from May 25, 2026 on at the earliest.",
        )
        assert mine(TODAY) == dict.fromkeys(("Alder", "Birch", "Cliff", "Dune"), "Finance")


def verdicts(done: RuleRun, day: date) -> tuple[int, int, int, int]:
    """How many accounts go back, moved on, are held, have nowhere to go."""
    found = taking_back(done, day)
    return found.writes, found.moved_on, found.held, found.gone


def test_what_was_planned_while_the_former_territory_is_there_goes_back(company: Cast, acting: Any) -> None:
    """East 2 is there until September: what was to leave it in August goes back, what was to stay does not."""
    nodes, by = company.territories, company.admin
    with acting(by):
        for name, stops_on in (("Alder", date(2026, 8, 1)), ("Birch", None)):
            made = account(name, tier="A")
            AccountTerritory.objects.create(
                account=made, territory=nodes["East 2"], starts_on=date(2026, 1, 1), stops_on=stops_on
            )
            Account.objects.filter(pk=made.pk).update(territory=nodes["East 2"])
        rule(by, "Tier A", nodes["Finance"], is_in("tier", "A"), spares_placed=False)
    done = run(acting, by, TODAY)
    with acting(by):
        edge = Edge.objects.current().get(child=nodes["East 2"])
        edge.replaced(stops_on=date(2026, 9, 1))
        assert verdicts(done, TODAY) == (1, 0, 0, 1)
    take_back(acting, by, done, TODAY)
    with acting(by):
        assert mine(TODAY) == {"Alder": "East 2", "Birch": "Finance"}
        assert mine(date(2026, 8, 1)) == {"Birch": "Finance"}


def test_what_was_merged_since_stays(company: Cast, acting: Any, moved: RuleRun) -> None:
    accounts = company.accounts
    with acting(company.admin):
        Account.objects.filter(pk=accounts["Dune"].pk).update(merged_into=accounts["Cliff"])
        assert verdicts(moved, TODAY) == (3, 1, 0, 0)


def test_what_a_run_only_ended_stays_where_it_was_placed_since(company: Cast, acting: Any) -> None:
    """No rule takes the specialist's account any more: one was placed elsewhere since, the other one goes back."""
    nodes, by = company.territories, company.admin
    with acting(by):
        other = Territory.objects.create(name="Data", code="DATA", kind="overlay")
        Edge.objects.create(child=other, parent=nodes["Company"], starts_on=START)
        made = [account(name, segment="Big") for name in ("Alder", "Birch")]
        big = rule(by, "Big", nodes["Cloud"], is_in("segment", "Big"), coverage="specialist")
    run(acting, by, TODAY)
    with acting(by):
        edit_rule(by=by.pk, rule_id=big.pk, version=1, is_active=False)
    ended = run(acting, by, JUNE)
    with acting(by):
        place = {"territory_id": other.pk, "starts_on": JULY, "reason": "x"}
        assign_account(by=by.pk, account_id=made[0].pk, coverage="specialist", **place)
        assert verdicts(ended, JUNE) == (1, 1, 0, 0)
        lines = [["specialist", None, 0, 1], ["specialist", nodes["Cloud"].pk, 1, 0]]
        assert taking_back(ended, JUNE).territories() == lines
    back = take_back(acting, by, ended, JUNE)
    assert (back.counts["moved"], back.counts["unassigned"], back.counts["rows"]) == (1, 0, 1)
    with acting(by):
        assert places(date(2026, 5, 31), "specialist") == {"Alder": "Cloud", "Birch": "Cloud"}
        assert places(JUNE, "specialist") == {"Birch": "Cloud"}
        assert places(JULY, "specialist") == {"Alder": "Data", "Birch": "Cloud"}


def test_partners_go_back_with_today_s_column(company: Cast, acting: Any) -> None:
    nodes, by = company.territories, company.admin
    with acting(by):
        made = account("Alder", segment="Big")
        rule(by, "Big", nodes["Cloud"], is_in("segment", "Big"), coverage="partner")
    done = run(acting, by, TODAY)
    with acting(by):
        assert Account.objects.get(pk=made.pk).partner_territory == nodes["Cloud"]
    back = take_back(acting, by, done, TODAY)
    assert (back.counts["moved"], back.counts["unassigned"], back.counts["rows"]) == (1, 0, 0)
    with acting(by):
        assert Account.objects.get(pk=made.pk).partner_territory is None
        assert places(TODAY, "partner") == {}


def test_a_place_that_a_run_kept_is_again_followed_by_what_rules_had_planned(
    company: Cast, acting: Any
) -> None:
    nodes, by = company.territories, company.admin
    with acting(by):
        account("Alder", nodes["East 1"], tier="A")
        moving = rule(by, "Tier A", nodes["Finance"], is_in("tier", "A"))
    run(acting, by, JULY)
    with acting(by):
        edit_rule(by=by.pk, rule_id=moving.pk, version=1, is_active=False)
    kept = run(acting, by, JUNE)
    with acting(by):
        assert mine(JULY) == {"Alder": "East 1"}
    take_back(acting, by, kept, JUNE)
    with acting(by):
        assert (mine(JUNE), mine(JULY)) == ({"Alder": "East 1"}, {"Alder": "Finance"})
        rows = AccountTerritory.objects.current().filter(account__name="Alder").order_by("starts_on")
        assert list(rows.values_list("cause", "starts_on", "stops_on")) == [
            ("import", START, JULY),
            ("rule", JULY, None),
        ]


@pytest.mark.parametrize("second", [TODAY, JUNE])
def test_two_runs_are_taken_back_one_after_the_other(
    company: Cast, acting: Any, moved: RuleRun, second: date
) -> None:
    """The newer one first; what was placed by hand since stays."""
    nodes, by = company.territories, company.admin
    with acting(by):
        rule(by, "First", nodes["Bay"], is_in("tier", "A"), spares_placed=False, priority=1)
    newer = run(acting, by, second)
    with acting(by):
        assert mine(second) == dict.fromkeys(("Alder", "Birch", "Cliff", "Dune"), "Bay")
        assert verdicts(moved, TODAY) == (0, 4, 0, 0)
    take_back(acting, by, newer, second)
    with acting(by):
        assert mine(second) == dict.fromkeys(("Alder", "Birch", "Cliff", "Dune"), "Finance")
        place = {"territory_id": nodes["West 1"].pk, "starts_on": JULY, "reason": "x"}
        assign_account(by=by.pk, account_id=company.accounts["Alder"].pk, **place)
        assert verdicts(moved, TODAY) == (3, 1, 0, 0)
    back = take_back(acting, by, moved, TODAY)
    assert (back.state, back.counts["moved"], back.counts["moved_on"]) == ("done", 3, 1)
    with acting(by):
        assert mine(TODAY) == {"Alder": "Finance", "Birch": "East 1", "Cliff": "East 1"}
        assert mine(JULY) == {"Alder": "West 1", "Birch": "East 1", "Cliff": "East 1"}


def test_of_what_was_taken_back_for_a_part_that_part_goes_back(
    company: Cast, acting: Any, moved: RuleRun
) -> None:
    by = company.admin
    with acting(by):
        rule(by, "First", company.territories["Bay"], is_in("tier", "A"), spares_placed=False, priority=1)
    newer = run(acting, by, TODAY)
    take_back(acting, by, newer, JULY)
    with acting(by):
        assert verdicts(moved, TODAY) == (0, 4, 0, 0)
        assert verdicts(moved, JULY) == (4, 0, 0, 0)
    take_back(acting, by, moved, JULY)
    with acting(by):
        assert mine(JUNE) == dict.fromkeys(("Alder", "Birch", "Cliff", "Dune"), "Bay")
        assert mine(JULY) == EAST


def test_from_the_page_to_the_run(company: Cast, acting: Any, browse: Any, moved: RuleRun) -> None:
    admin = browse(company.admin)
    address = reverse("rule_run_back", args=[moved.pk])
    assert address in admin.get(reverse("rule_run_detail", args=[moved.pk])).content.decode()
    text = admin.get(address).content.decode()
    assert "Take it back from May 20, 2026" in text
    with acting(company.admin):
        digest = taking_back(moved, TODAY).digest
    assert digest in text
    sent = {"starts_on": "2026-05-20", "digest": digest, "takes_back_id": moved.pk}
    answer = admin.post(reverse("rule_run_start"), sent)
    assert run_waiting()
    text = admin.get(answer["Location"]).content.decode()
    assert "Accounts that go back" in text
    moves = admin.get(reverse("rule_run_accounts", args=[moved.pk]))
    said = {(one.account.name, str(one.before), str(one.after)) for one in moves.context["moves"]}
    assert said == {
        (name, EAST.get(name, "Unassigned"), "Finance") for name in ("Alder", "Birch", "Cliff", "Dune")
    }
    file = admin.get(reverse("rule_run_csv", args=[moved.pk])).content.decode("utf-8-sig")
    heads, *lines = csv.reader(StringIO(file))
    assert heads == ["Account number", "Account", "From", "To", "Coverage"]
    assert {(name, before, after) for _number, name, before, after, _what in lines} == said
    undone = admin.get(f"{answer['Location']}accounts/").context["moves"]
    assert {(one.account.name, str(one.after)) for one in undone} >= set(EAST.items())
    first, second = re.findall("<tr>.*?</tr>", admin.get(reverse("rule_run_list")).content.decode(), re.S)[1:]
    assert (
        f'takes back <a href="{reverse("rule_run_detail", args=[moved.pk])}">the run from May 20, 2026, done'
        in first
    )
    assert "taken back from" not in first
    assert f'<a href="{answer["Location"]}">taken back from May 20, 2026 on</a>' in second
    assert "takes back" not in second
    assert "Nothing of it stands any more" in admin.get(address).content.decode()
    assert "at the earliest" in admin.get(address, {"from": "2026-05-01"}).content.decode()


def test_the_rules_page_says_from_when_its_faults_are(
    company: Cast, acting: Any, browse: Any, moved: RuleRun
) -> None:
    admin = browse(company.admin)
    text = admin.get(reverse("rule_list")).content.decode()
    assert "As the run of" in text
    assert "No conflict, and no rule without an account." in text
    with acting(company.admin):
        rule(company.admin, "Never", company.territories["Bay"], is_in("country", "Atlantis"))
    assert "1 rule changed since and is left out." in admin.get(reverse("rule_list")).content.decode()
    assert "1 rule matches no account" in admin.get(reverse("rule_faults_panel")).content.decode()


def test_over_the_api(company: Cast, acting: Any, moved: RuleRun) -> None:
    api = Api(company.admin)
    address = f"rules/runs/{moved.pk}/back/"
    seen = api.get(f"{address}?on=2026-07-01").json()
    assert (seen["moved"], seen["moved_on"], seen["held"], seen["gone"], seen["refusal"]) == (4, 0, 0, 0, "")
    east, finance = company.territories["East 1"].pk, company.territories["Finance"].pk
    rows = {row["territory_id"]: (row["came"], row["went"]) for row in seen["territories"]}
    assert (rows[east], rows[finance]) == ((3, 0), (0, 4))
    early = api.get(f"{address}?on=2026-05-01").json()
    assert (early["refusal"], early["digest"]) == (
        "This run is taken back from May 20, 2026 on at the earliest.",
        "",
    )
    sent = {"starts_on": "2026-07-01", "digest": seen["digest"], "takes_back_id": moved.pk}
    asked = api.post("rules/runs/", sent).json()["run"]
    assert (asked["state"], asked["takes_back_id"]) == ("waiting", moved.pk)
    assert run_waiting()
    done = api.get(f"rules/runs/{asked['id']}/").json()
    assert (done["state"], done["counts"]["moved"], done["counts"]["stay"]) == ("done", 4, 0)
