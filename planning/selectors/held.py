"""Who held what when, and as it was known on another day: of a person, of a territory, of an account."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Account, AccountTerritory, Cause, Hold, ModuleMember, Rule, RuleRun
from accounts.selectors.places import taken_back
from common.access import Reach
from common.calendars import Span
from common.dated import DatedQuerySet
from common.history import with_reason
from common.locale import format_date, format_percent
from common.money import WHOLE_SHARE
from common.written import Cell
from planning.models import Draft
from territories import rules
from territories.models import Seat, Territory, User

LAST = date.max - timedelta(days=1)
"""Gaps are looked for up to this day: what lasts until then has no end."""

SEAT = ("user", "territory", "kind")
"""By these, with the first day, a seat is the same one whenever it was recorded."""


@dataclass(frozen=True)
class Asked:
    """The days that are asked about, and the instant of which the answer is; None: what is known now."""

    window: Span
    known_at: datetime | None = None

    def known(self, rows: DatedQuerySet) -> DatedQuerySet:
        return rows.known(self.known_at)

    def of(self, rows: DatedQuerySet) -> DatedQuerySet:
        return self.known(rows).touching(self.window.start, self.window.stop)


class Source(NamedTuple):
    """The realignment or rule that put an account somewhere, for those who may open it."""

    name: str
    url: str


@dataclass(frozen=True)
class Held:
    """On these days somebody held something: in words, with what brought it about and who recorded it when.

    `ended_by`, `ended_at`: who recorded its end, where that was not said from the beginning.
    """

    span: Span
    what: str
    how: str = ""
    cause: str = ""
    recorded_at: datetime | None = None
    recorded_by: str = ""
    ended_at: datetime | None = None
    ended_by: str = ""
    source: Source | None = None

    @property
    def is_open(self) -> bool:
        return self.span.stop >= LAST

    @property
    def sentence(self) -> str:
        """Such as *From Jan 1, 2025 on: owner of East 1*."""
        said = _("From %(start)s on: %(what)s") if self.is_open else _("%(start)s to %(last)s: %(what)s")
        words = {"start": format_date(self.span.start), "last": format_date(self.span.last_day)}
        what = f"{self.what}, {self.how}" if self.how else self.what
        return with_reason(said % {**words, "what": what}, self.cause)

    def cells(self) -> list[Cell]:
        """The same as a row of a file."""
        until: Cell = "" if self.is_open else self.span.last_day
        return [self.span.start, until, self.what, self.how, self.cause, self.recorded_by, self.ended_by]


def held_by_person(person: User, asked: Asked) -> list[Held]:
    """Where a person sat, in which seat and with which share of their time, in the order of the days."""
    rows = asked.of(Seat.objects.filter(user=person)).traced(*SEAT).select_related("territory")
    return _ordered(
        _held(seat, _("%(kind)s of %(place)s"), kind=seat.get_kind_display(), place=seat.territory.name)
        for seat in rows
    )


def held_of_territory(territory: Territory, asked: Asked) -> list[Held]:
    """Who sat on a territory, and on which days nobody owned or led it."""
    seats = asked.of(Seat.objects.filter(territory=territory)).traced(*SEAT)
    rows = list(seats.select_related("user"))
    lasting = [seat.span for seat in rows if seat.kind in Seat.LASTING]
    nobody = [Held(span, _("nobody")) for span in rules.gaps(lasting, asked.window)]
    seated = (
        _held(seat, _("%(person)s as %(kind)s"), person=seat.user.name, kind=seat.get_kind_display())
        for seat in rows
    )
    return _ordered([*seated, *([] if territory.is_unassigned else nobody)])


def held_of_account(mine: Reach, account: Account, asked: Asked) -> list[Held]:
    """Where an account was and who owned it there; who held it, and in which module it was."""
    rows = asked.of(AccountTerritory.objects.filter(mine.q(AccountTerritory), account=account))
    places = list(rows.traced("account", "territory", "coverage").select_related("territory"))
    owned = asked.known(
        Seat.objects.filter(kind=Seat.Kind.OWNER, territory__in={row.territory_id for row in places})
    )
    owners = list(owned.select_related("user"))
    ruled = {row.cause_id for row in places if row.cause == Cause.RULE}
    named = dict(Rule.objects.filter(pk__in=ruled).values_list("pk", "name")) if ruled else {}
    sources, back = _sources(mine, places, named), taken_back(places)
    holds = asked.of(Hold.objects.filter(account=account)).traced("account", "person")
    modules = asked.of(ModuleMember.objects.filter(account=account)).traced("account", "module")
    return _ordered(
        [
            *(
                replace(part, source=sources.get((row.cause, row.cause_id)))
                for row in places
                for part in _placed(row, owners, asked.window, _why(row, named, back.get(row.pk)))
            ),
            *(
                _held(row, _("held by %(name)s"), name=row.person.name)
                for row in holds.select_related("person")
            ),
            *(
                _held(row, _("in the module %(name)s"), name=row.module.name)
                for row in modules.select_related("module")
            ),
        ]
    )


def _sources(
    mine: Reach, places: Iterable[AccountTerritory], rules_by_id: Mapping[int, str]
) -> dict[tuple[str, int | None], Source]:
    """By cause and its id what put accounts there, as far as the reader may open it."""
    ids = {row.cause_id for row in places if row.cause == Cause.REALIGNMENT}
    drafts = Draft.objects.visible_to(mine).filter(pk__in=ids).values_list("pk", "name") if ids else ()
    found: dict[tuple[str, int | None], Source] = {
        (Cause.REALIGNMENT, pk): Source(name, reverse("draft_detail", args=[pk])) for pk, name in drafts
    }
    if mine.relations("rule", "list"):
        for pk, name in rules_by_id.items():
            found[Cause.RULE, pk] = Source(name, reverse("rule_detail", args=[pk]))
    return found


def _placed(row: AccountTerritory, owners: Sequence[Seat], window: Span, cause: str) -> list[Held]:
    """An account's time in a territory, by who owned that."""
    theirs = [seat for seat in owners if seat.territory_id == row.territory_id]
    parts = [(both, seat.user.name) for seat in theirs if (both := seat.span.shared(row.span))]
    whole = Span(row.starts_on, row.stops_on or LAST)
    empty = rules.gaps([span for span, _name in parts], whole) if row.coverage == "field" else []
    where = _("in %(place)s") if row.coverage == "field" else _("in %(place)s (%(coverage)s)")
    where %= {"place": row.territory.name, "coverage": row.get_coverage_display()}
    owned = [(span, _("owned by %(name)s") % {"name": name}) for span, name in parts]
    lone = [(span, _("owned by nobody")) for span in empty]
    pieces = [*owned, *lone] or [(row.span, "")]
    return [
        Held(span, where, how, cause, **_records(row, is_last=span.stop == row.span.stop))
        for span, how in pieces
        if span.shared(window)
    ]


def _why(row: AccountTerritory, rules_by_id: dict[int, str], back: RuleRun | None) -> str:
    """What put it there, with its reason; and that it is there again because a run of the rules was taken back."""
    said = with_reason(_cause(row, rules_by_id), row.reason)
    if back is None:
        return said
    words = {"said": said, "day": format_date(back.starts_on)}
    return _("%(said)s; here again, as the run of the rules from %(day)s was taken back") % words


def _cause(row: AccountTerritory, rules_by_id: dict[int, str]) -> str:
    """What put it there, such as *by rule West, version 3*."""
    said = row.get_cause_display()
    if row.cause != "rule" or row.cause_id not in rules_by_id:
        return said
    words = {"said": said, "name": rules_by_id[row.cause_id], "version": row.cause_version}
    return _("%(said)s %(name)s, version %(version)s") % words


def _held(row: Any, words: str, **facts: object) -> Held:
    """What a traced row says."""
    share = getattr(row, "share", WHOLE_SHARE)
    how = (
        ""
        if share == WHOLE_SHARE
        else _("%(share)s of their time") % {"share": format_percent(share / WHOLE_SHARE, 0)}
    )
    return Held(row.span, words % facts, how, row.made, **_records(row))


def _records(row: Any, *, is_last: bool = True) -> dict[str, Any]:
    """Who recorded a traced row's beginning and, where that came later, its end; of its last part alone."""
    told = {"recorded_at": row.begun_at, "recorded_by": row.begun_by or ""}
    if is_last and row.ended_at and row.ended_at != row.begun_at:
        told |= {"ended_at": row.ended_at, "ended_by": row.ended_by or _("nobody: automatically")}
    return told


def _ordered(held: Iterable[Held]) -> list[Held]:
    return sorted(held, key=lambda one: (one.span.start, one.span.stop, one.what))
