"""Stages and deals from files: what comes in, and what is refused row by row with its remedy."""

from datetime import date
from decimal import Decimal

import pytest

from common.errors import Stale
from common.importing import Row
from pipeline.models import Opportunity, OpportunityLine, SalesModel, Stage, StageVisit
from pipeline.services import (
    LineInput,
    apply_import,
    edit_opportunity,
    lose_opportunity,
    retire_model,
    set_lines,
    start_model,
)
from territories.services.partners import create_partner
from tests.orders.winning import asks, deal_now, won
from tests.pipeline.selling import publish, put_servers, stages_now
from tests.pipeline.test_move_stage import win
from workspace.models import ListValue


def stages(cast, acting, *rows):
    """Import stages as (name, position, kind, probability, category)."""
    names = ("name", "position", "kind", "probability", "category")
    lines = [
        Row("stages.csv", line, dict(zip(names, row, strict=True))) for line, row in enumerate(rows, start=2)
    ]
    with acting(cast.admin):
        return apply_import(by=cast.admin.pk, entity="stage", rows=lines)


def deal(cast, acting, **changes):
    """Import one deal of Acorn."""
    values = {  # ...: a file without that column
        "number": "F-1",
        "name": "From a file",
        "account": "Acorn",
        "owner": "Rita Rep",
        "stage": "Proposal",
        "amount": 50_000,
        "currency": "USD",
        "motion": "new",
        "created_on": date(2026, 4, 1),
        "close_on": date(2026, 7, 31),
    }
    row = {name: value for name, value in {**values, **changes}.items() if value is not ...}
    with acting(cast.admin):
        return apply_import(by=cast.admin.pk, entity="opportunity", rows=[Row("deals.csv", 2, row)])


def stands(cast, acting):
    """The deal's amount, and each of its products with its price."""
    deal = found(cast, acting)
    with acting(cast.admin):
        lines = OpportunityLine.objects.filter(opportunity=deal, is_removed=False)
        return deal.amount_minor, *lines.values_list("product__name", "quantity", "price_minor")


def counts(outcome):
    return outcome.created, outcome.changed, outcome.unchanged, len(outcome.rejects)


def found(cast, acting, number="F-1"):
    with acting(cast.admin):
        return Opportunity.objects.select_related("stage").get(number=number)


def usual(cast, acting):
    with acting(cast.admin):
        return SalesModel.objects.get(is_usual=True)


class TestStages:
    def test_a_row_is_added_changed_or_left(self, cast, acting):
        outcome = stages(
            cast,
            acting,
            ("Pilot", 9, "open", 40, "pipeline"),
            ("Proposal", 3, "open", 60, "best_case"),
            ("Qualified", 2, "open", 30, "pipeline"),
        )
        assert counts(outcome) == (1, 1, 1, 0)
        with acting(cast.admin):
            assert Stage.objects.get(name="Proposal").probability == 60

    @pytest.mark.parametrize(
        ("row", "said"),
        [
            (
                ("Pilot", 3, "open", 40, "pipeline"),
                "name 'Pilot': Two stages have the same position.",
            ),
            (
                ("Pilot", 9, "open", 101, "pipeline"),
                "name 'Pilot': A probability is at most 100 percent.",
            ),
            (
                ("Signed", 9, "won", 90, "closed"),
                "name 'Signed': A won stage has 100 percent and the category Closed; a lost one has 0 percent",
            ),
            (
                ("Pilot", 99_999, "open", 40, "pipeline"),
                "name 'Pilot': A value here is larger or longer than can be kept.",
            ),
        ],
    )
    def test_a_wrong_row_is_refused_and_the_others_come_in(self, cast, acting, row, said):
        outcome = stages(cast, acting, row, ("Trial", 10, "open", 45, "pipeline"))
        assert counts(outcome) == (1, 0, 0, 1)
        assert f"stages.csv, row 2, {said}" in str(outcome.rejects[0])
        assert str(outcome.rejects[0]).endswith("Correct the row.")
        with acting(cast.admin):
            assert Stage.objects.filter(name__in=["Pilot", "Signed", "Trial"]).count() == 1

    def test_open_deals_follow_the_category_of_a_file_and_who_publishes_is_told(self, cast, acting):
        before = found(cast, acting, cast.deals["Acorn renewal"].number)
        with acting(cast.admin):
            version = SalesModel.objects.get().version
        stages(cast, acting, ("Negotiation", 4, "open", 75, "best_case"))
        after = found(cast, acting, before.number)
        assert (before.category, after.category) == ("commit", "best_case")
        with acting(cast.admin), pytest.raises(Stale):
            publish(cast.admin, version=version, stages=stages_now())


class TestDeals:
    def test_a_new_deal_takes_territory_category_and_visits_with_it(self, cast, acting):
        visits = [("Prospecting", date(2026, 4, 2)), ("Proposal", date(2026, 4, 20))]
        assert counts(deal(cast, acting, visits=visits)) == (1, 0, 0, 0)
        row = found(cast, acting)
        assert (row.territory_id, row.category) == (cast.territories["East 1"].pk, "best_case")
        with acting(cast.admin):
            told = StageVisit.objects.filter(opportunity=row).values_list("stage__name", "entered_on")
            assert list(told) == [("Prospecting", date(2026, 4, 2)), ("Proposal", date(2026, 4, 20))]

    def test_a_deal_without_an_account_lies_where_its_owner_sat(self, cast, acting):
        assert counts(deal(cast, acting, account=None, owner="Paul Peer")) == (1, 0, 0, 0)
        assert found(cast, acting).territory_id == cast.territories["East 2"].pk

    @pytest.mark.parametrize(
        ("more", "priced"),
        [
            ({"amount": 250_000}, (250_000, ("Server", 1, 250_000))),
            ({}, (50_000, ("Server", 1, 50_000))),
            ({"quantity": 4}, (50_000, ("Server", 4, 12_500))),
            ({"currency": "EUR"}, (50_000, ("Server", 1, 50_000))),
            ({"amount": 0, "quantity": 2, "price": 0}, (0, ("Server", 2, 0))),
            ({"amount": None, "quantity": 2, "price": 7}, (14, ("Server", 2, 7))),
            ({"amount": None, "quantity": 2}, (None, ("Server", 2, 250_000))),
            ({"amount": ..., "quantity": 2}, (500_000, ("Server", 2, 250_000))),
            ({"amount": ..., "currency": "EUR"}, (None,)),
        ],
    )
    def test_a_product_stands_at_its_price_or_that_of_the_amount_or_its_list_price(
        self, cast, acting, more, priced
    ):
        assert counts(deal(cast, acting, product="SERVER", **more)) == (1, 0, 0, 0)
        assert stands(cast, acting) == priced
        assert counts(deal(cast, acting, product="SERVER", **more)) == (0, 0, 1, 0)
        assert stands(cast, acting) == priced

    @pytest.mark.parametrize(
        ("more", "made"),
        [
            ({"quantity": 3}, "$499.98"),
            ({"price": 60_000}, "$600.00"),
            ({"price": 50_000, "quantity": 2}, "$1,000.00"),
            ({"amount": 50_001, "price": 50_000, "currency": "EUR"}, "€500.00"),
        ],
    )
    def test_an_amount_that_the_price_does_not_come_to_is_refused(self, cast, acting, more, made):
        outcome = deal(cast, acting, product="SERVER", **more)
        assert counts(outcome) == (0, 0, 0, 1)
        (reject,) = outcome.rejects
        assert (reject.line, reject.column) == (2, "amount")
        assert (reject.problem, reject.remedy) == (
            f"Its products make the amount: {made}.",
            "Write that amount, or change the products.",
        )

    def test_the_amount_of_a_deal_here_is_what_its_products_come_to(self, cast, acting):
        """Two servers at 2,500.00 less 10 % and a licence at 1,000.01: 5,500.01."""
        deal(cast, acting)
        row = found(cast, acting)
        lines = [
            LineInput(cast.products["Server"].pk, 2, 2_500_00, Decimal(10)),
            LineInput(cast.products["Licence"].pk, 1, 1_000_01),
        ]
        with acting(cast.rep):
            set_lines(by=cast.rep.pk, opportunity_id=row.pk, version=row.version, lines=lines)
        for same in ({"amount": 5_500_01}, {"amount": 5_500_01, "product": "LICENCE"}, {"amount": ...}):
            assert counts(deal(cast, acting, **same)) == (0, 0, 1, 0)
        for other in ({"amount": 5_500_00}, {"amount": None}, {"amount": 0, "product": "SERVER"}):
            (reject,) = deal(cast, acting, **other).rejects
            assert (reject.column, reject.problem) == ("amount", "Its products make the amount: $5,500.01.")
        assert stands(cast, acting) == (5_500_01, ("Server", 2, 2_500_00), ("Licence", 1, 1_000_01))
        assert counts(deal(cast, acting, amount=..., product="LICENCE", price=9_00)) == (0, 1, 0, 0)
        assert stands(cast, acting) == (9_00, ("Licence", 1, 9_00))

    def test_a_product_that_a_file_put_there_follows_the_amount(self, cast, acting):
        deal(cast, acting, product="SERVER", amount=None)
        assert stands(cast, acting) == (None, ("Server", 1, 2_500_00))
        for amount in (600_00, 700_00):
            assert counts(deal(cast, acting, product="SERVER", amount=amount)) == (0, 1, 0, 0)
            assert stands(cast, acting) == (amount, ("Server", 1, amount))
        assert counts(deal(cast, acting, amount=600_00)) == (0, 0, 0, 1)
        assert counts(deal(cast, acting, product="SERVER", quantity=2)) == (0, 1, 0, 0)
        assert stands(cast, acting) == (50_000, ("Server", 2, 25_000))
        assert counts(deal(cast, acting, product="SERVER", amount=600_00)) == (0, 0, 0, 1)

    def test_an_amount_that_differed_before_may_stay(self, cast, acting):
        put_servers(cast)
        same = {"number": "O-1", "amount": 10_000_001}
        assert counts(deal(cast, acting, **same)) == (0, 1, 0, 0)
        assert counts(deal(cast, acting, **same, name="Other")) == (0, 1, 0, 0)
        assert counts(deal(cast, acting, **same | {"amount": 10_000_002})) == (0, 0, 0, 1)
        assert counts(deal(cast, acting, **same | {"amount": 10_000_000})) == (0, 1, 0, 0)

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"visits": [("Pilot", date(2026, 4, 2))]}, "There is no stage 'Pilot'."),
            ({"amount": -1}, "It is below zero."),
            ({"currency": "GBP"}, "There is no rate for it."),
            ({"closed_on": date(2026, 5, 1)}, "The deal is open."),
            ({"stage": "Lost", "closed_on": date(2026, 3, 31)}, "It closed before it was created."),
        ],
    )
    def test_what_does_not_fit_is_refused(self, cast, acting, changes, said):
        outcome = deal(cast, acting, **changes)
        assert counts(outcome) == (0, 0, 0, 1)
        assert outcome.rejects[0].problem == said

    def test_a_deal_that_is_won_here_is_not_opened_again(self, cast, acting):
        won = cast.deals["Acorn renewal"]
        with acting(cast.rep):
            win(cast.rep, won, date(2026, 5, 1))
        for stage in ("Proposal", "Lost"):
            outcome = deal(cast, acting, number="O-1", stage=stage)
            assert counts(outcome) == (0, 0, 0, 1)
            said = "deals.csv, row 2, number 'O-1': It is won here. Cancel its order in the product."
            assert str(outcome.rejects[0]) == said
        row = found(cast, acting, "O-1")
        assert (row.state, row.stage.name, row.closed_on) == ("won", "Won", date(2026, 5, 1))
        assert counts(deal(cast, acting, number="O-1", stage="Won", name="Acorn won")) == (0, 1, 0, 0)

    def test_a_deal_that_awaits_its_booking_is_to_be_sent_back(self, cast, acting):
        asks(cast, acting, "contract")
        with acting(cast.rep):
            won(cast)
        outcome = deal(cast, acting, number=deal_now(cast).number, stage="Proposal")
        assert [(one.problem, one.remedy) for one in outcome.rejects] == [
            ("It is won here, and its order awaits booking.", "Send it back in the product.")
        ]

    def test_who_won_a_lost_deal_is_forgotten_when_a_file_opens_it_again(self, cast, acting):
        lost = deal_now(cast)
        with acting(cast.rep):
            said = {"lost_reason": "Price", "lost_to": "Rival"}
            lose_opportunity(by=cast.rep.pk, opportunity_id=lost.pk, version=lost.version, **said)
        told = {"number": lost.number, "lost_reason": "Price"}
        deal(cast, acting, **told, stage="Lost", name="Acorn again")
        row = found(cast, acting, lost.number)
        assert (row.name, row.state, row.lost_to) == ("Acorn again", "lost", "Rival")
        assert counts(deal(cast, acting, number=lost.number, stage="Proposal")) == (0, 1, 0, 0)
        row = found(cast, acting, lost.number)
        assert (row.state, row.lost_to) == ("open", "")

    def test_a_category_set_by_hand_stays_while_the_deal_is_open(self, cast, acting):
        own = cast.deals["Acorn renewal"]
        with acting(cast.rep):
            edit_opportunity(
                by=cast.rep.pk, opportunity_id=own.pk, version=own.version, category="most_likely"
            )
        deal(cast, acting, number="O-1", stage="Qualified")
        assert found(cast, acting, "O-1").category == "most_likely"
        deal(cast, acting, number="O-1", stage="Lost", lost_reason="Price")
        lost = found(cast, acting, "O-1")
        assert (lost.category, lost.category_is_manual) == ("omitted", False)

    def test_a_reason_for_a_loss_is_in_the_list_or_was(self, cast, acting):
        wrong = deal(cast, acting, stage="Lost", lost_reason="Bad weather")
        assert counts(wrong) == (0, 0, 0, 1)
        assert str(wrong.rejects[0]) == (
            "deals.csv, row 2, lost_reason 'Bad weather': 'Bad weather' is not in the list. Write one of: Price, "
            "Product fit, Timing, Competitor, No decision, No budget. An administrator may add it under Settings."
        )
        with acting(cast.admin):
            ListValue.objects.filter(value="Price").update(is_offered=False)
        assert counts(deal(cast, acting, stage="Lost", lost_reason="Price")) == (1, 0, 0, 0)
        assert counts(deal(cast, acting, number="F-2", stage="Lost", lost_reason="")) == (1, 0, 0, 0)

    def test_a_partner_makes_the_channel_and_what_the_file_lacks_stays(self, cast, acting):
        with acting(cast.admin):
            partner = create_partner(by=cast.admin.pk, name="Resellers").pk
        assert counts(deal(cast, acting, partner="Resellers", source="referral")) == (1, 0, 0, 0)
        row = found(cast, acting)
        assert (row.channel, row.partner_id, row.source) == ("partner", partner, "Referral")
        assert counts(deal(cast, acting)) == (0, 0, 1, 0)
        assert counts(deal(cast, acting, channel=None, partner=None, source=None)) == (0, 1, 0, 0)
        row = found(cast, acting)
        assert (row.channel, row.partner_id, row.source) == ("direct", None, "")

    @pytest.mark.parametrize(
        ("changes", "column", "said"),
        [
            ({"channel": "partner"}, "partner", "Say through which partner."),
            ({"channel": "direct", "partner": "Resellers"}, "channel", "A direct deal names no partner."),
            ({"partner": "Nobody"}, "partner", "There is no such partner."),
            ({"source": "Bad weather"}, "source", "'Bad weather' is not in the list."),
            ({"model": "Tiny"}, "model", "There is no such sales model."),
            ({"model": "Small"}, "stage", "There is no such stage."),
        ],
    )
    def test_a_way_of_selling_that_does_not_fit_is_refused(self, cast, acting, changes, column, said):
        with acting(cast.admin):
            create_partner(by=cast.admin.pk, name="Resellers")
            start_model(by=cast.admin.pk, name="Small", template="small")
        outcome = deal(cast, acting, **changes)
        assert counts(outcome) == (0, 0, 0, 1)
        (reject,) = outcome.rejects
        assert reject.column == column
        assert reject.problem.startswith(said)

    def test_a_stage_is_looked_for_in_the_deals_sales_model(self, cast, acting):
        with acting(cast.admin):
            small = start_model(by=cast.admin.pk, name="Small", template="small")
        assert counts(deal(cast, acting, stage="New", model="Small")) == (1, 0, 0, 0)
        assert found(cast, acting).stage.sales_model_id == small.pk
        assert counts(deal(cast, acting, stage="Contacted")) == (0, 1, 0, 0)
        assert (found(cast, acting).stage.sales_model_id, found(cast, acting).stage.name) == (
            small.pk,
            "Contacted",
        )
        back = deal(cast, acting, stage="Lost", model=usual(cast, acting).name, lost_reason="Price")
        assert [reject.column for reject in back.rejects] == ["model"]

    def test_a_retired_sales_model_takes_no_deal_of_a_file(self, cast, acting):
        with acting(cast.admin):
            small = start_model(by=cast.admin.pk, name="Small", template="small")
        deal(cast, acting, stage="New", model="Small")
        with acting(cast.admin):
            retire_model(by=cast.admin.pk, model_id=small.pk, version=small.version)
        assert counts(deal(cast, acting, stage="Contacted")) == (0, 1, 0, 0)
        (reject,) = deal(cast, acting, number="F-2", stage="New", model="Small").rejects
        assert (reject.column, reject.problem) == ("model", "Small takes no new deals.")

    def test_what_a_deal_has_already_it_keeps(self, cast, acting):
        with acting(cast.admin):
            ListValue.objects.update(is_offered=False)
        deal(cast, acting, stage="Lost", lost_reason="Bad weather")
        with acting(cast.admin):
            ListValue.objects.update(is_offered=True)
        again = deal(cast, acting, stage="Lost", lost_reason="Bad weather", name="From the same file")
        assert counts(again) == (0, 1, 0, 0)
