"""Editing a deal: category by hand, pushes, owners, what is refused, what history keeps."""

from datetime import date
from decimal import Decimal

import pytest

from common.errors import Conflict, Forbidden, NotInReach, Refused, Stale
from common.models import Period
from pipeline.models import Opportunity
from pipeline.selectors.history import history
from pipeline.services import LineInput, edit_opportunity, move_stage, set_lines
from tests.pipeline.selling import put_servers


def edit(person, deal, **changes):
    return edit_opportunity(by=person.pk, opportunity_id=deal.pk, version=deal.version, **changes)


def write(person, deal, lines):
    set_lines(by=person.pk, opportunity_id=deal.pk, version=deal.version, lines=lines)
    return Opportunity.objects.get(pk=deal.pk)


def test_a_category_set_by_hand_outlives_a_change_of_stage(cast, acting):
    deal = cast.deals["Acorn renewal"]
    with acting(cast.rep):
        deal = edit(cast.rep, deal, category="best_case")
        assert (deal.category, deal.category_is_manual) == ("best_case", True)
        deal = move_stage(
            by=cast.rep.pk,
            opportunity_id=deal.pk,
            version=deal.version,
            stage_id=cast.stages["Prospecting"].pk,
        )
        assert (deal.category, deal.category_is_manual) == ("best_case", True)


def test_an_empty_category_follows_the_stage_again(cast, acting):
    with acting(cast.rep):
        deal = edit(cast.rep, cast.deals["Acorn renewal"], category="omitted")
        deal = edit(cast.rep, deal, category="")
        assert (deal.category, deal.category_is_manual) == ("commit", False)


def test_choosing_what_the_stage_says_anyway_is_a_choice(cast, acting):
    with acting(cast.rep):
        deal = edit(cast.rep, cast.deals["Acorn renewal"], category="commit")
        assert deal.category_is_manual


def test_a_push_is_a_move_into_a_later_quarter(cast, acting):
    deal = cast.deals["Acorn renewal"]
    with acting(cast.rep):
        steps = [date(2026, 6, 30), date(2026, 7, 1), date(2026, 6, 1), date(2026, 12, 31), date(2026, 11, 1)]
        pushes = []
        for day in steps:
            deal = edit(cast.rep, deal, close_on=day)
            pushes.append(deal.pushes)
        assert pushes == [0, 1, 1, 2, 2]


def test_nothing_changed_keeps_the_version(cast, acting):
    deal = cast.deals["Acorn renewal"]
    with acting(cast.rep):
        assert edit(cast.rep, deal, name=deal.name, category="").version == deal.version


def test_an_older_version_is_stale(cast, acting):
    deal = cast.deals["Acorn renewal"]
    with acting(cast.rep):
        edit(cast.rep, deal, name="First")
        with pytest.raises(Stale):
            edit(cast.rep, deal, name="Second")
        assert Opportunity.objects.get(pk=deal.pk).name == "First"


def test_a_peer_and_another_director_find_nothing(cast, acting):
    for person in (cast.peer, cast.other_director):
        with acting(person), pytest.raises(NotInReach):
            edit(person, cast.deals["Acorn renewal"], name="Mine")


def test_a_coordinator_sees_and_does_not_edit(cast, acting):
    with acting(cast.coordinator), pytest.raises(Forbidden):
        edit(cast.coordinator, cast.deals["Acorn renewal"], name="Mine")


def test_a_manager_hands_a_deal_to_another_of_the_team(cast, acting):
    with acting(cast.manager):
        deal = edit(cast.manager, cast.deals["Acorn renewal"], owner_id=cast.peer.pk)
        assert deal.owner_id == cast.peer.pk
    with acting(cast.rep), pytest.raises(NotInReach):
        edit(cast.rep, deal, name="Gone")


@pytest.mark.parametrize("to", ["peer", "other_rep", "manager"])
def test_a_rep_hands_a_deal_to_nobody(cast, acting, to):
    with acting(cast.rep), pytest.raises(Forbidden):
        edit(cast.rep, cast.deals["Acorn renewal"], owner_id=getattr(cast, to).pk)


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "won"},
        {"category": "closed"},
        {"category": "maybe"},
        {"amount_minor": None},
        {"close_on": None},
        {"currency": "GBP"},
        {"name": ""},
        {"next_step_on": date(1, 1, 1)},
    ],
)
def test_what_may_not_be_is_named(cast, acting, changes):
    with acting(cast.rep):
        with pytest.raises(Refused) as refused:
            edit(cast.rep, cast.deals["Acorn renewal"], **changes)
        assert refused.value.path == next(iter(changes))


def test_the_currency_stays_while_products_are_priced_in_it(cast, acting):
    put_servers(cast)
    deal = cast.deals["Acorn renewal"]
    with acting(cast.rep):
        with pytest.raises(Refused) as refused:
            edit(cast.rep, deal, currency="EUR")
        assert refused.value.path == "currency"
        deal = write(cast.rep, deal, [])
        assert edit(cast.rep, deal, currency="EUR").currency == "EUR"


def test_a_deal_without_an_amount_may_stay_without(cast, acting, owner):
    deal = cast.deals["Acorn renewal"]
    owner.execute("ALTER TABLE pipeline_opportunity DISABLE TRIGGER USER")
    owner.execute("UPDATE pipeline_opportunity SET amount_minor = NULL WHERE id = %s", [deal.pk])
    owner.execute("ALTER TABLE pipeline_opportunity ENABLE TRIGGER USER")
    with acting(cast.rep):
        edited = edit(cast.rep, deal, name="Still open", amount_minor=None)
        assert (edited.name, edited.amount_minor) == ("Still open", None)


class TestAnAmountThatProductsMake:
    @pytest.fixture
    def sold(self, cast, acting):
        """Two servers at 2,500.00 and a licence at 1,000.01 less half: 5,500.01."""
        lines = [
            LineInput(cast.products["Server"].pk, 2, 2_500_00),
            LineInput(cast.products["Licence"].pk, 1, 1_000_01, Decimal(50)),
        ]
        with acting(cast.rep):
            return write(cast.rep, cast.deals["Acorn renewal"], lines)

    @pytest.mark.parametrize("amount", [0, 5_500_00, 5_500_02, 1_000_000_00])
    def test_another_one_is_refused_and_said(self, cast, acting, sold, amount):
        with acting(cast.rep):
            with pytest.raises(Refused) as refused:
                edit(cast.rep, sold, name="Bigger", amount_minor=amount)
            told = Opportunity.objects.get(pk=sold.pk)
        error = refused.value
        assert (error.path, error.code, error.status) == ("amount_minor", "amount_of_products", 422)
        assert str(error.message) == "Its products make the amount, $5,500.01: change them to change it."
        assert (told.name, told.amount_minor, told.version) == (sold.name, 5_500_01, sold.version)

    def test_the_same_one_changes_nothing_and_goes_along(self, cast, acting, sold):
        with acting(cast.rep):
            assert edit(cast.rep, sold, amount_minor=5_500_01).version == sold.version
            named = edit(cast.rep, sold, amount_minor=5_500_01, name="Bigger")
        assert (named.name, named.amount_minor) == ("Bigger", 5_500_01)

    def test_one_that_differed_before_may_stay_and_be_put_right(self, cast, acting, sold):
        with acting(cast.rep):
            Opportunity.objects.filter(pk=sold.pk).update(amount_minor=9_999_99)
            deal = Opportunity.objects.get(pk=sold.pk)
            deal = edit(cast.rep, deal, amount_minor=9_999_99, name="As it was")
            with pytest.raises(Refused):
                edit(cast.rep, deal, amount_minor=9_999_98)
            assert edit(cast.rep, deal, amount_minor=5_500_01).amount_minor == 5_500_01

    def test_without_products_it_is_typed_again(self, cast, acting, sold):
        with acting(cast.rep):
            deal = write(cast.rep, sold, [])
            assert deal.amount_minor == 5_500_01
            assert edit(cast.rep, deal, amount_minor=7).amount_minor == 7


def test_a_closed_deal_is_not_edited(cast, acting):
    deal = cast.deals["Acorn renewal"]
    with acting(cast.rep):
        deal = move_stage(
            by=cast.rep.pk,
            opportunity_id=deal.pk,
            version=deal.version,
            stage_id=cast.stages["Lost"].pk,
            lost_reason="Price",
        )
        with pytest.raises(Conflict):
            edit(cast.rep, deal, name="Won after all")


def test_history_says_who_changed_what_from_what(cast, acting):
    deal = cast.deals["Acorn renewal"]
    with acting(cast.manager):
        deal = edit(
            cast.manager, deal, amount_minor=5_000_050, close_on=date(2026, 9, 1), owner_id=cast.peer.pk
        )
        deal = write(cast.manager, deal, [LineInput(cast.products["Server"].pk, 40, 250_000)])
        lines = [LineInput(cast.products["Server"].pk, 20, 250_000)]
        deal = write(cast.manager, deal, lines)
        told = [(c.field, c.before, c.after, c.by) for c in history(deal) if c.field]
    assert ("Amount", "$100,000.01", "$50,000.50", "Mona Manager") in told
    assert ("Close date", "Jun 15, 2026", "Sep 1, 2026", "Mona Manager") in told
    assert ("Owner", "Rita Rep", "Paul Peer", "Mona Manager") in told
    assert ("Server", "40 at $2,500.00", "20 at $2,500.00", "Mona Manager") in told
    assert ("Amount", "$50,000.50", "$100,000.00", "Mona Manager") in told
    assert ("Amount", "$100,000.00", "$50,000.00", "Mona Manager") in told


def test_lines_that_stay_keep_their_rows(cast, acting):
    put_servers(cast)
    deal = cast.deals["Acorn renewal"]
    with acting(cast.rep):
        before = deal.lines.get()
        lines = [
            LineInput(cast.products["Licence"].pk, 2, 90_000),
            LineInput(cast.products["Server"].pk, 1, 200_000),
        ]
        deal = write(cast.rep, deal, lines)
        rows = {row.pk: (row.quantity, row.price_minor) for row in deal.lines.filter(is_removed=False)}
        assert rows[before.pk] == (1, 200_000)
        assert deal.amount_minor == 380_000
        deal = write(cast.rep, deal, lines)
        assert deal.lines.get(pk=before.pk).version == 2
        deal = write(cast.rep, deal, [])
        assert deal.lines.filter(is_removed=False).count() == 0
        assert deal.amount_minor == 380_000


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ((10**12, 1, 1), "lines.0.product_id"),
        ((None, 0, 1), "lines.0.quantity"),
        ((None, 1, -1), "lines.0.price_minor"),
        ((None, 1_000_000, 10**12), "lines"),
    ],
)
def test_a_line_out_of_range_is_named(cast, acting, line, path):
    deal, (product, quantity, price) = cast.deals["Acorn renewal"], line
    lines = [LineInput(product or cast.products["Server"].pk, quantity, price)]
    with acting(cast.rep), pytest.raises(Refused) as refused:
        set_lines(by=cast.rep.pk, opportunity_id=deal.pk, version=deal.version, lines=lines)
    assert refused.value.path == path


def test_a_deal_has_at_most_a_hundred_lines(cast, acting):
    deal, line = cast.deals["Acorn renewal"], LineInput(cast.products["Server"].pk, 1, 1)
    with acting(cast.rep), pytest.raises(Refused) as refused:
        set_lines(by=cast.rep.pk, opportunity_id=deal.pk, version=deal.version, lines=[line] * 101)
    assert refused.value.code == "too_many_lines"


def test_stale_lines_change_nothing(cast, acting):
    put_servers(cast)
    deal = cast.deals["Acorn renewal"]
    with acting(cast.rep):
        edit(cast.rep, deal, name="Meanwhile")
        with pytest.raises(Stale):
            set_lines(by=cast.rep.pk, opportunity_id=deal.pk, version=deal.version, lines=[])
        assert deal.lines.filter(is_removed=False).count() == 1


def test_a_close_date_in_a_closed_period_is_refused_with_the_first_day_that_may_be(cast, acting):
    with acting(cast.admin):
        Period.objects.filter(code="2026-04").update(is_closed=True)
    deal = cast.deals["Acorn renewal"]
    with acting(cast.rep):
        for closed in (date(2026, 4, 1), date(2026, 4, 30)):
            with pytest.raises(Refused, match=r"2026-04 is closed.*May 1, 2026 or a later day") as refusal:
                edit(cast.rep, deal, close_on=closed)
            assert (refusal.value.path, refusal.value.code) == ("close_on", "period_closed")
        assert edit(cast.rep, deal, close_on=date(2026, 5, 1)).close_on == date(2026, 5, 1)


def test_an_overdue_deal_of_a_closed_period_is_still_edited(cast, acting):
    deal = cast.deals["Acorn renewal"]
    with acting(cast.rep):
        deal = edit(cast.rep, deal, close_on=date(2026, 4, 30))
    with acting(cast.admin):
        Period.objects.filter(code="2026-04").update(is_closed=True)
    with acting(cast.rep):
        assert edit(cast.rep, deal, name="Late").name == "Late"
