"""A language of the tests' own: English with accents, in brackets and a third longer, so that what is not translated or
has no room shows itself."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from gettext import NullTranslations

from django.utils import translation
from django.utils.translation import trans_real

OPEN, CLOSE = "⟦", "⟧"
ACCENTED = str.maketrans("aeioucnsyAEIOUCNSY", "áéíóúçñšýÁÉÍÓÚÇÑŠÝ")
KEPT = re.compile(r"(%\(\w+\)[-\d.]*[a-z]|%[-\d.]*[sdif%]|\{\w*\}|<[^>]*>|&\w+;|https?://\S+)")


def pseudo(text: str) -> str:
    """⟦Ópéñ %(name)s ···⟧: what is not words (placeholders, tags) stays as it is."""
    if not any(letter.isalpha() for letter in text):
        return text
    parts = KEPT.split(text)
    parts[::2] = [part.translate(ACCENTED) for part in parts[::2]]
    longer = "·" * max(1, round(len(KEPT.sub("", text)) * 0.35))
    return f"{OPEN}{''.join(parts)} {longer}{CLOSE}"


class Pseudo(NullTranslations):
    """A catalog that knows every message."""

    def gettext(self, message: str) -> str:
        return pseudo(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return pseudo(msgid1 if n == 1 else msgid2)

    def pgettext(self, context: str, message: str) -> str:
        return pseudo(message)

    def npgettext(self, context: str, msgid1: str, msgid2: str, n: int) -> str:
        return pseudo(msgid1 if n == 1 else msgid2)

    def language(self) -> str:
        return "en"

    def to_language(self) -> str:
        return "en"


@contextmanager
def spoken() -> Iterator[None]:
    """While it lasts the product speaks the tests' language wherever it speaks English."""
    kept, default = trans_real._translations.copy(), trans_real._default  # type: ignore[attr-defined]
    trans_real._translations["en"] = trans_real._default = Pseudo()  # type: ignore[attr-defined]
    translation.activate("en")
    try:
        yield
    finally:
        trans_real._translations.clear()  # type: ignore[attr-defined]
        trans_real._translations.update(kept)  # type: ignore[attr-defined]
        trans_real._default = default  # type: ignore[attr-defined]
        translation.activate("en")
