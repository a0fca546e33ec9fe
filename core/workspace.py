"""The document a workspace is: what was imported and how, scenarios that inherit, and how two versions merge.

A document is plain JSON; the store keeps every version of it. Nothing here reads rows or calculates.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from core.config import ConfigError, parse_yaml
from core.intake import Choices
from core.scenario import (
    OPERATIONS,
    SHAPES,
    Lever,
    LeverSpec,
    Operation,
    Scenario,
    Setting,
    Shape,
    Target,
    lever_id,
)

_LONGEST_LINE = 50
LONGEST_NAME = 120
_LEAST_GAP = 1e-9
Correlation = Annotated[float, Field(ge=-0.99, le=0.99)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Pull(_Part):
    """One lever as a workspace keeps it: where it acts and how far it is pulled."""

    topic: str
    field: str
    keys: tuple[str, ...] = ()
    operation: Operation
    value: float
    low: float | None = None
    high: float | None = None
    shape: Shape = "pert"

    @model_validator(mode="after")
    def _check(self) -> Pull:
        if (self.low is None) != (self.high is None):
            raise ValueError("low and high go together")
        if not self.setting.in_order:
            raise ValueError("low, value and high must be numbers in this order")
        return self

    @property
    def setting(self) -> Setting:
        """How far it is pulled."""
        return Setting(self.value, self.low, self.high, self.shape)

    def lever(self) -> Lever:
        """The lever of the models."""
        return Lever(Target(self.topic, self.field, self.keys), self.operation, self.value, self.setting)


class Variant(_Part):
    """A named scenario: its own levers by id over those of its parent; None lets go of an inherited one."""

    name: str = Field(min_length=1, max_length=LONGEST_NAME)
    description: str = Field(default="", max_length=2000)
    parent: str = ""
    archived: bool = False
    levers: dict[str, Pull | None] = {}


class Slide(_Part):
    """One slide of the story: an exhibit at a state, or words alone where `view` is "".

    The state is a scenario by its id, or the slide's own `levers` where they were no saved scenario; ""
    and None is the baseline. An empty title stands for the finding of the figure. Slides follow `place`.
    `written` says who writes the words left empty, anew each time: one of core/story.py's writers.
    """

    place: float = 0.0
    view: str = Field(default="", max_length=60)
    options: dict[str, str] = {}
    scenario: str = ""
    levers: dict[str, Pull] | None = None
    title: str = Field(default="", max_length=300)
    message: str = Field(default="", max_length=2000)
    notes: str = Field(default="", max_length=10_000)
    live: bool = False
    written: Literal["", "situation", "finding", "scenario", "ask"] = ""


class Document(_Part):
    """Everything of a workspace but the cells of its sheets, which are kept under their digests.

    `settings` are the assumptions entered in the program; they win over those of the sheets. `digest` is
    the portfolio's when it was saved, so that a later version of the program can tell if it reads differently.
    """

    version: Literal[1] = 1
    name: str = Field(default="", max_length=LONGEST_NAME)
    sheets: tuple[str, ...] = ()
    choices: Choices = Field(default_factory=Choices)
    settings: dict[str, str | float | None] = {}
    digest: str = ""
    scenarios: dict[str, Variant] = {}
    slides: dict[str, Slide] = {}
    correlations: dict[str, Correlation] = {}
    seed: int | None = Field(default=None, ge=0, lt=2**53)

    @field_validator("correlations")
    @classmethod
    def _pairs(cls, given: dict[str, float]) -> dict[str, float]:
        for pair in given:
            first, _, second = pair.partition("~")
            if not (first and second and first < second):
                raise ValueError("correlations are keyed by two lever ids in order, joined by ~")
        return given

    @model_validator(mode="after")
    def _parents(self) -> Document:
        for name in self.scenarios:
            line_of(self, name)
        return self

    def pairs(self) -> dict[tuple[str, str], float]:
        """Correlations by pair of lever ids."""
        return {(a, b): r for (a, _, b), r in ((pair.partition("~"), r) for pair, r in self.correlations.items())}


def line_of(document: Document, scenario: str) -> tuple[str, ...]:
    """A scenario and those it inherits from, itself first.

    Raises:
        ValueError: an unknown parent, or one that inherits from its own child.
    """
    line: list[str] = []
    while scenario:
        if scenario in line or len(line) > _LONGEST_LINE:
            raise ValueError(f"scenario {scenario} inherits from itself")
        if scenario not in document.scenarios:
            raise ValueError(f"scenario {scenario} is not in this workspace")
        line.append(scenario)
        scenario = document.scenarios[scenario].parent
    return tuple(line)


def levers_in(document: Document, scenario: str) -> dict[str, Pull]:
    """Every lever that is in force in a scenario, inherited ones included, by id."""
    found: dict[str, Pull | None] = {}
    for step in reversed(line_of(document, scenario)):
        found |= document.scenarios[step].levers
    return {key: pull for key, pull in found.items() if pull is not None}


def pull_from(lever: Lever) -> Pull:
    """A lever as a workspace keeps it."""
    setting = lever.setting or Setting(float(lever.value))
    target = lever.target
    low, high = setting.span if setting.is_range else (None, None)
    return Pull(
        topic=target.topic,
        field=target.field,
        keys=target.keys,
        operation=lever.operation,
        value=setting.likely,
        low=low,
        high=high,
        shape=setting.shape,
    )


def document_of(scenarios: Sequence[Scenario]) -> Document:
    """A document that holds scenarios from a file, under ids that follow their order."""
    variants = {
        f"{n:08x}": Variant(
            name=(scenario.name or str(n))[:LONGEST_NAME],
            description=scenario.description[:2000],
            levers={lever_id(lever.target, lever.operation): pull_from(lever) for lever in scenario.levers},
        )
        for n, scenario in enumerate(scenarios, 1)
    }
    return Document(scenarios=variants)


def pulls(settings: Mapping[str, Setting], specs: Sequence[LeverSpec]) -> dict[str, Pull]:
    """Settings of the data at hand as a workspace keeps them."""
    return {
        spec.id: pull_from(Lever(spec.target, spec.operation, settings[spec.id].likely, settings[spec.id]))
        for spec in specs
        if spec.id in settings
    }


# Changes: each gives a new document ---------------------------------------------------------------


def _with(document: Document, **changes: Any) -> Document:
    return Document.model_validate(document.model_dump() | changes)


def created(
    document: Document, name: str, wanted: Mapping[str, Pull] | None = None, parent: str = "", description: str = ""
) -> tuple[Document, str]:
    """The document with a new scenario under a new id; with a parent it keeps only what differs from it."""
    key = secrets.token_hex(4)
    variant = Variant(name=name[:LONGEST_NAME], description=description, parent=parent)
    grown = _with(document, scenarios={**document.scenarios, key: variant})
    return (with_levers(grown, key, wanted) if wanted is not None else grown), key


def with_levers(document: Document, scenario: str, wanted: Mapping[str, Pull]) -> Document:
    """The document in which exactly `wanted` is in force in a scenario; what its parent says too is inherited."""
    parent = document.scenarios[scenario].parent
    inherited = levers_in(document, parent) if parent else {}
    own: dict[str, Pull | None] = {key: pull for key, pull in wanted.items() if inherited.get(key) != pull}
    own |= {key: None for key in inherited if key not in wanted}
    return edited(document, scenario, levers=own)


def edited(document: Document, scenario: str, **changes: Any) -> Document:
    """The document with fields of one scenario changed."""
    variant = Variant.model_validate(document.scenarios[scenario].model_dump() | changes)
    return _with(document, scenarios={**document.scenarios, scenario: variant})


def copied(document: Document, scenario: str, name: str) -> tuple[Document, str]:
    """The document with a second scenario like one of its own."""
    key = secrets.token_hex(4)
    variant = document.scenarios[scenario].model_copy(update={"name": name[:LONGEST_NAME], "archived": False})
    return _with(document, scenarios={**document.scenarios, key: variant}), key


# The story ----------------------------------------------------------------------------------------


def slides_of(document: Document) -> dict[str, Slide]:
    """The slides by id, in their order."""
    return dict(sorted(document.slides.items(), key=lambda item: (item[1].place, item[0])))


def first_id(number: int) -> str:
    """The id of a slide of the first story."""
    return f"first{number}"


def told(document: Document, slides: Sequence[Slide]) -> Document:
    """The document with these slides as its story, in this order.

    Their ids follow the order, so that two who keep the same first story keep the same slides.
    """
    made = {first_id(n): s.model_copy(update={"place": float(n)}) for n, s in enumerate(slides)}
    return _with(document, slides=made)


def with_slide(document: Document, slide: Slide, after: str = "") -> tuple[Document, str]:
    """The document with one more slide, behind another one or at the end; and its id."""
    order = list(slides_of(document).items())
    places = [s.place for _, s in order]
    at = next((n for n, (key, _) in enumerate(order) if key == after), len(order) - 1)
    place = 0.0 if not order else places[at] + 1 if at == len(order) - 1 else (places[at] + places[at + 1]) / 2
    key = secrets.token_hex(4)
    return _with(document, slides={**document.slides, key: slide.model_copy(update={"place": place})}), key


def edited_slide(document: Document, key: str, **changes: Any) -> Document:
    """The document with fields of one slide changed.

    Raises:
        ValueError: no such slide.
    """
    if key not in document.slides:
        raise ValueError(f"slide {key} is not in this workspace")
    slide = Slide.model_validate(document.slides[key].model_dump() | changes)
    return _with(document, slides={**document.slides, key: slide})


def without_slide(document: Document, key: str) -> Document:
    """The document without a slide."""
    return _with(document, slides={k: s for k, s in document.slides.items() if k != key})


def moved_slide(document: Document, key: str, to: int) -> Document:
    """The document with a slide at another position, counted from 0; only that slide changes.

    Raises:
        ValueError: no such slide.
    """
    others = [s.place for k, s in slides_of(document).items() if k != key]
    to = min(max(to, 0), len(others))
    if not others:
        return document
    before, after = (others[to - 1] if to else others[0] - 2), (others[to] if to < len(others) else others[-1] + 2)
    if after - before < _LEAST_GAP:  # moved back and forth so often that no place is left between
        order = [k for k in slides_of(document) if k != key]
        order.insert(to, key)
        placed = {k: document.slides[k].model_copy(update={"place": float(n)}) for n, k in enumerate(order)}
        return _with(document, slides=placed)
    return edited_slide(document, key, place=(before + after) / 2)


# Versions: what differs, and how two become one ---------------------------------------------------


class _Missing(Enum):
    """Nothing there, as against the value None."""

    MISSING = "missing"


MISSING = _Missing.MISSING


@dataclass(frozen=True)
class Difference:
    """One place in which two documents differ; MISSING where one has nothing there."""

    path: tuple[str, ...]
    before: Any
    after: Any


def differences(before: Any, after: Any, path: tuple[str, ...] = ()) -> tuple[Difference, ...]:
    """Every place in which two JSON documents differ; dictionaries are gone into, lists are one value."""
    a_lever = len(path) == 4 and path[2] == "levers"  # changes as a whole: its range belongs to its value
    if a_lever or not (isinstance(before, dict) and isinstance(after, dict)):
        return () if before == after else (Difference(path, before, after),)
    return tuple(
        found
        for key in dict.fromkeys([*before, *after])
        for found in differences(before.get(key, MISSING), after.get(key, MISSING), (*path, key))
    )


_DATA = ("sheets", "choices")  # cells, mends and mappings mean nothing without the sheets they were made for


def merged(base: Document, mine: Document, theirs: Document) -> tuple[Document, tuple[Difference, ...]]:
    """Theirs with my changes since `base` on top, and the places both changed, where mine won.

    Sheets and choices go together. A scenario or slide that one removed and the other changed stays, as the other has it.

    Raises:
        ValueError: together they are no valid document.
    """
    old, own, other = (_apart(d) for d in (base, mine, theirs))
    changed, clashes = differences(old, own), {d.path: d for d in differences(old, other)}
    both: dict[tuple[str, ...], Difference] = {}
    for one in changed:
        met = [d for path, d in clashes.items() if path[: len(one.path)] == one.path or one.path[: len(path)] == path]
        both |= {d.path: d for d in met if _at(own, d.path) != d.after}
        whole = one.path[:2]
        if one.path[0] in ("scenarios", "slides") and len(one.path) > 2 and _at(other, whole) is MISSING:
            _put(other, whole, _at(own, whole))
        elif not (one.after is MISSING and one.path == whole and any(d.path[:2] == whole for d in met)):
            _put(other, one.path, one.after)
    (data,) = other.pop("data")
    return Document.model_validate(other | data), tuple(both.values())


def _apart(document: Document) -> dict[str, Any]:
    """A document as JSON with its data as one value, without the digest, which follows from them."""
    plain = document.model_dump(mode="json", exclude={"digest"})
    return plain | {"data": [{name: plain.pop(name) for name in _DATA}]}


def _at(document: Any, path: tuple[str, ...]) -> Any:
    for step in path:
        document = document.get(step, MISSING) if isinstance(document, dict) else MISSING
    return document


def _put(document: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    for step in path[:-1]:
        if not isinstance(document.get(step), dict):
            document[step] = {}
        document = document[step]
    if value is MISSING:
        document.pop(path[-1], None)
    else:
        document[path[-1]] = value


# A scenario as a file -----------------------------------------------------------------------------

_LEVER_KEYS = ("topic", "field", "keys", "operation", "value", "low", "high", "shape")


def scenario_yaml(variant: Variant, levers: Mapping[str, Pull]) -> str:
    """A scenario as YAML that the headless command, another workspace or a colleague can take in."""
    listed = [
        {key: value for key, value in pull.model_dump(mode="json").items() if value is not None}
        for pull in levers.values()
    ]
    data = {"name": variant.name, "description": variant.description, "levers": listed}
    return str(yaml.safe_dump(data, allow_unicode=True, sort_keys=False))


def parse_scenario(words: str, where: str) -> Scenario:
    """A scenario from YAML: `name`, `description` and `levers`, each with topic, field, keys, operation, value
    and, for a range, low, high and shape.

    Raises:
        ConfigError: naming the lever and what is allowed.
    """
    return _scenario(parse_yaml(words, where)[0], where)


def parse_scenarios(words: str, where: str) -> tuple[Scenario, ...]:
    """A list of scenarios from YAML, each as `parse_scenario` takes it.

    Raises:
        ConfigError: naming the lever and what is allowed.
    """
    data, _ = parse_yaml(words, where)
    if not isinstance(data, list):
        raise ConfigError(f"{where}: a list of scenarios is expected")
    return tuple(_scenario(item, where) for item in data)


def _scenario(data: Any, where: str) -> Scenario:
    if not isinstance(data, dict) or not isinstance(data.get("levers", []), list):
        raise ConfigError(f"{where}: a scenario has a name and a list of levers")
    levers = []
    for n, item in enumerate(data.get("levers") or [], 1):
        if not isinstance(item, dict) or set(item) - set(_LEVER_KEYS):
            raise ConfigError(f"{where}: lever {n}: allowed are {', '.join(_LEVER_KEYS)}")
        if item.get("operation") not in OPERATIONS:
            raise ConfigError(f"{where}: lever {n}: operation: allowed are {', '.join(OPERATIONS)}")
        if item.get("shape", "pert") not in SHAPES:
            raise ConfigError(f"{where}: lever {n}: shape: allowed are {', '.join(SHAPES)}")
        numbers = {key: item[key] for key in ("value", "low", "high") if item.get(key) is not None}
        if not isinstance(item.get("keys") or [], list):
            raise ConfigError(f"{where}: lever {n}: keys: must be a list")
        for key, number in {"value": None, **numbers}.items():
            if isinstance(number, bool) or not isinstance(number, int | float):
                raise ConfigError(f"{where}: lever {n}: {key}: must be a number")
        try:
            pull = Pull(
                topic=str(item.get("topic")),
                field=str(item.get("field")),
                keys=tuple(str(key) for key in item.get("keys") or ()),
                operation=item["operation"],
                shape=item.get("shape", "pert"),
                **numbers,
            )
        except ValueError as error:
            raise ConfigError(f"{where}: lever {n}: low, value and high must be in this order") from error
        levers.append(pull.lever())
    return Scenario(tuple(levers), str(data.get("name", "")), str(data.get("description", "")))
