"""The tables of a preview: figures before and after, as they are read."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from common.locale import format_money, format_number, format_percent
from common.selectors import the_organisation
from planning.selectors.drafts import OF_NODES, OF_PEOPLE, OF_PLACES, Effect, Side

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
class Sheet:
    """One table: what its rows are, its heads, and its rows; each figure after and, where it differs, before.

    `is_cut`: of some rows figures are left out that the reader may not see;
    `is_shared`: of some the attainment, where a quota is for several territories.
    """

    label: str
    heads: list[StrOrPromise]
    rows: list[tuple[str, list[tuple[str, str]]]]
    is_cut: bool = False
    is_shared: bool = False


def sheets_of(effect: Effect | None) -> list[Sheet]:
    """The territories and the people of a preview; a table without rows is left out."""
    if effect is None:
        return []
    sheets = [
        _sheet(_("Territory, with all below"), OF_NODES, effect.nodes),
        _sheet(_("Person"), OF_PEOPLE, effect.people),
    ]
    return [sheet for sheet in sheets if sheet.rows]


def _sheet(label: str, names: Sequence[str], sides: Sequence[Side]) -> Sheet:
    currency = the_organisation().reporting_currency
    is_cut = any(side.is_cut for side in sides)
    told = [
        place
        for place, name in enumerate(names)
        if _is_told(name, [side.figures[place] for side in sides]) or (is_cut and name in OF_PLACES)
    ]
    rows = [
        (
            side.name,
            [_cell(names[place], *side.figures[place], currency) for place in told],
        )
        for side in sides
    ]
    return Sheet(
        label, [HEADS[names[place]] for place in told], rows, is_cut, any(side.is_shared for side in sides)
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
