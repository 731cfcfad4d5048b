"""What every address of the API refuses in the same way, and how it says so."""

import base64
import json
import uuid
from typing import Any

import pytest
from django.core.management import call_command
from django.core.signing import Signer
from django.test import Client

from common.text import checked_text
from tests.calls import ROOT, Api, count, faults, message
from tests.cast import Cast
from tests.conftest import Browser

TABLES = ("accounts_account", "accounts_accountevent", "common_idempotencykey")


class TestBodies:
    @pytest.mark.parametrize(
        ("body", "status", "code", "said"),
        [
            (b"", 422, "required", "required"),
            (b"{", 400, "not_json", "line 1 column 2"),
            (b'{"name": "Dogwood"} x', 400, "not_json", "Extra data"),
            (b'\xef\xbb\xbf{"name": "Dogwood"}', 400, "not_json", "BOM"),
            (b'{"name": "\xff"}', 400, "not_json", "UTF-8"),
            ('{"name": "Dogwood"}'.encode("utf-16"), 400, "not_json", "UTF-8"),
            (b'{"name": "Dogwood", "name": "Elm"}', 400, "duplicate_key", "name"),
            (b'{"name": "Dogwood", "employees": NaN}', 400, "not_a_value", "NaN"),
            (b'{"name": "Dogwood", "employees": -Infinity}', 400, "not_a_value", "-Infinity"),
            (b'{"name": "Dogwood", "employees": 1e400}', 422, "whole_number", "whole number"),
            (b'{"name": "Dogwood", "employees": ' + b"9" * 5000 + b"}", 400, "too_long", "99999"),
            (b"[" * 5000 + b"]" * 5000, 400, "too_deep", "32"),
            (b'{"name": ' + b'{"a":' * 40 + b"1" + b"}" * 40 + b"}", 400, "too_deep", "32"),
            (b'{"name": "half \\ud800"}', 400, "half_character", "ud800"),
            (b'{"half \\udfff": 1}', 400, "half_character", "udfff"),
            (b'{"name": "nul \\u0000"}', 422, "bad_character", "U+0000"),
            (b"[]", 422, "invalid", "dictionary"),
            (b'"Dogwood"', 422, "invalid", "dictionary"),
            (b"null", 422, "null", "No data"),
        ],
    )
    def test_what_can_be_read_in_two_ways_is_refused(
        self, cast: Cast, owner: Any, body: bytes, status: int, code: str, said: str
    ) -> None:
        before = count(owner, *TABLES)
        answer = Api(cast.rep).post("accounts/", body)
        assert (answer.status_code, faults(answer)[0][0]) == (status, code)
        assert said.lower() in message(answer).lower()
        assert count(owner, *TABLES) == before

    def test_brackets_within_text_are_not_depth(self, cast: Cast) -> None:
        answer = Api(cast.rep).post("accounts/", {"name": 'Dog"wood \\ ' + "[{" * 60})
        assert answer.status_code == 201

    @pytest.mark.parametrize(
        "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
    )
    def test_only_json_is_taken(self, cast: Cast, owner: Any, kind: str) -> None:
        answer = Api(cast.rep).send("POST", "accounts/", b'{"name": "Dogwood"}', kind)
        assert (answer.status_code, faults(answer)) == (415, [("unsupported_media_type", "")])
        assert count(owner, "accounts_account") == [3]

    def test_a_body_over_the_limit_is_refused_unread(self, cast: Cast) -> None:
        answer = Api(cast.rep).post("accounts/", b'{"name": "' + b"x" * 5 * 1024 * 1024 + b'"}')
        assert (answer.status_code, faults(answer)) == (413, [("too_large", "")])
        assert "5 MB" in message(answer)

    def test_a_body_in_chunks_is_asked_for_its_length(self, cast: Cast) -> None:
        api = Api(cast.rep)
        answer = api.client.post(
            ROOT + "accounts/",
            {"name": "Dogwood"},
            "application/json",
            headers={"Transfer-Encoding": "chunked", "Idempotency-Key": uuid.uuid4().hex},
            CONTENT_LENGTH="",
        )
        assert (answer.status_code, faults(answer)) == (411, [("length_required", "")])

    def test_an_unknown_field_is_told_the_nearest_one(self, cast: Cast) -> None:
        answer = Api(cast.rep).post("accounts/", {"name": "Dogwood", "industy": "Energy", "xyzzy": 1})
        assert (answer.status_code, faults(answer)) == (
            422,
            [("unknown_field", "industy"), ("unknown_field", "xyzzy")],
        )
        first, second = (error["message"] for error in answer.json()["errors"])
        assert "industry" in first
        assert "Known: number, name" in second

    def test_endless_unknown_fields_are_answered_briefly(self, cast: Cast) -> None:
        body = {"name": "Dogwood"} | {f"{number}{'x' * 1000}": 1 for number in range(1000)}
        answer = Api(cast.rep).post("accounts/", body)
        assert answer.status_code == 422
        assert len(answer.content) < 10_000

    @pytest.mark.parametrize(
        "text",
        [
            "zero\u200bwidth",
            "\u202eright to left",
            "bell\x07",
            "two\nlines",
            "private\ue000",
            "bro\ufffdken",
            "e" + "\u0301" * 10,
        ],
    )
    def test_text_that_looks_like_another_is_refused(self, cast: Cast, owner: Any, text: str) -> None:
        answer = Api(cast.rep).post("accounts/", {"name": text})
        assert (answer.status_code, faults(answer)) == (422, [("bad_character", "name")])
        assert "U+" in message(answer)
        assert count(owner, "accounts_account") == [3]

    def test_accents_are_composed_and_markup_stays_as_typed(self, cast: Cast) -> None:
        answer = Api(cast.rep).post("accounts/", {"name": "Cafe\u0301 <b>&amp;</b> 木"})
        assert answer.json()["name"] == "Caf\u00e9 <b>&amp;</b> 木"

    def test_long_text_may_have_lines(self) -> None:
        assert checked_text("one\n\ttwo", is_long=True) == "one\n\ttwo"


class TestKeys:
    @pytest.mark.parametrize("key", ["", "short", "x" * 65, "with a blank", "nul\x00nul\x00", "ключключ"])
    def test_without_a_good_key_nothing_happens(self, cast: Cast, owner: Any, key: str) -> None:
        api = Api(cast.rep)
        answer = api.post("accounts/", {"name": "Dogwood"}, Idempotency_Key=key.encode().decode("latin-1"))
        assert (answer.status_code, faults(answer)) == (428, [("precondition_required", "Idempotency-Key")])
        assert "Idempotency-Key" in message(answer)
        assert count(owner, "accounts_account") == [3]

    def test_the_same_key_answers_the_same_and_does_it_once(self, cast: Cast, owner: Any) -> None:
        api, key = Api(cast.rep), "a-key-of-mine"
        first, again = (api.post("accounts/", {"name": "Dogwood"}, Idempotency_Key=key) for _ in range(2))
        assert (first.status_code, again.status_code) == (201, 201)
        assert first.json() == again.json()
        assert count(owner, "accounts_account") == [4]

    def test_a_key_is_not_used_for_another_body(self, cast: Cast, owner: Any) -> None:
        api, key = Api(cast.rep), "a-key-of-mine"
        api.post("accounts/", {"name": "Dogwood"}, Idempotency_Key=key)
        reader = Api(cast.rep, "read")
        assert reader.post("accounts/", {"name": "Dogwood"}, Idempotency_Key=key).status_code == 403
        other = api.post("accounts/", {"name": "Elm"}, Idempotency_Key=key)
        assert (other.status_code, faults(other)) == (422, [("key_reused", "Idempotency-Key")])
        assert count(owner, "accounts_account") == [4]

    def test_a_refused_request_leaves_its_key_free(self, cast: Cast) -> None:
        api, key = Api(cast.rep), "a-key-of-mine"
        assert api.post("accounts/", {"name": ""}, Idempotency_Key=key).status_code == 422
        assert api.post("accounts/", {"name": "Dogwood"}, Idempotency_Key=key).status_code == 201


class TestQueries:
    @pytest.mark.parametrize(
        ("query", "path"),
        [
            ("?ownr=5", "ownr"),
            ("?page_size=1000000", "page_size"),
            ("?format=xml", "format"),
            ("?format=json", "format"),
            ("?after=a&after=b", "after"),
            ("?after=broken", "after"),
            ("?after=%00", "after"),
            ("?after=%ff", "after"),
            (f"?after={'W' * 2001}", "after"),
            (f"?after={base64.urlsafe_b64encode(b'[1]').decode()}", "after"),
            (f"?after={Signer(salt='page close_on id').sign_object(['2026-06-15', 1])}", "after"),
        ],
    )
    def test_what_is_not_known_is_not_ignored(self, cast: Cast, query: str, path: str) -> None:
        answer = Api(cast.rep).get(f"accounts/{query}")
        assert (answer.status_code, faults(answer)) == (400, [("bad_query", path)])

    def test_a_row_takes_no_filter(self, cast: Cast) -> None:
        answer = Api(cast.rep).get(f"accounts/{cast.accounts['Acorn'].pk}/?after=1")
        assert (answer.status_code, faults(answer)) == (400, [("bad_query", "after")])


class TestAddresses:
    @pytest.mark.parametrize(
        "path",
        [
            "",
            "nothing/",
            "accounts",
            "accounts/x/",
            "accounts/-1/",
            "accounts/١/",
            "accounts/1/x/",
            f"accounts/{10**30}/",
        ],
    )
    @pytest.mark.parametrize("method", ["get", "post"])
    def test_an_unknown_address_is_404_as_json(self, cast: Cast, path: str, method: str) -> None:
        api = Api(cast.rep)
        answer = api.get(path) if method == "get" else api.post(path, {})
        if (method, path) == ("post", f"accounts/{10**30}/"):
            assert (answer.status_code, faults(answer)) == (405, [("method_not_allowed", "")])
        else:
            assert (answer.status_code, faults(answer)) == (404, [("not_found", "")])

    @pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
    def test_a_method_that_is_not_offered_is_405(self, cast: Cast, method: str) -> None:
        answer = Api(cast.rep).send(method, "accounts/", {})
        assert (answer.status_code, faults(answer)) == (405, [("method_not_allowed", "")])

    def test_an_answer_in_html_is_not_to_be_had(self, cast: Cast) -> None:
        answer = Api(cast.rep).get("accounts/", Accept="text/html")
        assert (answer.status_code, faults(answer)) == (406, [("not_acceptable", "")])

    @pytest.mark.parametrize(
        "path",
        [
            "accounts/",
            "accounts/1/",
            "opportunities/",
            "opportunities/1/",
            "opportunities/1/stage/",
            "orders/",
            "orders/1/",
            "orders/1/cancel/",
            "quotas/",
            "attainment/",
            "attainment/changes/",
            "submissions/",
            "territories/",
            "territories/1/retire/",
            "seats/1/end/",
            "seats/1/hand-over/",
            "modules/1/accounts/",
            "holds/",
            "account-territories/",
            "rules/preview/",
            "realignments/1/ask/",
            "schema/",
            "nothing/",
        ],
    )
    @pytest.mark.parametrize("method", ["GET", "POST"])
    def test_nobody_gets_anything(self, cast: Cast, owner: Any, path: str, method: str) -> None:
        answer = Client().generic(method, ROOT + path, "{}", "application/json")
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"] == "Bearer"
        assert faults(answer) == [("not_authenticated", "")]

    def test_the_docs_page_asks_for_a_sign_in(self, cast: Cast) -> None:
        answer = Client().get(ROOT + "docs/")
        assert (answer.status_code, answer["Location"]) == (302, "/sign-in/login/?next=/api/v1/docs/")

    def test_a_fault_of_ours_is_json_too(self, cast: Cast, owner: Any) -> None:
        owner.execute("ALTER TABLE accounts_account RENAME COLUMN country TO land")
        api = Api(cast.rep)
        api.client.raise_request_exception = False
        answer = api.get("accounts/")
        assert (answer.status_code, faults(answer)) == (500, [("server_error", "")])

    def test_no_answer_is_kept_by_anybody(self, cast: Cast) -> None:
        assert Api(cast.rep).get("accounts/")["Cache-Control"] == "no-store"


class TestSchema:
    def test_it_is_valid_without_a_warning(self, db: str, tmp_path: Any) -> None:
        file = tmp_path / "schema.yaml"
        call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(file))
        assert file.read_text(encoding="utf-8").startswith("openapi: 3.")

    def test_it_says_what_a_program_must_send(self, cast: Cast) -> None:
        answer = Api(cast.rep).get("schema/", Accept="application/vnd.oai.openapi+json")
        schema = json.loads(answer.content)
        assert {path.removeprefix(ROOT) for path in schema["paths"]} == {
            "accounts/",
            "accounts/{id}/",
            "accounts/{id}/family/",
            "accounts/{id}/merge/",
            "accounts/look-up/",
            "accounts/ask-access/",
            "account-merges/",
            "account-merges/{id}/undo/",
            "account-classes/",
            "holds/",
            "holds/{id}/end/",
            "potentials/",
            "touch-norms/",
            "coverage-models/",
            "modules/",
            "modules/{id}/",
            "modules/{id}/accounts/",
            "modules/{id}/accounts/take-out/",
            "modules/{id}/fill/",
            "modules/{id}/move/",
            "modules/{id}/retire/",
            "modules/{id}/restore/",
            "opportunities/",
            "accounts/bulk/",
            "accounts/changes/",
            "activities/bulk/",
            "activities/changes/",
            "contacts/",
            "contacts/{id}/",
            "contacts/changes/",
            "leads/bulk/",
            "leads/changes/",
            "opportunities/bulk/",
            "opportunities/changes/",
            "orders/changes/",
            "opportunities/standings/",
            "insight/funnel/",
            "insight/win-rates/",
            "insight/hygiene/",
            "insight/generation/",
            "insight/dates/",
            "insight/attach-rate/",
            "insight/entry-accuracy/",
            "insight/measures/",
            "opportunities/{id}/",
            "opportunities/{id}/stage/",
            "opportunities/{id}/win/",
            "opportunities/{id}/lose/",
            "opportunities/{id}/merge/",
            "opportunities/{id}/clone/",
            "opportunities/{id}/give/",
            "credits/",
            "disputes/",
            "disputes/{id}/",
            "disputes/{id}/answer/",
            "disputes/{id}/withdraw/",
            "orders/awaiting/",
            "orders/awaiting/{id}/",
            "orders/awaiting/{id}/back/",
            "orders/awaiting/{id}/cancel/",
            "orders/awaiting/{id}/claim/",
            "orders/",
            "orders/{id}/",
            "orders/{id}/cancel/",
            "orders/{id}/correct/",
            "orders/{id}/amend/",
            "orders/{id}/split/",
            "orders/{id}/day/",
            "orders/{id}/progress/",
            "quotas/",
            "attainment/",
            "attainment/changes/",
            "submissions/",
            "territories/",
            "territories/{id}/",
            "territories/{id}/move/",
            "territories/{id}/rename/",
            "territories/{id}/retire/",
            "territories/{id}/merge/",
            "territories/{id}/split/",
            "territories/{id}/workload/",
            "seats/",
            "seats/effect/",
            "seats/{id}/change/",
            "seats/{id}/hand-over/",
            "hand-overs/",
            "hand-overs/{id}/drop/",
            "vacancies/{id}/change/",
            "vacancies/{id}/drop/",
            "seats/{id}/end/",
            "vacancies/",
            "account-territories/",
            "rules/",
            "rules/{id}/",
            "rules/preview/",
            "rules/runs/",
            "rules/runs/{id}/",
            "rules/runs/{id}/back/",
            "realignments/",
            "realignments/{id}/",
            "realignments/{id}/moves/",
            "realignments/{id}/preview/",
            "realignments/{id}/ask/",
            "realignments/{id}/reopen/",
            "realignments/{id}/drop/",
            "realignments/{id}/undo/",
            "realignments/moves/{id}/remove/",
            "families/",
            "families/{id}/",
            "activities/",
            "activities/{id}/",
            "activities/{id}/complete/",
            "activity-targets/",
            "events/",
            "events/{id}/",
            "events/{id}/guests/",
            "events/{id}/guests/{who}/{row_id}/",
            "events/{id}/guests/{who}/{row_id}/remove/",
            "touches/",
            "leads/",
            "leads/{id}/",
            "leads/{id}/activities/",
            "leads/{id}/convert/",
            "leads/{id}/disqualify/",
            "leads/{id}/give/",
            "leads/{id}/reopen/",
            "opportunities/{id}/lines/",
            "opportunities/{id}/team/",
            "opportunities/{id}/team/{member_id}/role/",
            "opportunities/{id}/team/{member_id}/end/",
            "opportunities/{id}/split/",
            "opportunities/{id}/milestones/",
            "opportunities/{id}/milestones/lay-out/",
            "milestones/{id}/",
            "milestones/{id}/re-plan/",
            "milestones/{id}/met/",
            "milestones/{id}/reopen/",
            "milestones/{id}/remove/",
            "plan-templates/",
            "list-values/",
            "list-values/{id}/",
            "list-values/{id}/place/",
            "list-values/{id}/merge/",
            "own-fields/",
            "own-fields/{id}/",
            "own-fields/{id}/place/",
            "own-fields/{id}/retire/",
            "saved-views/",
            "saved-views/{id}/",
            "saved-views/{id}/unshare/",
            "saved-views/{id}/remove/",
            "comments/{subject}/{id}/",
            "documents/{subject}/{id}/",
            "documents/{id}/content/",
            "documents/{id}/remove/",
            "opportunities/{id}/activities/",
            "opportunities/{id}/stakeholders/",
            "opportunities/{id}/stakeholders/{stakeholder_id}/",
            "opportunities/{id}/stakeholders/{stakeholder_id}/remove/",
            "opportunities/{id}/competitors/",
            "opportunities/{id}/competitors/{competitor_id}/",
            "opportunities/{id}/competitors/{competitor_id}/remove/",
            "opportunities/{id}/requirements/",
            "opportunities/{id}/requirements/{requirement_id}/",
            "opportunities/{id}/requirements/{requirement_id}/remove/",
            "opportunities/{id}/concessions/",
            "opportunities/{id}/concessions/{concession_id}/",
            "opportunities/{id}/concessions/{concession_id}/remove/",
            "partners/",
            "partners/{id}/",
            "partners/{id}/people/",
            "partners/people/{id}/",
            "price-books/",
            "price-books/{id}/",
            "price-books/{id}/prices/",
            "products/",
            "products/{id}/",
            "products/{id}/parts/",
            "sales-models/",
            "sales-models/{id}/",
            "sales-models/{id}/publish/",
            "sales-models/{id}/versions/",
            "stages/",
        }
        edit = schema["paths"][ROOT + "accounts/{id}/"]["patch"]
        assert {row["name"] for row in edit["parameters"] if row["required"]} == {
            "Idempotency-Key",
            "If-Match",
            "id",
        }
        assert schema["components"]["securitySchemes"]["token"]["scheme"] == "bearer"

    def test_the_docs_page_needs_nothing_inline(self, cast: Cast, browse: Any) -> None:
        page = browse(cast.rep).get(ROOT + "docs/")
        text = page.content.decode()
        assert page.status_code == 200
        assert "<style" not in text
        assert text.count("<script src=") == text.count("<script") == 3
        assert "unsafe" not in page["Content-Security-Policy"]


class TestSessions:
    def test_a_signed_in_person_may_call_too(self, cast: Cast, browse: Any) -> None:
        client: Browser = browse(cast.rep)
        assert [row["name"] for row in client.get(ROOT + "accounts/").json()["results"]] == ["Acorn"]
        made = client.post(ROOT + "accounts/", '{"name": "Dogwood"}', content_type="application/json")
        assert made.status_code == 201

    def test_another_sites_page_may_not_use_the_session(self, cast: Cast, owner: Any) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(cast.rep, backend="allauth.account.auth_backends.AuthenticationBackend")
        answer = client.post(
            ROOT + "accounts/",
            '{"name": "Dogwood"}',
            "application/json",
            headers={"Idempotency-Key": uuid.uuid4().hex},
        )
        assert (answer.status_code, faults(answer)) == (403, [("permission_denied", "")])
        assert count(owner, "accounts_account") == [3]
