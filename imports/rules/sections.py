"""A profile's sections: a class says what one may hold; what is written there wrongly is refused with what is known."""

import difflib
from collections.abc import Callable, Collection, Mapping
from inspect import signature
from typing import Any, get_type_hints

from common.said import Said
from common.said import marked as _


class BadProfile(Said):
    """A profile that can't be used: where, what is wrong, what is known."""


Kind = tuple[Callable[[Any], bool], str]
"""What a key may hold: whether a value is of this kind, and what to write instead of one that is not."""


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


def _are_words(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(text, str) for text in value.values())


def _are_sections(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(entry, dict) for entry in value)


def _is_constant(value: Any) -> bool:
    return isinstance(value, str | int | float)


def _is_mark(value: Any) -> bool:
    return isinstance(value, str) and len(value) == 1 and value not in '"\r\n' and not value.isalnum()


TEXT: Kind = (lambda value: isinstance(value, str), _("%(place)s: write text between quotes."))
FILLED: Kind = (
    lambda value: isinstance(value, str) and value != "",
    _("%(place)s: write text between quotes, not empty."),
)
WHOLE: Kind = (lambda value: type(value) is int, _("%(place)s: write a whole number without quotes."))
YEAR: Kind = (
    lambda value: type(value) is int and 1990 <= value <= 2200,
    _("%(place)s: write a year from 1990 to 2200, without quotes."),
)
MONTH: Kind = (
    lambda value: type(value) is int and 1 <= value <= 12,
    _("%(place)s: write a month from 1 to 12, without quotes."),
)
YEAR_END: Kind = (
    lambda value: value in ("start", "end"),
    _('%(place)s: write "start" or "end": the end of a fiscal year after whose calendar year it is named.'),
)
TEXTS: Kind = (_are_texts, _('%(place)s: write a list of texts, such as ["a", "b"].'))
WORDS: Kind = (_are_words, _('%(place)s: write pairs of texts, such as { a = "b" }.'))
COLUMNS: Kind = (
    lambda value: bool(value) and (_are_texts(value) or _are_words(value)),
    _('%(place)s: write columns, such as ["M01", "M02"] or { M01 = "01", M02 = "02" }.'),
)
LISTS: Kind = (
    lambda value: isinstance(value, dict) and all(map(_are_texts, value.values())),
    _('%(place)s: write lists of texts by column, such as { state = ["Won", "Lost"] }.'),
)
ROWS: Kind = (
    lambda value: _are_sections(value) and all(_is_constant(cell) for row in value for cell in row.values()),
    _('%(place)s: write a list of rows with texts, such as [{ code = "A", name = "x" }].'),
)
SECTION: Kind = (
    lambda value: isinstance(value, dict),
    _("%(place)s: write a section with names and values."),
)
SECTIONS: Kind = (_are_sections, _("%(place)s: write a list of sections with names and values."))
CONSTANT: Kind = (_is_constant, TEXT[1])
MARK: Kind = (
    _is_mark,
    _("%(place)s: write one character between quotes, no letter, digit or quotation mark."),
)
MARK_OR_NONE: Kind = (lambda value: value == "" or _is_mark(value), MARK[1])
DATES: Kind = (
    lambda value: isinstance(value, str) and all(value.count(part) == 1 for part in ("YYYY", "MM", "DD")),
    _('%(place)s: write YYYY, MM and DD once each, such as "DD.MM.YYYY".'),
)


def read(holder: type[Any], raw: Mapping[str, Any], place: str) -> dict[str, Any]:
    """What a section says, for the class that will hold it: its fields are annotated with their kinds.

    Raises BadProfile for a key that the class does not have, a value of another kind, and a missing key that it needs.
    """
    hints = get_type_hints(holder, include_extras=True)
    refuse_unknown(raw, hints, place)
    for name, value in raw.items():
        is_right, message = hints[name].__metadata__[0]
        if not is_right(value):
            raise BadProfile(message, place=f"{place}, {name}")
    parameters = signature(holder).parameters.values()
    require([one.name for one in parameters if one.default is one.empty], raw, place)
    return dict(raw)


def require(names: Collection[str], given: Collection[str], place: str) -> None:
    missing = [name for name in names if name not in given]
    if missing:
        raise BadProfile(_("%(place)s: %(names)s must be given."), place=place, names=", ".join(missing))


def refuse_unknown(names: Collection[str], known: Collection[str], place: str) -> None:
    """Raises BadProfile for a name that is not known, with the nearest that is."""
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            message = _("%(place)s: %(name)r is not known here. Known: %(known)s.")
            if near:
                message = _("%(place)s: %(name)r is not known here. Did you mean %(near)r?")
            values = {"place": place, "name": name, "near": "".join(near), "known": ", ".join(known)}
            raise BadProfile(message, **values)
