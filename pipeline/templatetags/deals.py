"""Rows and cards of deals. A page shows hundreds of them, and a template for each would take most of its time.

What is not markup goes through `escape`, each time at the place where it is written.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from html import escape

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.columns import Column
from common.locale import UNDEFINED, format_date, format_money
from common.templatetags.page import icon
from pipeline.models import Opportunity
from pipeline.rules.hygiene import is_past_close
from pipeline.selectors.columns import EDITED

register = template.Library()


class Words:
    """What rows and cards say in the reader's language: looked up once for all of a table or column."""

    def __init__(self, today: date) -> None:
        self.today = today
        self.choose, self.edit, self.move = _("Choose %(name)s"), _("Edit %(name)s"), _("Move %(name)s")
        self.overdue = _badge("bad", _("overdue"))
        self.step_late = _badge(
            "warn", _("step after close date"), _("The next step lies after the close date")
        )
        self.awaiting, self.stalled = _badge("warn", _("awaiting booking")), _badge("warn", _("stalled"))

    def marks(self, deal: Opportunity) -> SafeString:
        """What to notice about a deal's close date, and how long it has been where it is."""
        found = self.overdue if deal.is_open and deal.close_on < self.today else SafeString("")
        found += self.step_mark(deal)
        if deal.awaits_booking_since:
            found += self.awaiting
        if getattr(deal, "is_stalled", False):
            found += self.stalled
        if deal.pushes:
            times = ngettext("pushed once", "pushed %(times)s times", deal.pushes) % {"times": deal.pushes}
            found += _badge("warn", times, _("Moved into a later quarter"))
        return found

    def step_mark(self, deal: Opportunity) -> SafeString:
        """That the next step of an open deal lies after its close date."""
        is_late = deal.is_open and is_past_close(deal.next_step_on, deal.close_on, self.today)
        return self.step_late if is_late else SafeString("")


def _badge(kind: str, word: str, title: str = "") -> SafeString:
    said = f' title="{escape(title)}"' if title else ""
    return SafeString(f' <span class="badge {kind}"{said}>{escape(word)}</span>')


@register.simple_tag
def marks(deal: Opportunity, today: date) -> SafeString:
    """{% marks deal today %}: the marks of one deal."""
    return Words(today).marks(deal)


@register.simple_tag
def step_mark(deal: Opportunity, today: date) -> SafeString:
    """{% step_mark deal today %}: the mark of a next step that lies after the close date."""
    return Words(today).step_mark(deal)


@register.simple_tag(takes_context=True)
def deal_rows(context: template.Context, deals: Iterable[Opportunity], path: str = "") -> SafeString:
    """{% deal_rows page.rows %}: rows of the list in the columns and on the day of its page.

    `path`: of the group below which they lie. What a reader edits in its cell leads to that cell's own form.
    """
    columns: list[Column] = [column for column in context["columns"] if not column.is_first]
    cells = [(column, _opening(column)) for column in columns]
    words = Words(context["today"])
    return SafeString("".join(_row(deal, cells, words, path) for deal in deals))


def _opening(column: Column) -> SafeString:
    """How every cell of a column begins; a card on a phone names the column where its value does not say what it is."""
    kind = "num" if column.is_numeric else "nowrap" if column.is_short else ""
    name = "" if column.is_plain else f' data-label="{escape(str(column.label))}"'
    return SafeString(f'<td class="{kind}"{name}>' if kind else f"<td{name}>")


def _row(
    deal: Opportunity, cells: Iterable[tuple[Column, SafeString]], words: Words, path: str
) -> SafeString:
    address, may_edit = _address("opportunity_detail", deal), deal.may_edit  # type: ignore[attr-defined]
    place = f' data-path="{escape(path)}/{deal.pk}" data-level="1"' if path else ""
    shown = "".join(
        f"{opening}{_cell(deal, column, address if may_edit else '')}"
        f"{words.marks(deal) if column.key == 'close' else ''}</td>"
        for column, opening in cells
    )
    return SafeString(
        f'<tr id="deal-{deal.pk}"{place}>\n<th scope="row">{_acts(deal, address, words) if may_edit else ""}'
        f'<a class="row-link" href="{address}">{escape(deal.name)}</a>'
        f"<small>{_account(deal)}</small></th>{shown}</tr>\n"
    )


def _acts(deal: Opportunity, address: str, words: Words) -> SafeString:
    """The box by which a row is chosen, and on a phone the way to its form."""
    choose, edit = (escape(word % {"name": deal.name}) for word in (words.choose, words.edit))
    return SafeString(
        f'<label class="choose"><input type="checkbox" name="deal" value="{deal.pk}" form="chosen">'
        f'<span class="visually-hidden">{choose}</span></label>'
        f'<a class="button quiet square small narrow-only row-menu" href="{address}edit/" data-dialog'
        f' aria-label="{edit}">{icon("ellipsis")}</a>'
    )


def _cell(deal: Opportunity, column: Column, address: str) -> SafeString:
    """What the deal has in a column, as a link to its form where it is edited."""
    shown = SafeString(escape(column.shown(deal)))
    if not address or column.key not in EDITED:
        return shown
    way = f'href="{address}edit/{column.key}/" data-cell="{column.key}" aria-describedby="cell-hint"'
    return SafeString(f'<a class="cell" {way}>{shown}</a>')


@register.simple_tag(takes_context=True)
def deal_cards(context: template.Context, deals: Sequence[Opportunity]) -> SafeString:
    """{% deal_cards column.cards %}: deals on the board, of its page's day and lanes."""
    if not deals:
        return SafeString("")
    lanes = str(context.get("lanes", ""))
    words = Words(context["today"])
    return SafeString("".join(_card(deal, words, lanes) for deal in deals))


def _card(deal: Opportunity, words: Words, lanes: str) -> SafeString:
    name, may_edit = escape(deal.name), deal.may_edit  # type: ignore[attr-defined]
    move_url, drags = _address("opportunity_move", deal), ' draggable="true"' if may_edit else ""
    return SafeString(
        f'<article class="card" id="card-{deal.pk}" tabindex="0"{drags}'
        f' data-move-url="{move_url}" data-version="{deal.version}" data-title="{name}"'
        f' data-in="{deal.stage_id}"{_lane(deal, lanes)} aria-label="{name}">\n'
        f'<h3><a href="{_address("opportunity_detail", deal)}">{name}</a></h3>'
        f"{_menu(deal, move_url, words) if may_edit else ''}"
        f'<span class="amount">{escape(format_money(deal.amount_minor, deal.currency))}</span>'
        f'<div class="meta"><span>{_account(deal)}</span><span>{escape(format_date(deal.close_on))}</span>'
        f"{words.marks(deal)}<span>{escape(deal.owner.name)}</span></div></article>\n"
    )


def _lane(deal: Opportunity, lanes: str) -> SafeString:
    """In which lane a card lies, and where it is given to the owner of another one."""
    if lanes == "category":
        return SafeString(f' data-in-lane="{escape(deal.category)}"')
    if lanes != "owner":
        return SafeString("")
    return SafeString(f' data-in-lane="{deal.owner_id}" data-give-url="{_address("opportunity_give", deal)}"')


def _menu(deal: Opportunity, move_url: str, words: Words) -> SafeString:
    move = escape(words.move % {"name": deal.name})
    return SafeString(
        f'<a class="button quiet square small" href="{move_url}" data-dialog'
        f' aria-label="{move}">{icon("ellipsis")}</a>'
    )


def _account(deal: Opportunity) -> SafeString:
    return SafeString(escape(deal.account.name) if deal.account else UNDEFINED)


def _address(name: str, deal: Opportunity) -> str:
    before, after = _around_id(name)
    return f"{before}{deal.pk}{after}"


@cache
def _around_id(name: str) -> tuple[str, str]:
    """What stands before and after a deal's id in the address of a page: asked once, not for every row."""
    before, after = reverse(name, args=[0]).split("/0/")
    return f"{before}/", f"/{after}"
