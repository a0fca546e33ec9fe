"""Workspaces that survive: every change an appended revision, kept by SQLite or PostgreSQL.

What `append` returns is on the disk. A second writer who has not seen the newest revision is refused and told
so; nothing is overwritten. A SQLite file has a log beside it that holds everything a second time, each record
with its checksum: when the file is found damaged it is set aside and made anew from the log.
"""

from __future__ import annotations

import datetime as dt
import errno
import json
import os
import secrets
import struct
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from filelock import FileLock, Timeout
from sqlalchemy.dialects import postgresql, sqlite

from core.intake.keeping import digest_of
from core.workspace import Document

MIGRATIONS = Path(__file__).resolve().parent / "migrations"
_BUSY_SECONDS = 30
_MARK = b"\xf5SM1"
_HEAD = struct.Struct(">4sII")
_LARGEST_BODY = 64_000_000

_META = sa.MetaData()
_WORKSPACE = sa.Table(
    "workspace",
    _META,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("made", sa.String(32)),
    sa.Column("head", sa.Integer),
)
_REVISION = sa.Table(
    "revision",
    _META,
    sa.Column("workspace", sa.String(40), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("made", sa.String(32)),
    sa.Column("author", sa.String(80)),
    sa.Column("action", sa.String(40)),
    sa.Column("shown", sa.Integer),
    sa.Column("before", sa.Integer),
    sa.Column("body", sa.LargeBinary),
)
_SHEET = sa.Table(
    "sheet", _META, sa.Column("digest", sa.String(40), primary_key=True), sa.Column("body", sa.LargeBinary)
)
_SHARE = sa.Table(
    "share",
    _META,
    sa.Column("token", sa.String(40), primary_key=True),
    sa.Column("workspace", sa.String(40)),
    sa.Column("made", sa.String(32)),
    sa.Column("label", sa.String(120)),
    sa.Column("revoked", sa.String(32)),
)


class StoreError(Exception):
    """What the store could not do. `code`: full (or the disk fails), damaged, busy, newer, unreachable, missing,
    readonly, too_large."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code, self.detail = code, detail


class Conflict(Exception):
    """Somebody else changed the workspace since the revision the writer saw; `head` is the newest."""

    def __init__(self, seen: int, head: int) -> None:
        super().__init__(f"revision {head} is newer than {seen}, which the writer saw")
        self.seen, self.head = seen, head


@dataclass(frozen=True)
class Revision:
    """One change: when, by whom, what kind. `shown` is the revision whose content it has: its own for a change,
    an earlier one after undo, redo or going back; `before` is the one the change was made on."""

    number: int
    made: dt.datetime
    author: str
    action: str
    shown: int
    before: int


@dataclass(frozen=True)
class Head:
    """The newest revision of a workspace and its document."""

    workspace: str
    revision: Revision
    document: Document

    @property
    def number(self) -> int:
        """What a writer names as seen."""
        return self.revision.number


@dataclass(frozen=True)
class Share:
    """A link that only shows: its token, what it is for, when it was made, and when taken back ("" if not)."""

    token: str
    label: str
    made: str
    revoked: str


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")


def _packed(document: Document) -> bytes:
    data = document.model_dump_json().encode("utf-8")
    if len(data) > _LARGEST_BODY:
        raise StoreError("too_large")
    return zlib.compress(data, 6)


def _unpacked(body: bytes) -> Document:
    try:
        return Document.model_validate_json(_inflated(body))
    except (zlib.error, ValueError) as error:
        raise StoreError("damaged", "revision") from error


def _inflated(body: bytes) -> bytes:
    worker = zlib.decompressobj()
    data = worker.decompress(body, _LARGEST_BODY)
    if worker.unconsumed_tail:
        raise ValueError("too large")
    return data


class Log:
    """The second copy of a SQLite store: records appended and synced, each with mark, length and checksum."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, records: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
        """Write records so that they are on the disk on return.

        Raises:
            OSError: the disk is full or cannot be written; what was begun is cut off again.
        """
        data = memoryview(b"".join(self._record(table, values) for table, values in records))
        start = self.size
        new = not self.path.exists()
        with open(self.path, "ab", buffering=0) as file:
            try:
                while data:
                    data = data[file.write(data) :]
                os.fsync(file.fileno())
            except OSError:
                os.ftruncate(file.fileno(), start)
                raise
        if new and hasattr(os, "O_DIRECTORY"):
            folder = os.open(self.path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    @property
    def size(self) -> int:
        """Bytes in the log."""
        return self.path.stat().st_size if self.path.exists() else 0

    def cut(self, size: int) -> None:
        """Take back what was appended since the log had a size; for a change that was not committed."""
        with open(self.path, "r+b") as file:
            file.truncate(size)

    def body(self, table: str, keys: Mapping[str, Any]) -> bytes | None:
        """The newest body of a row, None where the log has none."""
        found = None
        for name, values in self.records():
            if name == table and all(values.get(key) == value for key, value in keys.items()):
                found = values["body"]
        return found

    @staticmethod
    def _record(table: str, values: Mapping[str, Any]) -> bytes:
        body = values.get("body", b"")
        head = json.dumps([table, {k: v for k, v in values.items() if k != "body"}], ensure_ascii=False).encode()
        data = struct.pack(">I", len(head)) + head + body
        return _HEAD.pack(_MARK, len(data), zlib.crc32(data)) + data

    def records(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every sound record in order; damaged stretches are passed over."""
        data = self.path.read_bytes() if self.path.exists() else b""
        at = data.find(_MARK)
        while at >= 0 and at + _HEAD.size <= len(data):
            _, length, check = _HEAD.unpack_from(data, at)
            body = data[at + _HEAD.size : at + _HEAD.size + length]
            if len(body) != length or zlib.crc32(body) != check:
                at = data.find(_MARK, at + 1)
                continue
            size = struct.unpack_from(">I", body)[0]
            table, values = json.loads(body[4 : 4 + size])
            if table in ("revision", "sheet"):
                values["body"] = body[4 + size :]
            yield table, values
            at = data.find(_MARK, at + _HEAD.size + length)


class Store:
    """The workspaces of one database.

    `restored` says what happened when the file was found damaged: its new name, and how many workspaces and
    revisions came back from the log; None as a rule.

    Raises:
        StoreError: newer (made by a later version of the program), unreachable, full.
    """

    def __init__(self, url: str) -> None:
        parsed = sa.make_url(url)
        self._path: Path | None = None
        self._log: Log | None = None
        self.restored: tuple[str, int, int] | None = None
        if parsed.get_backend_name() == "sqlite":
            if not parsed.database or parsed.database == ":memory:":
                raise StoreError("unreachable", url)
            self._path = Path(parsed.database).resolve()
            self._log = Log(self._path.with_name(f"{self._path.name}.log"))
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise StoreError("unreachable", str(self._path)) from error
        self._url = parsed
        with self._errors(), self._alone():
            self._engine = self._opened()
            self._file = self._identity()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the lock of a SQLite store: no writer of any process between log, commit and restore."""
        if self._path is None:
            yield
            return
        try:
            with FileLock(f"{self._path}.lock", timeout=_BUSY_SECONDS):
                yield
        except Timeout as error:
            raise StoreError("busy") from error

    def _identity(self) -> tuple[int, int] | None:
        """Which file the path names now; another one where it has been restored."""
        if self._path is None:
            return None
        found = self._path.stat()
        return found.st_dev, found.st_ino

    # Opening --------------------------------------------------------------------------------------

    def _opened(self) -> sa.Engine:
        """An engine on a sound database of the newest schema; made anew from the log where it is damaged or gone."""
        engine = self._made_engine()
        try:
            with self._errors():
                self._migrate(engine)
                if self._log is not None:
                    with engine.connect() as link:
                        if link.exec_driver_sql("PRAGMA quick_check(1)").scalar() != "ok":
                            raise StoreError("damaged")
                        empty = link.scalar(sa.select(sa.func.count()).select_from(_WORKSPACE)) == 0
                    if empty and any(table == "workspace" for table, _ in self._log.records()):
                        raise StoreError("damaged")
        except StoreError as error:
            engine.dispose()
            if error.code != "damaged" or self._path is None:
                raise
            self._from_log()
            return self._made_engine()
        return engine

    def _made_engine(self, path: Path | None = None) -> sa.Engine:
        if self._path is None:
            return sa.create_engine(self._url, pool_pre_ping=True)
        url = self._url.set(database=str(path or self._path))
        engine = sa.create_engine(url, connect_args={"timeout": _BUSY_SECONDS}, pool_size=8)

        @sa.event.listens_for(engine, "connect")
        def _set_up(link: Any, _: Any) -> None:
            link.isolation_level = None  # the events below begin transactions, not the driver
            for setting in ("journal_mode=WAL", "synchronous=FULL", f"foreign_keys={path is None:d}"):
                link.execute(f"PRAGMA {setting}")

        @sa.event.listens_for(engine, "begin")
        def _begin(link: Any) -> None:
            link.exec_driver_sql("BEGIN IMMEDIATE" if link.get_execution_options().get("writes") else "BEGIN")

        return engine

    def _migrate(self, engine: sa.Engine) -> None:
        setup = AlembicConfig()
        setup.set_main_option("script_location", str(MIGRATIONS))
        scripts = ScriptDirectory.from_config(setup)
        newest = scripts.get_current_head()
        with engine.connect() as link:
            now = MigrationContext.configure(link).get_current_revision()
        if now == newest:
            return
        if now is not None and now not in {step.revision for step in scripts.walk_revisions()}:
            raise StoreError("newer", str(now))
        with engine.execution_options(writes=True).begin() as link:
            if self._path is None:
                link.exec_driver_sql("SELECT pg_advisory_xact_lock(7315)")
            setup.attributes["connection"] = link
            command.upgrade(setup, "head")

    def _from_log(self) -> None:
        """Make a new database from the log, then set the damaged one aside and put the new one in its place.

        Dying in the middle leaves the damaged file where it was, to be tried again.
        """
        assert self._path is not None and self._log is not None
        fresh = self._path.with_name(f"{self._path.name}.new")
        tables = {"workspace": _WORKSPACE, "revision": _REVISION, "sheet": _SHEET, "share": _SHARE}
        with self._errors():
            for suffix in ("", "-wal", "-shm"):
                Path(f"{fresh}{suffix}").unlink(missing_ok=True)
            engine = self._made_engine(fresh)
            self._migrate(engine)
            with engine.execution_options(writes=True).begin() as link:
                for name, values in self._log.records():
                    if name not in tables:
                        raise StoreError("newer", name)
                    # a later record of the same row is the newer one
                    link.execute(sa.insert(tables[name]).prefix_with("OR REPLACE").values(values))
                counts = [link.scalar(sa.select(sa.func.count()).select_from(t)) or 0 for t in (_WORKSPACE, _REVISION)]
            with engine.connect() as link:
                link.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
                link.rollback()
            engine.dispose()
            stamp = f"{dt.datetime.now(dt.UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
            aside = self._path.with_name(f"{self._path.stem}.damaged-{stamp}{self._path.suffix}")
            for suffix in ("-wal", "-shm", ""):
                if (part := Path(f"{self._path}{suffix}")).exists():
                    part.replace(f"{aside}{suffix}")
            fresh.replace(self._path)
        self.restored = (aside.name, counts[0], counts[1])

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Errors of the driver as what they mean."""
        try:
            yield
        except OSError as error:
            raise StoreError(
                "full" if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) else "readonly"
            ) from error
        except sa.exc.DBAPIError as error:
            words = str(error.orig).lower()
            for code, signs in (
                ("full", ("disk is full", "no space left", "disk full", "disk i/o error")),
                ("damaged", ("malformed", "not a database", "corrupt")),
                ("busy", ("locked", "busy", "timeout")),
                ("readonly", ("readonly", "read-only", "permission denied")),
            ):
                if any(sign in words for sign in signs):
                    raise StoreError(code) from error
            raise StoreError("unreachable", type(error.orig).__name__) from error
        except sa.exc.SQLAlchemyError as error:
            raise StoreError("unreachable", type(error).__name__) from error

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        with self._errors(), self._engine.connect() as link:
            yield link

    def _write(self, work: Callable[[sa.Connection], tuple[Any, list[tuple[str, dict[str, Any]]]]]) -> Any:
        """Run statements, then the log, then the commit: what is acknowledged is in both, what is not in neither."""
        with self._errors(), self._alone():
            if self._identity() != self._file:  # another process has restored the database meanwhile
                self._engine.dispose()
                self._engine, self._file = self._made_engine(), self._identity()
            size = self._log.size if self._log is not None else 0
            try:
                with self._engine.execution_options(writes=True).begin() as link:
                    result, records = work(link)
                    if self._log is not None and records:
                        self._log.append(records)
            except sa.exc.SQLAlchemyError:
                if self._log is not None and self._log.size > size:
                    self._log.cut(size)
                raise
        return result

    def _mended(self, table: sa.Table, keys: Mapping[str, Any]) -> bytes:
        """The body of a row from the log, put back into the database where it is damaged.

        Raises:
            StoreError: damaged, where the log has none either.
        """
        body = self._log.body(table.name, keys) if self._log is not None else None
        if body is None:
            raise StoreError("damaged", table.name)
        matches = [table.c[name] == value for name, value in keys.items()]
        self._write(lambda link: (link.execute(sa.update(table).where(*matches).values(body=body)), []))
        return body

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    # Workspaces -----------------------------------------------------------------------------------

    def create(self, document: Document, author: str = "", action: str = "create") -> Head:
        """A new workspace with its first revision."""
        name = secrets.token_urlsafe(9).replace("~", "-")
        row = {"id": name, "made": _now(), "head": 1}

        def work(link: sa.Connection) -> Any:
            link.execute(sa.insert(_WORKSPACE).values(row))
            revision = self._row(name, 1, author, action, 1, 0, document)
            link.execute(sa.insert(_REVISION).values(revision))
            return self._head(revision, document), [("workspace", row), ("revision", revision)]

        found: Head = self._write(work)
        return found

    @staticmethod
    def _row(
        workspace: str, number: int, author: str, action: str, shown: int, before: int, document: Document
    ) -> dict[str, Any]:
        return {
            "workspace": workspace,
            "number": number,
            "made": _now(),
            "author": author[:80],
            "action": action[:40],
            "shown": shown,
            "before": before,
            "body": _packed(document),
        }

    @staticmethod
    def _revision(row: Any) -> Revision:
        made = dt.datetime.fromisoformat(row["made"])
        return Revision(row["number"], made, row["author"], row["action"], row["shown"], row["before"])

    def _head(self, row: Any, document: Document | None = None) -> Head:
        if document is None:
            try:
                document = _unpacked(row["body"])
            except StoreError:
                keys = {"workspace": row["workspace"], "number": row["number"]}
                document = _unpacked(self._mended(_REVISION, keys))
        return Head(row["workspace"], self._revision(row), document)

    def head(self, workspace: str) -> Head | None:
        """The newest revision of a workspace, None where there is no such workspace."""
        with self._reading() as link:
            row = (
                link.execute(
                    sa.select(_REVISION)
                    .join(
                        _WORKSPACE,
                        sa.and_(_WORKSPACE.c.id == _REVISION.c.workspace, _WORKSPACE.c.head == _REVISION.c.number),
                    )
                    .where(_WORKSPACE.c.id == workspace)
                )
                .mappings()
                .first()
            )
        return self._head(row) if row is not None else None

    def newest(self, workspace: str) -> int | None:
        """The number of the newest revision alone, None where there is no such workspace."""
        with self._reading() as link:
            found: int | None = link.scalar(sa.select(_WORKSPACE.c.head).where(_WORKSPACE.c.id == workspace))
        return found

    def at(self, workspace: str, number: int) -> Head:
        """One revision of a workspace.

        Raises:
            StoreError: missing.
        """
        with self._reading() as link:
            row = (
                link.execute(
                    sa.select(_REVISION).where(_REVISION.c.workspace == workspace, _REVISION.c.number == number)
                )
                .mappings()
                .first()
            )
        if row is None:
            raise StoreError("missing", f"{number}")
        return self._head(row)

    def append(
        self, workspace: str, seen: int, document: Document, action: str, author: str = "", shown: int | None = None
    ) -> Head:
        """One more revision; on return it is on the disk.

        Args:
            seen: the newest revision that the writer's screen showed.
            shown: the revision whose content this is, for undo, redo and going back.

        Raises:
            Conflict: there is a newer revision than `seen`.
            StoreError: missing, full, busy, damaged, readonly.
        """

        def work(link: sa.Connection) -> Any:
            moved = link.execute(
                sa.update(_WORKSPACE)
                .where(_WORKSPACE.c.id == workspace, _WORKSPACE.c.head == seen)
                .values(head=seen + 1)
            )
            if moved.rowcount != 1:
                head = link.scalar(sa.select(_WORKSPACE.c.head).where(_WORKSPACE.c.id == workspace))
                if head is None:
                    raise StoreError("missing", workspace)
                raise Conflict(seen, head)
            before = link.execute(
                sa.select(_REVISION.c.shown).where(_REVISION.c.workspace == workspace, _REVISION.c.number == seen)
            ).scalar_one()
            number = seen + 1
            row = self._row(workspace, number, author, action, number if shown is None else shown, before, document)
            link.execute(sa.insert(_REVISION).values(row))
            made = link.scalar(sa.select(_WORKSPACE.c.made).where(_WORKSPACE.c.id == workspace))
            return self._head(row, document), [
                ("revision", row),
                ("workspace", {"id": workspace, "made": made, "head": number}),
            ]

        found: Head = self._write(work)
        return found

    def history(self, workspace: str, most: int = 200) -> tuple[Revision, ...]:
        """The revisions of a workspace, the newest first."""
        columns = [column for column in _REVISION.c if column.name != "body"]
        with self._reading() as link:
            rows = link.execute(
                sa.select(*columns)
                .where(_REVISION.c.workspace == workspace)
                .order_by(_REVISION.c.number.desc())
                .limit(most)
            ).mappings()
            return tuple(self._revision(row) for row in rows)

    def undo_place(self, head: Head) -> int | None:
        """The revision that undo leads to: the one the shown change was made on."""
        shown = self._line(head.workspace).get(head.revision.shown)
        return shown.before if shown is not None and shown.before else None

    def redo_place(self, head: Head) -> int | None:
        """The revision that redo leads to: the newest change made on the shown one."""
        made_on = [
            revision.number
            for revision in self._line(head.workspace).values()
            if revision.before == head.revision.shown and revision.shown == revision.number
        ]
        return max(made_on, default=None)

    def _line(self, workspace: str) -> dict[int, Revision]:
        return {revision.number: revision for revision in self.history(workspace, 100_000)}

    def go_to(self, head: Head, number: int, action: str, author: str = "") -> Head:
        """The content of an earlier revision as the newest one; nothing is deleted.

        Raises:
            Conflict, StoreError: as `append`.
        """
        there = self.at(head.workspace, number)
        return self.append(head.workspace, head.number, there.document, action, author, there.revision.shown)

    def workspaces(self, most: int = 100) -> tuple[Head, ...]:
        """All workspaces that can be read, the one changed last first."""
        with self._reading() as link:
            rows = link.execute(
                sa.select(_REVISION)
                .join(
                    _WORKSPACE,
                    sa.and_(_WORKSPACE.c.id == _REVISION.c.workspace, _WORKSPACE.c.head == _REVISION.c.number),
                )
                .order_by(_REVISION.c.made.desc())
                .limit(most)
            ).mappings()
            found = rows.all()
        heads = []
        for row in found:
            try:
                heads.append(self._head(row))
            except StoreError:
                continue  # one that cannot be read must not hide the others
        return tuple(heads)

    # Sheets ---------------------------------------------------------------------------------------

    def put_sheets(self, bodies: Mapping[str, bytes]) -> None:
        """Keep sheets under their digests; one that is there already is not written again."""

        def work(link: sa.Connection) -> Any:
            there = set(link.scalars(sa.select(_SHEET.c.digest).where(_SHEET.c.digest.in_(list(bodies)))))
            rows = [{"digest": digest, "body": body} for digest, body in bodies.items() if digest not in there]
            insert = postgresql.insert if self._path is None else sqlite.insert
            if rows:  # another server may be writing the same sheet at this moment
                link.execute(insert(_SHEET).on_conflict_do_nothing(), rows)
            return None, [("sheet", row) for row in rows]

        self._write(work)

    def sheet(self, digest: str) -> bytes:
        """The bytes of a sheet.

        Raises:
            StoreError: missing.
        """
        with self._reading() as link:
            body = link.scalar(sa.select(_SHEET.c.body).where(_SHEET.c.digest == digest))
        if body is None:
            raise StoreError("missing", digest)
        return bytes(body) if digest_of(body) == digest else self._mended(_SHEET, {"digest": digest})

    # Links that only show -------------------------------------------------------------------------

    def share(self, workspace: str, label: str) -> Share:
        """A new link that shows a workspace and lets nobody change it."""
        row = {
            "token": "r-" + secrets.token_urlsafe(12),
            "workspace": workspace,
            "made": _now(),
            "label": label[:120],
            "revoked": "",
        }

        def work(link: sa.Connection) -> Any:
            link.execute(sa.insert(_SHARE).values(row))
            return Share(row["token"], row["label"], row["made"], ""), [("share", row)]

        found: Share = self._write(work)
        return found

    def shares(self, workspace: str) -> tuple[Share, ...]:
        """The links of a workspace, the newest first."""
        with self._reading() as link:
            rows = link.execute(
                sa.select(_SHARE).where(_SHARE.c.workspace == workspace).order_by(_SHARE.c.made.desc())
            ).mappings()
            return tuple(Share(row["token"], row["label"], row["made"], row["revoked"]) for row in rows)

    def shared(self, token: str) -> str | None:
        """The workspace a link shows, None where it was taken back or never was."""
        with self._reading() as link:
            found: str | None = link.scalar(
                sa.select(_SHARE.c.workspace).where(_SHARE.c.token == token, _SHARE.c.revoked == "")
            )
        return found

    def revoke(self, token: str) -> None:
        """Take a link back."""

        def work(link: sa.Connection) -> Any:
            link.execute(
                sa.update(_SHARE).where(_SHARE.c.token == token, _SHARE.c.revoked == "").values(revoked=_now())
            )
            row = link.execute(sa.select(_SHARE).where(_SHARE.c.token == token)).mappings().first()
            return None, [("share", dict(row))] if row is not None else []

        self._write(work)


_OPEN: dict[str, Store] = {}
_OPENING = threading.Lock()


def opened(url: str) -> Store:
    """The store of a URL, opened once in this process and opened again after damage was found."""
    with _OPENING:
        if url not in _OPEN:
            _OPEN[url] = Store(url)
        return _OPEN[url]


def reopened(url: str, broken: Store) -> Store:
    """The store of a URL opened anew, which mends a damaged file, unless somebody has opened it since `broken`."""
    with _OPENING:
        if _OPEN.get(url) in (None, broken):
            _OPEN[url] = Store(url)
            broken.close()
        return _OPEN[url]
