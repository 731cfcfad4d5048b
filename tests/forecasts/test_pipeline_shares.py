"""What moved in one's own pipeline: a person's share of each deal, on each day as its split was known then."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common.access import Reach
from common.transaction import work
from orders.services import ShareInput
from pipeline.models import Opportunity
from pipeline.rules.movement import Part
from pipeline.services import PartInput, set_split
from tests.forecasts.test_pipeline_changes import (
    FIRST,
    LAST,
    adds_up,
    moved,
    opened,
    parts,
    text_of,
    told,
    won,
)
from tests.orders.winning import asks
from tests.orders.winning import won as awaiting
from tests.pipeline.standings import at, edit, fresh, move

ACORN = 100_000_01


def split(cast, acting, deal, on, person="rep", overlay=(), **shares):
    """Shares by name in percent, set by somebody of the cast."""
    by, deal = getattr(cast, person), fresh(deal)
    asked = [PartInput(getattr(cast, name).pk, percent * 1_000_000) for name, percent in shares.items()]
    beside = [PartInput(getattr(cast, name).pk, 10_000_000) for name in overlay]
    with acting(by):
        set_split(
            by=by.pk,
            opportunity_id=deal.pk,
            version=deal.version,
            starts_on=on,
            revenue=asked,
            overlay=beside,
            reason="as agreed",
        )


def own(cast, acting, person, **more):
    return moved(cast, acting, getattr(cast, person), own=True, **more)


def of(cast, acting, person, **more):
    return told(own(cast, acting, person, **more)[0])


def test_a_deal_at_60_40_counts_for_both_and_whole_for_their_team(cast, acting, clock):
    deal = cast.deals["Acorn renewal"]
    split(cast, acting, deal, FIRST, rep=60, peer=40, overlay=["manager"])
    at(clock, "2026-05-27")
    edit(acting, cast.rep, deal, amount_minor=120_000_00)
    peers = 100_000_02
    assert of(cast, acting, "rep") == (60_000_01, {Part.INCREASED: 11_999_99}, 72_000_00)
    assert of(cast, acting, "peer") == (40_000_00 + peers, {Part.INCREASED: 8_000_00}, 48_000_00 + peers)
    assert of(cast, acting, "manager") == (0, {}, 0)
    whole = told(moved(cast, acting, cast.manager)[0])
    assert whole == (ACORN + peers, {Part.INCREASED: 19_999_99}, 120_000_00 + peers)
    assert of(cast, acting, "other_rep") == (100_000_03, {}, 100_000_03)


def test_a_share_that_changes_between_the_days_moves_out_for_one_and_in_for_the_other(cast, acting, clock):
    deal = cast.deals["Acorn renewal"]
    split(cast, acting, deal, FIRST, rep=60, peer=40)
    at(clock, "2026-05-22")
    split(cast, acting, deal, date(2026, 5, 22), rep=20, peer=80)
    at(clock, "2026-05-27")
    assert of(cast, acting, "rep") == (60_000_01, {Part.MOVED_OUT: -40_000_01}, 20_000_00)
    assert of(cast, acting, "peer")[1] == {Part.MOVED_IN: 40_000_01}
    assert told(moved(cast, acting, cast.manager)[0])[1] == {}


def test_what_is_learned_later_of_a_past_day_changes_nothing_on_it(cast, acting, clock):
    """Split on the 25th, from the 18th on: until the 24th nobody knew of it."""
    at(clock, "2026-05-25")
    split(cast, acting, cast.deals["Acorn renewal"], date(2026, 5, 18), rep=60, peer=40)
    at(clock, "2026-05-27")
    assert of(cast, acting, "rep") == (ACORN, {Part.MOVED_OUT: -40_000_00}, 60_000_01)
    assert of(cast, acting, "rep", last=date(2026, 5, 24)) == (ACORN, {}, ACORN)
    assert of(cast, acting, "rep", first=date(2026, 5, 25)) == (60_000_01, {}, 60_000_01)


def test_the_day_on_which_a_split_was_recorded_is_the_organisations(cast, acting, clock):
    """Late on the 24th in New York, when it is the 25th in Greenwich."""
    clock.move_to("2026-05-25T02:00:00Z")
    split(cast, acting, cast.deals["Acorn renewal"], date(2026, 5, 24), rep=60, peer=40)
    at(clock, "2026-05-27")
    assert of(cast, acting, "rep", last=date(2026, 5, 24))[2] == 60_000_01
    assert of(cast, acting, "rep", last=date(2026, 5, 23))[2] == ACORN


def test_a_split_that_begins_later_counts_from_its_day_on(cast, acting, clock):
    split(cast, acting, cast.deals["Acorn renewal"], date(2026, 5, 24), rep=60, peer=40)
    at(clock, "2026-05-27")
    assert of(cast, acting, "rep", last=date(2026, 5, 23)) == (ACORN, {}, ACORN)
    assert of(cast, acting, "rep", last=date(2026, 5, 24))[1] == {Part.MOVED_OUT: -40_000_00}


def test_an_owner_with_0_percent_counts_nothing_and_whoever_has_it_everything(cast, acting, clock):
    split(cast, acting, cast.deals["Acorn renewal"], FIRST, rep=0, peer=100)
    at(clock, "2026-05-27")
    found, _tied = own(cast, acting, "rep")
    assert (told(found), found.start.deals) == ((0, {}, 0), 0)
    found, _tied = own(cast, acting, "peer")
    assert (told(found), found.end.deals) == ((ACORN + 100_000_02, {}, ACORN + 100_000_02), 2)


def test_another_owner_takes_a_deal_without_a_split_and_leaves_the_shares_of_one_with_it(cast, acting, clock):
    split(cast, acting, cast.deals["Acorn renewal"], FIRST, rep=60, peer=40)
    other = opened(cast, acting, amount=80_00)
    at(clock, "2026-05-27")
    for deal in (cast.deals["Acorn renewal"], other):
        edit(acting, cast.manager, deal, owner_id=cast.peer.pk)
    assert of(cast, acting, "rep") == (60_080_01, {Part.MOVED_OUT: -80_00}, 60_000_01)
    assert of(cast, acting, "peer")[1] == {Part.MOVED_IN: 80_00}


def test_won_at_60_40_is_each_persons_credit_and_ties_to_their_order_intake(cast, acting, browse, clock):
    deal = opened(cast, acting, amount=100_01)
    split(cast, acting, deal, FIRST, rep=60, peer=40)
    at(clock, "2026-05-27")
    named = [ShareInput(cast.rep.pk, 60_000_000), ShareInput(cast.peer.pk, 40_000_000)]
    won(cast, acting, deal, 90_01, shares=named)
    for person, before, step, credit in (("rep", 60_01, -6_00, 54_01), ("peer", 40_00, -4_00, 36_00)):
        found, tied = own(cast, acting, person)
        assert found.start.minor - found.end.minor == before
        assert parts(found) == {Part.DECREASED: step, Part.WON: -credit}
        assert (tied.won, tied.intake, tied.elsewhere) == (credit, credit, 0)
    found, tied = moved(cast, acting, cast.manager)
    assert (parts(found), tied.won, tied.intake, tied.elsewhere) == (
        {Part.DECREASED: -10_00, Part.WON: -90_01},
        90_01,
        90_01,
        0,
    )
    assert "Credit in other territories" not in text_of(browse(cast.rep).get(reverse("pipeline_changes")))


def test_shares_that_are_typed_when_it_is_booked_move_before_it_is_won(cast, acting, clock):
    """No split: all of it is the owner's, until its order gives 40 % to somebody who had no part in it."""
    deal = opened(cast, acting, amount=90_00)
    at(clock, "2026-05-27")
    named = [ShareInput(cast.rep.pk, 60_000_000), ShareInput(cast.peer.pk, 40_000_000)]
    won(cast, acting, deal, 80_00, shares=named)
    found, tied = own(cast, acting, "rep")
    assert parts(found) == {Part.MOVED_OUT: -36_00, Part.DECREASED: -6_00, Part.WON: -48_00}
    assert (adds_up(found), tied.won, tied.intake, tied.elsewhere) == (True, 48_00, 48_00, 0)
    found, tied = own(cast, acting, "peer")
    assert parts(found) == {Part.MOVED_IN: 36_00, Part.DECREASED: -4_00, Part.WON: -32_00}
    assert (adds_up(found), tied.won, tied.intake, tied.elsewhere) == (True, 32_00, 32_00, 0)


def test_what_is_won_and_not_booked_yet_counts_with_the_share_of_the_day_it_was_won(cast, acting, clock):
    asks(cast, acting, "contract")
    split(cast, acting, cast.deals["Acorn renewal"], FIRST, rep=60, peer=40)
    split(cast, acting, cast.deals["Acorn renewal"], date(2026, 5, 26), rep=50, peer=50)
    at(clock, "2026-05-22")
    with acting(cast.rep):
        awaiting(cast, booked_on=date(2026, 5, 22))
    at(clock, "2026-05-27")
    found, tied = own(cast, acting, "rep")
    assert parts(found) == {Part.WON: -60_000_01}
    assert (tied.won, tied.unbooked, tied.intake, tied.elsewhere) == (60_000_01, -60_000_01, 0, 0)


def test_what_is_lost_leaves_with_the_share_of_the_day_it_was_lost(cast, acting, clock):
    deal = cast.deals["Acorn renewal"]
    split(cast, acting, deal, FIRST, rep=60, peer=40)
    split(cast, acting, deal, date(2026, 5, 26), rep=50, peer=50)
    at(clock, "2026-05-25")
    move(cast, acting, cast.rep, deal, "Lost", "Price")
    at(clock, "2026-05-27")
    assert of(cast, acting, "rep") == (60_000_01, {Part.LOST: -60_000_01}, 0)
    assert of(cast, acting, "peer")[1] == {Part.LOST: -40_000_00}


def test_what_was_booked_after_these_days_has_a_line_of_its_own(cast, acting, browse, clock):
    """Entered on the 27th with a booking date of the 22nd: until the 23rd nobody knew that it was won."""
    at(clock, "2026-05-27")
    won(cast, acting, cast.deals["Acorn renewal"], 90_00, on=date(2026, 5, 22))
    found, tied = own(cast, acting, "rep", last=date(2026, 5, 23))
    assert parts(found) == {}
    assert (tied.won, tied.booked_later, tied.intake, tied.elsewhere) == (0, 90_00, 90_00, 0)
    page = text_of(browse(cast.rep).get(reverse("pipeline_changes"), {"to": "2026-05-23"}))
    assert "Booked after these days, for opportunities that were not won yet $90.00" in page


def test_the_shares_of_everybody_are_what_the_organisation_counts(cast, acting, clock):
    """To the cent, in each of the steps."""
    deal = cast.deals["Acorn renewal"]
    split(cast, acting, deal, FIRST, rep=33, peer=33, manager=34)
    at(clock, "2026-05-22")
    split(cast, acting, deal, date(2026, 5, 22), person="manager", rep=10, peer=85, manager=5)
    at(clock, "2026-05-27")
    edit(acting, cast.rep, deal, amount_minor=77_777_77)
    edit(acting, cast.peer, cast.deals["Beech renewal"], close_on=date(2026, 7, 1))
    found = [own(cast, acting, person)[0] for person in ("rep", "peer", "manager", "other_rep")]
    whole = moved(cast, acting, cast.executive)[0]
    assert all(map(adds_up, found))
    assert sum(one.start.minor for one in found) == whole.start.minor
    assert sum(one.end.minor for one in found) == whole.end.minor
    steps = {part: sum(one.of(part).minor for one in found) for part in Part}
    assert {part: minor for part, minor in steps.items() if minor} | {
        Part.MOVED_IN: 0,
        Part.MOVED_OUT: 0,
    } == (parts(whole) | {Part.MOVED_IN: steps[Part.MOVED_IN] + steps[Part.MOVED_OUT], Part.MOVED_OUT: 0})


def test_who_has_a_share_reads_the_deal_of_somebody_else_and_who_had_one_is_told_no_name(
    cast, acting, browse, clock
):
    split(cast, acting, cast.deals["Acorn renewal"], FIRST, rep=60, other_rep=40)
    given = opened(cast, acting, "peer", "Beech", amount=80_00, name="Given away")
    at(clock, "2026-05-27")
    page = browse(cast.other_rep).get(reverse("pipeline_changes"), {"part": "start"})
    assert "Acorn renewal — $40,000.00" in text_of(page)
    assert reverse("opportunity_detail", args=[cast.deals["Acorn renewal"].pk]) in page.content.decode()
    detail = reverse("opportunity_detail", args=[cast.deals["Acorn renewal"].pk])
    assert browse(cast.other_rep).get(detail).status_code == 200
    with work(by=cast.admin.pk, why="given away", reach=Reach.everything()):
        place = {"owner": cast.other_rep, "territory": cast.territories["West 1"]}
        Opportunity.objects.filter(pk=given.pk).update(**place)
    page = text_of(browse(cast.peer).get(reverse("pipeline_changes"), {"part": "moved_out"}))
    assert "Moved out: -$80.00 went to another owner, or a smaller share is left" in page
    assert "An opportunity that others have now -$80.00" in page
    assert "Given away" not in page


def test_the_start_and_the_end_open_their_deals_and_the_list_of_that_day(cast, acting, browse, clock):
    at(clock, "2026-05-27")
    edit(acting, cast.rep, cast.deals["Acorn renewal"], amount_minor=1_00)
    answer = browse(cast.manager).get(reverse("pipeline_changes"), {"part": "start"})
    page = text_of(answer)
    assert "Open at the start: $200,000.03" in page
    assert "Acorn renewal Acorn $100,000.01" in page
    assert "Beech renewal Beech $100,000.02" in page
    node = cast.territories["East Team"].pk
    listed = answer.context["listed"].url
    asked = f"on=2026-05-20&from=2026-05-20&to=2026-06-30&category=counted&within={node}"
    assert listed == f"{reverse('opportunity_list')}?{asked}"
    assert "Total in USD $200,000 2 opportunities" in text_of(browse(cast.manager).get(listed))
    page = text_of(browse(cast.manager).get(reverse("pipeline_changes"), {"part": "end"}))
    assert "Open at the end: $100,001.02" in page
    assert "Acorn renewal Acorn $1.00" in page
    answer = browse(cast.rep).get(reverse("pipeline_changes"), {"part": "end", "period": "2026-Q4"})
    assert "No opportunity was open then." in text_of(answer)


def test_more_deals_than_are_listed_are_counted(cast, acting, browse, clock, monkeypatch):
    monkeypatch.setattr("forecasts.views.movement.LISTED", 1)
    at(clock, "2026-05-27")
    for person, biggest in ((cast.manager, "Beech"), (cast.executive, "Cedar")):
        page = text_of(
            browse(person).get(reverse("pipeline_changes"), {"part": "start", "from": "2026-05-20"})
        )
        deals = page[page.index("Name Amount Stage") :]
        shown = [name for name in ("Acorn", "Beech", "Cedar") if f"{name} renewal" in deals]
        assert shown == [biggest]
        assert "smaller" in deals
    opened(cast, acting, amount=1_00, name="Small")
    page = text_of(browse(cast.rep).get(reverse("pipeline_changes"), {"part": "end"}))
    assert "1 smaller one is not listed." in page
    assert "Small" not in page


@pytest.mark.parametrize("part", ["start", "won", "pushed_out"])
def test_won_is_no_loss_to_the_eye(cast, acting, browse, clock, part):
    at(clock, "2026-05-27")
    won(cast, acting, opened(cast, acting, amount=70_00), 70_00)
    edit(acting, cast.rep, cast.deals["Acorn renewal"], close_on=date(2026, 7, 1))
    lines = browse(cast.rep).get(reverse("pipeline_changes"), {"part": part}).context["lines"]
    assert [(str(line.name), line.is_loss, "minus" in line.bar) for line in lines] == [
        ("Open at the start", False, False),
        ("New", False, False),
        ("Pushed out", True, True),
        ("Won", False, False),
        ("Open at the end", False, False),
    ]


def test_more_shared_deals_cost_no_more_questions(cast, acting, clock):
    def asked():
        at(clock, "2026-05-27")
        with CaptureQueriesContext(connection) as found:
            own(cast, acting, "rep")
        return len(found)

    deals = [opened(cast, acting, amount=80_00, name=f"Number {number}") for number in range(4)]
    split(cast, acting, deals[0], FIRST, rep=60, peer=40)
    edit(acting, cast.rep, deals[0], amount_minor=90_00)
    few = asked()
    for deal in deals[1:]:
        split(cast, acting, deal, LAST, rep=60, peer=40)
        edit(acting, cast.rep, deal, amount_minor=90_00)
    assert asked() == few


def test_credit_in_another_territory_than_the_deal_is_told_apart(cast, acting, browse, clock):
    """The deal counts where it is, its order where its account is."""
    deal = opened(cast, acting, amount=90_00)
    with work(by=cast.admin.pk, why="elsewhere", reach=Reach.everything()):
        Opportunity.objects.filter(pk=deal.pk).update(territory=cast.territories["West 1"])
    at(clock, "2026-05-27")
    won(cast, acting, deal, 90_00)
    for person, counted, left in (
        ("manager", 0, 90_00),
        ("other_manager", 90_00, -90_00),
        ("admin", 90_00, 0),
    ):
        _found, tied = moved(cast, acting, getattr(cast, person))
        assert (tied.won, tied.elsewhere) == (counted, left)
    assert "Credit in other territories" in text_of(browse(cast.manager).get(reverse("pipeline_changes")))
    _found, tied = own(cast, acting, "rep")
    assert (tied.won, tied.intake, tied.elsewhere) == (90_00, 90_00, 0)
