"""What a column may be where no word of its header is known: by the roots of its name, by what its cells hold, and by
which rows are filled.

退卡缘由 and 不订了的原因 are made of a root of leaving and a root of reason; "Eff. date" and "Why" stand beside a column
of leaving and are filled on the rows of those who left, and on no other. Such a guess is taken only where the cells
agree, and the user is asked.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa

from core.intake.concepts import LEFT
from core.intake.headers import Header, is_no_amount, levels, year_of
from core.intake.reading import RawColumn, RawSheet
from core.intake.values import (
    PLAIN_FLAGS,
    answered,
    half_width,
    header_core,
    is_inverse,
    is_no_reason,
    is_total,
    normal,
    parse_flag,
    parse_key,
    to_dates,
    to_numbers,
    uncounted,
    with_year,
)

CONFIDENCE = 0.8
_ROWS = 400  # looked at, spread over the sheet
_ANY_YEAR = 2000  # a leap year
_NAMED = 4  # different customers of another sheet that a column names at least
_MONEY = re.compile(r"[元$€£¥￥]|usd|eur|rmb|cny|gbp|hkd|ntd|twd", re.I)

# Roots of leaving. Most Chinese ones are common elsewhere too: 销 is in 销售, 流 in 物流.
_GO = (
    rf"{LEFT}|退(?![款货税换休伍])|停(?!车)|(?<!距)离(?![职异婚休散])|断(?!货)|撤|弃|闭(?!环)|搬|迁|(?<![开促直分营经推报核])销(?![售量额路])|脱(?!敏)|"
    r"失(?![信败误眠])|丢|(?<![物交主潮客引分])流(?![水量程转通])|(?<!了)解(?![决释答说])|终(?!端)|除(?![税外了])|转[走出校网投会学]|不再|不[续订做租用]"
)
_GO_EN = (
    r"leav|left|lost|loss|laps|churn|cancel|terminat|clos(ed|ure|ing)|exit|quit|gone|vacat|moveout|movedout|checkout|"
    r"checkedout|engagementend|disengag|deactiv|inactiv|switch|withdr|dropp?ed|drop(out|off)|depart|stopp|resign|nonrenew|"
    r"notrenew|unsub|discontinu|sign(ed)?off|opt(ed)?out|offboard|disconnect|attrit|ended|endedon"
)
_WENT = rf"{_GO}|{_GO_EN}"
_STAYED = r"是否[仍还]?在[\u4e00-\u9fff]{1,2}$|[还仍正]在|在[订用约读学租网册保住管籍]|续[约费保班签租订]?(情况|与否|否|状态|吗|了?没有?)|留存|still|renew|retain|activ(?!at)"
_WHY = r"原因|缘由|事由|理由|因由|因素|为何|为什么|why|reason|cause"
_NO_STATE = "支付|付款|订单|物流|发票|设备|审核|婚|pay|order|invoice|ticket|deliver|marital|stock"
_STATE = r"状态|状况|现状|现况|情况|情形|身份|status|state$|standing|flag$|否$|吗$"

# What the goods cost is in the margin already.
OF_GOODS = r"(?:销售|主营|营业|进货|采购|商品|产品|材料|生产)(?:业务)?成本|cogs|costof(?:goods|sales)"

_NOT_NAMED = r"联系|家长|经理|负责|产品|商品|品牌|文件|地址|电话|邮|备注|(?<!宝)号$|类|型|contact|manager|product|brand|file|owner$|rep$|first|last|address|mail|phone|note|parent|type|code|no$|id$"


@dataclass(frozen=True)
class _Rule:
    """A field, what a header that may mean it looks like, what it must not hold, and what its cells must be."""

    name: str
    shape: str
    never: str
    cells: str


_RULES = tuple(
    _Rule(*rule)
    for rule in (
        (
            "churned",
            rf"^(?!.*({_WHY}|日期?$|时间$|date$)).*({_WENT}|{_STAYED})",
            r"率|险|预警|倾向|可能|意向|预测|投诉|打算|挽|避免|risk|prob|score|predict|intent|likel|saved|complain",
            "flags",
        ),
        ("churned", _STATE, _NO_STATE, "states"),
        (
            "date",
            rf"({_WENT})",
            r"到期|届满|离职|关注|停车|投诉|工单|complain|ticket|case|refund|expir|birth|station|location|since|加入|开始",
            "few dates",
        ),
        (
            "reason",
            rf"(?=.*({_WENT})).*({_WHY})|为(何|什么)|why|reasons?for",
            "code|编码|投诉|complain|refund",
            "few words",
        ),
        ("churned", _STATE, _NO_STATE, "standing"),
        (
            "avoidable",
            r"([能可]否|能不能|可不可|是否可|还能|可以|机会|可能|希望).{0,3}([留挽避救保]|争取)|挽[回留救]|avoid|prevent|sav(e)?able|recover|(have|be)(been)?(saved|kept)",
            "",
            "flags",
        ),
        (
            "customer",
            r"(号码?|编码|代码|编号|代号|[客户店会学卡]编|id|no|number|nr|code|ref|reference|key)$",
            r"手机|电话|联系|身份|证件|传真|车牌|银行|发票|合同|订单|快递|运单|提单|物流|统一编号|统编|税|信用代码|序号|行号|房号|邮|登记|phone|mobile|tel|fax|zip|invoice|order|"
            r"contract|vin|plate|tax|postcode|mpan|registration|unitno",
            "keys",
        ),
        (
            "customer",
            r"(合同|合约|保单|档案|contract|policy|agreement|file).{0,2}(号码?|编号|id|no|number|nr|ref)$",
            "",
            "keys",
        ),
        ("name", r"(姓名|名称|全称|简称|name)$", _NOT_NAMED, "texts"),
        (
            "name",
            r"名|称|宝号|户|单位|客|公司|学员|学生|会员|患者|店|name|client|customer|tenant|member|patient|guest|account|company|premises|business|organi|household|student|subscriber",
            _NOT_NAMED,
            "words",
        ),
        (
            "acquisition_cost",
            r"(获客|招|拉新|拓客|开发|推广|揽|获取|引流|新客|拓展).{0,4}(成本|费用?|支出)|cost.*(acqui|win|land|attract|signup)|(acqui|win|sales|onboard|setup|marketing).*cost|cac",
            "招待|率|rate|share",
            "numbers",
        ),
        (
            "cost_to_serve",
            r"成本|人工|工时费|油费|维修费|维护费|配送费|物流费|服务费用|耗材|支出|开支|cost|labou?r|expense|materials|chemicals",
            rf"{OF_GOODS}|率|占|单位|获|招|拓|推广|我方|客户方|rate|share|unit|perunit|acqui|win|land|price|costc|replace|switch",
            "numbers",
        ),
        (
            "category_spend",
            r"(总|全部|整体|一年)[\u4e00-\u9fff]{0,4}采购|采购总|total[a-z]*(spend|budget)|(spend|spent|buy|bought)[a-z]*inall|(spend|buy)[a-z]*(everyone|everybody|allsuppliers)|(全部|总|一共).{0,6}(花费|开销)",
            "率|占|我方|从我|积分|with(us|you)|share|point",
            "money",
        ),
        (
            "revenue",
            r"开票|额|费|款|收入|营收|产值|消费|贡献|流水|业绩|充值|实收|租|缴|revenue|sales|spen[dt]|fees?|bill|rent|amount|paid|"
            r"income|value|premium|collected|recurring|turnover|charges|worth|invoiced|received|takings",
            r"率|占|目标|预算|预测|去年|上年|应收|欠|余|押|定金|成本|人工|费用|折扣|优惠|单价|均价|税|资产|存款|贷|授信|额度|限额|赔|补|罚|"
            r"代支|代收|代付|返现|返利|滞纳|退|付款|缴费?(方式|日|期)|费率|积分|名额|"
            r"cost|labou?r|expense|target|budget|forecast|balance|deposit|discount|price|tax|limit|loan|average|avg|lifetime|"
            r"refund|owed|owing|arrear|overdue|credit|cashback|rebate|outstanding|last(year|yr)|prior|method|address|date|rep$|cycle|mileage",
            "money",
        ),
        (
            "orders",
            r"(次数|单数|笔数|趟数?|单量|次|频次)$|到店|来店|visits|times$|bookings|jobs|trips|treatments|appointments|orders|purchases|deliveries|pickups|rentals|shipments|transactions|boxes|(shipped|delivered|ordered)$",
            "项次|名次|班次|场次|[投客申]诉|抱怨|工单|请假|缺[勤席课]|逾期|催|失败|违约|登录|咨询|退|故障|报修|报障|迟到|末次|上次|首次|complain|call|login|late|cancel|missed|noshow|last|first|value|amount",
            "counts",
        ),
        (
            "joined",
            r"入|购|开|初|首|起|签|办|报名|加|投保|进|接|上线|交房|交付|启|委|聘|成为|注册|合作|since|start|join|open|sign|first|beg[ai]n|onboard|regist|movein|movedin|commenc|engag|instal|enrol|creat|inception|from$|activat",
            r"出生|生日|最近|最后|末|上次|更新|到期|开票|付款|截止|下次|续|回访|公司注册|成立|报告|访|birth|last|recent|next|renew|expir|due|updat|end|until|incorporat|founded|report|invoice|contacted|visit",
            "dates",
        ),
        (
            "tenure_months",
            r"months?(with|as|since|on|customer|client|member)|^(合作|在网|入会|服务|使用|客户)?月数|(合作|在网|入会|服务|使用).{0,2}(几个?月|月份数)",
            "last|到期|剩余|left|remaining",
            "counts",
        ),
        (
            "owner",
            r"经理|顾问|专员|负责|管家|教练|主管|跟进|对接|同事|导师|客服|[学班]管|[老教医技理美发]师|医生|业务(员|代表|担当)?$|manager|mgr|rep$|advis[eo]r|consultant|"
            r"executive|agent$|lead$|partnerincharge|incharge|handler|handled|servedby|assigned|staff|coach|trainer|stylist|csm|^a[em]$|kam$",
            "总经理|财务|联系|电话|他方|对方|general|finance|their|contact|date|phone|agency",
            "people",
        ),
        (
            "segment",
            r"类型?|[场所卡班客组]别|型$|级|性质|行业|业态|[卡险车机房]种|套餐|版本|年级|分组|品类|客群|type|tier|sector|level|grade|class|group|tariff|plan$|package|category|industry|entity|programme?$|size$|kind|trade$|field$",
            r"支付|付款|缴费|证件?|设备|原因|血|票|日期|时间|付费|payment|device|reason|blood|contact|case|billing|id$|risk|churn|date|pay",
            "groups",
        ),
    )
)
_NAME = re.compile(r"(姓名|名称?|name)$")
_STAND_IN = re.compile(rf"{_NAME.pattern}|手机|电话|phone|mobile")
_CARRIED = frozenset(("churned", "date", "reason", "avoidable"))  # of the exits that a customer list carries
_OF_EXITS = frozenset(("churned", "date", "reason", "avoidable", "customer", "revenue"))
_BEFORE = re.compile(r"notice|request|recei|warn|contact|call|visit|通知|申请|提出|联系|回访|预告")
NOT_FIRST = re.compile(next(rule.never for rule in _RULES if rule.name == "joined"))


class Cells:
    """Some cells of a column, spread over the sheet, and what they hold."""

    def __init__(self, texts: Sequence[str], name: str) -> None:
        self.filled = np.array([bool(text) and not is_no_reason(text) for text in texts], dtype=bool)
        self.filled_share = float(self.filled.mean()) if len(texts) else 0.0
        self.all = list(texts)
        self.texts = [text for text in texts if text]
        self.share = len(self.texts) / max(len(texts), 1)
        self.different = len(set(self.texts)) / max(len(self.texts), 1)
        self.money_named = bool(_MONEY.search(half_width(name)))

    @cached_property
    def column(self) -> RawColumn:
        """The cells as texts."""
        return RawColumn({"t": pa.array(self.texts, pa.string())}, len(self.texts))

    @cached_property
    def numbers(self) -> np.ndarray:
        """The cells as numbers; empty where a tenth of them is none.

        What a program wrote as a number and what a hand typed may put their points in different ways.
        """
        column = answered(self.column)
        read = to_numbers(column, money=True)
        values, bad = read.values, read.bad
        if 0.1 * len(bad) < bad.sum() <= 0.6 * len(bad):
            places = np.flatnonzero(bad)
            rest = to_numbers(RawColumn({"t": column.arrays["t"].take(pa.array(places))}, len(places)), money=True)
            values, bad = values.copy(), bad.copy()
            values[places], bad[places] = rest.values, rest.bad
        return values[~bad] if bad.sum() <= 0.1 * len(self.texts) else np.empty(0)

    @cached_property
    def dates(self) -> bool:
        """Whether most of them are dates; the others are listed when they are read."""
        bad = to_dates(with_year(self.column, _ANY_YEAR)[0], None)[1]
        return not len(self.numbers) and bool(self.texts) and bool(bad.sum() <= 0.35 * len(self.texts))

    @property
    def wordy(self) -> bool:
        """Whether they are words."""
        return bool(self.texts) and not len(self.numbers) and not self.dates

    @property
    def serial(self) -> bool:
        """Whether they number the rows."""
        steps = np.diff(self.numbers)
        return len(steps) > 0 and bool((steps == 1).mean() > 0.9) and self.numbers[0] <= 1

    def are(self, kind: str, everybody_left: bool) -> bool:
        """Whether they are what a rule asks for."""
        words = set(self.texts)
        few = everybody_left or self.share < 0.75
        if not words:
            return False
        match kind:
            case "flags":
                return all(parse_flag(word) is not None for word in words)
            case "states":
                told = [parse_flag(text) for text in self.texts]
                known = sum(flag is not None for flag in told)
                plain = {normal(word) for word in words} <= PLAIN_FLAGS  # of what, only the user can say
                return not plain and len(words) <= 8 and any(told) and known >= 0.6 * len(told)
            case "few dates":
                return few and self.dates
            case "few words":
                return few and self.wordy and not all(parse_flag(word) is not None for word in words)
            case "keys":
                return self.share > 0.95 and self.different == 1 and not self.dates and not self.serial
            case "texts":
                return self.share > 0.9 and self.different > 0.5 and self.wordy
            case "words":
                digits = sum(bool(re.search(r"\d", text)) for text in self.texts)
                return self.share > 0.9 and self.different > 0.85 and self.wordy and digits < 0.5 * len(self.texts)
            case "numbers":
                return len(self.numbers) > 0
            case "money":
                positive = len(self.numbers) > 0 and (self.numbers < 0).mean() <= 0.05 and not self.serial
                return positive and (self.money_named or self.numbers.max() > 50)
            case "counts":
                read = to_numbers(uncounted(self.column))
                values = read.values[~read.bad]
                many = len(values) > 0.9 * len(self.texts)
                return many and bool((values == np.round(values)).all()) and not self.money_named
            case "dates":
                return self.share > 0.8 and self.dates
            case "groups":
                flags = {normal(word) for word in words} <= PLAIN_FLAGS
                return self.wordy and not flags and 1 < len(words) <= 15 and self.different <= 0.5
            case "people":
                return self.wordy and len(words) > 1 and self.different <= 0.6
        raise ValueError(kind)


class Looked:
    """The columns of a sheet with what they hold, looked at once.

    `customers` are the numbers and names of customers that other sheets list.
    """

    def __init__(self, sheet: RawSheet, header: Header, customers: Collection[str] = ()) -> None:
        self.sheet, self.header, self.customers = sheet, header, customers
        places = [p for p, name in enumerate(header.names) if name and p < len(sheet.columns)]
        # of the same thing in two years the latest comes first
        places.sort(key=lambda p: -year_of(header.names[p]))
        self.cores = {p: header_core(header.names[p]) for p in places}
        self.names = {p: normal(header.names[p]) for p in places}  # with the unit that stands in brackets
        self._cells: dict[int, Cells] = {}
        count = max(sheet.rows - header.first_row, 0)
        lines = [sheet.line(row) for row in range(header.first_row, sheet.rows, max(count // _ROWS, 1))]
        filled = [sum(map(bool, line)) for line in lines]
        usual = float(np.median(filled)) if filled else 0
        # remarks, headings, sums and empty lines between the rows are none of them
        self._lines = [
            line
            for line, many in zip(lines, filled, strict=True)
            if many > 0.3 * usual and not any(map(is_total, filter(None, line[:3]))) and not self._repeats(line, many)
        ]

    def _repeats(self, line: Sequence[str], filled: int) -> bool:
        """Whether a line is the header once more, as on each page of a print."""
        same = sum(bool(cell) and cell in levels(name) for cell, name in zip(line, self.header.names, strict=False))
        return same >= max(3, 0.6 * filled)

    def cells(self, position: int) -> Cells:
        """The cells of a column."""
        if position not in self._cells:
            texts = [line[position].strip() if position < len(line) else "" for line in self._lines]
            self._cells[position] = Cells(texts, self.header.names[position])
        return self._cells[position]

    def amounts(self, position: int) -> np.ndarray:
        """The cells of a column as numbers, one a row, nan where there is none."""
        cells = self.cells(position)
        column = RawColumn({"t": pa.array(cells.all, pa.string())}, len(cells.all))
        return to_numbers(column, money=True).values

    def of_years(self, position: int) -> dict[int, int]:
        """The columns that say the same of different years: year -> position."""
        name = _yearless(self.header.names[position])
        return {year_of(self.header.names[p]): p for p in self.cores if _yearless(self.header.names[p]) == name}

    def names_customers(self, position: int) -> bool:
        """Whether a column names customers that another sheet lists."""
        words = {normal(text) for text in self.cells(position).texts} if self.customers else set()
        return len(words) >= _NAMED and sum(word in self.customers for word in words) >= 0.6 * len(words)

    @cached_property
    def naming(self) -> tuple[int, ...]:
        """The columns that name customers of another sheet."""
        return tuple(p for p in sorted(self.cores) if self.names_customers(p))

    def left(self, columns: Mapping[int, tuple[str, float]]) -> np.ndarray | None:
        """The rows that left, by the columns known so far; None where no row or nearly every one did."""
        places = {target: p for p, (target, _) in columns.items()}
        for target in ("exits.date", "exits.churned", "exits.reason"):
            if target not in places:
                continue
            cells = self.cells(places[target])
            found = cells.filled
            if target == "exits.churned":
                stayed = is_inverse(self.header.names[places[target]])
                found = np.array([parse_flag(text) is (not stayed) for text in cells.all], dtype=bool)
            if 0 < found.mean() < 0.75:
                return found
        return None


def _yearless(header: str) -> str:
    return re.sub(r"\d|[上本去今当][年期]|\b(last|this|prior|previous|current)\b( year)?", "", header, flags=re.I)


def _alike(one: np.ndarray, left: np.ndarray) -> bool:
    """Whether a column is filled on the rows of those who left, with gaps, and hardly on another."""
    return bool(one.sum() >= 2 and (one & left).sum() >= 0.9 * one.sum() and one.sum() >= 0.4 * left.sum())


def guessed(looked: Looked, table: str, columns: Mapping[int, tuple[str, float]]) -> dict[int, tuple[str, float]]:
    """The plan of a list of customers or of exits with what its other columns may be: position -> (target, confidence).

    A name or a telephone number that serves as the key gives way to a number that is the better one; a name without
    any key becomes it.
    """
    found = dict(columns)
    if table not in ("customers", "exits"):
        return found
    for rule in _RULES:
        if table == "exits" and (rule.name not in _OF_EXITS or (rule.name == "churned" and all_say(looked, found))):
            continue
        target = f"{'exits' if rule.name in _CARRIED else table}.{rule.name}"
        place = next((p for p, (known, _) in found.items() if known == target), None)
        if place is not None and not (rule.name == "customer" and _gives_way(looked, place)):
            continue
        free = [p for p in looked.cores if p not in found]
        position = _first(looked, free, rule, table == "exits") if rule.cells != "standing" else None
        if position is None and rule.name in ("date", "reason"):
            position = _beside(looked, free, rule, found)
        if rule.cells == "standing":
            position = next((p for p in free if _stands_for(looked, p, rule, found)), None)
        if position is None and rule.name == "joined":
            position = _only_date(looked, free)
        if position is None:
            continue
        if place is not None:
            found.pop(place)
            if table == "customers" and "customers.name" not in _targets(found) and looked.cells(place).wordy:
                found[place] = ("customers.name", columns[place][1])
        found[position] = (target, CONFIDENCE)
    return found


def all_say(looked: Looked, columns: Mapping[int, tuple[str, float]]) -> bool:
    """Whether each row of a list of exits says when or why: then a flag beside them is about something else."""
    told = [looked.cells(p).filled for p, (t, _) in columns.items() if t in ("exits.date", "exits.reason")]
    return bool(told) and bool(np.any(told, axis=0).mean() > 0.8)


def keyed(columns: Mapping[int, tuple[str, float]]) -> dict[int, tuple[str, float]]:
    """The plan of a list of customers, its names as the key where it has no other."""
    if "customers.customer" in _targets(columns):
        return dict(columns)
    return {p: (t.replace("customers.name", "customers.customer"), share) for p, (t, share) in columns.items()}


def _gives_way(looked: Looked, place: int) -> bool:
    """Whether a key is a name or a telephone number, as a better one may stand beside it."""
    core = looked.cores.get(place, "")
    coded = sum(bool(re.search(r"\d", text)) for text in looked.cells(place).texts)
    return bool(_STAND_IN.search(core)) or (looked.cells(place).wordy and coded < 0.1 * len(looked.cells(place).texts))


def _first(looked: Looked, free: Sequence[int], rule: _Rule, everybody_left: bool) -> int | None:
    """The first free column whose name and cells are what a rule asks for."""
    # what a customer that left brought in is what it brought in the year before
    never = rule.never.replace("去年|上年|", "").replace("last(year|yr)|prior|", "") if everybody_left else rule.never
    for position in free:
        core = looked.cores[position]
        if never and re.search(never, core):
            continue
        if rule.cells == "money" and is_no_amount(looked.header.names[position]):
            continue
        if not (re.search(rule.shape, core) or re.search(rule.shape, looked.names[position])):
            continue
        if looked.cells(position).are(rule.cells, everybody_left):
            return position
    return None


def _beside(looked: Looked, free: Sequence[int], rule: _Rule, found: Mapping[int, tuple[str, float]]) -> int | None:
    """The column of dates or words that is filled for those who left and for nobody else, where there is just one."""
    left = looked.left(found)
    if left is None:
        return None
    fits = [
        p
        for p in free
        if not (rule.never and re.search(rule.never, looked.cores[p]))
        and _alike(looked.cells(p).filled, left)
        and looked.cells(p).are(rule.cells, False)
    ]
    if len(fits) > 1 and rule.name == "date":
        fits = [p for p in fits if not _BEFORE.search(looked.cores[p])]
    if rule.name == "reason":
        said = [p for p in fits if re.search(_WHY, looked.cores[p])]
        fits = said or [
            p
            for p in fits
            if not re.search(r"备注|经办|回访|跟进|去向|note|remark|by$|who|where|offer", looked.cores[p])
        ]
    return fits[0] if len(fits) == 1 else None


def meanings(looked: Looked, position: int, columns: Mapping[int, tuple[str, float]]) -> dict[str, bool]:
    """What the words of a column of states mean by the rows they stand on: True for those who left, else False.

    Rows are told by the dates and reasons of leaving beside them; a word on rows of both is left out.
    """
    others = {p: found for p, found in columns.items() if found[0] in ("exits.date", "exits.reason")}
    return _told_by_rows(looked, position, others)


def _told_by_rows(looked: Looked, position: int, columns: Mapping[int, tuple[str, float]]) -> dict[str, bool]:
    left = looked.left(columns)
    if left is None:
        return {}
    words = np.array(looked.cells(position).all, dtype=object)
    shares = {word: float(left[words == word].mean()) for word in dict.fromkeys(looked.cells(position).texts)}
    return {word: share > 0.5 for word, share in shares.items() if share >= 0.9 or share <= 0.1}


def _stands_for(looked: Looked, position: int, rule: _Rule, found: Mapping[int, tuple[str, float]]) -> bool:
    """Whether each word of a column of states stands on rows of those who left, or on rows of the others."""
    core, words = looked.cores[position], set(looked.cells(position).texts)
    if not re.search(rule.shape, core) or re.search(rule.never, core) or not 1 < len(words) <= 8:
        return False
    told = _told_by_rows(looked, position, found)
    clear = sum(text in told for text in looked.cells(position).texts)
    return clear >= 0.75 * len(looked.cells(position).texts) and len(set(told.values())) == 2


def _only_date(looked: Looked, free: Sequence[int]) -> int | None:
    """The only date that every row has, unless its name says that it is another one than the first."""
    others = rf"{NOT_FIRST.pattern}|{_WENT}"
    dated = [p for p in free if not re.search(others, looked.cores[p]) and looked.cells(p).are("dates", False)]
    return dated[0] if len(dated) == 1 else None


def all_left(looked: Looked) -> bool:
    """Whether a list has a date and a reason of leaving on nearly each of its rows."""
    rules = {rule.name: rule for rule in _RULES}
    places = [
        next(
            (
                p
                for p, core in looked.cores.items()
                if re.search(rules[name].shape, core)
                and not re.search(rules[name].never, core)
                and looked.cells(p).share > least
                and looked.cells(p).are(rules[name].cells, True)
            ),
            None,
        )
        for name, least in (("date", 0.9), ("reason", 0.7))
    ]
    return None not in places


def may_be_customers(looked: Looked) -> bool:
    """Whether guesses alone make a list of customers: who, and what they bring or that they left, and more."""
    targets = _targets(keyed(guessed(looked, "customers", {})))
    told = targets & {"customers.revenue", "exits.churned", "exits.date", "exits.reason"}
    return "customers.customer" in targets and bool(told) and len(targets) >= 4


_BUYER = re.compile(
    r"客|户|买|收货|会员|姓名|公司|单位|[门商酒饭药网]店|餐厅|学校|billto|soldto|shipto|shop|branch|customer|client|buyer|account|company|member|guest|name"
)
_VISITED = re.compile(
    rf"{_BUYER.pattern}|网点|店|医院|学校|对象|site|outlet|school|hospital|store|farm|dealer|organi[sz]ation|whom"
)
_THING = re.compile(
    r"产品|商品|品名|规格|城市|地区|员$|人$|状态|方式|product|item|city|rep|sales|status|method|category|contact"
)
_PAID = re.compile(r"总|合计|小计|金额|实付|货款|total|amount|value|sales|net|gross|paid|charge|sum")
_NOT_PAID = re.compile(
    r"数量|单价|运费|税|折|余|成本|欠|qty|quantity|unit|price|freight|shipping|tax|discount|balance|cost|weight|due|expected|forecast|target"
)
_LATER = re.compile(r"发货|到货|付款|到期|下次|交货|ship|due|deliver|next|paid|follow")


def guessed_events(looked: Looked) -> tuple[str, dict[int, tuple[str, float]]] | None:
    """Orders, contacts or parts of a value that a sheet lists whose header says none of it; None as a rule.

    Orders are dates, customers who come again and amounts; contacts are dates, customers who come again and the ways
    of contact that are known; parts of a value have a kind, such as cost or benefit, and an amount.
    """
    free = list(looked.cores)
    kinds = [p for p in free if _speaks(looked, p, "parts")]
    amounts = [p for p in free if looked.cells(p).are("numbers", True)]
    if kinds and amounts:
        return _parts(looked, kinds[0], amounts)
    dated = [p for p in free if looked.cells(p).are("dates", False)]
    dated = [p for p in dated if not _LATER.search(looked.cores[p])] or dated
    who = [
        p
        for p in free
        if _VISITED.search(looked.cores[p])
        and not _THING.search(looked.cores[p])
        and looked.cells(p).share > 0.9
        and looked.cells(p).different <= 0.75
        and len(looked.cells(p).texts) >= 12
        and not looked.cells(p).dates
    ]
    if not dated or not who:
        return None
    paid = [
        p
        for p in amounts
        if _PAID.search(looked.cores[p])
        and not _NOT_PAID.search(looked.cores[p])
        and looked.cells(p).are("money", True)
        and looked.cells(p).share > 0.9
    ]
    buyers = [p for p in who if _BUYER.search(looked.cores[p])]
    if paid and buyers:
        named = {buyers[0]: "customer", dated[0]: "date", paid[0]: "amount"}
        return "transactions", {p: (f"transactions.{name}", CONFIDENCE) for p, name in named.items()}
    ways = [p for p in free if _speaks(looked, p, "channel")]
    if not ways:
        return None
    named = {who[0]: "account", dated[0]: "date", ways[0]: "channel"}
    for vocabulary, name in (("direction", "direction"), ("touch_kind", "kind")):
        place = next((p for p in free if p not in named and _speaks(looked, p, vocabulary)), None)
        if place is not None:
            named[place] = name
    topic = next(
        (
            p
            for p in free
            if p not in named and re.search("事|内容|目的|什么|purpose|topic|about|discussed|subject", looked.cores[p])
        ),
        None,
    )
    if topic is not None:
        named[topic] = "topic"
    return "touchpoints", {p: (f"touchpoints.{name}", CONFIDENCE) for p, name in named.items()}


def _speaks(looked: Looked, position: int, what: str) -> bool:
    """Whether the cells of a column are words of a vocabulary, or costs and benefits, the `parts` of a value."""
    cells = looked.cells(position)
    words = set(cells.texts)
    if not cells.wordy or not 1 < len(words) <= 12 or cells.share < 0.8:
        return False
    if what == "parts":
        return all(
            re.fullmatch(r"costs?|benefits?|sacrifices?|成本|利益|收益|效益|好处|付出|代价", text.casefold())
            for text in words
        )
    return sum(parse_key(text, what) is not None for text in words) >= 0.5 * len(words)


def _parts(looked: Looked, kind: int, amounts: Sequence[int]) -> tuple[str, dict[int, tuple[str, float]]] | None:
    """The parts of a value: their kind and amount, the part named by most words, offers and segments by few."""
    worded = [
        p
        for p in looked.cores
        if p != kind and looked.cells(p).wordy and looked.cells(p).share > 0.2 and len(set(looked.cells(p).texts)) > 1
    ]
    worded.sort(key=lambda p: -len(set(looked.cells(p).texts)))
    shares = [p for p in amounts if 0 < looked.cells(p).numbers.max() <= 1]
    years = [p for p in amounts if p not in shares and re.search("年|期|years|periods|months|term", looked.cores[p])]
    years = [p for p in years if looked.cells(p).numbers.max() <= 60 and looked.cells(p).are("counts", True)]
    rest = [p for p in amounts if p not in (*shares, *years) and not looked.cells(p).serial]
    if not worded or not rest:
        return None
    named = {kind: "kind", rest[0]: "amount", worded[0]: "component"}
    offers = re.compile("方案|品牌|供应商|选项|厂|报价|option|offer|brand|supplier|solution|alternative|vendor|bid")
    offer = next((p for p in worded[1:] if offers.search(looked.cores[p])), None)
    segment = next(
        (
            p
            for p in worded[1:]
            if p != offer and re.search("客|群|细分|buyer|segment|customer|type|use", looked.cores[p])
        ),
        None,
    )
    for place, name in ((offer, "offer"), (segment, "segment")):
        if place is not None:
            named[place] = name
    named |= {p: name for places, name in ((shares, "probability"), (years, "periods")) for p in places[:1]}
    return "value", {p: (f"value.{name}", CONFIDENCE) for p, name in named.items()}


def _targets(columns: Mapping[int, tuple[str, float]]) -> set[str]:
    return {target for target, _ in columns.values()}
