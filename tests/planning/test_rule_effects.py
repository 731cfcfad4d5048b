"""What a run of the rules means for people: owners who lose and gain, open deals, and where nobody sells."""

from datetime import date
from typing import Any

from django.urls import reverse

from accounts.selectors.previews import preview
from accounts.selectors.taking_back import taking_back
from pipeline.models import Opportunity
from planning.selectors.rule_runs import meaning_of
from territories.models import Edge, Seat, Territory
from territories.services import end_seat
from tests.accounts.ruled import START, account, is_in, rule, run
from tests.cast import Cast
from tests.salesops.conftest import plain

TODAY, JUNE = date(2026, 5, 20), date(2026, 6, 1)


def to(cast: Cast, place: str, *names: str, **more: Any) -> None:
    """A rule leads these accounts to that territory."""
    ids = [cast.accounts[name].pk for name in names]
    more = {"spares_placed": False, **more}
    rule(cast.admin, f"To {place}", cast.territories[place], is_in("account", *ids), **more)


def test_owners_and_their_deals(cast: Cast, acting: Any, browse: Any) -> None:
    """Acorn (East 1, Rita) and Beech (East 2, Paul) go to Oscar; each has one open deal, of $100,000.01 and .02."""
    with acting(cast.admin):
        to(cast, "West 1", "Acorn", "Beech")
        found = meaning_of(preview(JUNE))
        assert (found.moved, found.to_nobody, found.vacant) == (2, 0, [])
        said = {person.name: (turn.came, turn.went) for person, turn in found.people}
        assert said == {"Oscar Other": (2, 0), "Paul Peer": (0, 1), "Rita Rep": (0, 1)}
        sums = {person.name: (turn.deals_in.amounts, turn.deals_out.amounts) for person, turn in found.people}
        total = "$200,000.03"
        assert sums["Oscar Other"] == (total, "")
        west = found.places["field", cast.territories["West 1"].pk]
        assert (west.deals_in.count, west.deals_in.amounts) == (found.deals.count, total)
    page = plain(browse(cast.admin).get(reverse("rule_preview"), {"from": "2026-06-01"}))
    assert f"Open deals on accounts that move 2 {total}" in page
    assert f"Oscar Other — — 2 2 {total}" in page
    assert "West 1 Oscar Other 1 2 0 3" in page


def test_closed_deals_stay_out_and_currencies_apart(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        Opportunity.objects.filter(account=cast.accounts["Beech"]).update(currency="EUR")
        to(cast, "West 1", "Acorn", "Beech")
        assert meaning_of(preview(JUNE)).deals.amounts == "$100,000.01 · €100,000.02"
        lost = {"stage": cast.stages["Lost"], "state": "lost", "closed_on": TODAY}
        Opportunity.objects.filter(account=cast.accounts["Acorn"]).update(**lost)
        found = meaning_of(preview(JUNE)).deals
        assert (found.count, found.amounts) == (1, "€100,000.02")


def test_between_one_person_s_own_territories_nobody_loses(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        seat = Seat.objects.current().get(territory=cast.territories["East 2"], kind="owner")
        seat.replaced(stops_on=TODAY)
        Seat.objects.create(
            user=cast.rep, territory=cast.territories["East 2"], kind="owner", starts_on=TODAY
        )
        to(cast, "East 2", "Acorn")
        found = meaning_of(preview(JUNE))
        assert (found.moved, found.people, found.vacant) == (1, [], [])


def test_where_nobody_sells_is_named(cast: Cast, acting: Any, browse: Any) -> None:
    with acting(cast.admin):
        seat = Seat.objects.current().get(territory=cast.territories["West 1"], kind="owner")
        end_seat(by=cast.admin.pk, seat_id=seat.pk, stops_on=JUNE)
        to(cast, "West 1", "Acorn", "Beech")
        assert meaning_of(preview(TODAY)).vacant == []
        found = meaning_of(preview(JUNE))
        assert [(one.territory.name, one.turn.came) for one in found.vacant] == [("West 1", 2)]
        assert (found.to_nobody, found.unassigned) == (2, 0)
    page = plain(browse(cast.admin).get(reverse("rule_preview"), {"from": "2026-06-01"}))
    assert "Nobody sells there on Jun 1, 2026" in page
    assert "2 accounts come" in page
    assert (
        "Accounts that nobody sells to then 2 0 go to Unassigned, 2 into territories where nobody sells"
        in page
    )


def test_unassigned_is_nobody_too(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        to(cast, "Unassigned", "Acorn")
        found = meaning_of(preview(JUNE))
        assert (found.to_nobody, found.unassigned, found.vacant) == (1, 1, [])
        assert [(person.name, turn.went) for person, turn in found.people] == [("Rita Rep", 1)]


def test_in_an_overlay_those_who_help_there_gain_and_no_deal_goes(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        cloud = Territory.objects.create(name="Cloud", code="CLOUD", kind="overlay")
        Edge.objects.create(child=cloud, parent=cast.territories["East"], starts_on=START)
        cast.territories["Cloud"] = cloud
        to(cast, "Cloud", "Acorn", coverage="specialist")
        assert [one.territory.name for one in meaning_of(preview(JUNE)).vacant] == ["Cloud"]
        Seat.objects.create(user=cast.peer, territory=cloud, kind="overlay", starts_on=START)
        found = meaning_of(preview(JUNE))
        assert [(person.name, turn.came) for person, turn in found.people] == [("Paul Peer", 1)]
        assert (found.deals.count, found.vacant) == (0, [])


def test_taking_it_back_means_the_reverse(cast: Cast, acting: Any, browse: Any) -> None:
    with acting(cast.admin):
        account("Alder", cast.territories["East 1"])
        to(cast, "West 1", "Acorn", "Beech")
    done = run(acting, cast.admin, JUNE)
    with acting(cast.admin):
        found = meaning_of(taking_back(done, JUNE))
        said = {person.name: (turn.came, turn.went) for person, turn in found.people}
        assert said == {"Oscar Other": (0, 2), "Paul Peer": (1, 0), "Rita Rep": (1, 0)}
        assert found.deals.count == 2
    page = plain(browse(cast.admin).get(reverse("rule_run_back", args=[done.pk])))
    assert "Who loses and who gains" in page
    assert "Take it back from Jun 1, 2026" in page


def test_back_to_nobody_goes_what_was_in_unassigned_and_what_was_in_none(
    cast: Cast, acting: Any, browse: Any
) -> None:
    nobody = cast.territories["Unassigned"]
    with acting(cast.admin):
        cast.accounts["Alder"] = account("Alder")
        cast.accounts["Birch"] = account("Birch", nobody)
        to(cast, "West 1", "Acorn", "Alder", "Birch")
    done = run(acting, cast.admin, JUNE)
    with acting(cast.admin):
        seen = taking_back(done, JUNE)
        west = cast.territories["West 1"].pk
        ids = {way: sorted(accounts) for way, accounts in seen.ways["field"].items()}
        assert ids == {
            (west, cast.territories["East 1"].pk): [cast.accounts["Acorn"].pk],
            (west, nobody.pk): sorted(cast.accounts[name].pk for name in ("Alder", "Birch")),
        }
        found = meaning_of(seen)
        assert (found.moved, found.unassigned) == (3, 2)
        assert {person.name: (turn.came, turn.went) for person, turn in found.people} == {
            "Oscar Other": (0, 3),
            "Rita Rep": (1, 0),
        }
