"""Whatever leaves the product as a file with rows of it is kept: who took which list, with how many rows."""

from typing import Any

from django.urls import reverse

from common.access import Reach
from common.transaction import work
from common.written import TYPES
from tests.cast import Cast
from tests.test_budgets import READERS, reader_of
from tests.test_permissions import GET, address, make_world
from workspace.models import Export

NO_LISTS = {
    "activity_calendar": "one activity, for a calendar",
    "api_document_content": "a document, as somebody put it beside something",
    "batch_original": "what somebody brought here themselves",
    "document_content": "a document, as somebody put it beside something",
    "opportunity_export_file": "kept by the post that asks for it: tests/pipeline/test_export.py",
    "table_sample_csv": "how a table is to be written",
    "table_sample_xlsx": "how a table is to be written",
}
"""Files of which nothing is kept, and why."""


def kept() -> list[tuple[int, str, str, str, int]]:
    with work(by=None, why="look", reach=Reach.everything()):
        rows = Export.objects.order_by("pk")
        return list(rows.values_list("person_id", "page", "query", "format", "rows"))


def is_file(answer: Any) -> bool:
    is_table = answer.headers.get("Content-Type", "") in TYPES.values()
    return is_table or "attachment" in answer.headers.get("Content-Disposition", "")


def test_every_list_that_leaves_as_a_file_is_kept(cast: Cast, acting: Any, browse: Any) -> None:
    """Where a new address answers with a file, its view calls `record_export`, or it stands above with a reason."""
    world = make_world(cast, acting)
    clients = {key: browse(getattr(cast, key)) for key in READERS}
    files, told = {}, {}
    for name, rule in GET.items():
        reader, before = reader_of(rule), len(kept())
        if is_file(clients[reader].get(address(name, world))):
            files[name] = [] if name in NO_LISTS else [getattr(cast, reader).pk]
        if name in files or len(kept()) > before:
            told[name] = [one[0] for one in kept()[before:]]
    assert told == files
    assert files.keys() >= NO_LISTS.keys()
    assert {
        "coverage_csv",
        "held_csv",
        "realignment_export",
        "rule_run_csv",
    } <= files.keys() - NO_LISTS.keys()


def test_it_is_kept_which_list_with_how_many_rows(cast: Cast, browse: Any) -> None:
    director, admin = browse(cast.director), browse(cast.admin)
    director.get(reverse("held_csv") + f"?person={cast.rep.pk}&on=2026-01-01&to=2026-12-31")
    director.get(reverse("realignment_export") + "?on=2026-06-01&format=xlsx")
    below = cast.territories["East Team"].pk
    admin.get(reverse("realignment_export") + f"?on=2026-06-01&below={below}")
    assert kept() == [
        (cast.director.pk, "held_report", f"person={cast.rep.pk}&on=2026-01-01&to=2026-12-31", "csv", 1),
        (cast.director.pk, "realignment_cut", "on=2026-06-01", "xlsx", 6),
        (cast.admin.pk, "realignment_cut", f"on=2026-06-01&below={below}", "csv", 5),
    ]
    page = admin.get(reverse("export_list")).content.decode()
    assert page.count(">Territories and accounts to edit</a>") == 2
    assert f'href="{reverse("held_report")}?person={cast.rep.pk}&amp;on=2026-01-01&amp;to=2026-12-31"' in page


def test_what_is_refused_is_not_kept(cast: Cast, browse: Any) -> None:
    assert browse(cast.rep).get(reverse("coverage_csv")).status_code == 403
    assert browse(cast.director).get(reverse("held_csv") + "?person=1&account=x").status_code == 400
    assert kept() == []
