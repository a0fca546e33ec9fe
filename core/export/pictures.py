"""Figures as PNG and SVG, drawn by a browser that is started once and kept warm."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import re
import shutil
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any, Literal

import plotly.graph_objects as go
from plotly.utils import PlotlyJSONEncoder

from core.figures.theme import LIGHT, enlarged, width
from core.text import printable

Form = Literal["png", "svg"]
_BATCH = 4
_PIECES = re.compile(r"\s+|[^\s\u2e80-\uffff]{1,40}|.")
_lock = threading.Lock()
_drawn: OrderedDict[str, bytes] = OrderedDict()
_held_lock = threading.Lock()
_MOST_BYTES = 60_000_000
_START_SECONDS, _DRAW_SECONDS = 120.0, 60.0  # bounds on a browser that hangs, far above what a slow machine takes
_log = logging.getLogger(__name__)


class UnavailableError(RuntimeError):
    """What a format needs is not on this machine. `code` names it: browser, pango."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Picture:
    """A figure to draw: its size in pixels, how much larger its letters, and whether its title stands on it."""

    figure: go.Figure
    wide: int = 1200
    high: int = 640
    larger: float = 1.15
    titled: bool = False

    def plain(self) -> dict[str, Any]:
        """The figure as plain data, on white, at its size."""
        grown = enlarged(self.figure, self.larger, self.high).to_plotly_json()
        layout = {**grown["layout"], "width": self.wide, "paper_bgcolor": LIGHT.paper, "plot_bgcolor": LIGHT.paper}
        meta = layout.pop("meta", None) or {"title": "", "subtitle": ""}
        if self.titled:
            size = 20 * self.larger
            lines = _lines(meta["title"], int(self.wide / (size * 0.56)))
            below = _lines(meta["subtitle"], int(self.wide / (13 * self.larger * 0.56)))
            words = "<br>".join(f"<b>{line}</b>" for line in lines)
            if below:
                small = "<br>".join(below)
                words += f"<br><span style='font-size:{13 * self.larger:.0f}px;color:{LIGHT.muted}'>{small}</span>"
            layout["title"] = {
                "text": words,
                "x": 0.01,
                "xanchor": "left",
                "y": 0.985,
                "yanchor": "top",
                "font": {"size": size, "color": LIGHT.ink},
            }
            room = 1.35 * (size * len(lines) + 13 * self.larger * len(below)) + 24
            margin = dict(layout.get("margin", {}))
            layout["margin"] = {**margin, "t": margin.get("t", 8) + room}
            layout["height"] = self.high + room
        return {"data": grown["data"], "layout": layout}


def _lines(words: str, most: int) -> list[str]:
    """Words broken into lines of at most `most` half-width letters, between words or Chinese characters."""
    lines = [""]
    for piece in _PIECES.findall(words):
        if lines[-1].strip() and width(lines[-1] + piece.rstrip()) > most:
            lines.append("")
        lines[-1] += piece if lines[-1] else piece.lstrip()
    return [line.strip() for line in lines if line.strip()]


@lru_cache(maxsize=1)
def browser() -> str:
    """The browser that draws, "" where there is none: Chrome or Chromium."""
    from choreographer.browsers.chromium import Chromium

    try:
        return str(Chromium.find_browser(skip_local=False) or shutil.which("chromium") or "")
    except (OSError, RuntimeError):
        return ""


class _Browser:
    """A browser of our own in a loop of its own, with a limit on every wait; opened anew after a failure."""

    def __init__(self) -> None:
        self._closed = False
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, name="pictures", daemon=True).start()
        import kaleido

        self._kaleido = kaleido.Kaleido(n=2, mathjax=False)
        self._do(self._kaleido.__aenter__(), _START_SECONDS)

    def _do(self, work: Any, seconds: float) -> None:
        if self._closed:
            work.close()
            raise RuntimeError("this browser was closed")
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            future.result(seconds)
        except BaseException:
            future.cancel()
            raise

    def draw(self, wanted: list[dict[str, Any]]) -> None:
        """Draw figures into the files they name."""
        self._do(self._kaleido.write_fig_from_object(wanted), _DRAW_SECONDS * len(wanted))

    def close(self) -> None:
        """Let the browser go; a broken one is left to itself."""
        with contextlib.suppress(Exception):
            self._do(self._kaleido.__aexit__(None, None, None), 5)
        self._closed = True
        self._loop.call_soon_threadsafe(self._loop.stop)


_open: list[_Browser] = []


def _warm() -> _Browser:
    """The browser in use, started where there is none yet."""
    if not _open:
        _open.append(_Browser())
    return _open[0]


def draw(
    pictures: Sequence[Picture], form: Form, scale: float = 1.0, progress: Callable[[float], None] = lambda share: None
) -> list[bytes]:
    """The pictures in one format, in their order; what was drawn before comes from memory.

    Args:
        scale: pixels of the picture to one of the figure, for PNG.

    Raises:
        UnavailableError: there is no browser on this machine, or it does not start.
    """
    plain = [picture.plain() for picture in pictures]
    keys = [_key(one, form, scale) for one in plain]
    with _held_lock:
        found = {n: _drawn[key] for n, key in enumerate(keys) if key in _drawn}
    missing = [n for n in range(len(keys)) if n not in found]
    if missing and not browser():
        raise UnavailableError("browser")
    for start in range(0, len(missing), _BATCH):
        part = missing[start : start + _BATCH]
        for n, body in zip(part, _batch([plain[n] for n in part], form, scale), strict=True):
            found[n] = body
        progress((start + len(part)) / len(missing))
    with _held_lock:
        for n, key in enumerate(keys):
            _drawn[key] = found[n]
            _drawn.move_to_end(key)
        while sum(map(len, _drawn.values())) > _MOST_BYTES:
            _drawn.popitem(last=False)
    return [found[n] for n in range(len(keys))]


def _key(plain: dict[str, Any], form: Form, scale: float) -> str:
    body = json.dumps(plain, cls=PlotlyJSONEncoder, sort_keys=True)
    return blake2b(f"{form}{scale}{body}".encode(), digest_size=16).hexdigest()


def _sound(body: bytes, form: Form) -> bytes:
    """A picture as drawn; no SVG with characters of somebody's names that XML forbids."""
    return printable(body.decode("utf-8", "replace")).encode("utf-8") if form == "svg" else body


def _batch(plain: list[dict[str, Any]], form: Form, scale: float) -> list[bytes]:
    with _lock, tempfile.TemporaryDirectory(prefix="six-markets-") as folder:
        places = [Path(folder) / f"{n}.{form}" for n in range(len(plain))]
        wanted = [
            {
                "fig": one,
                "path": str(place),
                "opts": {
                    "format": form,
                    "width": one["layout"]["width"],
                    "height": one["layout"]["height"],
                    "scale": scale,
                },
            }
            for one, place in zip(plain, places, strict=True)
        ]
        for attempt in (1, 2):  # a browser that died since is started once more
            try:
                _warm().draw(wanted)
                return [_sound(place.read_bytes(), form) for place in places]
            except Exception as error:  # whatever a browser that cannot start or draw raises
                _log.warning("drawing figures failed", exc_info=error)
                for broken in _open:
                    broken.close()
                _open.clear()
                if attempt == 2:
                    raise UnavailableError("browser") from error
        raise AssertionError("unreachable")
