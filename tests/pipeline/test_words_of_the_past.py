"""What was keeps its words: a deal's history and its way name stages as they were called on the day."""

from datetime import date

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.transaction import rehearsed
from pipeline.models import ModelVersion, Opportunity, Stage, StageVisit
from pipeline.rules.sales_models import StageInput
from pipeline.selectors.detail import path
from pipeline.selectors.history import history
from pipeline.selectors.opportunities import opportunity
from pipeline.services import move_stage
from tests.pipeline.selling import ENDS, publish, renamed, stages_now, without

DAY = date(2026, 5, 20)


def moves(deal):
    return [(one.before, one.after) for one in history(deal) if one.field == "Stage"]


def move(cast, acting, name):
    with acting(cast.rep):
        deal = Opportunity.objects.get(pk=cast.deals["Acorn renewal"].pk)
        stage = Stage.objects.offered().get(name=name)
        move_stage(by=cast.rep.pk, opportunity_id=deal.pk, version=deal.version, stage_id=stage.pk)


def test_history_and_way_are_not_written_again(cast, acting):
    deal = cast.deals["Acorn renewal"]
    move(cast, acting, "Proposal")
    with acting(cast.admin):
        publish(cast.admin, stages=renamed("Negotiation", "Closing"))
        publish(cast.admin, stages=renamed("Proposal", "Offer"))
    move(cast, acting, "Closing")
    with acting(cast.admin):
        publish(cast.admin, stages=without("Offer"), moves={})
    with acting(cast.rep) as running:
        row = opportunity(running.reach, deal.pk)
        assert moves(row) == [("Offer", "Closing"), ("Negotiation", "Proposal")]
        steps = [(step.name, step.was_reached, step.is_current) for step in path(row, DAY)]
        assert steps == [
            ("Proposal", True, False),
            ("Prospecting", False, False),
            ("Qualified", False, False),
            ("Closing", True, True),
        ]


def test_the_way_shows_the_stages_of_the_model_from_which_a_deal_came(cast, acting):
    from pipeline.services import create_model

    with acting(cast.admin):
        create_model(
            by=cast.admin.pk, name="Small", stages=[StageInput("New", "open", 20, "pipeline"), *ENDS]
        )
    move(cast, acting, "New")
    with acting(cast.rep) as running:
        row = opportunity(running.reach, cast.deals["Acorn renewal"].pk)
        assert [(step.name, step.is_current) for step in path(row, DAY)] == [
            ("Negotiation", False),
            ("New", True),
        ]
        assert moves(row) == [("Negotiation", "New")]


STEP = st.lists(
    st.tuples(st.sampled_from(["rename", "take out", "add", "swap"]), st.integers(0, 5)),
    min_size=1,
    max_size=5,
)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEP)
def test_whatever_is_published_no_deal_is_lost_and_no_past_is_changed(cast, acting, steps):
    with acting(cast.admin), rehearsed():
        past = list(StageVisit.objects.order_by("pk").values_list("pk", "opportunity", "stage", "entered_on"))
        open_before = Opportunity.objects.open().count()
        kept: list[tuple[int, object]] = []
        for number, (kind, place) in enumerate(steps):
            _publish(cast, kind, place, number)
            rows = ModelVersion.objects.order_by("number").values_list("number", "content")
            assert list(rows)[: len(kept)] == kept
            kept = list(rows)
            assert [row[0] for row in kept] == list(range(1, number + 2))
            lost = Opportunity.objects.open().exclude(stage__position__isnull=False, stage__kind="open")
            assert not lost.exists()
            assert Opportunity.objects.open().count() == open_before
            now = StageVisit.objects.order_by("pk").values_list("pk", "opportunity", "stage", "entered_on")
            assert list(now)[: len(past)] == past


def _publish(cast, kind, place, number):
    """One press of Publish of that kind, at a place among the open stages."""
    stages = stages_now()
    opened = [one for one in stages if one.kind == "open"]
    ends = [one for one in stages if one.kind != "open"]
    chosen = opened[place % len(opened)]
    into = {}
    if kind == "rename" or len(opened) == 1:
        told = renamed(chosen.name, f"Stage {number}")
    elif kind == "add":
        told = [*opened, StageInput(f"Stage {number}", "open", place, "pipeline"), *ends]
    elif kind == "swap":
        told = [*opened[1:], opened[0], *ends]
    else:
        told = without(chosen.name)
        into = {chosen.id: next(one.name for one in opened if one is not chosen)}
    publish(cast.admin, stages=told, moves=into)
