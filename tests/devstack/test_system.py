"""Locks, ports and leftovers of a killed launcher."""

import json
import socket
import subprocess
import sys

import pytest

from devstack.system import Children, Lock, command_of, free_port

NAP = [sys.executable, "-c", "import time; time.sleep(60)"]


@pytest.fixture
def napping():
    process = subprocess.Popen(NAP)
    while command_of(process.pid) != " ".join(NAP):
        assert process.poll() is None
    yield process
    process.kill()
    process.wait()


def test_a_second_launcher_is_refused_and_told_about_the_first(tmp_path):
    first, second = Lock(tmp_path / "lock"), Lock(tmp_path / "lock")
    assert first.take()
    first.note("pid 17, http://127.0.0.1:8000")
    assert not second.take()
    assert second.noted() == "pid 17, http://127.0.0.1:8000"
    first.drop()
    assert second.take()
    second.drop()


def test_a_port_in_use_is_passed_over():
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        taken = busy.getsockname()[1]
        assert free_port(taken, tries=1) == 0
        assert taken < free_port(taken, tries=20) < taken + 20


def test_a_leftover_child_is_ended(tmp_path, napping):
    Children(tmp_path / "children.json").add(napping.pid, NAP)
    Children(tmp_path / "children.json").end_leftovers()
    assert napping.wait(timeout=5) != 0
    assert not (tmp_path / "children.json").exists()


def test_somebody_elses_process_with_a_known_pid_is_left_alone(tmp_path, napping):
    path = tmp_path / "children.json"
    path.write_text(json.dumps({str(napping.pid): "gunicorn salesops.wsgi:application"}))
    Children(path).end_leftovers()
    assert napping.poll() is None


def test_a_torn_list_of_children_does_not_stop_the_start(tmp_path):
    path = tmp_path / "children.json"
    path.write_text('{"17": "gun')
    Children(path).end_leftovers()
    assert command_of(2**22 + 1) == ""
