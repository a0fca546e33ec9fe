"""apply + chain + evaluate of all topics, with 400 and with 1,000,000 customers. `python -m benchmarks.models`

The cost of a lever must follow assessed accounts and stakeholders, not customers: the two medians are
compared in the same run, and with a plain pass over the customers' revenue as the named alternative.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from core.config import load_config
from core.intake import read_portfolio
from core.models import evaluate_all, observe_all
from core.portfolio import Portfolio
from core.scenario import Lever

SAMPLE = "data/sample.en.xlsx"


def median_ms(work: Callable[[], object], times: int = 200) -> float:
    """Median milliseconds of a call, after a warm-up."""
    for _ in range(10):
        work()
    spent = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        spent.append(time.perf_counter() - start)
    return float(np.median(spent) * 1000)


def grown(sample: Portfolio, customers: int) -> Portfolio:
    """The sample with its customer list repeated up to a number of customers."""
    frame = sample.tables["customers"]
    copies = -(-customers // len(frame))
    big = pd.concat([frame] * copies, ignore_index=True).head(customers)
    extra = np.arange(len(big)) >= len(frame)
    names = big["customer"].to_numpy(dtype=object)
    names[extra] = [f"X{n}" for n in range(int(extra.sum()))]
    return Portfolio(
        {**sample.tables, "customers": big.assign(customer=pd.array(names, dtype="str"))},
        sample.settings,
        sample.sources,
    )


def main() -> None:
    """Print medians and ratios."""
    config, sample = load_config(), read_portfolio(SAMPLE)
    medians = {}
    for count in (400, 1_000_000):
        portfolio = sample if count == 400 else grown(sample, count)
        start = time.perf_counter()
        observed = observe_all(portfolio, config)
        observing = time.perf_counter() - start
        levers: list[Lever] = [
            next(s for s in observed.levers if s.target.topic == topic and s.target.field == field).lever(value)
            for topic, field, value in (
                ("value", "probability", 0.5),
                ("churn", "lost", 0.8),
                ("churn", "retention_spend", 40_000.0),
                ("markets", "trust", 1.0),
                ("stages", "dimension", 0.3),
            )
        ]
        medians[count] = median_ms(lambda observed=observed, levers=levers: evaluate_all(observed, levers))  # type: ignore[misc]
        revenue = portfolio.tables["customers"]["revenue"]
        scan = median_ms(lambda revenue=revenue: float((revenue * 0.9).sum()), 30)  # type: ignore[misc]
        print(
            f"{count:>9,} customers: observe once {observing * 1000:7.1f} ms | five levers through the chain "
            f"{medians[count]:.3f} ms | one pass over the revenue column {scan:.3f} ms"
        )
    print(f"ratio of a lever at 1,000,000 to 400 customers: {medians[1_000_000] / medians[400]:.2f}")


if __name__ == "__main__":
    main()
