"""docker-compose.yml, the Dockerfile and ./run start the same processes on the same kind of database."""

import json
import re
from pathlib import Path

import pytest
import yaml

from devstack import ROOT
from devstack.postgres import locale_options
from devstack.processes import beat, web, worker


@pytest.fixture(scope="module")
def services():
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]


@pytest.fixture(scope="module")
def dockerfile():
    return (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_all_parts_are_there_with_health_checks(services):
    assert set(services) == {"prepare", "web", "worker", "beat", "postgres", "redis"}
    assert [name for name, service in services.items() if "healthcheck" not in service] == ["prepare"]


def test_the_commands_are_those_of_run(services):
    state = Path("/srv/state/beat-schedule")
    first_page = web("0.0.0.0:8000")
    assert services["web"]["command"] == [*first_page, "--worker-tmp-dir", "/dev/shm"]
    assert services["worker"]["command"] == worker()
    assert services["beat"]["command"] == beat(state)


def test_the_image_serves_the_web_by_itself(services, dockerfile):
    command = re.search(r"^CMD (\[.*?\])", dockerfile, flags=re.MULTILINE | re.DOTALL)
    assert command
    assert json.loads(command[1].replace("\\\n", "")) == services["web"]["command"]


def test_the_image_does_not_run_as_root(dockerfile):
    assert re.findall(r"^USER (\S+)$", dockerfile, flags=re.MULTILINE) == ["salesops"]


def test_nothing_is_reachable_from_outside_but_the_web_on_loopback(services):
    assert {name: service["ports"] for name, service in services.items() if "ports" in service} == {
        "web": ["127.0.0.1:8000:8000"]
    }


def test_every_secret_must_be_given(services):
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    assert set(re.findall(r"\$\{(\w+)", text)) == {
        *("SITE_URL", "ALLOWED_HOSTS", "SECRET_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD", "EMAIL_URL")
    }
    assert re.findall(r"\$\{\w+(?!\w|:\?)", text) == []


def test_data_lives_in_volumes(services):
    assert services["postgres"]["volumes"] == ["postgres:/var/lib/postgresql"]
    assert services["redis"]["volumes"] == ["redis:/data"]


def test_both_databases_sort_alike(services):
    arguments = services["postgres"]["environment"]["POSTGRES_INITDB_ARGS"].split()
    major = int(services["postgres"]["image"].split(":")[1])
    assert arguments == ["--encoding=UTF8", *locale_options(major)]
