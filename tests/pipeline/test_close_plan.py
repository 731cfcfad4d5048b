"""The close plan of a deal: laid out, added to, re-planned with a reason, met, and how reliable its days are."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from common.access import Reach
from common.errors import Conflict, Forbidden, NotInReach, Refused, Stale
from common.transaction import work
from pipeline.models import Milestone, Opportunity
from pipeline.rules.sales_models import CriterionInput
from pipeline.selectors.worklist import worklist
from pipeline.services import edit_opportunity, move_stage
from pipeline.services.plan_templates import (
    PlanStepInput,
    create_plan_template,
    retire_plan_template,
    set_plan_template,
)
from pipeline.services.plans import (
    add_milestone,
    edit_milestone,
    lay_out_plan,
    meet_milestone,
    remove_milestone,
    reopen_milestone,
    replan_milestone,
)
from tests.cast import Cast
from tests.pipeline.selling import publish, with_criteria
from tests.salesops.conftest import plain

DAY = date(2026, 5, 20)
"""The day of the tests, a Wednesday."""


@pytest.fixture
def deal(cast: Cast, acting: Any) -> int:
    """Acorn's deal, which closes on 30 June."""
    with acting(cast.rep):
        row = Opportunity.objects.get(name="Acorn renewal")
        edit_opportunity(
            by=cast.rep.pk, opportunity_id=row.pk, version=row.version, close_on=date(2026, 6, 30)
        )
    return int(row.pk)


@pytest.fixture
def tender(cast: Cast, acting: Any) -> int:
    with acting(cast.admin):
        made = create_plan_template(by=cast.admin.pk, name="Tender")
        steps = [PlanStepInput("Kick-off", 60), PlanStepInput("Offer", 30), PlanStepInput("Signature", 0)]
        set_plan_template(by=cast.admin.pk, template_id=made.pk, version=1, name="Tender", steps=steps)
    return int(made.pk)


def milestone(cast: Cast, acting: Any, deal: int, name: str = "Signature", **more: Any) -> Milestone:
    with acting(cast.rep):
        day = more.pop("planned_on", date(2026, 5, 27))
        return add_milestone(by=cast.rep.pk, opportunity_id=deal, name=name, planned_on=day, **more)


def panel(client: Any, deal: int) -> str:
    return plain(client.get(reverse("close_plan_panel", args=[deal])))


def test_a_template_lays_out_days_before_the_close_date(
    cast: Cast, browse: Any, deal: int, tender: int
) -> None:
    client, url = browse(cast.rep), reverse("close_plan_lay_out", args=[deal])
    assert "No milestones yet." in panel(client, deal)
    assert "laid out back from the close date, Jun 30, 2026" in plain(client.get(url))
    assert client.post(url, {"template_id": str(tender)}).status_code == 302
    page = panel(client, deal)
    assert "0 of 3 met · Date reliability —" in page
    kick_off, offer, signature = (page.index(name) for name in ("Kick-off", "Offer", "Signature"))
    assert "Rita Rep · planned May 21, 2026" in page[kick_off:offer]
    assert "planned May 31, 2026" in page[offer:signature]
    assert "planned Jun 30, 2026" in page[signature:]
    again = client.post(url, {"template_id": str(tender)})
    assert (again.status_code, "every milestone of this template already" in plain(again)) == (409, True)


def test_what_the_plan_has_is_passed_over_and_a_retired_template_is_not_taken(
    cast: Cast, acting: Any, deal: int, tender: int
) -> None:
    milestone(cast, acting, deal, "offer")
    with acting(cast.rep):
        laid = lay_out_plan(by=cast.rep.pk, opportunity_id=deal, template_id=tender)
    assert [row.name for row in laid] == ["Kick-off", "Signature"]
    with acting(cast.admin):
        retire_plan_template(by=cast.admin.pk, template_id=tender, version=2, is_retired=True)
        with pytest.raises(Refused, match="retired"):
            lay_out_plan(by=cast.admin.pk, opportunity_id=deal, template_id=tender)


def test_moving_a_milestone_asks_why_and_the_first_day_stays(
    cast: Cast, acting: Any, browse: Any, deal: int
) -> None:
    kept = milestone(cast, acting, deal)
    client, url = browse(cast.rep), reverse("milestone_replan", args=[kept.pk])
    assert "First planned for May 27, 2026." in plain(client.get(url))
    silent = client.post(url, {"planned_on": "2026-06-03", "reason": "", "version": "1"})
    assert silent.status_code == 422
    same = client.post(url, {"planned_on": "2026-05-27", "reason": "No", "version": "1"})
    assert "It is planned for that day already." in plain(same)
    for version, day in (("1", "2026-06-03"), ("2", "2026-06-10")):
        moved = {"planned_on": day, "reason": "Purchasing is away", "version": version}
        assert client.post(url, moved).status_code == 302
    assert client.post(url, {**moved, "version": "1", "planned_on": "2026-06-11"}).status_code == 412
    page = panel(client, deal)
    assert "planned Jun 10, 2026 · first May 27, 2026 · moved 2 times: Purchasing is away" in page
    history = plain(client.get(reverse("opportunity_history", args=[deal])))
    assert "Milestone Signature: Jun 3, 2026 → Jun 10, 2026" in history
    assert "Purchasing is away" in history
    assert "Added the milestone Signature for May 27, 2026" in history


def test_met_today_or_on_a_day_that_has_come(cast: Cast, acting: Any, browse: Any, deal: int) -> None:
    kept = milestone(cast, acting, deal)
    client, url = browse(cast.rep), reverse("milestone_meet", args=[kept.pk])
    assert 'value="2026-05-20"' in client.get(url).content.decode()
    late = client.post(url, {"met_on": "2026-05-21", "version": "1"})
    assert (late.status_code, "A milestone is met on a day that has come." in plain(late)) == (422, True)
    assert client.post(url, {"met_on": "2026-05-19", "version": "1"}).status_code == 302
    assert "1 of 1 met" in panel(client, deal)
    assert "met May 19, 2026" in panel(client, deal)
    assert client.post(url, {"met_on": "2026-05-20", "version": "2"}).status_code == 409
    replan = {"milestone_id": kept.pk, "version": 2, "planned_on": DAY, "reason": "Late"}
    with acting(cast.rep), pytest.raises(Conflict):
        replan_milestone(by=cast.rep.pk, **replan)
    client.post(reverse("milestone_reopen", args=[kept.pk]), {"version": "2"})
    assert "0 of 1 met" in panel(client, deal)


def test_an_overdue_one_is_marked_and_its_removal_refused(
    cast: Cast, acting: Any, browse: Any, clock: Any, deal: int
) -> None:
    kept = milestone(cast, acting, deal)
    clock.move_to(datetime(2026, 5, 28, 12, tzinfo=UTC))
    client = browse(cast.rep)
    assert "overdue" in panel(client, deal)
    assert "Date reliability 0% (0 of 1 due)" in panel(client, deal)
    answer = client.post(reverse("milestone_remove", args=[kept.pk]), {"version": "1"}, follow=True)
    assert "The day that was planned first has passed, so this milestone stays." in plain(answer)
    coming = milestone(cast, acting, deal, "Kick-off", planned_on=date(2026, 6, 1))
    client.post(reverse("milestone_remove", args=[coming.pk]), {"version": "1"})
    assert "Kick-off" not in panel(client, deal)
    assert client.get(reverse("milestone_edit", args=[coming.pk])).status_code == 404


def test_whose_milestone_it_is_reads_the_deal_and_marks_it_as_met(
    cast: Cast, acting: Any, browse: Any, deal: int
) -> None:
    kept = milestone(cast, acting, deal, owner_id=cast.other_rep.pk)
    other = milestone(cast, acting, deal, "Kick-off")
    client = browse(cast.other_rep)
    page = panel(client, deal)
    assert "Oscar Other" in page
    assert "Met Signature" in page
    assert "Met Kick-off" not in page
    assert client.get(reverse("milestone_edit", args=[kept.pk])).status_code == 403
    assert client.get(reverse("milestone_meet", args=[other.pk])).status_code == 403
    with acting(cast.other_rep):
        assert meet_milestone(by=cast.other_rep.pk, milestone_id=kept.pk, version=1).met_on == DAY
        with pytest.raises(Forbidden):
            reopen_milestone(by=cast.other_rep.pk, milestone_id=kept.pk, version=2)


def test_history_tells_everything_that_one_edit_changed(
    cast: Cast, acting: Any, browse: Any, deal: int
) -> None:
    kept = milestone(cast, acting, deal)
    with acting(cast.rep):
        both = {"name": "Contract", "owner_id": cast.peer.pk}
        edit_milestone(by=cast.rep.pk, milestone_id=kept.pk, version=1, **both)
    history = plain(browse(cast.rep).get(reverse("opportunity_history", args=[deal])))
    assert "Milestone: Signature → Contract" in history
    assert "Milestone Contract: Rita Rep → Paul Peer" in history


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 161}, "name"),
        ({"name": "a\u202eb"}, "name"),
        ({"planned_on": date(1999, 1, 1)}, "planned_on"),
        ({"owner_id": 999_999}, "owner_id"),
    ],
)
def test_what_is_no_milestone_is_refused(
    cast: Cast, acting: Any, deal: int, values: dict[str, Any], path: str
) -> None:
    with pytest.raises(Refused) as refused:
        milestone(cast, acting, deal, **values)
    assert refused.value.path == path


def test_only_who_may_edit_the_deal_plans_and_only_while_it_is_open(
    cast: Cast, acting: Any, deal: int
) -> None:
    kept = milestone(cast, acting, deal)
    with acting(cast.executive), pytest.raises(Forbidden):
        add_milestone(by=cast.executive.pk, opportunity_id=deal, name="A", planned_on=DAY)
    with acting(cast.peer), pytest.raises(NotInReach):
        edit_milestone(by=cast.peer.pk, milestone_id=kept.pk, version=1, name="B")
    with acting(cast.rep), pytest.raises(Stale):
        edit_milestone(by=cast.rep.pk, milestone_id=kept.pk, version=2, name="B")
    with acting(cast.rep):
        row = Opportunity.objects.get(pk=deal)
        lost = cast.stages["Lost"].pk
        move_stage(
            by=cast.rep.pk, opportunity_id=deal, version=row.version, stage_id=lost, lost_reason="Price"
        )
        with pytest.raises(Conflict, match="closed"):
            add_milestone(by=cast.rep.pk, opportunity_id=deal, name="A", planned_on=DAY)
        with pytest.raises(Conflict, match="closed"):
            remove_milestone(by=cast.rep.pk, milestone_id=kept.pk, version=1)
        meet_milestone(by=cast.rep.pk, milestone_id=kept.pk, version=1)


def test_a_plan_is_an_exit_criterion_that_the_page_meets(
    cast: Cast, acting: Any, browse: Any, deal: int
) -> None:
    with acting(cast.admin):
        asked = CriterionInput("Close plan agreed", "close_plan", is_required=True)
        publish(cast.admin, stages=with_criteria("Negotiation", asked))
    client = browse(cast.rep)
    page = reverse("opportunity_detail", args=[deal])
    assert "0 of 1 criteria met" in plain(client.get(page))
    won = {"stage": cast.stages["Won"].pk, "version": "2"}
    refused = client.post(reverse("opportunity_move", args=[deal]), won)
    assert "Before Won this has to be true: Close plan agreed (Negotiation)." in plain(refused)
    form = {"name": "Signature", "planned_on": "2026-05-27", "owner_id": str(cast.rep.pk)}
    assert client.post(reverse("milestone_create", args=[deal]), form).status_code == 302
    assert "1 of 1 criteria met" in plain(client.get(page))


def test_date_reliability_follows_the_worked_example(
    cast: Cast, acting: Any, browse: Any, clock: Any, deal: int
) -> None:
    clock.move_to(datetime(2026, 4, 30, 12, tzinfo=UTC))
    days = {"A": 1, "B": 5, "C": 10, "D": 20}
    rows = {
        name: milestone(cast, acting, deal, name, planned_on=date(2026, 5, day)) for name, day in days.items()
    }
    gone = milestone(cast, acting, deal, "E", planned_on=date(2026, 5, 2))
    with acting(cast.rep):
        remove_milestone(by=cast.rep.pk, milestone_id=gone.pk, version=1)
        moved = {"planned_on": date(2026, 5, 8), "reason": "Later"}
        replan_milestone(by=cast.rep.pk, milestone_id=rows["B"].pk, version=1, **moved)
    for name, version, day in (("A", 1, 1), ("B", 2, 7)):
        clock.move_to(datetime(2026, 5, day, 12, tzinfo=UTC))
        with acting(cast.rep):
            meet_milestone(by=cast.rep.pk, milestone_id=rows[name].pk, version=version)
    clock.move_to(datetime(2026, 5, 16, 12, tzinfo=UTC))
    assert "2 of 4 met · Date reliability 33% (1 of 3 due)" in panel(browse(cast.rep), deal)


def test_due_milestones_stand_on_their_owners_home_page(
    cast: Cast, acting: Any, browse: Any, clock: Any, deal: int
) -> None:
    milestone(cast, acting, deal, "Offer", planned_on=date(2026, 5, 20))
    milestone(cast, acting, deal, "Signature", planned_on=date(2026, 5, 21))
    clock.move_to(datetime(2026, 5, 19, 12, tzinfo=UTC))
    milestone(cast, acting, deal, "Kick-off", planned_on=date(2026, 5, 19), owner_id=cast.peer.pk)
    clock.move_to(datetime(2026, 5, 20, 12, tzinfo=UTC))
    with acting(cast.rep):
        mine = worklist([cast.rep.pk], DAY)
    found = [row.name for item in mine.items for row in item.milestones]
    assert (found, mine.counts["milestone"].value) == (["Offer"], 1)
    home = plain(browse(cast.rep).get(reverse("home")))
    assert "A milestone is due on 1 opportunity. Open the oldest one" in home
    assert "milestone planned for May 20, 2026 Offer" in home
    assert "milestone planned for May 19, 2026 Kick-off" in plain(browse(cast.peer).get(reverse("home")))
    with work(by=None, why="a test", reach=Reach.everything()):
        row = Opportunity.objects.get(pk=deal)
        Opportunity.objects.change(deal, row.version, state="lost", closed_on=DAY, stage=cast.stages["Lost"])
    with acting(cast.rep):
        assert worklist([cast.rep.pk], DAY).counts["milestone"].value == 0


def test_a_kept_promise_is_not_written_afterwards(cast: Cast, acting: Any, deal: int) -> None:
    with acting(cast.rep), pytest.raises(Refused) as refused:
        add_milestone(by=cast.rep.pk, opportunity_id=deal, name="Offer", planned_on=DAY - timedelta(days=1))
    assert (refused.value.path, refused.value.code) == ("planned_on", "past")
    made = milestone(cast, acting, deal, "Offer", planned_on=DAY)
    with acting(cast.rep), pytest.raises(Refused) as refused:
        meet_milestone(by=cast.rep.pk, milestone_id=made.pk, version=1, met_on=date(2026, 2, 1))
    assert (refused.value.path, refused.value.code) == ("met_on", "before_deal")
