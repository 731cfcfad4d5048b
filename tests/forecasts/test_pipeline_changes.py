"""What moved between two days: the steps on the page, what they add up to, whose they are, and order intake."""

from datetime import date

import pytest
from django.urls import reverse

from common.access import Reach
from common.models import Rate
from common.transaction import now, work
from forecasts.selectors.movement import asked_of, movement, tie
from orders.services import LineInput, ShareInput, book, send_order_back
from pipeline.models import Opportunity
from pipeline.rules.movement import Part
from pipeline.services import create_opportunity
from territories.models import Edge, Seat
from tests.orders.winning import asks
from tests.orders.winning import won as awaiting
from tests.pages import parsed
from tests.pipeline.standings import at, edit, fresh, move

WHOLE = 100_000_000
FIRST, LAST = date(2026, 5, 20), date(2026, 5, 27)


@pytest.fixture
def later(clock):
    """A week after the cast's day."""

    def go(day="2026-05-27"):
        at(clock, day)

    return go


def text_of(answer):
    return parsed(answer.content.decode()).text


def opened(cast, acting, person="rep", account="Acorn", amount=1_000_00, close_on=date(2026, 6, 20), **more):
    who = getattr(cast, person)
    with acting(who):
        return create_opportunity(
            by=who.pk,
            account_id=cast.accounts[account].pk,
            name=more.pop("name", "Another one"),
            amount_minor=amount,
            currency=more.pop("currency", "USD"),
            close_on=close_on,
            stage_id=cast.stages["Qualified"].pk,
        )


def won(cast, acting, deal, amount, on=LAST, person="rep", shares=None):
    who = getattr(cast, person)
    deal = fresh(deal)
    with acting(who):
        return book(
            by=who.pk,
            opportunity_id=deal.pk,
            opportunity_version=deal.version,
            account_id=deal.account_id,
            booked_on=on,
            currency=deal.currency,
            lines=[LineInput(cast.products["Server"].pk, 1, amount)],
            shares=shares or [ShareInput(who.pk, WHOLE)],
            motion="new",
        )


def moved(cast, acting, person, first=FIRST, last=LAST, node=None, own=False):
    with acting(person) as mine:
        asked = asked_of(mine.reach, node, first, last, own=own)
        found = movement(first, last, cast.q2, asked.whose)
        return found, tie(found, first, last, cast.q2, asked.whose)


def parts(found):
    return {step.part: step.minor for step in found.steps}


def adds_up(found):
    return found.start.minor + sum(step.minor for step in found.steps) == found.end.minor


def test_every_kind_of_change_is_its_own_step_and_they_add_up(cast, acting, clock, later):
    pushed = cast.deals["Acorn renewal"]
    cut = opened(cast, acting, amount=80_00, name="Cut")
    booked = opened(cast, acting, amount=60_00, name="Booked")
    lost = opened(cast, acting, amount=50_00, name="Lost")
    opened(cast, acting, amount=40_00, close_on=date(2026, 5, 25), name="Goes overdue")
    pulled = opened(cast, acting, amount=30_00, close_on=date(2026, 7, 20), name="Pulled in")
    back = opened(cast, acting, amount=10_00, name="Comes back")
    move(cast, acting, cast.rep, back, "Lost", "Price")
    later()
    edit(acting, cast.rep, pushed, close_on=date(2026, 7, 1), amount_minor=120_000_00)
    edit(acting, cast.rep, cut, amount_minor=60_00)
    won(cast, acting, booked, 70_00)
    edit(acting, cast.rep, lost, amount_minor=45_00)
    move(cast, acting, cast.rep, lost, "Lost", "Price")
    edit(acting, cast.rep, pulled, close_on=date(2026, 6, 20), amount_minor=35_00)
    move(cast, acting, cast.rep, back, "Qualified")
    opened(cast, acting, amount=20_00, name="New")
    won(cast, acting, opened(cast, acting, amount=15_00, name="New and won"), 15_00)
    found, tied = moved(cast, acting, cast.rep)
    assert found.start.minor == 100_000_01 + 80_00 + 60_00 + 50_00 + 40_00
    assert parts(found) == {
        Part.NEW: 35_00,
        Part.REOPENED: 10_00,
        Part.PULLED_IN: 30_00,
        Part.INCREASED: 15_00,
        Part.DECREASED: -25_00,
        Part.PUSHED_OUT: -100_000_01,
        Part.OVERDUE: -40_00,
        Part.LOST: -45_00,
        Part.WON: -85_00,
    }
    assert adds_up(found)
    assert found.end.minor == 60_00 + 35_00 + 20_00 + 10_00
    assert (tied.won, tied.intake, tied.elsewhere, tied.unbooked) == (85_00, 85_00, 0, 0)


def test_what_was_expected_in_one_quarter_and_won_in_another_counts_where_it_was_booked(cast, acting, clock):
    """Expected in July, booked in May: it is pulled in and won, and order intake has it in May."""
    deal = opened(cast, acting, amount=100_00, close_on=date(2026, 7, 20))
    at(clock, "2026-05-27")
    won(cast, acting, deal, 90_00, on=date(2026, 5, 26))
    found, tied = moved(cast, acting, cast.rep)
    assert parts(found) == {Part.PULLED_IN: 100_00, Part.DECREASED: -10_00, Part.WON: -90_00}
    assert (tied.won, tied.intake) == (90_00, 90_00)


def test_a_deal_that_another_team_has_now_moved_out_of_one_and_into_the_other(cast, acting, later):
    deal = cast.deals["Acorn renewal"]
    later()
    with work(by=cast.admin.pk, why="given away", reach=Reach.everything()):
        place = {"owner": cast.other_rep, "territory": cast.territories["West 1"]}
        Opportunity.objects.filter(pk=deal.pk).update(**place)
    found, _tied = moved(cast, acting, cast.director)
    assert parts(found) == {Part.MOVED_OUT: -100_000_01}
    assert (found.start.minor, found.end.minor) == (100_000_01 + 100_000_02, 100_000_02)
    found, _tied = moved(cast, acting, cast.other_director)
    assert parts(found) == {Part.MOVED_IN: 100_000_01}
    found, _tied = moved(cast, acting, cast.admin)
    assert parts(found) == {}


def test_two_readers_with_other_rows_never_see_each_others_amounts(cast, acting, later):
    later()
    opened(cast, acting, "other_rep", "Cedar", amount=7_77)
    opened(cast, acting, "peer", "Beech", amount=5_55)
    assert parts(moved(cast, acting, cast.rep)[0]) == {}
    assert parts(moved(cast, acting, cast.other_rep)[0]) == {Part.NEW: 7_77}
    assert parts(moved(cast, acting, cast.manager)[0]) == {Part.NEW: 5_55}
    assert parts(moved(cast, acting, cast.manager, own=True)[0]) == {}
    assert parts(moved(cast, acting, cast.executive)[0]) == {Part.NEW: 13_32}


def test_another_plan_rate_is_told_apart_and_a_missing_one_is_counted(cast, acting, browse, later, owner):
    euros = opened(cast, acting, amount=100_00, currency="EUR")
    owner.execute("UPDATE common_rate SET superseded_at = now() WHERE kind = 'plan'")
    with work(by=None, why="rates", reach=Reach.everything()):
        for value, start, stop in (
            ("1.10", date(2025, 1, 1), date(2026, 5, 25)),
            ("1.20", date(2026, 5, 25), None),
        ):
            Rate.objects.create(kind="plan", currency="EUR", value=value, starts_on=start, stops_on=stop)
    later()
    found, _tied = moved(cast, acting, cast.rep)
    assert (parts(found), adds_up(found)) == ({Part.RATE: 10_00}, True)
    owner.execute("UPDATE common_rate SET superseded_at = now() WHERE kind = 'plan' AND value = 1.2")
    found, _tied = moved(cast, acting, cast.rep)
    assert (parts(found), adds_up(found), found.end.without_rate, found.end.minor) == (
        {},
        True,
        1,
        100_000_01,
    )
    edit(acting, cast.rep, euros, close_on=date(2026, 7, 1))
    page = text_of(browse(cast.rep).get(reverse("pipeline_changes")))
    assert (
        "At the start 1 opportunity has no plan rate for its currency on both days and adds nothing." in page
    )
    assert "0 opportunities have no plan rate" not in page


def replaced(row, *parts):
    """A seat or an edge in these stretches instead of the one that stands, each with what is other in it."""
    row._meta.model.objects.filter(pk=row.pk).update(superseded_at=now(), superseded_why="otherwise")
    for part in parts:
        kept = {
            field.attname: getattr(row, field.attname)
            for field in row._meta.fields
            if field.name in ("child", "parent", "user", "territory", "kind", "starts_on", "stops_on")
        }
        row._meta.model.objects.create(**{**kept, **part})


@pytest.fixture
def reshaped(cast, acting, clock):
    """East 1 hangs below West Team since 22 May, and Rita sells 11.00 more there; Olga leads East Team since 25 May,
    Mona West 1 instead of it.
    """
    nodes = cast.territories
    opened(cast, acting, amount=11_00)
    with work(by=cast.admin.pk, why="another tree", reach=Reach.everything()):
        moves, leads = date(2026, 5, 22), date(2026, 5, 25)
        edge = Edge.objects.current().get(child=nodes["East 1"])
        west = {"parent_id": nodes["West Team"].pk, "starts_on": moves}
        replaced(edge, {"stops_on": moves}, west)
        mona = Seat.objects.current().get(user=cast.manager)
        replaced(mona, {"stops_on": leads}, {"territory_id": nodes["West 1"].pk, "starts_on": leads})
        olga = Seat.objects.current().get(user=cast.other_manager)
        replaced(olga, {"territory_id": nodes["East Team"].pk, "starts_on": leads})
    at(clock, "2026-05-27")


def told(found):
    """What is open at the start and at the end, and the steps between."""
    return found.start.minor, parts(found), found.end.minor


EAST_1, EAST_2, WEST_1 = 100_000_01 + 11_00, 100_000_02, 100_000_03


@pytest.mark.parametrize("node", ["East Team", None])
def test_a_new_lead_is_not_told_what_hung_below_before_and_they_never_led(cast, acting, reshaped, node):
    olga, asked = cast.other_manager, cast.territories[node].pk if node else None
    assert told(moved(cast, acting, olga, node=asked)[0]) == (EAST_2, {}, EAST_2)
    at_the_old_tree = moved(cast, acting, olga, first=date(2026, 5, 19), last=date(2026, 5, 21), node=asked)
    assert told(at_the_old_tree[0]) == (EAST_2, {}, EAST_2)


def test_who_reads_everything_is_told_what_hung_below(cast, acting, reshaped):
    found, _tied = moved(cast, acting, cast.executive, node=cast.territories["East Team"].pk)
    assert told(found) == (EAST_1 + EAST_2, {Part.MOVED_OUT: -EAST_1}, EAST_2)


def test_what_was_led_on_the_first_day_counts_for_who_leads_the_territory_above_it(cast, acting, reshaped):
    found, _tied = moved(cast, acting, cast.director)
    assert told(found) == (EAST_1 + EAST_2, {Part.MOVED_OUT: -EAST_1}, EAST_2)
    found, _tied = moved(cast, acting, cast.other_director)
    assert told(found) == (WEST_1, {Part.MOVED_IN: EAST_1}, EAST_1 + WEST_1)


def test_all_that_one_leads_is_every_territory_that_they_lead_today(cast, acting, browse, reshaped):
    """Of days before they led it, too; what they lead no more is not in it."""
    days = {"from": "2026-05-20", "to": "2026-05-21"}
    answer = browse(cast.manager).get(reverse("pipeline_changes"), days)
    assert answer.status_code == 200
    assert "Open opportunities in West 1 and all below" in text_of(answer)
    assert told(moved(cast, acting, cast.manager)[0]) == (WEST_1, {}, WEST_1)
    with work(by=cast.admin.pk, why="two more", reach=Reach.everything()):
        for name in ("East 2", "West Team"):
            place = {"territory": cast.territories[name], "kind": "lead"}
            Seat.objects.create(user=cast.manager, **place, starts_on=date(2026, 5, 26))
    found, _tied = moved(cast, acting, cast.manager)
    assert told(found) == (EAST_2 + WEST_1, {Part.MOVED_IN: EAST_1}, EAST_1 + EAST_2 + WEST_1)
    page = text_of(browse(cast.manager).get(reverse("pipeline_changes")))
    assert "Open opportunities in East 2, West 1, West Team and all below" in page
    assert "Open at the end $300,011.06 4" in page


def test_intake_without_a_deal_stands_between_won_and_order_intake(cast, acting, later):
    later()
    with acting(cast.admin):
        book(
            by=cast.admin.pk,
            account_id=cast.accounts["Acorn"].pk,
            booked_on=LAST,
            currency="USD",
            lines=[LineInput(cast.products["Server"].pk, 1, 12_00)],
            shares=[ShareInput(cast.rep.pk, WHOLE)],
            motion="new",
            owner_id=cast.rep.pk,
        )
    found, tied = moved(cast, acting, cast.admin)
    assert parts(found) == {}
    assert (tied.won, tied.without_deal, tied.intake, tied.elsewhere) == (0, 12_00, 12_00, 0)


def test_a_deal_won_before_and_booked_in_these_days_has_a_line_of_its_own(cast, acting, browse, clock, later):
    asks(cast, acting, "contract")
    with acting(cast.rep):
        awaiting(cast, booked_on=FIRST)
    later()
    asks(cast, acting, "nothing")
    won(cast, acting, cast.deals["Acorn renewal"], 90_00)
    found, tied = moved(cast, acting, cast.rep)
    assert parts(found) == {}
    assert (tied.won, tied.won_before, tied.intake, tied.elsewhere) == (0, 90_00, 90_00, 0)
    page = text_of(browse(cast.rep).get(reverse("pipeline_changes")))
    assert "Booked for opportunities that were won before $90.00" in page
    assert "Credit in other territories" not in page


def test_what_was_won_and_booked_after_the_last_day_is_not_in_its_order_intake(cast, acting, clock):
    asks(cast, acting, "contract")
    at(clock, "2026-05-21")
    with acting(cast.rep):
        awaiting(cast, booked_on=date(2026, 5, 21))
    at(clock, "2026-05-27")
    asks(cast, acting, "nothing")
    won(cast, acting, cast.deals["Acorn renewal"], 90_00)
    _found, tied = moved(cast, acting, cast.rep, last=date(2026, 5, 22))
    assert (tied.won, tied.dated_outside, tied.intake, tied.elsewhere) == (90_00, -90_00, 0, 0)


def test_a_deal_that_was_won_and_sent_back_was_closed(cast, acting, browse, later):
    asks(cast, acting, "contract")
    with acting(cast.rep):
        request = awaiting(cast, booked_on=FIRST)
    later()
    with acting(cast.rep):
        send_order_back(by=cast.rep.pk, request_id=request.pk, version=request.version, comment="No contract")
    found, _tied = moved(cast, acting, cast.rep)
    assert parts(found) == {Part.REOPENED: 100_000_01}
    page = text_of(browse(cast.rep).get(reverse("pipeline_changes"), {"part": "reopened"}))
    assert "was closed or left out" in page


def test_the_page_says_what_moved_and_lists_the_deals_of_a_step(cast, acting, browse, later):
    later()
    edit(acting, cast.rep, cast.deals["Acorn renewal"], close_on=date(2026, 7, 1))
    answer = browse(cast.manager).get(reverse("pipeline_changes"), {"part": "pushed_out"})
    page = text_of(answer)
    assert (
        "The pipeline of 2026-Q2 shrank by $100,000 to $100,000. Most of it: Pushed out, -$100,000." in page
    )
    assert "Pushed out: -$100,000.01" in page
    assert "Acorn renewal" in page
    assert "Open at the start $200,000.03 2" in page
    assert "Order intake with a booking date in these days $0.00" in page


def test_what_did_most_of_it_went_the_way_of_the_whole(cast, acting, browse, later):
    """A bigger step the other way did none of it."""
    small = [opened(cast, acting, amount=60_000_00, name=name) for name in ("One", "Two")]
    later()
    edit(acting, cast.rep, small[0], close_on=date(2026, 7, 1))
    move(cast, acting, cast.rep, small[1], "Lost", "Price")
    opened(cast, acting, amount=80_000_00, name="New")
    page = text_of(browse(cast.rep).get(reverse("pipeline_changes")))
    assert "shrank by $40,000" in page
    assert "Most of it: Pushed out, -$60,000." in page


def test_a_deal_that_others_have_now_is_told_without_its_name(cast, acting, browse, later):
    later()
    with work(by=cast.admin.pk, why="given away", reach=Reach.everything()):
        place = {"owner": cast.other_rep, "territory": cast.territories["West 1"]}
        Opportunity.objects.filter(name="Acorn renewal").update(**place)
    page = text_of(browse(cast.director).get(reverse("pipeline_changes"), {"part": "moved_out"}))
    assert "An opportunity that others have now -$100,000.01" in page
    assert "Acorn renewal" not in page


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"from": "2026-05-20", "to": "2026-05-20"}, "The first day lies before the last one."),
        ({"from": "2026-05-21", "to": "2026-05-20"}, "The first day lies before the last one."),
        ({"to": "2026-05-21"}, "What stands at the end of that day is not known yet."),
        ({"from": "yesterday"}, "from is a day written as 2026-03-31."),
        ({"period": "2026"}, "2026 is no quarter."),
        ({"period": "2026-Q9"}, "There is no period 2026-Q9."),
        ({"part": "sideways"}, "part is one of:"),
        ({"territory": "north"}, "territory is a whole number."),
    ],
)
def test_days_and_filters_that_make_no_sense_are_refused_in_words(cast, browse, query, said):
    answer = browse(cast.director).get(reverse("pipeline_changes"), query)
    assert answer.status_code == 400
    assert said in text_of(answer)


@pytest.mark.parametrize(
    "query",
    [
        *({"period": f"2026-Q{number}"} for number in (1, 2, 3, 4)),
        {"period": "2026-Q1", "from": "2026-05-01"},
        {"period": "2026-Q3", "from": "2026-04-01", "to": "2026-05-01"},
        {"from": "1900-01-01"},
        {"to": "1900-01-01"},
        {"from": "1900-01-01", "to": "1900-01-02"},
        {"period": "2026-Q1", "to": "2026-01-01"},
        {"period": "2026-Q1", "from": "2026-03-31"},
    ],
)
@pytest.mark.parametrize("who", ["rep", "executive"])
def test_any_days_stand_beside_any_quarter(cast, browse, query, who):
    """Also where none of these days lies in the quarter: then nothing is tied to any order intake."""
    answer = browse(getattr(cast, who)).get(reverse("pipeline_changes"), query)
    assert answer.status_code == 200
    assert "Order intake with a booking date in these days $0.00" in text_of(answer)


@pytest.mark.parametrize(
    ("who", "node", "status"),
    [
        ("manager", "East Team", 200),
        ("manager", "East 1", 200),
        ("manager", "West 1", 404),
        ("manager", "Company", 404),
        ("rep", "East 1", 404),
        ("executive", "West", 200),
    ],
)
def test_a_territory_is_asked_for_by_whoever_leads_it(cast, browse, who, node, status):
    query = {"territory": cast.territories[node].pk}
    assert browse(getattr(cast, who)).get(reverse("pipeline_changes"), query).status_code == status
    assert (
        browse(cast.executive).get(reverse("pipeline_changes"), {"territory": 99_999_999}).status_code == 404
    )
