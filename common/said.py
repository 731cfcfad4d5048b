"""What a rule has to say: a text to translate and what is put into it. Rules know no language; the edges do."""


def marked(text: str) -> str:
    """The text itself, marked for translation: rules import it as `_`, as others do gettext."""
    return text


class Said(ValueError):
    """A refusal by a rule, in plain English; an edge shows `gettext(error.text) % error.values`.

    Example: Said("At most %(most)s.", most=5) reads "At most 5.".
    """

    def __init__(self, text: str, **values: object) -> None:
        super().__init__(text % values)
        self.text = text
        self.values = values
