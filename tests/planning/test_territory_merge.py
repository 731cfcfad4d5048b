"""One territory has from a day on what another had: accounts, what lies below, open work; quota and credit stay."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from accounts.models import AccountTerritory, Hold, Rule
from accounts.services import apply_due_assignments
from common.access import Reach
from common.errors import Conflict, Forbidden, Refused
from common.transaction import work
from orders.models import Credit
from pipeline.models import Activity, Opportunity
from pipeline.services import disqualify_lead
from pipeline.tasks import follow_accounts
from planning.selectors.tree import hanging_on
from planning.services import Merged
from planning.tasks import follow_mergers
from quotas.models import Quota
from quotas.services import set_quota
from territories.models import Edge, Succession, Vacancy
from territories.selectors import heirs_on
from territories.services import create_root, move_territory, record_succession
from tests.accounts.places import assign_account
from tests.cast import START, Cast
from tests.closing import close_period
from tests.pipeline.leads import a_lead, read
from tests.planning.acts import (
    JULY,
    JUNE,
    TODAY,
    account,
    add,
    edges,
    lonely_deal,
    merge,
    places,
    retire,
    seats,
    task,
)
from tests.planning.test_seat_hand_over import hand
from tests.quotas.conftest import sell, worker  # noqa: F401  a fixture
from workspace.models import Message


def stands(deal: Opportunity | Activity) -> str:
    deal.refresh_from_db()
    return str(deal.territory.name)


def test_a_merger_today_takes_all_at_once(cast: Cast, acting: Any, sell: Any) -> None:  # noqa: F811
    sell("Cedar", 100_00, date(2026, 5, 12), {"other_rep": 100_000_000})
    lonely = lonely_deal(cast, "West 1")
    with acting(cast.admin):
        todo = task(cast, "West 1", account=cast.accounts["Cedar"])
        Vacancy.objects.create(territory=cast.territories["West 1"], kind="lead", starts_on=JUNE)
        rule = Rule.objects.create(name="West", territory=cast.territories["West 1"], conditions=[])
        old = Rule.objects.create(
            name="Old", territory=cast.territories["West 1"], conditions=[], is_active=False
        )
        add(cast, "Patch", "West 1")
        quota = set_quota(
            by=cast.admin.pk, period_id=cast.q2.pk, territory_id=cast.territories["West 1"].pk, amount_minor=5
        )
        before = list(Credit.objects.order_by("pk").values())
        assert merge(cast, "West 1", "East 1", TODAY, " one is enough ") == Merged(1, 1, 1, 1, 3)
        assert places("Cedar") == [("West 1", START, TODAY), ("East 1", TODAY, None)]
        row = AccountTerritory.objects.current().get(account=cast.accounts["Cedar"], starts_on=TODAY)
        assert (row.cause, row.reason, row.recorded_by) == ("manual", "one is enough", cast.admin)
        kept = AccountTerritory.objects.current().get(account=cast.accounts["Cedar"], stops_on=TODAY)
        was = AccountTerritory.objects.get(account=cast.accounts["Cedar"], superseded_at__isnull=False)
        assert (was.superseded_why, was.superseded_at) == ("one is enough", kept.recorded_at)
        cast.accounts["Cedar"].refresh_from_db()
        assert cast.accounts["Cedar"].territory == cast.territories["East 1"]
        assert edges("Patch") == [("West 1", date(2026, 1, 1), TODAY), ("East 1", TODAY, None)]
        assert edges("West 1") == [("West Team", START, TODAY)]
        assert seats("West 1") == [("Oscar Other", "owner", START, TODAY)]
        assert not Vacancy.objects.current().exists()
        assert [stands(each) for each in (cast.deals["Cedar renewal"], lonely, todo)] == ["East 1"] * 3
        rule.refresh_from_db()
        old.refresh_from_db()
        assert (rule.territory, rule.version, old.territory) == (
            cast.territories["East 1"],
            2,
            cast.territories["West 1"],
        )
        assert Quota.objects.current().get(pk=quota.pk).territory == cast.territories["West 1"]
        assert list(Credit.objects.order_by("pk").values()) == before
        passed = Succession.objects.get()
        assert (passed.territory, passed.heir, passed.starts_on, passed.is_whole, passed.reason) == (
            cast.territories["West 1"],
            cast.territories["East 1"],
            TODAY,
            True,
            "one is enough",
        )
    with acting(cast.rep):
        assert Message.objects.get().about == "Cedar"


def test_a_merger_to_come_moves_nothing_before_its_day(cast: Cast, acting: Any, clock: Any) -> None:
    lonely, deal = lonely_deal(cast, "West 1"), cast.deals["Cedar renewal"]
    with acting(cast.admin):
        assert merge(cast, "West 1", "East 1", JUNE).work == 0
    follow_mergers()
    with acting(cast.admin):
        cast.accounts["Cedar"].refresh_from_db()
        assert cast.accounts["Cedar"].territory == cast.territories["West 1"]
        assert [stands(deal), stands(lonely)] == ["West 1", "West 1"]
        assert heirs_on(TODAY) == {}
    clock.move_to(datetime(2026, 6, 1, 16, tzinfo=UTC))
    with work(by=None, why="days that begin", reach=Reach.everything()):
        assert apply_due_assignments(today=JUNE) == 1
    with worker():
        follow_accounts()
    assert (follow_mergers(), follow_mergers()) == (1, 0)
    with acting(cast.admin):
        assert [stands(deal), stands(lonely)] == ["East 1", "East 1"]


def test_open_leads_follow_their_territory_and_ended_ones_stay(cast: Cast, acting: Any, clock: Any) -> None:
    mine, ended = a_lead(acting, cast.other_rep), a_lead(acting, cast.other_rep, anyway_reason="for the test")
    with acting(cast.other_rep):
        disqualify_lead(by=cast.other_rep.pk, lead_id=ended.pk, version=1, reason="No need")
    with acting(cast.admin):
        merge(cast, "West 1", "East 1", JUNE)
    clock.move_to(datetime(2026, 6, 1, 16, tzinfo=UTC))
    follow_mergers()
    assert follow_mergers() == 0
    for lead, place in ((mine, "East 1"), (ended, "West 1")):
        now = read(acting, cast.admin, lead)
        assert (now.territory_id, now.owner_id) == (cast.territories[place].pk, cast.other_rep.pk)


def test_open_work_goes_on_to_whom_the_heir_was_merged_into(cast: Cast, acting: Any, clock: Any) -> None:
    lonely = lonely_deal(cast, "West 1")
    with acting(cast.admin):
        merge(cast, "West 1", "East 2", JUNE)
        merge(cast, "East 2", "East 1", JUNE)
    clock.move_to(datetime(2026, 6, 1, 16, tzinfo=UTC))
    assert follow_mergers() == 3
    with acting(cast.admin):
        assert stands(lonely) == "East 1"
        west, east = cast.territories["West 1"].pk, cast.territories["East 2"].pk
        assert heirs_on(JUNE) == {west: cast.territories["East 1"].pk, east: cast.territories["East 1"].pk}


def test_two_that_once_had_each_other_and_are_both_gone_have_no_heir(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        one, other = add(cast, "One", "West"), add(cast, "Other", "West")
        for node, heir in ((one, other), (other, one)):
            left = {"territory_id": node.pk, "heir_id": heir.pk, "on": TODAY, "is_whole": True}
            record_succession(by=cast.admin.pk, **left)
        retire(cast, "One", TODAY)
        assert heirs_on(TODAY) == {one.pk: other.pk}
        retire(cast, "Other", TODAY)
        assert heirs_on(TODAY) == {}


def test_planned_days_and_other_coverages_go_over_as_they_are(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        for name in ("Cloud", "Data"):
            add(cast, name, "West", date(2025, 1, 1), "overlay")
        acorn, cloud = cast.accounts["Acorn"], cast.territories["Cloud"]
        days = {"starts_on": JULY, "stops_on": date(2026, 9, 1)}
        AccountTerritory.objects.create(account=acorn, territory=cloud, coverage="partner", **days)
        place = {"account": acorn, "territory": cloud, "coverage": "specialist", "starts_on": START}
        AccountTerritory.objects.create(**place, cause="rule", cause_id=7, cause_version=2)
        acorn.specialist_territory = cloud
        acorn.save()
        assert merge(cast, "Cloud", "Data", TODAY).accounts == 1
        assert places("Acorn", "specialist") == [("Cloud", START, TODAY), ("Data", TODAY, None)]
        assert places("Acorn", "partner") == [("Data", JULY, date(2026, 9, 1))]
        assert places("Acorn") == [("East 1", START, None)]
        acorn.refresh_from_db()
        assert (acorn.specialist_territory, acorn.partner_territory) == (cast.territories["Data"], None)
        causes = AccountTerritory.objects.current().filter(coverage="specialist").order_by("starts_on")
        assert list(causes.values_list("cause", "cause_id", "cause_version")) == [
            ("rule", 7, 2),
            ("manual", None, None),
        ]


def test_accounts_that_leave_before_it_and_moves_to_elsewhere_stay(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        assign = {"by": cast.admin.pk, "account_id": cast.accounts["Cedar"].pk}
        assign_account(**assign, territory_id=cast.territories["East 2"].pk, starts_on=JULY)
        merge(cast, "West 1", "East 1", JUNE)
        assert places("Cedar") == [("West 1", START, JUNE), ("East 1", JUNE, JULY), ("East 2", JULY, None)]


def test_children_that_come_later_go_to_the_other_one(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        add(cast, "Empty", "West Team")
        by, patch = cast.admin.pk, add(cast, "Patch", "East 1")
        for parent, on in (("West 1", JULY), ("East 2", date(2026, 9, 1))):
            move_territory(by=by, territory_id=patch.pk, parent_id=cast.territories[parent].pk, on=on)
        merge(cast, "West 1", "Empty", JUNE)
        assert edges("Patch") == [
            ("East 1", date(2026, 1, 1), JULY),
            ("Empty", JULY, date(2026, 9, 1)),
            ("East 2", date(2026, 9, 1), None),
        ]


def test_a_held_account_keeps_it_from_happening(cast: Cast, acting: Any) -> None:
    hold = {"account": cast.accounts["Cedar"], "starts_on": TODAY, "stops_on": JULY}
    with acting(cast.admin):
        Hold.objects.create(person=cast.other_rep, **hold)
        with pytest.raises(Refused) as refusal:
            merge(cast, "West 1", "East 1")
        assert (refusal.value.path, refusal.value.code) == ("into_id", "held")
        assert str(refusal.value.message) == (
            "Held for somebody who does not own East 1: Cedar. End the holds first."
        )
        assert edges("West 1") == [("West Team", START, None)]


@pytest.mark.parametrize(
    ("name", "into", "code", "said"),
    [
        ("West 1", "West 1", "refused", "Choose another territory: this one is the one that goes."),
        ("West", "West 1", "tree_cycle", "West 1 lies below West. Move it elsewhere first"),
        ("West 1", "Unassigned", "refused", "Nothing lies below Unassigned."),
        ("West 1", "Leaving", "parent_leaves", "Leaving is part of the tree until Jul 1, 2026 only."),
        ("West 1", "Cloud", "overlay", "Only one of West 1 and Cloud is an overlay"),
        ("Cloud", "West 1", "overlay", "Only one of Cloud and West 1 is an overlay"),
        ("Parent", "Cloud", "overlay", "Only one of Parent and Cloud is an overlay"),
        ("Parent", "Patch", "kind_order", "Office, of type area, can't lie below Patch, of type territory."),
    ],
)
def test_where_it_cannot_go_is_said(
    cast: Cast, acting: Any, name: str, into: str, code: str, said: str
) -> None:
    with acting(cast.admin):
        add(cast, "Leaving", "East")
        add(cast, "Cloud", "East", kind="overlay")
        add(cast, "Parent", None, kind="region")
        add(cast, "Office", "Parent", kind="area")
        add(cast, "Patch", "East")
        retire(cast, "Leaving", JULY)
        with pytest.raises(Refused) as refusal:
            merge(cast, name, into)
        assert (refusal.value.path, refusal.value.code) == ("into_id", code)
        assert str(refusal.value.message).startswith(said)
        assert not Succession.objects.exists()


def test_the_root_that_unassigned_lies_below_stays(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        cast.territories["Other"] = create_root(by=cast.admin.pk, name="Other", code="OTHER", starts_on=START)
        for name in ("East", "West"):
            given = {"territory_id": cast.territories[name].pk, "parent_id": cast.territories["Other"].pk}
            move_territory(by=cast.admin.pk, **given, on=TODAY)
        with pytest.raises(Refused, match="Unassigned stays where it is"):
            merge(cast, "Company", "Other", JUNE)


def test_a_closed_day_and_a_day_before_what_was_booked_are_refused(
    cast: Cast,
    acting: Any,
    sell: Any,  # noqa: F811
) -> None:
    sell("Cedar", 100_00, date(2026, 5, 12), {"other_rep": 100_000_000})
    with acting(cast.admin):
        with pytest.raises(Conflict) as booked:
            merge(cast, "West 1", "East 1", date(2026, 5, 12))
        assert (booked.value.path, booked.value.code) == ("on", "booked_since")
        close_period(cast.q1.pk)
        with pytest.raises(Conflict) as closed:
            merge(cast, "West 1", "East 1", date(2026, 3, 31))
        assert (closed.value.path, closed.value.code) == ("on", "period_closed")
        assert merge(cast, "West 1", "East 1", date(2026, 5, 13)).accounts == 1


def test_only_administrators_merge(cast: Cast, acting: Any) -> None:
    for person in (cast.rep, cast.manager, cast.director, cast.coordinator, cast.executive):
        with acting(person), pytest.raises(Forbidden):
            merge(cast, "West 1", "East 1")


def test_nothing_is_left_behind_where_the_last_step_fails(cast: Cast, acting: Any, owner: Any) -> None:
    owner.execute("ALTER TABLE territories_succession ADD CONSTRAINT never CHECK (starts_on < '2000-01-01')")
    with acting(cast.admin), pytest.raises(Refused):
        merge(cast, "West 1", "East 1", TODAY)
    with acting(cast.admin):
        assert places("Cedar") == [("West 1", START, None)]
        assert (edges("West 1"), len(seats("West 1"))) == ([("West Team", START, None)], 1)
        assert Edge.objects.count() == 9
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM accounts_movedaccount")
            assert cursor.fetchone() == (0,)


def test_the_page_shows_what_goes_before_it_is_pressed_a_second_time(
    cast: Cast, browse: Any, acting: Any
) -> None:
    with acting(cast.admin):
        account(cast, "Dogwood", "West 1")
    client, url = browse(cast.admin), reverse("territory_merge", args=[cast.territories["West 1"].pk])
    text = client.get(url).content.decode()
    assert "Accounts: 2" in text
    assert "See what happens" in text
    data = {"into_id": cast.territories["East 1"].pk, "on": "2026-05-20", "reason": "one"}
    first = client.post(url, data)
    assert first.status_code == 200
    text = first.content.decode()
    assert "Merge West 1 into East 1 on May 20, 2026" in text
    assert "Press once more to do it." in text
    with acting(cast.admin):
        assert len(places("Cedar")) == 1
    data["seen"] = first.context["form"]["seen"].value()
    text = client.post(url, data, follow=True).content.decode()
    assert (
        "West 1 is merged into East 1 from May 20, 2026 on: accounts 2, territories below 0, seats that end 1."
    ) in text
    assert "Has what West 1 had from May 20, 2026 on: one" in text
    text = client.get(reverse("territory_detail", args=[cast.territories["West 1"].pk])).content.decode()
    assert "Merged into East 1 on May 20, 2026: one" in text


def test_what_changed_since_it_was_shown_is_shown_again(cast: Cast, browse: Any, acting: Any) -> None:
    client, url = browse(cast.admin), reverse("territory_merge", args=[cast.territories["West 1"].pk])
    data = {"into_id": cast.territories["East 1"].pk, "on": "2026-05-20", "reason": "one"}
    data["seen"] = client.post(url, data).context["form"]["seen"].value()
    with acting(cast.admin):
        account(cast, "Dogwood", "West 1")
    again = client.post(url, data)
    assert "Accounts: 2" in again.content.decode()
    with acting(cast.admin):
        assert len(places("Cedar")) == 1
    data["seen"] = again.context["form"]["seen"].value()
    assert client.post(f"{url}?back=/people/", data)["Location"] == "/people/"


def test_a_refusal_is_said_on_the_first_press_and_keeps_what_was_typed(cast: Cast, browse: Any) -> None:
    client, url = browse(cast.admin), reverse("territory_merge", args=[cast.territories["West"].pk])
    answer = client.post(url, {"into_id": cast.territories["West 1"].pk, "on": "2026-06-01", "reason": "one"})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "West 1 lies below West." in text
    assert "See what happens" in text
    assert 'value="one"' in text
    assert client.post(url, {"on": "2026-06-01"}).status_code == 422


def test_a_planned_hand_over_is_named_and_ends_with_its_seat(cast: Cast, acting: Any) -> None:
    """Cora is to take Oscar's open work on 1 July, and Paul's on 25 May; the territories go on 1 June."""
    with acting(cast.admin):
        late = hand(cast, cast.other_rep, cast.coordinator, JULY).work
        early = hand(cast, cast.peer, cast.coordinator, date(2026, 5, 25)).work
        named = {each.what: each.named for each in hanging_on(cast.territories["West 1"], JUNE)}
        assert late is not None
        assert early is not None
        link = reverse("hand_over_drop", args=[late.pk])
        assert named["Planned hand-overs"] == [("Oscar Other to Cora Coordinator on Jul 1, 2026", link)]
        for name in ("West 1", "East 2"):
            merge(cast, name, "East 1")
            assert "Planned hand-overs" not in [
                each.what for each in hanging_on(cast.territories[name], JUNE)
            ]
        late.refresh_from_db()
        early.refresh_from_db()
        assert (late.state, early.state) == ("dropped", "planned")
