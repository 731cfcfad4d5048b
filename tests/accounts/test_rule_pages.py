"""The pages of the rules: writing one with and without a script, its preview, its run."""

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Hold, Rule, RuleRun
from accounts.services.rules import edit_rule
from accounts.services.runs import ask_run, run_waiting
from accounts.tasks import run_rules
from territories.models import Edge
from tests.accounts.places import add_overlay, offered, shape
from tests.accounts.ruled import JUNE, START, account, between, is_in, rule, run
from tests.cast import Cast

TODAY = date(2026, 5, 20)
LINES = {
    "lines-TOTAL_FORMS": "3",
    "lines-INITIAL_FORMS": "0",
    "lines-MIN_NUM_FORMS": "0",
    "lines-MAX_NUM_FORMS": "100",
}


def lines(*rows: dict[str, str]) -> dict[str, str]:
    """What a form sends for these conditions, and for a spare line."""
    sent = dict(LINES)
    for number, row in enumerate([*rows, {}]):
        filled = {"joins": "and", "kind": "", "values": "", "least": "", "most": "", **row}
        sent |= {f"lines-{number}-{name}": value for name, value in filled.items()}
    return {**sent, "lines-TOTAL_FORMS": str(len(rows) + 1)}


def values(kind: str, text: str, joins: str = "and") -> dict[str, str]:
    return {"kind": kind, "values": text, "joins": joins}


@pytest.fixture
def page(cast: Cast, browse: Any) -> Any:
    """`page(name, *args)`: what the administrator reads there."""
    client = browse(cast.admin)

    def read(name: str, *args: Any, query: str = "") -> str:
        answer = client.get(reverse(name, args=args) + query)
        assert answer.status_code == 200
        return re.sub(r"\s+", " ", answer.content.decode())

    return read


class TestWriting:
    def send(
        self,
        cast: Cast,
        browse: Any,
        *rows: dict[str, str],
        name: str = "rule_create",
        args: Any = (),
        **more: Any,
    ) -> Any:
        usual = {
            "name": "Bay Area",
            "territory_id": cast.territories["East 1"].pk,
            "coverage": "field",
            "priority": "10",
        }
        return browse(cast.admin).post(reverse(name, args=args), {**usual, **lines(*rows), **more})

    def test_lines_become_groups(self, cast: Cast, browse: Any, acting: Any) -> None:
        answer = self.send(
            cast, browse,
            values("country", "US, Canada"),
            values("postcode", "94\n95"),
            {**values("employees", "", "or"), "least": "50"},
            {"kind": "annual_revenue", "least": "1,000.50", "most": "2,000"},
            {"kind": "postcode_range", "least": "94000", "most": "94999"},
            values("industry", "Food, Drink; Mills", "or"),
            values("account", "A-1, A-2"),
            values("parent", "A-3", "or"),
            spares_placed="on",
        )  # fmt: skip
        assert answer.status_code == 302
        with acting(cast.admin):
            made = Rule.objects.get()
            ids = [cast.accounts[name].pk for name in ("Acorn", "Beech", "Cedar")]
            assert made.conditions == [
                [is_in("country", "US", "Canada"), is_in("postcode", "94", "95")],
                [
                    between("employees", 50),
                    between("annual_revenue", 100_050, 200_000),
                    between("postcode_range", "94000", "94999"),
                ],
                [is_in("industry", "Food, Drink", "Mills"), is_in("account", *ids[:2])],
                [is_in("parent", ids[2])],
            ]
            assert (made.priority, made.spares_placed, made.is_active) == (10, True, True)

    def test_a_line_that_is_removed_or_empty_is_none(self, cast: Cast, browse: Any, acting: Any) -> None:
        gone = {**values("tier", "A"), "DELETE": "on"}
        assert self.send(cast, browse, values("tier", "B"), gone).status_code == 302
        with acting(cast.admin):
            assert Rule.objects.get().conditions == [[is_in("tier", "B")]]

    @pytest.mark.parametrize(
        ("row", "said"),
        [
            (values("country", ""), "Nothing is named. Name at least one."),
            (values("", "US"), "Choose what to look at, or empty the line."),
            (values("colour", "US"), "Select a valid choice."),
            (values("account", "A-1, A-9"), "There is no account A-9. Look the number up on the account&#x27;s page."),
            (values("account", ",".join(f"A-{n}" for n in range(10, 17))), "A-10, A-11, A-12, A-13, A-14…."),
            (values("account", ",".join(f"A-{n}" for n in range(10_001))), "More than 10,000 accounts are named."),
            ({"kind": "employees", "least": "many"}, "many"),
            ({"kind": "employees", "least": "9", "most": "8"}, "The range is reversed: 9 is more than 8."),
            ({"kind": "employees"}, "Neither end is given."),
            ({"kind": "postcode_range", "least": "94", "most": "950"}, "94 and 950 differ in length."),
        ],
    )  # fmt: skip
    def test_what_is_wrong_stands_at_its_line(
        self, cast: Cast, browse: Any, row: dict[str, str], said: str
    ) -> None:
        answer = self.send(cast, browse, values("tier", "A"), values("segment", "B"), {"joins": "or", **row})
        text = answer.content.decode()
        assert answer.status_code == 422
        assert said in text
        assert "Look at the conditions: something there is missing or wrong." in text

    def test_only_places_that_take_accounts_are_offered(self, cast: Cast, browse: Any, acting: Any) -> None:
        with acting(cast.admin):
            shape(cast)
            add_overlay(cast, "Security", "East")
        client = browse(cast.admin)
        field = ["—", "East Team", "East 1", "East 2", "Unassigned", "West Team", "West 1"]
        assert offered(client.get(reverse("rule_create")), "territory_id") == field
        told = {**lines(values("tier", "A")), "coverage": "specialist", "offered": "field"}
        looked = client.post(reverse("rule_try"), told)
        assert offered(looked, "territory_id") == ["—", "Security"]
        same = client.post(reverse("rule_try"), {**told, "offered": "specialist"})
        assert 'name="territory_id"' not in same.content.decode()

    def test_what_gathers_territories_is_refused_beside_its_field(
        self, cast: Cast, browse: Any, acting: Any
    ) -> None:
        with acting(cast.admin):
            shape(cast)
        east = cast.territories["East"].pk
        answer = self.send(cast, browse, values("tier", "A"), territory_id=east)
        assert answer.status_code == 422
        assert "East gathers the territories below it. Choose one of them" in answer.content.decode()
        assert 'value="Bay Area"' in answer.content.decode()
        with acting(cast.admin):
            assert not Rule.objects.exists()

    def test_no_condition_at_all(self, cast: Cast, browse: Any) -> None:
        answer = self.send(cast, browse)
        assert answer.status_code == 422
        assert "There is no condition. Say of which accounts it holds." in answer.content.decode()

    def test_what_holds_of_every_account_is_refused(self, cast: Cast, browse: Any) -> None:
        answer = self.send(cast, browse, values("country", "us"))
        assert answer.status_code == 422
        assert "These conditions hold of every account, of all 3. Narrow them." in answer.content.decode()

    def test_counting_saves_nothing(self, cast: Cast, browse: Any, acting: Any) -> None:
        answer = self.send(
            cast, browse, values("account", "A-1, A-2"), values("country", "Atlantis", "or"), **{"try": "1"}
        )
        text = answer.content.decode()
        assert answer.status_code == 200
        assert "2 accounts match now" in text
        assert "No account has Atlantis." in text
        with acting(cast.admin):
            assert not Rule.objects.exists()

    def test_what_was_counted_is_saved_by_the_next_press(self, cast: Cast, acting: Any) -> None:
        client = Client()
        client.force_login(cast.admin, backend="allauth.account.auth_backends.AuthenticationBackend")

        def key(answer: Any) -> str:
            found = re.search(r'name="idempotency_key" value="([^"]+)"', answer.content.decode())
            assert found
            return found[1]

        with acting(cast.admin):
            made = rule(cast.admin, "Old", cast.territories["East 1"], is_in("tier", "A"))
        typed = {
            "name": "Bay Area", "territory_id": cast.territories["East 1"].pk, "coverage": "field", "priority": "10",
            **lines(values("tier", "B")),
        }  # fmt: skip
        for url, more in (
            (reverse("rule_create"), {}),
            (reverse("rule_edit", args=[made.pk]), {"version": "1", "name": "New"}),
        ):
            sent = {**typed, **more}
            counted = client.post(url, {**sent, "try": "1", "idempotency_key": key(client.get(url))})
            assert counted.status_code == 200
            again = client.post(url, {**sent, "try": "1", "idempotency_key": key(counted)})
            assert client.post(url, {**sent, "idempotency_key": key(again)}).status_code == 302
        with acting(cast.admin):
            assert list(Rule.objects.values_list("name", flat=True).order_by("name")) == ["Bay Area", "New"]

    def test_it_is_counted_while_it_is_written(self, cast: Cast, browse: Any) -> None:
        client = browse(cast.admin)
        counted = client.post(reverse("rule_try"), lines(values("account", "A-1")))
        assert "1 account matches now" in counted.content.decode()
        wrong = client.post(reverse("rule_try"), lines(values("account", "A-9")))
        assert "There is no account A-9." in wrong.content.decode()
        nothing = client.post(reverse("rule_try"), lines(values("tier", "Z")))
        assert "It would decide about no account." in nothing.content.decode()
        assert browse(cast.director).post(reverse("rule_try"), lines()).status_code == 403

    def test_editing_begins_with_what_it_says(self, cast: Cast, browse: Any, acting: Any, page: Any) -> None:
        with acting(cast.admin):
            made = rule(
                cast.admin, "Old", cast.territories["East 1"],
                [is_in("industry", "Food, Drink"), between("annual_revenue", 100_050), between("employees", 5, 6)],
                [is_in("account", cast.accounts["Acorn"].pk), between("postcode_range", "94", "95")],
            )  # fmt: skip
        text = page("rule_edit", made.pk)
        for shown in ("Food, Drink;", 'value="1,000.50"', 'value="5"', "A-1", 'value="95"'):
            assert shown in text
        answer = self.send(
            cast, browse, values("tier", "A"), name="rule_edit", args=[made.pk], version="1", **{"try": "1"}
        )
        assert answer.status_code == 200
        saved = self.send(cast, browse, values("tier", "A"), name="rule_edit", args=[made.pk], version="1")
        assert saved.status_code == 302
        with acting(cast.admin):
            made.refresh_from_db()
            assert (made.name, made.is_active, made.conditions) == ("Bay Area", False, [[is_in("tier", "A")]])
        stale = self.send(cast, browse, values("tier", "A"), name="rule_edit", args=[made.pk], version="1")
        assert stale.status_code == 412


class TestReading:
    @pytest.fixture
    def example(self, cast: Cast, acting: Any) -> list[Rule]:
        nodes, by = cast.territories, cast.admin
        with acting(by):
            account("Bank", country="US", postcode="94105", industry="Banking", employees=70)
            return [
                rule(by, "Bankers", nodes["East 1"], is_in("industry", "Banking"), priority=20),
                rule(
                    by,
                    "Codes",
                    nodes["West 1"],
                    [is_in("postcode", "94"), between("employees", 50, 99)],
                    priority=20,
                ),
                rule(
                    by,
                    "Millers",
                    nodes["East 2"],
                    is_in("industry", "Mills"),
                    between("employees", 5_000),
                    priority=30,
                ),
            ]

    def test_the_list_says_them_in_words(self, cast: Cast, page: Any, example: list[Rule]) -> None:
        text = re.sub(r"<[^>]+>", "", page("rule_list"))
        assert "Industry is Banking" in text
        assert "Postal code begins with 94 and Number of employees is from 50 to 99" in text
        assert "Industry is Mills or Number of employees is at least 5,000" in text
        assert "No rule yet" not in text
        assert "Nothing matches" in page("rule_list", query="?use=out")

    def test_without_rules_it_says_what_they_are(self, page: Any) -> None:
        assert "No rule yet" in page("rule_list")
        assert "No run yet" in page("rule_run_list")

    def test_counts_and_faults_come_as_fragments(
        self, cast: Cast, page: Any, example: list[Rule], browse: Any
    ) -> None:
        assert page("rule_match_panel", example[0].pk).strip() == "1"
        text = page("rule_faults_panel")
        assert "1 conflict" in text
        assert "The older one decides: Bankers." in text
        assert "1 rule matches no account" in text
        director = browse(cast.director)
        assert director.get(reverse("rule_match_panel", args=[example[0].pk])).content.decode().strip() == "0"

    def test_where_all_is_well_it_says_so(self, cast: Cast, page: Any, acting: Any) -> None:
        with acting(cast.admin):
            rule(cast.admin, "One", cast.territories["East 1"], is_in("account", cast.accounts["Acorn"].pk))
        assert "Every rule matches accounts" in page("rule_faults_panel")

    def test_without_a_rule_in_use_it_says_so(self, page: Any) -> None:
        text = page("rule_faults_panel")
        assert "No rule is in use, so no rule places an account." in text
        assert "Every rule matches accounts" not in text

    def test_a_rule_says_what_it_will_have_placed(
        self, cast: Cast, page: Any, acting: Any, browse: Any
    ) -> None:
        with acting(cast.admin):
            account("Bank", industry="Banking")
            made = rule(cast.admin, "Banks", cast.territories["West 1"], is_in("industry", "Banking"))
        assert "from Jun 1, 2026 on" not in page("rule_detail", made.pk)
        run(acting, cast.admin, JUNE)
        assert "<dd>0 <small>1 from Jun 1, 2026 on</small></dd>" in page("rule_detail", made.pk)
        theirs = browse(cast.director).get(reverse("rule_detail", args=[made.pk])).content.decode()
        assert "from Jun 1, 2026 on" not in theirs

    def test_one_rule_with_its_versions(
        self, cast: Cast, page: Any, acting: Any, example: list[Rule]
    ) -> None:
        with acting(cast.admin):
            one = example[0]
            edit_rule(
                by=cast.admin.pk,
                rule_id=one.pk,
                version=1,
                conditions=[[is_in("tier", "A")]],
                is_active=False,
            )
        text = page("rule_detail", one.pk)
        assert "Version 2" in text
        assert "Version 1" in text
        assert "out of use" in text
        assert "Ada Admin" in text

    def test_words_for_every_kind(self, cast: Cast, page: Any, acting: Any) -> None:
        names = ("Acorn", "Beech", "Cedar")
        ids = [cast.accounts[name].pk for name in names]
        with acting(cast.admin):
            others = [account(f"More {n}").pk for n in range(4)]
            made = rule(
                cast.admin, "All", cast.territories["East 1"],
                [is_in("parent", ids[0]), between("annual_revenue", None, 100_000), between("employees", None, 5)],
                [is_in("account", *ids, *others), between("postcode_range", "94", "95")],
                [between("annual_revenue", 100_000, 200_000), is_in("country", "A", "B", "C", "D", "E", "F")],
            )  # fmt: skip
        text = re.sub(r"<[^>]+>", "", page("rule_detail", made.pk))
        for words in (
            "It is Acorn, or lies below", "Annual revenue is at most $1,000.00", "Number of employees is at most 5",
            "It is Acorn, Beech, Cedar, More 0, More 1 or 2 more", "Postal code is from 94 to 95",
            "Annual revenue is from $1,000.00 to $2,000.00", "Country is A, B, C, D, E or 1 more",
        ):  # fmt: skip
            assert words in text

    def test_a_director_reads_no_name_out_of_reach(self, cast: Cast, browse: Any, acting: Any) -> None:
        with acting(cast.admin):
            made = rule(
                cast.admin, "R", cast.territories["East 1"], is_in("account", cast.accounts["Cedar"].pk)
            )
        text = browse(cast.director).get(reverse("rule_detail", args=[made.pk])).content.decode()
        assert "an account that you don&#x27;t see" in text
        assert "Cedar" not in text


class TestPreviewAndRun:
    @pytest.fixture
    def made(self, cast: Cast, acting: Any) -> Rule:
        with acting(cast.admin):
            account("Bank", country="US", industry="Banking")
            return rule(cast.admin, "Bankers", cast.territories["East 1"], is_in("industry", "Banking"))

    def digest(self, text: str) -> str:
        found = re.search(r'name="digest" value="([0-9a-f]{64})"', text)
        assert found
        return found[1]

    def test_what_is_left_alone_is_counted(self, cast: Cast, page: Any, acting: Any) -> None:
        assert "No rule is in use. There is nothing to run." in page("rule_preview")
        with acting(cast.admin):
            account("By hand", cast.territories["East 2"], "manual", industry="Banking")
            kept = account("Kept", cast.territories["East 2"], industry="Banking")
            Hold.objects.create(account=kept, person=cast.peer, starts_on=START, stops_on=date(2027, 1, 1))
            rule(cast.admin, "Bankers", cast.territories["East 1"], is_in("industry", "Banking"))
        text = page("rule_preview")
        assert "placed by hand 1, held 1" in text
        assert "No account moves. Those that the rules lead elsewhere are left alone" in text
        assert "Every account is where the rules say" not in text
        with acting(cast.admin):
            run_id = run(acting, cast.admin, TODAY).pk
        text = page("rule_run_detail", run_id)
        assert "placed by hand 1, held 1" in text
        assert "No account moved." in text

    def test_the_run_says_what_came_and_went_where(
        self, cast: Cast, page: Any, acting: Any, made: Rule
    ) -> None:
        first = page("rule_run_detail", run(acting, cast.admin, TODAY).pk)
        place = cast.territories["East 1"]
        row = f'<th scope="row"><a href="/territories/{place.pk}/">East 1</a></th> <td data-label="Coverage">field</td>'
        assert (
            f'{row} <td class="num" data-label="In">1</td> <td class="num" data-label="Out">0</td>' in first
        )
        assert (
            f'href="/accounts/?territory={place.pk}&amp;on=2026-05-20">those of East 1 on May 20, 2026</a>'
            in first
        )
        assert "Accounts in Unassigned" not in first
        assert reverse("rule_list") in first
        with acting(cast.admin):
            edit_rule(by=cast.admin.pk, rule_id=made.pk, version=1, is_active=False)
        nobody = cast.territories["Unassigned"].pk
        second = page("rule_run_detail", run(acting, cast.admin, TODAY).pk)
        assert f'href="/accounts/?territory={nobody}&amp;on=2026-05-20">Accounts in Unassigned</a>' in second

    def test_where_many_territories_change_the_first_are_listed(
        self, cast: Cast, page: Any, acting: Any, made: Rule
    ) -> None:
        done = run(acting, cast.admin, TODAY)
        with acting(cast.admin):
            nodes = [["field", None, 1, 1], *[["partner", cast.territories["West 1"].pk, 0, 1]] * 101]
            RuleRun.objects.change(done.pk, 3, counts={**done.counts, "territories": nodes})
        text = page("rule_run_detail", done.pk)
        assert "2 more territories changed less." in text
        assert '<th scope="row">none</th>' in text

    def test_from_the_preview_to_the_run(
        self, cast: Cast, browse: Any, page: Any, acting: Any, made: Rule
    ) -> None:
        text = page("rule_preview", query="?from=2026-06-01")
        assert "Run it from Jun 1, 2026" in text
        sent = {"starts_on": "2026-06-01", "digest": self.digest(text)}
        answer = browse(cast.admin).post(reverse("rule_run_start"), sent)
        with acting(cast.admin):
            asked = RuleRun.objects.get()
        assert answer["Location"] == reverse("rule_run_detail", args=[asked.pk])
        assert "every 2s" in page("rule_run_detail", asked.pk)
        again = browse(cast.admin).post(reverse("rule_run_start"), sent, follow=True).content.decode()
        assert "A run of the rules waits already. Let it end first." in again
        assert run_rules()
        text = page("rule_run_detail", asked.pk)
        assert "every 2s" not in text
        assert "done" in text
        assert "From Jun 1, 2026" in page("rule_run_list")
        assert "There is nothing to run." in page("rule_preview", query="?from=2026-06-02")
        text = page("rule_preview", query="?from=2026-06-02&of=changed")
        assert "There is nothing to run." not in text
        assert "0 rules changed since the run from Jun 1, 2026." in text

    def test_what_changed_alone_is_looked_at_and_not_run(
        self, cast: Cast, page: Any, acting: Any, made: Rule
    ) -> None:
        run(acting, cast.admin, TODAY)
        with acting(cast.admin):
            edit_rule(
                by=cast.admin.pk, rule_id=made.pk, version=1, territory_id=cast.territories["East 2"].pk
            )
            account("Mill", country="US", industry="Mills")
            rule(cast.admin, "Millers", cast.territories["East 2"], is_in("industry", "Mills"))
        whole = page("rule_preview", query="?from=2026-06-02")
        assert "Run it from Jun 2, 2026" in whole
        narrow = page("rule_preview", query="?from=2026-06-02&of=changed")
        assert "2 rules changed since the run" in narrow
        assert 'name="digest"' not in narrow
        assert "A run does what all rules say, not only those that changed." in narrow
        assert f'<a href="{reverse("rule_preview")}?from=2026-06-02">Look at all accounts</a>' in narrow

    def test_a_run_that_failed_leads_back(
        self, cast: Cast, browse: Any, page: Any, acting: Any, made: Rule
    ) -> None:
        sent = {"starts_on": "2026-06-01", "digest": "0" * 64}
        answer = browse(cast.admin).post(reverse("rule_run_start"), sent, follow=True)
        assert answer.redirect_chain == [(reverse("rule_preview") + "?from=2026-06-01", 302)]
        assert "changed since the preview" in answer.content.decode()
        with acting(cast.admin):
            asked = ask_run(by=cast.admin.pk, starts_on=date(2026, 6, 1), digest="0" * 64)
        assert run_waiting()
        text = page("rule_run_detail", asked.pk)
        assert "changed since the preview" in text
        assert "?from=2026-06-01" in text
        shown = browse(cast.executive).get(reverse("rule_run_detail", args=[asked.pk])).content.decode()
        assert "Look at the preview again" not in shown
        part = browse(cast.admin).get(
            reverse("rule_run_detail", args=[asked.pk]), headers={"HX-Request": "true"}
        )
        assert b"<html" not in part.content

    def test_a_broken_request_leads_back(self, cast: Cast, browse: Any) -> None:
        client = browse(cast.admin)
        answer = client.post(reverse("rule_run_start"), {"starts_on": "2026-06-01"}, follow=True)
        assert "Look at the preview again, then run it." in answer.content.decode()
        assert browse(cast.director).post(reverse("rule_run_start"), {}).status_code == 403

    def test_what_keeps_it_from_being_run_stands_above(
        self, page: Any, cast: Cast, acting: Any, made: Rule
    ) -> None:
        with acting(cast.admin):
            Edge.objects.get(child=cast.territories["East 1"]).replaced(stops_on=START.replace(year=2026))
        text = page("rule_preview")
        assert "to which Bankers leads, is not part of the tree on May 20, 2026." in text
        assert "Run it from" not in text

    def test_all_kinds_of_lines(
        self, page: Any, cast: Cast, acting: Any, monkeypatch: pytest.MonkeyPatch, made: Rule
    ) -> None:
        from accounts.selectors import previews
        from territories.models import Territory

        by = cast.admin
        with acting(by):
            cloud = Territory.objects.create(name="Cloud", code="CLOUD", kind="overlay")
            Edge.objects.create(child=cloud, parent=cast.territories["East"], starts_on=START)
            small = rule(by, "Small", cast.territories["East 2"], is_in("tier", "A"), priority=50)
            rule(by, "Clouds", cloud, is_in("industry", "Banking"), coverage="specialist")
            account("Tiny", tier="A")
        run(acting, by, START.replace(year=2026))
        with acting(by):
            edit_rule(by=by.pk, rule_id=small.pk, version=1, conditions=[[is_in("tier", "Z")]])
            account("Bank 2", industry="Banking")
            for name in ("Bankers 2", "Bankers 3"):
                rule(by, name, cast.territories["West 1"], is_in("industry", "Banking"))
        monkeypatch.setattr(previews, "SHOWN_LINES", 2)
        text = re.sub(r"<[^>]+>", "", page("rule_preview"))
        for words in (
            "No rule takes any more", "Tiny", "Conflicts", "Rules that match no account", "Specialists", "none",
            "1 more territory changes less.", "Looks at",
        ):  # fmt: skip
            assert words in text
