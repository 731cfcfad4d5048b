"""The lines of one table while what is missing in them is worked out, and what several tables look up in them."""

from collections.abc import Callable, Collection, Iterator

from accounts.models import Account
from common.importing import Guesses, Unresolved
from common.locale import format_number
from common.said import marked as _
from imports.rules.people import unknown
from imports.rules.rows import Lines, Wrong
from imports.rules.values import BadValue
from imports.selectors.known import Known
from pipeline.models import Lead, Opportunity

MOST_NAMED = 5
"""So many of what a note is about are named."""

Made = Iterator[tuple[int, dict[str, str]]]
"""The lines by their numbers, each with its worked-out cells."""


class Preparation:
    """The lines of one table, with what is worked out added to each; what is wrong with them is in `wrong`.

    `notes` is what is worth a look and no error.
    """

    def __init__(self, known: Known, label: str, lines: Lines, header: Collection[str]) -> None:
        self.known = known
        self.label = label
        self.lines = lines
        self.header = header
        self.wrong: list[Wrong] = []
        self.notes: list[str] = []
        self.families = Guesses(lambda: dict.fromkeys([*known.families.values(), *known.families]))

    def refuse(
        self, number: int, column: str, text: str, problem: str, remedy: str, **values: object
    ) -> None:
        self.wrong.append(Wrong(self.label, number, column, text, BadValue(problem, remedy, **values)))

    def note(self, texts: Collection[str], note: Callable[[int], str]) -> None:
        """What these texts, if there are any, have in common: so many, and the first of them by name."""
        if texts:
            named = ", ".join([*list(texts)[:MOST_NAMED], *(["…"] if len(texts) > MOST_NAMED else [])])
            words = {"count": format_number(len(texts)), "named": named}
            self.notes.append(note(len(texts)) % words)

    def since(self, cells: dict[str, str]) -> str:
        return cells["From"] or self.known.first_day.isoformat()

    def filled(self, cells: dict[str, str], column: str, standing: str | None, default: str) -> str:
        """A cell; where the file lacks its column, what stands here already keeps its own."""
        if column in self.header or standing is None:
            return cells[column] or default
        return standing


def giver(
    work: Preparation, letter: str, model: type[Account | Lead | Opportunity] = Account
) -> Callable[[], str]:
    """Gives one number after the other, past the highest of its kind that is here or in the table."""
    there = work.known.numbers_like(f"{letter}-", model)
    there.update(cells["Number"] for _number, cells in work.lines if cells["Number"])
    tails = (number.partition("-")[2] for number in there if number.startswith(f"{letter}-"))
    last = max((int(tail) for tail in tails if tail.isdecimal() and len(tail) <= 9), default=0)

    def give() -> str:
        nonlocal last
        last += 1
        return f"{letter}-{last:05}"

    return give


def person_of(known: Known, text: str) -> str:
    """The address of who is named. Raises BadValue, with the nearest."""
    if text in known.people:
        return text
    found = known.people_named.get(text.casefold(), [])
    if len(found) == 1:
        return found[0]
    if found:
        raise BadValue(
            _("There are %(count)s of that name."), _("Write the e-mail address."), count=len(found)
        )
    raise unknown(_("There is no such person."), text, known.guesses)


def account_number(known: Known, text: str) -> str:
    """The number of the account that is named; the text itself where it names none, or several."""
    try:
        return known.account_numbers[known.accounts.find(text)]
    except Unresolved:
        return text


def family_of(work: Preparation, number: int, cells: dict[str, str]) -> dict[str, str]:
    """The family of a line by its code."""
    text, families = cells["Family"], work.known.families
    if text and text.casefold() not in families:
        error = unknown(_("There is no such product family."), text, work.families)
        work.wrong.append(Wrong(work.label, number, "Family", text, error))
    return {"Family": families.get(text.casefold(), text)}


def whose(work: Preparation, number: int, cells: dict[str, str]) -> dict[str, str]:
    """The person or the territory of a line, by address or code, so that two lines of one are seen to be."""
    person, territory = cells["Person"], cells["Territory"]
    if bool(person) == bool(territory):
        problem = _("It is for both a person and a territory.") if person else _("It is for nobody.")
        work.refuse(number, "Person", person, problem, _("Name one person or one territory."))
    column = "Person" if person else "Territory"
    try:
        return {
            "Person": person_of(work.known, person) if person else "",
            "Territory": work.known.tree.find(territory) if territory else "",
        }
    except BadValue as error:
        work.wrong.append(Wrong(work.label, number, column, cells[column], error))
        return {}
