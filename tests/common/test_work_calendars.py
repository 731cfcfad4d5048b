"""Work calendars: who works on which days, and what pace, run rate, targets and due times make of it."""

from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

import pytest
from django.db import DataError
from django.urls import reverse
from psycopg2 import errors

from common.calendars import WorkDays
from common.errors import Conflict, Forbidden, NotInReach, Refused
from common.models import DayOff, WorkCalendar
from common.public_holidays import countries, public_holidays
from common.said import Said
from common.selectors import today, work_days
from common.services import add_day_off, add_public_holidays, create_work_calendar, remove_day_off
from common.transaction import reach
from orders.selectors.known import AsOf
from pipeline.selectors.targets import own_targets
from pipeline.services import set_target
from quotas.selectors.people import MyAttainment, my_attainment
from quotas.selectors.question import Question
from quotas.selectors.table import Table
from quotas.services import set_quota
from tests.cast import PEOPLE, Cast
from tests.closing import close_period
from tests.salesops.conftest import plain
from tests.workspace.test_person_edit import typed, url

LIST = reverse("day_off_list")
CORPUS_CHRISTI = date(2026, 6, 4)


@pytest.fixture
def munich(cast: Cast, acting: Any) -> WorkCalendar:
    """Monday to Friday, with Corpus Christi off."""
    with acting(cast.admin):
        row = create_work_calendar(by=cast.admin.pk, name="Munich", weekdays=[0, 1, 2, 3, 4])
        add_day_off(by=cast.admin.pk, on=CORPUS_CHRISTI, name="Corpus Christi", calendar_id=row.pk)
    return row


def works_by(cast: Cast, browse: Any, person: Any, calendar: WorkCalendar) -> None:
    changes = typed(person, work_calendar_id=str(calendar.pk))
    assert browse(cast.admin).post(url(person), changes).status_code == 302


def attained(cast: Cast, acting: Any, person: Any, as_of: AsOf | None = None) -> MyAttainment:
    with acting(person):
        return my_attainment(reach(), person, cast.q2, today(), *([as_of] if as_of else []))


class TestPublicHolidays:
    def test_of_a_region(self) -> None:
        bavaria, berlin = (public_holidays("DE", region, 2026, "en-US") for region in ("BY", "BE"))
        assert bavaria[CORPUS_CHRISTI] == "Corpus Christi"
        assert CORPUS_CHRISTI not in berlin
        assert set(bavaria) & set(berlin) >= {date(2026, 1, 1), date(2026, 5, 1), date(2026, 10, 3)}
        assert list(bavaria) == sorted(bavaria)

    def test_in_the_language_of_the_company(self) -> None:
        names = [public_holidays("DE", "", 2026, locale)[date(2026, 4, 3)] for locale in ("de-DE", "fr-FR")]
        assert names == ["Karfreitag", "Good Friday"]

    @pytest.mark.parametrize(("country", "region", "said"), [("XX", "", "not known"), ("DE", "ZZ", "BY")])
    def test_what_is_not_known(self, country: str, region: str, said: str) -> None:
        with pytest.raises(Said, match=said):
            public_holidays(country, region, 2026, "en-US")

    def test_countries_are_named_in_the_readers_language(self) -> None:
        assert ("DE", "Germany") in countries("en-US")
        assert ("DE", "Deutschland") in countries("de-DE")


class TestActs:
    def test_a_year_of_holidays_at_once(self, cast: Cast, acting: Any, munich: WorkCalendar) -> None:
        """Of thirteen in 2026 one is off already, and two lie in April, which is closed."""
        with acting(cast.admin):
            close_period(cast.q2.parts.get(code="2026-04").pk)
        with acting(cast.admin):
            asked = {"country": "DE", "region": "BY", "year": 2026, "calendar_id": munich.pk}
            rows = add_public_holidays(by=cast.admin.pk, **asked)
            known = public_holidays("DE", "BY", 2026, "en-US")
            left_out = {CORPUS_CHRISTI, date(2026, 4, 3), date(2026, 4, 6)}
            assert {row.starts_on for row in rows} == set(known) - left_out
            assert work_days(munich.pk).off == {row.starts_on for row in rows} | {CORPUS_CHRISTI}
            assert work_days() == WorkDays()
            with pytest.raises(Refused, match="off already"):
                add_public_holidays(by=cast.admin.pk, **asked)

    def test_the_organisations_own(self, cast: Cast, acting: Any, munich: WorkCalendar) -> None:
        with acting(cast.admin):
            add_public_holidays(by=cast.admin.pk, country="US", region="", year=2026)
            assert date(2026, 11, 26) in work_days().off
            assert work_days(munich.pk).off == {CORPUS_CHRISTI}

    @pytest.mark.parametrize(("country", "region", "path"), [("XX", "", "country"), ("DE", "ZZ", "region")])
    def test_what_is_wrong_is_said_at_its_field(
        self, cast: Cast, acting: Any, country: str, region: str, path: str
    ) -> None:
        with acting(cast.admin), pytest.raises(Refused) as refused:
            add_public_holidays(by=cast.admin.pk, country=country, region=region, year=2026)
        assert refused.value.path == path

    def test_each_day_once_in_each_calendar(self, cast: Cast, acting: Any, munich: WorkCalendar) -> None:
        with acting(cast.admin):
            add_day_off(by=cast.admin.pk, on=CORPUS_CHRISTI, name="Here too")
        with acting(cast.admin), pytest.raises(Refused, match="off already"):
            add_day_off(by=cast.admin.pk, on=CORPUS_CHRISTI, name="Again", calendar_id=munich.pk)
        with acting(cast.admin), pytest.raises(Refused, match="off already"):
            add_day_off(by=cast.admin.pk, on=CORPUS_CHRISTI, name="Again")

    def test_a_name_that_is_too_long_is_refused(self, cast: Cast, acting: Any) -> None:
        with acting(cast.admin), pytest.raises(Refused, match="80"):
            add_day_off(by=cast.admin.pk, on=CORPUS_CHRISTI, name="x" * 81)

    def test_many_calendars_are_read_like_one(
        self, cast: Cast, acting: Any, django_assert_num_queries: Any
    ) -> None:
        with acting(cast.admin):
            rows = [
                create_work_calendar(by=cast.admin.pk, name=name, weekdays=range(5))
                for name in ("Munich", "Lyon", "Turin")
            ]
        with acting(cast.rep), django_assert_num_queries(2):
            assert [work_days(row.pk) for row in rows] == [work_days()] * 3

    def test_one_that_there_is_not(self, cast: Cast, acting: Any) -> None:
        with acting(cast.admin), pytest.raises(NotInReach):
            add_day_off(by=cast.admin.pk, on=CORPUS_CHRISTI, name="Nowhere", calendar_id=77)

    def test_a_closed_day_stays(self, cast: Cast, acting: Any, munich: WorkCalendar) -> None:
        with acting(cast.admin):
            close_period(cast.q2.parts.get(code="2026-04").pk)
        with acting(cast.admin), pytest.raises(Conflict):
            add_day_off(by=cast.admin.pk, on=date(2026, 4, 3), name="Good Friday", calendar_id=munich.pk)

    @pytest.mark.parametrize("key", sorted(set(PEOPLE) - {"admin"}))
    def test_administrators_alone(self, cast: Cast, acting: Any, key: str) -> None:
        person = getattr(cast, key)
        with pytest.raises(Forbidden), acting(person):
            create_work_calendar(by=person.pk, name="Mine", weekdays=[0])
        with pytest.raises(Forbidden), acting(person):
            add_public_holidays(by=person.pk, country="US", region="", year=2026)

    def test_the_database_holds_what_it_is(self, owner: Any, cast: Cast, munich: WorkCalendar) -> None:
        for weekdays in ("{}", "{7}", "{-1}"):
            with pytest.raises((errors.CheckViolation, DataError)):
                owner.execute("INSERT INTO common_workcalendar (name, weekdays) VALUES ('X', %s)", [weekdays])
        with pytest.raises(errors.IntegrityError, match="append-only"):
            owner.execute("UPDATE common_workcalendar SET weekdays = '{0}'")


class TestFigures:
    def test_pace_and_run_rate_are_by_ones_own_calendar(
        self, cast: Cast, acting: Any, browse: Any, munich: WorkCalendar
    ) -> None:
        """Of 65 working days 35 are gone on 20 May; in Munich, with Corpus Christi off, of 64."""
        with acting(cast.admin):
            set_quota(by=cast.admin.pk, period_id=cast.q2.pk, person_id=cast.rep.pk, amount_minor=64_000_00)
        works_by(cast, browse, cast.rep, munich)
        mine = attained(cast, acting, cast.rep)
        assert (mine.quarter.share, mine.quarter.due, mine.days_left) == (Fraction(35, 64), 35_000_00, 29)
        assert mine.quarter.run_rate(mine.days_left) == Fraction(64_000_00, 29)
        assert attained(cast, acting, cast.peer).quarter.share == Fraction(35, 65)

    def test_who_works_four_days_a_week_has_fewer(self, cast: Cast, acting: Any, browse: Any) -> None:
        """Without Fridays the quarter has 52 working days; of its 13 weeks 7 are gone on 20 May, but two days."""
        with acting(cast.admin):
            row = create_work_calendar(by=cast.admin.pk, name="Four days", weekdays=range(4))
        works_by(cast, browse, cast.rep, row)
        assert attained(cast, acting, cast.rep).quarter.share == Fraction(28, 52)
        assert attained(cast, acting, cast.rep).days_left == 24

    def test_a_team_is_by_the_organisations_and_its_people_by_their_own(
        self, cast: Cast, acting: Any, browse: Any, munich: WorkCalendar
    ) -> None:
        with acting(cast.admin):
            for person in (cast.rep, cast.peer):
                set_quota(by=cast.admin.pk, period_id=cast.q2.pk, person_id=person.pk, amount_minor=64_000_00)
        works_by(cast, browse, cast.rep, munich)
        with acting(cast.manager):
            node = cast.territories
            opened = frozenset({node["East Team"].pk, node["East 1"].pk, node["East 2"].pk})
            question = Question(cast.q2, [cast.q2], today(), opened=opened)
            table = Table(reach(), question)
            rows = {
                row.name: row
                for top, days in table.tops.items()
                for row in table.with_below(table.node_row(None, top, days))
            }
        assert rows[cast.rep.name].figures.share == Fraction(35, 64)
        assert rows[cast.peer.name].figures.share == Fraction(35, 65)
        assert rows["East Team"].figures.share == Fraction(35, 65)

    def test_a_figure_of_then_is_by_the_calendar_of_then(
        self, cast: Cast, acting: Any, browse: Any, munich: WorkCalendar, clock: Any
    ) -> None:
        before = datetime(2026, 5, 20, tzinfo=UTC).date()
        clock.move_to(datetime(2026, 5, 21, 9, tzinfo=UTC))
        works_by(cast, browse, cast.rep, munich)
        with acting(cast.rep):
            known = AsOf.of({"known": before.isoformat()})
        assert attained(cast, acting, cast.rep, known).quarter.share == Fraction(36, 65)
        assert attained(cast, acting, cast.rep).quarter.share == Fraction(36, 64)

    def test_nothing_is_asked_of_a_day_off(self, cast: Cast, acting: Any, browse: Any, clock: Any) -> None:
        with acting(cast.admin):
            row = create_work_calendar(by=cast.admin.pk, name="No Wednesdays", weekdays=[0, 1, 3, 4])
        with acting(cast.manager):
            set_target(
                by=cast.manager.pk, person_id=cast.rep.pk, kind="", per="day", number=5, starts_on=today()
            )
        works_by(cast, browse, cast.rep, row)
        with acting(cast.rep):
            cast.rep.refresh_from_db()
            (line,) = own_targets(reach(), cast.rep)
        assert line.day.target is None


class TestPages:
    def test_from_a_calendar_to_a_persons_pace(self, cast: Cast, browse: Any) -> None:
        client = browse(cast.admin)
        made = client.post(
            reverse("work_calendar_create"), {"name": "Munich", "weekdays": ["0", "1", "2", "3", "4"]}
        )
        calendar = WorkCalendar.objects.get(name="Munich")
        assert made["Location"] == f"{LIST}?calendar={calendar.pk}"
        form = client.get(f"{reverse('public_holidays_add')}?calendar={calendar.pk}").content.decode()
        assert "Munich" in form
        sent = {"country": "DE", "region": "BY", "year": "2026"}
        address = f"{reverse('public_holidays_add')}?calendar={calendar.pk}"
        page = plain(client.post(address, sent, follow=True))
        assert "days are off now." in page
        assert "Corpus Christi Thursday, June 4, 2026" in page
        assert "Monday, Tuesday, Wednesday, Thursday, Friday" in page
        assert "Corpus Christi" not in plain(client.get(LIST))
        works_by(cast, browse, cast.rep, calendar)
        history = plain(client.get(reverse("person_detail", args=[cast.rep.pk])))
        assert "Work calendar: — → Munich" in history

    def test_a_wrong_region_says_which_there_are(self, cast: Cast, browse: Any) -> None:
        sent = {"country": "AT", "region": "BY", "year": "2026"}
        answer = browse(cast.admin).post(reverse("public_holidays_add"), sent)
        assert answer.status_code == 422
        assert "BY is none of its regions: 1, 2" in plain(answer)

    def test_a_name_twice(self, cast: Cast, browse: Any, munich: WorkCalendar) -> None:
        answer = browse(cast.admin).post(
            reverse("work_calendar_create"), {"name": "Munich", "weekdays": ["0"]}
        )
        assert (answer.status_code, "already taken" in plain(answer)) == (422, True)
        assert browse(cast.rep).get(f"{LIST}?calendar=77").status_code == 404

    def test_a_day_is_removed_where_it_was(
        self, cast: Cast, browse: Any, acting: Any, munich: WorkCalendar
    ) -> None:
        with acting(cast.admin):
            row = DayOff.objects.get(calendar=munich)
        answer = browse(cast.admin).post(reverse("day_off_remove", args=[row.pk]), {})
        assert answer["Location"] == f"{LIST}?calendar={munich.pk}"
        with acting(cast.admin), pytest.raises(NotInReach):
            remove_day_off(by=cast.admin.pk, day_off_id=row.pk)
