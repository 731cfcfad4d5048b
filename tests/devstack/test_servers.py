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


def kept(server: Postgres) -> bool:
    return server.query("salesops", "SELECT lower(word) FROM kept") == [("ärger",)]


def test_data_outlives_a_stop_a_kill_and_a_launcher_that_is_gone(cluster, tmp_path):
    cluster.start()
    cluster.query("salesops", "CREATE TABLE kept (word text)")
    cluster.query("salesops", "INSERT INTO kept VALUES ('Ärger')")
    cluster.stop()
    cluster.start()
    assert kept(cluster)
    finish(cluster.process, signal.SIGKILL, patience=10)
    cluster.start()
    assert kept(cluster)
    orphan = cluster.process
    successor = Postgres(tmp_path / "postgres", durable=True)
    successor.start()
    assert orphan.wait(timeout=10) == 0
    assert kept(successor)
    successor.stop()


def test_what_an_earlier_start_left_does_not_stop_the_next(cluster, capsys):
    cluster.start()
    cluster.stop()
    (cluster.data / "postmaster.pid").write_text(f"{os.getpid()}\n{cluster.data}\n")
    cluster.start()
    assert cluster.query("salesops", "SELECT 1") == [(1,)]
    cluster.stop()
    (cluster.data / "PG_VERSION").write_text("9\n")
    cluster.start()
    assert cluster.query("salesops", "SELECT 1") == [(1,)]
    assert list(cluster.folder.glob("data-of-9-*"))
    assert "made by PostgreSQL 9" in capsys.readouterr().out


def test_the_demo_is_durable_and_tests_are_fast_and_neither_is_open_to_others(cluster, tmp_path):
    fast = Postgres(tmp_path / "fast", durable=False)
    try:
        for server, fsync in ((cluster, "on"), (fast, "off")):
            server.start()
            folder = server.socket_folder
            assert server.query("salesops", "SHOW fsync") == [(fsync,)]
            assert server.query("salesops", "SHOW listen_addresses") == [("",)]
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
            assert len(str(folder / ".s.PGSQL.5432")) < 104
            server.stop()
            assert not folder.exists()
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
