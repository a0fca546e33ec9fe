"""Work in the background: begun by a click, followed by a bar, taken as a download; the app stays usable."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import streamlit as st


@dataclass
class Job:
    """One piece of work: how far it is, and in the end what came of it."""

    future: Future[Any] | None = None
    done: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def progress(self, share: float) -> None:
        """Note the share that is done; never backwards."""
        with self._lock:
            self.done = max(self.done, min(share, 1.0))

    @property
    def running(self) -> bool:
        """Whether it is not finished yet."""
        return self.future is not None and not self.future.done()


@st.cache_resource(show_spinner=False)
def _workers() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=2, thread_name_prefix="export")


def start(kind: str, stand: str, work: Callable[[Callable[[float], None]], Any]) -> None:
    """Begin work of a kind; what an earlier stand of it came to is let go."""
    job = Job()
    job.future = _workers().submit(work, job.progress)
    _held()[kind] = stand, job


def of(kind: str, stand: str) -> Job | None:
    """The work of a kind, None where none was begun at this stand."""
    held = _held().get(kind)
    return held[1] if held is not None and held[0] == stand else None


def any_running() -> bool:
    """Whether any work of this session is not finished yet."""
    return any(job.running for _, job in _held().values())


def _held() -> dict[str, tuple[str, Job]]:
    held: dict[str, tuple[str, Job]] = st.session_state.setdefault("jobs", {})
    return held
