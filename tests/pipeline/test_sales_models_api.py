"""Sales models over the API: read by everybody, published by administrators, with the version that was read."""

import json
from typing import Any

from pipeline.rules.templates import TEMPLATES
from tests.calls import Api, faults, message
from tests.cast import Cast


def read(answer: Any) -> Any:
    assert answer.status_code in (200, 201), answer.content
    return json.loads(answer.content)


def test_everybody_reads_and_administrators_publish(cast: Cast) -> None:
    rep, admin = Api(cast.rep), Api(cast.admin)
    (model,) = read(rep.get("sales-models/"))["results"]
    assert [stage["name"] for stage in model["stages"]][:2] == ["Prospecting", "Qualified"]
    assert (model["name"], model["is_usual"], model["version"], model["questions"]) == (
        "Standard",
        True,
        1,
        [],
    )
    body = {"reason": "Ask for the budget", "stages": model["stages"], "questions": [{"text": "Pain"}]}
    body["stages"][1]["criteria"] = [{"text": "Budget known", "is_required": True}]
    path = f"sales-models/{model['id']}/publish/"
    assert faults(rep.post(path, body, If_Match="1")) == [("forbidden", "")]
    published = read(admin.post(path, body, If_Match="1"))
    assert published["version"] == 2
    assert published["stages"][1]["criteria"][0]["is_required"] is True
    assert published["questions"][0]["text"] == "Pain"
    assert admin.post(path, body, If_Match="1").status_code == 412
    (version,) = read(rep.get(f"sales-models/{model['id']}/versions/"))["results"]
    assert (version["number"], version["reason"], version["by_id"]) == (
        1,
        "Ask for the budget",
        cast.admin.pk,
    )
    assert version["content"]["stages"][1]["criteria"][0]["text"] == "Budget known"


def test_a_stage_with_deals_goes_where_it_is_said(cast: Cast) -> None:
    admin = Api(cast.admin)
    model = read(admin.get("sales-models/"))["results"][0]
    path = f"sales-models/{model['id']}/publish/"
    left = [stage for stage in model["stages"] if stage["name"] != "Negotiation"]
    body: dict[str, Any] = {"reason": "Shorter", "stages": left}
    refused = admin.post(path, body, If_Match="1")
    assert faults(refused) == [("stage_has_deals", "moves")]
    assert message(refused) == "Open deals are still in Negotiation: 3. Say to which open stage they go."
    body["moves"] = [{"stage_id": cast.stages["Negotiation"].pk, "into": "Proposal"}]
    assert read(admin.post(path, body, If_Match="1"))["version"] == 2
    deal = read(admin.get(f"opportunities/{cast.deals['Acorn renewal'].pk}/"))
    assert deal["stage_id"] == cast.stages["Proposal"].pk


def test_what_is_wrong_is_named_by_its_place(cast: Cast) -> None:
    admin = Api(cast.admin)
    model = read(admin.get("sales-models/"))["results"][0]
    path = f"sales-models/{model['id']}/publish/"
    twice = [*model["stages"], {"name": "won", "kind": "open", "probability": 5, "category": "pipeline"}]
    assert faults(admin.post(path, {"reason": "x", "stages": twice}, If_Match="1")) == [
        ("twice", "stages[6].name")
    ]
    assert admin.post(path, {"reason": "x", "stages": model["stages"]}).status_code == 428


def test_a_model_is_begun_and_its_stages_are_listed(cast: Cast) -> None:
    rep, admin = Api(cast.rep), Api(cast.admin)
    made = admin.post("sales-models/", {"name": "Small", "template": "small"})
    model = read(made)
    assert (made.status_code, len(model["stages"]), model["is_usual"]) == (201, 6, False)
    assert faults(rep.post("sales-models/", {"name": "Mine", "template": "small"})) == [("forbidden", "")]
    stages = read(rep.get(f"stages/?sales_model_id={model['id']}"))["results"]
    assert [stage["stalled_after_days"] for stage in stages] == [2, 4, 7, 5, None, None]
    assert len(read(rep.get("stages/"))["results"]) == 12
    assert read(rep.get(f"sales-models/{model['id']}/"))["name"] == "Small"
    assert rep.get("sales-models/999999/").status_code == 404


def test_a_move_tells_what_the_deal_went_on_without(cast: Cast) -> None:
    rep, admin = Api(cast.rep), Api(cast.admin)
    model = read(admin.get("sales-models/"))["results"][0]
    model["stages"][2]["criteria"] = [{"text": "Date known"}]
    model["stages"][3]["criteria"] = [{"text": "Contract", "is_required": True}]
    body = {"reason": "Ask", "stages": model["stages"]}
    read(admin.post(f"sales-models/{model['id']}/publish/", body, If_Match="1"))
    path = f"opportunities/{cast.deals['Acorn renewal'].pk}/stage/"
    back = read(rep.post(path, {"stage_id": cast.stages["Proposal"].pk}, If_Match="1"))
    assert back["unmet"] == []
    on = read(rep.post(path, {"stage_id": cast.stages["Negotiation"].pk}, If_Match="2"))
    assert [(row["text"], row["stage_id"]) for row in on["unmet"]] == [
        ("Date known", cast.stages["Proposal"].pk)
    ]
    won = rep.post(path, {"stage_id": cast.stages["Won"].pk}, If_Match="3")
    assert faults(won) == [("criterion_missing", "stage_id")]


def test_many_models_are_read_in_as_few_statements_as_one(
    cast: Cast, django_assert_max_num_queries: Any
) -> None:
    admin = Api(cast.admin)
    for name in ("Large", "Larger", "Largest"):
        read(admin.post("sales-models/", {"name": name, "template": next(iter(TEMPLATES))}))
    rep = Api(cast.rep)
    with django_assert_max_num_queries(11):
        models = read(rep.get("sales-models/"))["results"]
    assert [len(model["stages"]) for model in models] == [10, 10, 10, 6]
