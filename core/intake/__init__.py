"""Bytes of spreadsheets -> Portfolio: read, matched, checked; nothing is dropped unlisted."""

from __future__ import annotations

from pathlib import Path

from core.config import Config, load_config
from core.intake.checking import build
from core.intake.matching import Choices, Plan, Question, parse_choices, propose
from core.intake.reading import IntakeError, RawSheet, read_file
from core.portfolio import Portfolio

__all__ = [
    "Choices",
    "IntakeError",
    "Plan",
    "Question",
    "RawSheet",
    "build",
    "parse_choices",
    "propose",
    "read_file",
    "read_portfolio",
]


def read_portfolio(*files: str | Path, choices: Choices | None = None, config: Config | None = None) -> Portfolio:
    """The portfolio of one or more files, taking every suggestion that `choices` does not answer.

    Raises:
        IntakeError: a file that cannot be used, with the reason.
    """
    return read_with_questions(*files, choices=choices, config=config)[0]


def read_with_questions(
    *files: str | Path, choices: Choices | None = None, config: Config | None = None
) -> tuple[Portfolio, tuple[Question, ...]]:
    """As `read_portfolio`, with the questions a user would be asked."""
    config, choices = config or load_config(), choices or Choices()
    sheets: list[RawSheet] = []
    for file in map(Path, files):
        try:
            data = file.read_bytes()
        except OSError as error:
            raise IntakeError("not_found", str(file)) from error
        encoding = choices.encodings.get(file.name, "")
        sheets.extend(read_file(file.name, data, config.limits, encoding))
    return build(propose(sheets, choices))
