"""What every address of the API promises to a program that writes, told by its schema and kept by its answers."""

import json
import re
from typing import Any

import pytest

from tests.calls import ROOT, Api, faults
from tests.cast import Cast

UNSAFE = {"post", "put", "patch", "delete"}
# What does something to a row whatever was read of it: dated acts, which add to what holds, and what says itself what
# it refuses; and what adds a row below another one.
WITHOUT_VERSION = set(
    """
accounts/{id}/merge/ holds/{id}/end/ leads/{id}/activities/ modules/{id}/accounts/ modules/{id}/accounts/take-out/
modules/{id}/fill/ modules/{id}/move/ opportunities/{id}/activities/ opportunities/{id}/clone/
opportunities/{id}/competitors/ opportunities/{id}/concessions/ opportunities/{id}/milestones/
opportunities/{id}/milestones/lay-out/ opportunities/{id}/requirements/ opportunities/{id}/stakeholders/
opportunities/{id}/team/ opportunities/{id}/team/{member_id}/end/ opportunities/{id}/team/{member_id}/role/
partners/{id}/people/ realignments/{id}/moves/ realignments/{id}/undo/ realignments/moves/{id}/remove/
seats/{id}/change/ seats/{id}/end/ seats/{id}/hand-over/ territories/{id}/merge/ territories/{id}/move/
territories/{id}/rename/
territories/{id}/retire/ territories/{id}/split/ vacancies/{id}/change/ vacancies/{id}/drop/ comments/{subject}/{id}/
documents/{subject}/{id}/ events/{id}/guests/
""".split()
)


@pytest.fixture
def operations(cast: Cast) -> list[tuple[str, str, dict[str, Any]]]:
    """Every unsafe operation: method, path, and what the schema says of it."""
    answer = Api(cast.admin).get("schema/", Accept="application/vnd.oai.openapi+json")
    paths = json.loads(answer.content)["paths"]
    return [
        (method.upper(), path.removeprefix(ROOT), operation)
        for path, methods in paths.items()
        for method, operation in methods.items()
        if method in UNSAFE
    ]


def required(operation: dict[str, Any]) -> set[str]:
    return {row["name"] for row in operation["parameters"] if row["in"] == "header" and row.get("required")}


def filled(path: str, pk: int) -> str:
    """The path with that id wherever one stands."""
    return re.sub(r"\{(subject)\}", "account", re.sub(r"\{(\w*id)\}", str(pk), path))


def test_every_write_asks_for_a_key(cast: Cast, operations: Any) -> None:
    assert len(operations) > 80
    api = Api(cast.admin)
    for method, path, operation in operations:
        assert "Idempotency-Key" in required(operation), f"{method} {path}"
        answer = api.send(method, filled(path, 1), {}, Idempotency_Key="")
        assert answer.status_code == 428, f"{method} {path}: {answer.status_code}"
        assert answer.json()["errors"][0]["path"] == "Idempotency-Key", f"{method} {path}"


def test_every_change_of_a_row_asks_for_its_version(cast: Cast, operations: Any) -> None:
    api, asked = Api(cast.admin), set()
    for method, path, operation in operations:
        if "If-Match" not in required(operation):
            assert "{id}" not in path or path in WITHOUT_VERSION, f"{method} {path}"
            continue
        asked.add(path)
        answer = api.send(method, filled(path, 1), {}, If_Match="*")
        missing = (428, [("precondition_required", "If-Match")])
        assert (answer.status_code, faults(answer)) == missing, f"{method} {path}"
    assert len(asked) > 40
    assert not asked & WITHOUT_VERSION
