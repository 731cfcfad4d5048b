"""What ./run, ./test, ./check and ./bench do, with the standard library and, once installed, psycopg2."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCAL = ROOT / ".local"


class CannotStart(Exception):
    """Something that the reader can mend; the message says what."""
