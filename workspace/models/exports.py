"""Who took which list out of the product as a file."""

from django.db import models
from django.db.models import PROTECT
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from common.models import append_only
from territories.models import User
from workspace.models.saved_views import SavedView

LISTS = {
    **dict(SavedView.Page.choices),
    "credit_list": _("Credits"),
    "entry_accuracy": _("Entry accuracy"),
    "team_attainment": _("Team attainment"),
    "measures": _("Measures"),
    "coverage_report": _("Coverage"),
    "held_report": _("Who held what when"),
    "realignment_cut": _("Territories and accounts to edit"),
    "rule_run_accounts": _("Accounts that a run moved"),
    "batch_rejects": _("Refusals of an import"),
}
"""What people call the lists that may be taken."""


class Export(models.Model):
    """A list that somebody took as a file: which page with which filters, how many rows, when. Kept for ever.

    It holds the question and no rows: the file has what its reader may see.
    """

    class Format(models.TextChoices):
        CSV = "csv", _("CSV, for any program")
        XLSX = "xlsx", _("XLSX, for a spreadsheet")

    person = models.ForeignKey(User, on_delete=PROTECT, related_name="exports")
    page = models.CharField(_("page"), max_length=40)
    query = models.TextField(_("what it asks for"), blank=True)
    format = models.CharField(_("format"), max_length=4, choices=Format)
    rows = models.PositiveIntegerField(_("rows"))
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-id"]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.page} {self.made_at}"

    @property
    def label(self) -> str:
        """What people call the list."""
        return str(LISTS.get(self.page, self.page))
