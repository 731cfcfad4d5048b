"""A program that calls the API by token, and what its tests read of the answers."""

import json
import uuid
from typing import Any

from django.test import Client

from common.selectors import today
from common.transaction import work
from territories.models import ApiToken, User
from territories.selectors import reach_for
from territories.services import make_token

ROOT = "/api/v1/"


class Api:
    """The API as `person` sees it with a token of theirs; every unsafe request has a key of its own."""

    def __init__(self, person: User, *scopes: str) -> None:
        self.token, self.secret = token_of(person, *(scopes or ("read", "write")))
        self.client = Client(headers={"Authorization": f"Bearer {self.secret}"})

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(ROOT + path, headers=headers)

    def post(self, path: str, body: Any, **headers: str) -> Any:
        return self.send("POST", path, body, **headers)

    def patch(self, path: str, body: Any, **headers: str) -> Any:
        return self.send("PATCH", path, body, **headers)

    def send(self, method: str, path: str, body: Any, kind: str = "application/json", **headers: str) -> Any:
        """`body` as JSON, or as it is where it is bytes; headers are written `If_Match="3"`."""
        named = {"Idempotency-Key": uuid.uuid4().hex}
        named |= {name.replace("_", "-"): value for name, value in headers.items()}
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.client.generic(method, ROOT + path, data, kind, headers=named)


def token_of(person: User, *scopes: str, days: int = 30) -> tuple[ApiToken, str]:
    """A token as its owner makes it in their profile."""
    with work(by=None, why="reach"):
        mine = reach_for(person, today())
    with work(by=person.pk, why="a token", reach=mine):
        return make_token(by=person.pk, name="script", scopes=scopes, days=days)


def faults(response: Any) -> list[tuple[str, str]]:
    """Code and path of everything that a refusal names, after a look at its shape and its words."""
    assert response["Content-Type"] == "application/json"
    body = json.loads(response.content)
    assert set(body) == {"errors"}
    assert body["errors"]
    for error in body["errors"]:
        assert set(error) == {"code", "path", "message"}
        assert error["code"]
        assert len(error["message"]) > 5
    return [(error["code"], error["path"]) for error in body["errors"]]


def message(response: Any) -> str:
    """The sentence of the first thing that is wrong."""
    return str(json.loads(response.content)["errors"][0]["message"])


def count(owner: Any, *tables: str) -> list[int]:
    """How many rows these tables have, past all policies."""
    found = []
    for table in tables:
        owner.execute(f"SELECT count(*) FROM {table}")
        found.append(owner.fetchone()[0])
    return found
