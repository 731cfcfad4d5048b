"""Input about what stands beside a thing: comments and documents."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.attachments import MEDIA_TYPES, MOST_BYTES, MOST_NAME
from common.forms import LineField, PickedField, TextField, version_field
from workspace.models import Document
from workspace.services.comments import MOST_TEXT
from workspace.services.documents import MOST_LINK


class CommentForm(forms.Form):
    """What somebody says about a thing, and whom they picked behind @."""

    text = TextField(
        label=_("Comment"),
        max_length=MOST_TEXT,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("Write @ and a name to tell somebody. A comment is not changed afterwards."),
    )
    people_ids = PickedField(required=False)


class DocumentForm(forms.Form):
    """A link or a file."""

    kind = forms.ChoiceField(label=_("Kind"), choices=Document.Kind.choices, initial=Document.Kind.OTHER)
    url = LineField(label=_("Link"), required=False, max_length=MOST_LINK)
    file = forms.FileField(
        label=_("Or a file"),
        required=False,
        help_text=_("At most 5 MB: PDF, office documents without macros, pictures, text and CSV."),
        widget=forms.FileInput(attrs={"accept": ",".join(f".{ending}" for ending in MEDIA_TYPES)}),
        max_length=None,
        allow_empty_file=True,
    )
    name = LineField(
        label=_("Name"),
        required=False,
        max_length=MOST_NAME,
        help_text=_("Without one it is called as the file or the link."),
    )

    def clean(self) -> dict[str, Any]:
        """As the service takes it: `content` and `file_name` of a file, else the link."""
        cleaned = dict(self.cleaned_data)
        url, file = cleaned.pop("url", ""), cleaned.pop("file", None)
        if bool(url) == bool(file) and not self.errors:
            self.add_error("url", _("Write a link or choose a file, one of the two."))
        if file is None:
            return {**cleaned, "url": url}
        # One byte more than is taken says that there is too much of it.
        return {**cleaned, "file_name": file.name, "content": file.read(MOST_BYTES + 1)}


class RemoveForm(forms.Form):
    """The version of what somebody takes away."""

    version = version_field()
