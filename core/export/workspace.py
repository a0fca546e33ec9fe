"""A workspace as one file and back: a zip of JSON and Arrow, every part with its checksum; nothing that runs."""

from __future__ import annotations

import importlib.metadata
import io
import json
import platform
import zipfile
import zlib
from collections.abc import Callable, Sequence
from typing import Any

from pydantic import ValidationError

from core.intake.keeping import digest_of, sheet_from
from core.intake.reading import IntakeError
from core.store import Head, Revision
from core.workspace import Document

FORMAT = "six-markets-workspace"
VERSION = 1
_LIBRARIES = ("numpy", "pandas", "scipy", "pyarrow")
_MOST_PARTS = 300
_MOST_BYTES = 500_000_000  # of packed sheets
_LONGEST_JSON = 64_000_000


class WorkspaceFileError(ValueError):
    """A file that cannot be taken in. `code`: foreign, newer, damaged, too_large."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def build_workspace(head: Head, history: Sequence[Revision], sheet: Callable[[str], bytes]) -> bytes:
    """The newest document with its sheets, and the list of its changes.

    Args:
        sheet: digest -> bytes of a sheet.
    """
    parts = {"document.json": head.document.model_dump_json(indent=1).encode("utf-8")}
    parts |= {f"sheets/{digest}.arrow": sheet(digest) for digest in head.document.sheets}
    changes = [
        {"number": r.number, "made": r.made.isoformat(), "author": r.author, "action": r.action} for r in history
    ]
    parts["history.json"] = json.dumps(changes, ensure_ascii=False, indent=1).encode("utf-8")
    manifest = {
        "format": FORMAT,
        "version": VERSION,
        "portfolio": head.document.digest,
        "seed": head.document.seed,
        "python": platform.python_version(),
        "libraries": {name: importlib.metadata.version(name) for name in _LIBRARIES},
        "parts": {name: digest_of(data) for name, data in parts.items()},
    }
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", json.dumps(manifest, ensure_ascii=False, indent=1))
        for name, data in parts.items():
            archive.writestr(name, data)
    return stream.getvalue()


def parse_workspace(data: bytes) -> tuple[Document, dict[str, bytes]]:
    """The document of a file and its sheets by digest.

    Raises:
        WorkspaceFileError: foreign (no workspace of ours), newer (of a later program), damaged (a part is
            missing or not what its checksum says), too_large.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError) as error:  # a strange version is a RuntimeError
        raise WorkspaceFileError("damaged" if data[:2] == b"PK" else "foreign") from error
    with archive:
        listed = archive.infolist()
        if len(listed) > _MOST_PARTS or sum(part.file_size for part in listed) > _MOST_BYTES:
            raise WorkspaceFileError("too_large")
        if any(part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for part in listed):
            raise WorkspaceFileError("damaged")
        if "manifest.json" not in archive.namelist():
            raise WorkspaceFileError("foreign")
        manifest = _json(archive, "manifest.json")
        if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
            raise WorkspaceFileError("foreign")
        if not isinstance(manifest.get("version"), int) or manifest["version"] > VERSION:
            raise WorkspaceFileError("newer")
        said = manifest.get("parts")
        if not isinstance(said, dict):
            raise WorkspaceFileError("damaged")
        parts: dict[str, bytes] = {}
        for name, digest in said.items():
            parts[name] = _part(archive, name)
            if digest_of(parts[name]) != digest:
                raise WorkspaceFileError("damaged")
    try:
        document = Document.model_validate_json(parts["document.json"])
        sheets = {digest: parts[f"sheets/{digest}.arrow"] for digest in document.sheets}
        for digest, body in sheets.items():
            if digest_of(body) != digest:
                raise WorkspaceFileError("damaged")
            sheet_from(body)
    except IntakeError as error:
        raise WorkspaceFileError("too_large" if error.code == "too_large" else "damaged") from error
    except (KeyError, ValidationError, RecursionError) as error:
        raise WorkspaceFileError("damaged") from error
    return document, sheets


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        with archive.open(name) as part:
            data = part.read(_MOST_BYTES + 1)
    except (KeyError, zipfile.BadZipFile, OSError, ValueError, RuntimeError, EOFError, zlib.error) as error:
        raise WorkspaceFileError("damaged") from error
    if len(data) > _MOST_BYTES:
        raise WorkspaceFileError("too_large")
    return data


def _json(archive: zipfile.ZipFile, name: str) -> Any:
    data = _part(archive, name)
    if len(data) > _LONGEST_JSON:
        raise WorkspaceFileError("too_large")
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise WorkspaceFileError("damaged") from error
