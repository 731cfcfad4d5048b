"""A deal once more: the same account, lines and team, to the cent, from the beginning."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Account
from catalog.models import Product
from common.access import Reach
from common.errors import Conflict, Forbidden, NotInReach, Refused
from common.transaction import work
from pipeline.models import Opportunity, OpportunityLine, Split, SplitPart, TeamMember
from pipeline.services import clone_opportunity
from territories.models import Partner, User
from tests.calls import Api, faults
from tests.cast import Cast
from tests.conftest import Acting
from tests.orders.winning import won
from tests.pipeline.selling import put_servers, usual
from tests.planning.test_territory_retire_race import at_once, waits

AUTUMN = date(2026, 10, 1)
LINE = tuple(
    "product_id kind quantity price_minor discount term_months tax bundle_id bundle_number bundle_quantity "
    "part_minor amount_minor".split()
)


def everything() -> Any:
    return work(by=None, why="look", reach=Reach.everything())


def clone(cast: Cast, *, by: Any = None, **more: Any) -> Opportunity:
    known = {"opportunity_id": cast.deals["Acorn renewal"].pk, "name": "Acorn 2027", "close_on": AUTUMN}
    return clone_opportunity(by=(by or cast.rep).pk, **{**known, **more})


def with_lines(cast: Cast) -> list[tuple[Any, ...]]:
    """The renewal with a discount, a term and two lines of a bundle, sold through a partner; its lines."""
    put_servers(cast)
    deal = cast.deals["Acorn renewal"]
    pack = Product.objects.create(
        name="Pack", code="PACK", family=cast.families["Software"], is_bundle=True, currency="USD"
    )
    licence = cast.products["Licence"]
    rows: list[dict[str, Any]] = [
        {"product": licence, "kind": "recurring", "quantity": 3, "price_minor": 19_99, "term_months": 12,
         "discount": "7.5", "tax": "19"},
        *({"product": licence, "quantity": 1, "price_minor": 99_99, "bundle": pack, "bundle_number": 1,
           "bundle_quantity": 1, "part_minor": part} for part in (33_33, 66_66)),
    ]  # fmt: skip
    for row in rows:
        OpportunityLine.objects.create(opportunity=deal, **row)
    OpportunityLine.objects.create(
        opportunity=deal, product=licence, quantity=1, price_minor=1, is_removed=True
    )
    partner = Partner.objects.create(name="Resellers")
    Opportunity.objects.filter(pk=deal.pk).update(
        channel="partner", partner=partner, motion="renewal", amount_minor=10_776_56, source="Fair"
    )
    return lines_of(deal)


def lines_of(deal: Opportunity) -> list[tuple[Any, ...]]:
    return list(deal.lines.filter(is_removed=False).order_by("pk").values_list(*LINE))


def test_lines_team_and_what_is_sold_are_the_same_and_the_rest_begins(cast: Cast, acting: Acting) -> None:
    with everything():
        lines, deal = with_lines(cast), cast.deals["Acorn renewal"]
        joined = {"starts_on": date(2026, 3, 1), "recorded_by": cast.rep}
        TeamMember.objects.create(opportunity=deal, person=cast.peer, role="Expert", **joined)
        TeamMember.objects.create(opportunity=deal, person=cast.rep, role="Owner by now", **joined)
        TeamMember.objects.create(opportunity=deal, person=cast.admin, stops_on=date(2026, 4, 1), **joined)
    with acting(cast.rep):
        made = clone(cast)
    assert (made.name, made.close_on, made.created_on) == ("Acorn 2027", AUTUMN, date(2026, 5, 20))
    assert (made.state, made.stage_id, made.category) == ("open", cast.stages["Prospecting"].pk, "pipeline")
    assert (made.amount_minor, made.currency, made.owner_id) == (10_776_56, "USD", cast.rep.pk)
    assert (made.channel, made.motion, made.source) == ("partner", "renewal", "Fair")
    assert (made.account_id, made.territory_id) == (
        cast.accounts["Acorn"].pk,
        cast.territories["East 1"].pk,
    )
    assert (made.next_step, made.pushes, made.number) == ("", 0, f"OPP-{made.pk}")
    with everything():
        assert lines_of(made) == lines
        assert [line[-1] for line in lines] == [10_000_000, 665_67, 33_33, 66_66]
        (member,) = made.team.all()
        assert (member.person_id, member.role, member.starts_on) == (
            cast.peer.pk,
            "Expert",
            date(2026, 5, 20),
        )
        assert made.participants.filter(user=cast.peer).exists()
        assert [visit.stage.name for visit in made.visits.all()] == ["Prospecting"]
        assert cast.deals["Acorn renewal"].lines.filter(is_removed=False).count() == 4


def test_what_is_no_longer_sold_is_left_out_with_all_of_its_bundle(
    cast: Cast, acting: Acting, browse: Any
) -> None:
    with everything():
        with_lines(cast)
        Product.objects.filter(code="PACK").update(retired_on=date(2026, 5, 1))
    address = reverse("opportunity_clone", args=[cast.deals["Acorn renewal"].pk])
    assert "Left out, because no longer sold: Licence." in browse(cast.rep).get(address).content.decode()
    with acting(cast.rep):
        made = clone(cast)
    with everything():
        assert [line[-1] for line in lines_of(made)] == [10_000_000, 665_67]
        assert made.amount_minor == 10_066_567


def test_a_won_deal_is_cloned_too_and_one_whose_owner_left_is_the_actors(cast: Cast, acting: Acting) -> None:
    with acting(cast.rep):
        won(cast)
    with everything():
        User.objects.filter(pk=cast.rep.pk).update(is_active=False)
    with acting(cast.admin):
        made = clone(cast, by=cast.admin)
    assert (made.state, made.owner_id, made.won_reason) == ("open", cast.admin.pk, "")


def test_of_a_retired_model_it_begins_in_the_usual_one(cast: Cast, acting: Acting) -> None:
    with everything():
        model = usual()
        other = type(model).objects.create(name="New way", is_usual=False)
        first = cast.stages["Prospecting"]
        stage = type(first).objects.create(
            sales_model=other, name="Start", position=1, kind="open", probability=5, category="pipeline"
        )
        type(model).objects.filter(pk=model.pk).update(is_usual=False, is_retired=True)
        type(model).objects.filter(pk=other.pk).update(is_usual=True)
    with acting(cast.rep):
        assert clone(cast).stage_id == stage.pk


class TestRefusals:
    @pytest.mark.parametrize(
        ("changes", "path", "code"),
        [
            ({"name": "  "}, "name", "required"),
            ({"name": "x" * 161}, "name", "too_long"),
            ({"name": "a\x00"}, "name", "bad_character"),
            ({"close_on": None}, "close_on", "required"),
            ({"close_on": date(1999, 1, 1)}, "close_on", "date_range"),
        ],
    )
    def test_what_is_wrong_is_said_in_its_place(
        self, cast: Cast, acting: Acting, changes: dict[str, Any], path: str, code: str
    ) -> None:
        with acting(cast.rep), pytest.raises(Refused) as refused:
            clone(cast, **changes)
        assert (refused.value.path, refused.value.code) == (path, code)

    def test_who_may_not(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.other_rep), pytest.raises(NotInReach):
            clone(cast, by=cast.other_rep)
        for person in (cast.coordinator, cast.executive):
            with acting(person), pytest.raises(Forbidden):
                clone(cast, by=person)

    def test_one_that_was_merged_is_not_cloned(self, cast: Cast, acting: Acting) -> None:
        with everything():
            gone = {"state": "gone", "merged_into": cast.deals["Beech renewal"], "closed_on": AUTUMN}
            Opportunity.objects.filter(pk=cast.deals["Acorn renewal"].pk).update(**gone)
        with acting(cast.rep), pytest.raises(Conflict):
            clone(cast)


def test_an_account_that_moves_meanwhile_takes_the_copy_along(cast: Cast, acting: Acting, owner: Any) -> None:
    def copy() -> None:
        with acting(cast.manager):
            clone(cast, by=cast.manager)

    with everything():
        Account.objects.filter(pk=cast.accounts["Acorn"].pk).update(territory=cast.territories["East 2"])
        cloning, refused = at_once(copy)
        waits(owner)
    cloning.join(timeout=30)
    with everything():
        there = Opportunity.objects.filter(name="Acorn 2027").values_list("territory__name", flat=True)
        assert (refused, list(there)) == ([], ["East 2"])


def test_who_has_lost_the_account_opens_nothing_there(cast: Cast, acting: Acting) -> None:
    with everything():
        Account.objects.filter(pk=cast.accounts["Acorn"].pk).update(territory=cast.territories["West 1"])
    with acting(cast.rep), pytest.raises(NotInReach):
        clone(cast)


def test_the_page_proposes_a_name_and_a_day_and_makes_one_of_two_clicks(cast: Cast, browse: Any) -> None:
    client, address = browse(cast.rep), reverse("opportunity_clone", args=[cast.deals["Acorn renewal"].pk])
    page = client.get(address).content.decode()
    assert 'value="Acorn renewal (copy)"' in page
    assert 'value="2026-08-18"' in page
    form = {"name": "Acorn 2027", "close_on": "2026-10-01", "idempotency_key": "one-and-the-same"}
    answers = [client.post(address, form) for _turn in range(2)]
    assert answers[0]["Location"] == answers[1]["Location"]
    with everything():
        assert Opportunity.objects.filter(name="Acorn 2027").count() == 1


def test_the_page_says_that_the_split_is_not_taken_along(cast: Cast, acting: Acting, browse: Any) -> None:
    deal = cast.deals["Acorn renewal"]
    client, address = browse(cast.rep), reverse("opportunity_clone", args=[deal.pk])
    words = "The split is not taken along: the owner gets all of the credit."
    assert words not in client.get(address).content.decode()
    with everything():
        split = Split.objects.create(opportunity=deal, starts_on=date(2026, 5, 1))
        SplitPart.objects.create(split=split, person=cast.peer, weight=100_000_000)
    assert words in client.get(address).content.decode()


def test_a_program_clones_and_is_told_what_is_wrong(cast: Cast) -> None:
    api, path = Api(cast.rep), f"opportunities/{cast.deals['Acorn renewal'].pk}/clone/"
    made = api.post(path, {"name": "Acorn 2027", "close_on": "2026-10-01"})
    assert (made.status_code, made.json()["amount"], made.json()["version"]) == (201, "100000.01", 1)
    wrong = api.post(path, {"name": "", "close_on": "2026-10-01"})
    assert (wrong.status_code, faults(wrong)) == (422, [("blank", "name")])
    assert Api(cast.other_rep).post(path, {"name": "x", "close_on": "2026-10-01"}).status_code == 404
