"""How deals stood at the end of past days: kept as they change, told of files, gone with an undone import."""

import importlib
from datetime import date

import pytest
from django.db import IntegrityError, connection

from common.access import Reach
from common.importing import Row
from common.transaction import context, work
from common.undoing import Made
from pipeline.models import Opportunity, Standing
from pipeline.services import apply_import, undo_import
from tests.pipeline.standings import at, edit, move, stretches
from tests.pipeline.test_apply_import import deal as bring

BORN, TODAY = date(2026, 2, 2), date(2026, 5, 20)
STAGED, SUMMER = date(2026, 4, 1), date(2026, 6, 15)


@pytest.fixture
def acorn(cast):
    return cast.deals["Acorn renewal"]


def test_a_change_ends_a_stretch_and_begins_another(cast, acting, clock, acorn):
    edit(acting, cast.rep, acorn, amount_minor=500_00)
    at(clock, "2026-05-22")
    edit(acting, cast.rep, acorn, close_on=date(2026, 7, 10))
    assert stretches(acorn, "starts_on", "stops_on", "close_on", "amount_minor") == [
        (BORN, STAGED, SUMMER, 10_000_001),
        (STAGED, TODAY, SUMMER, 10_000_001),
        (TODAY, date(2026, 5, 22), SUMMER, 500_00),
        (date(2026, 5, 22), None, date(2026, 7, 10), 500_00),
    ]


def test_what_a_day_ends_with_stands_for_it(cast, acting, acorn):
    edit(acting, cast.rep, acorn, amount_minor=500_00)
    edit(acting, cast.rep, acorn, amount_minor=700_00, category="best_case")
    move(cast, acting, cast.rep, acorn, "Lost", "Price")
    assert stretches(acorn)[-1] == (TODAY, None, "lost", "Lost", "omitted", SUMMER, 700_00)
    assert len(stretches(acorn)) == 3


def test_what_is_put_back_on_the_same_day_leaves_no_stretch(cast, acting, clock, acorn):
    before = stretches(acorn)
    edit(acting, cast.rep, acorn, amount_minor=500_00)
    assert len(stretches(acorn)) == len(before) + 1
    edit(acting, cast.rep, acorn, amount_minor=10_000_001)
    assert stretches(acorn) == before
    at(clock, "2026-05-22")
    edit(acting, cast.rep, acorn, amount_minor=1)
    assert len(stretches(acorn)) == len(before) + 1


def test_what_is_not_kept_begins_no_stretch(cast, acting, acorn):
    before = stretches(acorn)
    edit(acting, cast.rep, acorn, next_step="Call them", name="Renewal")
    assert stretches(acorn) == before


def test_a_day_ends_at_midnight_of_the_organisation(cast, acting, clock, acorn):
    """The organisation is in New York: at 3:00 UTC it is still the evening before."""
    at(clock, "2026-05-22", hour=3)
    edit(acting, cast.rep, acorn, amount_minor=1)
    at(clock, "2026-05-22", hour=5)
    edit(acting, cast.rep, acorn, amount_minor=2)
    assert [row[0] for row in stretches(acorn, "starts_on", "amount_minor")[2:]] == [
        date(2026, 5, 21),
        date(2026, 5, 22),
    ]


def test_of_a_file_the_days_before_are_known_but_not_their_stage(cast, acting):
    bring(
        cast,
        acting,
        stage="Lost",
        created_on=date(2026, 3, 1),
        closed_on=date(2026, 4, 10),
        lost_reason="Price",
    )
    deal = Opportunity(pk=_id_of("F-1"))
    assert stretches(deal) == [
        (date(2026, 3, 1), date(2026, 4, 10), "open", None, "", date(2026, 7, 31), 50_000),
        (date(2026, 4, 10), None, "lost", "Lost", "omitted", date(2026, 7, 31), 50_000),
    ]


def test_an_undone_import_leaves_no_past(cast, acting):
    rows: dict[str, object] = {
        "number": "F-9",
        "name": "From a file",
        "account": "Acorn",
        "owner": "Rita Rep",
        "stage": "Proposal",
    }
    rows |= {"amount": 1, "currency": "USD", "motion": "new", "created_on": BORN, "close_on": SUMMER}
    with acting(cast.admin):
        apply_import(by=cast.admin.pk, entity="opportunity", rows=[Row("deals.csv", 2, rows)])
        made = Made(context().request_id, context().now)
    pk = _id_of("F-9")
    assert len(stretches(Opportunity(pk=pk))) == 1
    with acting(cast.admin):
        undo_import(by=cast.admin.pk, entity="opportunity", made=made)
    assert stretches(Opportunity(pk=pk)) == []


def test_many_deals_changed_at_once_keep_one_stretch_each(cast, acting):
    with work(by=None, why="many", reach=Reach.everything()):
        assert Opportunity.objects.update(amount_minor=7, owner=cast.peer) == 3
        found = Standing.objects.filter(stops_on=None).values_list("amount_minor", "owner_id", "starts_on")
        assert list(found) == [(7, cast.peer.pk, TODAY)] * 3


def test_a_clock_that_went_back_changes_the_last_stretch(cast, acting, clock, acorn):
    edit(acting, cast.rep, acorn, amount_minor=1)
    at(clock, "2026-05-18")
    edit(acting, cast.rep, acorn, amount_minor=2)
    assert stretches(acorn, "starts_on", "amount_minor")[-1] == (TODAY, 2)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE pipeline_standing SET amount_minor = 1",
        "DELETE FROM pipeline_standing",
        "INSERT INTO pipeline_standing SELECT * FROM pipeline_standing",
    ],
)
def test_the_past_is_not_written_by_hand(cast, acting, owner, statement):
    with (
        pytest.raises(IntegrityError, match="append-only"),
        acting(cast.admin),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_the_past_is_read_by_whoever_reads_the_deal(cast, acting):
    with acting(cast.rep) as mine:
        whose = {row.opportunity_id for row in Standing.objects.all()}
        assert whose == {cast.deals["Acorn renewal"].pk}
        assert set(Standing.objects.visible_to(mine.reach)) == set(Standing.objects.all())
    with acting(cast.director):
        assert {row.opportunity.name for row in Standing.objects.all()} == {"Acorn renewal", "Beech renewal"}


def test_a_derived_figure_that_changes_stands_in_the_next_day(cast, acting, clock):
    """A new amount by its lines, another category by its stage, another territory by its account: each is kept."""
    from pipeline.services import LineInput, set_lines

    deal = cast.deals["Acorn renewal"]
    with acting(cast.rep):
        line = LineInput(product_id=cast.products["Server"].pk, quantity=2, price_minor=250_000)
        set_lines(by=cast.rep.pk, opportunity_id=deal.pk, version=deal.version, lines=[line])
    at(clock, "2026-05-21")
    move(cast, acting, cast.rep, deal, "Prospecting")
    assert stretches(deal, "starts_on", "amount_minor", "category")[-2:] == [
        (TODAY, 500_000, "commit"),
        (date(2026, 5, 21), 500_000, "pipeline"),
    ]


WRITTEN = """
ALTER TABLE pipeline_opportunityevent DISABLE TRIGGER USER;
UPDATE pipeline_opportunityevent SET pgh_created_at =
    CASE pgh_label WHEN 'insert' THEN timestamptz '2026-05-19 16:00Z' ELSE '2026-05-20 16:00Z' END;
ALTER TABLE pipeline_opportunityevent ENABLE TRIGGER USER;
ALTER TABLE pipeline_standing DISABLE TRIGGER USER;
DELETE FROM pipeline_standing;
"""


def test_what_was_there_before_is_told_by_its_history(cast, acting, owner, acorn):
    """The migration finds in it the same stretches that the triggers keep."""
    bring(cast, acting, created_on=date(2026, 3, 1), visits=[("Qualified", date(2026, 3, 20))])
    edit(acting, cast.rep, acorn, amount_minor=500_00)
    edit(acting, cast.rep, acorn, next_step="Call them")
    kept = {pk: stretches(Opportunity(pk=pk)) for pk in (acorn.pk, _id_of("F-1"))}
    owner.execute(WRITTEN)
    owner.execute(importlib.import_module("pipeline.migrations.0008_standings").BACKFILL)
    owner.execute("ALTER TABLE pipeline_standing ENABLE TRIGGER USER")
    assert {pk: stretches(Opportunity(pk=pk)) for pk in kept} == kept


def _id_of(number):
    with work(by=None, why="its id", reach=Reach.everything()):
        return Opportunity.objects.get(number=number).pk
