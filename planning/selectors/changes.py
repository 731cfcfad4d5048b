"""The biggest changes of a realignment, as who approves it reads them."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from common.locale import format_money, format_number
from common.selectors import the_organisation
from common.transaction import reach, widened
from planning.models import Draft
from planning.selectors.assign import Line
from planning.selectors.previews import OF_NODES, OF_PEOPLE, Side, effect_of

MOST = 5
"""So many territories are shown, and so many people."""
SHOWN = ("accounts", "pipeline_all", "quota")
SEEN = (Draft.State.ASKED, Draft.State.QUEUED, Draft.State.PUBLISHED)


def biggest_changes(asked: dict[str, Any]) -> list[Line]:
    """The territories and then the people whose accounts, open pipeline and quota change most, of those in reach."""
    with widened("draft"):
        draft = Draft.objects.get(pk=asked["draft_id"])
    effect = effect_of(draft, reach()) if draft.state in SEEN else None
    if effect is None:
        return []
    nodes = _lines(effect.nodes, OF_NODES, "territory_detail")
    return [*nodes, *_lines(effect.people, OF_PEOPLE, "person_detail")]


def _lines(sides: Sequence[Side], names: Sequence[str], page: str) -> Iterable[Line]:
    places = [names.index(name) for name in SHOWN]
    rows = [(side, [side.figures[place] for place in places]) for side in sides]
    changed = [row for row in rows if any(before != after for before, after in row[1])]
    # Of alike ones first the lowest, where it happens: what lies above them only adds them up.
    for side, figures in sorted(changed, key=lambda row: _size(row[1]))[: -MOST - 1 : -1]:
        yield Line(side.name, reverse(page, args=[side.pk]), _noted(figures))


def _size(figures: Sequence[tuple[Any, Any]]) -> tuple[int, int]:
    """By money first, then by accounts."""
    accounts, *money = [abs((after or 0) - (before or 0)) for before, after in figures]
    return sum(money), accounts


def _noted(figures: Sequence[tuple[Any, Any]]) -> str:
    """*Accounts 12 → 10 · Open pipeline $1,200.00 → $900.00*: what changes."""
    currency = the_organisation().reporting_currency
    words = dict(zip(SHOWN, (_("Accounts"), _("Open pipeline"), _("Quota")), strict=True))
    said = []
    for name, pair in zip(SHOWN, figures, strict=True):
        if pair[0] != pair[1]:
            before, after = (
                format_number(one) if name == "accounts" else format_money(one, currency) for one in pair
            )
            said.append(f"{words[name]} {before} → {after}")
    return " · ".join(said)
