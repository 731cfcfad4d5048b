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
            data = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant, parse_int=_whole)
            is_deep = _is_deep(data)
        except (UnicodeDecodeError, json.JSONDecodeError) as error:
            message = _("This is not JSON in UTF-8: %(why)s.") % {"why": error}
            raise ParseError(message, code="not_json") from error
        except RecursionError:
            is_deep = True
        if is_deep:
            message = _("Nested too deeply: at most %(most)d levels.") % {"most": MAX_DEPTH}
            raise ParseError(message, code="too_deep")
        return _whole_characters(data)


def _is_deep(data: Any) -> bool:
    level = [data]
    for _depth in range(MAX_DEPTH + 1):
        holders = [part for part in level if isinstance(part, dict | list)]
        level = [part for one in holders for part in (one.values() if isinstance(one, dict) else one)]
    return bool(holders)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            message = _("The key %(key)s stands twice; send it once.") % {"key": echo(key)}
            raise ParseError(message, code="duplicate_key")
        found[key] = value
    return found


def _no_constant(name: str) -> Any:
    message = _("%(name)s is not a value; write an amount as text, or null.") % {"name": name}
    raise ParseError(message, code="not_a_value")


def _whole(digits: str) -> int:
    if len(digits) > MOST_ECHOED:
        message = _("A number here has too many digits: %(start)s…") % {"start": digits[:20]}
        raise ParseError(message, code="too_long")
    return int(digits)


def _whole_characters(data: Any) -> Any:
    """`data`, unless a text in it holds half of a surrogate pair, which is no character."""
    try:
        json.dumps(data, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        message = _("A text here holds half of a character (\\u%(code)04x); send the whole one.")
        code = ord(error.object[error.start])
        raise ParseError(message % {"code": code}, code="half_character") from error
    return data


def echo(name: str) -> str:
    """The start of a name that was sent, fit to be sent back."""
    return name.encode(errors="replace").decode()[:MOST_ECHOED]
