"""What is worked out for each line of a table before it is read: numbers, places, codes, what an empty cell means."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator

from django.utils.translation import ngettext

from common.importing import Guesses, Unresolved
from common.locale import format_number
from common.said import marked as _
from imports.rules.people import Codes, Seating, circles, round_from, unknown
from imports.rules.rows import Lines, Wrong
from imports.rules.sheets import some_of
from imports.rules.values import BadValue
from imports.selectors.known import Known
from pipeline.models import Stage

MOST_NAMED = 5
"""So many of what a note is about are named."""

Prepared = tuple[Lines, list[Wrong], list[str]]


def _alone(count: int) -> str:
    return ngettext(
        "%(count)s person has no manager and no territory: %(named)s. They come directly below the company; "
        "their figures are in no team.",
        "%(count)s people have no manager and no territory: %(named)s. They come directly below the company; "
        "their figures are in no team.",
        count,
    )


def _past(count: int) -> str:
    return ngettext(
        "%(count)s close date lies in the past: %(named)s.",
        "%(count)s close dates lie in the past: %(named)s.",
        count,
    )


def _fresh(count: int) -> str:
    return ngettext(
        "%(count)s product family is new: %(named)s.", "%(count)s product families are new: %(named)s.", count
    )


def _fresh_modules(count: int) -> str:
    return ngettext("%(count)s module is new: %(named)s.", "%(count)s modules are new: %(named)s.", count)


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


def prepared(name: str, known: Known, label: str, lines: Lines, header: Collection[str]) -> Prepared:
    """The lines of that table with their worked-out cells, what is wrong with them, and what is worth a look."""
    work = Preparation(known, label, lines, header)
    made = list(PREPARE[name](work))
    return made, work.wrong, work.notes


def _territories(work: Preparation) -> Lines:
    tree = work.known.tree
    by_name: dict[str, list[str]] = defaultdict(list)
    for _number, cells in work.lines:
        by_name[cells["Name"].casefold()].append(cells["Code"])
    codes = {cells["Code"] for _number, cells in work.lines}
    here = [*codes, *tree.names, *tree.names.values(), *(cells["Name"] for _number, cells in work.lines)]
    guesses = Guesses(lambda: dict.fromkeys(here))
    made: Lines = []
    root = tree.root
    for number, cells in work.lines:
        parent = cells["Parent"]
        named = by_name.get(parent.casefold(), [])
        if parent and parent not in codes and parent not in tree.names:
            try:
                parent = named[0] if len(named) == 1 else tree.find(parent)
            except BadValue:
                error = unknown(_("There is no such territory, here or in the table."), parent, guesses)
                work.wrong.append(Wrong(work.label, number, "Parent", parent, error))
                parent = root
        elif not parent and cells["Code"] != root:
            if root:
                name = tree.names.get(root) or next(
                    one["Name"] for _n, one in work.lines if one["Code"] == root
                )
                remedy = _("Name the one that it lies below; the root is %(name)s (%(code)s).")
                work.refuse(number, "Parent", "", _("It has no parent."), remedy, name=name, code=root)
                parent = root
            else:
                root = cells["Code"]
        made.append((number, {**cells, "Parent": parent, "from": work.since(cells)}))
    _refuse_loops(work, made)
    return made


def _refuse_loops(work: Preparation, lines: Lines) -> None:
    """Territories of the table that lie below themselves."""
    above = {cells["Code"]: (number, cells["Parent"]) for number, cells in lines}
    problem, remedy = _("It lies below itself: %(names)s."), _("Name another parent.")
    for circle in circles({code: parent for code, (_number, parent) in above.items()}):
        for place, code in enumerate(circle):
            number, parent = above[code]
            work.refuse(number, "Parent", parent, problem, remedy, names=round_from(circle, place))


def _people(work: Preparation) -> Iterator[tuple[int, dict[str, str]]]:
    known = work.known
    if not known.tree.root:
        number = work.lines[0][0]
        problem = _("There is no territory yet for them to sit below.")
        work.refuse(number, "Name", "", problem, _("Bring in the territories first."))
        return
    seating = Seating(work.label, known.seated, known.tree, work.lines)
    alone = []
    for number, cells in seating.seat():
        if cells["own code"] and cells["Role"] in ("rep", "manager") and not cells["Manager"]:
            alone.append(cells["Name"])
        # Who is here already keeps their own zone and locale where the table says nothing.
        is_new = cells["E-mail"] not in known.people
        zone = cells["Time zone"] or (known.company.time_zone if is_new else "")
        locale = cells["Locale"] or (known.company.locale if is_new else "")
        yield number, {**cells, "zone": zone, "locale": locale, "from": work.since(cells)}
    work.wrong += seating.wrong
    work.note(alone, _alone)


def _products(work: Preparation) -> Iterator[tuple[int, dict[str, str]]]:
    families, made, fresh = dict(work.known.families), {}, []
    codes, priced = Codes(families.values(), "FAMILY"), work.known.priced
    for number, cells in work.lines:
        name = cells["Family"].casefold()
        if name and name not in families:
            families[name] = made[name] = codes.give(cells["Family"])
        # Each line of a new family names it, with the words of its first one.
        currency = work.filled(cells, "Currency", priced.get(cells["Code"]), work.known.currency)
        new = made.pop(name, "")
        if new:
            fresh.append(cells["Family"])
        yield number, {**cells, "family": families.get(name, ""), "new family": new, "currency": currency}
    work.note(fresh, _fresh)


def _accounts(work: Preparation) -> Iterator[tuple[int, dict[str, str]]]:
    unnumbered = [cells["Name"] for _number, cells in work.lines if not cells["Number"]]
    here, give = work.known.accounts_named(unnumbered), _giver(work, "A")
    first: dict[str, int] = {}
    for number, cells in work.lines:
        name, given = cells["Name"], cells["Number"]
        if not given and name and first.setdefault(name, number) != number:
            problem = _("Line %(first)s has the same name, and neither has a number.")
            work.refuse(number, "Name", name, problem, _("Give both a number."), first=first[name])
        elif not given and len(here[name]) > 1:
            problem = _("There are %(count)s accounts of that name here.")
            work.refuse(number, "Name", name, problem, _("Give its number."), count=len(here[name]))
        account = given or (here[name][0] if here[name] else give())
        yield (
            number,
            {**cells, "number": account, "place": _place(work, number, cells), "from": work.since(cells)},
        )


def _modules(work: Preparation) -> Iterator[tuple[int, dict[str, str]]]:
    known, fresh = dict(work.known.modules), []
    for number, cells in work.lines:
        name, new = cells["Module"], ""
        if name and name.casefold() not in known:
            known[name.casefold()] = new = name
            fresh.append(name)
        made = {"new module": new, "module": known.get(name.casefold(), ""), "from": work.since(cells)}
        yield number, {**cells, **made, "account": _account_number(work.known, cells["Account"])}
    work.note(fresh, _fresh_modules)


def _giver(work: Preparation, letter: str, *, of_deals: bool = False) -> Callable[[], str]:
    """Gives one number after the other, past the highest of its kind that is here or in the table."""
    there = work.known.numbers_like(f"{letter}-", of_deals=of_deals)
    there.update(cells["Number"] for _number, cells in work.lines if cells["Number"])
    tails = (number.partition("-")[2] for number in there if number.startswith(f"{letter}-"))
    last = max((int(tail) for tail in tails if tail.isdecimal() and len(tail) <= 9), default=0)

    def give() -> str:
        nonlocal last
        last += 1
        return f"{letter}-{last:05}"

    return give


def _place(work: Preparation, number: int, cells: dict[str, str]) -> str:
    """The code of the territory that a line puts its account into; nothing where it names neither that nor an owner."""
    known, text = work.known, cells["Territory"]
    try:
        if text:
            return known.tree.find(text)
        if not cells["Owner"]:
            return ""
        email = _person(known, cells["Owner"])
        owned = known.owned(email)
    except BadValue as error:
        column = "Territory" if text else "Owner"
        work.wrong.append(Wrong(work.label, number, column, cells[column], error))
        return ""
    if len(owned) != 1:
        problem = (
            _("This person owns %(count)s territories.") if owned else _("This person owns no territory.")
        )
        work.refuse(
            number, "Owner", cells["Owner"], problem, _("Name the territory instead."), count=len(owned)
        )
        return ""
    return owned[0]


def _person(known: Known, text: str) -> str:
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


def _opportunities(work: Preparation) -> Iterator[tuple[int, dict[str, str]]]:
    known, give = work.known, _giver(work, "D", of_deals=True)
    here = known.deals_named([cells["Name"] for _number, cells in work.lines if not cells["Number"]])
    facts = known.deal_facts([cells["Number"] for _number, cells in work.lines if cells["Number"]])
    first: dict[tuple[str, str], int] = {}
    past = [
        cells["Name"] for _number, cells in work.lines if "" < cells["Close date"] < known.today.isoformat()
    ]
    work.note(past, _past)
    for number, cells in work.lines:
        account = _account_number(known, cells["Account"])
        key, given = (cells["Name"], account), cells["Number"]
        standing = here.get(key, [])
        if not given and cells["Name"] and first.setdefault(key, number) != number:
            problem = _("Line %(first)s has the same name and account, and neither has a number.")
            work.refuse(number, "Name", cells["Name"], problem, _("Give both a number."), first=first[key])
        elif not given and len(standing) > 1:
            problem = _("There are %(count)s deals of that name with the account.")
            work.refuse(number, "Name", cells["Name"], problem, _("Give its number."), count=len(standing))
        stage = _stage(work, number, cells["Stage"])
        fact = facts.get(given) if given else (standing[0] if standing else None)
        made = {
            "number": given or (fact.number if fact else give()),
            "created": cells["Created"] or (fact.created_on if fact else known.today).isoformat(),
            "currency": work.filled(cells, "Currency", fact.currency if fact else None, known.currency),
            "motion": work.filled(cells, "Motion", fact.motion if fact else None, "new"),
            "Stage": stage,
        }
        if "Amount" in work.header:
            made["price"] = cells["Amount"] if cells["Product"] else ""
        yield number, {**cells, **made}


def _account_number(known: Known, text: str) -> str:
    """The number of the account that is named; the text itself where it names none, or several."""
    try:
        return known.account_numbers[known.accounts.find(text)]
    except Unresolved:
        return text


def _stage(work: Preparation, number: int, text: str) -> str:
    """The open stage of that name, as it is written here."""
    stages = work.known.stages
    stage = stages.get(text.casefold())
    if text and (stage is None or stage.kind != Stage.Kind.OPEN):
        problem = _("Deals in this stage are not open.") if stage else _("There is no such stage.")
        remedy = _("Open stages: %(names)s. What is won already comes in as opening order intake.")
        work.refuse(number, "Stage", text, problem, remedy, names=", ".join(work.known.open_stages))
    return stage.name if stage else text


def _quotas(work: Preparation) -> Iterator[tuple[int, dict[str, str]]]:
    for number, cells in work.lines:
        yield number, {**cells, **_whose(work, number, cells), **_family(work, number, cells),
                       "kind": cells["Kind"] or "assigned"}  # fmt: skip


def _openings(work: Preparation) -> Iterator[tuple[int, dict[str, str]]]:
    for number, cells in work.lines:
        made = {
            "on": _day(work, number, cells),
            "currency": cells["Currency"] or work.known.currency,
            "motion": cells["Motion"] or "new",
        }
        yield number, {**cells, **_whose(work, number, cells), **_family(work, number, cells), **made}


def _potentials(work: Preparation) -> Iterator[tuple[int, dict[str, str]]]:
    for number, cells in work.lines:
        made = {"account": _account_number(work.known, cells["Account"])}
        made |= {"as of": cells["As of"] or work.known.today.isoformat()}
        yield number, {**cells, **_family(work, number, cells), **made}


def _realignment(work: Preparation) -> Lines:
    return work.lines


def _whose(work: Preparation, number: int, cells: dict[str, str]) -> dict[str, str]:
    """The person or the territory of a line, by address or code, so that two lines of one are seen to be."""
    person, territory = cells["Person"], cells["Territory"]
    if bool(person) == bool(territory):
        problem = _("It is for both a person and a territory.") if person else _("It is for nobody.")
        work.refuse(number, "Person", person, problem, _("Name one person or one territory."))
    column = "Person" if person else "Territory"
    try:
        return {
            "Person": _person(work.known, person) if person else "",
            "Territory": work.known.tree.find(territory) if territory else "",
        }
    except BadValue as error:
        work.wrong.append(Wrong(work.label, number, column, cells[column], error))
        return {}


def _family(work: Preparation, number: int, cells: dict[str, str]) -> dict[str, str]:
    """The family of a line by its code."""
    text, families = cells["Family"], work.known.families
    if text and text.casefold() not in families:
        error = unknown(_("There is no such product family."), text, work.families)
        work.wrong.append(Wrong(work.label, number, "Family", text, error))
    return {"Family": families.get(text.casefold(), text)}


def _day(work: Preparation, number: int, cells: dict[str, str]) -> str:
    """The day of an opening entry: as written, or the first of its quarter, when whoever sits there already sits."""
    day, code, quarters = cells["Day"], cells["Quarter"].upper(), work.known.quarters
    if bool(day) == bool(code):
        problem = _("It has both a day and a quarter.") if day else _("It has no day.")
        work.refuse(number, "Day", day, problem, _("Give the day, or the quarter."))
    elif code and code not in quarters:
        problem, remedy = _("The calendar has no quarter of that name."), _("It has: %(known)s.")
        work.refuse(number, "Quarter", code, problem, remedy, known=some_of(list(quarters)))
    return day or (quarters[code].starts_on if code in quarters else work.known.today).isoformat()


PREPARE: dict[str, Callable[[Preparation], Iterator[tuple[int, dict[str, str]]] | Lines]] = {
    "territories": _territories,
    "people": _people,
    "products": _products,
    "accounts": _accounts,
    "modules": _modules,
    "opportunities": _opportunities,
    "quotas": _quotas,
    "openings": _openings,
    "potentials": _potentials,
    "realignment": _realignment,
}
