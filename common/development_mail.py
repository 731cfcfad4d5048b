"""The mails of a development installation, which leave it for nowhere: kept as files and read at `/dev/mail/`."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from common.access import found
from common.http import strict_query

BETWEEN = b"\n" + b"-" * 79 + b"\n"
MOST_FILES = 200


@dataclass(frozen=True)
class Mail:
    """One mail that was kept: where it stands, and what its reader would see of it."""

    key: str
    at: datetime
    to: str
    subject: str
    body: str


@login_not_required
@require_safe
def dev_mail(request: HttpRequest) -> HttpResponse:
    """The mails that would have left, newest first; to be read by whoever runs this on their machine."""
    strict_query(request)
    context = {"mails": list(_mails()), "is_kept": bool(settings.EMAIL_FILE_PATH)}
    return render(request, "common/dev_mail.html", context)


@login_not_required
@require_safe
def dev_mail_detail(request: HttpRequest, key: str) -> HttpResponse:
    """One mail, with its links."""
    strict_query(request)
    mail = found(next((mail for mail in _mails() if mail.key == key), None))
    return render(request, "common/dev_mail_detail.html", {"mail": mail})


def _mails() -> Iterator[Mail]:
    """The mails of the newest files; a file has those that one connection took."""
    folder = Path(settings.EMAIL_FILE_PATH or "/nowhere")
    files = sorted(folder.glob("*.log"), key=lambda file: (file.stat().st_mtime, file.name), reverse=True)
    for file in files[:MOST_FILES]:
        at = datetime.fromtimestamp(file.stat().st_mtime, UTC)
        parts = [part for part in file.read_bytes().split(BETWEEN) if part.strip()]
        for number, part in reversed(list(enumerate(parts, 1))):
            yield _mail(f"{file.stem}-{number}", at, part)


def _mail(key: str, at: datetime, content: bytes) -> Mail:
    message = message_from_bytes(content, policy=default)
    part = message.get_body(("plain", "html"))
    body = part.get_content() if part else ""
    return Mail(key, at, str(message["To"] or ""), str(message["Subject"] or ""), body.strip())
