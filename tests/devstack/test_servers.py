"""The embedded servers: they keep data, survive what a crash leaves, and let nobody else in."""

import os
import signal
import socket
import stat
from pathlib import Path

import pytest
import redis

from devstack.postgres import Postgres
from devstack.servers import Servers
from devstack.system import Children, command_of, finish
from devstack.valkey import Valkey


@pytest.fixture
def cluster(tmp_path):
    """A durable server on its own folder, which root's account may not reach: its data then lives elsewhere."""
    server = Postgres(tmp_path / "postgres", durable=True)
    yield server
    server.stop()
    server.remove()


@pytest.fixture
def queue(tmp_path):
    server = Valkey(tmp_path / "valkey", durable=True)
    yield server
    server.stop()


def write(server: Postgres) -> None:
    server.query("salesops", "CREATE TABLE kept (word text)")
    server.query("salesops", "INSERT INTO kept VALUES ('Ärger')")


def test_a_second_start_keeps_the_data(cluster):
    cluster.start()
    write(cluster)
    cluster.stop()
    cluster.start()
    assert cluster.query("salesops", "SELECT lower(word) FROM kept") == [("ärger",)]


def test_committed_data_outlives_a_killed_server(cluster):
    cluster.start()
    write(cluster)
    finish(cluster.process, signal.SIGKILL, patience=10)
    cluster.start()
    assert cluster.query("salesops", "SELECT word FROM kept") == [("Ärger",)]


def test_a_server_that_outlived_its_launcher_is_replaced(cluster, tmp_path):
    cluster.start()
    write(cluster)
    orphan = cluster.process
    successor = Postgres(tmp_path / "postgres", durable=True)
    successor.start()
    assert orphan.wait(timeout=10) == 0
    assert successor.query("salesops", "SELECT word FROM kept") == [("Ärger",)]
    successor.stop()


def test_a_stale_pid_that_is_somebody_elses_now_does_not_stop_the_start(cluster):
    cluster.start()
    cluster.stop()
    (cluster.data / "postmaster.pid").write_text(f"{os.getpid()}\n{cluster.data}\n")
    cluster.start()
    assert cluster.query("salesops", "SELECT 1") == [(1,)]


def test_data_of_another_major_version_is_set_aside(cluster, capsys):
    cluster.start()
    cluster.stop()
    (cluster.data / "PG_VERSION").write_text("9\n")
    cluster.start()
    assert cluster.query("salesops", "SELECT 1") == [(1,)]
    assert list(cluster.folder.glob("data-of-9-*"))
    assert "made by PostgreSQL 9" in capsys.readouterr().out


def test_the_socket_is_closed_to_other_accounts_and_there_is_no_port(cluster):
    cluster.start()
    assert stat.S_IMODE(cluster.socket_folder.stat().st_mode) == 0o700
    assert cluster.query("salesops", "SHOW listen_addresses") == [("",)]
    assert len(str(cluster.socket_folder / ".s.PGSQL.5432")) < 104
    folder = cluster.socket_folder
    cluster.stop()
    assert not folder.exists()


def test_the_demo_is_durable_and_tests_are_fast(cluster, tmp_path):
    cluster.start()
    assert cluster.query("salesops", "SHOW fsync") == [("on",)]
    fast = Postgres(tmp_path / "fast", durable=False)
    try:
        fast.start()
        assert fast.query("salesops", "SHOW fsync") == [("off",)]
    finally:
        fast.stop()
        fast.remove()


def test_the_queue_wants_its_password_and_hides_it(queue, tmp_path):
    address = queue.start(Children(tmp_path / "children.json"))
    with redis.Redis.from_url(address) as client:
        assert client.ping()
    with (
        socket.create_connection(
            ("127.0.0.1", redis.Redis.from_url(address).get_connection_kwargs()["port"])
        ) as line,
        line.makefile("rb") as answer,
    ):
        line.sendall(b"PING\r\n")
        assert answer.readline().startswith(b"-NOAUTH")
    assert queue.password not in command_of(queue.process.pid)
    assert queue.password not in (tmp_path / "children.json").read_text()


def test_queued_work_is_there_again_after_a_stop(queue, tmp_path):
    children = Children(tmp_path / "children.json")
    with redis.Redis.from_url(queue.start(children)) as client:
        client.rpush("celery", "work")
    queue.stop()
    with redis.Redis.from_url(queue.start(children)) as client:
        assert client.lrange("celery", 0, -1) == [b"work"]


def test_a_broken_dump_is_set_aside(queue, tmp_path):
    queue.folder.mkdir()
    (queue.folder / "dump.rdb").write_bytes(b"REDIS0011 and then rubbish")
    with redis.Redis.from_url(queue.start(Children(tmp_path / "children.json"))) as client:
        assert client.ping()
    assert list(queue.folder.glob("dump-*.rdb"))


def test_given_addresses_start_nothing(tmp_path):
    given = {"DATABASE_URL": "postgres://db.example.com/sales", "REDIS_URL": "redis://queue.example.com/0"}
    servers = Servers(tmp_path, durable=True, given=given)
    assert servers.start() == given
    assert list(Path(tmp_path).iterdir()) == []
