"""Who held what when, and as it was known on another day: of a person, of a territory, of an account."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _

from accounts.models import Account, AccountTerritory, Hold, ModuleMember, Rule
from common.access import Reach
from common.calendars import Span
from common.dated import DatedQuerySet
from common.history import with_reason
from common.locale import format_date, format_percent
from common.money import WHOLE_SHARE
from common.written import Cell
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
        return rows.known_at(self.known_at) if self.known_at else rows.current()

    def of(self, rows: DatedQuerySet) -> DatedQuerySet:
        return self.known(rows).touching(self.window.start, self.window.stop)

    def made(self, rows: DatedQuerySet, *same: str) -> DatedQuerySet:
        """The same with the reason why each began (`made`): who ended one wrote their own reason over it."""
        first = rows.model.objects.filter(**{name: OuterRef(name) for name in (*same, "starts_on")})
        reasons = first.order_by("recorded_at", "pk").values("reason")[:1]
        found: DatedQuerySet = self.of(rows).annotate(made=Subquery(reasons))
        return found


@dataclass(frozen=True)
class Held:
    """On these days somebody held something: in words, with what brought it about and who recorded it when."""

    span: Span
    what: str
    how: str = ""
    cause: str = ""
    recorded_at: datetime | None = None
    recorded_by: str = ""

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
        return [self.span.start, until, self.what, self.how, self.cause, self.recorded_by]


def held_by_person(person: User, asked: Asked) -> list[Held]:
    """Where a person sat, in which seat and with which share of their time, in the order of the days."""
    rows = asked.made(Seat.objects.filter(user=person), *SEAT).select_related("territory", "recorded_by")
    return _ordered(
        _held(seat, _("%(kind)s of %(place)s"), kind=seat.get_kind_display(), place=seat.territory.name)
        for seat in rows
    )


def held_of_territory(territory: Territory, asked: Asked) -> list[Held]:
    """Who sat on a territory, and on which days nobody owned or led it."""
    seats = asked.made(Seat.objects.filter(territory=territory), *SEAT)
    rows = list(seats.select_related("user", "recorded_by"))
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
    places = list(rows.select_related("territory", "recorded_by"))
    owned = asked.known(
        Seat.objects.filter(kind=Seat.Kind.OWNER, territory__in={row.territory_id for row in places})
    )
    owners = list(owned.select_related("user"))
    named = dict(Rule.objects.filter(pk__in={row.cause_id for row in places}).values_list("pk", "name"))
    holds = asked.made(Hold.objects.filter(account=account), "account", "person")
    modules = asked.of(ModuleMember.objects.filter(account=account)).select_related("module", "recorded_by")
    return _ordered(
        [
            *(part for row in places for part in _placed(row, owners, asked.window, named)),
            *(
                _held(row, _("held by %(name)s"), name=row.person.name)
                for row in holds.select_related("person", "recorded_by")
            ),
            *(_held(row, _("in the module %(name)s"), name=row.module.name) for row in modules),
        ]
    )


def _placed(
    row: AccountTerritory, owners: Sequence[Seat], window: Span, rules_by_id: dict[int, str]
) -> list[Held]:
    """An account's time in a territory, by who owned that."""
    theirs = [seat for seat in owners if seat.territory_id == row.territory_id]
    parts = [(both, seat.user.name) for seat in theirs if (both := seat.span.shared(row.span))]
    whole = Span(row.starts_on, row.stops_on or LAST)
    empty = rules.gaps([span for span, _name in parts], whole) if row.coverage == "field" else []
    cause = with_reason(_cause(row, rules_by_id), row.reason)
    where = _("in %(place)s") if row.coverage == "field" else _("in %(place)s (%(coverage)s)")
    where %= {"place": row.territory.name, "coverage": row.get_coverage_display()}
    owned = [(span, _("owned by %(name)s") % {"name": name}) for span, name in parts]
    lone = [(span, _("owned by nobody")) for span in empty]
    pieces = [*owned, *lone] or [(row.span, "")]
    return [
        Held(span, where, how, cause, row.recorded_at, _by(row))
        for span, how in pieces
        if span.shared(window)
    ]


def _cause(row: AccountTerritory, rules_by_id: dict[int, str]) -> str:
    """What put it there, such as *by rule West, version 3*."""
    said = row.get_cause_display()
    if row.cause != "rule" or row.cause_id not in rules_by_id:
        return said
    words = {"said": said, "name": rules_by_id[row.cause_id], "version": row.cause_version}
    return _("%(said)s %(name)s, version %(version)s") % words


def _held(row: Seat | Hold | ModuleMember, words: str, **facts: object) -> Held:
    share = getattr(row, "share", WHOLE_SHARE)
    how = (
        ""
        if share == WHOLE_SHARE
        else _("%(share)s of their time") % {"share": format_percent(share / WHOLE_SHARE, 0)}
    )
    cause = getattr(row, "made", row.reason)
    return Held(row.span, words % facts, how, cause, row.recorded_at, _by(row))


def _by(row: Seat | Hold | ModuleMember | AccountTerritory) -> str:
    return row.recorded_by.name if row.recorded_by else ""


def _ordered(held: Iterable[Held]) -> list[Held]:
    return sorted(held, key=lambda one: (one.span.start, one.span.stop, one.what))
