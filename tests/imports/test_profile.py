"""Profiles: what they name wrongly is refused with what is known; what comes along can be read."""

import pytest

from common.access import Role
from common.models import Rate
from imports.management.commands.import_data import PROFILES
from imports.rules.entities import ENTITIES
from imports.rules.profile import read_profile
from imports.rules.sections import BadProfile
from pipeline.models import Category, Motion, Stage
from quotas.models import Quota
from territories.models import Seat

COMPANY = """
name = "acme"
[company]
name = "Acme"
reporting_currency = "EUR"
first_year = 2026
last_year = 2026
"""
FAMILY = """
[[table]]
entity = "family"
file = "families.csv"
[table.fields]
code = "code"
name = { column = "name", map = { a = "b" } }
"""


def test_tables_are_applied_in_the_order_of_entities():
    product = FAMILY.replace("family", "product").replace(
        'code = "code"', 'code = "c"\nfamily = "f"\ncurrency = "x"'
    )
    profile = read_profile(COMPANY + product + FAMILY)
    assert [table.entity for table in profile.table] == ["family", "product"]
    assert profile.company.fiscal_start_month == 1
    assert profile.files == ["families.csv"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name = ", "not TOML"),
        (COMPANY + "colour = 1", r"\[company\]: 'colour' is not known"),
        (COMPANY.replace("first_year = 2026", ""), r"\[company\]: first_year must be given"),
        (COMPANY + FAMILY.replace('"family"', '"famly"'), "'famly' is not known here. Did you mean 'family'"),
        (COMPANY + FAMILY.replace("code =", "cod ="), "'cod' is not known here. Did you mean 'code'"),
        (
            COMPANY + FAMILY.replace('code = "code"', ""),
            r"table 1 \(family, families\.csv\): code must be given",
        ),
        (
            COMPANY + FAMILY.replace("map", "maps"),
            r"families\.csv\), name: 'maps' is not known here. Did you mean 'map'",
        ),
        (COMPANY + FAMILY.replace('column = "name", ', ""), "needs one of column, value, template, first"),
        (COMPANY + FAMILY.replace('file = "families.csv"', ""), "either a `file` or constant `rows`"),
        (COMPANY + FAMILY.replace("file =", 'encoding = "utf8"\nfile ='), "'utf8' is not known here"),
        (COMPANY + FAMILY + '[table.style]\ndate = "YYYY"', "'date' is not known here. Did you mean 'dates'"),
        (COMPANY + '[[table]]\nfile = "x"', "table 1: entity must be given"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(text, message):
    with pytest.raises(BadProfile, match=message):
        read_profile(text)


KINDS = [
    ("first_year = 2026", 'first_year = "2026"', "[company], first_year: write a year from 1990 to 2200"),
    ("first_year = 2026", "first_year = 0", "[company], first_year: write a year from 1990 to 2200"),
    ("last_year = 2026", "last_year = 99999", "[company], last_year: write a year from 1990 to 2200"),
    ("last_year = 2026", "last_year = 2025", "[company], last_year: it comes before first_year."),
    ("[company]", "[company]\nfiscal_start_month = '4'", "fiscal_start_month: write a month from 1 to 12"),
    ("[company]", "[company]\nfiscal_start_month = 13", "fiscal_start_month: write a month from 1 to 12"),
    ("[company]", "[company]\ntime_zone = 3", "[company], time_zone: write text between quotes"),
    ("[company]", "company = 3\n[style]", "the profile, company: write a section"),
    ('name = "acme"', 'name = "acme"\ntable = 3', "the profile, table: write a list of sections"),
    ('name = "acme"', "name = 5", "the profile, name: write text between quotes"),
    ("[company]", "[style]\ndates = 'DD.MM'\n[company]",
     '[style], dates: write YYYY, MM and DD once each, such as "DD.MM.YYYY".'),
    ("[company]", "[style]\ndates = 3\n[company]", "[style], dates: write YYYY, MM and DD once each"),
    ("[company]", "[style]\nempty = '-'\n[company]", '[style], empty: write a list of texts, such as ["a", "b"].'),
    ("[company]", "[style]\nempty = [3]\n[company]", "[style], empty: write a list of texts"),
    ("[company]", "[style]\nthousands = '.'\n[company]", "[style]: decimal and thousands can't be the same"),
    ("[company]", "[style]\ndecimal = ''\n[company]", "[style], decimal: write one character"),
    ("file =", "delimiter = ';;'\nfile =", "table 1, delimiter: write one character between quotes"),
    ('file = "families.csv"', "file = 7", "table 1, file: write text between quotes"),
    ("file =", "where = { no = 'R1' }\nfile =", "table 1, where: write lists of texts by column"),
    ("file =", "join = 'x'\nfile =", "table 1, join: write a list of sections"),
    ("file =", "unpivot = { columns = 'x' }\nfile =", "(family, families.csv), unpivot, columns: write columns"),
    ("file =", "visits = [{ stage = 'Talk', column = 'c' }]\nfile =", "only the table of an opportunity has visits"),
    ('file = "families.csv"', "rows = [{ code = ['A'] }]", "table 1, rows: write a list of rows with texts"),
    ('code = "code"', "code = 7", "(family, families.csv), code, column: write text between quotes"),
    ('{ a = "b" }', "{ a = 1 }", "(family, families.csv), name, map: write pairs of texts"),
    ('column = "name"', 'column = "name", multiply = "2"', "name, multiply: write a whole number without quotes"),
    ('column = "name"', 'column = "name", dates = ""', "name, dates: write YYYY, MM and DD once each"),
    ('column = "name"', 'template = "{name|upper}"', "write columns in templates as {name}, {name|dots}"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "message"), KINDS, ids=[row[1][:40] for row in KINDS])
def test_a_value_of_another_kind_is_refused_with_what_would_be_right(old, new, message):
    text = COMPANY + FAMILY if old in FAMILY else COMPANY
    assert old in text
    with pytest.raises(BadProfile) as refused:
        read_profile(text.replace(old, new, 1))
    assert message in str(refused.value)


VISITED = """
[[table]]
entity = "opportunity"
file = "d.csv"
visits = [{ stage = "Talk" }]
[table.fields]
number = "n"
name = "n"
owner = "o"
stage = "s"
currency = "c"
motion = "m"
created_on = "d"
close_on = "d"
"""


def test_a_visit_names_its_stage_and_its_column():
    with pytest.raises(BadProfile, match=r"table 1 \(opportunity, d\.csv\), visits: column must be given"):
        read_profile(COMPANY + VISITED)
    with pytest.raises(BadProfile, match=r"visits: 'colum' is not known here\. Did you mean 'column'"):
        read_profile(COMPANY + VISITED.replace('"Talk" }', '"Talk", colum = "t" }'))


@pytest.mark.parametrize(
    ("entity", "field", "kinds"),
    [
        ("person", "role", Role),
        ("rate", "kind", Rate.Kind),
        ("seat", "kind", Seat.Kind),
        ("stage", "kind", Stage.Kind),
        ("stage", "category", Category),
        ("opportunity", "motion", Motion),
        ("quota", "kind", Quota.Kind),
    ],
)
def test_files_may_use_every_word_of_the_product_and_no_other(entity, field, kinds):
    written = [value for value in kinds.values if value != Seat.Kind.COVER]  # a cover is agreed on a page
    assert list(ENTITIES[entity].fields[field].words) == written


@pytest.mark.parametrize("path", sorted(PROFILES.glob("*.toml")), ids=lambda path: path.stem)
def test_the_profiles_that_come_along_can_be_read(path):
    profile = read_profile(path.read_text(encoding="utf-8"))
    assert profile.name == path.stem
    assert {table.entity for table in profile.table} <= set(ENTITIES)
