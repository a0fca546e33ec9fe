"""config.yaml as a frozen, validated `Config`; every mistake names its line."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from core.tables import CAUSES, DIMENSIONS, MARKETS, RATERS, REASONS, STAGES, VOCABULARIES

CONFIG_PATH = Path(__file__).resolve().parent.parent / "config.yaml"
_LARGEST_YAML = 200_000
_DEEPEST_YAML = 30

Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Score10 = Annotated[float, Field(ge=0, le=10)]
Score100 = Annotated[float, Field(ge=0, le=100)]
Count = Annotated[int, Field(ge=1)]


class ConfigError(ValueError):
    """A YAML file of ours or the user's that cannot be used; the message names the line."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _complete(name: str, given: Any, wanted: tuple[str, ...]) -> None:
    missing, foreign = set(wanted) - set(given), set(given) - set(wanted)
    if missing or foreign:
        words = f"missing {sorted(missing)}" if missing else f"not known {sorted(foreign)}"
        raise ValueError(f"{name}: {words}; allowed are {', '.join(wanted)}")


class Markets(_Part):
    """Numbers of the six markets."""

    quadrant_cut: Score10
    map_radius_inner: Annotated[float, Field(ge=0, lt=1)]
    trust_commitment_spread: Score10
    reciprocity_limit: Annotated[float, Field(ge=1)]
    owner_share_limit: Share
    fresh_days: Count
    general_kind: dict[str, str]
    taxonomies: dict[str, dict[str, tuple[str, ...]]]

    @model_validator(mode="after")
    def _check(self) -> Markets:
        _complete("general_kind", self.general_kind, MARKETS)
        kinds = tuple(VOCABULARIES["kind"])
        for name, groups in self.taxonomies.items():
            listed = [kind for group in groups.values() for kind in group]
            _complete(f"taxonomies.{name}", listed, kinds)
            if len(listed) != len(set(listed)):
                twice = sorted({kind for kind in listed if listed.count(kind) > 1})
                raise ValueError(f"taxonomies.{name}: {twice} stand in more than one group")
        if "six" not in self.taxonomies:
            raise ValueError("taxonomies: 'six' is missing")
        _complete("taxonomies.six", self.taxonomies["six"], MARKETS)
        return self

    def group_of(self, taxonomy: str) -> dict[str, str]:
        """Kind -> group of one taxonomy."""
        groups = self.taxonomies[taxonomy]
        return {kind: group for group, kinds in groups.items() for kind in kinds}


class Stages(_Part):
    """Numbers of the relationship stages."""

    bands: dict[str, Score100]
    gate: Score100
    gates: dict[str, Literal["basic", "cooperative", "interdependent"]]
    rater_weights: dict[str, NotNegative]
    answered_share: Share
    perception_gap: Score100
    round_days: Count
    thick_margin: Share
    many_customers: Count
    projection_rounds: Count

    @model_validator(mode="after")
    def _check(self) -> Stages:
        _complete("bands", self.bands, STAGES[1:])
        _complete("gates", self.gates, DIMENSIONS)
        _complete("rater_weights", self.rater_weights, RATERS)
        cuts = [self.bands[stage] for stage in STAGES[1:]]
        if cuts != sorted(cuts) or len(set(cuts)) != len(cuts):
            raise ValueError(f"bands: must rise from {STAGES[1]} to {STAGES[-1]}")
        return self


class Value(_Part):
    """Numbers of the perceived value."""

    price_quality_slope: Positive
    bootstrap_draws: Count
    bootstrap_seed: Annotated[int, Field(ge=0)]


class Churn(_Part):
    """Numbers of exit management."""

    definition: Literal["start", "start_plus_joined"]
    avoidable: dict[str, bool]
    cause: dict[str, str]
    savable_share: Share
    response_scale: Annotated[float, Field(gt=0, lt=1)]
    win_to_keep_cost: Positive
    confidence: Annotated[float, Field(gt=0.5, lt=1)]

    @model_validator(mode="after")
    def _check(self) -> Churn:
        _complete("avoidable", self.avoidable, REASONS)
        _complete("cause", self.cause, REASONS)
        for reason, cause in self.cause.items():
            if cause not in CAUSES:
                raise ValueError(f"cause.{reason}: allowed are {', '.join(CAUSES)}")
        return self


class Link(_Part):
    """One link of the chain: its likely value and the range it may take."""

    value: float
    low: float
    high: float

    @model_validator(mode="after")
    def _check(self) -> Link:
        if not self.low <= self.value <= self.high:
            raise ValueError("must hold low <= value <= high")
        return self


class Chain(_Part):
    """The links of the chain and the multipliers of each stage."""

    staff_service: Link
    value_churn: Link
    value_score: Link
    score_trust: Link
    stage_churn: Link
    stage_margin: Link
    price_revenue: Link
    stage_churn_multiplier: dict[str, Positive]
    stage_margin_multiplier: dict[str, Positive]
    stage_cost_multiplier: dict[str, Positive]
    value_churn_reasons: tuple[str, ...]

    @model_validator(mode="after")
    def _check(self) -> Chain:
        for name in ("stage_churn_multiplier", "stage_margin_multiplier", "stage_cost_multiplier"):
            _complete(name, getattr(self, name), STAGES)
        if set(self.value_churn_reasons) - set(REASONS):
            raise ValueError(f"value_churn_reasons: allowed are {', '.join(REASONS)}")
        return self


class Limits(_Part):
    """What an upload may ask of the machine."""

    file_mb: Positive
    unpacked_mb: Positive
    sheets: Count
    columns: Count
    rows: Count
    child_memory_mb: Count
    child_seconds: Count
    problems_shown: Count
    workspaces: Count


class Scenarios(_Part):
    """Numbers of the scenario lab."""

    draws: Annotated[int, Field(ge=100, le=100_000)]
    chunk: Count
    seed: Annotated[int, Field(ge=0)]
    exact_levers: Annotated[int, Field(ge=1, le=12)]
    grid_steps: Annotated[int, Field(ge=3, le=41)]
    compared: Annotated[int, Field(ge=2, le=8)]
    interval: Annotated[float, Field(gt=0.5, lt=1)]


class Storage(_Part):
    """Where workspaces are kept."""

    url: Annotated[str, Field(pattern=r"^(sqlite:///|postgresql(\+psycopg)?://)")]
    listed: bool

    @property
    def address(self) -> str:
        """The database: what the environment variable SIX_MARKETS_STORE names, else `url`.

        A relative SQLite path starts at the project's folder.
        """
        url = os.environ.get("SIX_MARKETS_STORE") or self.url
        if url.startswith("postgresql://"):
            return url.replace("postgresql://", "postgresql+psycopg://", 1)
        path = url.removeprefix("sqlite:///")
        return url if path == url else f"sqlite:///{CONFIG_PATH.parent / path}"


class Config(_Part):
    """Everything in config.yaml."""

    markets: Markets
    stages: Stages
    value: Value
    churn: Churn
    chain: Chain
    scenarios: Scenarios
    store: Storage
    limits: Limits


def parse_yaml(text: str, where: str) -> tuple[Any, yaml.Node | None]:
    """Plain data of a YAML text, and its node tree for line numbers.

    Raises:
        ConfigError: too large, aliases (a small file can unfold without end), too deep, or no YAML.
    """
    if len(text) > _LARGEST_YAML:
        raise ConfigError(f"{where}: larger than {_LARGEST_YAML // 1000} kB")
    depth = 0
    try:
        for event in yaml.parse(text, yaml.SafeLoader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > _DEEPEST_YAML:
                raise ConfigError(f"{where}: nested too deeply")
            if isinstance(event, yaml.AliasEvent):
                line = event.start_mark.line + 1 if event.start_mark else 1
                raise ConfigError(f"{where}, line {line}: aliases (*name) are not allowed here")
        return yaml.safe_load(text), yaml.compose(text, yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 1}" if mark else ""
        raise ConfigError(f"{where}{place}: not readable as YAML") from error


def _line(node: yaml.Node | None, path: tuple[int | str, ...]) -> int:
    line = 1
    for step in path:
        if isinstance(node, yaml.MappingNode):
            found = next((pair for pair in node.value if str(pair[0].value) == str(step)), None)
            if found is None:
                break
            line, node = found[0].start_mark.line + 1, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            node = node.value[step]
            line = node.start_mark.line + 1
    return line


def _allowed(path: tuple[int | str, ...]) -> str:
    part: Any = Config
    for step in path[:-1]:
        annotation = part.model_fields[str(step)].annotation if _is_part(part) else None
        part = annotation if _is_part(annotation) else None
    return ", ".join(part.model_fields) if _is_part(part) else ""


def _is_part(candidate: Any) -> bool:
    return isinstance(candidate, type) and issubclass(candidate, BaseModel)


def parse_config(text: str, where: str = "config.yaml") -> Config:
    """A `Config` from YAML text.

    Raises:
        ConfigError: naming the line, the key and what is allowed there.
    """
    data, tree = parse_yaml(text, where)
    try:
        return Config.model_validate(data)
    except ValidationError as error:
        lines = []
        for problem in error.errors():
            path = tuple(problem["loc"])
            name = ".".join(str(step) for step in path)
            message = problem["msg"].removeprefix("Value error, ")
            if problem["type"] == "extra_forbidden":
                message = f"unknown key; allowed are {_allowed(path)}"
            elif problem["type"] == "missing":
                message = f"this key is missing from {where}"
            given = problem.get("input")
            if isinstance(given, str | int | float | bool) and problem["type"] != "extra_forbidden":
                message += f" (found {given!r})"
            lines.append(f"{where}, line {_line(tree, path)}: {name or 'file'}: {message}")
        raise ConfigError("\n".join(lines)) from error


@lru_cache(maxsize=1)
def load_config() -> Config:
    """The `Config` in force, read once."""
    return parse_config(CONFIG_PATH.read_text(encoding="utf-8"))
