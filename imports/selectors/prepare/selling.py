"""What is worked out for the tables of selling: leads, deals, quotas and what was ordered before."""

from django.utils.translation import ngettext

from common.said import marked as _
from imports.rules.sheets import some_of
from imports.selectors.prepare.work import Made, Preparation, account_number, family_of, giver, whose
from pipeline.models import Lead, Opportunity, SalesModel, Stage


def leads(work: Preparation) -> Made:
    give = giver(work, "L", Lead)
    numbers = [cells["Number"] for _number, cells in work.lines if cells["Number"]]
    created = dict(Lead.objects.filter(number__in=numbers).values_list("number", "created_on"))
    for number, cells in work.lines:
        here = created.get(cells["Number"], work.known.today)
        made = {"number": cells["Number"] or give(), "created": cells["Created"] or here.isoformat()}
        yield number, {**cells, **made}


def opportunities(work: Preparation) -> Made:
    known, give = work.known, giver(work, "D", Opportunity)
    here = known.deals_named([cells["Name"] for _number, cells in work.lines if not cells["Number"]])
    facts = known.deal_facts([cells["Number"] for _number, cells in work.lines if cells["Number"]])
    first: dict[tuple[str, str], int] = {}
    past = [
        cells["Name"] for _number, cells in work.lines if "" < cells["Close date"] < known.today.isoformat()
    ]
    work.note(past, _past)
    for number, cells in work.lines:
        account = account_number(known, cells["Account"])
        key, given = (cells["Name"], account), cells["Number"]
        standing = here.get(key, [])
        if not given and cells["Name"] and first.setdefault(key, number) != number:
            problem = _("Line %(first)s has the same name and account, and neither has a number.")
            work.refuse(number, "Name", cells["Name"], problem, _("Give both a number."), first=first[key])
        elif not given and len(standing) > 1:
            problem = _("There are %(count)s deals of that name with the account.")
            work.refuse(number, "Name", cells["Name"], problem, _("Give its number."), count=len(standing))
        fact = facts.get(given) if given else (standing[0] if standing else None)
        model = _model(work, number, cells["Sales model"])
        own = fact.stage.sales_model_id if fact else None
        stage = _stage(work, number, cells["Stage"], model.pk if model else own)
        made = {
            "number": given or (fact.number if fact else give()),
            "created": cells["Created"] or (fact.created_on if fact else known.today).isoformat(),
            "currency": work.filled(cells, "Currency", fact.currency if fact else None, known.currency),
            "motion": work.filled(cells, "Motion", fact.motion if fact else None, "new"),
            "Stage": stage,
            "Sales model": model.name if model else "",
        }
        if "Amount" in work.header:
            made["price"] = cells["Amount"] if cells["Product"] else ""
        yield number, {**cells, **made}


def _model(work: Preparation, number: int, text: str) -> SalesModel | None:
    """The sales model of that name, in any letters."""
    models = work.known.models
    if text and text.casefold() not in models:
        names = ", ".join(model.name for model in models.values())
        remedy = _("Sales models: %(names)s.")
        work.refuse(number, "Sales model", text, _("There is no such sales model."), remedy, names=names)
    return models.get(text.casefold())


def _stage(work: Preparation, number: int, text: str, model_id: int | None) -> str:
    """The open stage of that name in a sales model, without one in the usual one, as it is written here."""
    stages = work.known.stages(model_id)
    stage = stages.get(text.casefold())
    if text and (stage is None or stage.kind != Stage.Kind.OPEN):
        problem = _("Deals in this stage are not open.") if stage else _("There is no such stage.")
        remedy = _("Open stages: %(names)s. What is won already comes in as opening order intake.")
        work.refuse(number, "Stage", text, problem, remedy, names=", ".join(work.known.open_stages(model_id)))
    return stage.name if stage else text


def _past(count: int) -> str:
    return ngettext(
        "%(count)s close date lies in the past: %(named)s.",
        "%(count)s close dates lie in the past: %(named)s.",
        count,
    )


def quotas(work: Preparation) -> Made:
    for number, cells in work.lines:
        yield number, {**cells, **whose(work, number, cells), **family_of(work, number, cells),
                       "kind": cells["Kind"] or "assigned"}  # fmt: skip


def openings(work: Preparation) -> Made:
    for number, cells in work.lines:
        made = {
            "on": _day(work, number, cells),
            "currency": cells["Currency"] or work.known.currency,
            "motion": cells["Motion"] or "new",
        }
        yield number, {**cells, **whose(work, number, cells), **family_of(work, number, cells), **made}


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
