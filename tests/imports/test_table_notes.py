"""What is worth a look in a checked table: said before it is brought in, and no error."""

import pytest

from tests.imports.tables import Tables, pasted


@pytest.fixture
def look(cast, browse):
    """The page of a checked table."""

    def run(table, *lines):
        answer = browse(cast.admin).post(
            f"/setup/tables/{table}/", {"action": "check", "text": pasted(*lines)}
        )
        return answer.content.decode().replace("&#x27;", "'")

    return run


def test_reps_and_managers_in_no_team_are_named(look):
    page = look(
        "people",
        "Name | E-mail | Role | Manager | Territory",
        "Ann Baker | ann@x.example | rep |  | ",
        "Bo Bond | bo@x.example | manager |  | ",
        "Di Dean | di@x.example | director |  | ",
        "Cy Cole | cy@x.example | rep | Mona Manager | ",
        "Ed Eaton | ed@x.example | rep | Bo Bond | ",
    )
    assert "Worth a look" in page
    assert "2 people have no manager and no territory: Ann Baker, Bo Bond." in page
    assert "their figures are in no team" in page
    assert "Bring in 5 people" in page


def test_a_person_who_sits_here_already_is_not_named(look):
    page = look("people", "Name | E-mail | Role", "Rita Rep | rep@example.com | rep")
    assert "Worth a look" not in page


def test_many_are_counted_and_the_first_named(look):
    lines = [f"Ann {letter} | {letter}@x.example | rep".lower() for letter in "ABCDEFG"]
    page = look("people", "Name | E-mail | Role", *lines)
    assert "7 people have no manager and no territory: ann a, ann b, ann c, ann d, ann e, …." in page


def test_close_dates_in_the_past_are_counted(look):
    header = "Name | Account | Owner | Stage | Close date"
    page = look(
        "opportunities",
        header,
        "Old one | Acorn | Rita Rep | Proposal | 2024-02-01",
        "Due today | Acorn | Rita Rep | Proposal | 2026-05-20",
        "Next one | Acorn | Rita Rep | Proposal | 2026-06-01",
    )
    assert "1 close date lies in the past: Old one." in page
    assert "Bring in 3 opportunities" in page


def test_new_families_are_named_before_they_are_made(look, cast):
    lines = [
        "Code | Name | Family",
        "A-9 | Advice | Service",
        "B-9 | Bolt | Hardware",
        "C-9 | Care | service",
    ]
    assert "1 product family is new: Service." in look("products", *lines)
    Tables(cast.admin).bring("products", *lines)
    assert "Worth a look" not in look("products", *lines)


def test_with_anything_wrong_only_that_is_said(look):
    page = look("people", "Name | E-mail | Role", "Ann | ann@x.example | rep", "Bo | | rep")
    assert "1 thing is wrong" in page
    assert "Worth a look" not in page


def test_the_open_stages_are_named_on_the_page_and_in_the_sample(cast, browse):
    client = browse(cast.admin)
    page = client.get("/setup/tables/opportunities/").content.decode()
    assert "Open stages: " in page
    names = page.partition("Open stages: ")[2].partition(".</small>")[0].split(", ")
    assert "Proposal" in names
    assert "Won" not in names
    sample = client.get("/setup/tables/opportunities/sample.csv").content.decode("utf-8-sig")
    used = {line.split(",")[3] for line in sample.splitlines()[1:]}
    assert used == set(names)
    assert "Open stages" not in client.get("/setup/tables/accounts/").content.decode()
