"""How often accounts are to be touched, and by whom they are sold to: by segment, from a day on."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import CoverageModel, TouchNorm
from common.checks import check_text
from common.dated import make_room
from common.errors import Refused
from common.transaction import act, reach
from workspace.models import ListValue
from workspace.services import listed


@act
def set_norm(
    *, by: int, segment: str, tier: str, touches: int, minutes: int, starts_on: date, reason: str = ""
) -> TouchNorm:
    """Say how often accounts of a segment and tier are to be touched a year, and how long that takes; administrators.

    It holds from the day on; what was planned for later is dropped. Earlier days keep theirs.
    """
    reach().require("touch_norm", "update")
    names = {
        "segment": listed(ListValue.List.SEGMENT, segment, "segment") if segment.strip() else "",
        "tier": listed(ListValue.List.TIER, tier, "tier") if tier.strip() else "",
    }
    norm: TouchNorm = _from(TouchNorm, names, starts_on, reason, by, touches=touches, minutes=minutes)
    return norm


@act
def set_coverage_model(
    *, by: int, segment: str, way: str, starts_on: date, reason: str = ""
) -> CoverageModel:
    """Say how accounts of a segment are sold to from a day on: in the field, inside, by partners; administrators."""
    reach().require("coverage_model", "update")
    if way not in CoverageModel.Way.values:
        raise Refused(_("Choose one of the list."), path="way", code="unknown_way")
    check_text(segment, "segment")
    names = {"segment": listed(ListValue.List.SEGMENT, segment, "segment")}
    model: CoverageModel = _from(CoverageModel, names, starts_on, reason, by, way=way)
    return model


def _from(model: Any, names: dict[str, str], day: date, reason: str, by: int, **values: Any) -> Any:
    """One row that holds from a day on, in the place of what held there."""
    make_room(model.objects.filter(**names), day, reason.strip(), recorded_by_id=by)
    return model.objects.create(**names, **values, starts_on=day, reason=reason.strip(), recorded_by_id=by)
