"""How many activities people did, beside what is asked of them: today, this month, this fiscal year."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from common.access import Reach
from common.calendars import Span, month_of
from common.history import MOST, Change, recorded
from common.locale import format_date, format_number
from common.models import Period
from common.selectors import today, work_days
from common.transaction import now
from pipeline.models import Activity, ActivityTarget
from pipeline.rules.targets import Asked, expected
from territories.models import Seat, User
from territories.selectors import leads_of

PERS = ActivityTarget.Per.values
MOST_PEOPLE = 200


@dataclass(frozen=True)
class Figure:
    """What was done on some days, of what is asked for them, and what of it was expected by now; None: nothing is.

    `usual`: of a day off, what is asked on working days.
    """

    start: date
    last: date
    actual: int
    target: int | None = None
    expected: int | None = None
    usual: int | None = None


@dataclass(frozen=True)
class Line:
    """A person with their day, month and year, by their own clock."""

    person: User
    day: Figure
    month: Figure
    year: Figure

    @property
    def figures(self) -> list[Figure]:
        return [self.day, self.month, self.year]


@dataclass(frozen=True)
class Own:
    """What a person did of a kind of activities today and this month, with the kind's name; all kinds without one."""

    person: User
    kind: str
    name: str
    day: Figure
    month: Figure


@dataclass(frozen=True)
class Sum:
    """The figures of all of whom something is asked, together, and what the `others` did beside them."""

    actual: int
    target: int | None
    expected: int | None
    others: int


@dataclass(frozen=True)
class Team:
    """The people whom one person leads, and their figures together; without a lead those whom nobody leads."""

    lead: str
    lines: Sequence[Line]
    sums: Sequence[Sum]


def people_with_targets(mine: Reach) -> QuerySet[User]:
    """Whose activities the reader may hold against targets: their own, and of those they lead; of everybody who sits
    somewhere for who reads all.
    """
    everybody = User.objects.filter(is_active=True)
    if "org" in mine.relations("activity_target", "list"):
        return everybody.filter(Exists(Seat.objects.on(today()).filter(user=OuterRef("pk"))))
    led = mine.people if "people" in mine.relations("activity_target") else ()
    return everybody.filter(pk__in=[*led, *mine.ids("own")])


def own_day(person: User) -> date:
    """The day that it is for a person, by their own clock."""
    return now().astimezone(ZoneInfo(person.time_zone)).date()


def target_lines(mine: Reach, people: Iterable[User], kind: str = "") -> list[Line]:
    """Each person's figures of a kind of activities, or of all kinds where none is given."""
    found = list(people)
    days = {person.pk: own_day(person) for person in found}
    year = _year()
    counts = _counts(mine, found, days, year, kind)
    asked = _asked(mine, found, kind)
    return [_line(person, days[person.pk], year, counts, asked) for person in found]


def sums(lines: Sequence[Line]) -> list[Sum]:
    """The lines added up: day, month, year."""
    return [_sum(column) for column in zip(*(line.figures for line in lines), strict=True)]


def _sum(column: Sequence[Figure]) -> Sum:
    """Where nothing is asked of anybody, what all did together."""
    asked = [one for one in column if one.target is not None or one.expected is not None] or column
    done = sum(one.actual for one in asked)
    return Sum(
        done,
        _added(one.target for one in asked),
        _added(one.expected for one in asked),
        sum(one.actual for one in column) - done,
    )


def teams(lines: Sequence[Line]) -> list[Team]:
    """The lines by who leads them, by name; those whom nobody leads come last, a lone reader in none."""
    leads = leads_of([line.person.pk for line in lines], today()) if len(lines) > 1 else {}
    names = dict(User.objects.filter(pk__in=set(leads.values())).values_list("pk", "name"))
    by_lead: dict[int, list[Line]] = {}
    for line in lines:
        by_lead.setdefault(leads.get(line.person.pk, 0), []).append(line)
    found = [Team(names.get(pk, ""), team, sums(team)) for pk, team in by_lead.items()]
    return sorted(found, key=lambda team: (not team.lead, team.lead))


def target_now(mine: Reach, person: User, kind: str, per: str) -> int | None:
    """What is asked of a person on their day; None where nothing is."""
    rows = ActivityTarget.objects.visible_to(mine).on(own_day(person))
    number: int | None = (
        rows.filter(person=person, kind=kind, per=per).values_list("number", flat=True).first()
    )
    return number


def targets_of(mine: Reach, person_id: int) -> list[ActivityTarget]:
    """What is asked of a person from today on: what holds and what is to come."""
    rows = ActivityTarget.objects.visible_to(mine).overlapping(today(), None).filter(person_id=person_id)
    return list(rows.order_by("kind", "per", "starts_on"))


def own_targets(mine: Reach, person: User) -> list[Own]:
    """What is asked of a person for today and this month, by kind, all kinds together first; nothing where none is."""
    day = own_day(person)
    month, asked = month_of(day), dict[str, Asks]()
    rows = ActivityTarget.objects.visible_to(mine).filter(person=person, per__in=["day", "month"])
    for row in rows.overlapping(month.start, day + timedelta(1)).order_by("kind", "starts_on"):
        asked.setdefault(row.kind, {}).setdefault(row.per, []).append(_asked_by(row))
    asked = {kind: asks for kind, asks in asked.items() if any(_on(day, rows) for rows in asks.values())}
    if not asked:
        return []
    done = Activity.objects.visible_to(mine).filter(owner=person, **_within(month))
    by_kind = done.order_by().values_list("kind").annotate(**_counts_of(day))
    counts = {kind: (on_day, in_month) for kind, on_day, in_month in by_kind}
    counts[""] = sum(one[0] for one in counts.values()), sum(one[1] for one in counts.values())
    names = {"": _("All types"), **dict(Activity.Kind.choices)}
    return [
        Own(person, kind, str(names[kind]), *_day_and_month(person, day, counts.get(kind, (0, 0)), asks))
        for kind, asks in asked.items()
    ]


def target_history(mine: Reach, person_id: int) -> list[Change]:
    """What was ever asked of a person, the newest first: by whom, when, and who took it back or changed it."""
    rows = ActivityTarget.objects.visible_to(mine).filter(person=person_id).order_by("-recorded_at", "-pk")
    return recorded(list(rows[:MOST]), _in_words)


def _in_words(row: ActivityTarget) -> str:
    words = {
        "number": format_number(row.number),
        "per": row.get_per_display(),
        "kind": row.get_kind_display() or _("all types"),
        "start": format_date(row.starts_on),
    }
    if row.stops_on is None:
        return _("%(number)s %(per)s, %(kind)s, from %(start)s on") % words
    last = format_date(row.stops_on - timedelta(1))
    return _("%(number)s %(per)s, %(kind)s, %(start)s – %(last)s") % {**words, "last": last}


def _added(numbers: Iterable[int | None]) -> int | None:
    known = [number for number in numbers if number is not None]
    return sum(known) if known else None


def _year() -> Span:
    """The fiscal year of today; the calendar year where there is none."""
    day = today()
    year = Period.objects.filter(kind=Period.Kind.YEAR).holding(day).first()
    return year.span if year else Span(date(day.year, 1, 1), date(day.year + 1, 1, 1))


def _within(span: Span) -> dict[str, date]:
    return {"done_on__gte": span.start, "done_on__lt": span.stop}


def _counts_of(day: date) -> dict[str, Count]:
    """How many were done on a day and in its month."""
    in_month = Q(**_within(month_of(day)))
    return {"on_day": Count("pk", filter=Q(done_on=day)), "in_month": Count("pk", filter=in_month)}


Counts = dict[int, tuple[int, int, int]]
Asks = dict[str, list[Asked]]
"""What is asked, by per what."""


def _counts(mine: Reach, people: Sequence[User], days: dict[int, date], year: Span, kind: str) -> Counts:
    """What each person did on their day, in its month and in the year, by one query."""
    first = min((day.replace(day=1) for day in days.values()), default=year.start)
    rows = Activity.objects.visible_to(mine).filter(
        owner__in=people,
        done_on__gte=min(first, year.start),
        done_on__lt=max(year.stop, today() + timedelta(2)),
    )
    rows = rows.filter(kind=kind) if kind else rows
    grouped: dict[date, list[int]] = {}
    for person, day in days.items():
        grouped.setdefault(day, []).append(person)
    found: Counts = {}
    for day, ids in grouped.items():  # two or three days, as many as there are dates on earth at once
        counted = rows.filter(owner__in=ids).order_by().values_list("owner_id")
        counted = counted.annotate(**_counts_of(day), in_year=Count("pk", filter=Q(**_within(year))))
        found |= {person: (on_day, in_month, in_year) for person, on_day, in_month, in_year in counted}
    return found


def _asked(mine: Reach, people: Sequence[User], kind: str) -> dict[int, Asks]:
    """What is or was asked of these people, by person."""
    rows = ActivityTarget.objects.visible_to(mine).current().filter(person__in=people, kind=kind)
    found: dict[int, Asks] = {}
    for row in rows.order_by("starts_on"):
        found.setdefault(row.person_id, {}).setdefault(row.per, []).append(_asked_by(row))
    return found


def _asked_by(row: ActivityTarget) -> Asked:
    return Asked(row.starts_on, row.stops_on, row.number)


def _on(day: date, asked: Iterable[Asked]) -> int | None:
    """The number that is asked on a day; None where nothing is."""
    return next(
        (one.number for one in asked if one.start <= day and not (one.stop and one.stop <= day)), None
    )


def _day_and_month(person: User, day: date, actual: tuple[int, int], asks: Asks) -> tuple[Figure, Figure]:
    """What was done on a day and in its month, beside what is asked; a day off is asked nothing."""
    month, daily = month_of(day), asks.get("day", [])
    work = work_days(person.work_calendar_id)
    asked, so_far = _on(day, daily), expected(daily, month.start, day, work)
    return (
        Figure(day, day, actual[0], usual=asked) if day not in work else Figure(day, day, actual[0], asked),
        Figure(month.start, month.last_day, actual[1], _on(day, asks.get("month", [])), so_far),
    )


def _line(person: User, day: date, year: Span, counts: Counts, asked: dict[int, Asks]) -> Line:
    on_day, in_month, in_year = counts.get(person.pk, (0, 0, 0))
    asks = asked.get(person.pk, {})
    this_year = Figure(year.start, year.last_day, in_year, _on(day, asks.get("year", [])))
    return Line(person, *_day_and_month(person, day, (on_day, in_month), asks), this_year)
