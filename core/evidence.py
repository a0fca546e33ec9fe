"""The rows behind what a figure shows, each with its file, sheet and row."""

from __future__ import annotations

import pandas as pd

from core.portfolio import ROW, SOURCE, Portfolio
from core.tables import TABLES
from core.text import Text


def rows_behind(
    portfolio: Portfolio, topic: str, key: str, within: tuple[str, str] | None = None
) -> pd.DataFrame | None:
    """Rows of the table that one mark of a figure stands for; None where the table is absent.

    Args:
        topic: markets (a stakeholder), stages (an account), value (a part or component), churn (a
            reason).
        key: what was selected.
        within: segment and offer that the value figure shows.
    """
    if topic == "markets":
        frame = portfolio.table("stakeholders")
        return None if frame is None else frame[frame["stakeholder"] == key]
    if topic == "stages":
        frame = portfolio.table("assessments")
        return None if frame is None else frame[frame["account"] == key]
    if topic == "value":
        frame = portfolio.table("value")
        if frame is None:
            return None
        if within is not None:
            frame = frame[(frame["segment"] == within[0]) & (frame["offer"] == within[1])]
        kind = {"services": "service", "relationship_costs": "relationship_cost"}.get(key, key)
        chosen = frame[(frame["kind"] == kind) | (frame["component"] == key)]
        return frame if key == "net" else chosen
    frame = portfolio.table("exits")
    if frame is None:
        return None
    frame = frame.assign(reason_key=frame["reason_key"].replace("", "unknown"))
    start, end = portfolio.settings.period_start, portfolio.settings.period_end
    inside = pd.Series(True, index=frame.index)
    if start is not None:
        inside &= ~(frame["date"] < pd.Timestamp(start))
    if end is not None:
        inside &= ~(frame["date"] > pd.Timestamp(end))
    chosen = frame[inside & (frame["reason_key"] == key)]
    customers = portfolio.table("customers")
    if customers is None:
        return chosen
    more = customers.set_index("customer")[["name", "segment", "revenue"]]
    joined = chosen.join(more, on="customer", rsuffix="_customer")
    joined["revenue"] = joined["revenue"].fillna(joined["revenue_customer"])
    return joined[
        ["customer", "name", "segment", "revenue", "count", "date", "reason", "reason_key", "cause", SOURCE, ROW]
    ]


def shown(portfolio: Portfolio, frame: pd.DataFrame, table: str, text: Text, most: int = 500) -> pd.DataFrame:
    """Rows as a person reads them: labelled columns in their language, empty ones left out, origin last."""
    part = frame.head(most)
    columns = TABLES[table].by_name
    data: dict[str, list[object]] = {}
    for name in part.columns:
        if name in (SOURCE, ROW) or part[name].replace("", pd.NA).isna().all():
            continue
        column = columns.get(name) or TABLES["customers"].by_name.get(name)
        if column is None:
            continue
        label = column.label(text.language)
        if column.type == "choice":
            data[label] = [text.term(column.vocabulary, v) if v else "" for v in part[name]]
        elif column.type == "date":
            data[label] = [text.date(v.date()) if not pd.isna(v) else "" for v in part[name]]
        elif column.type == "money":
            data[label] = [text.money(float(v), exact=True) if not pd.isna(v) else "" for v in part[name]]
        elif column.type == "share":
            data[label] = [text.percent(float(v)) if not pd.isna(v) else "" for v in part[name]]
        elif column.type == "flag":
            data[label] = ["" if pd.isna(v) else text("yes" if v else "no") for v in part[name]]
        elif column.type in ("number", "integer"):
            data[label] = [None if pd.isna(v) else float(v) for v in part[name]]
        else:
            data[label] = [text.term("offer", v) if name == "offer" else v for v in part[name]]
    places = portfolio.origin(part)
    data[text("evidence.file")] = [place[0] for place in places]
    data[text("evidence.sheet")] = [place[1] for place in places]
    data[text("evidence.row")] = [place[2] for place in places]
    return pd.DataFrame(data)
