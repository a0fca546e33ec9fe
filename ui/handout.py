"""Files to hand out."""

from ui import state


def draw(session: state.Session) -> None:
    """Exports."""
