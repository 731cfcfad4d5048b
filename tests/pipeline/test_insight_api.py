"""The figures of the pages of insight over the API."""

from typing import Any

import pytest

from tests.cast import Cast
from tests.pipeline.insight import deal, lost, won

DAYS = {"from": "2026-01-01", "to": "2026-05-20"}


def read(browse: Any, person: Any, name: str, **query: Any) -> Any:
    answer = browse(person).get(f"/api/v1/insight/{name}/", {**query})
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_funnel(cast: Cast, browse: Any) -> None:
    deal(cast, "Quick", "2026-03-01", {"Prospecting": "2026-03-01", "Qualified": "2026-03-11"})
    lost(cast, "Gone", "2026-03-01", "2026-03-21")
    found = read(browse, cast.rep, "funnel", **DAYS, days="60")
    first = found["steps"][0]
    assert (first["stage"], first["entered"], first["went_on"], first["lost"]) == ("Prospecting", 2, 1, 1)
    assert (first["conversion"], first["median_days"]) == ("0.500000", "10.000000")
    assert (found["won"], found["sales_cycle_days"]) == (0, None)


def test_win_rates(cast: Cast, browse: Any) -> None:
    won(cast, "Won", "2026-01-01", "2026-02-01", amount_minor=30_00)
    lost(cast, "Lost", "2026-01-01", "2026-02-01", amount_minor=70_00)
    found = read(browse, cast.rep, "win-rates", **DAYS, by="owner")
    [line] = found["results"]
    assert (line["key"], line["name"], line["won"], line["lost"]) == (str(cast.rep.pk), "Rita Rep", 1, 1)
    assert (line["by_count"], line["by_value"], line["won_value"]) == ("0.500000", "0.300000", "30.00")
    assert line["low"] < float(line["likely"]) < line["high"]
    [created] = read(browse, cast.rep, "win-rates", **DAYS, basis="created")["results"]
    assert (created["by_count"], created["open"], created["likely"]) == ("0.333333", 1, None)


def test_hygiene(cast: Cast, browse: Any) -> None:
    [line] = read(browse, cast.rep, "hygiene")["results"]
    assert (line["opportunities"], line["points"]) == (1, "50.000000")
    assert (line["missing"]["decider"], line["missing"]["amount"], line["c_level"]) == (1, 0, "0.000000")


def test_generation(cast: Cast, browse: Any) -> None:
    [line] = read(browse, cast.rep, "generation", **DAYS, by="channel")["results"]
    assert (line["name"], line["opportunities"], line["value"]) == ("Direct", 1, "100000.01")


def test_dates(cast: Cast, browse: Any) -> None:
    found = read(browse, cast.rep, "dates", **DAYS)
    assert found["milestones"] == []
    assert [(row["period"], row["slipped"]) for row in found["quarters"]] == [
        ("2026-Q1", 0),
        ("2026-Q2", None),
    ]


@pytest.mark.parametrize("name", ["funnel", "win-rates", "hygiene", "generation", "dates"])
def test_what_is_not_known_is_refused(cast: Cast, browse: Any, name: str) -> None:
    answer = browse(cast.rep).get(f"/api/v1/insight/{name}/", {"luck": "1"})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["path"] == "luck"
