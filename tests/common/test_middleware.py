"""What becomes of a request that the database breaks off, and of a body that is too long."""

import json
import re
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from common.middleware import AnswerMiddleware, not_theirs
from common.transaction import work
from pipeline.models import Opportunity
from tests.cast import Cast
from tests.pipeline.test_opportunity_create import typed

UPLOAD = reverse("quota_import")


def answer_to(statement: str, path: str) -> HttpResponse:
    """The answer to a request that this statement, outside of every act, breaks off."""
    with work(by=None, why="a test"):
        with connection.cursor() as cursor, pytest.raises(DatabaseError) as error:
            cursor.execute(statement)
        middleware = AnswerMiddleware(lambda request: HttpResponse())
        answer = middleware.process_exception(RequestFactory().get(path), error.value)
        transaction.set_rollback(True)
    assert answer is not None
    return answer


@pytest.mark.parametrize(
    ("statement", "code", "said"),
    [
        ("SELECT 99999999999::int", "out_of_range", "A value here is larger or longer than can be kept."),
        ("INSERT INTO common_rungate VALUES (1)", "rungate_empty", "Constraint “rungate_empty” is violated."),
    ],
)
def test_what_the_database_refuses_outside_an_act_is_a_refusal(
    cast: Cast, statement: str, code: str, said: str
) -> None:
    page = answer_to(statement, "/opportunities/")
    assert page.status_code == 422
    assert f"<p>{said}</p>" in page.content.decode()
    errors = json.loads(answer_to(statement, "/api/v1/accounts/").content)["errors"]
    assert errors == [{"code": code, "path": "", "message": said}]


def test_a_database_that_is_away_is_not_asked_again(cast: Cast) -> None:
    page = answer_to("SET LOCAL statement_timeout = 1; SELECT pg_sleep(1)", "/opportunities/")
    assert (page.status_code, page["Retry-After"]) == (503, "2")
    assert "Busy for a moment" in page.content.decode()


def test_an_address_that_never_was_answers_like_a_row_that_is_not_theirs(cast: Cast, browse: Any) -> None:
    client = browse(cast.rep)
    for address in ("/nowhere/", reverse("opportunity_detail", args=[999_999])):
        answer = client.get(address)
        page = answer.content.decode()
        assert (answer.status_code, "<h1>Nothing here" in page) == (404, True)
        assert "There is nothing here, or it is not yours to see." in page


def test_what_django_refuses_is_said_like_every_refusal(cast: Cast, browse: Any, rf: RequestFactory) -> None:
    odd = browse(cast.rep).get("/", SERVER_NAME="a b")
    assert (odd.status_code, "<h1>This address does not fit" in odd.content.decode()) == (400, True)
    asked = rf.get("/api/v1/accounts/")
    assert json.loads(not_theirs(asked, PermissionDenied()).content)["errors"][0]["code"] == "forbidden"


def test_a_file_over_the_limit_is_refused_unread(cast: Cast, browse: Any) -> None:
    for client, path in ((browse(cast.admin), UPLOAD), (Client(), "/sign-in/login/")):
        answer = client.post(path, {"file": SimpleUploadedFile("quotas.csv", b"x" * 13 * 1024 * 1024)})
        assert answer.status_code == 413
        assert "at most 12 MB" in answer.content.decode()


def test_the_same_key_with_another_file_is_another_act(cast: Cast, browse: Any) -> None:
    client, answers = browse(cast.admin), []
    for amount in (100, 100, 200):
        row = f"person,territory,period,family,kind,amount\nrep@example.com,,2026-Q3,,,{amount}\n"
        upload = SimpleUploadedFile("quotas.csv", row.encode())
        answers.append(client.post(UPLOAD, {"file": upload, "idempotency_key": "one-key-two-files"}))
    assert [answer.status_code for answer in answers] == [200, 200, 422]
    assert "already sent with other content" in answers[2].content.decode()


def test_a_form_that_somebody_else_had_opened_is_not_sent_as_the_one_who_signed_in(
    cast: Cast, browse: Any, acting: Any
) -> None:
    address = reverse("opportunity_create")
    page = browse(cast.rep).get(address).content.decode()
    [key] = set(re.findall(r'name="idempotency_key" value="([^"]+)"', page))
    form = typed(cast, name="Typed by Rita", idempotency_key=key)
    refused = browse(cast.manager).post(address, form)
    assert (refused.status_code, "Somebody else had opened this form" in refused.content.decode()) == (
        409,
        True,
    )
    with acting(cast.admin):
        assert not Opportunity.objects.filter(name="Typed by Rita").exists()
    assert browse(cast.rep).post(address, form).status_code == 302
    with acting(cast.admin):
        assert Opportunity.objects.get(name="Typed by Rita").owner == cast.rep
