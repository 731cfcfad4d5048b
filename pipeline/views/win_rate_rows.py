"""The deals behind each figure of the page of win rates."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from common.http import chosen
from common.selectors import today
from common.transaction import reach
from pipeline.selectors.insight import (
    LOST,
    OPEN,
    UNSAID,
    WON,
    Asked,
    Tally,
    come_to,
    members,
    rates_now,
    valued,
)
from pipeline.selectors.win_rate_rows import CREATED_IN, cohort_deals, pace_deals, reason_deals
from pipeline.selectors.win_rates import AGES, counted
from pipeline.views.insight import Behind, behind

SHOWS = {"won": (WON,), "lost": (LOST,), "open": (OPEN,), "all": (WON, LOST, OPEN)}
REASONS = ("won_reason", "lost_reason", "lost_to")
PACE = ("cycle", "pipeline", "unvalued", "cycle_unvalued", "pipeline_unvalued", "missed_unvalued")
"""What says how fast it goes, and what of it is in no value."""


def behind_of(
    query: dict[str, str], asked: Asked, basis: str, by: str, lines: Sequence[Tally], total: Tally
) -> Behind | None:
    """The deals behind the figure that the address asks for; of what is not there, none."""
    show = chosen(query, "show", ("", *SHOWS, *REASONS, *CREATED_IN, *PACE), "")
    if not show:
        return None
    if show in SHOWS:
        return _of_line(query, asked, basis, by, lines, total)
    name, rows = _beside(show, query.get("key", ""), asked, basis)
    return behind(name, *come_to(rows), rows, query.get("after"))


def _of_line(
    query: Mapping[str, str], asked: Asked, basis: str, by: str, lines: Sequence[Tally], total: Tally
) -> Behind:
    show, key = query["show"], query.get("key", "")
    line = next((one for one in lines if one.shown_key == key), Tally(key, key)) if key else total
    numbers = {"won": line.won, "lost": line.lost, "open": line.open, "all": line.deals}
    minors = {"won": line.won_minor, "lost": line.lost_minor, "open": line.open_minor, "all": line.minor}
    words = {"won": _("Won"), "lost": _("Lost"), "open": _("Open"), "all": _("All")}
    rows = counted(reach(), asked, basis).filter(state__in=SHOWS[show])
    name = f"{line.label}: {words[show]}" if key else words[show]
    found = members(rows, by if key else "", key, rates_now(today()))
    return behind(name, numbers[show], minors[show], found, query.get("after"))


def _beside(show: str, key: str, asked: Asked, basis: str) -> tuple[str, QuerySet[Any]]:
    """What a figure beside the lines is called, and its deals."""
    mine, day = reach(), today()
    if show in REASONS:
        text = "" if key == UNSAID else key
        words = {
            "won_reason": _("Why we won: %(reason)s"),
            "lost_reason": _("Why we lost: %(reason)s"),
            "lost_to": _("To whom we lost: %(reason)s"),
        }
        return words[show] % {"reason": text or _("not said")}, reason_deals(mine, asked, show, text, day)
    if show in CREATED_IN:
        return _created_words(show, key), cohort_deals(mine, asked, show, key, day)
    return _pace(show, asked, basis)


def _created_words(show: str, quarter: str) -> str:
    ages = {f"within_{age}": age for age in AGES}
    if show in ages:
        words = {"quarter": quarter, "days": ages[show]}
        return _("Created in %(quarter)s and won within %(days)s days") % words
    said = (
        _("Created in %(quarter)s and won by now") if show == "created_won" else _("Created in %(quarter)s")
    )
    return said % {"quarter": quarter}


def _pace(show: str, asked: Asked, basis: str) -> tuple[str, QuerySet[Any]]:
    """What says how fast it goes; `…_unvalued`: what of it has no amount or no rate."""
    mine, day, what = reach(), today(), show.removesuffix("_unvalued")
    if show == "unvalued":
        rows, name = valued(counted(mine, asked, basis), rates_now(day)), ""
    else:
        rows = pace_deals(mine, asked, what, day)
        name = {"cycle": _("Won"), "missed": _("Lost"), "pipeline": _("Open pipeline")}[what]
    if not show.endswith("unvalued"):
        return name, rows
    return ": ".join(filter(None, [name, _("without an amount or a rate")])), rows.filter(minor=None)
