"""Text that is typed is as clean as text that comes over the API."""

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.forms import CharField, EmailField, Form
from django.forms.fields import Field
from django.urls import reverse

from common.forms import EmailField as CheckedEmailField
from common.forms import LineField, TextField
from tests.cast import Cast

TURNED = "Ac\u202eorn"
HIDDEN = "Ac\u200born"
NOT_KEPT = ("q", "do", "account", "password", "again")
PAGES = [
    ("account_create", "name", {}),
    ("account_create", "town", {"name": "Dogwood"}),
    ("account_edit", "industry", {"name": "Acorn", "number": "A-1", "version": "1"}),
    ("contact_create", "name", {}),
    ("accounts_assign", "reason", {"starts_on": "2026-06-01", "territory_id": ""}),
    ("territory_create", "code", {"name": "East 3", "starts_on": "2026-06-01"}),
    ("person_create", "name", {"email": "nina@example.com", "role": "rep", "starts_on": "2026-06-01"}),
    ("family_create", "name", {"code": "SERVICES"}),
    ("product_create", "code", {"name": "Rack", "currency": "USD"}),
    ("profile_edit", "name", {"version": "1"}),
]


@pytest.mark.parametrize(("page", "field", "typed"), PAGES, ids=[f"{page} {name}" for page, name, _ in PAGES])
def test_what_nobody_sees_is_refused_at_its_field(
    cast: Cast, browse: Any, page: str, field: str, typed: dict[str, str]
) -> None:
    is_of_acorn = page in ("account_edit", "contact_create")
    url = reverse(page, args=[cast.accounts["Acorn"].pk] if is_of_acorn else [])
    for text, name in ((TURNED, "U+202E RIGHT-TO-LEFT OVERRIDE"), (HIDDEN, "U+200B ZERO WIDTH SPACE")):
        response = browse(cast.admin).post(url, {**typed, field: text})
        assert response.status_code == 422
        message = f"The character {name} at place 3 can't be part of this text. Take it out."
        assert response.context["form"].errors[field] == [message]


def test_accents_are_composed_and_lines_are_kept() -> None:
    assert LineField().clean(" Cafe\u0301 ") == "Caf\u00e9"
    assert TextField().clean("one\r\ntwo\tthree") == "one\r\ntwo\tthree"
    assert LineField(required=False).clean("") == ""
    assert CheckedEmailField().clean("nina@example.com") == "nina@example.com"


def test_every_text_that_is_kept_is_checked() -> None:
    """Searches, picked ids, hidden fields and passwords are not kept as typed; a table is read cell by cell."""
    import_module("salesops.urls")
    ours = tuple(
        f"{app.name}." for app in apps.get_app_configs() if Path(app.path).parent == settings.BASE_DIR
    )
    unchecked = [
        f"{form.__module__}.{form.__name__}.{name}"
        for form in _below(Form)
        for name, field in form.base_fields.items()
        if form.__module__.startswith(ours) and _is_plain(field) and name not in NOT_KEPT
    ]
    assert [name for name in unchecked if not name.startswith(("common.styleguide.", "imports.forms."))] == []


def _is_plain(field: Field) -> bool:
    return type(field) in (CharField, EmailField) and not field.widget.is_hidden


def _below(kind: type[Form]) -> list[type[Form]]:
    return [form for direct in kind.__subclasses__() for form in (direct, *_below(direct))]
