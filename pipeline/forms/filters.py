"""The filters of list and board: read strictly from the address, shown as a form."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.access import Reach
from common.errors import Refused
from common.forms import LocaleDateField
from common.http import BadQuery, chosen, whole
from common.locale import parse_date
from common.models import Period
from common.selectors import period_by_code
from pipeline.models import Category, Stage
from pipeline.selectors.opportunities import ATTENTION, STATES, Filters, offered_owners, stages

RARE = ("category", "from", "to")
NAMES = ("state", "stage", "category", "owner", "period", "from", "to", "attention", "q")


def filters_of(query: Mapping[str, str]) -> Filters:
    """The filters that an address asks for. Raises BadQuery on a value that is not known."""
    asked = dict(query)
    start, stop = _span(asked)
    return Filters(
        state=chosen(asked, "state", STATES, Stage.Kind.OPEN.value),
        stage_id=whole(asked, "stage"),
        category=chosen(asked, "category", ["", *Category.values], ""),
        owner_id=whole(asked, "owner"),
        start=start,
        stop=stop,
        attention=chosen(asked, "attention", ["", *ATTENTION], ""),
        text=asked.get("q", "").strip(),
    )


def _span(query: dict[str, str]) -> tuple[date | None, date | None]:
    """The days of the close date: of a period, or from the first to the last day given."""
    if "period" in query:
        period = _period(query["period"])
        return period.starts_on, period.stops_on
    last = _day(query, "to")
    return _day(query, "from"), last + timedelta(days=1) if last else None


def _period(code: str) -> Period:
    try:
        return period_by_code(code)
    except Refused as refused:
        raise BadQuery(_("There is no period %(code)s.") % {"code": code}) from refused


def _day(query: dict[str, str], name: str) -> date | None:
    if name not in query:
        return None
    try:
        return parse_date(query[name])
    except Refused as refused:
        raise BadQuery(f"{name}: {refused.message}") from refused


class FilterForm(forms.Form):
    """The filters as a reader sets them; never bound, because the address is read strictly."""

    q = forms.CharField(label=gettext_lazy("Name, account or owner"), required=False, max_length=200)
    state = forms.ChoiceField(label=gettext_lazy("State"), required=False)
    stage = forms.ChoiceField(label=gettext_lazy("Stage"), required=False)
    category = forms.ChoiceField(label=gettext_lazy("Category"), required=False)
    owner = forms.ChoiceField(label=gettext_lazy("Owner"), required=False)
    period = forms.ChoiceField(label=gettext_lazy("Closing in"), required=False)
    attention = forms.ChoiceField(label=gettext_lazy("Needs attention"), required=False)

    def __init__(
        self, query: Mapping[str, str], mine: Reach, today: date, names: Sequence[str] = NAMES
    ) -> None:
        super().__init__(initial=dict(query), auto_id="filter_%s")
        for name, label in (("from", _("Closing from")), ("to", _("Closing to"))):
            self.fields[name] = LocaleDateField(label=label, required=False)
        self.fields = {name: field for name, field in self.fields.items() if name in names}
        for name, choices in self._choices(mine, today):
            if name in self.fields:
                first = [] if name == "state" else [("", _("any"))]
                self.fields[name].choices = [*first, *choices()]  # type: ignore[attr-defined]
        if "owner" in self.fields and len(self.fields["owner"].choices) == 1:  # type: ignore[attr-defined]
            del self.fields["owner"]

    def usual(self) -> list[forms.BoundField]:
        """The fields that are always shown, beside the search."""
        return [self[name] for name in self.fields if name not in ("q", *RARE)]

    def rare(self) -> list[forms.BoundField]:
        """The fields that are folded until one of them is set."""
        return [self[name] for name in self.fields if name in RARE]

    def is_rare(self) -> bool:
        """Whether one of the folded fields is set."""
        return any(self.initial.get(name) for name in RARE)

    def _choices(self, mine: Reach, today: date) -> Iterator[tuple[str, Callable[[], list[Any]]]]:
        """What each field offers, looked up only where the field is shown."""
        states = {"open": _("open"), "won": _("won"), "lost": _("lost"), "all": _("all")}
        needs = [_("overdue close date"), _("no next step"), _("stalled")]
        yield "state", lambda: [(value, states[value]) for value in STATES]
        yield "stage", lambda: [(row.pk, row.name) for row in stages()]
        yield "category", lambda: list(Category.choices)
        yield (
            "owner",
            lambda: [(row.pk, row.name) for row in offered_owners(mine, whole(dict(self.initial), "owner"))],
        )
        yield "period", lambda: [(row.code, row.code) for row in _quarters(today)]
        yield "attention", lambda: list(zip(ATTENTION, needs, strict=True))


def _quarters(today: date) -> list[Period]:
    """The quarters of about a year back and a year ahead."""
    year = timedelta(days=366)
    return list(Period.objects.quarters().filter(stops_on__gt=today - year, starts_on__lt=today + year))
