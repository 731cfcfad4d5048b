"""Stages and deals brought in from files, with the days on which deals moved."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Account
from catalog.models import Product
from common.importing import Names, Outcome, Row, resolved
from common.models import Period
from common.selectors import currencies, today
from common.staging import Value, ids_for, merge
from common.transaction import act, reach
from common.undoing import Made, put_back, take_out, take_out_recorded
from pipeline.bulk import write_lines, write_visits
from pipeline.models import Opportunity, OpportunityLine, SalesModel, Stage, StageVisit
from pipeline.rules.movement import crosses
from pipeline.rules.stages import Asks, category_after_stage_change, stage_asks
from pipeline.services.definitions import lock_stages
from pipeline.services.emptying import follow_categories
from pipeline.services.importing_products import Products
from pipeline.services.importing_ways import Ways, staged
from pipeline.services.sales_models import record_version, usual_model
from pipeline.services.stages import standing_stages
from pipeline.services.ways import WAY
from territories.models import Partner, User
from territories.selectors import seat_finder
from workspace.models import ListValue
from workspace.services import as_listed, unlisted
from workspace.services.own import own_json, own_rows

COLUMNS = [
    "id", "number", "name", "account_id", "owner_id", "territory_id", "stage_id", "state", "category",
    "category_is_manual", "motion", "currency", "amount_minor", "close_on", "created_on", "stage_since_on",
    "closed_on", "lost_reason", "lost_to", "next_step", "pushes", "own", *WAY,
]  # fmt: skip
ONCE = ("territory_id", "next_step")
COLUMN_OF = {"account": "account_id", "lost_reason": "lost_reason"}


@act
def apply_import(*, by: int | None, entity: str, rows: Sequence[Row]) -> Outcome:
    """Bring in stages of the usual sales model (`stage`, by name) or deals (`opportunity`, by number) of any.

    Administrators, and the organisation's own jobs. A won deal is brought in as won: its order is brought in beside
    it. A deal that is there already is changed where the file differs; its history keeps what it was.
    """
    reach().require("opportunity", "import")
    outcome = Outcome()
    if entity == "stage":
        _stages(by, rows, outcome)
    else:
        stages = standing_stages()
        rows = resolved(rows, outcome, _names())
        here = Opportunity.objects.filter(number__in=[row.values["number"] for row in rows]).order_by("pk")
        held = dict(here.select_for_update(no_key=True).values_list("number", "own"))
        models = dict(here.values_list("number", "stage__sales_model_id"))
        rows = own_rows("opportunity", staged(rows, outcome, stages, models), held, outcome)
        _Deals(by, rows, stages, models).bring(rows, outcome)
    return outcome


@act
def undo_import(*, by: int | None, entity: str, made: Made) -> None:
    """Take back the deals (`opportunity`) of an import. Who may: as for `apply_import`.

    Raises InUse where something refers to them or they were changed since.
    """
    reach().require("opportunity", "import")
    take_out_recorded(made, StageVisit)
    models: tuple[type[Opportunity | OpportunityLine], ...] = (OpportunityLine, Opportunity)
    for model in models:
        put_back(made, model)
        take_out(made, model)


def _stages(by: int | None, rows: Sequence[Row], outcome: Outcome) -> None:
    model = usual_model(by)
    standing = {stage.name: stage for stage in lock_stages(model).values()}
    for row in rows:
        bring = partial(_bring_stage, model, standing.get(row.values["name"]))
        outcome.write(row, bring, "name", _("Correct the row."))
    if outcome.created or outcome.changed:
        SalesModel.objects.change(model.pk, model.version)
        now = {stage.pk: stage.category for stage in model.stages.offered()}
        before = {stage.pk: stage.category for stage in standing.values()}
        follow_categories({pk: now[pk] for pk in before if now[pk] != before[pk]})
        record_version(model, by=by, reason=_("Import"))


@act
def _bring_stage(model: SalesModel, stage: Stage | None, row: Row) -> str:
    """An act of its own, so that a refusal takes back this row alone."""
    if stage is None:
        Stage.objects.create(sales_model=model, **row.values)
        return "created"
    if all(getattr(stage, name) == value for name, value in row.values.items()):
        return "unchanged"
    Stage.objects.change(stage.pk, stage.version, **row.values)
    return "changed"


def _names() -> dict[str, Names]:
    return {
        "account": Names(_("account"), Account.objects.values_list("pk", "number", "name")),
        "owner": Names(_("person"), User.objects.values_list("pk", "email", "name")),
        "model": Names(_("sales model"), SalesModel.objects.values_list("pk", "name", "name")),
        "partner": Names(_("partner"), Partner.objects.values_list("pk", "name", "name")),
        "product": Names(_("product"), Product.objects.values_list("pk", "code", "name")),
    }


class _Deals:
    """The deals of a file, with what their rows need to know, read once; those that are here stay locked.

    What the file does not name stays as it is.
    """

    def __init__(
        self, by: int | None, rows: Sequence[Row], stages: Sequence[Stage], models: Mapping[str, int]
    ) -> None:
        self.by, self.models, self.ways = by, models, Ways()
        self.retired = dict(SalesModel.objects.filter(is_retired=True).values_list("pk", "name"))
        self.stages = {stage.pk: stage for stage in stages}
        self.stage_named = {(stage.sales_model_id, stage.name): stage for stage in stages}
        self.territories = dict(Account.objects.values_list("pk", "territory_id"))
        numbers = [row.values["number"] for row in rows]
        known = Opportunity.objects.filter(number__in=numbers).order_by("pk").select_for_update(no_key=True)
        self.deals: dict[str, Opportunity] = {deal.number: deal for deal in known}
        self.products = Products(Product.objects.in_bulk(), self.deals.values())
        self.seat_on = seat_finder({row.values["owner"] for row in rows})
        self.currencies = currencies()
        self.today = today()
        self.quarters = list(Period.objects.quarters().values_list("starts_on", flat=True))
        self.unlisted, self.listed = (
            unlisted(ListValue.List.LOST_REASON),
            as_listed(ListValue.List.LOST_REASON),
        )

    def bring(self, rows: Sequence[Row], outcome: Outcome) -> None:
        kept = []
        for row in rows:
            if fault := next(self._faults(row), None):
                outcome.rejects.append(row.reject(*fault))
            else:
                kept.append(row)
        standing = {number: deal.pk for number, deal in self.deals.items()}
        ids = ids_for("pipeline_opportunity", [row.values["number"] for row in kept], standing)
        placed = list(zip(ids, kept, strict=True))
        columns = (self._columns(pk, row) for pk, row in placed)
        created, changed = merge("pipeline_opportunity", COLUMNS, columns, once=ONCE)
        lines = write_lines(line for pk, row in placed for line in self._lines(pk, row))
        changed |= lines & set(standing.values())
        write_visits(visit for pk, row in placed for visit in self._visits(pk, row))
        outcome.add(created, len(changed), len(kept) - created - len(changed))

    def _stage(self, row: Row) -> Stage:
        return self.stages[row.values["stage"]]

    def _faults(self, row: Row) -> Iterator[tuple[str, str, str]]:
        """What is wrong with a row: its field, the problem and the remedy."""
        values, stage, closed_on = row.values, self._stage(row), self._closed_on(row)
        for name, _on in values.get("visits", []):
            if (stage.sales_model_id, name) not in self.stage_named:
                problem = _("There is no stage %(name)r.") % {"name": name}
                yield "visits", problem, _("Name the stages as they are called here.")
        if values["currency"] not in self.currencies:
            yield "currency", _("There is no rate for it."), _("Give its rates first.")
        if closed_on and closed_on < values["created_on"]:
            yield "closed_on", _("It closed before it was created."), _("Correct one of the two days.")
        if stage.kind == Stage.Kind.OPEN and values.get("closed_on"):
            remedy = _("Leave the day empty, or give the closing stage.")
            yield "closed_on", _("The deal is open."), remedy
        before, reason = self.deals.get(values["number"]), values.get("lost_reason") or ""
        if (wrong := self.unlisted(reason)) and not (before and before.lost_reason == reason):
            yield "lost_reason", *wrong
        for known in (self.products, self.ways):
            if fault := known.fault(row, before):
                yield fault
        yield from self._ended(before, stage)
        yield from self._other_model(row, before, stage)

    def _ended(self, before: Opportunity | None, stage: Stage) -> Iterator[tuple[str, str, str]]:
        """What is wrong with a row of a deal that ended here for good.

        A file says where a deal stands, not by which steps it came there: reason, booking, re-opening are its own.
        """
        asks = stage_asks(stage.kind, before.state if before and before.state != stage.kind else None)
        if asks is Asks.CANCELLATION and before and before.awaits_booking:
            yield (
                "number",
                _("It is won here, and its order awaits booking."),
                _("Send it back in the product."),
            )
        elif asks is Asks.CANCELLATION:
            yield "number", _("It is won here."), _("Cancel its order in the product.")
        if asks is Asks.SURVIVOR:
            yield "number", _("It was merged into another deal here."), _("Leave it out.")

    def _other_model(
        self, row: Row, before: Opportunity | None, stage: Stage
    ) -> Iterator[tuple[str, str, str]]:
        """What is wrong with a row that brings a deal into a sales model in which it is not."""
        if self.models.get(row.values["number"]) == stage.sales_model_id:
            return
        if name := self.retired.get(stage.sales_model_id):
            problem = _("%(model)s takes no new deals.") % {"model": name}
            yield "model", problem, _("Name another sales model.")
        if before and not (before.is_open and stage.kind == Stage.Kind.OPEN):
            problem = _("Only an open deal goes to another sales model, into an open stage.")
            yield "model", problem, _("Leave the sales model out.")

    def _visits(self, pk: int, row: Row) -> Iterator[tuple[Value, ...]]:
        """The stages that the file tells of, then the present one; for a deal that is there only a new stage."""
        before, present = self.deals.get(row.values["number"]), self._stage(row)
        if before is None:
            for name, day in row.values.get("visits", []):
                if name != present.name:
                    yield pk, self.stage_named[present.sales_model_id, name].pk, day, self.by
        if before is None or before.stage_id != present.pk:
            yield pk, present.pk, self._since(row), self.by

    def _closed_on(self, row: Row) -> date | None:
        """The day given, else for a closed stage the close date."""
        if self._stage(row).kind == Stage.Kind.OPEN:
            return None
        closed_on: date = row.values.get("closed_on") or row.values["close_on"]
        return closed_on

    def _since(self, row: Row) -> date:
        """Since when it is in its stage: by its closing or its last visit, else as it stands, today, its creation."""
        days = [day for _, day in row.values.get("visits", [])]
        if since := self._closed_on(row) or (days[-1] if days else None):
            return since
        if before := self.deals.get(row.values["number"]):
            return before.stage_since_on if before.stage_id == row.values["stage"] else self.today
        created_on: date = row.values["created_on"]
        return created_on

    def _columns(self, pk: int, row: Row) -> list[Value]:
        values, stage = row.values, self._stage(row)
        owner, created_on = values["owner"], values["created_on"]
        before = self.deals.get(values["number"])
        account_id: int | None = self._given(row, "account")
        way = self.ways.of(row, before)
        territory = self.territories[account_id] if account_id else self.seat_on(owner, created_on)
        return [
            pk, values["number"], values["name"], account_id, owner, territory, stage.pk, stage.kind,
            *self._category(row, stage), values["motion"], values["currency"],
            self.products.of(row, before).amount_minor, values["close_on"], created_on, self._since(row),
            self._closed_on(row), self._reason(row, stage), self._lost_to(row, stage), "",
            self._pushes(row, stage), own_json(row, before), *(way[name] for name in WAY),
        ]  # fmt: skip

    def _pushes(self, row: Row, stage: Stage) -> int:
        """One more where the file moves the close date of an open deal into a later quarter."""
        before = self.deals.get(row.values["number"])
        if before is None:
            return 0
        is_open = before.is_open and stage.kind == Stage.Kind.OPEN
        return before.pushes + (is_open and crosses(before.close_on, row.values["close_on"], self.quarters))

    def _reason(self, row: Row, stage: Stage) -> Value:
        is_lost = stage.kind == Stage.Kind.LOST
        reason: Value = self._given(row, "lost_reason") if is_lost else row.values.get("lost_reason")
        return self.listed(str(reason or ""))

    def _lost_to(self, row: Row, stage: Stage) -> str:
        """No file names it: as it stands here while the deal is lost."""
        before = self.deals.get(row.values["number"])
        return before.lost_to if before and stage.kind == Stage.Kind.LOST else ""

    def _given(self, row: Row, name: str) -> Any:
        """What the file says, else what the deal says already."""
        before = self.deals.get(row.values["number"])
        standing = getattr(before, COLUMN_OF[name]) if before else None
        return row.values.get(name, standing)

    def _category(self, row: Row, stage: Stage) -> tuple[str, bool]:
        before = self.deals.get(row.values["number"])
        if before and before.stage_id == stage.pk:
            return before.category, before.category_is_manual
        by_hand = before.category if before and before.category_is_manual else ""
        closes = stage.kind != Stage.Kind.OPEN
        return category_after_stage_change(stage.category, closes=closes, by_hand=by_hand)

    def _lines(self, pk: int, row: Row) -> Iterator[tuple[Value, ...]]:
        """The product that the row puts on its deal."""
        if line := self.products.of(row, self.deals.get(row.values["number"])).line:
            yield pk, *line
