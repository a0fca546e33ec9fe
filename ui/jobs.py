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


def start(name: str, work: Callable[[Callable[[float], None]], Any]) -> None:
    """Begin work under a name; what ran under it before is forgotten."""
    job = Job()
    job.future = _workers().submit(work, job.progress)
    jobs()[name] = job


def jobs() -> dict[str, Job]:
    """The work of this session by name."""
    held: dict[str, Job] = st.session_state.setdefault("jobs", {})
    return held
