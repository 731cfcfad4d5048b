"""The filters of list and board: read strictly from the address, shown as a form."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.access import Reach
from common.calendars import Span
from common.forms import LocaleDateField
from common.http import a_day, a_period, chosen, whole
from common.models import Period
from common.pickers import PickField
from common.selectors import today as running_day
from pipeline.forms.stages import by_model
from pipeline.models import Category, Channel, Stage
from pipeline.selectors.offers import Owners
from pipeline.selectors.opportunities import ATTENTION, STATES, Filters
from pipeline.selectors.sales_models import stages_in
from territories.models import Partner
from territories.selectors import subtree_within
from workspace.models import ListValue
from workspace.selectors.lists import offered

SOURCES = ListValue.List.LEAD_SOURCE
WAY = ("channel", "partner", "source")
RARE = ("category", "from", "to", "on", *WAY)
PLACES = ("territory", "within")
HIDDEN = (*PLACES, "model")
NAMES = ("state", "stage", "category", "owner", "period", "from", "to", "attention", "q", *WAY, *PLACES)
PAST = (*(name for name in NAMES if name not in WAY), "on")
"""What a past day may be asked for."""


def filters_of(query: dict[str, str]) -> Filters:
    """The filters that an address asks for. Raises BadQuery on a value that is not known."""
    start, stop = _span(query)
    state = chosen(query, "state", tuple(STATES), Stage.Kind.OPEN.value)
    asked = {
        "state": "" if state == "all" else state,
        "stage_id": whole(query, "stage"),
        "category": chosen(query, "category", ["", *Category.values], ""),
        "owner_id": whole(query, "owner"),
        "channel": chosen(query, "channel", ["", *Channel.values], ""),
        "partner_id": whole(query, "partner"),
        "source": query.get("source", ""),
        "territory_id": whole(query, "territory"),
        "territory_id__in": _within(whole(query, "within")),
        "close_on__gte": start,
        "close_on__lt": stop,
    }
    columns = {name: value for name, value in asked.items() if value not in (None, "")}
    attention = chosen(query, "attention", ["", *ATTENTION], "")
    return Filters(columns, attention, query.get("q", "").strip())


def _within(node: int | None) -> list[int] | None:
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
    category = forms.ChoiceField(label=_("Category"), required=False, choices=_any(Category.choices))
    owner = PickField(label=_("Owner"), required=False, offer=Owners(), nothing=_("all"))
    period = forms.ChoiceField(label=_("Closing in"), required=False)
    channel = forms.ChoiceField(label=_("Channel"), required=False, choices=_any(Channel.choices))
    partner = forms.ChoiceField(label=_("Partner"), required=False)
    source = forms.ChoiceField(label=_("Source"), required=False)
    attention = forms.ChoiceField(label=_("Needs attention"), required=False, choices=_any(ATTENTION.items()))

    def __init__(self, query: dict[str, str], mine: Reach, today: date, names: Sequence[str] = NAMES) -> None:
        super().__init__(initial=query, auto_id="filter_%s")
        for name, label in (
            ("from", _("Closing from")),
            ("to", _("Closing to")),
            ("on", _("As it stood on")),
        ):
            self.fields[name] = LocaleDateField(label=label, required=False)
        for name in filter(query.get, HIDDEN):
            self.fields[name] = forms.CharField(widget=forms.HiddenInput)
        self.fields = {name: field for name, field in self.fields.items() if name in names}
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

    def _offer(self, name: str, choices: Iterable[tuple[Any, str]]) -> None:
        self.fields[name].choices = _any(choices)  # type: ignore[attr-defined]

    def usual(self) -> list[forms.BoundField]:
        """The fields that are always shown, beside the search."""
        return [self[name] for name in self.fields if name not in ("q", *RARE)]

    def rare(self) -> list[forms.BoundField]:
        """The fields that are folded until one of them is set."""
        return [self[name] for name in self.fields if name in RARE]

    def is_rare(self) -> bool:
        """Whether one of the folded fields is set."""
        return any(self.initial.get(name) for name in RARE)
