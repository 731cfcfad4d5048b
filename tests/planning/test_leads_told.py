"""Who leads a territory hears of a seat handed over there, and of accounts that leave or come."""

from datetime import date

from common.access import Reach
from common.transaction import work
from planning.models import Draft
from planning.services import hand_over_seat
from planning.tasks import publish_drafts
from territories.models import Seat
from tests.planning.test_realignment import acorn_west, look, moved
from tests.workspace.test_inbox import sentences
from workspace.models import Event, Message

JUNE = date(2026, 6, 1)


def told(event):
    with work(by=None, why="look", reach=Reach.everything()):
        rows = Message.objects.filter(event=event).order_by("person__name")
        return list(rows.values_list("person__name", "about"))


def hand(cast, acting, of, to, **changes):
    with acting(cast.admin):
        seat = Seat.objects.current().get(user=of)
        facts = {"seat_id": seat.pk, "successor_id": to.pk, "starts_on": JUNE, **changes}
        hand_over_seat(by=cast.admin.pk, **facts)


def test_a_seat_that_goes_is_told_to_both_people_and_to_those_who_lead_it(cast, acting, browse):
    hand(cast, acting, cast.rep, cast.coordinator)
    went = "East 1 goes from Rita Rep to Cora Coordinator on Jun 1, 2026, with 1 account"
    assert told(Event.SEAT_WENT) == [(name, went) for name in ("Dora Director", "Mona Manager", "Rita Rep")]
    assert told(Event.SEAT_CAME) == [("Cora Coordinator", "East 1 from Jun 1, 2026 on, with 1 account")]
    assert sentences(browse(cast.manager))[0] == f"Ada Admin handed a seat over: {went}."


def test_a_managers_own_seat_is_told_to_the_director_and_once(cast, acting):
    hand(cast, acting, cast.manager, cast.coordinator)
    went = "East Team goes from Mona Manager to Cora Coordinator on Jun 1, 2026, with 2 accounts"
    assert told(Event.SEAT_WENT) == [("Dora Director", went), ("Mona Manager", went)]


def test_a_cover_says_until_when(cast, acting):
    hand(cast, acting, cast.rep, cast.coordinator, stops_on=date(2026, 7, 1))
    covers = "Cora Coordinator covers East 1 for Rita Rep from Jun 1, 2026 until Jul 1, 2026, with 1 account"
    assert ("Mona Manager", covers) in told(Event.SEAT_WENT)


def test_a_realignment_is_told_to_the_leads_of_both_sides_with_what_leaves_and_comes(cast, ben, acting):
    moved(cast, acting, **acorn_west(cast))
    look(lambda: Draft.objects.update(state="queued", approved_by=ben))
    publish_drafts()
    left = "Spring, from May 20, 2026: East 1 loses 1 account"
    came = "Spring, from May 20, 2026: West 1 gets 1 account"
    assert told(Event.REALIGNED) == [
        ("Dora Director", left),
        ("Mona Manager", left),
        ("Olga Other", came),
        ("Oscar Other", "Spring"),
        ("Otto Other", came),
        ("Rita Rep", "Spring"),
    ]


def test_a_seat_of_a_realignment_is_told_with_its_successor(cast, ben, acting):
    east = cast.territories["East 1"].pk
    seat = {"kind": "seat", "territory_id": east, "seat_kind": "owner", "person_id": cast.coordinator.pk}
    moved(cast, acting, **seat)
    look(lambda: Draft.objects.update(state="queued", approved_by=ben))
    publish_drafts()
    said = dict(told(Event.REALIGNED))
    assert said["Mona Manager"] == "Spring, from May 20, 2026: East 1 goes to Cora Coordinator"
