"""A sheet that was exported, edited and brought back: what differs is a draft, what is wrong is named by line."""

import time
from datetime import date

import pytest

from accounts.models import Account, AccountTerritory
from accounts.services import assign_accounts
from common.access import Reach
from common.errors import Conflict, Forbidden, Refused
from common.importing import Row
from common.transaction import work
from common.written import unquoted
from imports.selectors.batches import shown_by
from imports.services import apply_table, undo_batch
from planning.models import Draft, Move
from planning.selectors.drafts import in_words
from planning.services.drafts import create_draft, drop_draft
from planning.services.importing import import_realignment
from planning.services.realigning import ask_publishing, preview_draft
from territories.models import Territory
from tests.imports.tables import Tables, wrong

URL = "/realignments/export/"
TOMORROW = date(2026, 5, 21)
HEAD = "Territory | Lies below | Owner | Lead | Account | From"


@pytest.fixture
def tables(cast):
    return Tables(cast.admin)


def cells(*lines):
    """Lines with cells between bars, as they are pasted."""
    rows = ("\t".join(cell.strip() for cell in line.split("|")) for line in lines)
    return {"content": "\n".join(rows).encode(), "way": "pasted"}


@pytest.fixture
def sheet(cast, browse):
    """The lines of an export, as CSV text."""
    return browse(cast.admin).get(URL).content.decode("utf-8-sig")


def differing(batch):
    """How many lines say otherwise than it stands."""
    return batch.counts["realignment"]["changed"]


def moves(acting, cast):
    with acting(cast.admin):
        draft = Draft.objects.get()
        return draft, [in_words(move) for move in draft.moves.order_by("pk")]


def test_what_comes_back_unchanged_differs_in_nothing(cast, browse, acting, tables, sheet):
    client = browse(cast.admin)
    book = client.get(f"{URL}?format=xlsx").content
    for batch in (
        tables.check("realignment", content=sheet.encode(), way="csv"),
        tables.check("realignment", content=book, name="spring.xlsx"),
    ):
        assert (batch.rejects, batch.counts["realignment"]["unchanged"]) == ([], 12)
        assert differing(batch) == 0
    page = client.get(f"/setup/tables/realignment/?batch={batch.pk}").content.decode()
    assert "Nothing differs from what stands on that day" in page
    assert "Bring in" not in page
    with acting(cast.admin):
        assert not Draft.objects.exists()


def test_three_edited_lines_are_three_moves_of_a_draft(cast, ben, acting, browse, tables, sheet):
    for old, later in (
        ("EAST-1,,,,,A-1", "WEST-1,,,,,A-1"),
        ("EAST-TEAM,East Team,EAST,", "EAST-TEAM,East Team,WEST,"),
        ("EAST-2,East 2,EAST-TEAM,peer@example.com", "EAST-2,East 2,EAST-TEAM,"),
    ):
        assert sheet.count(old) == 1
        sheet = sheet.replace(old, later)
    batch = tables.bring("realignment", content=sheet.encode(), way="csv", name="Spring.csv")
    assert differing(batch) == 3
    assert batch.counts["realignment"]["unchanged"] == 9
    draft, words = moves(acting, cast)
    assert (draft.name, draft.starts_on, draft.state, draft.made_by_id) == (
        "Spring",
        TOMORROW,
        "open",
        cast.admin.pk,
    )
    assert words == [
        "East Team goes below West",
        "nobody becomes owner of East 2",
        "1 account goes to West 1",
    ]
    with acting(cast.admin):
        seen = preview_draft(by=cast.admin.pk, draft_id=draft.pk, version=draft.version)
        assert "refused" not in seen.preview
        assert seen.preview["accounts"] == 1
        figures = {pk: (before["accounts"], after["accounts"]) for pk, before, after in seen.preview["nodes"]}
        nodes = cast.territories
        assert figures[nodes["East"].pk] == (2, 0)
        assert figures[nodes["West"].pk] == (1, 3)
        assert figures[nodes["West 1"].pk] == (1, 2)
        place = AccountTerritory.in_field().on(TOMORROW).get(account__number="A-1")
        assert place.territory.name == "East 1"


def test_the_page_leads_to_the_draft_and_so_does_the_import(cast, browse, acting, tables):
    batch = tables.check("realignment", **cells(HEAD, "EAST-2 | | | | A-1 |"))
    client = browse(cast.admin)
    page = client.get(f"/setup/tables/realignment/?batch={batch.pk}")
    shown = page.context["answer"].shown
    done = client.post(
        "/setup/tables/realignment/", {"action": "apply", "batch": batch.pk, "shown": shown}, follow=True
    )
    draft, _words = moves(acting, cast)
    assert done.redirect_chain == [(f"/realignments/{draft.pk}/", 302)]
    assert draft.name == "Pasted table"
    assert "Nothing moves yet" in done.content.decode()
    assert f"/realignments/{draft.pk}/" in client.get(f"/imports/{batch.pk}/").content.decode()


def test_before_anything_is_drafted_each_change_is_listed(cast, acting, browse, tables):
    with acting(cast.admin):
        ids, west = [cast.accounts["Acorn"].pk], cast.territories["West 1"].pk
        assign_accounts(
            by=cast.admin.pk, account_ids=ids, territory_id=west, starts_on=date(2026, 12, 2), reason="x"
        )
    client = browse(cast.admin)
    sheet = client.get(URL).content.decode("utf-8-sig")
    for old, later in (
        ("EAST-1,,,,,A-1", "EAST-2,,,,,A-1"),
        ("EAST-TEAM,East Team,EAST,", "EAST-TEAM,East Team,WEST,"),
        ("EAST-2,East 2,EAST-TEAM,peer@example.com", "EAST-2,East 2,EAST-TEAM,"),
    ):
        assert sheet.count(old) == 1
        sheet = sheet.replace(old, later)
    batch = tables.check("realignment", content=sheet.encode(), way="csv", name="Spring.csv")
    page = client.get(f"/setup/tables/realignment/?batch={batch.pk}")
    names = ("about", "column", "before", "after", "note")
    told = [tuple(one[name] for name in names) for one in page.context["answer"].differences]
    assert told == [
        ("East Team", "Lies below", "East", "West", ""),
        ("East 2", "Owner", "Paul Peer", "vacant", ""),
        (
            "Acorn",
            "Territory",
            "East 1 (Rita Rep)",
            "East 2 (vacant)",
            "Planned until now, and dropped: in West 1 from Dec 2, 2026 on",
        ),
    ]
    text = " ".join(page.content.decode().split())
    assert "0 new, 3 changed, 9 the same" in text
    assert "Planned until now, and dropped: in West 1 from Dec 2, 2026 on" in text
    with acting(cast.admin):
        assert not Draft.objects.exists()
    shown = page.context["answer"].shown
    client.post("/setup/tables/realignment/", {"action": "apply", "batch": batch.pk, "shown": shown})
    assert "East 2 (vacant)" in client.get(f"/imports/{batch.pk}/").content.decode()


def test_what_is_for_the_reader_alone_changes_nothing(cast, tables, sheet):
    edited = sheet.replace("rep@example.com,\r\n", "nobody@example.com,to Mars\r\n")
    assert edited != sheet
    batch = tables.check("realignment", content=edited.encode(), way="csv")
    assert (batch.rejects, differing(batch)) == ([], 0)


def test_a_column_that_is_missing_changes_nothing_and_an_empty_cell_does(cast, acting, tables):
    batch = tables.check("realignment", **cells("Territory | Owner", "EAST-1 | Rita Rep", "EAST | "))
    assert differing(batch) == 0
    batch = tables.bring(
        "realignment", **cells("Territory | Lead", "EAST | other_director@example.com", "WEST | ")
    )
    assert differing(batch) == 2
    assert moves(acting, cast)[1] == ["Otto Other becomes lead of East", "nobody becomes lead of West"]


def test_accounts_of_one_target_are_one_move_and_nobody_is_a_target(cast, acting, tables):
    rows = ("EAST-2 | | | | A-1 |", "EAST-2 | | | | A-3 |", "UNASSIGNED | | | | A-2 | 2026-06-01")
    batch = tables.check("realignment", **cells(HEAD, *rows))
    tables.apply(batch)
    draft, words = moves(acting, cast)
    assert draft.starts_on == date(2026, 6, 1)
    assert words == ["2 accounts go to East 2", "1 account goes to Unassigned"]
    with acting(cast.admin):
        first = Move.objects.order_by("pk").first()
        assert first.account_ids == [cast.accounts["Acorn"].pk, cast.accounts["Cedar"].pk]


def test_an_account_without_a_territory_stands_with_nobody(cast, acting, tables):
    with acting(cast.admin):
        Account.objects.create(name="Dogwood", number="A-9", territory=cast.territories["Unassigned"])
    batch = tables.check("realignment", **cells(HEAD, "UNASSIGNED | | | | A-9 |"))
    assert batch.counts["realignment"]["unchanged"] == 1


def test_territories_swap_in_one_draft(cast, acting, tables):
    batch = tables.bring("realignment", **cells(HEAD, "EAST-TEAM | WEST-1 | | manager@example.com | |",
                         "EAST | EAST-TEAM | | director@example.com | |"))  # fmt: skip
    assert differing(batch) == 2
    draft, words = moves(acting, cast)
    assert words == ["East Team goes below West 1", "East goes below East Team"]
    with acting(cast.admin):
        seen = preview_draft(by=cast.admin.pk, draft_id=draft.pk, version=draft.version)
        assert "refused" not in seen.preview


REFUSED = [
    (["EAST-9 | | | | A-1 |"], [(2, "Territory", "There is no such territory.", "Did you mean 'EAST-2'?")]),
    (
        ["EAST-2 | | | | A-77 |"],
        [(2, "Account", "There is no such account.", "Write its number as it stands here, or take the line out.")],
    ),
    (
        ["EAST-1 | EAST-TEAM | nobody@example.net | | |"],
        [(2, "Owner", "There is no such person.", "Bring in the person first.")],
    ),
    (
        ["EAST-1 | EAST-TEAM | peer@example.com | | |", "EAST-1 | EAST-TEAM | | | |"],
        [(3, "Territory", "Line 2 names it already.", "Keep one of the two lines.")],
    ),
    (
        ["EAST-2 | | | | A-1 |", "EAST-2 | | | | A-1 |"],
        [(3, "Account", "Line 2 names it already.", "Keep one of the two lines.")],
    ),
    (
        ["EAST-2 | | | | A-1 |", "WEST-1 | | | | A-1 |"],
        [(3, "Account", "Line 2 puts it into another territory: EAST-2.", "Keep one of the two lines.")],
    ),
    (
        ["EAST | EAST-1 | | director@example.com | |"],
        [(2, "Lies below", "It would lie below itself: EAST → EAST-1 → EAST-TEAM → EAST.", "Name another parent.")],
    ),
    (
        ["EAST | EAST | | director@example.com | |"],
        [(2, "Lies below", "It would lie below itself: EAST → EAST.", "Name another parent.")],
    ),
    (
        ["EAST | WEST | | director@example.com | |", "WEST | EAST | | other_director@example.com | |"],
        [
            (2, "Lies below", "It would lie below itself: EAST → WEST → EAST.", "Name another parent."),
            (3, "Lies below", "It would lie below itself: WEST → EAST → WEST.", "Name another parent."),
        ],
    ),
    (
        ["EAST | | | director@example.com | |"],
        [
            (
                2,
                "Lies below",
                "It lies below nothing.",
                "Write below which territory it lies; as it stands, below COMPANY.",
            )
        ],
    ),
    (
        ["EAST | NOWHERE | | director@example.com | |"],
        [(2, "Lies below", "There is no such territory.", "Bring in the territory first.")],
    ),
    (
        ["UNASSIGNED | EAST | | | |"],
        [(2, "Lies below", "Unassigned stays where it is.", "Leave its line as it was, or take it out.")],
    ),
    (
        ["EAST | UNASSIGNED | | director@example.com | |"],
        [(2, "Lies below", "Nothing lies below Unassigned.", "Write another territory.")],
    ),
    (
        [" | | | | A-1 |"],
        [
            (
                2,
                "Territory",
                "The account has no territory.",
                "Write its code; UNASSIGNED keeps what belongs to nobody.",
            )
        ],
    ),
    (
        [" | EAST | | | |"],
        [(2, "Territory", "It names neither a territory nor an account.", "Name one, or take the line out.")],
    ),
    (
        ["EAST-2 | | peer@example.com | | A-1 |"],
        [
            (
                2,
                "Owner",
                "The line is about an account, which has a territory alone.",
                "Empty the cell; change it in the line of the territory.",
            )
        ],
    ),
    (
        ["EAST-2 | | | | A-1 | 2026-05-19"],
        [
            (
                2,
                "From",
                "The day has passed.",
                "Write today or a later day into all lines, or empty the column: tomorrow.",
            )
        ],
    ),
    (
        ["EAST-2 | | | | A-1 | 2026-06-01", "EAST-2 | | | | A-3 | 2026-07-01"],
        [
            (
                3,
                "From",
                "A realignment has one day; line 2 says Jun 1, 2026.",
                "Write the same day into all lines, or leave it empty.",
            )
        ],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "told"), REFUSED)
def test_what_is_wrong_is_named_and_nothing_is_drafted(cast, acting, tables, rows, told):
    good = "WEST-1 | | | | A-2 | " + (rows[0].split("|")[-1].strip())
    batch = tables.check("realignment", **cells(HEAD, *rows, good))
    assert [one for one in wrong(batch) if one[0] < 2 + len(rows)] == told
    with pytest.raises(Conflict), acting(cast.admin):
        apply_table(by=cast.admin.pk, batch_id=batch.pk, shown=shown_by(batch))
    with acting(cast.admin):
        assert not Draft.objects.exists()


def test_types_and_overlays_keep_their_places(cast, acting, tables):
    with acting(cast.admin):
        Territory.objects.filter(code="EAST").update(kind="region")
        Territory.objects.filter(code="WEST-1").update(kind="overlay")
    batch = tables.check(
        "realignment", **cells(HEAD, "EAST | EAST-2 | | director@example.com | |", "WEST-1 | | | | A-1 |")
    )
    told = wrong(batch)
    assert told[0] == (
        2,
        "Lies below",
        "East, of type region, can't lie below East 2, of type territory. It may lie below: company, region.",
        "Write another territory.",
    )
    assert told[1] == (3, "Territory", "West 1 is an overlay.", "Write a territory of the field.")


def test_undone_the_draft_is_dropped_while_it_is_one(cast, acting, tables):
    batch = tables.bring("realignment", **cells(HEAD, "EAST-2 | | | | A-1 |"))
    draft, _words = moves(acting, cast)
    with acting(cast.admin):
        undo_batch(by=cast.admin.pk, batch_id=batch.pk)
        assert Draft.objects.get().state == "dropped"
    again = tables.bring("realignment", **cells(HEAD, "EAST-2 | | | | A-1 |"))
    with acting(cast.admin):
        second = Draft.objects.exclude(pk=draft.pk).get()
        assert second.name == draft.name
        drop_draft(by=cast.admin.pk, draft_id=second.pk, version=second.version)
    with acting(cast.admin):
        assert undo_batch(by=cast.admin.pk, batch_id=again.pk).state == "undone"


def test_once_it_was_asked_for_it_stays(cast, ben, acting, tables):
    batch = tables.bring("realignment", **cells(HEAD, "EAST-2 | | | | A-1 |"))
    draft, _words = moves(acting, cast)
    with acting(cast.admin):
        draft = preview_draft(by=cast.admin.pk, draft_id=draft.pk, version=draft.version)
        ask_publishing(by=cast.admin.pk, draft_id=draft.pk, version=draft.version)
    with (
        pytest.raises(Conflict, match="Pasted table is no draft any more: waits for approval"),
        acting(cast.admin),
    ):
        undo_batch(by=cast.admin.pk, batch_id=batch.pk)
    with acting(cast.admin):
        assert Draft.objects.get().state == "asked"


def test_a_second_one_of_the_same_name_gets_a_number(cast, acting, tables):
    with acting(cast.admin):
        create_draft(by=cast.admin.pk, name="spring", starts_on=TOMORROW)
    for wanted in ("Spring 2", "Spring 3"):
        content = b"Territory,Account\nEAST-2,A-1\n"
        tables.bring("realignment", content=content, way="csv", name="spring.csv")
        with acting(cast.admin):
            assert Draft.objects.order_by("-pk").first().name == wanted


def test_it_is_for_who_drafts_and_never_a_folder_s(cast, acting):
    row = Row("x.csv", 2, {"territory": "EAST-2", "account": "A-1"})
    for person in (cast.manager, cast.executive):
        with pytest.raises(Forbidden), acting(person):
            import_realignment(by=person.pk, entity="realignment", rows=[row])
    with (
        pytest.raises(Refused, match="somebody's draft"),
        work(by=None, why="a folder", reach=Reach.everything()),
    ):
        import_realignment(by=None, entity="realignment", rows=[row])


def test_a_mark_against_formulas_comes_off_again(cast, acting, tables):
    with acting(cast.admin):
        Account.objects.create(name="Dogwood", number="-9", territory=cast.territories["Unassigned"])
    batch = tables.bring("realignment", content=b"Territory,Account\nEAST-2,'-9\n", way="csv")
    assert differing(batch) == 1
    assert [unquoted(text) for text in ("'=1", "'s", "plain", "")] == ["=1", "'s", "plain", ""]


@pytest.mark.slow
def test_ten_thousand_lines_are_checked_within_seconds(cast, acting, tables):
    with acting(cast.admin):
        there = cast.territories["West 1"]
        made = Account.objects.bulk_create(
            Account(name=f"Many {n}", number=f"M-{n}", territory=there) for n in range(9_990)
        )
        AccountTerritory.objects.bulk_create(
            AccountTerritory(account=one, territory=there, starts_on=date(2025, 1, 1)) for one in made
        )
    lines = ["Territory,Account", *(f"{'EAST-1' if n % 2 else 'EAST-2'},M-{n}" for n in range(9_990))]
    begun = time.perf_counter()
    batch = tables.check("realignment", content="\n".join(lines).encode(), way="csv")
    took = time.perf_counter() - begun
    assert differing(batch) == 9_990
    assert took < 20
