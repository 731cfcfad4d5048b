"""The close plan of a deal over the API."""

from typing import Any

import pytest

from pipeline.services.plan_templates import PlanStepInput, create_plan_template, set_plan_template
from tests.calls import Api, faults, message
from tests.cast import Cast


@pytest.fixture
def path(cast: Cast) -> str:
    return f"opportunities/{cast.deals['Acorn renewal'].pk}/milestones/"


def test_a_milestone_from_its_beginning_to_its_end(cast: Cast, path: str) -> None:
    api = Api(cast.rep)
    assert api.get(path).json() == {"milestones": [], "kept": 0, "due": 0, "date_reliability": None}
    made = api.post(path, {"name": "Signature", "planned_on": "2026-05-27"})
    assert made.status_code == 201
    one = f"milestones/{made.json()['id']}/"
    renamed = api.patch(one, {"name": "Signed by both"}, If_Match="1").json()
    assert (renamed["name"], renamed["owner_id"], renamed["version"]) == ("Signed by both", cast.rep.pk, 2)
    moved = {"planned_on": "2026-06-03", "reason": "Holiday"}
    planned = api.post(f"{one}re-plan/", moved, If_Match="2").json()
    assert (planned["planned_on"], planned["first_planned_on"], planned["reason"]) == (
        "2026-06-03",
        "2026-05-27",
        "Holiday",
    )
    assert api.post(f"{one}met/", {}, If_Match="3").json()["met_on"] == "2026-05-20"
    assert faults(api.post(f"{one}met/", {}, If_Match="4")) == [("met", "")]
    assert api.post(f"{one}reopen/", {}, If_Match="4").json()["met_on"] is None
    assert api.post(f"{one}remove/", {}, If_Match="5").status_code == 200
    assert api.get(path).json()["milestones"] == []


def test_a_template_is_laid_out(cast: Cast, acting: Any, path: str) -> None:
    with acting(cast.admin):
        made = create_plan_template(by=cast.admin.pk, name="Tender")
        steps = [PlanStepInput("Offer", 10), PlanStepInput("Signature", 0)]
        set_plan_template(by=cast.admin.pk, template_id=made.pk, version=1, name="Tender", steps=steps)
    api = Api(cast.rep)
    offered = api.get("plan-templates/").json()
    assert [(row["name"], row["steps"][0]) for row in offered] == [
        ("Tender", {"name": "Offer", "days_before": 10})
    ]
    laid = api.post(f"{path}lay-out/", {"template_id": made.pk}).json()["milestones"]
    assert [(row["name"], row["planned_on"]) for row in laid] == [
        ("Offer", "2026-06-05"),
        ("Signature", "2026-06-15"),
    ]


def test_what_is_wrong_is_named_and_reach_holds(cast: Cast, path: str) -> None:
    api = Api(cast.rep)
    assert faults(api.post(path, {"name": "A"})) == [("required", "planned_on")]
    assert faults(api.post(path, {"name": "A", "planned_on": "27.5."})) == [("date_format", "planned_on")]
    one = f"milestones/{api.post(path, {'name': 'A', 'planned_on': '2026-05-27'}).json()['id']}/"
    silent = api.post(f"{one}re-plan/", {"planned_on": "2026-06-03", "reason": ""}, If_Match="1")
    assert faults(silent) == [("blank", "reason")]
    late = api.post(f"{one}met/", {"met_on": "2026-05-21"}, If_Match="1")
    assert message(late) == "A milestone is met on a day that has come."
    assert api.post(f"{one}met/", {}, If_Match="9").status_code == 412
    assert api.post(f"{one}met/", {}).status_code == 428
    assert Api(cast.peer).post(f"{one}met/", {}, If_Match="1").status_code == 404
    assert Api(cast.executive).post(f"{one}met/", {}, If_Match="1").status_code == 403
    assert Api(cast.rep, "read").post(path, {"name": "A", "planned_on": "2026-05-27"}).status_code == 403
