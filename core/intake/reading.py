"""Bytes of a file -> raw sheets, with every hostile or broken file refused by a clear reason."""

from __future__ import annotations

import codecs
import contextlib
import html
import io
import json
import re
import subprocess
import sys
import threading
import time
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from core.config import Limits

Watch = Callable[[], object]
_CHILD = Path(__file__).with_name("child.py")
_OLE = bytes.fromhex("D0CF11E0A1B11AE1")
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"%PDF", b"RIFF", b"Rar!", b"7z\xbc\xaf")
_SMALL_SHEET = 4_000_000
_DELIMITERS = (",", "\t", ";", "|")
# The most frequent Chinese characters of business tables: they decide between GB18030 and Big5.
_COMMON = frozenset(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多"
    "定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因"
    "由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解"
    "问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少"
    "图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则任取据处队南给色光门即保治北造百规热领七"
    "海口东导器压志世金增争济阶油思术极交受联什认六共权收证改清己美再采转更单风切打白教速花带安场身车例真务具万每目"
    "至达走积示议声报斗完类八离华名确才科张信马节话米整空元况今集温传土许步群广石记需段研界拉林律叫且究观越织装影算"
    "低持音众书布复容儿须际商非验连断深难近矿千周委素技备半办青省列习响约支般史感劳便团往酸历市克何除消构府称太准精"
    "值号率族维划选标写存候毛亲快效斯院查江型眼王按格养易置派层片始却专状育厂京识适属圆包火住调满县局照参红细引听该"
    "铁价严龙飞客户顾金额收入利润流失原因编号名称姓评估日期部门供应商渠道服务产品技术备注合计销售订单地址电话"
    "國業務為來時們會發動後產進種過學這對經實現點關應開還將與員質資從無報導處據標價額購買賣數電話郵務營銷顧客戶"
    "東門長車馬風飛體機構組織聯絡單號類評級額潤項總計備註區隔網路廠臺灣產業別"
)


class IntakeError(ValueError):
    """A file that cannot be used; `code` and `detail` make its message in the user's language."""

    def __init__(self, code: str, file: str, **detail: Any) -> None:
        super().__init__(f"{file}: {code} {detail}")
        self.code, self.file, self.detail = code, file, detail


@dataclass(frozen=True)
class RawColumn:
    """One column as the file holds it, an array for each type of cell found.

    `memo`, where there is one, keeps what was worked out of the cells; it goes when the column goes.
    """

    arrays: Mapping[str, pa.Array]
    length: int
    memo: dict[Any, Any] | None = field(default=None, compare=False, repr=False)

    def below(self, row: int) -> RawColumn:
        """The cells from a row on, without a memory."""
        return RawColumn({kind: array.slice(row) for kind, array in self.arrays.items()}, max(self.length - row, 0))

    @cached_property
    def numbers(self) -> np.ndarray[Any, Any]:
        """Cells that are numbers, NaN elsewhere."""
        if "n" not in self.arrays:
            return np.full(self.length, np.nan)
        return np.asarray(self.arrays["n"].to_numpy(zero_copy_only=False), dtype=float)

    @cached_property
    def dates(self) -> np.ndarray[Any, Any]:
        """Cells that are dates, NaT elsewhere."""
        if "d" not in self.arrays:
            return np.full(self.length, np.datetime64("NaT"), dtype="datetime64[us]")
        return self.arrays["d"].to_numpy(zero_copy_only=False).astype("datetime64[us]")

    def value(self, row: int) -> Any:
        """The cell at a 0-based row, None when empty."""
        for array in self.arrays.values():
            found = array[row].as_py()
            if found is not None and found != "":
                return found
        return None

    def text(self, row: int) -> str:
        """The cell as a person would type it."""
        return as_text(self.value(row))


def as_text(value: Any) -> str:
    """A cell's value as text: whole numbers without decimals, dates in ISO form."""
    if value is None:
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e16 else repr(value)
    if hasattr(value, "isoformat"):
        return str(value.date() if hasattr(value, "date") and not value.time() else value)
    return str(value).strip()


@dataclass(frozen=True)
class RawSheet:
    """One sheet as the file holds it. Row numbers are 0-based here; a person's row is one more.

    `merged` holds top, left, bottom, right of the merged ranges near the header, `errors` row, column
    letters and word of cells such as #N/A, `origin` the file's row of each row of a reshaped sheet,
    `turned` says that rows and columns were swapped.
    """

    file: str
    name: str
    visible: bool
    rows: int
    columns: tuple[RawColumn, ...]
    encoding: str = ""
    other_reading: str = ""
    uncached_formulas: bool = False
    ragged: tuple[int, ...] = ()
    quotes_ignored: bool = False
    merged: tuple[tuple[int, int, int, int], ...] = ()
    hidden_rows: tuple[int, ...] = ()
    errors: tuple[tuple[int, str, str], ...] = ()
    origin: tuple[int, ...] = ()
    turned: bool = False

    @property
    def label(self) -> str:
        """What people call it: the sheet, or the file where it has only one."""
        return self.name or Path(self.file).stem

    def line(self, row: int) -> tuple[str, ...]:
        """One row as texts."""
        return tuple(column.text(row) for column in self.columns)

    def person_row(self, row: int) -> int:
        """The row number that a spreadsheet shows for a row of this sheet."""
        return (self.origin[row] if self.origin else row) + 1


@dataclass
class _Marks:
    """What a reader of values does not see in a sheet: hidden rows, error cells, formulas without values."""

    uncached: bool = False
    hidden: list[int] = field(default_factory=list)
    errors: list[tuple[int, str, str]] = field(default_factory=list)


def _zip_check(data: bytes, file: str, limits: Limits) -> dict[str, _Marks]:
    """Refuse a hostile zip; return the marks of each sheet of an xlsx by the sheet's name."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        parts = archive.infolist()
    except zipfile.BadZipFile as error:
        raise IntakeError("damaged", file) from error
    if len(parts) > 2000 or any(".." in part.filename for part in parts):
        raise IntakeError("unsafe", file)
    if any(part.flag_bits & 1 for part in parts):
        raise IntakeError("encrypted", file)
    if sum(part.file_size for part in parts) > limits.unpacked_mb * 1e6:
        raise IntakeError("too_large_inside", file)
    names = {part.filename for part in parts}
    try:
        if "META-INF/manifest.xml" in names and b"encryption-data" in archive.read("META-INF/manifest.xml"):
            raise IntakeError("encrypted_ods", file)
        if not names & {"xl/workbook.xml", "xl/workbook.bin", "content.xml"}:
            raise IntakeError("not_a_table", file)
        marks: dict[str, _Marks] = {}
        for part in parts:
            if not part.filename.endswith((".xml", ".rels")):
                continue
            with archive.open(part) as stream:
                head = stream.read(_SMALL_SHEET)
                if b"<!DOCTYPE" in head[:4000] or b"<!ENTITY" in head:
                    raise IntakeError("unsafe", file)
                unique = re.search(rb'uniqueCount="(\d+)"', head[:2000])
                if unique and int(unique[1]) > limits.rows * limits.columns:
                    raise IntakeError("too_large_inside", file)
                if "worksheets/" in part.filename and part.filename.endswith(".xml"):
                    found = marks.setdefault(part.filename, _Marks())
                    while head:
                        _far_cells(head, file, limits)
                        _mark(head, found)
                        more = stream.read(_SMALL_SHEET)
                        head = head[-4000:] + more if more else b""
        return _by_sheet(archive, names, marks)
    except IntakeError:
        raise
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, EOFError, NotImplementedError) as error:
        # what the zip library raises for broken or foreign parts
        raise IntakeError("damaged", file) from error


def _mark(xml: bytes, found: _Marks) -> None:
    found.uncached |= b"<f" in xml and bool(re.search(rb"(</f>|<f [^>]*/>)\s*(<v></v>|<v\s*/>)?\s*</c>", xml))
    rows = re.findall(rb'<row [^>]*?r="(\d{1,7})"[^>]*? hidden="(?:1|true)"', xml) if b" hidden=" in xml else ()
    for row in rows:
        if int(row) - 1 not in found.hidden[-50:]:
            found.hidden.append(int(row) - 1)
    if b' t="e"' not in xml:
        return
    for letters, row, word in re.findall(
        rb'<c r="([A-Z]{1,3})(\d{1,7})"[^>]*? t="e"[^>]*>(?:<f[^>]*>.*?</f>|<f[^>]*/>)?<v>([^<]{1,20})</v>', xml
    )[:2000]:
        spot = (int(row) - 1, letters.decode(), word.decode("utf-8", "replace"))
        if spot not in found.errors[-50:]:
            found.errors.append(spot)


def _by_sheet(archive: zipfile.ZipFile, names: set[str], marks: dict[str, _Marks]) -> dict[str, _Marks]:
    """The marks under the names people see, by the workbook's own list."""
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
        return {}
    rels = archive.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
    targets = {}
    for tag in re.findall(r"<Relationship\b[^>]*>", rels):
        identity, target = re.search(r'\bId="([^"]*)"', tag), re.search(r'\bTarget="([^"]*)"', tag)
        if identity and target:
            targets[identity[1]] = "xl/" + target[1].removeprefix("/xl/").removeprefix("/")
    found = {}
    for tag in re.findall(r"<sheet\b[^>]*>", archive.read("xl/workbook.xml").decode("utf-8", "replace")):
        name, identity = re.search(r'\bname="([^"]*)"', tag), re.search(r'\br:id="([^"]*)"', tag)
        if name and identity and targets.get(identity[1]) in marks:
            found[html.unescape(name[1])] = marks[targets[identity[1]]]
    return found


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _far_cells(xml: bytes, file: str, limits: Limits) -> None:
    """A single cell far out makes the reader allocate the whole rectangle."""
    digits = len(str(limits.rows + 1))  # shorter numbers are within the limit
    row = max((int(found) for found in re.findall(rb'<row r="(\d{%d,})"' % digits, xml)), default=0)
    far = re.findall(rb' r="([A-Z]{3})(\d+)"', xml)
    column = max((_column_number(letters) for letters, _ in far), default=0)
    row = max([row, *(int(found) for _, found in far)])
    if column > limits.columns:
        raise IntakeError("too_many_columns", file, sheet="", found=column, allowed=limits.columns)
    if row > limits.rows:
        raise IntakeError("too_many_rows", file, sheet="", found=row, allowed=limits.rows)


def _hanzi_score(text: str) -> float:
    hanzi = [c for c in text if "\u3400" <= c <= "\u9fff" or "\ue000" <= c <= "\uf8ff"]
    return sum(c in _COMMON for c in hanzi) / len(hanzi) if hanzi else 0.0


def guess_encodings(data: bytes) -> tuple[tuple[str, ...], str]:
    """Encodings to try in order, and a second plausible reading ("" when there is none).

    BOM, then strict UTF-8, then GB18030 and Big5 by their share of common characters, then cp1252.
    GBK bytes of some Chinese words are valid UTF-8 too: where UTF-8 finds only characters below
    U+0800 and GB18030 finds common Chinese, the other reading is named.
    """
    for mark, encoding in (
        (b"\xef\xbb\xbf", "utf-8-sig"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if data.startswith(mark):
            return (encoding,), ""
    silent = np.frombuffer(data[:4000][: len(data[:4000]) // 2 * 2], dtype=np.uint8) == 0
    if silent[1::2].mean() > 0.3 or silent[::2].mean() > 0.3:  # UTF-16 without its mark: ASCII leaves zeros
        return ("utf-16-le" if silent[1::2].mean() > silent[::2].mean() else "utf-16-be",), ""
    sample = data[:400_000]
    chinese = []
    for encoding in ("gb18030", "big5hkscs"):
        text = sample.decode(encoding, errors="replace")
        chinese.append((_hanzi_score(text) - 20 * text.count("\ufffd") / max(len(text), 1), encoding))
    chinese.sort(reverse=True)
    ladder = [encoding for score, encoding in chinese if score > 0.15]
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return (*ladder, "cp1252", "latin-1"), ""
    strange = [c for c in text[:200_000] if ord(c) > 127]
    doubtful = bool(strange) and max(strange) < "\u0800" and bool(ladder) and chinese[0][0] > 0.5
    return ("utf-8",), ladder[0] if doubtful else ""


def _guess_delimiter(text: str) -> str:
    lines = [re.sub(r'"[^"]*"', "", line) for line in text.splitlines()[:60] if line.strip()]
    if not lines:
        return ","

    def fit(delimiter: str) -> tuple[float, int]:
        """How steadily the lines hold it, and how often."""
        counts = Counter(line.count(delimiter) for line in lines)
        often, share = max(((n, c / len(lines)) for n, c in counts.items() if n), key=lambda p: p[1], default=(0, 0.0))
        return share, often

    return max(_DELIMITERS, key=lambda d: (*fit(d), -_DELIMITERS.index(d)))


def _run_child(
    data: bytes, file: str, limits: Limits, watch: Watch, *arguments: str
) -> Iterator[tuple[dict[str, Any], memoryview]]:
    """Each head with its bytes, as the child answers for this file."""
    most = (limits.child_memory_mb, limits.child_seconds, limits.sheets, limits.columns, limits.rows)
    command = [sys.executable, "-I", str(_CHILD), arguments[0], *map(str, most), *arguments[1:]]
    done = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    head: dict[str, Any] = {}
    bodies: list[memoryview] = []
    threads = [
        threading.Thread(target=_feed, args=(done, data), daemon=True),
        threading.Thread(target=_collect, args=(done, head, bodies), daemon=True),
    ]
    for thread in threads:
        thread.start()
    end = time.monotonic() + limits.child_seconds
    try:
        while threads[1].is_alive():
            threads[1].join(0.2)
            if threads[1].is_alive():
                watch()  # may raise, where the user cancels
            if time.monotonic() > end:
                raise IntakeError("too_slow", file, seconds=limits.child_seconds)
    finally:
        if threads[1].is_alive():
            done.kill()
        for thread in threads:
            thread.join()
        done.wait()
        for pipe in (done.stdin, done.stdout):
            with contextlib.suppress(OSError):
                pipe.close()  # type: ignore[union-attr]
    if "refused" in head:
        raise IntakeError(head["refused"], file, **head["detail"])
    if "sheets" not in head or len(bodies) < len(head["sheets"]):
        # the reader was ended by its memory limit, or died on a broken file
        raise IntakeError("too_large_inside" if done.returncode < 0 else "unreadable", file)
    yield from zip(head["sheets"], bodies, strict=True)


def _feed(done: subprocess.Popen[bytes], data: bytes) -> None:
    """Write the file to the child, which may end before it has read all of it."""
    assert done.stdin is not None
    with contextlib.suppress(OSError):
        done.stdin.write(data)
        done.stdin.close()


def _collect(done: subprocess.Popen[bytes], head: dict[str, Any], bodies: list[memoryview]) -> None:
    """Read the child's answer, each part into room of just its size."""
    assert done.stdout is not None
    size = int.from_bytes(done.stdout.read(8), "big")
    words = done.stdout.read(size) if size else b""
    if not words or len(words) < size:
        return
    head.update(json.loads(words))
    for sheet in head.get("sheets", ()):
        body = memoryview(bytearray(sheet["bytes"]))
        filled = 0
        while filled < len(body):
            count = done.stdout.readinto(body[filled:])  # type: ignore[attr-defined]
            if not count:
                return
            filled += count
        bodies.append(body)


def _sheets(data: bytes, file: str, limits: Limits, watch: Watch, *arguments: str) -> tuple[RawSheet, ...]:
    found = []
    for head, content in _run_child(data, file, limits, watch, *arguments):
        table = pa.ipc.open_stream(content).read_all()
        columns: list[dict[str, pa.Array]] = [{} for _ in range(head["columns"])]
        for name in table.column_names:
            position, kind = name.split(":")
            columns[int(position)][kind] = table[name].combine_chunks()
        raw = tuple(RawColumn(arrays, head["rows"]) for arrays in columns)
        found.append(
            RawSheet(
                file,
                head["name"],
                head["visible"],
                head["rows"],
                raw,
                head.get("encoding", ""),
                ragged=tuple(head.get("ragged", ())),
                quotes_ignored=head.get("quotes_ignored", False),
                merged=tuple(map(tuple, head.get("merged", ()))),
            )
        )
    return tuple(found)


def read_file(
    file: str, data: bytes, limits: Limits, encoding: str = "", password: str = "", watch: Watch = lambda: None
) -> tuple[RawSheet, ...]:
    """The sheets of one file, read in a child process under the limits.

    Args:
        file: its name, for messages; the content decides how it is read.
        data: its bytes.
        limits: what it may ask of the machine.
        encoding: of a text file, where the user has chosen one.
        password: of an encrypted workbook.
        watch: called five times a second while the child reads; what it raises ends the child.

    Raises:
        IntakeError: empty, too_large, encrypted, encrypted_ods, wrong_password, damaged, unsafe,
            picture, html, not_a_table, too_many_rows, too_many_columns, too_many_sheets,
            too_large_inside, too_slow, unreadable.
    """
    if not data.strip(b" \t\r\n\x00\xef\xbb\xbf\xff\xfe"):
        raise IntakeError("empty", file)
    if len(data) > limits.file_mb * 1e6:
        raise IntakeError("too_large", file, found=len(data) / 1e6, allowed=limits.file_mb)
    if data.startswith(_PICTURES):
        raise IntakeError("picture", file)
    if data.startswith(_OLE):
        if not _is_encrypted(data):
            sheets = _sheets(data, file, limits, watch, "excel")
        elif not password:
            raise IntakeError("encrypted", file)
        else:
            opened = next(_run_child(password.encode() + b"\n" + data, file, limits, watch, "decrypt"))[1]
            return read_file(file, bytes(opened), limits, encoding, watch=watch)
    elif data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        marks = _zip_check(data, file, limits)
        sheets = tuple(_marked(sheet, marks.get(sheet.name)) for sheet in _sheets(data, file, limits, watch, "excel"))
    else:
        sheets = _read_text(file, data, limits, encoding, watch)
    if not any(sheet.rows for sheet in sheets):
        raise IntakeError("empty", file)
    return sheets


def _is_encrypted(data: bytes) -> bool:
    """An encrypted xlsx inside OLE, or an xls whose workbook stream begins with a FilePass record."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        return True
    start = data.find(b"\x09\x08\x10\x00\x00\x06\x05\x00")
    return start >= 0 and data[start + 20 : start + 22] == b"\x2f\x00"


def _marked(sheet: RawSheet, marks: _Marks | None) -> RawSheet:
    if marks is None:
        return sheet
    return replace(sheet, uncached_formulas=marks.uncached, hidden_rows=tuple(marks.hidden), errors=tuple(marks.errors))


def _read_text(file: str, data: bytes, limits: Limits, encoding: str, watch: Watch) -> tuple[RawSheet, ...]:
    ladder, other = guess_encodings(data)
    if encoding:
        ladder, other = (encoding,), ""
    if b"\x00" in data[:4000] and not ladder[0].startswith("utf-16"):
        raise IntakeError("not_a_table", file)
    text = data[:200_000].decode(ladder[0], errors="ignore")
    head = text[:4000].lstrip("\ufeff \r\n\t").casefold()
    if head.startswith("<?xml") and "urn:schemas-microsoft-com:office:spreadsheet" in head:
        if "<!entity" in head or "<!doctype" in head:
            raise IntakeError("unsafe", file)
        return _sheets(data, file, limits, watch, "xml")
    if re.match(r"<(html|!doctype html|table|meta|style|head|body|div|!--|\?xml)", head):
        named = re.search(r"charset\s*=\s*[\"']?([\w-]+)", head)
        if named and not encoding and not data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
            name = {"gb2312": "gb18030", "gbk": "gb18030"}.get(named[1], named[1])
            ladder = (name, *ladder) if is_text_encoding(name) else ladder
        return _sheets(data, file, limits, watch, "html", ",".join(ladder))
    sheets = _sheets(data, file, limits, watch, "delimited", ",".join(ladder), _guess_delimiter(text))
    return (replace(sheets[0], other_reading=other),)


def is_text_encoding(name: str) -> bool:
    """Whether Python knows this name as an encoding of text."""
    try:
        return bool(codecs.lookup(name)._is_text_encoding)
    except (LookupError, UnicodeError):
        return False
