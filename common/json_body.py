"""JSON as it was meant: what another reader could understand in another way is refused."""

import json
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

MAX_DEPTH = 32
MOST_ECHOED = 80


class StrictJSONParser(BaseParser):
    """JSON in UTF-8: no duplicate key, no NaN, no half a character, no deeper than 32 levels."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            text = stream.read().decode("utf-8")
            _check_depth(text)
            return _whole_characters(
                json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant, parse_int=_whole)
            )
        except (UnicodeDecodeError, json.JSONDecodeError) as error:
            raise _unreadable(
                _("This is not JSON in UTF-8: %(why)s.") % {"why": error}, "not_json"
            ) from error


def _unreadable(message: str, code: str) -> ParseError:
    return ParseError(message, code=code)


def _check_depth(text: str) -> None:
    depth = deepest = 0
    quoted = escaped = False
    for char in text:
        if quoted:
            quoted = escaped or char != '"'
            escaped = char == "\\" and not escaped
        elif char == '"':
            quoted = True
        elif char in "[{":
            depth += 1
            deepest = max(depth, deepest)
        elif char in "]}":
            depth -= 1
    if deepest > MAX_DEPTH:
        raise _unreadable(_("Nested too deeply: at most %(most)d levels.") % {"most": MAX_DEPTH}, "too_deep")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            message = _("The key %(key)s stands twice; send it once.") % {"key": echo(key)}
            raise _unreadable(message, "duplicate_key")
        found[key] = value
    return found


def _no_constant(name: str) -> Any:
    message = _("%(name)s is not a value; write an amount as text, or null.") % {"name": name}
    raise _unreadable(message, "not_a_value")


def _whole(digits: str) -> int:
    if len(digits) > MOST_ECHOED:
        raise _unreadable(
            _("A number here has too many digits: %(start)s…") % {"start": digits[:20]}, "too_long"
        )
    return int(digits)


def _whole_characters(data: Any) -> Any:
    """`data`, unless a text in it holds half of a surrogate pair, which is no character."""
    try:
        json.dumps(data, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        message = _("A text here holds half of a character (\\u%(code)04x); send the whole one.")
        raise _unreadable(message % {"code": ord(error.object[error.start])}, "half_character") from error
    return data


def echo(name: str) -> str:
    """The start of a name that was sent, fit to be sent back."""
    return name.encode(errors="replace").decode()[:MOST_ECHOED]
