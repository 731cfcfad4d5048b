"""What was written about a thing, and whom it names."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db.models import Q
from django.utils.translation import gettext as _

from common.errors import Refused
from common.http import Page, page_by_key
from common.transaction import widened
from territories.models import User
from workspace.models import Comment, Mention

AT = re.compile(r"(?<!\w)@(?=\w)")
MOST_NAMED = 20
MOST_SHOWN, MOST_READ = 50, 1_000
"""How many comments a panel shows at first, and how many are read of one thing at all."""


@dataclass(frozen=True)
class Part:
    """A piece of a comment; one that is a name was picked or typed behind @."""

    text: str
    is_name: bool


@dataclass(frozen=True)
class Written:
    """A comment as its readers see it; `untold` could not see its subject when it was written."""

    comment: Comment
    parts: list[Part]
    untold: list[str]


def comments_of(subject: str, subject_id: int, most: int = MOST_READ) -> list[Written]:
    """The last comments on a thing that the reader has found in their reach, the oldest of them first."""
    with widened("comment"):
        rows = Comment.objects.filter(subject=subject, subject_id=subject_id).select_related("by")
        last = rows.order_by("-at", "-pk").prefetch_related("mentions__person")[:most]
        comments = list(last)[::-1]
    return [_written(comment, list(comment.mentions.all())) for comment in comments]


def comment_page(subject: str, subject_id: int, after: str | None) -> Page[Comment]:
    """A page of the comments on a thing that the reader has found in their reach, the oldest first."""
    with widened("comment"):
        rows = Comment.objects.filter(subject=subject, subject_id=subject_id).prefetch_related("mentions")
        return page_by_key(rows, ("at", "id"), after)


def untold_of(comment: Comment) -> list[str]:
    """The people whom somebody's own comment names and who could not see what it is about."""
    rows = comment.mentions.filter(was_told=False).select_related("person").order_by("person__name")
    return [mention.person.name for mention in rows]


def named_in(text: str, picked: Collection[int]) -> list[User]:
    """The people whom a text names behind @, by name or e-mail address; `picked` tells namesakes apart.

    Raises Refused where one of several of that name is meant and none was picked, and for more than 20 names.
    """
    behind = [text[at.end() :].casefold() for at in AT.finditer(text)]
    if len(behind) > MOST_NAMED:
        message = _("At most %(most)s people can be named in a comment.") % {"most": MOST_NAMED}
        raise Refused(message, path="text", code="too_many_named")
    known = _called_like({re.split(r"\s", words, maxsplit=1)[0] for words in behind})
    meant = {person.pk: person for words in behind for person in _meant(words, known, picked)}
    return list(meant.values())


def _called_like(beginnings: set[str]) -> list[User]:
    """The people who are here and whose name or address may begin so; a comma or full stop may follow it."""
    stems = {re.match(r"[\w'’-]*", words)[0]: words for words in beginnings}  # type: ignore[index]
    if not stems:
        return []
    tests = (Q(name__istartswith=stem) | Q(email__istartswith=stem) for stem in stems)
    return list(User.objects.filter(reduce(or_, tests), is_active=True).only("name", "email", "is_active"))


def _meant(words: str, known: Iterable[User], picked: Collection[int]) -> list[User]:
    """Whom the words behind an @ name: the longest name, or address, with which they begin."""
    found = [
        (len(called), person)
        for person in known
        for called in (person.name.casefold(), person.email.casefold())
        if _begins(words, called)
    ]
    longest = max((length for length, _person in found), default=0)
    people = list({person.pk: person for length, person in found if length == longest}.values())
    chosen = [person for person in people if person.pk in picked] if len(people) > 1 else people
    if people and not chosen:
        message = _(
            "Several people are called %(name)s. Pick one from the list that opens behind @, or write @ and their "
            "e-mail address."
        )
        raise Refused(message % {"name": people[0].name}, path="text", code="several_called")
    return chosen


def _begins(words: str, called: str) -> bool:
    follows = words[len(called) : len(called) + 1]
    return words.startswith(called) and not (follows.isalnum() or follows == "_")


def _written(comment: Comment, mentions: list[Mention]) -> Written:
    names = sorted((mention.person.name for mention in mentions), key=len, reverse=True)
    names += [mention.person.email for mention in mentions]
    untold = sorted(mention.person.name for mention in mentions if not mention.was_told)
    return Written(comment, _parts(comment.text, names), untold)


def _parts(text: str, names: list[str]) -> list[Part]:
    if not names:
        return [Part(text, is_name=False)]
    pieces = re.split(f"(@(?:{'|'.join(map(re.escape, names))}))(?!\\w)", text, flags=re.IGNORECASE)
    return [Part(piece, is_name=bool(place % 2)) for place, piece in enumerate(pieces) if piece]
