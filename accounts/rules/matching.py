"""How web domains and tax numbers are kept, so that two spellings of one are one."""

import re

SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*:/*")


def domain_of(text: str) -> str:
    """A web domain without scheme, www, path and port. Example: "https://WWW.Acme.com:8080/de?x=1" → "acme.com"."""
    host = re.split(r"[/?#]", SCHEME.sub("", text.strip().lower()), maxsplit=1)[0]
    return host.rpartition("@")[2].partition(":")[0].removeprefix("www.").strip(".")


def tax_number_of(text: str) -> str:
    """A tax number in capital letters and digits alone. Example: "de 123-456.789" → "DE123456789"."""
    return "".join(sign for sign in text.upper() if sign.isalnum())
