"""Mails leave from rows, each at most once: taken and committed first, sent then, noted as sent at last.

Who is killed in between leaves a row that is taken: it is never sent again, and administrators see it.
"""

import logging
from collections.abc import Iterable
from smtplib import SMTPRecipientsRefused, SMTPResponseException
from typing import Any

from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import connection as database
from django.db.models import F

from common.access import Reach
from common.transaction import now, work
from workspace.models import Message
from workspace.rules import wait_after
from workspace.selectors.mail import due, due_letter
from workspace.services.letters import letter

LOG = logging.getLogger(__name__)
MOST_AT_ONCE = 200
WHY = "mail"


def send_due() -> int:
    """Send what is due, the organisation's own job; says how many mails left.

    Nothing is taken while the mail server can't be reached: it waits, however long.
    """
    with work(by=None, why=WHY, reach=Reach.everything()):
        if not due().exists():
            return 0
    server, sent = get_connection(), 0
    try:
        while sent < MOST_AT_ONCE and _answers(server) and (messages := _take()):
            sent += _send(server, messages)
            server.close()  # one mail a connection: of one that is kept nobody knows whether it still stands
    finally:
        server.close()
    return sent


def _answers(server: Any) -> bool:
    """Whether the mail server can be reached."""
    try:
        server.open()
    except OSError as error:
        LOG.warning("the mail server can't be reached: %s", error)
        return False
    return True


def _take() -> list[Message]:
    """The messages of the next mail, taken; one sender at a time, so that a digest stays whole."""
    with work(by=None, why=WHY, reach=Reach.everything()):
        with database.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('workspace_mail'))")
        messages = due_letter()
        _note(messages, mail_taken_at=now(), mail_tries=F("mail_tries") + 1, mail_error="")
    return messages


def _send(server: Any, messages: list[Message]) -> int:
    """Send one mail and note what became of it. Where the connection broke nobody knows: it stays taken."""
    try:
        if mail := _written(messages):
            server.send_messages([mail])
    except (SMTPRecipientsRefused, SMTPResponseException) as error:
        return _given_back(messages, _said(error))
    except OSError as error:
        return _is_unknown(messages, error)
    except Exception as error:
        LOG.exception("a mail could not be written")
        return _given_back(messages, f"{type(error).__name__}: {error}")
    with work(by=None, why=WHY, reach=Reach.everything()):
        _note(messages, **({"mailed_at": now()} if mail else {"mail_due_at": None}))
    return 1


def _written(messages: list[Message]) -> EmailMultiAlternatives | None:
    with work(by=None, why=WHY, reach=Reach.everything()):
        rows = Message.objects.filter(pk__in=[row.pk for row in messages]).select_related("person", "by")
        return letter(list(rows.order_by("id")))


def _is_unknown(messages: list[Message], error: Exception) -> int:
    LOG.warning("message %s may not have left: %s", messages[0].pk, error)
    return 1


def _given_back(messages: list[Message], error: str) -> int:
    """What the server refused is tried again later, a few times."""
    LOG.warning("message %s was refused: %s", messages[0].pk, error)
    wait = wait_after(messages[0].mail_tries + 1)
    with work(by=None, why=WHY, reach=Reach.everything()):
        again = {"mail_taken_at": None, "mail_due_at": now() + wait} if wait else {}
        _note(messages, mail_error=error[:200], **again)
    return 1


def _said(error: SMTPRecipientsRefused | SMTPResponseException) -> str:
    """What the server said, such as *550 no such user*."""
    code: int
    text: bytes | str
    if isinstance(error, SMTPRecipientsRefused):
        code, text = next(iter(error.recipients.values()))
    else:
        code, text = error.smtp_code, error.smtp_error
    return f"{code} {text.decode(errors='replace') if isinstance(text, bytes) else text}"


def _note(messages: Iterable[Message], **changes: Any) -> None:
    Message.objects.filter(pk__in=[row.pk for row in messages]).update(**changes)
