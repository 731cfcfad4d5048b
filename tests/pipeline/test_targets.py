"""Targets of activities: who sets them, from which day, and what was done of them on each person's own days."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common.calendars import WorkDays
from common.errors import Forbidden, Refused
from common.services import add_day_off
from pipeline.models import ActivityTarget
from pipeline.rules.targets import Asked, expected
from pipeline.selectors.targets import own_targets, sums, target_lines
from pipeline.services import log_activity, set_target
from tests.cast import Cast
from tests.closing import close_period
from tests.pages import parsed
from tests.salesops.conftest import plain

FIFTEENTH, DAY = date(2026, 5, 15), date(2026, 5, 20)


@pytest.mark.parametrize(
    ("asked", "off", "number"),
    [
        ([Asked(FIFTEENTH, None, 5)], (), 20),
        ([Asked(FIFTEENTH, None, 5)], (date(2026, 5, 18),), 15),
        ([Asked(date(2026, 4, 1), date(2026, 5, 19), 2), Asked(date(2026, 5, 19), None, 3)], (), 12 * 2 + 2 * 3),
        ([Asked(date(2026, 5, 21), None, 5)], (), None),
        ([Asked(date(2026, 5, 16), date(2026, 5, 18), 5)], (), 0),
        ([], (), None),
    ],
)  # fmt: skip
def test_what_is_expected_by_the_twentieth(asked: list[Asked], off: Any, number: int | None) -> None:
    assert expected(asked, date(2026, 5, 1), DAY, WorkDays(frozenset(off))) == number


def ask(cast: Cast, acting: Any, number: int, per: str = "day", **more: Any) -> ActivityTarget | None:
    with acting(cast.manager):
        values = {"person_id": cast.rep.pk, "starts_on": FIFTEENTH, **more}
        return set_target(by=cast.manager.pk, number=number, per=per, **values)


def do(cast: Cast, acting: Any, on: date, kind: str = "call", who: str = "rep") -> None:
    person = getattr(cast, who)
    with acting(person):
        account = cast.accounts["Acorn" if who == "rep" else "Beech"].pk
        log_activity(by=person.pk, kind=kind, subject="Talk", account_id=account, done_on=on)


def shown(
    cast: Cast, acting: Any, *people: str, kind: str = ""
) -> list[list[tuple[int, int | None, int | None]]]:
    with acting(cast.manager) as context:
        lines = target_lines(context.reach, [getattr(cast, name) for name in people], kind)
    return [[(one.actual, one.target, one.expected) for one in line.figures] for line in lines]


def test_actual_stands_beside_what_is_asked(cast: Cast, acting: Any) -> None:
    ask(cast, acting, 5)
    ask(cast, acting, 60, "month")
    ask(cast, acting, 600, "year", starts_on=date(2026, 1, 1))
    ask(cast, acting, 2, kind="call")
    for day, kind in ((DAY, "call"), (DAY, "note"), (date(2026, 5, 4), "call"), (date(2026, 1, 2), "call")):
        do(cast, acting, day, kind)
    do(cast, acting, date(2025, 12, 31))
    assert shown(cast, acting, "rep") == [[(2, 5, None), (3, 60, 20), (4, 600, None)]]
    assert shown(cast, acting, "rep", kind="call") == [[(1, 2, None), (2, None, 8), (3, None, None)]]


def test_rows_add_up_to_the_sums(cast: Cast, acting: Any) -> None:
    ask(cast, acting, 5)
    ask(cast, acting, 3, person_id=cast.peer.pk)
    do(cast, acting, DAY)
    do(cast, acting, DAY, who="peer")
    with acting(cast.manager) as context:
        lines = target_lines(context.reach, [cast.rep, cast.peer])
    day, month, year = sums(lines)
    assert (day.actual, day.target, month.actual, month.expected) == (2, 8, 2, 32)
    assert (month.target, year.target) == (None, None)


def test_what_nobody_asked_for_meets_no_target_of_a_team(cast: Cast, acting: Any) -> None:
    ask(cast, acting, 5)
    for _ in range(6):
        do(cast, acting, DAY, who="peer")
    do(cast, acting, DAY)
    with acting(cast.manager) as context:
        day, month, year = sums(target_lines(context.reach, [cast.rep, cast.peer]))
    assert (day.actual, day.target, day.others) == (1, 5, 6)
    assert (month.actual, month.others) == (1, 6)
    assert (year.actual, year.target, year.others) == (7, None, 0)


def test_a_new_target_holds_from_its_day_and_zero_ends_it(cast: Cast, acting: Any) -> None:
    ask(cast, acting, 5)
    ask(cast, acting, 7, starts_on=date(2026, 5, 20))
    assert shown(cast, acting, "rep")[0][:2] == [(0, 7, None), (0, None, 22)]
    assert ask(cast, acting, 0, starts_on=date(2026, 5, 19)) is None
    assert shown(cast, acting, "rep")[0][:2] == [(0, None, None), (0, None, 10)]


def test_a_day_is_the_persons_own(cast: Cast, acting: Any, clock: Any, owner: Any) -> None:
    """At 22:30 UTC it is the next day in Berlin, and still today in New York."""
    clock.move_to(datetime(2026, 5, 20, 22, 30, tzinfo=UTC))
    with acting(cast.admin):
        type(cast.rep).objects.filter(pk=cast.rep.pk).update(time_zone="Europe/Berlin")
        type(cast.peer).objects.filter(pk=cast.peer.pk).update(time_zone="America/New_York")
        cast.rep.refresh_from_db()
        cast.peer.refresh_from_db()
    for who in ("rep", "peer"):
        with acting(getattr(cast, who)):
            account = cast.accounts["Acorn" if who == "rep" else "Beech"].pk
            log_activity(by=getattr(cast, who).pk, kind="call", subject="Late", account_id=account)
    with acting(cast.manager) as context:
        lines = target_lines(context.reach, [cast.rep, cast.peer])
    assert [(line.day.start, line.day.actual) for line in lines] == [(date(2026, 5, 21), 1), (DAY, 1)]


def test_nothing_is_asked_of_a_day_off(cast: Cast, acting: Any) -> None:
    ask(cast, acting, 5)
    with acting(cast.admin):
        add_day_off(by=cast.admin.pk, on=DAY, name="Holiday")
    assert shown(cast, acting, "rep")[0][:2] == [(0, None, None), (0, None, 15)]


def test_what_is_asked_on_working_days_is_said_on_a_day_off(cast: Cast, acting: Any, browse: Any) -> None:
    ask(cast, acting, 5)
    page = reverse("target_list")
    assert "5 on working days" not in plain(browse(cast.manager).get(page))
    with acting(cast.admin):
        add_day_off(by=cast.admin.pk, on=DAY, name="Founders' day")
    assert "0 / — asked 5 on working days" in plain(browse(cast.manager).get(page))


def test_who_leads_a_person_sets_their_targets(cast: Cast, acting: Any) -> None:
    for person in (cast.rep, cast.other_manager, cast.executive):
        with acting(person), pytest.raises(Forbidden):
            set_target(by=person.pk, person_id=cast.rep.pk, number=5, per="day", starts_on=DAY)
    for person in (cast.director, cast.admin):
        with acting(person):
            assert set_target(by=person.pk, person_id=cast.rep.pk, number=5, per="day", starts_on=DAY)
    with acting(cast.rep) as context:
        assert ActivityTarget.objects.visible_to(context.reach).on(DAY).get().number == 5
    with acting(cast.peer):
        assert not ActivityTarget.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"number": -1}, "activitytarget_number"),
        ({"number": 10_001}, "activitytarget_number"),
        ({"per": "week"}, "unknown_per"),
        ({"kind": "fax"}, "unknown_kind"),
        ({"person_id": 10**9}, "unknown_person"),
        ({"starts_on": date(1999, 1, 1)}, "date_range"),
    ],
)
def test_what_can_t_be_is_refused(cast: Cast, acting: Any, wrong: dict[str, Any], code: str) -> None:
    values = {"person_id": cast.rep.pk, "number": 5, "per": "day", "starts_on": DAY, **wrong}
    with acting(cast.admin), pytest.raises(Refused) as refused:
        set_target(by=cast.admin.pk, **values)
    assert refused.value.code == code


def test_the_table_leads_to_the_activities_behind_each_figure(cast: Cast, acting: Any, browse: Any) -> None:
    do(cast, acting, DAY)
    do(cast, acting, date(2026, 5, 4))
    client = browse(cast.manager)
    typed = {"person_id": cast.rep.pk, "number": "5", "per": "day", "starts_on": "2026-05-15", "kind": ""}
    assert client.post(reverse("target_set"), typed)["Location"] == reverse("target_list")
    page = client.get(reverse("target_list"))
    assert "Rita Rep 1 / 5 asked 2 / — asked 20 expected by today 2 / — asked" in plain(page)
    links = [one.attributes["href"] for one in parsed(page.content.decode()).walk() if one.tag == "a"]
    for link, number in zip([one for one in links if f"owner={cast.rep.pk}" in one], (1, 2, 2), strict=True):
        assert len(client.get(link.replace("&amp;", "&")).context["page"].rows) == number
    own = plain(browse(cast.rep).get(reverse("activity_list")))
    assert "Your targets" in own
    assert "1 / 5" in own
    assert client.post(reverse("target_set"), typed | {"number": "x"}).status_code == 422


def test_what_was_asked_before_stays_known_on_the_form(cast: Cast, acting: Any, browse: Any) -> None:
    ask(cast, acting, 5)
    with acting(cast.director):
        values = {"person_id": cast.rep.pk, "per": "day", "starts_on": date(2026, 4, 1)}
        set_target(by=cast.director.pk, number=3, **values)
    page = plain(browse(cast.manager).get(reverse("target_set"), {"person": cast.rep.pk}))
    assert "What was asked 3 a working day, all types, from Apr 1, 2026 on Dora Director" in page
    assert "5 a working day, all types, from May 15, 2026 on Mona Manager" in page
    assert "Withdrawn by Dora Director" in page
    assert "What was asked" not in plain(browse(cast.manager).get(reverse("target_set")))


def test_what_was_asked_in_a_closed_period_is_not_changed(cast: Cast, acting: Any, browse: Any) -> None:
    with acting(cast.admin):
        close_period(cast.q1.pk)
    typed = {"person_id": cast.rep.pk, "number": "7", "per": "day", "starts_on": "2026-03-31", "kind": ""}
    refused = browse(cast.manager).post(reverse("target_set"), typed)
    assert refused.status_code == 409
    assert "This would change 2026-Q1, which is closed. Choose Apr 1, 2026 or a later day." in plain(refused)
    assert 'value="7"' in refused.content.decode()
    assert ask(cast, acting, 7, starts_on=date(2026, 4, 1)) is not None


def test_a_rep_reads_their_own_targets_and_nobody_elses(cast: Cast, acting: Any, browse: Any) -> None:
    ask(cast, acting, 5)
    ask(cast, acting, 3, person_id=cast.peer.pk)
    do(cast, acting, DAY)
    page = browse(cast.rep).get(reverse("target_list"))
    assert page.status_code == 200
    assert "Rita Rep 1 / 5 1 / — 20 expected by today 1 / —" in plain(page)
    assert "Paul Peer" not in plain(page)
    assert 'class="cell"' not in page.content.decode()
    assert reverse("target_list") in browse(cast.rep).get(reverse("activity_list")).content.decode()


def test_a_cell_keeps_what_is_planned_for_later(cast: Cast, acting: Any, browse: Any) -> None:
    january = date(2027, 1, 1)
    ask(cast, acting, 5)
    with acting(cast.manager):
        same = {"by": cast.manager.pk, "person_id": cast.rep.pk, "per": "day"}
        set_target(number=8, starts_on=january, **same)
    url = f"{reverse('target_set')}?person={cast.rep.pk}&per=day"
    typed = {"person_id": cast.rep.pk, "per": "day", "kind": "", "starts_on": "2026-05-20"}
    for number, held in (("7", [(FIFTEENTH, DAY, 5), (DAY, january, 7)]), ("0", [(FIFTEENTH, DAY, 5)])):
        row = browse(cast.manager).post(
            url, typed | {"number": number}, headers={"HX-Request": "true", "HX-Target": "cell-1"}
        )
        assert row.status_code == 200
        with acting(cast.manager):
            rows = ActivityTarget.objects.current().order_by("starts_on")
            assert list(rows.values_list("starts_on", "stops_on", "number")) == [*held, (january, None, 8)]
    browse(cast.manager).post(reverse("target_set"), typed | {"number": "6"})
    with acting(cast.manager):
        rows = ActivityTarget.objects.current().order_by("starts_on")
        assert list(rows.values_list("starts_on", "number")) == [(FIFTEENTH, 5), (DAY, 6)]


def test_own_targets_ask_the_database_as_often_for_many_kinds_as_for_one(cast: Cast, acting: Any) -> None:
    def statements() -> tuple[int, int]:
        with acting(cast.rep) as context, CaptureQueriesContext(connection) as asked:
            return len(own_targets(context.reach, cast.rep)), len(asked)

    ask(cast, acting, 5, kind="call")
    kinds, few = statements()
    for kind in ("", "email", "meeting", "visit"):
        ask(cast, acting, 5, kind=kind)
    ask(cast, acting, 60, "year", kind="demo")
    assert (kinds, statements()) == (1, (5, few))


def test_people_stand_in_their_team_which_adds_them_up(cast: Cast, acting: Any, browse: Any) -> None:
    ask(cast, acting, 5)
    ask(cast, acting, 3, person_id=cast.peer.pk)
    do(cast, acting, DAY)
    page = browse(cast.director).get(reverse("target_list"))
    teams = {team.lead: [line.person.name for line, _cells in lines] for team, lines in page.context["teams"]}
    assert teams["Mona Manager"] == ["Paul Peer", "Rita Rep"]
    assert "Team of Mona Manager 1 / 8" in plain(page)


def test_what_is_asked_is_changed_in_its_cell(cast: Cast, acting: Any, browse: Any) -> None:
    ask(cast, acting, 60, "month")
    client, url = browse(cast.manager), f"{reverse('target_set')}?person={cast.rep.pk}&per=month"
    cell = {"HX-Request": "true", "HX-Target": "cell-1"}
    form = client.get(url, headers=cell)
    assert 'value="60"' in form.content.decode()
    assert "<html" not in form.content.decode()
    typed = {"person_id": cast.rep.pk, "per": "month", "kind": "", "starts_on": "2026-05-20", "number": "70"}
    row = client.post(url, typed, headers=cell)
    assert row["HX-Retarget"] == f"#target-{cast.rep.pk}"
    assert "Rita Rep 0 / — asked 0 / 70 asked 0 / — asked" in plain(row)
    assert shown(cast, acting, "rep")[0][1] == (0, 70, None)
    wrong = client.post(url, typed | {"number": "many"}, headers=cell)
    assert (wrong.status_code, "field-errors" in wrong.content.decode()) == (422, True)
    assert 'value="70"' in client.get(url).content.decode()
