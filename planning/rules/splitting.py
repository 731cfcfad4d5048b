"""Which accounts of a territory are chosen for a part of it: by their place, or by their numbers."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Candidate:
    """An account that may be chosen: its number, name and postal code, and the places that it lies in."""

    pk: int
    number: str
    name: str
    postcode: str = ""
    places: tuple[str, ...] = ()

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset(map(folded, self.places)) - {""}

    def matches(self, word: str) -> bool:
        """Whether the word, folded, is a place of it or begins its postal code.

        Example: 94105 San Francisco matches "941" and "sanfrancisco", not "410" or "san". Raises nothing.
        """
        return word in self.words or (word != "" and folded(self.postcode).startswith(word))


def folded(text: str) -> str:
    """A text without blanks, capitals apart. Example: " New York" → "newyork". Raises nothing."""
    return "".join(text.split()).casefold()


def words_of(text: str) -> list[str]:
    """What stands between commas, semicolons and line ends, each once. Example: "94, Bern;\n94" → 94, Bern."""
    parts = (part.strip() for part in text.replace(";", ",").replace("\n", ",").split(","))
    return list(dict.fromkeys(part for part in parts if part))


@dataclass(frozen=True)
class Choice:
    """What was typed for a part: places and the beginnings of postal codes, and account numbers."""

    places: Sequence[str]
    numbers: Sequence[str]

    def of(self, candidates: Iterable[Candidate]) -> list[Candidate]:
        """The candidates of which a place or the number is named. Example: "94" and A-7 → all in 94… and A-7."""
        words, numbers = [*map(folded, self.places)], {*map(folded, self.numbers)}
        return [
            each
            for each in candidates
            if folded(each.number) in numbers or any(each.matches(word) for word in words)
        ]

    def unknown(self, candidates: Collection[Candidate]) -> list[str]:
        """The places and numbers that name none of the candidates, as they were typed. Raises nothing."""
        known = {folded(each.number) for each in candidates}
        lost = [number for number in self.numbers if folded(number) not in known]
        return [
            *(place for place in self.places if not any(each.matches(folded(place)) for each in candidates)),
            *lost,
        ]


def chosen_twice(parts: Sequence[Iterable[int]]) -> dict[int, list[int]]:
    """The ids that are in several parts, each with the places of these parts in their order.

    Example: (1, 2), (2, 3) → {2: [0, 1]}. Raises nothing.
    """
    found: dict[int, list[int]] = {}
    for place, ids in enumerate(parts):
        for pk in set(ids):
            found.setdefault(pk, []).append(place)
    return {pk: places for pk, places in found.items() if len(places) > 1}
