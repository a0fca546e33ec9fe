"""Writes the sample company and the textbook case. Run as `python -m data.make_sample`.

One seed, one company, three languages: the numbers of the three workbooks are the same, only names
and headers differ. Everybody and everything in them is invented.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xlsxwriter
import yaml

from core.tables import ITEMS, LANGUAGES, MARKETS, TABLES

FOLDER = Path(__file__).resolve().parent
SEED = 20251231
Words = tuple[str, str, str]
Row = dict[str, Any]


def _w(text: str) -> Words:
    en, hans, hant = text.split("|")
    return en, hans, hant


PLACES = [
    _w(t)
    for t in (
        "Ningbo|宁波|寧波",
        "Suzhou|苏州|蘇州",
        "Wuxi|无锡|無錫",
        "Foshan|佛山|佛山",
        "Qingdao|青岛|青島",
        "Dalian|大连|大連",
        "Xiamen|厦门|廈門",
        "Hefei|合肥|合肥",
        "Jinan|济南|濟南",
        "Changsha|长沙|長沙",
        "Nantong|南通|南通",
        "Wenzhou|温州|溫州",
        "Taizhou|台州|台州",
        "Zhuhai|珠海|珠海",
        "Luoyang|洛阳|洛陽",
        "Weifang|潍坊|濰坊",
        "Yantai|烟台|煙台",
        "Shenyang|沈阳|瀋陽",
        "Baoding|保定|保定",
        "Kunshan|昆山|崑山",
    )
]
BRANDS = [
    _w(t)
    for t in (
        "Hengli|恒立|恆立",
        "Ruifeng|瑞丰|瑞豐",
        "Tianyu|天宇|天宇",
        "Jinshi|金石|金石",
        "Huatai|华泰|華泰",
        "Xinda|信达|信達",
        "Mingyuan|明远|明遠",
        "Kaida|凯达|凱達",
        "Zhongke|中科|中科",
        "Bohai|博海|博海",
        "Anshun|安顺|安順",
        "Lianchuang|联创|聯創",
        "Shengli|盛力|盛力",
        "Yongxin|永新|永新",
        "Dexin|德信|德信",
        "Haotian|昊天|昊天",
        "Fangyuan|方圆|方圓",
        "Jiahe|嘉禾|嘉禾",
        "Oubo|欧博|歐博",
        "Qiming|启明|啟明",
    )
]
TRADES = {
    0: [
        _w(t) for t in ("Machine Tools|机床|工具機", "Packaging Machinery|包装机械|包裝機械", "Robotics|机器人|機器人")
    ],
    1: [_w(t) for t in ("Paper|纸业|紙業", "Cement|水泥|水泥", "Steel|钢铁|鋼鐵", "Foods|食品|食品")],
    2: [_w(t) for t in ("Automation|自动化|自動化", "Engineering|工程|工程", "Systems|系统集成|系統整合")],
}
SEGMENTS = [
    _w(t)
    for t in (
        "Machine builders|设备制造商|設備製造商",
        "Plant operators|工厂用户|工廠用戶",
        "System integrators|系统集成商|系統整合商",
    )
]
OWNERS = [
    _w(t)
    for t in (
        "Chen Jing|陈静|陳靜",
        "Liu Yang|刘洋|劉洋",
        "Wang Min|王敏|王敏",
        "Zhao Lei|赵磊|趙磊",
        "Sun Fei|孙菲|孫菲",
        "Zhou Tao|周涛|周濤",
        "Lin Yue|林悦|林悅",
    )
]
REASON_TEXTS: list[tuple[Words, str, float]] = [
    (_w("Late deliveries too often|交货经常延误|交貨經常延誤"), "service", 0.16),
    (_w("After-sales service slow to respond|售后服务响应慢|售後服務回應慢"), "service", 0.16),
    (_w("Competitor offered a lower price|竞争对手价格更低|競爭對手價格更低"), "price", 0.19),
    (_w("Budget cut, cheaper alternative|预算缩减,改用便宜产品|預算縮減,改用便宜產品"), "price", 0.06),
    (_w("Product quality unstable|产品质量不稳定|產品品質不穩定"), "product", 0.11),
    (_w("Rival's servo technology more advanced|对手伺服技术更先进|對手伺服技術更先進"), "technology", 0.11),
    (_w("Plant relocated abroad|工厂迁往海外|工廠遷往海外"), "market", 0.06),
    (_w("Company closed down|企业停产倒闭|企業停產倒閉"), "market", 0.05),
    (_w("Objected to our environmental record|不认可我司环保表现|不認可我司環保表現"), "political", 0.04),
    (_w("Not known|不明|不明"), "unknown", 0.06),
]
STAKEHOLDERS: list[tuple[Words, str, str]] = [
    (_w(t), m, k)
    for t, m, k in (
        ("Shangang Special Steel|山钢特材|山鋼特材", "supplier", "goods_supplier"),
        ("Huaxin Magnetics|华芯磁材|華芯磁材", "supplier", "goods_supplier"),
        ("Kaibo Bearings|凯博轴承|凱博軸承", "supplier", "goods_supplier"),
        ("Runhe Electronics|润和电子|潤和電子", "supplier", "goods_supplier"),
        ("Jieda Logistics|捷达物流|捷達物流", "supplier", "service_supplier"),
        ("Yunqi Cloud|云启云服务|雲啟雲端", "supplier", "service_supplier"),
        ("Donghai Tooling|东海模具|東海模具", "supplier", "goods_supplier"),
        ("Lantian Test Lab|蓝天检测|藍天檢測", "supplier", "service_supplier"),
        ("Jiangbei Technical University|江北理工大学|江北理工大學", "supplier", "recruitment_source"),
        ("Weiguang Sensors|微光传感|微光感測", "supplier", "strategic_ally"),
        ("Field service team|现场服务部|現場服務部", "internal", "department"),
        ("Key-account team|大客户部|大客戶部", "internal", "department"),
        ("Production planning|生产计划部|生產計畫部", "internal", "department"),
        ("R&D centre|研发中心|研發中心", "internal", "department"),
        ("Call centre staff|客服中心员工|客服中心員工", "internal", "employee"),
        ("Warehouse staff|仓储员工|倉儲員工", "internal", "employee"),
        ("Servo business unit|伺服事业部|伺服事業部", "internal", "business_unit"),
        ("Finance department|财务部|財務部", "internal", "department"),
        ("Quality department|品质部|品質部", "internal", "department"),
        ("Nordwerk Drives|北欧传动|北歐傳動", "competitor", "competitor"),
        ("Qihang Motors|启航电机|啟航電機", "competitor", "competitor"),
        ("Lihua Gearing|力华齿轮|力華齒輪", "competitor", "competitor_ally"),
        ("Motor standards alliance|电机标准联盟|電機標準聯盟", "competitor", "competitor_ally"),
        ("Shenghe Servo|盛和伺服|盛和伺服", "competitor", "competitor_ally"),
        ("Tongli Reducers|同力减速机|同力減速機", "competitor", "competitor"),
        ("Export consortium|联合出口体|聯合出口體", "competitor", "competitor_ally"),
        ("Northern Dealers|北方经销|北方經銷", "distribution", "wholesaler"),
        ("Guangtong Industrial Supply|广通工业品|廣通工業品", "distribution", "wholesaler"),
        ("Xibu Electromechanical|西部机电|西部機電", "distribution", "wholesaler"),
        ("Gongpin Online Mall|工品商城|工品商城", "distribution", "retailer"),
        ("Huanan Agency|华南代理|華南代理", "distribution", "agent"),
        ("Vietnam agent Minh Phat|越南明发代理|越南明發代理", "distribution", "agent"),
        ("Zhongyuan Trading|中原商贸|中原商貿", "distribution", "wholesaler"),
        ("Haixi Parts|海西备件|海西備件", "distribution", "retailer"),
        ("Dongbei Dealers|东北经销|東北經銷", "distribution", "wholesaler"),
        ("Huaxin Bank|华信银行|華信銀行", "influence", "bank"),
        ("Provincial Quality Station|省质检总站|省質檢總站", "influence", "regulator"),
        ("Industry Bureau|市工信局|市工信局", "influence", "government"),
        ("Drives Weekly|传动周刊|傳動週刊", "influence", "media"),
        ("Machinery Association|机械行业协会|機械產業協會", "influence", "nonprofit"),
        ("Riverside Community|滨江社区|濱江社區", "influence", "community"),
        ("Green Rivers|绿色江河|綠色江河", "influence", "environment_group"),
        ("Founders' fund|创始股东基金|創始股東基金", "influence", "shareholder"),
        ("Changjiang Securities research|长河证券研究所|長河證券研究所", "influence", "analyst"),
        ("Credit Plus|信用评级中心|信用評級中心", "influence", "credit_agency"),
        ("Engineer Lu, referrer|陆工(推荐人)|陸工(推薦人)", "influence", "referrer"),
    )
]
ITEM_BASE = np.array([0.34, 0.28, 0.20, 0.14, 0.14, 0.08, -0.04, -0.06, -0.12, -0.16, -0.24, -0.3])
DIMENSION_OF_ITEM = np.repeat(np.arange(6), 2)


def _days(random: np.random.Generator, start: dt.date, end: dt.date) -> dt.date:
    return start + dt.timedelta(days=int(random.integers(0, (end - start).days + 1)))


def _customers(random: np.random.Generator) -> list[Row]:
    rows: list[Row] = []
    used = set()
    while len(rows) < 430:
        segment = int(random.choice(3, p=[0.42, 0.36, 0.22]))
        name = (int(random.integers(20)), int(random.integers(20)), segment, int(random.integers(3)))
        if name in used:
            continue
        used.add(name)
        parts = PLACES[name[0]], BRANDS[name[1]], TRADES[segment][name[3]]
        words = (" ".join(p[0] for p in parts), "".join(p[1] for p in parts), "".join(p[2] for p in parts))
        n = len(rows)
        joiner = n >= 400
        joined = (
            _days(random, dt.date(2025, 1, 10), dt.date(2025, 12, 10))
            if joiner
            else _days(random, dt.date(2014, 3, 1), dt.date(2024, 12, 20))
        )
        revenue = round(float(random.lognormal(11.55 + (0.25, 0.1, -0.2)[segment], 0.85)), -2)
        margin = round(float(np.clip(random.normal((0.24, 0.31, 0.2)[segment], 0.05), 0.05, 0.5)), 3)
        growth = float(np.clip(random.normal(1.02, 0.08), 0.7, 1.4))
        rows.append(
            {
                "customer": f"C{1001 + n}",
                "name": words,
                "segment": SEGMENTS[segment],
                "revenue": revenue,
                "revenue_end": round(revenue * growth, -2),
                "margin": margin if random.random() > 0.02 else None,
                "cost_to_serve": round(revenue * float(random.uniform(0.02, 0.06)), -2),
                "category_spend": round(revenue / float(random.uniform(0.2, 0.85)), -3)
                if random.random() > 0.15
                else None,
                "joined": joined,
                "tenure_months": round((dt.date(2025, 12, 31) - joined).days / 30.4375, 1),
                "owner": OWNERS[int(random.integers(7))] if random.random() > 0.03 else None,
                "orders": int(random.poisson(2.2)) + (0 if random.random() < 0.2 else 1),
                "_segment": segment,
            }
        )
    for row in rows[5:400:67]:
        row["revenue_end"] = None
    return rows


def _exits(random: np.random.Generator, customers: list[Row], quality: dict[str, float]) -> list[Row]:
    weight = np.exp([-4.0 * quality.get(c["customer"], 0.42) for c in customers[:400]])
    size = np.array([c["revenue"] for c in customers[:400]]) ** -0.15
    chosen = random.choice(400, 53, replace=False, p=weight * size / (weight * size).sum())
    rows = []
    shares = np.array([share for *_, share in REASON_TEXTS])
    for n in chosen:
        words = REASON_TEXTS[int(random.choice(len(REASON_TEXTS), p=shares / shares.sum()))][0]
        rows.append(
            {
                "customer": customers[n]["customer"],
                "date": _days(random, dt.date(2025, 1, 15), dt.date(2025, 12, 20)),
                "reason": words,
            }
        )
    rows.sort(key=lambda row: row["date"])
    rows[7]["reason"] = rows[31]["reason"] = None
    rows[12]["avoidable"] = False
    for row in rows:
        customers[int(row["customer"][1:]) - 1001]["revenue_end"] = None
    return rows


def _assessments(random: np.random.Generator, accounts: list[str]) -> tuple[list[Row], dict[str, float]]:
    rows: list[Row] = []
    latent = {a: float(np.clip(random.beta(1.9, 3.0), 0.05, 0.98)) for a in accounts}
    # a few accounts near the top, and some just under a band with their gates passed
    for account in accounts[:4]:
        latent[account] = 1.12
    for n, account in enumerate(accounts[4:22]):
        latent[account] = (0.56, 0.6, 0.42, 0.45)[n % 4] + 0.006 * (n % 5)
    tilt = {a: random.normal(0, 0.05, 6) for a in accounts}
    for round_, (start, end) in enumerate(
        ((dt.date(2025, 2, 17), dt.date(2025, 3, 14)), (dt.date(2025, 11, 3), dt.date(2025, 11, 28)))
    ):
        for n, account in enumerate(accounts):
            if round_ == 0 and n % 9 == 8:
                continue
            drift = (0.0, float(random.normal(0.025, 0.05)))[round_]
            level = latent[account] + tilt[account][DIMENSION_OF_ITEM] + ITEM_BASE * 0.7 + drift
            day = _days(random, start, end)
            for role, people, bias, chance in (
                ("sales_manager", OWNERS[n % 7], 0.04, 1.0),
                ("marketer", OWNERS[(n + 3) % 7], 0.0, 0.7),
                ("other_manager", OWNERS[(n + 5) % 7], 0.0, 0.25),
                ("customer", None, -0.03 if n % 6 else -0.22, 0.6),
            ):
                if random.random() > chance:
                    continue
                scores = np.clip(np.round(1 + 3 * (level + bias + random.normal(0, 0.07, 12))), 1, 4)
                answers: list[Any] = [int(s) for s in scores]
                if random.random() < 0.08:
                    answers[int(random.integers(12))] = None
                if n % 27 == 13:
                    answers[4:] = [None] * 8
                rows.append(
                    {
                        "account": account,
                        "rater_role": role,
                        "rater": people,
                        "date": day,
                        **dict(zip(ITEMS, answers, strict=True)),
                    }
                )
    return rows, latent


def _stakeholders(random: np.random.Generator, customers: list[Row], accounts: list[str]) -> list[Row]:
    rows: list[Row] = []
    by_id = {c["customer"]: c for c in customers}
    people: list[tuple[Words, str, str, str | None, float]] = [
        (
            by_id[a]["name"],
            "customer",
            "ultimate_customer" if by_id[a]["_segment"] == 1 else "intermediate_customer",
            a,
            by_id[a]["revenue"],
        )
        for a in sorted(accounts, key=lambda a: -by_id[a]["revenue"])[:14]
    ]
    scale = {"supplier": 900e3, "internal": 650e3, "competitor": 380e3, "distribution": 1.1e6, "influence": 800e3}
    people += [(words, market, kind, None, 0.0) for words, market, kind in STAKEHOLDERS]
    for n, (words, market, kind, customer, revenue) in enumerate(people):
        received = revenue * 1.0 if customer else round(float(random.lognormal(0, 0.75)) * scale[market], -3)
        given = round(received * float(np.clip(random.lognormal(-0.1, 0.35), 0.3, 2.2)), -3)
        base = {
            "customer": 6.3,
            "supplier": 6.4,
            "internal": 5.6,
            "competitor": 4.0,
            "distribution": 5.9,
            "influence": 4.9,
        }[market]
        trust = float(np.clip(random.normal(base, 1.5), 1, 9.5))
        commitment = float(np.clip(trust + random.normal(-0.3, 1.0), 0.8, 9.5))
        desired = float(np.clip(base + 1.9 + random.normal(0, 0.8), 3, 10))
        owner = OWNERS[n % 7] if market != "distribution" else OWNERS[(1, 1, 1, 5, 1, 2, 1, 6, 3)[n % 9]]
        first, last = dt.date(2025, 3, 10), dt.date(2025, 11, 20)
        for day in (first, last):
            late = day == last
            rows.append(
                {
                    "stakeholder": words,
                    "market": market,
                    "kind": kind,
                    "customer": customer,
                    "owner": owner if n % 19 != 7 else None,
                    "trust": round(float(np.clip(trust + late * random.normal(0.25, 0.6), 0.5, 10)), 1),
                    "commitment": round(float(np.clip(commitment + late * random.normal(0.2, 0.6), 0.5, 10)), 1),
                    "satisfaction": round(float(np.clip(trust + random.normal(0.4, 0.8), 0, 10)), 1),
                    "desired_strength": round(desired, 1),
                    "power": int(random.integers(2, 10)),
                    "interest": int(random.integers(1, 10)),
                    "legitimacy": bool(random.random() < 0.7),
                    "urgency": bool(random.random() < 0.35),
                    "value_given": given,
                    "value_received": received,
                    "as_of": day,
                }
            )
    for row in rows[33:35] + rows[86:88]:  # two whose strength nobody knows
        row["trust"] = row["commitment"] = None
    rows[41]["trust"], rows[41]["commitment"] = 8.5, 3.5
    rows[63]["value_given"] = rows[63]["value_received"] * 4.2
    for row in rows[50:52]:
        row["desired_strength"] = None
    for row in rows[70:72]:
        row["as_of"] = dt.date(2025, 3, 10) if row is rows[70] else dt.date(2025, 4, 30)
    return rows


def _links(random: np.random.Generator, rows: list[Row]) -> list[Row]:
    names = list(dict.fromkeys(row["stakeholder"] for row in rows))
    kinds = [
        _w(t)
        for t in (
            "supplies|供货|供貨",
            "finances|融资|融資",
            "advises|咨询|諮詢",
            "sells for|代销|代銷",
            "alliance|联盟|聯盟",
        )
    ]
    hubs = [
        names.index(words) for words, *_ in (STAKEHOLDERS[35], STAKEHOLDERS[39], STAKEHOLDERS[26], STAKEHOLDERS[11])
    ]
    pairs: set[tuple[int, int]] = set()
    while len(pairs) < 74:
        a = hubs[int(random.integers(4))] if random.random() < 0.6 else int(random.integers(len(names)))
        b = int(random.integers(len(names)))
        if a != b and (b, a) not in pairs:
            pairs.add((a, b))
    return [
        {
            "source": names[a],
            "target": names[b],
            "kind": kinds[int(random.integers(5))],
            "weight": round(float(random.uniform(0.2, 1)), 2),
        }
        for a, b in sorted(pairs)
    ]


def _contacts(random: np.random.Generator, rows: list[Row]) -> list[Row]:
    family = [
        _w(t)
        for t in ("Li|李|李", "Wu|吴|吳", "Gao|高|高", "He|何|何", "Xu|徐|徐", "Ma|马|馬", "Zhu|朱|朱", "Hu|胡|胡")
    ]
    title = [
        _w(t)
        for t in (
            "Purchasing|采购|採購",
            "Engineering|技术|技術",
            "Finance|财务|財務",
            "Production|生产|生產",
            "Management|管理层|管理階層",
        )
    ]
    roles = ("decides", "influences", "uses", "gatekeeps")
    found = []
    for n, row in enumerate(rows[1::2]):
        for k in range(1 if n % 6 == 4 else int(random.integers(2, 5))):
            f, t = family[(n * 3 + k * 5) % 8], title[(n + k) % 5]
            mark = "ABCDEFGH"[(n + 2 * k) % 8]
            found.append(
                {
                    "account": row["stakeholder"],
                    "person": (
                        f"{f[0]} {mark}.",
                        f"{f[1]}{'经理主任工总部'[(n + k) % 3 * 2 :][:2]}",
                        f"{f[2]}{'經理主任工總部'[(n + k) % 3 * 2 :][:2]}",
                    ),
                    "function": t,
                    "role": roles[(n + k) % 4] if random.random() > 0.06 else None,
                    "counterpart": row["owner"] or OWNERS[0],
                    "tie": int(random.integers(2, 10)),
                    "last_seen": _days(random, dt.date(2025, 5, 1), dt.date(2025, 12, 20)),
                }
            )
    return found


def _emphasis(random: np.random.Generator) -> list[Row]:
    current = dict(zip(MARKETS, (7.6, 5.6, 4.2, 2.8, 6.2, 3.6), strict=True))
    wish = dict(zip(MARKETS, (9.0, 6.6, 7.2, 4.6, 7.4, 6.4), strict=True))
    return [
        {
            "market": market,
            "rater": OWNERS[juror],
            "current": int(np.clip(round(current[market] + random.normal(0, 0.9)), 0, 10)),
            "desired": int(np.clip(round(wish[market] + random.normal(0, 0.7)), 0, 10)),
        }
        for juror in range(5)
        for market in MARKETS
    ]


VALUE_ROWS: list[
    tuple[Words, str, tuple[float, float, float], Words | None, float | None, float | None, str | None]
] = [
    (_w("Drive unit|驱动单元|驅動單元"), "core", (1000, 985, 1010), None, None, None, None),
    (_w("Delivery|送货|送貨"), "service", (30, 42, 24), None, None, None, None),
    (_w("Training|培训|培訓"), "service", (14, 12, 8), None, None, None, None),
    (_w("Maintenance|维护保养|維護保養"), "service", (46, 40, 22), None, None, None, None),
    (_w("Spare parts|零部件供应|零組件供應"), "service", (28, 30, 18), None, None, None, None),
    (_w("Information|信息与文件|資訊與文件"), "service", (10, 9, 6), None, None, None, None),
    (
        _w("Late delivery: lost service|延迟交付:服务损失|延遲交付:服務損失"),
        "service",
        (-150, -150, -150),
        _w("Late delivery|延迟交付|延遲交付"),
        0.12,
        0.12,
        None,
    ),
    (_w("Price|价格|價格"), "price", (800, 815, 745), None, None, None, None),
    (_w("Safety stock|安全库存|安全庫存"), "relationship_cost", (26, 20, 38), None, None, None, "direct"),
    (
        _w("Line stops|停线损失|停線損失"),
        "relationship_cost",
        (190, 190, 190),
        _w("Late delivery|延迟交付|延遲交付"),
        0.12,
        None,
        "direct",
    ),
    (
        _w("Handling complaints|投诉处理|客訴處理"),
        "relationship_cost",
        (95, 80, 110),
        _w("Mishandled complaint|投诉处理不当|客訴處理不當"),
        0.15,
        None,
        "indirect",
    ),
    (_w("Worry about supply|供货担忧|供貨擔憂"), "relationship_cost", (18, 10, 24), None, None, None, "psychological"),
]
OFFERS: list[Words] = [
    _w("ours|我方|我方"),
    _w("Nordwerk|北欧传动|北歐傳動"),
    _w("Qihang|启航电机|啟航電機"),
]


def _value() -> list[Row]:
    rows = []
    for s, segment in enumerate(SEGMENTS):
        scale, failure = (1.0, 1.12, 0.93)[s], (1.0, 1.25, 0.8)[s]
        for o, offer in enumerate(OFFERS):
            for words, kind, amounts, episode, chance, erosion, cost_kind in VALUE_ROWS:
                tilt = 1.0 + 0.02 * ((s + o) % 3 - 1) * (kind == "service")
                rows.append(
                    {
                        "segment": segment,
                        "offer": offer,
                        "component": words,
                        "kind": kind,
                        "amount": round(amounts[o] * scale * tilt, 0),
                        "probability": None if chance is None else round(chance * failure * (1, 0.5, 1.35)[o], 3),
                        "core_erosion": erosion,
                        "episode": episode,
                        "cost_kind": cost_kind,
                        "periods": 3 if kind != "price" and kind != "core" else 1,
                    }
                )
    return rows


def _ratings(random: np.random.Generator) -> list[Row]:
    attributes = [
        (_w("Reliability|可靠性|可靠性"), 0.35, (8.1, 8.6, 6.9)),
        (_w("Delivery on time|准时交付|準時交付"), 0.25, (6.4, 8.0, 6.1)),
        (_w("Service|服务|服務"), 0.25, (7.5, 7.4, 6.2)),
        (_w("Technical advice|技术支持|技術支援"), 0.15, (8.0, 7.2, 6.3)),
    ]
    return [
        {
            "segment": SEGMENTS[respondent % 3],
            "offer": offer,
            "attribute": words,
            "weight": weight,
            "rating": int(np.clip(round(means[o] + random.normal(0, 1.1)), 1, 10)),
            "respondent": f"R{respondent + 1:02d}",
            "price": (800, 815, 745)[o],
        }
        for respondent in range(24)
        for words, weight, means in attributes
        for o, offer in enumerate(OFFERS)
    ]


def _rest(random: np.random.Generator, customers: list[Row], accounts: list[str]) -> dict[str, list[Row]]:
    topics = [
        _w(t)
        for t in (
            "Delivery date|交货日期|交貨日期",
            "Spare parts|备件|備件",
            "Training|培训|培訓",
            "Price list|价格表|價格表",
        )
    ]
    touch: list[Row] = []
    for n in range(220):
        kind = ("promise", "delivery", "complaint", "feedback", "other")[
            int(random.choice(5, p=[0.28, 0.3, 0.14, 0.18, 0.1]))
        ]
        touch.append(
            {
                "date": _days(random, dt.date(2025, 1, 5), dt.date(2025, 12, 28)),
                "account": accounts[n % len(accounts)],
                "channel": ("sales", "mass", "direct", "public_relations", "service")[int(random.integers(5))],
                "direction": "in" if kind in ("complaint", "feedback") else "out",
                "kind": kind,
                "topic": topics[int(random.integers(4))],
                "outcome": int(np.clip(round(random.normal(0.4, 1.1)), -2, 2)) if kind != "promise" else None,
            }
        )
    touch.sort(key=lambda row: row["date"])
    running, planned = dt.date(2025, 7, 1), dt.date(2026, 3, 1)
    programs = [
        {
            "program": _w(t),
            "level": level,
            "fixed_cost": fixed,
            "cost_per_customer": each,
            "reach": reach,
            "reason": reason,
            "effect": effect,
            "start": start,
            "imitation_years": years,
        }
        for t, level, fixed, each, reach, reason, effect, start, years in (
            ("Volume rebate|年度返利|年度返利", 1, 60000, 900, 180, "price", 0.15, running, 1),
            ("Key-account managers|大客户经理制|大客戶經理制", 2, 240000, 1500, 60, "service", 0.25, running, 3),
            ("User club|用户俱乐部|用戶俱樂部", 2, 90000, 300, 200, "product", 0.08, planned, 3),
            ("Delivery window system|准时交付系统|準時交付系統", 3, 420000, 700, 120, "service", 0.35, planned, 6),
            ("Joint engineering lab|联合实验室|聯合實驗室", 3, 360000, 5000, 20, "technology", 0.4, planned, 6),
        )
    ]
    transactions = []
    for row in customers[:240]:
        for _ in range(int(random.integers(1, 6))):
            transactions.append(
                {
                    "customer": row["customer"],
                    "date": _days(random, dt.date(2025, 1, 3), dt.date(2025, 12, 30)),
                    "amount": round(row["revenue"] * float(random.uniform(0.08, 0.3)), -1),
                }
            )
    return {"touchpoints": touch, "programs": programs, "transactions": transactions}


def sample_rows() -> dict[str, list[Row]]:
    """Every table of the sample company; texts are (en, zh-Hans, zh-Hant)."""
    random = np.random.default_rng(SEED)
    customers = _customers(random)
    ranked = sorted(customers[:400], key=lambda c: -c["revenue"])
    accounts = [c["customer"] for c in ranked[:60]] + [c["customer"] for c in ranked[100:300:10]]
    assessments, latent = _assessments(random, accounts)
    exits = _exits(random, customers, latent)
    gone = {row["customer"]: row["date"] for row in exits}
    assessments = [row for row in assessments if row["date"] < gone.get(row["account"], dt.date.max)]
    for n, account in enumerate(accounts[::6]):
        row = next(c for c in customers if c["customer"] == account)
        row["target_stage"] = ("interdependent", "integrated", "cooperative")[n % 3]
    stakeholders = _stakeholders(random, customers, [a for a in accounts if a not in gone])
    settings = [
        {"setting": name, "setting_value": value}
        for name, value in (
            ("company", _w("Hailing Drives (sample)|海岭传动(示例)|海嶺傳動(範例)")),
            ("currency", "CNY"),
            ("period_start", "2025-01-01"),
            ("period_end", "2025-12-31"),
            ("period_months", "12"),
            ("margin", "0.25"),
            ("acquisition_cost", "48000"),
            ("discount_rate", "0.08"),
        )
    ]
    return {
        "settings": settings,
        "customers": customers,
        "exits": exits,
        "stakeholders": stakeholders,
        "links": _links(random, stakeholders),
        "contacts": _contacts(random, stakeholders),
        "emphasis": _emphasis(random),
        "assessments": assessments,
        "value": _value(),
        "ratings": _ratings(random),
        **_rest(random, customers, accounts),
    }


def textbook_rows() -> dict[str, list[Row]]:
    """6,000 customers of revenue 1,000 at 10 % margin, of whom 300 left for poor service."""
    customers = [{"customer": f"T{n:04d}", "revenue": 1000, "margin": 0.1} for n in range(1, 6001)]
    exits = [
        {"customer": f"T{20 * n:04d}", "reason": _w("Poor service quality|服务质量差|服務品質差")}
        for n in range(1, 301)
    ]
    return {"customers": customers, "exits": exits}


def write_workbook(path: Path, tables: dict[str, list[Row]], language: str) -> None:
    """One sheet a table, labelled in one language, only columns that hold something."""
    place = LANGUAGES.index(language)
    book = xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd", "strings_to_formulas": False})
    book.set_properties({"created": dt.datetime(2026, 1, 1)})
    head = book.add_format({"bold": True, "bg_color": "#E4E7EB", "bottom": 1})
    for name, rows in tables.items():
        table = TABLES[name]
        sheet = book.add_worksheet(table.label(language))
        columns = [c for c in table.columns if any(row.get(c.name) is not None for row in rows)]
        for j, column in enumerate(columns):
            sheet.write_string(0, j, column.label(language), head)
            width = 14
            for i, row in enumerate(rows, 1):
                cell = row.get(column.name)
                cell = cell[place] if isinstance(cell, tuple) else cell
                if cell is None:
                    continue
                width = max(width, min(len(str(cell)) * (1 if language == "en" else 2), 40))
                if isinstance(cell, dt.date):
                    sheet.write_datetime(i, j, dt.datetime(cell.year, cell.month, cell.day))
                else:
                    sheet.write(i, j, cell)
            sheet.set_column(j, j, width)
        sheet.freeze_panes(1, 0)
    book.close()


LATE, COMPLAINT, PRICE = (
    _w("episode:Late delivery|episode:延迟交付|episode:延遲交付"),
    _w("episode:Mishandled complaint|episode:投诉处理不当|episode:客訴處理不當"),
    _w("component:Price|component:价格|component:價格"),
)
# name, description, levers: topic, field, keys, operation, value, low, high
SCENARIOS: list[tuple[Words, Words, list[tuple[Any, ...]]]] = [
    (
        _w("On-time delivery|准时交付|準時交付"),
        _w(
            "The delivery window system works as the pilot plant suggests.|准时交付系统达到试点工厂的效果。"
            "|準時交付系統達到試點工廠的成效。"
        ),
        [
            ("value", "probability", (LATE,), "multiply", 0.5, 0.35, 0.8),
            ("stages", "dimension", ("reliability", "*"), "add", 0.2, 0.0, 0.3),
        ],
    ),
    (
        _w("Retention budget|挽留预算|挽留預算"),
        _w("Money where it saves most.|把钱花在挽留效果最好的地方。|把錢花在挽留成效最好的地方。"),
        [
            ("churn", "retention_spend", ("service",), "set", 100000, None, None),
            ("churn", "retention_spend", ("price",), "set", 50000, None, None),
            ("churn", "savable_share", ("service",), "set", 0.6, 0.4, 0.7),
        ],
    ),
    (
        _w("Price cut of 3 %|降价 3%|降價 3%"),
        _w("What sales asks for.|销售部门的要求。|業務部門的要求。"),
        [("value", "amount", (PRICE,), "multiply", 0.97, 0.96, 0.98)],
    ),
    (
        _w("Key-account care|大客户关怀|大客戶經營"),
        _w(
            "Better complaint handling and joint planning with the accounts that carry the margin.|改进投诉处理，与利润主力客户共同规划。"
            "|改善客訴處理，與獲利主力客戶共同規劃。"
        ),
        [
            ("value", "probability", (COMPLAINT,), "multiply", 0.6, 0.4, 0.9),
            ("stages", "dimension", ("integration", "*"), "add", 0.4, 0.1, 0.6),
            ("stages", "dimension", ("investment", "*"), "add", 0.3, 0.1, 0.5),
            ("markets", "trust", ("market:customer",), "add", 0.5, 0.25, 0.75),
        ],
    ),
]


def write_scenarios(path: Path, language: str) -> None:
    """The sample's scenarios in one language."""
    place = LANGUAGES.index(language)

    def said(word: Any) -> Any:
        return word[place] if isinstance(word, tuple) else word

    listed = [
        {
            "name": said(name),
            "description": said(description),
            "levers": [
                {
                    "topic": topic,
                    "field": field,
                    "keys": [said(key) for key in keys],
                    "operation": operation,
                    "value": value,
                    **({} if low is None else {"low": low, "high": high}),
                }
                for topic, field, keys, operation, value, low, high in levers
            ],
        }
        for name, description, levers in SCENARIOS
    ]
    path.write_text(yaml.safe_dump(listed, allow_unicode=True, sort_keys=False), encoding="utf-8")


def main(languages: Sequence[str] = LANGUAGES) -> None:
    """Write all workbooks beside this file."""
    rows = sample_rows()
    for language in languages:
        write_workbook(FOLDER / f"sample.{language}.xlsx", rows, language)
        write_scenarios(FOLDER / f"sample.{language}.scenarios.yaml", language)
    write_workbook(FOLDER / "textbook-6000-customers.xlsx", textbook_rows(), "en")


if __name__ == "__main__":
    main()
