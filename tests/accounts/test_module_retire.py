"""A module is used no more, or again."""

from typing import Any

from django.urls import reverse

from accounts.models import Module, ModuleMember
from tests.accounts.bundled import module
from tests.cast import Cast


def test_retired_and_used_again(cast: Cast, browse: Any, acting: Any) -> None:
    made = module(cast, acting, "Acorn", "Beech")
    url, client = reverse("module_retire", args=[made.pk]), browse(cast.admin)
    assert "2 accounts leave the module today" in client.get(url).content.decode()
    assert client.post(url, {"version": "7"}).status_code == 412
    assert client.post(url, {"version": "1"}).status_code == 302
    with acting(cast.admin):
        assert not Module.objects.get().is_active
        assert not ModuleMember.objects.current().exists()
    assert "Nothing: accounts are put into it anew." in client.get(url).content.decode()
    assert "retired" in client.get(reverse("module_detail", args=[made.pk])).content.decode()
    assert client.post(url, {"version": "2"}).status_code == 302
    with acting(cast.admin):
        assert Module.objects.get().is_active
