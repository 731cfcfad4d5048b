"""What a file's text refers to: by key, by a name that only one has, or refused with the nearest."""

import pytest

from common.importing import Names, Outcome, Row, Unresolved, as_columns, resolved

PEOPLE = Names(
    "person", [(1, "ann@x.example", "Ann"), (2, "bob@x.example", "Bob"), (3, "b2@x.example", "Bob")]
)


def test_a_key_or_a_name_that_only_one_has_is_found():
    assert (PEOPLE.find("ann@x.example"), PEOPLE.find("Ann"), PEOPLE.find("b2@x.example")) == (1, 1, 3)
    assert "Bob" in PEOPLE
    assert "Cem" not in PEOPLE


@pytest.mark.parametrize(
    ("text", "problem", "remedy"),
    [
        ("Bob", "There are 2 of that name.", "Name the person by its key."),
        ("Anne", "There is no such person.", "Did you mean 'Ann'?"),
        ("Zacharias", "There is no such person.", "Bring in the person first."),
    ],
)
def test_what_is_not_found_is_explained(text, problem, remedy):
    with pytest.raises(Unresolved) as caught:
        PEOPLE.find(text)
    assert (caught.value.problem, caught.value.remedy) == (problem, remedy)


def test_rows_that_refer_to_nothing_are_rejected_and_empty_references_stay_empty():
    rows = [Row("f.csv", n, {"owner": text}) for n, text in enumerate(("Ann", None, "Bop"), 2)]
    outcome = Outcome()
    kept = resolved(rows, outcome, {"owner": PEOPLE})
    assert [(row.line, row.values["owner"]) for row in kept] == [(2, 1), (3, None)]
    assert str(outcome.rejects[0]) == (
        "f.csv, row 4, owner 'Bop': There is no such person. Did you mean 'Bob'?"
    )


def test_columns_are_those_that_the_file_brings():
    rows = [Row("f.csv", 2, {"name": "x", "town": "y"})]
    assert as_columns(rows, {"name": "name", "size": "size", "town": "place"}) == (
        ["name", "place"],
        [["x", "y"]],
    )
    assert as_columns([], {"name": "name"}) == ([], [])
