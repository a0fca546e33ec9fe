"""Words and formats: three languages that agree, money in k/M or 万/亿."""

from __future__ import annotations

import datetime as dt
import re
import string

import pytest

from core.figures.theme import DARK, LIGHT
from core.listings import _CROSSWALK
from core.models import chain, churn, markets, stages, value
from core.narrative import _RESULTS
from core.quantity import measures
from core.tables import ITEMS, LANGUAGES, TABLES, VOCABULARIES
from core.text import Text, load_words

ENGLISH = load_words("en")


def holes(words: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(words) if name}


@pytest.mark.parametrize("language", LANGUAGES)
def test_languages_agree_in_keys_and_placeholders(language):
    words = load_words(language)
    assert set(words) == set(ENGLISH)
    assert {k for k in words if holes(words[k]) != holes(ENGLISH[k])} == set()
    assert not [k for k, v in words.items() if not v.strip()]


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant"])
def test_chinese_is_chinese(language):
    names = re.compile(r"[A-Za-z]{4,}")
    allowed = {
        "Excel",
        "OpenDocument",
        "config",
        "yaml",
        "first",
        "Markov",
        "xlsx",
        "YAML",
        "PERT",
        "Shapley",
        "store",
        "workspace",
        "sixmarkets",
        "Letter",
        "PowerPoint",
        "Chrome",
        "Chromium",
        "Pango",
        "Debian",
        "libpango",
        "libpangoft",
    }
    for key, words in load_words(language).items():
        if key.startswith(("source.", "term.crosswalk", "method.crosswalk", "schema.", "term.link_")):
            continue
        left = set(names.findall(re.sub(r"\{.*?\}|<.*?>", "", words))) - allowed
        assert not left, f"{key}: {words}"


def test_traditional_is_not_a_character_swap():
    hans, hant = load_words("zh-Hans"), load_words("zh-Hant")
    assert (hans["scenario.title"], hant["scenario.title"]) == ("情景", "情境")
    assert (hans["glossary.lever"], hant["glossary.lever"]) == ("调节项", "調整項")
    assert (hans["glossary.segment"], hant["glossary.segment"]) == ("细分市场", "市場區隔")
    assert (hans["data.nav"], hant["data.nav"]) == ("数据", "資料")
    assert hant["glossary.distribution_market"] == "通路商市場"
    assert hant["glossary.map"] == "利害關係人地圖"


def test_every_key_that_the_code_builds_is_there():
    wanted = {f"item.{item}.{part}" for item in ITEMS for part in ("name", 1, 2, 3, 4)}
    wanted |= {f"tables.{name}" for name in TABLES} | {
        f"schema.type.{c.type}" for t in TABLES.values() for c in t.columns
    }
    wanted |= {f"term.{name}.{key}" for name, keys in VOCABULARIES.items() for key in keys}
    wanted |= (
        {f"term.link.{n}" for n in chain.LINKS}
        | {f"term.link_formula.{n}" for n in chain.LINKS}
        | {f"term.link_badge.{n}" for n in chain.LINKS}
    )
    wanted |= {f"term.chain_node.{n}" for edge in chain.EDGES for n in edge[:2]}
    wanted |= {f"term.credit.{n}" for n in churn.CREDITS} | {f"term.salience.{n}" for n in markets.SALIENCE}
    wanted |= {f"term.crosswalk.{k}" for keys in _CROSSWALK.values() for k in keys if k}
    types = [(t, c) for t, c in _RESULTS.items()]
    types += [
        ("markets", markets.Ownership),
        ("stages", stages.Investment),
        ("value", value.Sensitivity),
        ("value", value.Headroom),
    ]
    types += [("value", value.Decomposition), ("value", value.ValueMap), ("churn", churn.Retention)]
    for topic, kind in types:
        for item in measures(kind):
            wanted |= {
                f"measure.{topic}.{item.name}",
                f"unit.{item.metadata['unit']}",
                f"source.{item.metadata['source']}",
            }
    assert wanted - set(ENGLISH) == set()


def test_money_is_written_as_the_language_writes_it():
    en, hans, hant = (Text(language, "CNY") for language in LANGUAGES)
    assert en.money(1_234_567.8) == "CN¥1.23M" and en.money(98_765.4) == "CN¥98.8k"
    assert hans.money(1_234_567.8) == "¥123.5万" and hans.money(3.2e8) == "¥3.2亿"
    assert hant.money(1_234_567.8).endswith("123.5萬")
    assert hans.money(300_000) == "¥30万" and en.money(300_000) == "CN¥300k"
    assert en.money(float("nan")) == "–" and Text("en").money(30_000) == "30k"


def test_numbers_shares_and_dates():
    en, hans = Text("en"), Text("zh-Hans")
    assert en.percent(0.2654) == "26.5%" and en.number(7043) == "7,043"
    assert hans.date(dt.date(2025, 12, 31)) == "2025年12月31日"
    assert en.pair(1.238, 1.240, 2) == ("1.238", "1.240") and en.pair(1.0, 1.0, 2) == ("1.00", "1.00")
    assert en.change(-5000) == "−5k" and en.signed(-0.04, 1) in ("0.0", "−0.0")


def test_an_unknown_language_is_refused():
    with pytest.raises(ValueError, match="allowed are en"):
        Text("fr")


def luminance(color: str) -> float:
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("look", [LIGHT, DARK], ids=lambda look: look.name)
def test_text_colours_have_contrast(look):
    for color in (look.ink, look.muted, look.scenario, look.loss, look.gain, *look.markets):
        assert contrast(color, look.paper) >= (4.5 if color in (look.ink, look.muted, look.scenario) else 4.0), color


@pytest.mark.parametrize("look", [LIGHT, DARK], ids=lambda look: look.name)
def test_loss_and_baseline_differ_in_greyscale_from_ink(look):
    assert abs(luminance(look.loss) - luminance(look.ink)) > 0.1
    assert abs(luminance(look.baseline) - luminance(look.ink)) > 0.1
