"""What is worked out for the tables of the organisation itself: territories, people and products."""

from collections import defaultdict

from django.utils.translation import ngettext

from common.importing import Guesses
from common.said import marked as _
from imports.rules.people import Codes, Seating, circles, round_from, unknown
from imports.rules.rows import Lines, Wrong
from imports.rules.values import BadValue
from imports.selectors.prepare.work import Made, Preparation


def territories(work: Preparation) -> Lines:
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


def people(work: Preparation) -> Made:
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


def _alone(count: int) -> str:
    return ngettext(
        "%(count)s person has no manager and no territory: %(named)s. They come directly below the company; "
        "their figures are in no team.",
        "%(count)s people have no manager and no territory: %(named)s. They come directly below the company; "
        "their figures are in no team.",
        count,
    )


def products(work: Preparation) -> Made:
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


def _fresh(count: int) -> str:
    return ngettext(
        "%(count)s product family is new: %(named)s.", "%(count)s product families are new: %(named)s.", count
    )
