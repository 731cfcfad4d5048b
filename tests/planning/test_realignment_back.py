"""What a realignment takes back, and what it shares out, to the cent and as it was."""

from datetime import date
from typing import Any

import pytest
from django.db.models.functions import Now

from accounts.models import Rule
from common.errors import Refused
from common.models import Period
from pipeline.models import Opportunity
from planning.models import Draft
from planning.rules.seats import ramp_left
from planning.services.drafts import add_move, create_draft
from planning.services.moves import lead_due_rules
from planning.services.realigning import preview_draft, undo_draft
from quotas.models import Quota
from quotas.services import set_quota
from territories.models import Edge, Seat
from territories.services import create_territory
from tests.cast import Cast
from tests.planning.test_realignment import (
    TODAY,
    TOMORROW,
    acorn_west,
    ash,
    known_potential,
    look,
    moved,
    publish,
)
from tests.reading import reading


def back(draft: Draft, cast: Cast, ben: Any, acting: Any, day: date) -> Draft:
    """The counter-move from that day, published."""
    with acting(cast.admin):
        counter = undo_draft(by=cast.admin.pk, draft_id=draft.pk, starts_on=day)
        counter = preview_draft(by=cast.admin.pk, draft_id=counter.pk, version=counter.version)
    done = publish(counter, cast, ben, acting)
    assert (done.state, done.error) == ("published", "")
    return done


def test_a_vacated_seat_goes_back_with_its_share_end_and_the_rest_of_its_ramp(cast, ben, acting):
    with acting(cast.admin):
        Seat.objects.filter(user=cast.rep).update(superseded_at=Now())
        row = {"kind": "owner", "share": 50_000_000, "starts_on": date(2026, 3, 1)}
        east, north = cast.territories["East 1"], cast.territories["East"]
        Seat.objects.create(
            user=cast.rep, territory=east, **row, stops_on=date(2026, 9, 1), ramp="0 25 50 75 100"
        )
        Seat.objects.create(user=cast.rep, territory=north, **row)
        Seat.objects.create(
            user=cast.admin, territory=east, kind="owner", starts_on=date(2026, 9, 1)
        )  # a second owner from the day on which the seat was to end: an open one would be refused
    move = {"kind": "seat", "territory_id": cast.territories["East 1"].pk, "seat_kind": "owner"}
    draft = publish(moved(cast, acting, **move, person_id=None), cast, ben, acting)
    back(draft, cast, ben, acting, TODAY)
    seat = look(lambda: Seat.objects.on(TODAY).get(territory__name="East 1"))
    facts = (seat.user_id, seat.share, seat.stops_on, seat.ramp)
    assert facts == (cast.rep.pk, 50_000_000, date(2026, 9, 1), "50 75 100")


@pytest.mark.parametrize(
    ("day", "left"),
    [
        (date(2026, 1, 1), "0 25 50 100"),
        (date(2026, 2, 28), "25 50 100"),
        (date(2026, 3, 15), "50 100"),
        (date(2026, 4, 1), ""),
        (date(2026, 12, 1), ""),
    ],
)
def test_of_a_ramp_the_months_that_are_over_are_gone(day, left):
    assert ramp_left("0 25 50 100", date(2026, 1, 1), day) == left


def test_a_rule_that_was_to_lead_elsewhere_on_a_later_day_stays(cast, ben, acting, clock):
    with acting(cast.admin):
        rule = Rule.objects.create(name="All of East", territory=cast.territories["East 1"])
    move = {"kind": "rule", "rule_id": rule.pk, "into_id": cast.territories["West 1"].pk}
    draft = publish(moved(cast, acting, on=TOMORROW, **move), cast, ben, acting)
    back(draft, cast, ben, acting, TOMORROW)
    clock.move_to(f"{TOMORROW}T09:00:00Z")
    look(lambda: lead_due_rules(TOMORROW))
    assert look(lambda: Rule.objects.get().territory.name) == "East 1"


def test_of_two_that_lead_a_rule_the_later_day_decides_whichever_was_drafted_first(cast, ben, acting, clock):
    with acting(cast.admin):
        rule = Rule.objects.create(name="All of East", territory=cast.territories["East 1"])
        late = create_draft(by=cast.admin.pk, name="Late", starts_on=date(2026, 6, 10))
        move = {"kind": "rule", "rule_id": rule.pk, "into_id": cast.territories["West 1"].pk}
        add_move(by=cast.admin.pk, draft_id=late.pk, **move)
        late.refresh_from_db()
        late = preview_draft(by=cast.admin.pk, draft_id=late.pk, version=late.version)
    publish(late, cast, ben, acting)
    soon = moved(cast, acting, on=date(2026, 6, 5), **move | {"into_id": cast.territories["East 2"].pk})
    publish(soon, cast, ben, acting)
    clock.move_to("2026-06-11T09:00:00Z")
    look(lambda: lead_due_rules(date(2026, 6, 11)))
    assert look(lambda: Rule.objects.get().territory.name) == "West 1"


def test_a_deal_that_was_the_other_owners_before_stays_with_them(cast, ben, acting, clock):
    look(lambda: Opportunity.objects.filter(name="Acorn renewal").update(owner=cast.other_rep))
    draft = publish(moved(cast, acting, **acorn_west(cast, open_work="go")), cast, ben, acting)
    clock.move_to(f"{TOMORROW}T09:00:00Z")
    back(draft, cast, ben, acting, TOMORROW)
    deal = look(lambda: Opportunity.objects.get(name="Acorn renewal"))
    assert (deal.owner_id, deal.territory.name) == (cast.other_rep.pk, "East 1")


def test_a_root_that_was_hung_below_another_is_a_root_again(cast, ben, acting):
    with acting(cast.admin):
        north = create_territory(
            by=cast.admin.pk, name="North", code="NORTH", parent_id=None, starts_on=TODAY, kind="territory"
        )
    east = cast.territories["East"].pk
    draft = moved(cast, acting, kind="node", territory_id=north.pk, into_id=east)
    back(publish(draft, cast, ben, acting), cast, ben, acting, TODAY)
    assert look(lambda: Edge.objects.on(TODAY).get(child=north).parent_id) is None


def amounts(period: str) -> dict[str, int]:
    rows = Quota.objects.current().filter(period__code=period)
    return dict(look(lambda: list(rows.values_list("person__name", "amount_minor"))))


def test_parts_of_a_quota_never_come_to_more_than_the_whole(cast, ben, acting):
    """Two accounts of one potential take half of 91,000.01 each, of a quarter that has not begun."""
    quarter = look(lambda: Period.objects.get(code="2026-Q3"))
    with acting(cast.admin):
        set_quota(by=cast.admin.pk, person_id=cast.rep.pk, period_id=quarter.pk, amount_minor=9_100_001)
        known_potential(cast, (cast.accounts["Acorn"], 500), (other := ash(cast), 500))
        draft = create_draft(by=cast.admin.pk, name="Spring", starts_on=TODAY)
        add_move(by=cast.admin.pk, draft_id=draft.pk, **acorn_west(cast, quota="accounts"))
        east = {"account_ids": [other.pk], "into_id": cast.territories["East 2"].pk}
        add_move(by=cast.admin.pk, draft_id=draft.pk, **acorn_west(cast, quota="accounts") | east)
        draft.refresh_from_db()
        draft = preview_draft(by=cast.admin.pk, draft_id=draft.pk, version=draft.version)
    publish(draft, cast, ben, acting)
    assert amounts("2026-Q3") == {"Rita Rep": 0, "Oscar Other": 4_550_001, "Paul Peer": 4_550_000}


def test_what_goes_back_in_parts_is_not_a_cent_more_or_less(cast, ben, acting, clock):
    """100.01 went to two people, and goes back for 7 of 42 days: one sum after the other is rounded."""
    with acting(cast.admin):
        set_quota(by=cast.admin.pk, person_id=cast.rep.pk, period_id=cast.q2.pk, amount_minor=9_100_003)
        known_potential(cast, (cast.accounts["Acorn"], 333), (other := ash(cast), 334))
        draft = create_draft(by=cast.admin.pk, name="Spring", starts_on=TODAY)
        add_move(by=cast.admin.pk, draft_id=draft.pk, **acorn_west(cast, quota="accounts"))
        east = {"account_ids": [other.pk], "into_id": cast.territories["East 2"].pk}
        add_move(by=cast.admin.pk, draft_id=draft.pk, **acorn_west(cast, quota="accounts") | east)
        draft.refresh_from_db()
        draft = preview_draft(by=cast.admin.pk, draft_id=draft.pk, version=draft.version)
    draft = publish(draft, cast, ben, acting)
    for day in (date(2026, 6, 3), date(2026, 6, 18)):
        clock.move_to(f"{day}T13:00:00Z")
        if day.day == 18:
            back(draft, cast, ben, acting, day)
        assert sum(amounts("2026-Q2").values()) == 9_100_003


def test_quota_of_several_seats_goes_with_no_accounts(cast, acting):
    with acting(cast.admin):
        set_quota(by=cast.admin.pk, person_id=cast.rep.pk, period_id=cast.q2.pk, amount_minor=9_100_000)
        known_potential(cast, (cast.accounts["Acorn"], 500))
        Seat.objects.filter(user=cast.peer).update(superseded_at=Now())
        place = {"territory": cast.territories["East 2"], "kind": "owner"}
        Seat.objects.create(user=cast.rep, **place, starts_on=date(2026, 1, 1))
    with pytest.raises(Refused, match="Rita Rep has several seats and one quota") as refused:
        moved(cast, acting, **acorn_west(cast, quota="accounts"))
    assert refused.value.path == "quota"


def test_a_deal_that_came_since_goes_with_its_account(cast, ben, acting, clock):
    """As do the other's own before: it is who owns the territory that the account leaves who had it."""
    draft = publish(moved(cast, acting, **acorn_west(cast, open_work="go")), cast, ben, acting)
    clock.move_to(f"{TOMORROW}T09:00:00Z")

    def since() -> None:
        like = Opportunity.objects.get(name="Acorn renewal")
        columns = {f.attname: getattr(like, f.attname) for f in like._meta.concrete_fields if not f.generated}
        fresh = {"id": None, "number": "O-since", "name": "Acorn more", "created_on": TOMORROW}
        Opportunity.objects.create(**{**columns, **fresh})

    look(since)
    back(draft, cast, ben, acting, TOMORROW)
    deals = look(lambda: dict(Opportunity.objects.filter(account__name="Acorn").values_list("name", "owner")))
    assert deals == {"Acorn renewal": cast.rep.pk, "Acorn more": cast.rep.pk}


def test_taking_back_reads_what_passed_and_each_quarter_once(cast, ben, acting):
    """Two accounts went by two moves, each with a deal, and with quota of three quarters."""
    with acting(cast.admin):
        for code in ("2026-Q2", "2026-Q3", "2026-Q4"):
            quarter = Period.objects.get(code=code)
            set_quota(by=cast.admin.pk, person_id=cast.rep.pk, period_id=quarter.pk, amount_minor=9_100_000)
        known_potential(cast, (cast.accounts["Acorn"], 500), (other := ash(cast), 500))
        like = Opportunity.objects.get(name="Acorn renewal")
        columns = {f.attname: getattr(like, f.attname) for f in like._meta.concrete_fields if not f.generated}
        Opportunity.objects.create(**{**columns, "id": None, "number": "O-ash", "account_id": other.pk})
        draft = create_draft(by=cast.admin.pk, name="Spring", starts_on=TODAY)
        going = {"quota": "accounts", "open_work": "go"}
        add_move(by=cast.admin.pk, draft_id=draft.pk, **acorn_west(cast, **going))
        add_move(by=cast.admin.pk, draft_id=draft.pk, **acorn_west(cast, **going) | {"account_ids": [other.pk],
                 "into_id": cast.territories["East 2"].pk})  # fmt: skip
        draft.refresh_from_db()
        draft = preview_draft(by=cast.admin.pk, draft_id=draft.pk, version=draft.version)
    publish(draft, cast, ben, acting)
    with acting(cast.admin):
        counter = undo_draft(by=cast.admin.pk, draft_id=draft.pk, starts_on=TODAY)
        with reading() as seen:
            preview_draft(by=cast.admin.pk, draft_id=counter.pk, version=counter.version)
    passed = 'SELECT "planning_passing"."opportunity_id"'
    assert sum(rows for sql, rows in seen if sql.startswith(passed) and '"draft_id"' in sql) == 2
    by_id = [sql for sql, _rows in seen if 'FROM "common_period" WHERE "common_period"."id"' in sql]
    assert [sql for sql in by_id if sql.endswith("LIMIT 21")] == []
