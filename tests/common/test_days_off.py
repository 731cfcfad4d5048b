"""Days on which nobody works: pace and run rate leave them out, and those of a closed period stay as they were."""

from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

import pytest
from django.urls import reverse

from common.calendars import WorkDays
from common.errors import Conflict, Forbidden, NotInReach
from common.models import DayOff, Period
from common.selectors import today, work_days
from common.services import add_day_off, remove_day_off
from common.transaction import reach
from quotas.selectors.people import MyAttainment, my_attainment
from quotas.services import set_quota
from tests.cast import PEOPLE, Cast
from tests.closing import close_period
from tests.salesops.conftest import plain

LIST, CREATE = reverse("day_off_list"), reverse("day_off_create")
MEMORIAL_DAY, GOOD_FRIDAY = date(2026, 5, 25), date(2026, 4, 3)


def name_day(cast: Cast, acting: Any, on: date = MEMORIAL_DAY, name: str = "Memorial Day") -> DayOff:
    with acting(cast.admin):
        return add_day_off(by=cast.admin.pk, on=on, name=name)


def attained(cast: Cast, acting: Any) -> MyAttainment:
    with acting(cast.rep):
        return my_attainment(reach(), cast.rep, cast.q2, today())


def test_pace_and_run_rate_count_the_days_that_are_left(cast: Cast, acting: Any, clock: Any) -> None:
    """Of 65 working days 35 are gone on 20 May; with Memorial Day off it is 35 of 64, and on 1 June 42 of 64."""
    with acting(cast.admin):
        set_quota(by=cast.admin.pk, period_id=cast.q2.pk, person_id=cast.rep.pk, amount_minor=64_000_00)
    before = attained(cast, acting)
    assert (before.quarter.share, before.quarter.due, before.days_left) == (Fraction(35, 65), 34_461_54, 30)
    assert before.quarter.run_rate(before.days_left) == Fraction(64_000_00, 30)
    name_day(cast, acting)
    after = attained(cast, acting)
    assert (after.quarter.share, after.quarter.due, after.days_left) == (Fraction(35, 64), 35_000_00, 29)
    assert after.quarter.run_rate(after.days_left) == Fraction(64_000_00, 29)
    clock.move_to(datetime(2026, 6, 1, 14, tzinfo=UTC))
    assert attained(cast, acting).quarter.due == 42_000_00


def test_a_holiday_that_has_passed_is_named_while_its_quarter_is_open(
    cast: Cast, acting: Any, clock: Any
) -> None:
    """With Good Friday off 34 of 64 working days are gone on 20 May instead of 35 of 65; 30 are left as before."""
    with acting(cast.admin):
        set_quota(by=cast.admin.pk, period_id=cast.q2.pk, person_id=cast.rep.pk, amount_minor=64_000_00)
    row = name_day(cast, acting, on=GOOD_FRIDAY, name="Good Friday")
    after = attained(cast, acting)
    assert (after.quarter.share, after.quarter.due, after.days_left) == (Fraction(34, 64), 34_000_00, 30)
    assert after.quarter.run_rate(after.days_left) == Fraction(64_000_00, 30)
    with acting(cast.admin):
        remove_day_off(by=cast.admin.pk, day_off_id=row.pk)
    assert attained(cast, acting).quarter.share == Fraction(35, 65)


def test_a_day_of_a_closed_period_stays_what_it_was(cast: Cast, acting: Any, browse: Any, clock: Any) -> None:
    """April is closed, the quarter is not: a day of April stays, one of May may still be named or removed."""
    april, may = name_day(cast, acting, on=GOOD_FRIDAY), name_day(cast, acting, on=date(2026, 5, 1))
    with acting(cast.admin):
        month = Period.objects.get(code="2026-04")
        close_period(month.pk)
    with pytest.raises(Conflict) as refused:
        name_day(cast, acting, on=date(2026, 4, 6))
    assert (refused.value.path, refused.value.code) == ("on", "period_closed")
    said = "Apr 6, 2026 lies in 2026-04, which is closed: its figures stay as they are."
    assert str(refused.value) == said
    with pytest.raises(Conflict), acting(cast.admin):
        remove_day_off(by=cast.admin.pk, day_off_id=april.pk)
    client = browse(cast.admin)
    answer = client.post(CREATE, {"on": "2026-04-06", "name": "Easter Monday"})
    assert (answer.status_code, said in plain(answer)) == (409, True)
    page = client.get(LIST).content.decode()
    offered = [reverse("day_off_remove", args=[row.pk]) in page for row in (april, may)]
    assert offered == [False, True]
    name_day(cast, acting, on=date(2026, 5, 4), name="Bank holiday")
    with acting(cast.admin):
        remove_day_off(by=cast.admin.pk, day_off_id=may.pk)
    with acting(cast.rep):
        assert work_days().off == {GOOD_FRIDAY, date(2026, 5, 4)}


def test_a_day_before_the_first_fiscal_year_changes_nothing(cast: Cast, acting: Any) -> None:
    before = attained(cast, acting)
    name_day(cast, acting, on=date(2024, 12, 25), name="Christmas")
    assert attained(cast, acting) == before


def test_a_day_off_is_removed_and_both_stay_readable(cast: Cast, acting: Any, browse: Any) -> None:
    row, client = name_day(cast, acting), browse(cast.admin)
    remove = reverse("day_off_remove", args=[row.pk])
    assert "It becomes a working day again" in plain(client.get(remove))
    page = plain(client.post(remove, {}, follow=True))
    assert "May 25, 2026 is a working day again." in page
    assert client.get(remove).status_code == 404
    with acting(cast.rep):
        assert work_days() == WorkDays()
    name_day(cast, acting, name="Another name")
    page = plain(client.get(LIST))
    assert "May 25, 2026: Memorial Day Ada Admin" in page
    assert "Withdrawn by Ada Admin · " in page


def test_the_page_says_what_is_to_come_and_what_has_passed(
    cast: Cast, acting: Any, browse: Any, clock: Any
) -> None:
    assert "No day off yet" in plain(browse(cast.rep).get(LIST))
    name_day(cast, acting)
    name_day(cast, acting, on=date(2026, 7, 3), name="Independence Day")
    clock.move_to(datetime(2026, 6, 1, 14, tzinfo=UTC))
    page = plain(browse(cast.rep).get(LIST))
    assert "To come Pace and run rate count working days without these. Independence Day" in page
    assert "Passed Memorial Day Monday, May 25, 2026" in page
    assert CREATE not in browse(cast.rep).get(LIST).content.decode()


def test_a_day_is_named_in_a_form(cast: Cast, browse: Any) -> None:
    client = browse(cast.admin)
    page = plain(client.post(CREATE, {"on": "2026-05-25", "name": "Memorial Day"}, follow=True))
    assert "May 25, 2026 is off: Memorial Day." in page
    twice = client.post(CREATE, {"on": "2026-05-25", "name": "Again"})
    assert (twice.status_code, "That day is off already." in plain(twice)) == (422, True)
    for odd, words in (
        ({"on": "soon", "name": "Odd"}, "Write the day as"),
        ({"on": "2026-06-01", "name": ""}, "This field is required."),
    ):
        answer = client.post(CREATE, odd)
        assert (answer.status_code, words in plain(answer)) == (422, True)


@pytest.mark.parametrize("key", sorted(set(PEOPLE) - {"admin"}))
def test_only_administrators_name_and_remove(cast: Cast, acting: Any, key: str) -> None:
    row, person = name_day(cast, acting), getattr(cast, key)
    with pytest.raises(Forbidden), acting(person):
        add_day_off(by=person.pk, on=date(2026, 7, 3), name="Mine")
    with pytest.raises(Forbidden), acting(person):
        remove_day_off(by=person.pk, day_off_id=row.pk)


def test_one_that_there_is_not(cast: Cast, acting: Any) -> None:
    with pytest.raises(NotInReach), acting(cast.admin):
        remove_day_off(by=cast.admin.pk, day_off_id=0)
