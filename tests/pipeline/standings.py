"""The past of deals as tests read it, and days on which they are changed."""

from datetime import date

from common.access import Reach
from common.transaction import work
from pipeline.models import Opportunity, Standing
from pipeline.services import edit_opportunity, move_stage

NAMES = "starts_on", "stops_on", "state", "stage__name", "category", "close_on", "amount_minor"


def stretches(deal, *names):
    """The stretches of a deal in their order, as values of these columns."""
    with work(by=None, why="how it stood", reach=Reach.everything()):
        rows = Standing.objects.filter(opportunity=deal).order_by("starts_on")
        return list(rows.values_list(*(names or NAMES)))


def fresh(deal):
    with work(by=None, why="how it stands", reach=Reach.everything()):
        return Opportunity.objects.select_related("stage").get(pk=deal.pk)


def edit(acting, person, deal, **changes):
    """One edit by a person, at the version that stands."""
    version = fresh(deal).version
    with acting(person):
        return edit_opportunity(by=person.pk, opportunity_id=deal.pk, version=version, **changes)


def move(cast, acting, person, deal, stage, reason=""):
    version = fresh(deal).version
    with acting(person):
        return move_stage(
            by=person.pk,
            opportunity_id=deal.pk,
            version=version,
            stage_id=cast.stages[stage].pk,
            lost_reason=reason,
        )


def at(clock, day, hour=16):
    """Noon of a day in the organisation's time zone, or another hour of UTC."""
    clock.move_to(f"{date.fromisoformat(day)}T{hour:02}:00:00Z")
