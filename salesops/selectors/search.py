"""Search over everything in reach: rows by their identifiers and names, pages and settings by what they are called."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from common.access import Reach
from common.policies import POLICIES
from salesops.selectors.kinds import KINDS, Kind
from salesops.selectors.navigation import ENTRIES, address_of, is_shown

LEAST, MOST, MOST_ON_PAGE = 2, 5, 25
HELP = (
    (_("Words and formulas"), "definitions"),
    (_("Help"), "help_page"),
    (_("Your settings"), "profile_edit"),
)


@dataclass(frozen=True)
class Hit:
    """Something that a search found; the part of its name that was typed stands in the middle."""

    name: str
    detail: str
    url: str
    before: str = ""
    match: str = ""
    after: str = ""


@dataclass(frozen=True)
class Group:
    """What was found of one kind; `more`: the list that shows all of it, where there is one."""

    label: StrOrPromise
    symbol: str
    hits: list[Hit]
    more: str = ""


def search(mine: Reach, text: str, most: int = MOST) -> list[Group]:
    """What is identified by the text, then what has a name that begins so, then what holds it; a group per kind.

    Each kind takes one statement and is not counted. What holds the text is looked for among the newest thousands that
    the reader sees (`kinds.NEWEST`), so that a search costs the same however much there is.
    """
    text = " ".join(text.split())
    if len(text) < LEAST:
        return []
    groups = [_group(kind, mine, text, most) for kind in KINDS]
    pages = Group(_("Pages and settings"), "panel-left", list(_pages(mine, text))[:most])
    return [group for group in [*groups, pages] if group.hits]


def _group(kind: Kind, mine: Reach, text: str, most: int) -> Group:
    found: dict[tuple[int, str], Hit] = {}
    for _rank, pk, called, told in kind.found(mine, text, most):
        found.setdefault((pk, called), hit(called, told, reverse(kind.page, args=[pk]), text))
    hits = list(found.values())
    more = f"{reverse(kind.more)}?{urlencode({'q': text})}" if kind.more and len(hits) >= most else ""
    return Group(kind.label, kind.symbol, hits[:most], more)


def hit(name: str, detail: str, url: str, text: str = "") -> Hit:
    """A hit whose name is cut where it holds the text; one found by its number is whole."""
    at = name.lower().find(text.lower()) if text else -1
    if at < 0:
        return Hit(name, detail or "", url, before=name)
    end = at + len(text)
    return Hit(name, detail or "", url, name[:at], name[at:end], name[end:])


def _pages(mine: Reach, text: str) -> Iterator[Hit]:
    """Pages whose name, or a word of it, begins so."""
    for label, url in _known(mine):
        if f" {text.lower()}" in f" {str(label).lower()}":
            yield hit(str(label), "", url, text)


def _known(mine: Reach) -> Iterator[tuple[StrOrPromise, str]]:
    yield from ((label, address_of(name)) for label, name, _icon in ENTRIES if is_shown(name, mine))
    yield from ((label, address_of(name)) for label, name in HELP)
    if mine.relations("setting", "update"):
        yield from ((one.label, reverse("policy_edit", args=[name])) for name, one in POLICIES.items())
