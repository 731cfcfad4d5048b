"""Tokens at the API's door: what each lets in, and when it stops."""

from datetime import timedelta
from typing import Any

import pytest

from common.transaction import work
from territories.services import revoke_token
from tests.calls import Api, count, faults
from tests.cast import Cast


class TestScopes:
    def test_a_reading_token_reads(self, cast: Cast) -> None:
        assert Api(cast.rep, "read").get("accounts/").status_code == 200

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("POST", "accounts/"),
            ("PATCH", "accounts/{account}/"),
            ("POST", "opportunities/"),
            ("PATCH", "opportunities/{deal}/"),
            ("POST", "opportunities/{deal}/stage/"),
            ("POST", "orders/"),
            ("POST", "orders/1/cancel/"),
            ("POST", "quotas/"),
            ("POST", "submissions/"),
        ],
    )
    def test_a_reading_token_writes_nothing(self, cast: Cast, owner: Any, method: str, path: str) -> None:
        place = path.format(account=cast.accounts["Acorn"].pk, deal=cast.deals["Acorn renewal"].pk)
        answer = Api(cast.admin, "read").send(method, place, {"name": "Dogwood"}, If_Match="1")
        assert (answer.status_code, faults(answer)) == (403, [("forbidden", "")])
        assert count(owner, "accounts_account", "common_idempotencykey") == [3, 0]

    def test_a_writing_token_does_no_reading(self, cast: Cast) -> None:
        answer = Api(cast.rep, "write").get("accounts/")
        assert (answer.status_code, faults(answer)) == (403, [("forbidden", "")])

    def test_a_token_does_no_more_than_its_owner_may(self, cast: Cast) -> None:
        answer = Api(cast.executive).post("accounts/", {"name": "Dogwood"})
        assert (answer.status_code, faults(answer)) == (403, [("forbidden", "")])

    def test_a_token_opens_no_pages(self, cast: Cast) -> None:
        api = Api(cast.admin)
        assert api.client.get("/opportunities/").status_code == 302


class TestEnds:
    @pytest.mark.parametrize(
        "header", ["Bearer nonsense", "Bearer ", "Basic cmVwOnBhc3M=", "Token x", "Bearer é"]
    )
    def test_what_is_no_token_is_refused(self, cast: Cast, header: str) -> None:
        api = Api(cast.rep)
        answer = api.get("accounts/", Authorization=header)
        assert (answer.status_code, faults(answer)) == (401, [("authentication_failed", "")])
        assert answer["WWW-Authenticate"] == "Bearer"

    def test_a_broken_token_is_not_saved_by_a_session(self, cast: Cast, browse: Any) -> None:
        answer = browse(cast.rep).get("/api/v1/accounts/", headers={"Authorization": "Bearer nonsense"})
        assert answer.status_code == 401

    def test_a_revoked_token_is_refused_at_once(self, cast: Cast, acting: Any) -> None:
        api = Api(cast.rep)
        assert api.get("accounts/").status_code == 200
        with acting(cast.rep):
            revoke_token(by=cast.rep.pk, token_id=api.token.pk)
        assert api.get("accounts/").status_code == 401

    def test_a_token_ends_on_its_day(self, cast: Cast, clock: Any) -> None:
        api = Api(cast.rep)
        clock.shift(timedelta(days=29, hours=23))
        assert api.get("accounts/").status_code == 200
        clock.shift(timedelta(hours=1, seconds=1))
        assert api.get("accounts/").status_code == 401

    def test_a_leavers_token_is_refused(self, cast: Cast, owner: Any) -> None:
        api = Api(cast.rep)
        with work(by=None, why="leaves"):
            pass
        owner.execute("SELECT set_config('pghistory.context_id', gen_random_uuid()::text, false)")
        owner.execute("SELECT set_config('pghistory.context_metadata', '{}', false)")
        owner.execute("UPDATE territories_user SET is_active = false WHERE id = %s", [cast.rep.pk])
        answer = api.get("accounts/")
        assert (answer.status_code, faults(answer)) == (401, [("authentication_failed", "")])
