"""Leads that nobody touched: by the clock of whoever has them, told once and then to who leads them."""

from datetime import UTC, date, datetime
from typing import Any

from common.access import Reach
from common.services import add_day_off, set_policy
from common.transaction import now, work
from pipeline.models import Lead
from pipeline.selectors.leads import is_untouched, untouched
from pipeline.services import log_activity
from pipeline.tasks import tell_untouched
from tests.cast import Cast
from tests.pipeline.leads import a_lead
from workspace.models import Message

EARLY = datetime(2026, 5, 20, 8, 30, tzinfo=UTC)
FRIDAY = datetime(2026, 5, 22, 16, tzinfo=UTC)


def told(acting: Any, person: Any) -> list[tuple[str, int, str]]:
    with acting(person):
        rows = Message.objects.filter(event="lead_untouched", person=person).order_by("id")
        return list(rows.values_list("about", "count", "url"))


def waiting() -> list[str]:
    """The untouched leads by the list's condition, which agrees with that of each lead."""
    with work(by=None, why="a test", reach=Reach.everything()):
        found = set(Lead.objects.filter(untouched(now())).values_list("pk", flat=True))
        rows = Lead.objects.select_related("owner").order_by("pk")
        assert {row.pk for row in rows if is_untouched(row, now())} == found
        return [str(row) for row in rows if row.pk in found]


def test_eight_business_hours_of_the_owners_clock(cast: Cast, acting: Any, clock: Any, owner: Any) -> None:
    with work(by=None, why="a test", reach=Reach.everything()):
        type(cast.rep).objects.filter(pk=cast.peer.pk).update(time_zone="Asia/Tokyo")
    clock.move_to(FRIDAY)
    a_lead(acting, cast.rep, name="Of Rita")
    a_lead(acting, cast.peer, name="Of Paul", anyway_reason="twice")
    clock.move_to(datetime(2026, 5, 25, 8, 1, tzinfo=UTC))  # Monday, 17:01 in Tokyo: the whole day has passed
    assert waiting() == ["Of Paul"]
    clock.move_to(datetime(2026, 5, 25, 15, 58, tzinfo=UTC))
    assert waiting() == ["Of Paul"]
    clock.move_to(datetime(2026, 5, 25, 16, 1, tzinfo=UTC))
    assert waiting() == ["Of Rita", "Of Paul"]


def test_days_off_are_no_business_and_a_changed_setting_holds_for_what_comes_then(
    cast: Cast, acting: Any, clock: Any
) -> None:
    clock.move_to(FRIDAY)
    a_lead(acting, cast.rep, name="Before")
    with acting(cast.admin):
        add_day_off(by=cast.admin.pk, on=date(2026, 5, 25), name="Holiday")
        set_policy(by=cast.admin.pk, name="untouched_after_hours", value=1, starts_on=date(2026, 5, 26))
    clock.move_to(datetime(2026, 5, 26, 9, 30, tzinfo=UTC))
    a_lead(acting, cast.rep, name="After", anyway_reason="twice")
    clock.move_to(datetime(2026, 5, 26, 10, 31, tzinfo=UTC))
    assert waiting() == ["After"]
    clock.move_to(datetime(2026, 5, 26, 16, 1, tzinfo=UTC))
    assert waiting() == ["Before", "After"]


def test_the_owner_hears_once_and_after_twice_the_time_their_lead(
    cast: Cast, acting: Any, clock: Any
) -> None:
    clock.move_to(EARLY)
    lead = a_lead(acting, cast.rep)
    clock.move_to(datetime(2026, 5, 20, 17, 1, tzinfo=UTC))
    for _again in range(2):
        tell_untouched()
    assert told(acting, cast.rep) == [("Ella Fischer", 1, f"/leads/{lead.pk}/")]
    assert told(acting, cast.manager) == []
    clock.move_to(datetime(2026, 5, 21, 17, 1, tzinfo=UTC))
    for _again in range(2):
        tell_untouched()
    assert len(told(acting, cast.rep)) == 1
    assert told(acting, cast.manager) == [("Ella Fischer", 1, f"/leads/{lead.pk}/")]
    assert told(acting, cast.director) == []


def test_several_are_one_message_and_what_was_touched_is_none(cast: Cast, acting: Any, clock: Any) -> None:
    clock.move_to(EARLY)
    leads = [a_lead(acting, cast.rep, name=f"Lead {number}", anyway_reason="more") for number in range(3)]
    with acting(cast.rep):
        log_activity(by=cast.rep.pk, kind="call", subject="Rang", lead_id=leads[0].pk)
    clock.move_to(datetime(2026, 5, 20, 17, 1, tzinfo=UTC))
    tell_untouched()
    assert told(acting, cast.rep) == [("Lead 1", 2, "/leads/?untouched=1")]
