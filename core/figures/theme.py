"""Colours, type and the frame that every figure shares.

Colour carries meaning only: baseline grey, scenario one accent, loss and gain a pair that colour-blind
readers can tell apart, the six markets a fixed set. Actual values are solid, the scenario is hatched
or outlined, so that a grey print still tells them apart.
"""

from __future__ import annotations

import copy
import html
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from core.tables import MARKETS
from core.text import Text

FONTS = {
    "en": "'Source Sans', 'Source Sans Pro', 'Segoe UI', Arial, sans-serif",
    "zh-Hans": "'Noto Sans CJK SC', 'Noto Sans SC', 'PingFang SC', 'Microsoft YaHei', sans-serif",
    "zh-Hant": "'Noto Sans CJK TC', 'Noto Sans TC', 'PingFang TC', 'Microsoft JhengHei', sans-serif",
}


@dataclass(frozen=True)
class Look:
    """The colours of one mode."""

    name: str
    ink: str
    muted: str
    grid: str
    paper: str
    baseline: str
    scenario: str
    loss: str
    loss_soft: str
    gain: str
    hole: str
    markets: tuple[str, ...]
    stages: tuple[str, ...]
    gap_scale: tuple[str, str, str]

    def group(self, position: int) -> str:
        """The fixed colour of a market, or of a group of another taxonomy."""
        return self.markets[position % len(self.markets)]


LIGHT = Look(
    "light",
    "#1F2933",
    "#5F6C7B",
    "#E4E7EB",
    "#FFFFFF",
    "#9AA5B1",
    "#5B3FD6",
    "#C8501E",
    "#E3B29B",
    "#1B7F8C",
    "#FFFFFF",
    ("#2F6DB5", "#A86504", "#2E8B57", "#B23A5B", "#7A5CB8", "#5C6B73"),
    ("#B7CBE6", "#7D9FD0", "#4B75B3", "#274F86"),
    ("#1B7F8C", "#C9D1D9", "#C8501E"),
)
DARK = Look(
    "dark",
    "#E6EAF0",
    "#A3AFBD",
    "#323B47",
    "#14181F",
    "#6F7C8B",
    "#B5A5FF",
    "#E97B4C",
    "#8A5440",
    "#4DB6C2",
    "#14181F",
    ("#6FA3E0", "#E0A040", "#5DBB86", "#E07792", "#AD93E3", "#9BAAB5"),
    ("#3E5C8A", "#4F78B5", "#6D98D6", "#9CC0F2"),
    ("#4DB6C2", "#586573", "#E97B4C"),
)
LOOKS = {"light": LIGHT, "dark": DARK}
assert len(LIGHT.markets) == len(DARK.markets) == len(MARKETS)


def safe(words: str, most: int = 0) -> str:
    """User text for a label: no markup, shortened to `most` half-width characters."""
    if most and width(words) > most:
        kept = ""
        for letter in words:
            if width(kept + letter) > most - 1:
                break
            kept += letter
        words = kept.rstrip() + "…"
    return html.escape(words, quote=False)


def width(words: str) -> int:
    """Width in half-width characters: a Chinese character counts two."""
    return sum(2 if ord(letter) > 0x2E7F else 1 for letter in words)


def hatch(color: str, solidity: float = 0.35) -> dict[str, Any]:
    """The pattern of a scenario's bar: hatched in its colour on nothing."""
    return {"shape": "/", "fgcolor": color, "bgcolor": "rgba(0,0,0,0)", "solidity": solidity, "size": 6}


def ticks(low: float, high: float, text: Text, unit: str, most: int = 5) -> dict[str, Any]:
    """Round axis ticks written by the language: 万 and 亿 in Chinese, k and M in English."""
    span = high - low
    if not (span > 0 and math.isfinite(span)):
        return {}
    raw = span / most
    power = 10 ** math.floor(math.log10(raw))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= raw * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    values = [n * step for n in range(first, last + 1)]
    fine = step < 0.01 - 1e-12
    words = [text.percent(v, 1 if fine else 0) if unit == "share" else text.unit(v, unit) for v in values]
    return {"tickmode": "array", "tickvals": values, "ticktext": words}


def figure(
    traces: Sequence[dict[str, Any]],
    look: Look,
    text: Text,
    *,
    title: str,
    subtitle: str = "",
    alt: str = "",
    height: int = 420,
    **layout: Any,
) -> go.Figure:
    """A figure in the shared frame.

    `title` says the finding with its number; with subtitle and alt text it travels in `layout.meta`,
    so that every medium sets it in its own type. Built unvalidated, which is three times faster;
    the tests validate every figure.
    """
    axis = {
        "gridcolor": look.grid,
        "zerolinecolor": look.grid,
        "linecolor": look.grid,
        "tickfont": {"color": look.muted, "size": 12},
        "automargin": True,
        "fixedrange": True,
    }
    base: dict[str, Any] = {
        "template": {"layout": {}, "data": {}},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONTS[text.language], "color": look.ink, "size": 13},
        "height": height,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "showlegend": False,
        "hovermode": "closest",
        "hoverlabel": {"font": {"family": FONTS[text.language], "size": 13}, "align": "left"},
        "dragmode": False,
        "clickmode": "event",
        "meta": {"title": title, "subtitle": subtitle, "alt": alt or f"{title} {subtitle}".strip()},
        "uirevision": "same",
    }
    for name in ("xaxis", "yaxis"):
        base[name] = {**axis, **layout.pop(name, {})}
    base["margin"] = {**base["margin"], **layout.pop("margin", {})}
    drawn = [{"cliponaxis": False, **trace} if trace.get("type") in ("scatter", "bar") else trace for trace in traces]
    return go.Figure({"data": drawn, "layout": {**base, **layout}}, _validate=False)


def stacked_words(words: str, language: str, most: int) -> str:
    """A label broken over lines of at most `most` half-width characters where it can be."""
    if language != "en":
        return (
            words if width(words) <= most else words[: (len(words) + 1) // 2] + "<br>" + words[(len(words) + 1) // 2 :]
        )
    lines: list[str] = []
    for word in words.split(" "):
        if lines and len(lines[-1]) + 1 + len(word) <= most:
            lines[-1] += " " + word
        else:
            lines.append(word)
    return "<br>".join(lines)


def bare(low: float, high: float, **more: Any) -> dict[str, Any]:
    """An axis that is only a coordinate."""
    return {"visible": False, "range": [low, high], **more}


def labels(
    x: Iterable[Any],
    y: Iterable[Any],
    words: Sequence[str],
    look: Look,
    *,
    color: Any = None,
    size: Any = 12,
    position: Any = "middle center",
    **more: Any,
) -> dict[str, Any]:
    """A trace of texts at places."""
    return {
        "type": "scatter",
        "mode": "text",
        "x": list(x),
        "y": list(y),
        "text": list(words),
        "textposition": position,
        "textfont": {"color": color or look.ink, "size": size},
        "hoverinfo": "skip",
        "showlegend": False,
        **more,
    }


def beside(words: Sequence[str]) -> list[str]:
    """Labels set off from the bar they stand beside; ordinary spaces would be trimmed."""
    return [f"\u2002{word}\u2002" for word in words]


def upright(at: float, color: str) -> dict[str, Any]:
    """A dotted vertical mark over the whole height, as a shape: it adds no category to an axis."""
    return {
        "type": "line",
        "x0": at,
        "x1": at,
        "y0": 0,
        "y1": 1,
        "yref": "paper",
        "line": {"color": color, "width": 1.4, "dash": "dot"},
    }


def names_axis(look: Look, size: int = 12) -> dict[str, Any]:
    """The axis of a bar chart that carries names."""
    return {"tickfont": {"color": look.ink, "size": size}, "showgrid": False}


def line(x: Sequence[Any], y: Sequence[Any], color: str, **more: Any) -> dict[str, Any]:
    """A trace of lines; None breaks it."""
    width_ = more.pop("width", 1)
    dash = more.pop("dash", "solid")
    return {
        "type": "scatter",
        "mode": "lines",
        "x": list(x),
        "y": list(y),
        "line": {"color": color, "width": width_, "dash": dash},
        "hoverinfo": "skip",
        "showlegend": False,
        **more,
    }


def enlarged(figure: go.Figure, by: float, height: float) -> go.Figure:
    """A figure with letters and marks `by` times as large, at a height in pixels: for a large room, or for print."""
    plain_figure = copy.deepcopy(figure.to_plotly_json())
    layout = _grown(plain_figure["layout"], by)
    layout["height"] = round(height)
    return go.Figure({"data": [_grown(trace, by) for trace in plain_figure["data"]], "layout": layout}, _validate=False)


def _grown(part: Any, by: float, name: str = "") -> Any:
    if isinstance(part, dict):
        return {
            key: value if key in ("x", "y", "customdata", "pattern") else _grown(value, by, key)
            for key, value in part.items()
        }
    if name == "size":
        return [v * by for v in part] if isinstance(part, list | tuple) else part * by if part else part
    if isinstance(part, list | tuple):
        return [_grown(item, by, "text" if name in ("text", "ticktext") else "") for item in part]
    if isinstance(part, str) and "font-size" in part:
        return re.sub(r"font-size:(\d+)px", lambda m: f"font-size:{round(int(m[1]) * by)}px", part)
    return part
