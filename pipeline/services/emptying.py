"""Open deals follow what was published of their stages: to another stage, and to another category."""

from collections.abc import Mapping, Sequence

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from common.errors import Refused
from common.selectors import today
from pipeline.bulk import move_deals
from pipeline.models import Opportunity, SalesModel, Stage
from pipeline.selectors.sales_models import open_deals
from workspace.models import Event
from workspace.services import Told, tell_each


def empty_stages(model: SalesModel, gone: Sequence[Stage], moves: Mapping[int, str], by: int | None) -> None:
    """Move the open deals out of stages that were taken out, each to the open stage of the name in `moves`.

    Raises Refused where a stage still holds deals and no stage is named that they can go to.
    """
    into = {stage.name: stage for stage in model.stages.offered() if stage.kind == Stage.Kind.OPEN}
    counts = open_deals([stage.pk for stage in gone])
    for stage in gone:
        if not counts.get(stage.pk):
            continue
        target = into.get(moves.get(stage.pk, ""))
        if target is None:
            message = _("Open deals are still in %(stage)s: %(number)s. Say to which open stage they go.")
            words = {"number": counts[stage.pk], "stage": stage.name}
            raise Refused(message % words, path="moves", code="stage_has_deals")
        _tell(stage, by)
        move_deals(stage.pk, target.pk, target.category, today(), by)


def follow_categories(changed: Mapping[int, str]) -> None:
    """Let the open deals of these stages count as the category given, unless a person chose theirs."""
    for stage_id, category in changed.items():
        deals = Opportunity.objects.open().filter(stage_id=stage_id, category_is_manual=False)
        deals.exclude(category=category).update(category=category, version=F("version") + 1)


def _tell(stage: Stage, by: int | None) -> None:
    """Each owner once, by the first of their deals in the stage, as of a change that somebody else made."""
    deals = Opportunity.objects.open().filter(stage=stage).order_by("owner_id", "pk")
    key = f"{stage.pk} {stage.version} taken out"
    news = [
        Told(owner, key, about=name, url=reverse("opportunity_detail", args=[pk]))
        for owner, pk, name in deals.distinct("owner_id").values_list("owner_id", "pk", "name")
    ]
    tell_each(event=Event.DEAL_CHANGED, news=news, by=by)
