"""Comments and documents over the API."""

from typing import Any

import pytest
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from tests.calls import Api, faults
from tests.cast import Cast
from tests.common.test_attachments import HTML, PDF
from workspace.services.comments import add_comment


@pytest.fixture
def deal(cast: Cast) -> int:
    return int(cast.deals["Acorn renewal"].pk)


class Part:
    """A file as a form sends it."""

    def __init__(self, name: str, content: bytes) -> None:
        self.name, self.content, self.content_type = name, content, "text/html"

    def read(self) -> bytes:
        return self.content


def form(**parts: Any) -> bytes:
    return encode_multipart(BOUNDARY, parts)


def test_a_comment_is_written_and_read(cast: Cast, deal: int) -> None:
    path, api = f"comments/opportunity/{deal}/", Api(cast.rep)
    made = api.post(path, {"text": "@Mona Manager and\n@Oscar Other"})
    assert made.status_code == 201
    told = {mention["person_id"]: mention["was_told"] for mention in made.json()["mentions"]}
    assert told == {cast.manager.pk: True, cast.other_rep.pk: False}
    read = Api(cast.executive).get(path).json()["results"]
    assert [(row["text"], row["by_id"]) for row in read] == [("@Mona Manager and\n@Oscar Other", cast.rep.pk)]
    assert faults(api.post(path, {"text": "x" * 2001})) == [("max_length", "text")]
    assert faults(api.post(path, {"text": ""})) == [("blank", "text")]
    assert Api(cast.peer).get(path).status_code == 404
    assert Api(cast.peer).post(path, {"text": "Hello"}).status_code == 404
    assert api.get("comments/person/1/").status_code == 404


def test_comments_come_by_pages_the_oldest_first(cast: Cast, deal: int, acting: Any) -> None:
    path, api = f"comments/opportunity/{deal}/", Api(cast.manager)
    with acting(cast.rep):
        for number in range(60):
            add_comment(by=cast.rep.pk, subject="opportunity", subject_id=deal, text=f"{number}")
    first = api.get(path).json()
    assert [row["text"] for row in first["results"]] == [f"{number}" for number in range(50)]
    second = api.get(f"{path}?after={first['after']}").json()
    assert [row["text"] for row in second["results"]] == [f"{number}" for number in range(50, 60)]
    assert second["after"] is None
    assert faults(api.get(f"{path}?after=broken")) == [("bad_query", "after")]
    assert faults(api.get(f"{path}?page=2")) == [("bad_query", "page")]
    assert Api(cast.peer).get(f"{path}?after={first['after']}").status_code == 404


def test_a_link_and_a_file_are_put_there_and_read(cast: Cast, deal: int) -> None:
    path, api = f"documents/opportunity/{deal}/", Api(cast.rep)
    link = api.post(path, {"kind": "other", "url": "https://example.com/a", "name": "Plan"}).json()
    assert (link["name"], link["url"], link["media_type"]) == ("Plan", "https://example.com/a", "")
    sent = form(kind="contract", file=Part("Contract.pdf", PDF))
    made = api.send("POST", path, sent, MULTIPART_CONTENT)
    assert made.status_code == 201
    file = made.json()
    assert (file["name"], file["media_type"], file["size"]) == ("Contract.pdf", "application/pdf", 17)
    assert [row["id"] for row in api.get(path).json()] == [file["id"], link["id"]]
    content = Api(cast.manager).get(f"documents/{file['id']}/content/")
    assert (content.content, content["Content-Disposition"]) == (PDF, 'attachment; filename="Contract.pdf"')
    assert api.get(f"documents/{link['id']}/content/").status_code == 404
    assert Api(cast.peer).get(f"documents/{file['id']}/content/").status_code == 404
    assert api.post(f"documents/{file['id']}/remove/", {}, If_Match="2").status_code == 412
    assert api.post(f"documents/{file['id']}/remove/", {}, If_Match="1").status_code == 200
    assert api.get(f"documents/{file['id']}/content/").status_code == 404


def test_what_may_not_be_put_there(cast: Cast, deal: int) -> None:
    path, api = f"documents/opportunity/{deal}/", Api(cast.rep)
    assert faults(api.post(path, {"kind": "other"})) == [("link_or_file", "url")]
    assert faults(api.post(path, {"kind": "other", "url": "javascript:alert(1)"})) == [("link", "url")]
    assert faults(api.post(path, {"kind": "paper", "url": "https://a.example"})) == [
        ("unknown_choice", "kind")
    ]
    for name, content, code in (
        ("page.pdf", HTML, "file_content"),
        ("empty.pdf", b"", "empty_file"),
        ("large.pdf", PDF + b"0" * 5_000_000, "file_too_large"),
    ):
        sent = form(kind="other", file=Part(name, content))
        assert faults(api.send("POST", path, sent, MULTIPART_CONTENT)) == [(code, "file")]
    large = api.send("POST", path, form(kind="other", file=Part("a.pdf", PDF * 400_000)), MULTIPART_CONTENT)
    assert (large.status_code, faults(large)) == (413, [("too_large", "")])
    assert Api(cast.executive).post(path, {"kind": "other", "url": "https://a.example"}).status_code == 403
    assert api.get("documents/realignment/1/").status_code == 404
