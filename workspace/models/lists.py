"""The values that forms offer."""

import pghistory
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.models import Editable


@pghistory.track()
class ListValue(Editable):
    """One value that a form offers, such as a reason why deals are lost; what is not offered any more stays known.

    One that was merged into another stays known too: files that still say it mean `merged_into`.
    """

    class List(models.TextChoices):
        LOST_REASON = "lost_reason", _("Reasons why deals are lost")
        INDUSTRY = "industry", _("Industries")
        SEGMENT = "segment", _("Segments")
        TIER = "tier", _("Tiers")
        BUSINESS_UNIT = "business_unit", _("Business units")
        LEAD_SOURCE = "lead_source", _("Sources of leads")
        TACTIC = "tactic", _("Prospecting tactics")
        DISQUALIFIED = "disqualified", _("Reasons why leads are disqualified")
        WON_REASON = "won_reason", _("Reasons why deals are won")
        COMPETITOR = "competitor", _("Competitors")
        VENDOR = "vendor", _("Vendors")
        TEAM_ROLE = "team_role", _("Roles in a deal's team")

    BY_DATE = ("segment", "tier", "business_unit", "team_role")
    """Lists whose values records hold by date: what was is not rewritten, so they are not merged."""

    list = models.CharField(max_length=20, choices=List)
    value = models.CharField(_("value"), max_length=80)
    position = models.PositiveSmallIntegerField(default=0)
    is_offered = models.BooleanField(default=True)
    merged_into = models.ForeignKey(
        "self",
        verbose_name=_("merged into"),
        null=True,
        on_delete=models.PROTECT,
        related_name="aliases",
        editable=False,
    )

    class Meta(Editable.Meta):
        ordering = ["list", "position", "id"]
        constraints = [
            models.UniqueConstraint(
                name="listvalue_once",
                fields=["list", "value"],
                violation_error_message=_("That value is in the list already."),
            ),
            models.CheckConstraint(
                name="listvalue_merged",
                condition=Q(merged_into=None) | Q(is_offered=False),
                violation_error_message=_("It was merged into another value: offer that one."),
            ),
        ]

    def __str__(self) -> str:
        return self.value
