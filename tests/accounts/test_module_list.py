"""The list of modules: which there are, how many accounts of theirs one sees, and where."""

from typing import Any

from django.urls import reverse

from accounts.services.modules import retire_module
from tests.accounts.bundled import module
from tests.cast import Cast

URL = reverse("module_list")


def test_each_reader_counts_what_they_see(cast: Cast, browse: Any, acting: Any) -> None:
    module(cast, acting, "Acorn", "Beech", "Cedar")
    for person, count in ((cast.admin, 3), (cast.director, 2), (cast.rep, 1), (cast.other_rep, 1)):
        (bundle,) = browse(person).get(URL).context["bundles"]
        assert bundle.count == count
    text = browse(cast.director).get(URL).content.decode()
    assert "East 1 (1), East 2 (1)" in text
    assert "West 1" not in text


def test_the_next_step_is_offered_to_whom_may(cast: Cast, browse: Any) -> None:
    assert reverse("module_create") in browse(cast.director).get(URL).content.decode()
    assert reverse("module_create") not in browse(cast.rep).get(URL).content.decode()


def test_filters_by_name_and_state(cast: Cast, browse: Any, acting: Any) -> None:
    old = module(cast, acting, "Acorn", name="Old ones")
    module(cast, acting, "Beech", name="Growth")
    with acting(cast.admin):
        retire_module(by=cast.admin.pk, module_id=old.pk, version=1)
    client = browse(cast.admin)

    def names(**query: str) -> list[str]:
        return [bundle.module.name for bundle in client.get(URL, query).context["bundles"]]

    assert names() == ["Growth"]
    assert names(q="OLD") == []
    assert names(q="OLD", state="retired") == ["Old ones"]
    assert "Nothing matches" in client.get(URL, {"q": "zzz"}).content.decode()
    assert client.get(URL, {"state": "lost"}).status_code == 400
