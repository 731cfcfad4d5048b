"""Where the people of a table sit: on the named territory, or on one of their own below their manager's. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from common.importing import Guesses
from common.said import marked as _
from imports.rules.rows import Lines, Wrong
from imports.rules.values import BadValue, filled
from territories.rules import AREA, COMPANY, REGION, TERRITORY, lowered

LEADING = ("manager", "director", "executive")
PLACED = ("rep", "manager", "director")
OWN_KINDS = {"rep": TERRITORY, "manager": AREA, "director": REGION}
"""The types of the territories that are made for people, where nothing above speaks against it."""
SEAT_KINDS = {"rep": "owner", **dict.fromkeys(LEADING, "lead")}
OWN = ("own code", "own name", "own parent", "own kind")
MOST_NAMED = 8
"""So many names of a circle are told; of a longer one the first ones."""


@dataclass(frozen=True)
class Person:
    """Who is here or in the table: by e-mail address, with roles and the code of the territory where they sit."""

    email: str
    name: str
    roles: frozenset[str]
    place: str = ""


@dataclass(frozen=True)
class Tree:
    """The territories that are here: code -> name, code -> parent's code, who sits there, the root, code -> type."""

    names: Mapping[str, str]
    parents: Mapping[str, str]
    held: Mapping[tuple[str, str], tuple[str, str]]
    root: str
    kinds: Mapping[str, str] = field(default_factory=dict)

    def find(self, text: str) -> str:
        """The code of the territory that a text names. Raises BadValue, with the nearest."""
        if text in self.names:
            return text
        found = self._named.get(text.casefold(), [])
        if len(found) == 1:
            return found[0]
        if found:
            raise BadValue(
                _("There are %(count)s of that name."), _("Name it by its code."), count=len(found)
            )
        raise unknown(_("There is no such territory."), text, self._guesses)

    @cached_property
    def _named(self) -> dict[str, list[str]]:
        """The codes of each name, in small letters."""
        named: dict[str, list[str]] = defaultdict(list)
        for code, name in self.names.items():
            named[name.casefold()].append(code)
        return named

    @cached_property
    def _guesses(self) -> Guesses:
        return Guesses(lambda: dict.fromkeys([*self.names, *self.names.values()]))

    def lies_below(self, code: str, above: str) -> bool:
        """Whether a territory is another or lies below it."""
        passed: set[str] = set()  # the places of several days may make a circle
        while code and code != above and code not in passed:
            passed.add(code)
            code = self.parents.get(code, "")
        return code == above


def unknown(problem: str, text: str, guesses: Guesses) -> BadValue:
    """What names nothing, with the nearest name that there is."""
    if near := guesses.near(text):
        return BadValue(problem, _("Did you mean %(near)r?"), near=near)
    return BadValue(problem, _("Bring it in first, or correct the name."))


class Codes:
    """Makes codes of names, each with a number behind it where there is one like it already.

    Example: "Ann Baker" → "ANN-BAKER", then "ANN-BAKER-2"; a name without Latin letters gets `otherwise`.
    """

    def __init__(self, taken: Iterable[str], otherwise: str) -> None:
        self._taken, self._otherwise = set(taken), otherwise
        self._last = Counter[str]()

    def give(self, name: str) -> str:
        base = filled("{name|code}", {"name": name})[:32] or self._otherwise
        code = ""
        while not code or code in self._taken:
            self._last[base] += 1
            code = base if self._last[base] == 1 else f"{base}-{self._last[base]}"
        self._taken.add(code)
        return code


def circles(above: Mapping[str, str]) -> Iterator[Sequence[str]]:
    """Each circle of those who are below one another, once. Example: a → b → c → b: (b, c)."""
    passed: set[str] = set()
    for start in above:
        way: dict[str, None] = {}
        node = start
        while node and node not in passed:
            passed.add(node)
            way[node] = None
            node = above.get(node, "")
        if node in way:
            ordered = [*way]
            yield ordered[ordered.index(node) :]


def round_from(circle: Sequence[str], place: int) -> str:
    """The way from one of a circle to itself again. Example: (b, c), 1 → "c → b → c"."""
    size = len(circle)
    steps = [circle[(place + step) % size] for step in range(min(size, MOST_NAMED))]
    return " → ".join([*steps, *(["…"] if size > MOST_NAMED else []), circle[place]])


@dataclass
class Seating:
    """The people of a table, whom they report to, and where that puts them."""

    label: str
    here: Mapping[str, Person]
    tree: Tree
    lines: Lines
    wrong: list[Wrong] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.listed: dict[str, tuple[int, dict[str, str]]] = {}
        for number, cells in self.lines:
            email = cells["E-mail"]
            if email and email in self.listed:
                first = self.listed[email][0]
                error = BadValue(
                    _("This person stands on line %(first)s already."),
                    _("Keep one of the two lines."),
                    first=first,
                )
                self._refuse(number, "E-mail", email, error)
            elif email:
                self.listed[email] = (number, cells)
        self.named: dict[str, list[str]] = defaultdict(list)
        for email, person in self.here.items():
            if email not in self.listed:
                self.named[person.name.casefold()].append(email)
        for email, (_number, cells) in self.listed.items():
            self.named[cells["Name"].casefold()].append(email)
        self.managers = {email: self._manager(email) for email in self.listed}
        self.places: dict[str, str] = {}
        self.codes = Codes(self.tree.names, "TEAM")
        self.own: dict[str, str] = {}
        self.kinds = {self.tree.root: COMPANY, **self.tree.kinds}

    def _refuse(self, number: int, column: str, text: str, error: BadValue) -> None:
        self.wrong.append(Wrong(self.label, number, column, text, error))

    def name_of(self, email: str) -> str:
        return self.listed[email][1]["Name"] if email in self.listed else self.here[email].name

    def _roles(self, email: str) -> frozenset[str]:
        if email in self.listed:
            return frozenset({self.listed[email][1]["Role"]})
        return self.here[email].roles

    def _manager(self, email: str) -> str:
        """The address of a person's manager; nobody where none is named, or where the name is refused."""
        number, cells = self.listed[email]
        text = cells.get("Manager", "")
        if not text:
            return ""
        try:
            found = self._find(text)
            self._check_leads(found, email)
        except BadValue as error:
            self._refuse(number, "Manager", text, error)
            return ""
        return found

    def _find(self, text: str) -> str:
        if text in self.listed or text in self.here:
            return text
        found = self.named.get(text.casefold(), [])
        if len(found) == 1:
            return found[0]
        if found:
            problem, remedy = _("There are %(count)s of that name."), _("Write the e-mail address.")
            raise BadValue(problem, remedy, count=len(found))
        raise unknown(_("Nobody of that name is in the table or here already."), text, self._guesses)

    @cached_property
    def _guesses(self) -> Guesses:
        names = [self.name_of(email) for emails in self.named.values() for email in emails]
        return Guesses(lambda: dict.fromkeys([*names, *self.listed, *self.here]))

    def _check_leads(self, manager: str, email: str) -> None:
        if manager == email:
            raise BadValue(_("Nobody reports to themselves."), _("Name another, or leave it empty."))
        roles = self._roles(manager)
        if roles and not roles.intersection(LEADING) and "" not in roles:
            values = {"name": self.name_of(manager), "roles": ", ".join(sorted(roles))}
            problem = _("%(name)s is %(roles)s, and leads nobody.")
            raise BadValue(problem, _("Name a manager, director or executive."), **values)

    def seat(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Each line with where its person sits and the territory that is made for them; what is wrong is in `wrong`."""
        self._refuse_circles()
        given: dict[tuple[str, str], tuple[str, str]] = dict(self.tree.held)
        for number, cells in self.lines:
            email = cells["E-mail"]
            if self.listed.get(email, (0,))[0] != number:
                continue
            place, made = self.place_of(email), dict.fromkeys(OWN, "")
            if place and place not in self.tree.names:
                title = "%s's territory" if cells["Role"] == "rep" else "%s's team"
                parent = self._place_above(email) or self.tree.root
                made = dict(
                    zip(OWN, (place, title % cells["Name"], parent, self._kind_of(place)), strict=True)
                )
            sits = place if cells.get("Territory") or made["own code"] else ""
            kind = SEAT_KINDS.get(cells["Role"], "")
            self._check_place(number, cells, place, kind, given)
            yield number, {**cells, **made, "seat": sits, "seat kind": kind}

    def place_of(self, email: str) -> str:
        """The code of where a person sits: as named, as here already, else their own; for others nothing."""
        if email not in self.places:
            self.places[email] = ""  # whoever is above themselves was refused
            self.places[email] = self._place(email)
        return self.places[email]

    def _place(self, email: str) -> str:
        here = self.here[email].place if email in self.here else ""
        if email not in self.listed:
            return here
        number, cells = self.listed[email]
        if text := cells.get("Territory", ""):
            try:
                return self.tree.find(text)
            except BadValue as error:
                self._refuse(number, "Territory", text, error)
                return here
        if here or cells["Role"] not in PLACED:
            return here
        code = self.codes.give(cells["Name"])
        self.own[code] = email
        return code

    def _kind_of(self, code: str) -> str:
        """The type of a territory that is here or made for a person: the usual one, if it may lie where it does."""
        if code not in self.kinds:
            email = self.own[code]
            usual = OWN_KINDS[self.listed[email][1]["Role"]]
            self.kinds[code] = usual  # whoever is above themselves was refused
            self.kinds[code] = lowered(usual, self._kind_of(self._place_above(email) or self.tree.root))
        return self.kinds[code]

    def _place_above(self, email: str) -> str:
        """Where the nearest manager sits who sits anywhere."""
        manager, passed = self.managers.get(email, ""), {email}
        while manager and manager not in passed:
            passed.add(manager)
            if place := self.place_of(manager):
                return place
            manager = self.managers.get(manager, "")
        return ""

    def _check_place(
        self,
        number: int,
        cells: dict[str, str],
        place: str,
        kind: str,
        given: dict[tuple[str, str], tuple[str, str]],
    ) -> None:
        """Whether a person may sit where the table or the tree puts them."""
        text, email = cells.get("Territory", ""), cells["E-mail"]
        if text and not kind and cells["Role"]:
            problem, remedy = _("Who is %(role)s sits on no territory."), _("Leave it empty.")
            self._refuse(number, "Territory", text, BadValue(problem, remedy, role=cells["Role"]))
            return
        holder = (
            given.setdefault((place, kind), (email, cells["Name"])) if place and kind and text else ("", "")
        )
        if holder[0] not in ("", email):
            values = {"name": holder[1], "kind": kind}
            problem = _("%(name)s is its %(kind)s already.")
            self._refuse(number, "Territory", text, BadValue(problem, _("Name another territory."), **values))
        above = self._place_above(email)
        is_new = place not in self.tree.names
        if place and above and not is_new and not self.tree.lies_below(place, above):
            values = {"place": self.tree.names[place], "name": self.name_of(self.managers[email])}
            problem = _("%(place)s, where this person sits, does not lie below %(name)s's territory.")
            remedy = _("Leave the manager empty, or give one of the two another territory.")
            self._refuse(number, "Manager", cells["Manager"], BadValue(problem, remedy, **values))

    def _refuse_circles(self) -> None:
        problem, remedy = (
            _("They report to each other in a circle: %(names)s."),
            _("Leave one manager empty."),
        )
        for circle in circles(self.managers):
            names = [self.name_of(email) for email in circle]
            for place, email in enumerate(circle):
                number, cells = self.listed[email]
                error = BadValue(problem, remedy, names=round_from(names, place))
                self._refuse(number, "Manager", cells["Manager"], error)
