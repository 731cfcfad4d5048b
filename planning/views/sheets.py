"""The tables of a preview: figures before and after, as they are read."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from common.locale import format_money, format_number, format_percent
from common.selectors import the_organisation
from planning.models import Draft
from planning.selectors.previews import OF_NODES, OF_PEOPLE, OF_PLACES, Effect, Side

HEADS: dict[str, StrOrPromise] = {
    "accounts": gettext_lazy("Accounts"),
    "potential": gettext_lazy("Potential"),
    "unknown": gettext_lazy("Accounts of unknown potential"),
    "minutes": gettext_lazy("Workload, hours a year"),
    "pipeline_all": gettext_lazy("Open pipeline"),
    "commit": gettext_lazy("Commit"),
    "best_case": gettext_lazy("Best Case"),
    "pipeline": gettext_lazy("Pipeline"),
    "quota": gettext_lazy("Quota"),
    "sold": gettext_lazy("Order intake by territory, as sold"),
    "intake": gettext_lazy("Order intake"),
    "attainment": gettext_lazy("Attainment"),
    "now": gettext_lazy("Order intake by territory, as organised now"),
    "forecast": gettext_lazy("Forecast: closed and Commit"),
}


@dataclass(frozen=True)
class Cell:
    """A figure after and, where it differs, before; `url`: the rows behind it."""

    head: StrOrPromise
    after: str
    before: str
    url: str = ""


@dataclass(frozen=True)
class Line:
    """A row of a table: how far in it stands, its name with the way to its page, and its figures."""

    name: str
    url: str
    depth: int
    cells: list[Cell]


@dataclass(frozen=True)
class Sheet:
    """One table: of what it is, what its rows are, its heads, its rows, and what they come to.

    `is_cut`: of some rows figures are left out that the reader may not see; `is_shared`: of some the attainment, where
    a quota is for several territories. `has_attainment`: attainment by territory is among them. One that does not
    change anywhere (`is_same`) is folded.
    """

    title: StrOrPromise
    label: str
    heads: list[StrOrPromise]
    rows: list[Line]
    total: list[Cell]
    is_cut: bool = False
    is_shared: bool = False
    is_of_people: bool = False
    has_attainment: bool = False
    is_same: bool = False


GROUPS: tuple[tuple[StrOrPromise, tuple[str, ...]], ...] = (
    (gettext_lazy("Accounts and work"), ("accounts", "potential", "unknown", "minutes")),
    (gettext_lazy("Open pipeline"), ("pipeline_all", "commit", "best_case", "pipeline")),
    (gettext_lazy("Quota and order intake"), ("quota", "sold", "attainment", "now", "forecast")),
)
"""The figures of territories by subject: a table each, because all of them side by side are wider than a screen."""


def sheets_of(draft: Draft, effect: Effect | None) -> list[Sheet]:
    """The territories of a preview by subject, and the people; what changes first. A table that says nothing is left
    out."""
    if effect is None:
        return []
    has_rows = "ways" in draft.preview
    behind = f"{reverse('draft_rows', args=[draft.pk])}?" if has_rows else ""
    way, people = _Way(OF_NODES, "territory", behind), _Way(OF_PEOPLE, "person", behind)
    sheets = [
        *(_sheet(way, title, names, effect.nodes, effect.nodes_total) for title, names in GROUPS),
        _sheet(people, _("People"), OF_PEOPLE, effect.people, effect.people_total),
    ]
    return sorted((sheet for sheet in sheets if sheet.rows and sheet.heads), key=lambda sheet: sheet.is_same)


@dataclass(frozen=True)
class _Way:
    """The figures of a table, of what it is, and where the rows behind them are."""

    names: Sequence[str]
    what: str
    behind: str

    @property
    def label(self) -> str:
        return _("Person") if self.what == "person" else _("Territory, with all below")

    def head(self, name: str) -> StrOrPromise:
        """A territory's attainment is that of what was sold there, a person's that of what they sold."""
        is_of_place = name == "attainment" and self.what == "territory"
        return _("Attainment by territory, as sold") if is_of_place else HEADS[name]

    def url(self, name: str, pk: int) -> str:
        return f"{self.behind}{self.what}={pk}" if self.behind and name in OF_ROWS else ""


OF_ROWS = ("accounts", "pipeline_all", "commit", "best_case", "pipeline", "forecast")
"""The figures that come from the accounts and deals that move."""


def _sheet(
    way: _Way, title: StrOrPromise, names: Sequence[str], sides: Sequence[Side], total: Side | None
) -> Sheet:
    currency, is_cut = the_organisation().reporting_currency, any(side.is_cut for side in sides)
    told = [
        place
        for name in names
        for place in [way.names.index(name)]
        if _is_told(name, [side.figures[place] for side in sides]) or (is_cut and name in OF_PLACES)
    ]
    # What changes stands first, so that it is read without scrolling.
    told.sort(
        key=lambda place: all(before == after for before, after in (side.figures[place] for side in sides))
    )

    def cells(side: Side) -> list[Cell]:
        return [
            Cell(way.head(name), *_cell(name, *side.figures[place], currency), way.url(name, side.pk))
            for place in told
            for name in [way.names[place]]
        ]

    return Sheet(
        title,
        way.label,
        [way.head(way.names[place]) for place in told],
        [
            Line(side.name, reverse(f"{way.what}_detail", args=[side.pk]), side.depth, cells(side))
            for side in sides
        ],
        [replace(cell, url="") for cell in cells(total)] if total and len(sides) > 1 else [],
        is_cut,
        "attainment" in names and any(side.is_shared for side in sides),
        way.what == "person",
        way.what == "territory" and any(way.names[place] == "attainment" for place in told),
        all(before == after for side in sides for before, after in (side.figures[place] for place in told)),
    )


def _is_told(name: str, figures: Sequence[tuple[Any, Any]]) -> bool:
    """A column in which nothing stands, before or after, is left out; accounts of unknown potential only if any is."""
    if name == "unknown":
        return any(before != after for before, after in figures)
    return any(figure for pair in figures for figure in pair)


def _cell(name: str, before: Any, after: Any, currency: str) -> tuple[str, str]:
    return _write(name, after, currency), _write(name, before, currency) if before != after else ""


def _write(name: str, figure: Any, currency: str) -> str:
    if name in ("accounts", "unknown"):
        return format_number(figure)
    if name == "minutes":
        return format_number(None if figure is None else Fraction(figure, 60))
    return format_percent(figure) if name == "attainment" else format_money(figure, currency)
