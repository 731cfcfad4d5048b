"""By which sales model the deals of a file are sold, through whom, and where they came from."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from django.utils.translation import gettext as _

from common.importing import Names, Outcome, Row, Unresolved, refusals
from pipeline.models import Channel, Opportunity, SalesModel, Stage
from pipeline.services.ways import NEW, checked_way, way_of
from workspace.models import ListValue
from workspace.services import unlisted

Facts = tuple[tuple[str, Any], ...]


def staged(
    rows: Sequence[Row], outcome: Outcome, stages: Sequence[Stage], models: Mapping[str, int]
) -> list[Row]:
    """The rows with the ids of their stages, by name within the sales model: the one that the row names, else that of
    the deal that is here (`models`, by number), else the usual one. Others are rejected.
    """
    usual = SalesModel.objects.filter(is_usual=True).values_list("pk", flat=True).first()
    named: dict[Any, list[tuple[int, str, str]]] = {}
    for stage in stages:
        named.setdefault(stage.sales_model_id, []).append((stage.pk, stage.name, stage.name))
    names = {model: Names(_("stage"), found) for model, found in named.items()}
    kept = []
    for row in rows:
        text = row.values["stage"]
        model = row.values.get("model") or models.get(row.values["number"]) or usual
        try:
            found = names.get(model, Names(_("stage"), [])).find(text)
        except Unresolved as error:
            outcome.rejects.append(row.reject("stage", error.problem, error.remedy))
        else:
            values = {**row.values, "stage": found}
            kept.append(Row(row.file, row.line, values, {**row.references, "stage": text}))
    return kept


class Ways:
    """Channel, partner and source of each deal, checked as a form's are, once for the same facts."""

    def __init__(self) -> None:
        self._checked, self._unlisted = cache(_checked), unlisted(ListValue.List.LEAD_SOURCE)
        self._refusal_of = refusals(self._checked)

    def fault(self, row: Row, before: Opportunity | None) -> tuple[str, str, str] | None:
        """What is wrong with the row: its field, the problem and the remedy."""
        source = row.values.get("source") or ""
        if (wrong := self._unlisted(source)) and not (before and before.source == source):
            return "source", *wrong
        if refusal := self._refusal_of(*self._facts(row, before)):
            remedy = _("Correct the row, or change it in the product.")
            return refusal.path.removesuffix("_id"), str(refusal.message), remedy
        return None

    def of(self, row: Row, before: Opportunity | None) -> dict[str, Any]:
        """What holds of the deal by a row without a fault; what the file does not name stays as it is."""
        return self._checked(*self._facts(row, before))

    def _facts(self, row: Row, before: Opportunity | None) -> tuple[Facts, Facts]:
        """What the row says, and what stands."""
        standing = way_of(before) if before else NEW
        return tuple(self._said(row, standing).items()), tuple(standing.items())

    def _said(self, row: Row, standing: Mapping[str, Any]) -> dict[str, Any]:
        values, said = row.values, {}
        if "source" in values:
            said["source"] = values["source"] or ""
        if "partner" in values:
            said["partner_id"] = values["partner"] or None
            if said["partner_id"] != standing["partner_id"]:
                said["partner_rep_id"] = None
        if "channel" in values or "partner" in values:
            partner = said.get("partner_id", standing["partner_id"])
            said["channel"] = values.get("channel") or (Channel.PARTNER if partner else Channel.DIRECT).value
        return said


def _checked(said: Facts, standing: Facts) -> dict[str, Any]:
    return {**dict(standing), **checked_way(dict(said), dict(standing))}
