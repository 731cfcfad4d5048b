"""Text as people type it: composed to one form, without characters that nobody sees."""

import unicodedata

from django.utils.translation import gettext as _

from common.errors import Refused

MOST_MARKS = 3
UNSEEN = ("Cc", "Cf", "Cs", "Co")
BREAKS = "\n\r\t"
BROKEN = "\ufffd"
"""What stands where bytes were not UTF-8."""


def checked_text(text: str, path: str = "", *, is_long: bool = False) -> str:
    """The text in composed form (NFC); a long one may have line breaks and tabs.

    Raises Refused for control characters, invisible and direction-changing ones, private and broken ones, and for
    more than three accents on one letter: such text looks like another one, or like nothing.
    """
    composed = unicodedata.normalize("NFC", text)
    marks = 0
    for place, char in enumerate(composed, 1):
        kind = unicodedata.category(char)
        marks = marks + 1 if kind.startswith("M") else 0
        is_unseen = kind in UNSEEN and not (is_long and char in BREAKS)
        if is_unseen or char == BROKEN or marks > MOST_MARKS:
            name = f"U+{ord(char):04X} {unicodedata.name(char, '')}".strip()
            message = _("The character %(name)s at place %(place)d can't be part of this text. Take it out.")
            raise Refused(message % {"name": name, "place": place}, path=path, code="bad_character")
    return composed
