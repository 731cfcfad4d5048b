"""A booking takes the split of its deal that holds on the booking date."""

import random
from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest

from common.access import Reach
from common.errors import Refused, Stale
from common.importing import Row
from common.transaction import reach, work
from orders.models import Order
from orders.rollup import verify_ledger
from orders.selectors.credits import CreditFilter, credit_total
from orders.selectors.orders import orders_in
from orders.services import LineInput, ShareInput, apply_import, book
from pipeline.models import Opportunity
from pipeline.selectors.team import split_on
from pipeline.services import PartInput, create_opportunity, set_split
from tests.cast import Cast
from tests.conftest import Acting
from tests.orders.test_book import ledger
from tests.orders.winning import asks, deal_now, won

WHOLE = 100_000_000
APRIL, MAY = date(2026, 4, 10), date(2026, 5, 12)


def split(by: Any, deal: int, on: date, shares: dict[int, int], overlay: Any = ()) -> None:
    row = Opportunity.objects.get(pk=deal)
    parts = [PartInput(person, weight) for person, weight in shares.items()]
    set_split(
        by=by.pk,
        opportunity_id=deal,
        version=row.version,
        starts_on=on,
        revenue=parts,
        overlay=overlay,
        reason="shared work",
    )


def booked(cast: Cast, by: Any, deal: int, on: date, *amounts: int, **more: Any) -> Order:
    values = {"shares": [], "version": Opportunity.objects.get(pk=deal).version, **more}
    return book(
        by=by.pk,
        account_id=None,
        booked_on=on,
        currency="USD",
        lines=[LineInput(cast.products["Licence"].pk, 1, amount) for amount in amounts],
        shares=values["shares"],
        motion="new",
        opportunity_id=deal,
        opportunity_version=values["version"],
    )


def credited() -> dict[int, int]:
    found: Counter[int] = Counter()
    for row in ledger():
        found[row.person_id] += row.amount_minor
    return dict(found)


def test_60_and_40_of_1000(cast: Cast, acting: Acting) -> None:
    deal = cast.deals["Acorn renewal"].pk
    with acting(cast.rep):
        split(cast.rep, deal, MAY, {cast.rep.pk: 60_000_000, cast.peer.pk: 40_000_000})
        booked(cast, cast.rep, deal, MAY, 1_000_00)
    assert credited() == {cast.rep.pk: 600_00, cast.peer.pk: 400_00}


def test_a_day_before_the_split_is_the_owners_alone(cast: Cast, acting: Acting) -> None:
    deal = cast.deals["Acorn renewal"].pk
    with acting(cast.rep):
        split(cast.rep, deal, MAY, {cast.rep.pk: 60_000_000, cast.peer.pk: 40_000_000})
        booked(cast, cast.rep, deal, MAY - timedelta(days=1), 1_000_00)
    assert credited() == {cast.rep.pk: 1_000_00}


def test_a_hundred_thousand_shared_inside_a_team_counts_once(cast: Cast, acting: Acting) -> None:
    deal = cast.deals["Acorn renewal"].pk
    with acting(cast.rep):
        split(cast.rep, deal, MAY, {cast.rep.pk: 50_000_000, cast.peer.pk: 50_000_000})
        booked(cast, cast.rep, deal, MAY, 100_000_00)
    with acting(cast.manager):
        team = CreditFilter(cast.q2, node_id=cast.territories["East Team"].pk)
        assert credit_total(team, reach()).plan_minor == 100_000_00
        assert len(orders_in(reach())) == 1


def test_two_lines_of_a_cent_in_halves_are_two_and_nothing(cast: Cast, acting: Acting) -> None:
    deal = cast.deals["Acorn renewal"].pk
    with acting(cast.rep):
        split(cast.rep, deal, MAY, {cast.rep.pk: 50_000_000, cast.peer.pk: 50_000_000})
        booked(cast, cast.rep, deal, MAY, 1, 1)
    assert credited() == {cast.rep.pk: 2, cast.peer.pk: 0}


def test_overlay_is_in_no_order_intake(cast: Cast, acting: Acting) -> None:
    deal = cast.deals["Acorn renewal"].pk
    with acting(cast.rep):
        split(cast.rep, deal, MAY, {cast.rep.pk: WHOLE}, overlay=[PartInput(cast.peer.pk, WHOLE)])
        booked(cast, cast.rep, deal, MAY, 1_000_00)
    assert [(row.kind, row.person_id, row.amount_minor) for row in ledger()] == [
        ("revenue", cast.rep.pk, 1_000_00),
        ("overlay", cast.peer.pk, 1_000_00),
    ]


def test_the_owner_may_have_nothing(cast: Cast, acting: Acting) -> None:
    deal = cast.deals["Acorn renewal"].pk
    with acting(cast.rep):
        split(cast.rep, deal, MAY, {cast.rep.pk: 0, cast.peer.pk: WHOLE})
        order = booked(cast, cast.rep, deal, MAY, 1_000_00)
    assert order.owner_id == cast.rep.pk
    assert credited() == {cast.peer.pk: 1_000_00}


def test_shares_that_are_named_go_before_the_split(cast: Cast, acting: Acting) -> None:
    deal = cast.deals["Acorn renewal"].pk
    with acting(cast.rep):
        split(cast.rep, deal, MAY, {cast.rep.pk: 60_000_000, cast.peer.pk: 40_000_000})
    with acting(cast.manager):
        booked(cast, cast.manager, deal, MAY, 1_000_00, shares=[ShareInput(cast.rep.pk, WHOLE)])
    assert credited() == {cast.rep.pk: 1_000_00}


@pytest.mark.parametrize("asks_for", ["nothing", "contract"])
def test_shares_that_are_named_take_from_nobody_whom_the_actor_does_not_lead(
    cast: Cast, acting: Acting, asks_for: str
) -> None:
    """Neither where the order is booked at once, nor where it awaits its booking."""
    deal = cast.deals["Acorn renewal"].pk
    asks(cast, acting, asks_for)
    with acting(cast.rep):
        split(cast.rep, deal, MAY, {cast.rep.pk: 60_000_000, cast.other_rep.pk: 40_000_000})
    shares = [ShareInput(cast.rep.pk, 70_000_000), ShareInput(cast.other_rep.pk, 30_000_000)]
    for person in (cast.rep, cast.manager):
        with acting(person), pytest.raises(Refused) as refused:
            won(cast, by=person, shares=shares)
        words = (
            "Oscar Other has 40 % of the credit of this opportunity on May 12, 2026, and 30 % here. "
            "Enter the shares of that day, or change the split of the opportunity first."
        )
        error = refused.value
        assert (str(error.message), error.path, error.code) == (words, "shares", "share_lowered")
    assert deal_now(cast).is_open


def test_who_gives_of_their_own_share_names_shares(cast: Cast, acting: Acting) -> None:
    deal = cast.deals["Acorn renewal"].pk
    with acting(cast.rep):
        split(cast.rep, deal, MAY, {cast.rep.pk: 60_000_000, cast.peer.pk: 40_000_000})
        booked(cast, cast.rep, deal, MAY, 1_000_00, shares=[ShareInput(cast.peer.pk, WHOLE)])
    assert credited() == {cast.peer.pk: 1_000_00}


@pytest.mark.parametrize("who", ["coordinator", "admin"])
def test_whoever_books_for_the_organisation_names_any_shares(cast: Cast, acting: Acting, who: str) -> None:
    deal, person = cast.deals["Acorn renewal"].pk, getattr(cast, who)
    with acting(cast.rep):
        split(cast.rep, deal, MAY, {cast.rep.pk: 60_000_000, cast.other_rep.pk: 40_000_000})
    with acting(person):
        booked(cast, person, deal, MAY, 1_000_00, shares=[ShareInput(cast.rep.pk, WHOLE)])
    assert credited() == {cast.rep.pk: 1_000_00}


def test_a_day_before_the_deal_takes_the_split_of_its_creation_day(cast: Cast, acting: Acting) -> None:
    deal = cast.deals["Acorn renewal"].pk
    early = date(2026, 1, 20)
    with acting(cast.rep):
        split(cast.rep, deal, date(2026, 2, 2), {cast.rep.pk: 60_000_000, cast.peer.pk: 40_000_000})
        with pytest.raises(Refused, match="Paul Peer has 40 %"):
            booked(cast, cast.rep, deal, early, 1_000_00, shares=[ShareInput(cast.rep.pk, WHOLE)])
        booked(cast, cast.rep, deal, early, 1_000_00)
    assert credited() == {cast.rep.pk: 600_00, cast.peer.pk: 400_00}


def test_a_booking_that_read_another_split_is_stale(cast: Cast, acting: Acting) -> None:
    deal = cast.deals["Acorn renewal"]
    with acting(cast.rep):
        split(cast.rep, deal.pk, MAY, {cast.rep.pk: 60_000_000, cast.peer.pk: 40_000_000})
        with pytest.raises(Stale):
            booked(cast, cast.rep, deal.pk, MAY, 1_000_00, version=deal.version)


def test_the_credits_follow_the_split_of_the_day_for_any_history(cast: Cast, acting: Acting) -> None:
    """Of random splits from random days: the shares total 100 %, and an order is credited by those of its day."""
    chance = random.Random(4)
    people = [cast.rep.pk, cast.peer.pk, cast.manager.pk]
    with acting(cast.director):
        for number in range(12):
            deal = create_opportunity(
                by=cast.director.pk,
                account_id=cast.accounts["Acorn"].pk,
                name=f"Deal {number}",
                amount_minor=100,
                currency="USD",
                close_on=MAY,
                stage_id=cast.stages["Proposal"].pk,
                owner_id=cast.rep.pk,
            )
            Opportunity.objects.filter(pk=deal.pk).update(created_on=APRIL)
            history: list[tuple[date, dict[int, int]]] = []
            for _step in range(chance.randrange(4)):
                cuts = sorted(chance.randrange(WHOLE + 1) for _cut in people[1:])
                weights = [b - a for a, b in zip([0, *cuts], [*cuts, WHOLE], strict=True)]
                history.append(
                    (APRIL + timedelta(days=chance.randrange(30)), dict(zip(people, weights, strict=True)))
                )
                split(cast.director, deal.pk, *history[-1])
            day = APRIL + timedelta(days=chance.randrange(40))
            begun = [shares for start, shares in history if start <= day]
            expected = begun[-1] if begun else {cast.rep.pk: WHOLE}
            deal.refresh_from_db()
            assert split_on(deal, day) == expected
            assert sum(split_on(deal, day).values()) == WHOLE
            amount = chance.randrange(1, 10**9)
            order = booked(cast, cast.director, deal.pk, day, amount)
            shares = order.events.get().shares.values_list("person_id", "weight")
            assert dict(shares) == expected
    total = sum(row.amount_minor for row in ledger())
    with acting(cast.admin):
        assert total == sum(order.amount_minor for order in Order.objects.valued())
        verify_ledger()


def test_an_order_from_a_file_takes_it_too(cast: Cast, acting: Acting) -> None:
    deal = cast.deals["Acorn renewal"]
    with acting(cast.rep):
        split(cast.rep, deal.pk, MAY, {cast.rep.pk: 60_000_000, cast.peer.pk: 40_000_000})
    with work(by=None, why="won elsewhere", reach=Reach.everything()):
        won = {"state": "won", "stage": cast.stages["Won"], "closed_on": MAY, "category": "closed"}
        Opportunity.objects.filter(pk=deal.pk).update(**won)
    line = {
        "number": "F-1",
        "account": "Acorn",
        "opportunity": deal.number,
        "owner": "Rita Rep",
        "booked_on": MAY,
        "currency": "USD",
        "motion": "new",
        "product": "Licence",
        "quantity": 1,
        "amount": 1_000_00,
    }
    other = {**line, "number": "F-2", "opportunity": None}
    rows = [Row("orders.csv", place, values) for place, values in enumerate((line, other), 2)]
    with acting(cast.admin):
        outcome = apply_import(by=cast.admin.pk, entity="order", rows=rows)
    assert (outcome.created, outcome.rejects) == (2, [])
    assert credited() == {cast.rep.pk: 1_600_00, cast.peer.pk: 400_00}
