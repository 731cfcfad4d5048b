"""What a table is given as: pasted, or as a file."""

from typing import Any

from django import forms
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from common.locale import format_number
from imports.rules.sheets import MOST_BYTES


class TableTextForm(forms.Form):
    """A table pasted from a spreadsheet."""

    text = forms.CharField(
        label=_("Paste the table here, with the names of its columns in the first line"),
        strip=False,
        widget=forms.Textarea(
            attrs={"rows": 8, "wrap": "off", "spellcheck": "false", "aria-describedby": "id_text_error"}
        ),
    )


class TableFileForm(forms.Form):
    """A table as a file."""

    file = forms.FileField(
        label=_("Or choose a file"),
        widget=forms.FileInput(
            attrs={"accept": ".csv,.xlsx,text/csv", "aria-describedby": "id_file_helptext id_file_error"}
        ),
    )

    def __init__(self, *args: Any, most: int, **options: Any) -> None:
        super().__init__(*args, **options)
        help_text = now_("CSV (UTF-8) or XLSX, at most 10 MB and %(most)s lines.")
        self.fields["file"].help_text = help_text % {"most": format_number(most)}

    def clean_file(self) -> tuple[str, bytes]:
        """The file's name and its bytes."""
        upload = self.cleaned_data["file"]
        if upload.size > MOST_BYTES:
            raise forms.ValidationError(_("The file is larger than 10 MB. Split it."), code="too_large")
        return upload.name, upload.read()


class TableApplyForm(forms.Form):
    """A table that was checked, and what was shown of it."""

    batch = forms.IntegerField(min_value=1)
    shown = forms.CharField(max_length=64)
