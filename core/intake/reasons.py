"""A company's own words for why customers leave -> the seven reason keys, as a suggestion."""

from __future__ import annotations

import re

from core.intake.meaning import meant
from core.intake.values import normal, parse_key

# First match wins: what leaves no choice (moved, died) before what the firm could have changed;
# service words before price and product, since "service charge" complaints are rare against
# "attitude of service provider".
_CLUES: tuple[tuple[str, str], ...] = (
    (
        "market",
        r"moved|deceas|died|death|relocat|bankrupt|closed (down|business)|out of business|"
        r"closed$|sold (the |their )?(car|vehicle|house|business)|liquidat|left the (region|area|market)|no longer needed|retired|merger|acquired by|"
        r"搬|迁|移居|出国|毕业|去世|死亡|倒闭|破产|停业|关闭|离开(市场|地区|本地)|注销|转行|被收购|退休|歇业|停产",
    ),
    (
        "unknown",
        r"don'?t know|unknown|not known|no reason|^other$|^others$|unspecified|n/?a$|"
        r"不明|未知|不详|不清楚|其他|其它|无原因|未说明",
    ),
    (
        "political",
        r"ethic|conduct|scandal|pollut|politic|boycott|environment|social responsib|labou?r "
        r"practice|privacy|trust in (the )?(firm|company)|"
        r"社会责任|污染|抵制|丑闻|企业行为|政治|环保|伦理|道德|价值观",
    ),
    (
        "service",
        r"attitude|claims?|teacher|service|support|self-service|expertise|complaint|delivery|late|slow "
        r"response|response time|staff|communication|billing error|account manager|after-?sales|help ?desk|hotline|"
        r"faults? .*(repair|fix|open)|not (repaired|fixed)|repair|unreachable|unfriendly|"
        r"服务|讲课|教学|老师|理赔|态度|客服|投诉|交付|交货|延误|延迟|售后|响应|沟通|不专业|物流|送货|配送",
    ),
    (
        "technology",
        r"technolog|device|download speed|higher .*speed|newer|outdated|obsolete|digital|"
        r"platform|integration|compatib|upgrade|innovation|network reliab|"
        r"技术|设备|性能|系统|落后|过时|网速|平台|兼容|数字化|升级|更先进|替代",
    ),
    (
        "price",
        r"price|pricing|\brates?\b|premium|charge|expens|cheap|cost|fee|offer|afford|discount|budget|tariff|"
        r"价|资费|保费|费用|费率|贵|便宜|优惠|折扣|预算|成本",
    ),
    (
        "product",
        r"product|quality|damaged|defect|range|feature|data|function|reliab|fit|assortment|variety|"
        r"产品|信号|收益|质量|品质|功能|品种|缺陷|不合适|规格|型号",
    ),
)


# A company's own grouping before its detail: Technology - moved to Teams Phone.
_GROUPED = re.compile(r"\s*([^-–—:：/|,，(（]{2,24}?)\s*[-–—:：/|(（]")


def suggest_reason(text: str) -> tuple[str, bool]:
    """The likeliest reason key for a text, and whether the text names it outright.

    The second is False for a guess from clue words, which the user is asked to confirm; a text
    without any clue is suggested as `unknown`.
    """
    key = parse_key(text, "reason")
    if key:
        return key, True
    group = _GROUPED.match(text)
    if group and (key := parse_key(group[1], "reason")):
        return key, False
    folded = text.casefold()
    for reason, clues in _CLUES:
        if re.search(clues, folded) or re.search(clues, normal(text)):
            return reason, False
    return meant(text, "reason") or "unknown", False
