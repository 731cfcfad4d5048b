"""Putting accounts into a territory from a day on: one of them on its page, many by one act."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Account, AccountTerritory, MovedAccount, Participant, Rule
from accounts.services import assign_accounts
from accounts.tasks import apply_due_assignments
from common.access import Reach
from common.errors import Conflict, Forbidden, NotInReach, Refused
from common.models import Period
from common.transaction import work
from territories.models import User
from territories.services import create_territory, seat_person
from tests.accounts.places import (
    JULY,
    JUNE,
    MAY,
    add_accounts,
    add_overlay,
    assign_account,
    hold,
    spans,
    today_of,
)
from tests.cast import START, Cast
from tests.closing import close_period
from tests.planning.assigning import URL as ASSIGN
from tests.planning.assigning import ids, typed
from tests.workspace.at_once import at_once
from workspace.models import Message


def send(client: Any, cast: Cast, territory: str, starts_on: str, account: str = "Acorn", **more: str) -> Any:
    """Look at what it does, and press."""
    form = typed(cast, territory, starts_on, account=ids(cast, account), **more)
    page = client.post(ASSIGN, form)
    if page.status_code != 200:
        return page
    return client.post(ASSIGN, {**form, "seen": page.context["effect"].digest})


def assign(cast: Cast, by: User, accounts: Any, territory: str, on: date = MAY, **more: Any) -> Any:
    ids = [cast.accounts[one].pk if isinstance(one, str) else one for one in accounts]
    place = {"territory_id": cast.territories[territory].pk, "starts_on": on}
    return assign_accounts(by=by.pk, account_ids=ids, **place, **more)


# ---- one account, on its page ----


def test_from_today_the_new_owner_sees_it_at_once(cast: Cast, browse: Any, acting: Any) -> None:
    detail = reverse("account_detail", args=[cast.accounts["Acorn"].pk])
    peer, rep = browse(cast.peer), browse(cast.rep)
    assert (rep.get(detail).status_code, peer.get(detail).status_code) == (200, 404)
    assert send(browse(cast.admin), cast, "East 2", "2026-05-20").status_code == 302
    assert (rep.get(detail).status_code, peer.get(detail).status_code) == (404, 200)


def test_from_a_later_day_today_stays(cast: Cast, browse: Any) -> None:
    assert send(browse(cast.admin), cast, "East 2", "2026-06-01").status_code == 302
    assert today_of("Acorn") == ("East 1", "", "")


def test_into_a_territory_that_begins_later(cast: Cast, browse: Any, acting: Any) -> None:
    with acting(cast.admin):
        east = cast.territories["East"].pk
        later = create_territory(
            by=cast.admin.pk, name="East 3", code="EAST-3", parent_id=east, starts_on=date(2026, 6, 1)
        )
    admin, cast.territories["East 3"] = browse(cast.admin), later
    assert send(admin, cast, "East 3", "2026-05-31").status_code == 422
    assert send(admin, cast, "East 3", "2026-06-01").status_code == 302


def test_to_where_it_is_is_explained(cast: Cast, browse: Any) -> None:
    response = send(browse(cast.admin), cast, "East 1", "2026-06-01")
    assert response.status_code == 422
    assert "The account is in that territory on that day already." in response.content.decode()


def test_others_may_not(cast: Cast, browse: Any) -> None:
    for person in (cast.rep, cast.manager, cast.coordinator, cast.executive):
        assert send(browse(person), cast, "East 2", "2026-06-01").status_code == 403


def test_a_director_assigns_below_and_is_offered_nothing_else(cast: Cast, browse: Any) -> None:
    page = browse(cast.director).get(ASSIGN, {"account": cast.accounts["Acorn"].pk})
    html = page.content.decode()
    for name, node in cast.territories.items():
        assert (f'<option value="{node.pk}"' in html) is name.startswith("East")
    assert send(browse(cast.director), cast, "East 2", "2026-05-20").status_code == 302
    assert today_of("Acorn")[0] == "East 2"
    assert send(browse(cast.director), cast, "West 1", "2026-05-20").status_code == 422
    assert send(browse(cast.other_director), cast, "West 1", "2026-05-20").status_code == 404


def test_the_page_tells_every_coverage_and_its_cause(cast: Cast, browse: Any, acting: Any) -> None:
    add_overlay(cast, "Security", "East")
    with acting(cast.admin):
        rule = Rule.objects.create(name="Banks", territory=cast.territories["East 2"], conditions=[])
        assign(cast, cast.admin, ["Acorn"], "East 2", cause="rule", cause_id=rule.pk, cause_version=3)
        assign(cast, cast.admin, ["Acorn"], "Security", JUNE, coverage="specialist", reason="a big one")
        row = AccountTerritory.objects.current().get(cause="rule")
        assert (row.cause_id, row.cause_version) == (rule.pk, 3)
    url, rule_page = reverse("account_detail", args=[cast.accounts["Acorn"].pk]), f"/rules/{rule.pk}/"
    page = browse(cast.admin).get(url)
    told = [(str(one.cause), one.name, one.row.coverage) for one in page.context["placed"]]
    assert told == [("by hand", "", "specialist"), ("by rule", "Banks", "field"), ("by hand", "", "field")]
    html = page.content.decode()
    assert "a big one" in html
    assert html.count("to come") == 1
    assert rule_page in html
    other = browse(cast.peer).get(url).content.decode()
    assert "by rule: Banks" in other
    assert rule_page not in other


# ---- many at once ----


def test_many_go_together_and_their_owner_is_told_once(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        done = assign(cast, cast.admin, ["Acorn", "Beech", "Cedar"], "East 2", reason=" nearer ")
        assert [account.name for account in done.moving] == ["Acorn", "Cedar"]
        assert [account.name for account in done.staying] == ["Beech"]
        row = AccountTerritory.objects.current().get(account__name="Cedar", stops_on=None)
        assert (row.reason, row.cause, row.recorded_by_id) == ("nearer", "manual", cast.admin.pk)
        ended = AccountTerritory.objects.current().exclude(stops_on=None)
        gone = AccountTerritory.objects.exclude(superseded_at=None)
        assert {row.recorded_at for row in ended} == {row.superseded_at for row in gone}
        assert {row.superseded_why for row in gone} == {"nearer"}
        assert MovedAccount.objects.count() == 2
    assert spans(cast, "Acorn") == [("East 1", START, MAY), ("East 2", MAY, None)]
    assert spans(cast, "Beech") == [("East 2", START, None)]
    assert [today_of(name)[0] for name in ("Acorn", "Beech", "Cedar")] == ["East 2"] * 3
    with work(by=None, why="look", reach=Reach.everything()):
        told = Message.objects.filter(event="account_came")
        assert [(row.person_id, row.count) for row in told] == [(cast.peer.pk, 2)]


def test_what_was_planned_for_later_is_dropped_and_told(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        assign(cast, cast.admin, ["Acorn"], "West 1", JULY)
        done = assign(cast, cast.admin, ["Acorn", "Beech"], "East Team", JUNE)
        assert [(row.territory.name, row.starts_on) for row in done.planned] == [("West 1", JULY)]
    assert spans(cast, "Acorn") == [("East 1", START, JUNE), ("East Team", JUNE, None)]
    assert today_of("Acorn")[0] == "East 1"


def test_one_foreign_id_among_five_hundred_stops_them_all(cast: Cast, acting: Any) -> None:
    ids = [cast.accounts["Acorn"].pk, *add_accounts(cast, 498)]
    with acting(cast.director), pytest.raises(NotInReach):
        assign(cast, cast.director, [*ids, "Cedar"], "East 2")
    with acting(cast.director), pytest.raises(NotInReach):
        assign(cast, cast.director, [*ids, 999_999], "East 2")
    with acting(cast.admin), pytest.raises(NotInReach):
        assign(cast, cast.admin, [], "East 2")
    assert spans(cast, "Oak 01") == [("East 1", START, None)]
    with acting(cast.director):
        assert len(assign(cast, cast.director, ids, "East 2").moving) == 499
    assert today_of("Oak 498")[0] == "East 2"


@pytest.mark.parametrize("who", ["rep", "manager", "coordinator", "executive"])
def test_who_only_sees_accounts_assigns_none(cast: Cast, acting: Any, who: str) -> None:
    with acting(getattr(cast, who)), pytest.raises(Forbidden):
        assign(cast, getattr(cast, who), ["Acorn"], "East 2")


def test_a_director_pushes_nothing_out_of_or_into_another_subtree(cast: Cast, acting: Any) -> None:
    with (
        acting(cast.director),
        pytest.raises(Forbidden, match="West 1 is not among the territories that you lead"),
    ):
        assign(cast, cast.director, ["Acorn"], "West 1")
    with acting(cast.director), pytest.raises(NotInReach):
        assign(cast, cast.director, ["Cedar"], "East 1")
    with acting(cast.admin):
        Participant.objects.create(account=cast.accounts["Cedar"], user=cast.director, reason="credit")
    with acting(cast.director), pytest.raises(Forbidden, match="and not: Cedar"):
        assign(cast, cast.director, ["Acorn", "Cedar"], "East 1")
    with acting(cast.admin):
        assign(cast, cast.admin, ["Acorn"], "West 1", JULY)
    # West would lose what was promised to it.
    with acting(cast.director), pytest.raises(Forbidden, match="and not: Acorn"):
        assign(cast, cast.director, ["Acorn"], "East 2", JUNE)
    assert spans(cast, "Acorn") == [("East 1", START, JULY), ("West 1", JULY, None)]


def test_a_lead_of_an_overlay_has_no_right_over_the_field(cast: Cast, acting: Any) -> None:
    add_overlay(cast, "Security", "Company")
    add_overlay(cast, "Security North", "Security")
    with acting(cast.admin):
        assign(cast, cast.admin, ["Cedar"], "Security", START, coverage="specialist")
        seat = {"kind": "lead", "territory_id": cast.territories["Security"].pk, "starts_on": START}
        seat_person(by=cast.admin.pk, user_id=cast.director.pk, **seat)
    with acting(cast.director):
        assert Account.objects.visible_to(Reach.everything()).filter(name="Cedar").exists()
        with pytest.raises(Forbidden, match="and not: Cedar"):
            assign(cast, cast.director, ["Cedar"], "East 1")
        assign(cast, cast.director, ["Cedar"], "Security North", coverage="specialist")
    assert today_of("Cedar") == ("West 1", "Security North", "")


def test_an_account_without_a_place_is_taken_from_where_it_is_today(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        AccountTerritory.objects.get(account__name="Acorn").replaced(stops_on=JUNE)
    with acting(cast.director):
        done = assign(cast, cast.director, ["Acorn"], "East 2", JULY)
        assert done.before(done.accounts[0]) is None
    assert spans(cast, "Acorn") == [("East 1", START, JUNE), ("East 2", JULY, None)]


# ---- coverage ----


def test_each_coverage_has_a_territory_of_its_own(cast: Cast, acting: Any) -> None:
    add_overlay(cast, "Security", "East")
    add_overlay(cast, "Resellers", "Company")
    with acting(cast.admin):
        assign(cast, cast.admin, ["Acorn"], "Security", coverage="specialist")
        assign(cast, cast.admin, ["Acorn"], "Resellers", coverage="partner")
        assert not MovedAccount.objects.exists()
    assert today_of("Acorn") == ("East 1", "Security", "Resellers")
    assert spans(cast, "Acorn") == [("East 1", START, None)]
    assert spans(cast, "Acorn", "partner") == [("Resellers", MAY, None)]


@pytest.mark.parametrize(
    ("territory", "coverage", "message", "path"),
    [
        ("Security", "field", "Security is an overlay", "coverage"),
        ("East 2", "specialist", "East 2 is no overlay", "territory_id"),
        ("Unassigned", "partner", "Unassigned is no overlay", "territory_id"),
        ("East 2", "home", "A coverage is field, specialist or partner.", "coverage"),
    ],
)
def test_a_coverage_fits_its_territory(
    cast: Cast, acting: Any, territory: str, coverage: str, message: str, path: str
) -> None:
    add_overlay(cast, "Security", "East")
    with acting(cast.admin), pytest.raises(Refused, match=message) as refusal:
        assign(cast, cast.admin, ["Acorn"], territory, coverage=coverage)
    assert refusal.value.path == path


def test_the_day_brings_all_three_to_what_holds(cast: Cast, acting: Any, clock: Any) -> None:
    add_overlay(cast, "Security", "East")
    add_overlay(cast, "Resellers", "East")
    with acting(cast.admin):
        assign(cast, cast.admin, ["Acorn", "Beech"], "Security", coverage="specialist")
        for row in AccountTerritory.objects.current().filter(coverage="specialist", account__name="Beech"):
            row.replaced(stops_on=JUNE)
        assign(cast, cast.admin, ["Acorn"], "East 2", JUNE)
        assign(cast, cast.admin, ["Acorn"], "Resellers", JUNE, coverage="specialist")
        assign(cast, cast.admin, ["Cedar"], "Resellers", JUNE, coverage="partner")
        row = AccountTerritory.in_field().current().get(account__name="Cedar")
        row.replaced(stops_on=JUNE)
    assert apply_due_assignments() == 0
    clock.move_to(datetime(2026, 6, 1, 9, tzinfo=UTC))
    assert apply_due_assignments() == 5
    assert today_of("Acorn") == ("East 2", "Resellers", "")
    assert today_of("Beech") == ("East 2", "", "")
    assert today_of("Cedar") == ("Unassigned", "", "Resellers")
    with work(by=None, why="look", reach=Reach.everything()):
        assert sorted(row.account.name for row in MovedAccount.objects.all()) == ["Acorn", "Cedar"]
    assert apply_due_assignments() == 0


# ---- what is refused ----


def test_bad_days_and_places_are_named(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        year = Period.objects.get(code="2025")
        close_period(year.pk)
        with pytest.raises(Conflict, match="This would change 2025-Q4, which is closed"):
            assign(cast, cast.admin, ["Acorn"], "East 2", date(2025, 12, 31))
        with pytest.raises(Refused, match="Choose a territory of the tree"):
            assign_accounts(
                by=cast.admin.pk, account_ids=[cast.accounts["Acorn"].pk], territory_id=999_999, starts_on=MAY
            )
        with pytest.raises(Refused, match="These accounts are in that territory on that day already"):
            assign(cast, cast.admin, ["Acorn", *add_accounts(cast, 1)], "East 1")


def test_held_accounts_are_refused_by_name(cast: Cast, acting: Any) -> None:
    hold(cast, "Acorn", cast.rep, MAY, date(2026, 6, 30))
    words = "Held: Acorn with Rita Rep until Jun 30, 2026. End the hold, leave the account out"
    for day in (MAY, date(2026, 6, 29), MAY - timedelta(days=10)):
        with acting(cast.admin), pytest.raises(Refused, match=words) as refusal:
            assign(cast, cast.admin, ["Acorn", "Beech"], "West 1", day)
        assert refusal.value.code == "held"
    with acting(cast.admin):
        assign(cast, cast.admin, ["Acorn", "Beech"], "West 1", date(2026, 6, 30))


def test_a_held_account_goes_where_its_person_sits(cast: Cast, acting: Any, owner: Any) -> None:
    hold(cast, "Acorn", cast.rep, JUNE, JULY)
    add_overlay(cast, "Security", "East")
    with acting(cast.admin):
        assign(cast, cast.admin, ["Acorn"], "Security", coverage="specialist")
        with pytest.raises(Refused, match="Held: Acorn"):
            assign(cast, cast.admin, ["Acorn"], "East Team")
        seat = {"kind": "owner", "territory_id": cast.territories["East Team"].pk, "starts_on": JUNE}
        seat_person(by=cast.admin.pk, user_id=cast.rep.pk, **seat)
        assign(cast, cast.admin, ["Acorn"], "East Team")
    assert today_of("Acorn") == ("East Team", "Security", "")


def test_of_many_held_ones_five_are_named(cast: Cast, acting: Any) -> None:
    ids = add_accounts(cast, 7)
    with acting(cast.admin):
        cast.accounts |= {row.name: row for row in Account.objects.filter(pk__in=ids)}
    for number in range(1, 8):
        hold(cast, f"Oak {number:02}", cast.rep, MAY, JULY)
    with (
        acting(cast.admin),
        pytest.raises(Refused, match="Oak 05 with Rita Rep until Jul 1, 2026 and 2 more"),
    ):
        assign(cast, cast.admin, ids, "West 1")


def test_a_bare_question_stays_with_the_administrators(cast: Cast, acting: Any) -> None:
    from common.transaction import reach

    for person, answer in ((cast.admin, True), (cast.director, False)):
        with acting(person):
            assert reach().allows("account", "assign") is answer


def test_a_day_that_was_assigned_is_assigned_again(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        for name in ("East 2", "West 1", "East 2"):
            place = {"territory_id": cast.territories[name].pk, "starts_on": MAY}
            assign_account(by=cast.admin.pk, account_id=cast.accounts["Acorn"].pk, **place)
    assert spans(cast, "Acorn") == [("East 1", START, MAY), ("East 2", MAY, None)]


def test_of_two_who_assign_at_once_the_later_one_counts(cast: Cast, acting: Any) -> None:
    chosen = add_accounts(cast, 20)

    def go(territory: str) -> Any:
        def run() -> list[str]:
            with acting(cast.admin):
                done = assign(cast, cast.admin, chosen, territory)
                return [row.territory.name for row in map(done.before, done.moving) if row]

        return run

    came_from = at_once(go("East 2"), go("West 1"))
    first, second = sorted(came_from, key=lambda names: names[0] != "East 1")
    assert (set(first), len(second)) == ({"East 1"}, 20)
    assert set(second) == ({"East 2"} if came_from[0] is first else {"West 1"})
    assert len({tuple(spans(cast, f"Oak {number:02}")) for number in range(1, 21)}) == 1
