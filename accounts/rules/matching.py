"""How web domains and tax numbers are kept, so that two spellings of one are one."""

import re

LEAST_DIGITS = 5
"""A phone number of fewer digits is an extension, and tells nobody from anybody."""
SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*:/*")


def domain_of(text: str) -> str:
    """A web domain without scheme, www, path and port. Example: "https://WWW.Acme.com:8080/de?x=1" → "acme.com"."""
    host = re.split(r"[/?#]", SCHEME.sub("", text.strip().lower()), maxsplit=1)[0]
    return host.rpartition("@")[2].partition(":")[0].removeprefix("www.").strip(".")


def tax_number_of(text: str) -> str:
    """A tax number in capital letters and digits alone. Example: "de 123-456.789" → "DE123456789"."""
    return "".join(sign for sign in text.upper() if sign.isalnum())


def phone_key(text: str) -> str:
    """A phone number in digits alone, as it is compared. Example: "+49 (0)30 12-34" and "0049 30 1234" → "49301234"."""
    return re.sub("^00", "", re.sub(r"\(0\)|[^0-9]", "", text))
