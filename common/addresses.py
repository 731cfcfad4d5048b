"""The addresses of this installation, as mails and logs give them."""

from django.conf import settings


def absolute(path: str) -> str:
    """The whole address of a page. Example: /inbox/ → https://sales.example.com/inbox/"""
    return f"{settings.SITE_URL}{path}"
