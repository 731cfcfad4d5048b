"""Documents beside an account, a deal and an order: put there, opened within reach, removed and known for ever."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from common.access import Reach
from common.errors import Conflict, Forbidden, NotInReach, Refused, Stale
from common.transaction import work
from orders.selectors.gate import with_contract
from planning.services.merging import merge_accounts
from tests.cast import Cast
from tests.common.test_attachments import HTML, PDF
from tests.orders.winning import won
from tests.salesops.conftest import plain
from workspace.models import Document
from workspace.selectors.documents import documents_of
from workspace.services.documents import add_file, add_link, remove_document


@pytest.fixture
def deal(cast: Cast) -> int:
    return int(cast.deals["Acorn renewal"].pk)


def panel(client: Any, subject: str, pk: int) -> str:
    return plain(client.get(reverse("beside_panel", args=[subject, pk])))


def contract(cast: Cast, acting: Any, deal: int) -> Document:
    with acting(cast.rep):
        place = {"subject": "opportunity", "subject_id": deal, "kind": "contract"}
        return add_file(by=cast.rep.pk, file_name="Contract.pdf", content=PDF, **place)


def test_a_file_is_put_beside_a_deal_and_opened(cast: Cast, browse: Any, deal: int) -> None:
    client = browse(cast.rep)
    assert "No documents yet" in panel(client, "opportunity", deal)
    url = reverse("document_create", args=["opportunity", deal])
    file = SimpleUploadedFile("../Contract.pdf", PDF)
    answer = client.post(url, {"kind": "contract", "file": file}, follow=True)
    assert "Contract.pdf is added." in plain(answer)
    assert answer.redirect_chain == [(reverse("opportunity_detail", args=[deal]), 302)]
    assert "Contract.pdf 1 KB · Rita Rep" in panel(client, "opportunity", deal)
    opened = browse(cast.executive).get(reverse("document_content", args=[newest()]))
    assert opened.content == PDF
    assert opened["Content-Disposition"] == 'attachment; filename="Contract.pdf"'
    assert (opened["X-Content-Type-Options"], opened["Content-Type"]) == ("nosniff", "application/pdf")


def newest() -> int:
    with work(by=None, why="a test", reach=Reach.everything()):
        return int(Document.objects.latest("pk").pk)


def test_who_does_not_see_the_deal_does_not_open_its_file(
    cast: Cast, acting: Any, browse: Any, deal: int
) -> None:
    kept = contract(cast, acting, deal)
    url = reverse("document_content", args=[kept.pk])
    found = {key: browse(getattr(cast, key)).get(url).status_code for key in ("manager", "peer", "other_rep")}
    assert found == {"manager": 200, "peer": 404, "other_rep": 404}
    assert browse(cast.rep).get(reverse("document_content", args=[999_999])).status_code == 404
    with acting(cast.peer), pytest.raises(NotInReach):
        remove_document(by=cast.peer.pk, document_id=kept.pk, version=1)


def test_who_only_reads_the_deal_adds_and_removes_nothing(cast: Cast, acting: Any, deal: int) -> None:
    kept = contract(cast, acting, deal)
    place = {"subject": "opportunity", "subject_id": deal, "kind": "other"}
    with acting(cast.executive):
        with pytest.raises(Forbidden):
            add_link(by=cast.executive.pk, url="https://example.com", **place)
        with pytest.raises(Forbidden):
            remove_document(by=cast.executive.pk, document_id=kept.pk, version=1)


def test_a_removed_one_is_not_opened_any_more_and_stays_known(
    cast: Cast, acting: Any, browse: Any, deal: int
) -> None:
    kept = contract(cast, acting, deal)
    with acting(cast.manager):
        assert with_contract([deal]) == {deal}
    client, url = browse(cast.manager), reverse("document_remove", args=[kept.pk])
    assert "Remove Contract.pdf?" in plain(client.get(url))
    assert client.post(url, {"version": "7"}).status_code == 412
    assert "Contract.pdf is removed." in plain(client.post(url, {"version": "1"}, follow=True))
    assert client.get(reverse("document_content", args=[kept.pk])).status_code == 404
    assert "What was removed Contract.pdf Mona Manager" in panel(browse(cast.rep), "opportunity", deal)
    with acting(cast.rep):
        assert documents_of("opportunity", deal) == []
        assert not with_contract([deal])
        with pytest.raises(NotInReach):
            remove_document(by=cast.rep.pk, document_id=kept.pk, version=2)


def test_of_two_who_remove_it_the_second_is_told(cast: Cast, acting: Any, deal: int) -> None:
    kept = contract(cast, acting, deal)
    with acting(cast.rep), pytest.raises(Stale):
        remove_document(by=cast.rep.pk, document_id=kept.pk, version=3)


def test_a_link_is_called_as_it_is_named_or_as_its_address(cast: Cast, acting: Any, browse: Any) -> None:
    acorn = cast.accounts["Acorn"].pk
    place = {"subject": "account", "subject_id": acorn, "kind": "other"}
    with acting(cast.rep):
        add_link(by=cast.rep.pk, url="https://example.com/plan", name=" The plan ", **place)
        add_link(by=cast.rep.pk, url="http://wiki/acorn", **place)
        assert [row.name for row in documents_of("account", acorn)] == ["http://wiki/acorn", "The plan"]
    page = browse(cast.rep).get(reverse("beside_panel", args=["account", acorn])).content.decode()
    assert 'href="https://example.com/plan" rel="noopener noreferrer nofollow" target="_blank"' in page


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JavaScript://example.com/%0aalert(1)",
        "data:text/html,<script>alert(1)</script>",
        "ftp://example.com/a",
        "//example.com/a",
        "https://",
        "https://bank.com@evil.com/",
        "https://exa mple.com",
        "https://[1",
        "example.com",
        "https://example.com/" + "a" * 500,
    ],
)
def test_only_addresses_of_the_web_are_links(cast: Cast, acting: Any, deal: int, url: str) -> None:
    place = {"subject": "opportunity", "subject_id": deal, "kind": "other"}
    with acting(cast.rep), pytest.raises(Refused) as refused:
        add_link(by=cast.rep.pk, url=url, **place)
    assert (refused.value.path, refused.value.code) == ("url", "link")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"file": ("large.pdf", PDF + b"0" * 6_000_000)}, "This file is larger than 5 MB."),
        ({"file": ("empty.pdf", b"")}, "This file is empty."),
        ({"file": ("page.pdf", HTML)}, "What is in page.pdf is not what a file that ends in .pdf holds."),
        ({"file": ("page.html", HTML)}, "Files of this kind are not taken."),
        ({"url": "javascript:alert(1)"}, "Write a link that begins with https:// or http://"),
        ({}, "Write a link or choose a file, one of the two."),
        (
            {"url": "https://a.example", "file": ("a.pdf", PDF)},
            "Write a link or choose a file, one of the two.",
        ),
        ({"url": "https://a.example", "name": "x" * 300}, "at most 160 characters"),
    ],
)
def test_what_is_refused_is_said_in_place_and_keeps_the_rest(
    cast: Cast, browse: Any, deal: int, typed: dict[str, Any], words: str
) -> None:
    sent = {"kind": "offer", "name": "Our offer", **typed}
    if "file" in typed:
        sent["file"] = SimpleUploadedFile(*typed["file"])
    answer = browse(cast.rep).post(reverse("document_create", args=["opportunity", deal]), sent)
    assert answer.status_code == 422
    assert words in plain(answer)
    assert answer.context["form"]["kind"].value() == "offer"
    assert answer.context["form"]["name"].value() == sent["name"]


def test_a_file_named_by_hand_keeps_its_ending(cast: Cast, acting: Any, deal: int) -> None:
    with acting(cast.rep):
        place = {"subject": "opportunity", "subject_id": deal, "kind": "contract", "content": PDF}
        names = [
            add_file(by=cast.rep.pk, file_name="scan0001.pdf", name=name, **place).name
            for name in ("Signed by Acorn", "Signed.PDF", "../x", "y" * 160)
        ]
    assert names == ["Signed by Acorn.pdf", "Signed.pdf", "x.pdf", "y" * 156 + ".pdf"]


def test_an_order_and_an_account_take_documents_a_realignment_takes_none(
    cast: Cast, acting: Any, browse: Any
) -> None:
    acorn = cast.accounts["Acorn"].pk
    assert (
        browse(cast.coordinator).get(reverse("document_create", args=["account", acorn])).status_code == 200
    )
    assert browse(cast.admin).get(reverse("document_create", args=["realignment", 1])).status_code == 404
    assert browse(cast.admin).get(reverse("document_create", args=["person", 1])).status_code == 404
    assert "Add a document" not in panel(browse(cast.executive), "account", acorn)


def test_an_account_that_was_merged_takes_nothing_more(cast: Cast, acting: Any, browse: Any) -> None:
    cedar = cast.accounts["Cedar"].pk
    with acting(cast.admin):
        ids = {"survivor_id": cast.accounts["Acorn"].pk, "merged_id": cedar}
        merge_accounts(by=cast.admin.pk, reason="They are one", **ids)
    page = panel(browse(cast.admin), "account", cedar)
    assert "Nobody said anything about it yet." in page
    assert ("Add a document" in page, "Add the comment" in page) == (False, False)
    with (
        acting(cast.admin),
        pytest.raises(Conflict, match=r"Cedar.* was merged into Acorn.*\. Open that one\."),
    ):
        add_link(
            by=cast.admin.pk, subject="account", subject_id=cedar, kind="other", url="https://example.com/a"
        )


def test_whoever_books_a_deal_puts_its_contract_there(
    cast: Cast, acting: Any, browse: Any, deal: int
) -> None:
    place = {"subject": "opportunity", "subject_id": deal, "kind": "contract"}
    with acting(cast.coordinator):
        add_link(by=cast.coordinator.pk, url="https://example.com/signed", **place)
        assert with_contract([deal]) == {deal}
    with acting(cast.executive), pytest.raises(Forbidden):
        add_link(by=cast.executive.pk, url="https://example.com/signed", **place)
    assert "Add a document" in panel(browse(cast.coordinator), "opportunity", deal)


def test_who_books_a_deal_takes_away_only_what_they_put_there(
    cast: Cast, acting: Any, browse: Any, deal: int
) -> None:
    place = {"subject": "opportunity", "subject_id": deal, "kind": "contract"}
    with acting(cast.rep):
        theirs = add_link(by=cast.rep.pk, url="https://example.com/rep", name="Reps", **place)
    with acting(cast.coordinator):
        own = add_link(by=cast.coordinator.pk, url="https://example.com/own", name="Own", **place)
        with pytest.raises(Forbidden):
            remove_document(by=cast.coordinator.pk, document_id=theirs.pk, version=1)
    page = browse(cast.coordinator).get(reverse("beside_panel", args=["opportunity", deal])).content.decode()
    assert reverse("document_remove", args=[own.pk]) in page
    assert reverse("document_remove", args=[theirs.pk]) not in page
    with acting(cast.coordinator):
        remove_document(by=cast.coordinator.pk, document_id=own.pk, version=1)
    with acting(cast.rep):
        assert [one.name for one in documents_of("opportunity", deal)] == ["Reps"]


def test_the_contract_that_an_order_rests_on_stays(cast: Cast, acting: Any, browse: Any, deal: int) -> None:
    kept = contract(cast, acting, deal)
    with acting(cast.rep):
        order = won(cast)
    with acting(cast.rep), pytest.raises(Forbidden):
        remove_document(by=cast.rep.pk, document_id=kept.pk, version=1)
    page = browse(cast.rep).get(reverse("beside_panel", args=["opportunity", deal])).content.decode()
    assert reverse("document_content", args=[kept.pk]) in page
    assert reverse("document_remove", args=[kept.pk]) not in page
    shown = plain(browse(cast.coordinator).get(reverse("order_detail", args=[order.pk])))
    assert "Documents of the opportunity Contract.pdf 1 KB" in shown


def test_the_history_of_a_deal_tells_of_its_documents(
    cast: Cast, acting: Any, browse: Any, deal: int
) -> None:
    kept = contract(cast, acting, deal)
    with acting(cast.rep):
        remove_document(by=cast.rep.pk, document_id=kept.pk, version=1)
    address = reverse("opportunity_history", args=[deal])
    told = [one.text for one in browse(cast.rep).get(address, {"field": "documents"}).context["changes"]]
    assert told == ["Removed the document Contract.pdf", "Added the document Contract.pdf"]
    assert "Removed the document Contract.pdf" in plain(browse(cast.manager).get(address))
