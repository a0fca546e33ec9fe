"""The store: nothing acknowledged is lost, whatever dies, fills up, collides, breaks or is one version old."""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config as AlembicConfig
from conftest import ROOT, needs

from core.intake.keeping import digest_of
from core.store import MIGRATIONS, Conflict, Log, Store, StoreError
from core.workspace import Document

NAME = "six markets"


def binary(name: str) -> str | None:
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(found[-1]) if found else shutil.which(name)


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL server of its own, run as the user postgres where the tests run as root."""
    needs(binary("initdb") and binary("postgres"), "postgresql")
    who = {"user": "postgres", "group": "postgres"} if os.getuid() == 0 else {}
    folder = Path(tempfile.mkdtemp(prefix="six-markets-pg-"))
    if who:
        shutil.chown(folder, **who)
    data = folder / "data"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder, **who}
    subprocess.run([binary("initdb"), "-D", data, "-U", "tester", "-A", "trust", "-E", "UTF8"], check=True, **quiet)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["-h", "127.0.0.1", "-p", str(port), "-k", str(folder), "-c", "fsync=off"]
    server = subprocess.Popen([binary("postgres"), "-D", data, *options], **quiet)
    url = f"postgresql+psycopg://tester@127.0.0.1:{port}/postgres"
    try:
        for _ in range(100):
            try:
                sa.create_engine(url).connect().close()
                break
            except sa.exc.OperationalError:
                time.sleep(0.1)
        yield url
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def sqlite(tmp_path):
    return f"sqlite:///{tmp_path / 'workspaces.db'}"


@pytest.fixture(params=["sqlite", "postgres"])
def url(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def store(url):
    opened = Store(url)
    yield opened
    opened.close()


def named(name: str) -> Document:
    return Document(name=name)


# One mechanism: revisions ------------------------------------------------------------------------


def test_every_change_is_a_revision_with_time_author_and_kind(store):
    head = store.create(named("first"), "Ann")
    head = store.append(head.workspace, head.number, named("second"), "rename", "Bo")
    assert store.head(head.workspace) == head and head.document.name == "second"
    newest, oldest = store.history(head.workspace)
    assert (newest.author, newest.action, newest.number) == ("Bo", "rename", 2)
    assert (oldest.author, oldest.action, oldest.number) == ("Ann", "create", 1)
    assert oldest.made <= newest.made and newest.made.tzinfo is not None


def test_undo_redo_and_going_back_walk_the_same_revisions(store):
    head = store.create(named("a"))
    for name in "bcd":
        head = store.append(head.workspace, head.number, named(name), "rename")
    seen = []
    while (place := store.undo_place(head)) is not None:
        head = store.go_to(head, place, "undo")
        seen.append(head.document.name)
    assert seen == ["c", "b", "a"]
    while (place := store.redo_place(head)) is not None:
        head = store.go_to(head, place, "redo")
        seen.append(head.document.name)
    assert seen == ["c", "b", "a", "b", "c", "d"]
    head = store.go_to(head, 2, "back")
    assert head.document.name == "b" and len(store.history(head.workspace)) == 11
    head = store.append(head.workspace, head.number, named("e"), "rename")
    assert store.redo_place(head) is None
    assert store.at(head.workspace, store.undo_place(head)).document.name == "b"


def test_the_second_writer_is_told_and_nothing_is_overwritten(store):
    head = store.create(named("start"))
    store.append(head.workspace, head.number, named("hers"), "rename", "Ann")
    with pytest.raises(Conflict) as caught:
        store.append(head.workspace, head.number, named("his"), "rename", "Bo")
    assert (caught.value.seen, caught.value.head) == (1, 2)
    assert store.head(head.workspace).document.name == "hers" and len(store.history(head.workspace)) == 2


def test_sheets_are_kept_once(store):
    one, two, three = (digest_of(body) for body in (b"one", b"two", b"three"))
    store.put_sheets({one: b"one", two: b"two"})
    store.put_sheets({one: b"one", three: b"three"})
    assert [store.sheet(d) for d in (one, two, three)] == [b"one", b"two", b"three"]
    with pytest.raises(StoreError, match="missing"):
        store.sheet("d4")


def test_a_share_link_shows_until_it_is_taken_back(store):
    head = store.create(named("shown"))
    share = store.share(head.workspace, "for the board")
    assert store.shared(share.token) == head.workspace and share.token != head.workspace
    store.revoke(share.token)
    assert store.shared(share.token) is None and store.shares(head.workspace)[0].revoked
    assert store.shared("r-nothing") is None


def test_an_unknown_workspace_is_none_and_cannot_be_written(store):
    assert store.head("nowhere") is None and store.newest("nowhere") is None
    with pytest.raises(StoreError, match="missing"):
        store.append("nowhere", 1, named("x"), "rename")


def test_many_writers_at_once_lose_nothing(url):
    """Eight threads with a store each add their own scenario twenty times, trying again when told."""
    first = Store(url)
    head = first.create(Document())
    failed: list[Exception] = []

    def write(who: int) -> None:
        mine = Store(url)
        try:
            for n in range(20):
                while True:
                    seen = mine.head(head.workspace)
                    grown = seen.document.model_copy(
                        update={"settings": {**seen.document.settings, f"{who}-{n}": float(n)}}
                    )
                    try:
                        mine.append(head.workspace, seen.number, grown, "settings", str(who))
                        break
                    except Conflict:
                        continue
        except Exception as error:  # handed to the test below
            failed.append(error)
        finally:
            mine.close()

    threads = [threading.Thread(target=write, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    last = first.head(head.workspace)
    assert last.number == 161 and len(last.document.settings) == 160
    first.close()


# Faults ------------------------------------------------------------------------------------------

WRITER = """
import sys
from core.store import Store
from core.workspace import Document
store = Store(sys.argv[1])
head = store.head(sys.argv[2])
for _ in range(200):
    head = store.append(head.workspace, head.number, Document(name=f"save {head.number + 1}" + " " * 40), "rename")
    print(head.number, flush=True)
"""


def test_a_process_killed_while_it_saves_loses_no_acknowledged_change(sqlite, tmp_path):
    store = Store(sqlite)
    head = store.create(named("start"))
    store.close()
    chance = random.Random(4)
    acknowledged = 1
    for _ in range(10):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, sqlite, head.workspace], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        until = chance.randrange(1, 200)
        for line in process.stdout:
            acknowledged = int(line)
            until -= 1
            if until == 0:
                time.sleep(chance.random() * 0.004)
                process.kill()
        process.wait()
        store = Store(sqlite)
        found = store.head(head.workspace)
        assert store.restored is None
        assert acknowledged <= found.number <= acknowledged + 1  # one may be on the disk and not yet told
        assert found.document.name.strip() == f"save {found.number}"
        assert len(store.history(head.workspace, 10_000)) == found.number
        store.close()
        acknowledged = found.number
    assert acknowledged > 300


@pytest.fixture(params=["disk", "limit"])
def too_small(request, tmp_path):
    """A folder on a disk of two megabytes where the tests may mount one; else, and besides, a limit on files."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = (
        request.param == "disk"
        and not subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk], capture_output=True, check=False
        ).returncode
    )
    yield disk, 0 if mounted else 400_000
    if mounted:
        subprocess.run(["umount", "-l", disk], check=False)


FULL = """
import resource, sys
from core.store import Store, StoreError
from core.workspace import Document
store = Store(sys.argv[1])
head = store.head(sys.argv[2])
if int(sys.argv[3]):
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), int(sys.argv[3])))
try:
    for n in range(400):
        noise = {f"{n}-{k}": __import__("secrets").token_hex(30) for k in range(60)}
        head = store.append(head.workspace, head.number, Document(name=f"save {head.number + 1}", settings=noise), "rename")
        print(head.number, flush=True)
except StoreError as error:
    print(error.code, flush=True)
"""


def test_a_full_disk_says_so_and_what_was_saved_stays(too_small):
    disk, limit = too_small
    url = f"sqlite:///{disk / 'workspaces.db'}"
    store = Store(url)
    head = store.create(named("start"))
    store.close()
    done = subprocess.run(
        [sys.executable, "-c", FULL, url, head.workspace, str(limit)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    *saved, said = done.stdout.split()
    assert said == "full", done.stderr
    store = Store(url)
    found = store.head(head.workspace)
    assert saved and found.number == int(saved[-1]) and store.restored is None
    assert len(store.history(head.workspace, 10_000)) == found.number
    if limit:
        again = store.append(head.workspace, found.number, named("room again"), "rename")
        assert store.head(head.workspace) == again
    store.close()


@pytest.mark.parametrize("where", [0, 4096, 8192, 20_000])
def test_a_damaged_file_is_set_aside_and_made_anew_from_the_log(sqlite, tmp_path, where):
    store = Store(sqlite)
    head = store.create(named("start"))
    sheet = b"cells" * 5000
    store.put_sheets({digest_of(sheet): sheet})
    share = store.share(head.workspace, "board")
    for n in range(30):
        head = store.append(head.workspace, head.number, named(f"n{n}"), "rename", "Ann")
    before = store.history(head.workspace)
    store.close()
    file = tmp_path / "workspaces.db"
    with open(file, "r+b") as handle:
        handle.seek(where)
        handle.write(os.urandom(6000))
    store = Store(sqlite)
    assert store.restored is not None and store.restored[1:] == (1, 31)
    assert (tmp_path / store.restored[0]).exists()
    assert store.head(head.workspace) == head and store.history(head.workspace) == before
    assert store.sheet(digest_of(sheet)) == sheet and store.shared(share.token) == head.workspace
    store.append(head.workspace, head.number, named("on it goes"), "rename")
    store.close()


def test_a_log_with_a_torn_end_and_a_damaged_middle_gives_the_rest(tmp_path):
    log = Log(tmp_path / "x.log")
    for n in range(5):
        log.append([("sheet", {"digest": f"d{n}", "body": bytes([n]) * 100})])
    data = bytearray(log.path.read_bytes())
    size = len(data) // 5
    data[2 * size + 40] ^= 0xFF
    log.path.write_bytes(bytes(data[: 4 * size + 50]))
    assert [values["digest"] for _, values in log.records()] == ["d0", "d1", "d3"]


@pytest.mark.parametrize("how", ["gone", "empty"])
def test_a_file_that_is_gone_or_empty_is_made_anew_from_the_log(sqlite, tmp_path, how):
    store = Store(sqlite)
    head = store.create(named("kept"))
    store.close()
    file = tmp_path / "workspaces.db"
    for suffix in ("-wal", "-shm"):
        Path(f"{file}{suffix}").unlink(missing_ok=True)
    file.unlink() if how == "gone" else file.write_bytes(b"")
    store = Store(sqlite)
    assert store.head(head.workspace) == head and store.restored is not None
    store.close()


def test_a_restore_that_dies_in_the_middle_is_done_again(sqlite, tmp_path, monkeypatch):
    store = Store(sqlite)
    head = store.create(named("kept"))
    store.close()
    (tmp_path / "workspaces.db").write_bytes(b"no database" * 1000)
    records = Log.records

    def dying(self):
        yield from list(records(self))[:1]
        raise OSError(28, "no space left")

    monkeypatch.setattr(Log, "records", dying)
    with pytest.raises(StoreError, match="full"):
        Store(sqlite)
    monkeypatch.undo()
    store = Store(sqlite)
    assert store.head(head.workspace) == head
    store.close()


def test_a_writer_of_before_the_restore_writes_into_the_new_file(sqlite, tmp_path):
    early = Store(sqlite)
    head = early.create(named("kept"))
    early._engine.dispose()
    (tmp_path / "workspaces.db").write_bytes(b"no database" * 1000)
    late = Store(sqlite)
    assert late.restored is not None
    head = early.append(head.workspace, head.number, named("told as saved"), "rename")
    assert late.head(head.workspace) == head
    early.close()
    late.close()


def test_a_damaged_sheet_or_document_alone_is_put_back_from_the_log(sqlite):
    store = Store(sqlite)
    head = store.create(named("kept"))
    body = b"cells" * 500
    store.put_sheets({digest_of(body): body})
    with store._engine.execution_options(writes=True).begin() as link:
        link.execute(sa.text("UPDATE sheet SET body = :b"), {"b": body[:-1] + b"X"})
        link.execute(sa.text("UPDATE revision SET body = :b"), {"b": b"garbage"})
    assert store.sheet(digest_of(body)) == body and store.head(head.workspace) == head
    with store._engine.connect() as link:
        assert link.execute(sa.text("SELECT body FROM sheet")).scalar() == body
    store.close()


def test_a_change_whose_commit_failed_does_not_come_back_after_a_restore(sqlite, tmp_path, monkeypatch):
    store = Store(sqlite)
    head = store.create(named("kept"))

    def failing(connection):
        raise sa.exc.OperationalError("commit", {}, Exception("disk is full"))

    sa.event.listen(store._engine, "commit", failing)
    with pytest.raises(StoreError, match="full"):
        store.append(head.workspace, head.number, named("refused"), "rename")
    sa.event.remove(store._engine, "commit", failing)
    store.close()
    (tmp_path / "workspaces.db").write_bytes(b"no database" * 1000)
    store = Store(sqlite)
    assert store.head(head.workspace) == head
    store.close()


def _at_version(url: str, version: str) -> None:
    setup = AlembicConfig()
    setup.set_main_option("script_location", str(MIGRATIONS))
    with sa.create_engine(url).begin() as link:
        setup.attributes["connection"] = link
        command.upgrade(setup, version)


def test_a_schema_one_version_old_is_brought_up_to_date_with_its_data(url):
    if url.startswith("postgresql"):
        engine = sa.create_engine(url)
        with engine.begin() as link:
            link.exec_driver_sql("DROP SCHEMA public CASCADE")
            link.exec_driver_sql("CREATE SCHEMA public")
        engine.dispose()
    _at_version(url, "0001")
    body = Document(name="old one").model_dump_json().encode()
    import zlib

    with sa.create_engine(url).begin() as link:
        link.execute(sa.text("INSERT INTO workspace VALUES ('w1', '2026-01-01T00:00:00.000+00:00', 1)"))
        link.execute(
            sa.text(
                "INSERT INTO revision VALUES ('w1', 1, '2026-01-01T00:00:00.000+00:00', 'Ann', 'create', 1, 0, :b)"
            ),
            {"b": zlib.compress(body)},
        )
    store = Store(url)
    head = store.head("w1")
    assert head.document.name == "old one" and store.share("w1", "new table").token
    store.append("w1", 1, named("newer"), "rename")
    store.close()


def test_a_schema_of_a_later_program_is_refused(sqlite):
    Store(sqlite).close()
    with sa.create_engine(sqlite).begin() as link:
        link.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="newer"):
        Store(sqlite)


def test_a_place_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="unreachable"):
        Store(f"sqlite:///{tmp_path / 'file' / 'workspaces.db'}")
    with pytest.raises(StoreError, match="unreachable"):
        Store("postgresql+psycopg://nobody@127.0.0.1:1/none")
