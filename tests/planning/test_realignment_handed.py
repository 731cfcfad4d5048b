"""A realignment of a day to come meets a hand-over planned up to it: what was seen is published and comes true."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from accounts.services import apply_due_assignments
from pipeline.models import Activity, Opportunity
from pipeline.services import follow_accounts
from planning.models import Draft
from planning.selectors.measures import measure
from planning.selectors.previews import OF_NODES, effect_of
from planning.services import drop_hand_over, hand_over_seat
from planning.services.moves import catch_up
from planning.services.passing import pass_due
from planning.tasks import apply_hand_overs
from quotas.services import set_quota
from territories.models import Seat, User
from territories.selectors import reach_for
from tests.cast import Cast
from tests.planning.acts import task
from tests.planning.test_realignment import acorn_west, look, moved, publish
from tests.quotas.conftest import worker

TODAY, JUNE, JULY = date(2026, 5, 20), date(2026, 6, 1), date(2026, 7, 1)


def hand_east_1(cast: Cast, acting: Any, to: User, on: date, **changes: Any) -> Any:
    """Rita hands her seat on East 1 over, with her open work."""
    with acting(cast.admin):
        seat = Seat.objects.current().get(user=cast.rep)
        said = {"by": cast.admin.pk, "seat_id": seat.pk, "successor_id": to.pk, "starts_on": on, **changes}
        return hand_over_seat(**said).work


def acorns() -> tuple[str, str]:
    """Who has Acorn's deal, and on which territory it stands."""
    deal = look(lambda: Opportunity.objects.select_related("owner", "territory").get(name="Acorn renewal"))
    return deal.owner.name, deal.territory.name


def take_east_1(cast: Cast, person: User, **choices: Any) -> dict[str, Any]:
    seat = {"kind": "seat", "territory_id": cast.territories["East 1"].pk, "seat_kind": "owner"}
    return {**seat, "person_id": person.pk, **choices}


def accounts_follow() -> None:
    with worker():
        look(lambda: apply_due_assignments(today=JUNE))
        look(follow_accounts)


JOBS: dict[str, list[Callable[[], Any]]] = {
    "hand-overs first": [apply_hand_overs],
    "accounts first": [accounts_follow],
    "realignments first": [lambda: look(lambda: pass_due(JUNE))],
}


@pytest.mark.parametrize("first", JOBS)
@pytest.mark.parametrize("handed_on", [date(2026, 5, 25), JUNE])
def test_what_a_planned_hand_over_passes_moves_on(cast, ben, acting, clock, first, handed_on):
    with acting(cast.admin):
        call = task(cast, "East 1", account=cast.accounts["Acorn"])
    hand_east_1(cast, acting, cast.coordinator, handed_on)
    draft = moved(cast, acting, on=JUNE, **acorn_west(cast, open_work="go"))
    published = publish(draft, cast, ben, acting)
    assert (published.state, published.error) == ("published", "")
    assert acorns() == ("Rita Rep", "East 1")
    clock.move_to(f"{JUNE}T13:00:00Z")
    for job in JOBS[first]:
        job()
    look(lambda: catch_up(JUNE))
    assert acorns() == ("Oscar Other", "West 1")
    assert look(lambda: Activity.objects.get(pk=call.pk).owner_id) == cast.other_rep.pk
    seen = {pk: after for pk, _before, after in draft.preview["people"]}
    there = look(lambda: measure(JUNE)).people
    for person in (cast.rep, cast.coordinator, cast.other_rep):
        want = seen.get(person.pk, {}).get("pipeline_all", 0)
        assert there.get(person.pk, {}).get("pipeline_all", 0) == want


@pytest.mark.parametrize(("choice", "has_it"), [("go", "Paul Peer"), ("closed", "Cora Coordinator")])
def test_a_seat_moves_on_the_day_of_its_hand_over(cast, ben, acting, clock, choice, has_it):
    hand_east_1(cast, acting, cast.coordinator, JUNE)
    move = take_east_1(cast, cast.peer, open_work=choice)
    published = publish(moved(cast, acting, on=JUNE, **move), cast, ben, acting)
    assert (published.state, published.error) == ("published", "")
    clock.move_to(f"{JUNE}T13:00:00Z")
    look(lambda: catch_up(JUNE))
    assert acorns() == (has_it, "East 1")


def test_who_covers_for_a_time_has_the_work(cast, ben, acting, clock):
    hand_east_1(cast, acting, cast.coordinator, JUNE, stops_on=JULY)
    published = publish(moved(cast, acting, on=JUNE, **acorn_west(cast, open_work="go")), cast, ben, acting)
    assert (published.state, published.error) == ("published", "")
    clock.move_to(f"{JUNE}T13:00:00Z")
    accounts_follow()
    look(lambda: catch_up(JUNE))
    assert acorns() == (cast.coordinator.name, "West 1")


def test_a_hand_over_that_is_taken_back_is_named(cast, ben, acting, browse):
    work = hand_east_1(cast, acting, cast.coordinator, JUNE)
    draft: Draft = moved(cast, acting, on=JUNE, **acorn_west(cast, open_work="go"))
    with acting(cast.admin):
        drop_hand_over(by=cast.admin.pk, hand_over_id=work.pk, version=work.version)
    refused = publish(draft, cast, ben, acting)
    assert (refused.state, refused.approved_by) == ("open", None)
    assert refused.error == (
        "Not published on May 20, 2026, because: Other things would move by now than were looked at: "
        "open deals: Acorn renewal. Look at its effect again."
    )
    page = browse(cast.admin).get(reverse("draft_detail", args=[draft.pk])).content.decode()
    assert (
        page.count("Not published on May 20, 2026, because: Other things") == 2
    )  # on top, and in its history
    assert "Approved by" not in page


def test_who_takes_a_second_territory_gives_it_no_attainment(cast, acting, browse):
    with acting(cast.admin):
        set_quota(by=cast.admin.pk, person_id=cast.peer.pk, period_id=cast.q2.pk, amount_minor=50_000_00)
    draft = moved(cast, acting, **take_east_1(cast, cast.peer))
    with acting(cast.admin):
        sides = {side.name: side for side in effect_of(draft, reach_for(cast.admin, TODAY)).nodes}
    place = OF_NODES.index("attainment")
    assert [(sides[name].figures[place], sides[name].is_shared) for name in ("East 1", "East 2")] == [
        ((None, None), True),
        ((0, None), True),
    ]
    page = browse(cast.admin).get(reverse("draft_detail", args=[draft.pk])).content.decode()
    assert "A territory has no attainment of its own while" in page
