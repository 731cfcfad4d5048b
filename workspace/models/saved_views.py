"""Lists as somebody likes to see them, kept under a name."""

import pghistory
from django.db import models
from django.db.models import PROTECT, Q
from django.utils.translation import gettext_lazy as _

from common.models import Editable
from territories.models import Territory, User


@pghistory.track()
class SavedView(Editable):
    """A list as somebody likes to see it: what stands behind `?` in its address, under a name.

    It holds a question and no rows: whoever opens it sees what they may see. `team` is the territory with whose people
    it is shared, and with those of all territories below it; `is_usual` where its owner's page opens with it.
    """

    class Page(models.TextChoices):
        OPPORTUNITY_LIST = "opportunity_list", _("Opportunities")
        OPPORTUNITY_BOARD = "opportunity_board", _("Board")
        OPPORTUNITY_CALENDAR = "opportunity_calendar", _("Calendar")
        LEAD_LIST = "lead_list", _("Leads")
        ACCOUNT_LIST = "account_list", _("Accounts")
        ORDER_LIST = "order_list", _("Orders")
        ACTIVITY_LIST = "activity_list", _("Activities")

    class Shared(models.TextChoices):
        NOBODY = "nobody", _("nobody")
        TEAM = "team", _("my team")
        EVERYBODY = "everybody", _("everybody")

    owner = models.ForeignKey(User, on_delete=PROTECT, related_name="saved_views")
    page = models.CharField(_("page"), max_length=24, choices=Page)
    name = models.CharField(_("name"), max_length=80)
    query = models.CharField(_("what it asks for"), max_length=2000, blank=True)
    shared = models.CharField(_("shared with"), max_length=9, choices=Shared, default=Shared.NOBODY)
    team = models.ForeignKey(Territory, null=True, on_delete=PROTECT, related_name="+")
    is_usual = models.BooleanField(_("opens with the page"), default=False)
    is_removed = models.BooleanField(default=False)

    class Meta(Editable.Meta):
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                name="savedview_name_once",
                fields=["owner", "page", "name"],
                condition=Q(is_removed=False),
                violation_error_message=_("You have a view of this name on that page already."),
            ),
            models.UniqueConstraint(
                name="savedview_one_usual",
                fields=["owner", "page"],
                condition=Q(is_usual=True, is_removed=False),
                violation_error_message=_("Another view opens with that page already."),
            ),
            models.CheckConstraint(
                name="savedview_team_named",
                condition=Q(shared="team", team__isnull=False) | (~Q(shared="team") & Q(team=None)),
            ),
        ]
        indexes = [
            models.Index(
                name="savedview_shared",
                fields=["page"],
                condition=Q(is_removed=False) & ~Q(shared="nobody"),
            )
        ]

    def __str__(self) -> str:
        return self.name
