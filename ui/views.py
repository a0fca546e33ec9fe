"""What figures of several pages are drawn from."""

from __future__ import annotations

from core import narrative
from core.exhibits import futures_of
from core.models import backwards, draws
from core.models import scenarios as lab
from core.portfolio import Portfolio
from core.text import Text
from ui import state


@state.by_content
def attention(portfolio: Portfolio, language: str) -> tuple[narrative.Attention, ...]:
    """What stands out in the baseline, in words."""
    text = Text(language, portfolio.settings.currency)
    return narrative.attention(state.observed_of(portfolio), portfolio, state.load_config(), text)


# The scenario lab -------------------------------------------------------------------------------


@state.by_content
def _promotions(portfolio: Portfolio) -> backwards.Promotions:
    return backwards.promote(state.observed_of(portfolio), state.load_config(), 10**6, 1.0)


def promotions(session: state.Session, wanted: int, price: float) -> backwards.Promotions:
    """The cheapest accounts to promote at a price for a point; the search itself is kept."""
    return backwards.priced(_promotions(session.portfolio), wanted, price)


def ranges(session: state.Session) -> dict[str, str]:
    """Low to high of every measure where a lever of the scenario has a range; nothing where none has.

    Correlations that contradict each other are left out here; the lab says so.
    """
    if not any(setting.is_range for setting in session.settings.values()):
        return {}
    try:
        found = futures_of(session.situation, session.settings)
    except draws.CorrelationError:
        return {}
    text, share = session.text, session.config.scenarios.interval
    words = {}
    for measure in lab.measures_of(session.observed):
        low, _, high = (float(v) for v in draws.interval(found.values[measure.name], share))
        ends = (
            text.pair(low, high, 2)
            if measure.unit == "ratio"
            else tuple(text.unit(v, measure.unit) for v in (low, high))
        )
        if ends[0] != ends[1]:
            words[measure.name] = text("headline.range", share=text.percent(share, 0), low=ends[0], high=ends[1])
    return words
