"""What is next for a rep: overdue close dates, no next step, stalled deals, due tasks, and how many of each."""

from datetime import date

from pipeline.selectors.worklist import worklist
from pipeline.services import log_activity
from tests.pipeline.test_opportunity_list import many

TODAY = date(2026, 5, 20)


def test_each_kind_has_its_deals_and_their_number(cast, acting):
    many(cast, 1, name="Late", close_on=date(2026, 5, 19), amount_minor=1_000, next_step="Call")
    many(
        cast, 1, name="Euro", currency="EUR", amount_minor=2_000, next_step="Call", close_on=date(2026, 5, 1)
    )
    many(cast, 1, name="Bare", amount_minor=None)
    with acting(cast.rep):
        for day in (18, 20, 21):
            log_activity(
                by=cast.rep.pk,
                kind="task",
                subject=f"On {day} May",
                account_id=cast.accounts["Acorn"].pk,
                done=False,
                due_on=date(2026, 5, day),
            )
        found = worklist(cast.rep.pk, TODAY)
    assert [deal.name for deal in found.overdue.deals] == ["Euro", "Late"]
    assert [deal.name for deal in found.no_next_step.deals] == ["Bare", "Acorn renewal"]
    assert [deal.name for deal in found.stalled.deals] == ["Acorn renewal"]
    assert (found.overdue.count, found.no_next_step.count, found.stalled.count) == (2, 2, 1)
    assert ([row.subject for row in found.due], found.due_count) == (["On 18 May", "On 20 May"], 2)


def test_only_five_are_shown_and_all_are_counted(cast, acting):
    many(cast, 8, close_on=date(2026, 5, 1), amount_minor=100)
    with acting(cast.rep):
        overdue = worklist(cast.rep.pk, TODAY).overdue
    assert (len(overdue.deals), overdue.count) == (5, 8)


def test_a_clear_list_says_so(cast, acting):
    with acting(cast.coordinator):
        assert worklist(cast.coordinator.pk, TODAY).is_clear
