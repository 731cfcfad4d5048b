"""Every page in a language of the tests' own: what stands outside its brackets is data, or was forgotten."""

import re
from collections.abc import Iterator
from typing import Any

from tests.cast import Cast
from tests.pages import Element, pages
from tests.pseudo import CLOSE, OPEN, pseudo, spoken

ATTRIBUTES = ("title", "aria-label", "placeholder", "alt")
SILENT = {"script", "style", "template", "code", "kbd"}
# What a person wrote or chose, what is written by their locale, and the page of words and formulas, a document.
DATA_PAGES = {"definitions", "setup_guide", "list_value_list", "list_value_edit", "list_value_merge"}
DATA_PAGES |= {"own_field_list", "own_field_edit"}
DATA_SELECTS = {
    "locale",
    "time_zone",
    "country",
    "currency",
    "reporting_currency",
    "fiscal_start_month",
    "lost_reason",
}
LISTED = {
    "Bought list",
    "Campaign",
    "Cold call",
    "Event",
    "Fair",
    "Own research",
    "Partner",
    "Referral",
    "Resellers",
}
LISTED |= {
    "Rolf Resellers",
    "Social network",
    "Trade fair",
    "Walk in",
    "Website",
    "mail",
    "Not fit",
    "Duplicate",
}
LISTED |= {"Chose competitor", "No budget", "No need", "Not reachable"}
# The headers of a file are the same in every language; values of lists and reasons were typed by somebody.
TYPED = {
    "export_list": {"period"},
    "order_book": {"Signed"},
    "review_point_list": {"Signed"},
    "rate_import": {"Euro"},
    "dispute_answer": {"It was more"},
    "dispute_detail": {"It was more", "test"},
    "dispute_list": {"It was more"},
    "account_list": {"Motto"},
    "account_edit": {"Motto"},
    "account_create": {"Motto"},
    "webhook_list": {"warehouse"},
    "webhook_detail": {"warehouse", "order booked", "https", "example", "com", "hook", "test"},
    "search": {"Ann", "renewal"},
    "search_found": {"Ann", "renewal"},
    "date_reliability": LISTED,
    "beside_panel": {"Offer txt"},
    "close_plan_lay_out": {"Tender"},
    "close_plan_panel": {"Contract signed"},
    "document_remove": {"Offer txt"},
    "milestone_edit": {"Contract signed", "test"},
    "milestone_meet": {"Contract signed"},
    "milestone_replan": {"Contract signed"},
    "plan_template_detail": {"Tender"},
    "plan_template_list": {"Tender"},
    "approval_detail": {"test"},
    "draft_detail": {"Spring", "test"},
    "draft_link": {"Spring"},
    "draft_rows": {"Spring"},
    "competitor_edit": {"test"},
    "opportunity_history": {"test"},
    "opportunity_moved_panel": {"test"},
    "concession_edit": {"test"},
    "event_detail": {"Fair", "Ella"},
    "event_list": {"Fair"},
    "activity_read": {"Call Ann"},
    "guest_add": {"Fair", "Ella", "Gus"},
    "guest_lead_suggest": {"Ella"},
    "guest_contact": {"Fair"},
    "guest_contact_remove": {"Fair"},
    "guest_lead": {"Fair", "Ella"},
    "guest_lead_remove": {"Fair", "Ella"},
    "lead_create": LISTED,
    "lead_detail": {"Ella", "test"},
    "lead_disqualify": LISTED,
    "lead_edit": LISTED,
    "lead_list": LISTED | {"Ella"},
    "draft_list": {"Spring"},
    "module_detail": {"test"},
    "opportunity_around_panel": {"test"},
    "opportunity_detail": {"Contract signed", "What hurts"},
    "opportunity_board": LISTED,
    "opportunity_calendar": LISTED | {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"},
    "order_list": {"Mine"},
    "saved_view_edit": {"Mine"},
    "opportunity_edit": LISTED,
    "opportunity_lines": {"Standard"},
    "hygiene": LISTED,
    "pipeline_funnel": LISTED | {"Standard"},
    "pipeline_generation": LISTED,
    "win_rates": LISTED,
    "opportunity_list": LISTED,
    "partner_list": {"Resellers", "Rolf"},
    "price_book_detail": {"Standard", "test"},
    "price_book_list": {"Standard"},
    "question_answer": {"What hurts"},
    "requirement_edit": {"test"},
    "stakeholder_edit": {"test"},
    "sales_model_create": {"Large accounts", "Small businesses", "Standard"},
    "sales_model_detail": {"Standard"},
    "sales_model_list": {"Standard"},
    "sales_model_version": {"Standard", "What hurts", "better way"},
    "sales_model_versions": {"Standard", "better way"},
    "settings_home": {
        "Price Product fit Timing Competitor No decision No budget",
        "Cold call mail Social network Referral Walk in Event",
        "No need No budget Not reachable Not fit Duplicate Chose competitor",
        "Own research Referral Website Trade fair Partner Campaign Bought list",
    },
    "table_import": {"From", "Locale", "Manager", "Name", "Role", "Territory", "Time zone", "mail"},
}
BRACKETED = re.compile(f"{OPEN}[^{OPEN}{CLOSE}]*{CLOSE}")
MONTHS = "January February March April May June July August September October November December".split()
MONTHS += [month[:3] for month in MONTHS]
DATA = re.compile(
    r"""
    \S+@\S+ | \b(?:EDT|EST|UTC|US|USD|EUR|GET|API|CSV|XLSX|AM|PM|Q[1-4]|R|T|v\d)\b | \b[A-Z]+-[A-Z0-9-]+\b | https?://\S+
    | \b(?:Rita|Paul|Mona|Dora|Oscar|Olga|Otto|Ada|Cora|Eve)\s+\w+ | \bCast\s+Company\b
    | \b(?:Acorn|Beech|Cedar)(?:\s+renewal)?\b | \bAnn\s+Acorn\b | \bCall\s+Acorn\b | \bWon\s+one\b
    | \b(?:Company|Unassigned|East|West)(?:\s+Team)?(?:\s+\d)?\b | \b(?:Hardware|Software|Server|Licence|Retail)\b
    | \b(?:Prospecting|Qualified|Proposal|Negotiation|Won|Lost)\b | \b(?:RR|PP|MM|DD|OO|AA|CC|EE)\b
    | \b(?:COMPANY|UNASSIGNED|EAST|WEST|HARDWARE|SOFTWARE|SERVER|LICENCE)\b
    | \b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b | \bChristmas\s+Day\b
    | \b\w+/[\w_]+\b | \b[a-z]{2}-[A-Z]{2}\b | \bmine\b
    """,
    re.VERBOSE,
)


def left(text: str) -> str:
    """What of a text is neither translated nor data; its words alone."""
    while BRACKETED.search(text):
        text = BRACKETED.sub(" ", text)
    for month in MONTHS:
        text = re.sub(rf"\b{month}\b", " ", text)
    text = DATA.sub(" ", text)
    return " ".join(re.findall(r"[^\W\d_]{2,}", text))


def spoken_texts(element: Element) -> Iterator[str]:
    """The texts and attributes of a page that people read, a run of texts in one element as one."""
    kind, key = element.tag, element.attributes.get("id", "")
    is_data = key.startswith("metric-") or element.has_class("metric") or "data-is-data" in element.attributes
    if kind in SILENT or is_data or (kind == "select" and element.attributes.get("name") in DATA_SELECTS):
        return
    yield from (element.attributes[name] for name in ATTRIBUTES if name in element.attributes)
    if kind == "input" and element.attributes.get("type") in ("submit", "button"):
        yield element.attributes.get("value", "")
    yield " ".join(child for child in element.children if isinstance(child, str))
    for child in element.children:
        if isinstance(child, Element):
            yield from spoken_texts(child)


def test_nothing_that_people_read_is_untranslated(cast: Cast, acting: Any, browse: Any) -> None:
    found: dict[str, set[str]] = {}
    with spoken():
        for name, _key, page in pages(cast, acting, browse):
            words = {left(text) for text in spoken_texts(page)} - {""} if name not in DATA_PAGES else set()
            found.setdefault(name, set()).update(words - TYPED.get(name, set()))
    assert {name: sorted(words) for name, words in found.items() if words} == {}


def test_the_language_keeps_what_is_filled_in() -> None:
    assert pseudo("Quota of %(name)s") == "⟦Qúótá óf %(name)s ···⟧"
    assert pseudo("—") == "—"
    assert left("⟦Qúótá óf Rita Rep ···⟧ for May 20, 2026") == "for"
