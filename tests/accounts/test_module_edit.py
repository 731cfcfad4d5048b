"""A module's name and note."""

from typing import Any

from django.urls import reverse

from accounts.models import Module
from tests.accounts.bundled import lines, module
from tests.cast import Cast


def test_who_edits_what_they_read(cast: Cast, browse: Any, acting: Any) -> None:
    made = module(cast, acting)
    url, client = reverse("module_edit", args=[made.pk]), browse(cast.admin)
    assert 'value="Key accounts"' in client.get(url).content.decode()
    sent = {"name": "Top", "note": "", "version": "1", **lines("industry", "Retail")}
    assert client.post(url, sent).status_code == 302
    assert client.post(url, sent | {"name": "Best"}).status_code == 412
    with acting(cast.admin):
        assert Module.objects.get().name == "Top"
        assert Module.objects.get().conditions == [[{"kind": "industry", "values": ["Retail"]}]]
    tried = client.post(url, sent | {"try": "1"})
    assert "3 accounts match now" in " ".join(tried.content.decode().split())
