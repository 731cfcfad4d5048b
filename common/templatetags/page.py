"""Parts of a page: icons, hidden keys, slots, addresses with changed parameters, heads that sort."""

from functools import cache
from uuid import uuid4

from django import template
from django.template.context import RequestContext
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from lucide.templatetags.lucide import lucide

from common import locale
from common.slots import slot_urls

register = template.Library()

IDEMPOTENCY_FIELD = "idempotency_key"


@register.simple_tag
@cache  # a page names dozens of icons, few of them different, and drawing one parses and writes XML
def icon(name: str, size: str = "") -> str:
    """{% icon "search" %}: decoration beside a word or in a labelled button, silent for screen readers."""
    kind = {"class": f"icon {size}".strip()}
    return lucide(name, size=24 if size == "big" else 17, aria_hidden="true", **kind)


@register.simple_tag(takes_context=True)
def idempotency(context: template.Context) -> SafeString:
    """The hidden key that makes a form count once, for the person whom it was shown to; one shown again keeps its key.

    With `fresh_key` in the context it takes that: what was posted was another act, such as picking rows in a list.
    """
    request = context.get("request")
    typed = context.get("fresh_key") or (
        request.POST.get(IDEMPOTENCY_FIELD, "") if request is not None else ""
    )
    person_id = getattr(getattr(request, "user", None), "pk", None)
    key = typed or (f"p{person_id}-{uuid4()}" if person_id else uuid4())
    return format_html('<input type="hidden" name="{}" value="{}">', IDEMPOTENCY_FIELD, key)


@register.simple_tag
def slot(name: str, *arguments: object) -> SafeString:
    """{% slot "account.panels" account.pk %}: fragments of the apps above, each loaded by the page."""
    return format_html_join(
        "\n",
        '<div class="slot" hx-get="{}" hx-trigger="load" hx-swap="outerHTML"><a href="{}">{}</a></div>',
        ((url, url, _("Show more")) for url in slot_urls(name, *arguments)),
    )


@register.simple_tag
def slot_url(name: str, *arguments: object) -> str:
    """{% slot_url "shell.search" as url %}: the first address of a slot, or nothing."""
    return next(iter(slot_urls(name, *arguments)), "")


@register.simple_tag
def day_style() -> str:
    """{% day_style %}: how the reader writes days, for the fields of days."""
    return locale.day_style()


@register.simple_tag(takes_context=True)
def again(context: template.Context, name: str) -> str:
    """{% again "title" %}: what the page put into a block, a second time; the title is also the h1."""
    blocks = context.render_context.get(BLOCK_CONTEXT_KEY)
    block = blocks.get_block(name) if blocks is not None else None
    return block.render(context) if block is not None else ""


@register.simple_tag(takes_context=True)
def query(context: RequestContext, **changes: object) -> str:
    """{% query sort="-amount" after=None %}: this page's parameters with these changed; None drops one."""
    parameters = context["request"].GET.copy()
    for name, value in changes.items():
        if value is None or value == "":
            parameters.pop(name, None)
        else:
            parameters[name] = str(value)
    return f"?{parameters.urlencode()}"


@register.simple_tag(takes_context=True)
def sort_head(
    context: RequestContext, column: str, label: str, numeric: bool = False, metric: str = ""
) -> SafeString:
    """{% sort_head "amount" _("Amount") True %}: a column head that sorts, descending at the second click.

    `metric`: the key of one whose definition opens beside it.
    """
    chosen = context["request"].GET.get("sort", "")
    turned = f"-{column}" if chosen == column else column
    state = {column: "ascending", f"-{column}": "descending"}.get(chosen, "")
    return format_html(
        '<th scope="col"{}{}><a href="{}">{}</a>{}</th>',
        SafeString(' class="num"') if numeric else "",
        format_html(' aria-sort="{}"', state) if state else "",
        query(context, sort=turned, after=None),
        label,
        _definition(metric, label) if metric else "",
    )


def _definition(metric: str, label: str) -> SafeString:
    return format_html(
        ' <button type="button" class="metric-mark" popovertarget="metric-{}" aria-label="{}">{}</button>',
        metric,
        _("What %(metric)s means") % {"metric": label},
        icon("info"),
    )
