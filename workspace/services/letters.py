"""What a mail says: names and links in its reader's language, days on their clock; no amounts."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_supported_language_variant, ngettext, override
from django.utils.translation import gettext as _

from common import locale
from common.addresses import absolute
from common.locale import format_number
from common.selectors import the_organisation
from territories.models import User
from workspace.models import Event, Message
from workspace.selectors.invitations import invitation_link, open_ones
from workspace.selectors.sentences import sentence


def letter(messages: list[Message]) -> EmailMultiAlternatives | None:
    """The mail of these messages of one person; None where there is nothing to say any more."""
    person = messages[0].person
    with locale.use(person.locale, person.time_zone), override(_language(person)):
        if messages[0].event == Event.INVITED:
            return _invitation(messages[0])
        if messages[0].event == Event.ADDRESS_CHANGED:
            return _address(messages[0])
        return _news(messages)


def _language(person: User) -> str:
    try:
        return get_supported_language_variant(person.locale.lower())
    except LookupError:
        return settings.LANGUAGE_CODE


def _invitation(message: Message) -> EmailMultiAlternatives | None:
    invitation = open_ones().filter(pk=message.key).first()
    if invitation is None:
        return None
    company = the_organisation().name
    subject = _("Your invitation to %(company)s") % {"company": company}
    words = {"by": message.by, "link": invitation_link(invitation), "until": invitation.expires_at}
    return _mail(message, subject, "invited", **words)


def _address(message: Message) -> EmailMultiAlternatives:
    """To the address that was, or to the one that is now; neither names the other."""
    is_theirs = message.goes_to == message.person.email
    subject = sentence(message).removesuffix(".")
    words = {"by": message.by, "address": message.goes_to, "is_theirs": is_theirs, "at": message.made_at}
    return _mail(message, subject, "address", sign_in=absolute(reverse("account_login")), **words)


def _news(messages: list[Message]) -> EmailMultiAlternatives:
    first, count = messages[0], len(messages)
    lines = [
        {"text": sentence(row), "url": absolute(reverse("inbox_open", args=[row.pk])), "at": row.made_at}
        for row in messages
    ]
    if count == 1:
        subject = sentence(first).removesuffix(".")
    else:
        subject = ngettext("%(count)s piece of news", "%(count)s pieces of news", count)
        subject %= {"count": format_number(count)}
    return _mail(first, subject, "news", lines=lines)


def _mail(message: Message, subject: str, template: str, **words: Any) -> EmailMultiAlternatives:
    """Both forms of a mail. Its id is the row's, so that one that comes again is known to be the same."""
    context = {
        **words,
        "person": message.person,
        "company": the_organisation().name,
        "choices": absolute(reverse("notification_choices")),
    }
    host = urlsplit(settings.SITE_URL).hostname
    mail = EmailMultiAlternatives(
        subject=" ".join(subject.split()),
        body=render_to_string(f"workspace/mail_{template}.txt", context),
        to=[message.goes_to],
        headers={"Message-ID": f"<message-{message.pk}@{host}>", "Auto-Submitted": "auto-generated"},
    )
    mail.attach_alternative(render_to_string(f"workspace/mail_{template}.html", context), "text/html")
    return mail
