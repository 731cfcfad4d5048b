"""Stages and deals brought in from files, with the days on which deals moved."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Account
from catalog.models import Product
from common.errors import Refused
from common.importing import Names, Outcome, Row, resolved
from common.selectors import currencies
from common.staging import Value, ids_for
from common.transaction import act, reach, widened
from pipeline.bulk import write_deals, write_lines, write_readers, write_visits
from pipeline.models import Opportunity, Stage
from pipeline.rules import category_after_stage_change
from territories.models import User
from territories.selectors import seat_finder

COLUMNS = [
    "id", "number", "name", "account_id", "owner_id", "territory_id", "stage_id", "state", "category", "motion",
    "currency", "amount_minor", "close_on", "created_on", "stage_since_on", "closed_on", "lost_reason",
]  # fmt: skip


@act
def apply_import(*, by: int | None, entity: str, rows: Sequence[Row]) -> Outcome:
    """Bring in stages (`stage`, by name) or deals (`opportunity`, by number).

    Administrators, and the organisation's own jobs. A won deal is brought in as won: its order is brought in beside
    it. A deal that is there already is changed where the file differs; its history keeps what it was.
    """
    reach().require("opportunity", "import")
    outcome = Outcome()
    if entity == "stage":
        _stages(rows, outcome)
    else:
        _Deals(by, outcome).bring(rows)
    return outcome


def let_read(pairs: Iterable[tuple[int, int]], reason: str) -> None:
    """Let people read deals for good, as (deal, person). Part of an act that checked authority."""
    with widened("deal_participant"):
        write_readers(pairs, reason)


def _stages(rows: Sequence[Row], outcome: Outcome) -> None:
    standing = {stage.name: stage for stage in Stage.objects.all()}
    for row in rows:
        try:
            kind = _bring_stage(standing.get(row.values["name"]), row)
        except Refused as refusal:
            wrong = row.reject(refusal.path or "name", str(refusal.message), _("Correct the row."))
            outcome.rejects.append(wrong)
            continue
        outcome.add(kind == "created", kind == "changed", kind == "unchanged")


@act
def _bring_stage(stage: Stage | None, row: Row) -> str:
    """An act of its own, so that a refusal takes back this row alone."""
    if stage is None:
        Stage.objects.create(**row.values)
        return "created"
    if all(getattr(stage, name) == value for name, value in row.values.items()):
        return "unchanged"
    Stage.objects.change(stage.pk, stage.version, **row.values)
    return "changed"


@dataclass
class _Known:
    """What a row's references lead to, read once."""

    stages: dict[int, Stage]
    stage_names: dict[str, Stage]
    territories: dict[int, int]
    products: dict[int, Product]
    deals: dict[str, Any]
    seat_on: Callable[[int, date], int]
    currencies: list[str]

    def is_won(self, number: str) -> bool:
        return number in self.deals and self.deals[number]["state"] == Stage.Kind.WON


class _Deals:
    """One import of deals."""

    def __init__(self, by: int | None, outcome: Outcome) -> None:
        self.by = by
        self.outcome = outcome

    def bring(self, rows: Sequence[Row]) -> None:
        rows = resolved(rows, self.outcome, _names())
        known = _known(rows)
        rows = [row for row in rows if self._is_possible(row, known)]
        numbers = [row.values["number"] for row in rows]
        standing = {number: deal["id"] for number, deal in known.deals.items()}
        ids = ids_for("pipeline_opportunity", numbers, standing)
        created, changed = write_deals(
            COLUMNS, (_columns(pk, row, known) for pk, row in zip(ids, rows, strict=True))
        )
        changed |= write_lines(_lines(ids, rows, known)) & set(standing.values())
        write_visits(
            visit for pk, row in zip(ids, rows, strict=True) for visit in self._visits(pk, row, known)
        )
        self.outcome.add(created, len(changed), len(rows) - created - len(changed))

    def _is_possible(self, row: Row, known: _Known) -> bool:
        values, stage = row.values, known.stages[row.values["stage"]]
        closed_on = _closed_on(row, known)
        unknown = [name for name, _ in values.get("visits", []) if name not in known.stage_names]
        wrong = None
        if unknown:
            wrong = row.reject(
                "visits",
                _("There is no stage %(name)r.") % {"name": unknown[0]},
                _("Name the stages as they are called here."),
            )
        elif (values.get("amount") or 0) < 0:
            wrong = row.reject("amount", _("It is below zero."), _("A deal is worth zero or more."))
        elif values["currency"] not in known.currencies:
            wrong = row.reject("currency", _("There is no rate for it."), _("Give its rates in the profile."))
        elif closed_on and closed_on < values["created_on"]:
            wrong = row.reject(
                "closed_on", _("It closed before it was created."), _("Correct one of the two days.")
            )
        elif stage.kind == Stage.Kind.OPEN and values.get("closed_on"):
            wrong = row.reject(
                "closed_on", _("The deal is open."), _("Leave the day empty, or give the closing stage.")
            )
        elif stage.kind != Stage.Kind.WON and known.is_won(values["number"]):
            wrong = row.reject("number", _("It is won here."), _("Cancel its order in the product."))
        if wrong:
            self.outcome.rejects.append(wrong)
        return wrong is None

    def _visits(self, pk: int, row: Row, known: _Known) -> list[tuple[Value, ...]]:
        """The stages that the file tells of, then the present one; for a deal that is there only a new stage."""
        before = known.deals.get(row.values["number"])
        present = known.stages[row.values["stage"]]
        since = _since(row, known)
        if before:
            return [] if before["stage_id"] == present.pk else [(pk, present.pk, since, self.by)]
        passed = [(known.stage_names[name], day) for name, day in row.values.get("visits", [])]
        passed = [visit for visit in passed if visit[0].pk != present.pk]
        return [(pk, stage.pk, day, self.by) for stage, day in [*passed, (present, since)]]


def _names() -> dict[str, Names]:
    return {
        "account": Names(_("account"), Account.objects.values_list("pk", "number", "name")),
        "owner": Names(_("person"), User.objects.values_list("pk", "email", "name")),
        "stage": Names(_("stage"), Stage.objects.values_list("pk", "name", "name")),
        "product": Names(_("product"), Product.objects.values_list("pk", "code", "name")),
    }


def _known(rows: Sequence[Row]) -> _Known:
    stages = {stage.pk: stage for stage in Stage.objects.all()}
    numbers = [row.values["number"] for row in rows]
    deals = Opportunity.objects.filter(number__in=numbers)
    return _Known(
        stages=stages,
        stage_names={stage.name: stage for stage in stages.values()},
        territories=dict(Account.objects.values_list("pk", "territory_id")),
        products=Product.objects.in_bulk(),
        deals={
            deal["number"]: deal
            for deal in deals.values("id", "number", "stage_id", "state", "category", "category_is_manual")
        },
        seat_on=seat_finder({row.values["owner"] for row in rows}),
        currencies=currencies(),
    )


def _closed_on(row: Row, known: _Known) -> date | None:
    """The day given, else for a closed stage the close date."""
    if known.stages[row.values["stage"]].kind == Stage.Kind.OPEN:
        return None
    closed_on: date = row.values.get("closed_on") or row.values["close_on"]
    return closed_on


def _since(row: Row, known: _Known) -> date:
    """Since when the deal is in its stage: its closing, else its last visit, else its creation."""
    days = [day for _, day in row.values.get("visits", [])]
    return _closed_on(row, known) or (days[-1] if days else row.values["created_on"])


def _columns(pk: int, row: Row, known: _Known) -> list[Value]:
    values, stage = row.values, known.stages[row.values["stage"]]
    account_id = values.get("account")
    territory = (
        known.territories[account_id] if account_id else known.seat_on(values["owner"], values["created_on"])
    )
    return [
        pk, values["number"], values["name"], account_id, values["owner"], territory, stage.pk, stage.kind,
        _category(row, stage, known), values["motion"], values["currency"], values.get("amount"), values["close_on"],
        values["created_on"], _since(row, known), _closed_on(row, known), values.get("lost_reason", ""),
    ]  # fmt: skip


def _category(row: Row, stage: Stage, known: _Known) -> str:
    before = known.deals.get(row.values["number"])
    if before is None:
        return stage.category
    if before["stage_id"] == stage.pk:
        return str(before["category"])
    closes = stage.kind != Stage.Kind.OPEN
    return category_after_stage_change(
        before["category_is_manual"], before["category"], stage.category, closes=closes
    )


def _lines(ids: Sequence[int], rows: Sequence[Row], known: _Known) -> Iterable[tuple[Value, ...]]:
    """The deal's product at the price given, else at its list price where that is in the deal's currency."""
    for pk, row in zip(ids, rows, strict=True):
        product = known.products.get(row.values.get("product") or 0)
        if product:
            listed = product.list_price_minor if product.currency == row.values["currency"] else None
            price = row.values.get("price") if row.values.get("price") is not None else listed
            if price is not None:
                yield pk, product.pk, row.values.get("quantity") or 1, price
