"""The files of a folder that a profile names: read once, hashed together, nothing else touched."""

import hashlib
from pathlib import Path

from django.utils.translation import gettext as _

from common.errors import Refused
from imports.rules.profile import Profile, TableSpec
from imports.rules.tables import MOST_BYTES, BadFile, Table, read_table


def read_files(folder: Path, profile: Profile) -> dict[str, bytes]:
    """Each file's bytes by name. Raises Refused, naming every file that is missing."""
    paths = {name: _inside(folder, name) for name in profile.files}
    missing = [name for name, path in paths.items() if not path.is_file()]
    if missing:
        values = {"folder": folder, "names": ", ".join(missing)}
        raise Refused(_("%(folder)s has no %(names)s.") % values, path="folder")
    large = [name for name, path in paths.items() if path.stat().st_size > MOST_BYTES]
    if large:
        names = {"names": ", ".join(large)}
        raise Refused(_("%(names)s is larger than 500 MB. Split it.") % names, path="folder")
    return {name: path.read_bytes() for name, path in paths.items()}


def _inside(folder: Path, name: str) -> Path:
    """The file's path. Raises Refused for a name that leads out of the folder."""
    path = (folder / name).resolve()
    if folder.resolve() not in path.parents:
        raise Refused(_("%(name)s lies outside the folder.") % {"name": name}, path="folder")
    return path


def digest(text: str, contents: dict[str, bytes]) -> str:
    """One hash over the profile and the files: the same import again has the same."""
    total = hashlib.sha256(text.encode())
    for name in sorted(contents):
        total.update(f"\n{name} ".encode() + hashlib.sha256(contents[name]).digest())
    return total.hexdigest()


def tables_of(spec: TableSpec, contents: dict[str, bytes]) -> dict[str, Table]:
    """The tables that one part of the profile reads. Raises Refused with file and line for a broken one."""
    encodings = {join.file: join.encoding for join in spec.join}
    if spec.file:
        encodings[spec.file] = spec.encoding
    tables = {}
    for name, encoding in encodings.items():
        try:
            tables[name] = read_table(contents[name], encoding, spec.delimiter)
        except BadFile as error:
            message = _(error.text) % error.values
            raise Refused(f"{name}: {message}", path=name, code="bad_file") from error
    return tables
