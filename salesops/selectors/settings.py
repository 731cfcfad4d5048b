"""The settings page: every part of the set-up, what it is now, and who changed it last."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import BigIntegerField, CharField, Count, DateField, DateTimeField, F, QuerySet, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Concat
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_stubs_ext import StrOrPromise

from catalog.models import Family, PriceBook, Product
from common.history import names_of
from common.locale import format_date, format_number
from common.models import DayOff, Organisation, Period, Rate, Run, Setting
from common.policies import POLICIES, Group, Policy
from common.selectors import policy, the_organisation
from imports.models import Batch
from imports.rules.steps import STEPS
from pipeline.models import PlanTemplate, SalesModel, Stage
from territories.models import Edge, RoleGrant, User
from workspace.models import Invitation, ListValue, OwnField, StandIn


@dataclass(frozen=True)
class Last:
    """Who changed something last, and when."""

    by: int | None
    at: datetime


@dataclass(frozen=True)
class Line:
    """One setting: its page, what it is now, and who changed it last; `at` None where nobody did."""

    label: StrOrPromise
    url: str
    now: str
    by: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class Section:
    """Settings that belong together."""

    label: StrOrPromise
    lines: list[Line]


@dataclass(frozen=True)
class Fact:
    """What one statement found about a part of the set-up: a text or a number, a day, and who changed it last."""

    text: str = ""
    day: date | None = None
    last: Last | None = None

    @property
    def number(self) -> int:
        return int(self.text or 0)


Entry = tuple[StrOrPromise, str, str, Last | None]
Facts = dict[str, Fact]
Found = QuerySet[Any, tuple[Any, ...]]


def sections(today: date) -> list[Section]:
    """Everything that can be set, in the order in which a company sets it up."""
    facts = _facts(today)
    parts: list[tuple[StrOrPromise, list[Entry]]] = [
        (_("Company"), _company(facts)),
        *_policies(today),
        (_("Lists and catalogue"), _lists(facts)),
        (_("People and territories"), _people(facts)),
        (_("Tables and imports"), _tables(facts)),
        (_("Nights"), _nights()),
    ]
    ids = {last.by for _label, entries in parts for *_entry, last in entries if last and last.by}
    people = names_of(User, set(ids))
    return [Section(label, [_line(entry, people) for entry in entries]) for label, entries in parts]


def _line(entry: Entry, people: dict[Any, str]) -> Line:
    label, url, now, last = entry
    by = people.get(last.by, _("the system")) if last else ""
    return Line(label, url, now, by, last.at if last else None)


# ---- one statement for all that is counted, named and changed ----

COLUMNS = ("part", "text", "day", "who", "at")
NOTHING = {
    "text": Value("", CharField()),
    "day": Cast(Value(None), DateField()),
    "who": Cast(Value(None), BigIntegerField()),
    "at": Cast(Value(None), DateTimeField()),
}

EVENT = {
    "who": Cast(KeyTextTransform("by", "pgh_context"), BigIntegerField()),
    "at": F("pgh_created_at"),
}


def _facts(today: date) -> Facts:
    """What the page says of the parts of the set-up, by their names; what was not found is empty."""
    first, *others = [*_found(today), *_changes()]
    rows = first.union(*others, all=True)
    facts = {part: Fact(text, day, Last(who, at) if at else None) for part, text, day, who, at in rows}
    return defaultdict(Fact, facts)


def _found(today: date) -> Iterable[Found]:
    years = Period.objects.filter(kind=Period.Kind.YEAR).order_by("-starts_on")
    coming = DayOff.objects.current().filter(calendar=None, starts_on__gte=today).order_by("starts_on")
    offered = ListValue.objects.filter(is_offered=True)
    waiting = Invitation.objects.filter(accepted_at=None, revoked_at=None)
    values = StringAgg("value", ", ", order_by="position")
    stages = StringAgg("name", " → ", order_by="position")
    yield _part("years", years, day=F("stops_on"))[:1]
    yield _part("day off", coming, text=F("name"), day=F("starts_on"))[:1]
    yield _grouped(Concat(Value("offered "), "list"), offered, values)
    yield _grouped(Value("stages"), Stage.objects.offered().filter(sales_model__is_usual=True), stages)
    yield _counted("currencies", Rate.objects.current(), "currency")
    yield _counted("products", Product.objects.sold_on(today))
    yield _counted("families", Family.objects.all())
    yield _counted("price books", PriceBook.objects.filter(is_retired=False))
    yield _counted("plan templates", PlanTemplate.objects.filter(is_retired=False))
    yield _counted("own fields", OwnField.objects.exclude(position=None))
    yield _counted("territories", Edge.objects.on(today))
    yield _counted("people", User.objects.filter(is_active=True))
    yield _counted("waiting", waiting)
    yield _counted("away", StandIn.objects.overlapping(today, None))
    yield _counted("imports", _applied())


def _changes() -> Iterable[Found]:
    """The newest change of each part: of rows whose history is kept, and of what holds by days."""
    for edited in (Organisation, Period, SalesModel, PlanTemplate, Product, PriceBook, OwnField):
        yield _part(edited.__name__, _events(edited).order_by("-pgh_id"), **EVENT)[:1]
    for name in ListValue.List.values:
        yield _part(f"list {name}", _events(ListValue).filter(list=name).order_by("-pgh_id"), **EVENT)[:1]
    for dated in (DayOff, Rate, Edge, RoleGrant, StandIn):
        newest = dated.objects.order_by("-recorded_at", "-pk")
        yield _part(dated.__name__, newest, who=F("recorded_by_id"), at=F("recorded_at"))[:1]
    yield _part("Invitation", Invitation.objects.order_by("-pk"), who=F("by_id"), at=F("made_at"))[:1]
    brought = _applied().exclude(applied_at=None).order_by("table", "-pk").distinct("table")
    table = Concat(Value("table "), "table")
    yield _part(table, brought, text=F("name"), who=F("by_id"), at=F("applied_at"))


def _events(model: Any) -> QuerySet[Any]:
    """The history of a model's rows."""
    rows: QuerySet[Any] = model._meta.get_field("history").related_model.objects.all()
    return rows


def _applied() -> QuerySet[Batch]:
    return Batch.objects.filter(state=Batch.State.APPLIED)


def _part(name: Any, rows: QuerySet[Any], **columns: Any) -> Found:
    """The rows as facts of that name."""
    part = Value(name) if isinstance(name, str) else name
    return _told(rows, {"part": Cast(part, CharField()), **NOTHING, **columns})


def _grouped(name: Any, rows: QuerySet[Any], text: Any) -> Found:
    """One fact for all rows of a name."""
    grouped: QuerySet[Any] = rows.order_by().annotate(a_part=Cast(name, CharField())).values("a_part")
    return _told(grouped, {**NOTHING, "text": Cast(text, CharField())})


def _told(rows: QuerySet[Any], columns: dict[str, Any]) -> Found:
    told = rows.annotate(**{f"a_{name}": value for name, value in columns.items()})
    found: Found = told.values_list(*(f"a_{name}" for name in COLUMNS))
    return found


def _counted(name: str, rows: QuerySet[Any], column: str = "pk") -> Found:
    return _grouped(Value(name), rows, Count(column, distinct=True))


# ---- the sections ----


def _company(facts: Facts) -> list[Entry]:
    company, end, off = the_organisation(), facts["years"].day, facts["day off"]
    years = (
        _("until %(day)s") % {"day": format_date(end - timedelta(days=1))} if end else _("no fiscal year yet")
    )
    coming = f"{off.text}, {format_date(off.day)}" if off.day else _("none to come")
    rated = facts["currencies"].number
    return [
        (
            _("Organisation"),
            reverse("organisation_edit"),
            f"{company.name} · {company.reporting_currency} · {company.time_zone}",
            facts["Organisation"].last,
        ),
        (_("Fiscal calendar"), reverse("calendar"), years, facts["Period"].last),
        (_("Days off"), reverse("day_off_list"), coming, facts["DayOff"].last),
        (
            _("Exchange rates"),
            reverse("rate_list"),
            ngettext("%(number)s currency", "%(number)s currencies", rated)
            % {"number": format_number(rated)},
            facts["Rate"].last,
        ),
    ]


def _policies(today: date) -> list[tuple[StrOrPromise, list[Entry]]]:
    """The settings by group: what each is, what it is going to be, and the last decision about it."""
    rows = Setting.objects.filter(stops_on=None).order_by("pk")
    latest = {row.name: row for row in rows}
    coming = {row.name: row for row in rows if row.superseded_at is None and row.starts_on > today}
    found: dict[Group, list[Entry]] = {group: [] for group in Group}
    for one in POLICIES.values():
        row, url = latest.get(one.name), reverse("policy_edit", args=[one.name])
        last = Last(row.recorded_by_id, row.recorded_at) if row else None
        found[one.group].append((one.label, url, _now_and_then(one, coming.get(one.name)), last))
    return [(group.label, entries) for group, entries in found.items()]


def _now_and_then(one: Policy, coming: Setting | None) -> str:
    """What the setting is, and what it is going to be."""
    text = one.in_words(policy(one.name))
    if coming is None:
        return text
    words = {"now": text, "day": format_date(coming.starts_on), "then": one.in_words(coming.value)}
    return _("%(now)s, from %(day)s on %(then)s") % words


def _lists(facts: Facts) -> list[Entry]:
    words = {name: format_number(facts[name].number) for name in ("products", "families")}
    books, plans = facts["price books"].number, facts["plan templates"].number
    own = facts["own fields"].number
    return [
        *(
            (
                name.label,
                reverse("list_value_list", args=[name.value]),
                facts[f"offered {name.value}"].text or _("what people wrote so far"),
                facts[f"list {name.value}"].last,
            )
            for name in ListValue.List
        ),
        (
            _("Own fields"),
            reverse("own_field_list", args=["account"]),
            ngettext("%(number)s in use", "%(number)s in use", own) % {"number": format_number(own)},
            facts["OwnField"].last,
        ),
        (
            _("Sales models"),
            reverse("sales_model_list"),
            facts["stages"].text or _("none yet"),
            facts["SalesModel"].last,
        ),
        (
            _("Plan templates"),
            reverse("plan_template_list"),
            ngettext("%(number)s in use", "%(number)s in use", plans) % {"number": format_number(plans)},
            facts["PlanTemplate"].last,
        ),
        (
            _("Catalogue"),
            reverse("product_list"),
            _("%(products)s products in %(families)s families") % words,
            facts["Product"].last,
        ),
        (
            _("Price books"),
            reverse("price_book_list"),
            ngettext("%(number)s in use", "%(number)s in use", books) % {"number": format_number(books)},
            facts["PriceBook"].last,
        ),
    ]


def _people(facts: Facts) -> list[Entry]:
    nodes, people = facts["territories"].number, facts["people"].number
    waiting, away = facts["waiting"].number, facts["away"].number
    return [
        (
            _("Territories"),
            reverse("territory_tree"),
            ngettext("%(number)s territory", "%(number)s territories", nodes)
            % {"number": format_number(nodes)},
            facts["Edge"].last,
        ),
        (
            _("People"),
            reverse("person_list"),
            ngettext("%(number)s person", "%(number)s people", people) % {"number": format_number(people)},
            facts["RoleGrant"].last,
        ),
        (
            _("Invitations"),
            reverse("invitation_list"),
            ngettext("%(number)s open", "%(number)s open", waiting) % {"number": format_number(waiting)},
            facts["Invitation"].last,
        ),
        (_("Partners"), reverse("partner_list"), _("through whom you sell, and their people"), None),
        (
            _("Stand-ins"),
            reverse("stand_in_list"),
            ngettext("%(number)s now or later", "%(number)s now or later", away)
            % {"number": format_number(away)},
            facts["StandIn"].last,
        ),
        (
            _("Workload and coverage"),
            reverse("touch_norm_list"),
            _("touches by segment and tier, and who sells to a segment"),
            None,
        ),
        (
            _("Questions about accounts"),
            reverse("account_lookup_list"),
            _("who asked for accounts that they do not see"),
            None,
        ),
        (_("Lists taken as files"), reverse("export_list"), _("who took which list, and when"), None),
    ]


def _tables(facts: Facts) -> list[Entry]:
    """The tables by which a company is set up, each with when it was last applied, and everything brought in."""
    number = facts["imports"].number
    imports = ngettext("%(number)s import", "%(number)s imports", number) % {"number": format_number(number)}
    tables: list[Entry] = [
        (
            _("Table: %(label)s") % {"label": _(step.title)},
            reverse("table_import", args=[step.name]),
            facts[f"table {step.name}"].text,
            facts[f"table {step.name}"].last,
        )
        for step in STEPS.values()
    ]
    return [*tables, (_("Imports"), reverse("batch_list"), imports, None)]


def _nights() -> list[Entry]:
    run = Run.objects.exclude(state=Run.State.ASKED).first()
    now, last = _("none yet"), None
    if run:
        words = {"job": run.job, "day": format_date(run.as_of), "state": run.get_state_display()}
        now = _("%(job)s of %(day)s: %(state)s") % words
        last = Last(run.asked_by_id, run.finished_at or run.started_at)
    return [(_("Runs"), reverse("run_list"), now, last)]
