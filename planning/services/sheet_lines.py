"""The lines of a sheet set against what stands on the realignment's day: what differs, and what is wrong."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from functools import cache

from django.db.models import F, Q, Value
from django.utils.translation import gettext as _

from accounts.models import Account, AccountTerritory
from common.access import AnyOf
from common.errors import Refused
from common.importing import Difference, Names, Reject, Row, Unresolved
from common.locale import format_date
from common.selectors import today
from common.transaction import reach
from common.written import unquoted
from planning.models import Move
from planning.selectors.exchange import standing_on
from planning.selectors.whereabouts import later_in_words, names_on, places_from
from planning.services.drafts import may_move
from territories.models import Seat, Territory, User
from territories.services.tree import check_fit

SEATS = {"owner": Seat.Kind.OWNER, "lead": Seat.Kind.LEAD}


def day_of(rows: Sequence[Row]) -> tuple[date, list[Reject]]:
    """The one day of a sheet, tomorrow where it names none; and the lines with another day, or one that has passed."""
    given = [row for row in rows if row.values.get("starts_on")]
    day: date = given[0].values["starts_on"] if given else today() + timedelta(days=1)
    wrong = []
    for row in given:
        if row.values["starts_on"] != day:
            problem = _("A realignment has one day; line %(line)s says %(day)s.")
            words = {"line": given[0].line, "day": format_date(day)}
            remedy = _("Write the same day into all lines, or leave it empty.")
            wrong.append(row.reject("starts_on", problem % words, remedy))
        elif day < today():
            remedy = _("Write today or a later day into all lines, or empty the column: tomorrow.")
            wrong.append(row.reject("starts_on", _("The day has passed."), remedy))
    return day, wrong


class Comparison:
    """What the lines say otherwise than it stands on the day: `parents`, `seats` and `places`; `rejects` is what is
    wrong with them, `same` how many lines say what stands.
    """

    def __init__(self, rows: Sequence[Row], day: date) -> None:
        self.day, self.standing = day, standing_on(day)
        self.parents: dict[int, int] = {}
        self.seats: dict[tuple[int, str], int | None] = {}
        self.places: dict[int, list[int]] = defaultdict(list)
        self.rejects: list[Reject] = []
        self.same = 0
        self._named: dict[tuple[str, int], Row] = {}
        self._is_theirs = cache(_leads)
        nodes = self.standing.nodes.items()
        self._territories = Names(
            _("territory"), ((pk, one.code, one.name) for pk, one in nodes if self._is_theirs(pk))
        )
        people = User.objects.filter(is_active=True).values_list("pk", "email", "name")
        self._people = Names(_("person"), people)
        self._read_accounts(rows, day)
        for row in rows:
            self._read(row)
        self._refuse_planned(day)
        self._refuse_circles()

    def _read_accounts(self, rows: Sequence[Row], day: date) -> None:
        """The accounts that lie on the day where this person may realign; any other is not there."""
        numbers = [text for row in rows if (text := _text(row, "account"))]
        among = Q(AnyOf(F("number"), Value(numbers)))
        found = Account.objects.visible_to(reach()).filter(among, merged_into=None)
        accounts = dict(found.values_list("number", "pk"))
        self._places = places_from(list(accounts.values()), day)
        self._there = {pk: self.standing.place_of(self._places.get(pk, []), day) for pk in accounts.values()}
        self._called = dict(found.values_list("pk", "name"))
        self._accounts = {number: pk for number, pk in accounts.items() if self._is_theirs(self._there[pk])}

    def _refuse(self, row: Row, column: str, problem: str, remedy: str, /, **words: object) -> None:
        self.rejects.append(row.reject(column, problem % words, remedy % words))

    def _find(self, row: Row, name: str, names: Names) -> int | None:
        """The id of what a cell names; None where it names nothing, which is refused."""
        text = _text(row, name)
        try:
            return names.find(text)
        except Unresolved as error:
            remedy = error.remedy
            if text not in names and not _reads_all():  # whether there is one elsewhere is not said
                remedy = _("Name a territory that you lead, or take the line out.")
            self.rejects.append(row.reject(name, error.problem, remedy))
            return None

    def _read(self, row: Row) -> None:
        before = len(self.rejects)
        is_other = self._account(row) if _text(row, "account") else self._territory(row)
        self.same += not is_other and len(self.rejects) == before

    # ---- accounts ----

    def _account(self, row: Row) -> bool:
        """Whether the line puts its account elsewhere."""
        for name in ("parent", "owner", "lead"):
            if _text(row, name):
                problem = _("The line is about an account, which has a territory alone.")
                self._refuse(row, name, problem, _("Empty the cell; change it in the line of the territory."))
        pk = self._accounts.get(_text(row, "account"))
        if pk is None:
            problem = _("There is no such account.")
            self._refuse(
                row, "account", problem, _("Write its number as it stands here, or take the line out.")
            )
            return False
        into = self._into(row)
        if into is None or self._is_named(row, "account", pk):
            return False
        if into == self._there[pk]:
            return False
        self.places[into].append(pk)
        return True

    def _into(self, row: Row) -> int | None:
        """The territory that an account goes to; None for what is refused."""
        if not _text(row, "territory"):
            problem, remedy = (
                _("The account has no territory."),
                _("Write its code; %(code)s keeps what belongs to nobody."),
            )
            self._refuse(row, "territory", problem, remedy, code=self.standing.nobody.code)
            return None
        into = self._find(row, "territory", self._territories)
        if into is not None and self.standing.nodes[into].kind == Territory.Kind.OVERLAY:
            problem = _("%(name)s is an overlay.")
            name = self.standing.nodes[into].name
            self._refuse(row, "territory", problem, _("Write a territory of the field."), name=name)
            return None
        return into

    def _is_named(self, row: Row, name: str, pk: int) -> bool:
        """Whether a line above names the same, which is refused."""
        first = self._named.setdefault((name, pk), row)
        if first is row:
            return False
        problem = _("Line %(line)s names it already.")
        if name == "account" and _text(first, "territory") != _text(row, "territory"):
            problem = _("Line %(line)s puts it into another territory: %(code)s.")
        words = {"line": first.line, "code": _text(first, "territory")}
        self._refuse(row, name, problem, _("Keep one of the two lines."), **words)
        return True

    # ---- territories ----

    def _territory(self, row: Row) -> bool:
        """Whether the line hangs its territory elsewhere, or puts somebody else there."""
        if not _text(row, "territory"):
            problem = _("It names neither a territory nor an account.")
            self._refuse(row, "territory", problem, _("Name one, or take the line out."))
            return False
        pk = self._find(row, "territory", self._territories)
        if pk is None or self._is_named(row, "territory", pk):
            return False
        is_moved = "parent" in row.values and self._parent(row, pk)
        is_seated = [name in row.values and self._seat(row, name, pk) for name in SEATS]
        return is_moved or any(is_seated)

    def _is_kept(self, row: Row, name: str, kind: Move.Kind, stands: Collection[str]) -> bool:
        """Whether a cell is left as it stands, or is refused, because it is not this person's to change."""
        if may_move(kind):
            return False
        if _text(row, name).casefold() not in {text.casefold() for text in stands}:
            problem = _("Only administrators move territories and people.")
            self._refuse(row, name, problem, _("Leave the cell as it was, or take the column out."))
        return True

    def _parent(self, row: Row, pk: int) -> bool:
        stands = self.standing.parents.get(pk)
        above = self.standing.nodes[stands] if stands else None
        if self._is_kept(row, "parent", Move.Kind.NODE, (above.code, above.name) if above else ("",)):
            return False
        if not _text(row, "parent"):
            if stands is not None:
                remedy = _("Write below which territory it lies; as it stands, below %(code)s.")
                code = self.standing.nodes[stands].code
                self._refuse(row, "parent", _("It lies below nothing."), remedy, code=code)
            return False
        parent = self._find(row, "parent", self._territories)
        if parent is None or parent == stands:
            return False
        self.parents[pk] = parent
        self._check_fit(row, pk, parent)
        return True

    def _check_fit(self, row: Row, pk: int, parent: int) -> None:
        """Refuse a parent that a territory of this type can't lie below, and what never moves or has nothing below."""
        node, above = self.standing.nodes[pk], self.standing.nodes[parent]
        if node.is_unassigned:
            remedy = _("Leave its line as it was, or take it out.")
            self._refuse(row, "parent", _("%(name)s stays where it is."), remedy, name=node.name)
            return
        if above.is_unassigned:
            problem, remedy = _("Nothing lies below %(name)s."), _("Write another territory.")
            self._refuse(row, "parent", problem, remedy, name=above.name)
            return
        try:
            check_fit(node, above, "parent")
        except Refused as error:
            self.rejects.append(row.reject("parent", str(error.message), _("Write another territory.")))

    def _seat(self, row: Row, name: str, pk: int) -> bool:
        """Whether another person than stands there owns or leads a territory; an empty cell: nobody."""
        text, stands = _text(row, name), self.standing.seats.get((pk, SEATS[name]))
        if self._is_kept(row, name, Move.Kind.SEAT, (stands.email, stands.name) if stands else ("",)):
            return False
        if text.casefold() == (stands.email.casefold() if stands else ""):
            return False
        person = self._find(row, name, self._people) if text else None
        if text and (person is None or (stands and person == stands.pk)):
            return False
        self.seats[pk, SEATS[name]] = person
        return True

    def _refuse_planned(self, day: date) -> None:
        """Accounts whose later place, which the move would drop, is not this person's to change."""
        moving = [pk for ids in self.places.values() for pk in ids]
        among = Q(AnyOf(F("account_id"), Value(moving)))
        later = AccountTerritory.in_field().current().filter(among, starts_on__gt=day)
        for pk, node, begins in later.order_by("starts_on").values_list("account", "territory", "starts_on"):
            if not self._is_theirs(node):
                problem = _("From %(day)s on it is planned to lie outside of what you lead.")
                remedy = _("Take the line out, or ask an administrator.")
                row, words = self._named["account", pk], {"day": format_date(begins)}
                self._refuse(row, "territory", problem, remedy, **words)

    def _refuse_circles(self) -> None:
        """Territories that would lie below themselves, each with the way round."""
        for pk in self.parents:
            if circle := self._circle(pk):
                names = " → ".join(self.standing.nodes[one].code for one in (*circle, pk))
                row, problem = self._named["territory", pk], _("It would lie below itself: %(names)s.")
                self._refuse(row, "parent", problem, _("Name another parent."), names=names)

    def _up(self, pk: int) -> int | None:
        return self.parents.get(pk, self.standing.parents.get(pk))

    def _circle(self, pk: int) -> list[int]:
        """The way up from a territory until it comes again; empty where it does not."""
        way, above = [pk], self._up(pk)
        while above is not None and above not in way:
            way.append(above)
            above = self._up(above)
        return way if above == pk else []

    def _depth(self, pk: int) -> int:
        depth, above = 0, self._up(pk)
        while above is not None:
            depth, above = depth + 1, self._up(above)
        return depth

    # ---- what differs ----

    def differences(self) -> list[Difference]:
        """Line by line what stands now and what would, in the words that the sheet has for it."""
        found = [self._of_parent(pk, parent) for pk, parent in self.parents.items()]
        people = User.objects.in_bulk([pk for pk in self.seats.values() if pk])
        found += [
            self._of_seat(pk, kind, people.get(person or 0)) for (pk, kind), person in self.seats.items()
        ]
        moving = [(pk, into) for into, ids in self.places.items() for pk in ids]
        nodes = {node for pk, _into in moving for node, _begins in self._places.get(pk, ())}
        names = names_on(nodes, self.day)
        found += [self._of_account(pk, into, names, people) for pk, into in moving]
        return sorted(found, key=lambda one: one.line)

    def _of_parent(self, pk: int, parent: int) -> Difference:
        nodes, stands = self.standing.nodes, self.standing.parents.get(pk)
        before = nodes[stands].name if stands else _("a root of the tree")
        line = self._named["territory", pk].line
        return Difference(line, nodes[pk].name, _("Lies below"), before, nodes[parent].name)

    def _of_seat(self, pk: int, kind: str, person: User | None) -> Difference:
        stands, nobody = self.standing.seats.get((pk, kind)), _("vacant")
        after = person.name if person else nobody
        column = _("Owner") if kind == Seat.Kind.OWNER else _("Lead")
        line, before = self._named["territory", pk].line, stands.name if stands else nobody
        return Difference(line, self.standing.nodes[pk].name, column, before, after)

    def _of_account(
        self, pk: int, into: int, names: Mapping[int, str], people: Mapping[int, User]
    ) -> Difference:
        there = self._there[pk]
        owner = self.standing.seats.get((there, Seat.Kind.OWNER))
        before = self._placed(there, owner.name if owner else "")
        if (into, Seat.Kind.OWNER) in self.seats:
            coming = people.get(self.seats[into, Seat.Kind.OWNER] or 0)
        else:
            coming = self.standing.seats.get((into, Seat.Kind.OWNER))
        after = self._placed(into, coming.name if coming else "")
        later = later_in_words(self._places.get(pk, ()), self.day, names)
        note = _("Planned until now, and dropped: %(later)s") % {"later": later} if later else ""
        row = self._named["account", pk]
        return Difference(row.line, self._called[pk], _("Territory"), before, after, note)

    def _placed(self, node: int, owner: str) -> str:
        """A territory with who owns it, such as *East 1 (Rita Rep)*."""
        name = self.standing.nodes[node].name
        if node == self.standing.nobody.pk:
            return name
        return f"{name} ({owner or _('vacant')})"

    # ---- moves ----

    def moves(self) -> list[Move]:
        """What differs as moves: territories from the top down, so that none lies below itself meanwhile, then people,
        then the accounts of each target as one.
        """
        hung = sorted(self.parents, key=lambda pk: (self._depth(pk), pk))
        nodes = [Move(kind=Move.Kind.NODE, territory_id=pk, into_id=self.parents[pk]) for pk in hung]
        seats = [
            Move(kind=Move.Kind.SEAT, territory_id=pk, seat_kind=kind, person_id=person)
            for (pk, kind), person in self.seats.items()
        ]
        accounts = [
            Move(kind=Move.Kind.ACCOUNTS, into_id=into, account_ids=sorted(ids))
            for into, ids in self.places.items()
        ]
        return [*nodes, *seats, *accounts]


def _leads(node: int) -> bool:
    """Whether this person may realign the accounts of a territory."""
    return reach().allows("account", "assign", {"territory_id": node})


def _reads_all() -> bool:
    return "org" in reach().relations("account", "assign")


def _text(row: Row, name: str) -> str:
    """The text of a cell, without the mark that keeps it from being a formula."""
    return unquoted(row.values.get(name) or "")
