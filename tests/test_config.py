"""config.yaml: frozen, validated, and clear about its line."""

from __future__ import annotations

import pytest

from core.config import CONFIG_PATH, ConfigError, parse_config, parse_yaml

WORDS = CONFIG_PATH.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "line_of", "said"),
    [
        ("  gate: 50", "  gate: 500", "  gate: 50", "less than or equal to 100"),
        ("  gate: 50", "  gatee: 50", "  gate: 50", "allowed are bands, gate"),
        ("owner_share_limit: 0.4", "owner_share_limit: much", "  owner_share_limit", "valid number"),
        ("definition: start ", "definition: end ", "  definition", "'start' or 'start_plus_joined'"),
    ],
)
def test_a_wrong_key_or_value_names_its_line_and_what_is_allowed(old, new, line_of, said):
    line = next(n for n, words in enumerate(WORDS.splitlines(), 1) if words.startswith(line_of))
    with pytest.raises(ConfigError) as error:
        parse_config(WORDS.replace(old, new, 1))
    assert f"line {line}" in str(error.value) and said in str(error.value)


def test_a_missing_part_is_named():
    with pytest.raises(ConfigError, match="limits: this key is missing"):
        parse_config(WORDS.split("limits:")[0])


def test_a_taxonomy_that_forgets_a_kind_is_refused():
    with pytest.raises(ConfigError, match="missing \\['analyst'\\]"):
        parse_config(WORDS.replace("shareholder, analyst, media", "shareholder, media", 1))


def test_bands_must_rise():
    with pytest.raises(ConfigError, match="must rise"):
        parse_config(WORDS.replace("cooperative: 25, interdependent: 58", "cooperative: 60, interdependent: 58"))


def test_config_cannot_be_changed(config):
    with pytest.raises(Exception, match="frozen"):
        config.stages.gate = 10


def test_hostile_yaml_is_refused():
    bomb = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]"
    with pytest.raises(ConfigError, match="line 2: aliases"):
        parse_yaml(bomb, "x.yaml")
    with pytest.raises(ConfigError, match="larger than"):
        parse_yaml("a: " + "x" * 300_000, "x.yaml")
    with pytest.raises(ConfigError):
        parse_yaml("[" * 30_000, "x.yaml")
