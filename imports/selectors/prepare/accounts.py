"""What is worked out for the tables of accounts: their numbers and places, modules and potential."""

from django.utils.translation import ngettext

from common.said import marked as _
from imports.rules.rows import Lines, Wrong
from imports.rules.values import BadValue
from imports.selectors.prepare.work import Made, Preparation, account_number, family_of, giver, person_of


def accounts(work: Preparation) -> Made:
    unnumbered = [cells["Name"] for _number, cells in work.lines if not cells["Number"]]
    here, give = work.known.accounts_named(unnumbered), giver(work, "A")
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


def _place(work: Preparation, number: int, cells: dict[str, str]) -> str:
    """The code of the territory that a line puts its account into; nothing where it names neither that nor an owner."""
    known, text = work.known, cells["Territory"]
    try:
        if text:
            return known.tree.find(text)
        if not cells["Owner"]:
            return ""
        email = person_of(known, cells["Owner"])
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


def modules(work: Preparation) -> Made:
    known, fresh = dict(work.known.modules), []
    for number, cells in work.lines:
        name, new = cells["Module"], ""
        if name and name.casefold() not in known:
            known[name.casefold()] = new = name
            fresh.append(name)
        made = {"new module": new, "module": known.get(name.casefold(), ""), "from": work.since(cells)}
        yield number, {**cells, **made, "account": account_number(work.known, cells["Account"])}
    work.note(fresh, _fresh_modules)


def _fresh_modules(count: int) -> str:
    return ngettext("%(count)s module is new: %(named)s.", "%(count)s modules are new: %(named)s.", count)


def potentials(work: Preparation) -> Made:
    for number, cells in work.lines:
        made = {"account": account_number(work.known, cells["Account"])}
        made |= {"as of": cells["As of"] or work.known.today.isoformat()}
        yield number, {**cells, **family_of(work, number, cells), **made}


def realignment(work: Preparation) -> Lines:
    return work.lines
