"""The living page shows every part, for a person who is signed in."""

from django.urls import reverse


def test_styleguide_shows_every_part_in_its_states(cast, browse):
    answer = browse(cast.rep).get(reverse("styleguide"))
    page = answer.content.decode()
    assert answer.status_code == 200
    for part in (
        'class="tile lead"',
        'class="board"',
        'class="chart"',
        "data-error-summary",
        'class="state"',
    ):
        assert part in page
    assert "€84,125.50" in page
    assert "style=" not in page
    assert "<script>" not in page


def test_styleguide_names_its_title_once_as_head_and_once_as_heading(cast, browse):
    page = browse(cast.rep).get(reverse("styleguide")).content.decode()
    assert "<h1>Style guide</h1>" in page
    assert "<title>Style guide · " in page
