"""The filters of list and board: read strictly from the address, shown as a form."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from common.access import Reach
from common.calendars import Span
from common.forms import LocaleDateField
from common.http import a_day, a_moment, a_period, chosen, whole
from common.locale import UNDEFINED, format_date, format_instant
from common.models import Period
from common.pickers import PickField
from common.selectors import today as running_day
from common.transaction import reach
from pipeline.forms.stages import by_model
from pipeline.models import Category, Channel, Stage
from pipeline.selectors.board import LANES
from pipeline.selectors.groups import GROUPINGS
from pipeline.selectors.offers import Owners
from pipeline.selectors.open_pipeline import COUNTED, COUNTING, seated
from pipeline.selectors.opportunities import ATTENTION, STATES, Filters, recorded
from pipeline.selectors.sales_models import stages_in
from territories.models import Partner, Territory
from territories.selectors import subtree_within
from workspace.forms.own import own_asked, own_filters, own_names
from workspace.models import ListValue
from workspace.selectors.lists import offered
from workspace.selectors.own import PREFIX

SOURCES = ListValue.List.LEAD_SOURCE
WAY = ("channel", "partner", "source")
RARE = ("state", "category", "from", "to", "on", *WAY)
PLACES = ("territory", "within", "team")
LINKED = {
    "territory": _("Territory"),
    "within": _("In and below"),
    "team": _("Whose owners sit in or below"),
    "account": _("Account"),
    "opened_since": _("Opened since"),
    "won_since": _("Won since"),
}
"""Filters that come with a link of another page."""
SINCE = ("opened_since", "won_since")
"""Instants, as a home page links them."""
HIDDEN = (*PLACES, *SINCE, "account", "model", "columns", "by", "month", "day")
NAMES = (
    "state",
    "stage",
    "category",
    "owner",
    "period",
    "from",
    "to",
    "attention",
    "q",
    *WAY,
    *PLACES,
    "account",
)
PAST = (*(name for name in NAMES if name not in (*WAY, "account", "team")), "on")
"""What a past day may be asked for."""
TABLE = (*NAMES, *SINCE, "on", "group", "columns")
"""What the list may be asked for, besides its sorting and the page that one is on."""
CALENDAR = tuple(name for name in NAMES if name not in ("period", "from", "to"))
"""What the calendar may be asked for, besides the days that it shows."""
NO_FILTER = ("group", "lanes", "columns", "model", "by", "month", "day")
"""What an address says of how deals are shown, not of which."""


def filters_of(query: dict[str, str]) -> Filters:
    """The filters that an address asks for. Raises BadQuery on a value that is not known."""
    start, stop = _span(query)
    state = chosen(query, "state", tuple(STATES), Stage.Kind.OPEN.value)
    category = chosen(query, "category", ["", COUNTING, *Category.values], "")
    asked = {
        "state": "" if state == "all" else state,
        "stage_id": whole(query, "stage"),
        "category__in": COUNTED if category == COUNTING else None,
        "category": "" if category == COUNTING else category,
        "owner_id": whole(query, "owner"),
        "channel": chosen(query, "channel", ["", *Channel.values], ""),
        "partner_id": whole(query, "partner"),
        "source": query.get("source", ""),
        "territory_id": whole(query, "territory"),
        "account_id": whole(query, "account"),
        "territory_id__in": below(whole(query, "within")),
        "close_on__gte": start,
        "close_on__lt": stop,
    }
    columns = {name: value for name, value in asked.items() if value not in (None, "")}
    attention = chosen(query, "attention", ["", *ATTENTION], "")
    own = own_asked(reach(), "opportunity", query)
    team = seated(below(whole(query, "team")), running_day())
    since = recorded(*(a_moment(query, name) for name in SINCE))
    return Filters(columns, attention, query.get("q", "").strip(), own, team, since)


def table_names() -> list[str]:
    """What the list may be asked for by this reader: TABLE, and the filters by own fields."""
    return with_own(TABLE)


def with_own(names: Sequence[str]) -> list[str]:
    """These filters, and those by own fields of deals that the reader sees."""
    return [*names, *own_names(reach(), "opportunity")]


def below(node: int | None) -> list[int] | None:
    """A territory and all below it today."""
    if node is None:
        return None
    day = running_day()
    parts = subtree_within(node, Span(day, day + timedelta(days=1)))
    return [one for _span, nodes in parts for one in nodes]


def _span(query: dict[str, str]) -> tuple[date | None, date | None]:
    """The days of the close date: of a period, or from the first to the last day given."""
    if period := a_period(query):
        return period.starts_on, period.stops_on
    last = a_day(query, "to")
    return a_day(query, "from"), last + timedelta(days=1) if last else None


def _any(choices: Iterable[tuple[Any, Any]] = ()) -> list[tuple[Any, Any]]:
    return [("", _("all")), *choices]


class FilterForm(forms.Form):
    """The filters as a reader sets them; never bound, because the address is read strictly."""

    q = forms.CharField(label=_("Name, account or owner"), required=False, max_length=200)
    state = forms.ChoiceField(label=_("State"), required=False, choices=list(STATES.items()))
    stage = forms.ChoiceField(label=_("Stage"), required=False)
    category = forms.ChoiceField(
        label=_("Category"),
        required=False,
        choices=_any([*Category.choices, (COUNTING, _("all but Omitted"))]),
    )
    owner = PickField(label=_("Owner"), required=False, offer=Owners(), nothing=_("all"))
    period = forms.ChoiceField(label=_("Closing in"), required=False)
    channel = forms.ChoiceField(label=_("Channel"), required=False, choices=_any(Channel.choices))
    partner = forms.ChoiceField(label=_("Partner"), required=False)
    source = forms.ChoiceField(label=_("Source"), required=False)
    attention = forms.ChoiceField(label=_("Needs attention"), required=False, choices=_any(ATTENTION.items()))
    group = forms.ChoiceField(
        label=_("Grouped by"),
        required=False,
        choices=[("", _("nothing")), *((key, way.label) for key, way in GROUPINGS.items())],
    )
    lanes = forms.ChoiceField(
        label=_("Lanes by"), required=False, choices=[("", _("nothing")), *LANES.items()]
    )

    def __init__(self, query: dict[str, str], mine: Reach, today: date, names: Sequence[str] = NAMES) -> None:
        super().__init__(initial=query, auto_id="filter_%s")
        self.mine = mine
        for name, label in (
            ("from", _("Closing from")),
            ("to", _("Closing to")),
            ("on", _("As it stood on")),
        ):
            self.fields[name] = LocaleDateField(label=label, required=False)
        for name in filter(query.get, HIDDEN):
            self.fields[name] = forms.CharField(widget=forms.HiddenInput)
        self.fields = {name: field for name, field in self.fields.items() if name in names}
        if "period" in names:
            year = timedelta(days=366)
            near = Period.objects.quarters().filter(stops_on__gt=today - year, starts_on__lt=today + year)
            self._offer("period", ((row.code, row.code) for row in near))
        if "stage" in names:
            self._offer("stage", by_model(stages_in()))
        if "partner" in names:
            self._offer("partner", ((row.pk, row.name) for row in Partner.objects.all()))
            now = filter(None, [query.get("source")])
            self._offer("source", ((one, one) for one in dict.fromkeys([*offered(SOURCES), *now])))
        if Owners().choices() == []:
            del self.fields["owner"]
        if any(name.startswith(PREFIX) for name in names):
            self.fields |= dict(own_filters(mine, "opportunity"))

    def _offer(self, name: str, choices: Iterable[tuple[Any, str]]) -> None:
        self.fields[name].choices = _any(choices)  # type: ignore[attr-defined]

    def usual(self) -> list[forms.BoundField]:
        """The fields that are always shown, beside the search."""
        return [self[name] for name in self.fields if name != "q" and not is_rare(name)]

    def rare(self) -> list[forms.BoundField]:
        """The fields that are folded until one of them is set."""
        return [self[name] for name in self.fields if is_rare(name)]

    def is_rare(self) -> bool:
        """Whether one of the folded fields is set."""
        return any(is_rare(name) for name, _value in self._asked())

    def set_now(self) -> Iterator[tuple[str, Any, str]]:
        """Each filter that is set: its name, its label, and its value in words."""
        for name, value in self._asked():
            yield name, LINKED.get(name, self.fields[name].label), self._said(name, value)

    def _asked(self) -> Iterator[tuple[str, str]]:
        """Each filter that is set, as the address has it."""
        for name, value in self.initial.items():
            is_usual = (name, value) == ("state", Stage.Kind.OPEN.value)
            if name in self.fields and name not in NO_FILTER and value and not is_usual:
                yield name, value

    def _said(self, name: str, value: str) -> str:
        field = self.fields[name]
        if isinstance(field, PickField):
            return field.shown(value)
        if isinstance(field, LocaleDateField):
            return format_date(date.fromisoformat(value))
        if name in SINCE:
            return format_instant(datetime.fromisoformat(value))
        if name in LINKED:
            rows = Account.objects.visible_to(self.mine) if name == "account" else Territory.objects.all()
            row = rows.filter(pk=value).first()
            return row.name if row else UNDEFINED
        offered = _flat(getattr(field, "choices", []))
        return str(next((label for key, label in offered if str(key) == value), value))


def _flat(choices: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
    """The choices of a list, those in groups among them."""
    for key, label in choices:
        if isinstance(label, list | tuple):
            yield from label
        else:
            yield key, label


def is_rare(name: str) -> bool:
    """Whether a filter is folded until it is set."""
    return name in RARE or name.startswith(PREFIX)
