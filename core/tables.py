"""The one schema: every table, column, unit, bound and header synonym.

Templates, matching, validation, the data page and the method page read it from here. The first
synonym of a language is the column's label in that language.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

Type = Literal["text", "number", "integer", "money", "share", "date", "flag", "choice"]
LANGUAGE_NAMES = {"en": "English", "zh-Hans": "简体中文", "zh-Hant": "繁體中文"}
LANGUAGES = tuple(LANGUAGE_NAMES)

MARKETS = ("customer", "supplier", "internal", "competitor", "distribution", "influence")
STAGES = ("basic", "cooperative", "interdependent", "integrated")
STATES = ("prospect", *STAGES, "exited")
REASONS = ("price", "product", "service", "technology", "political", "market", "unknown")
CAUSES = ("own", "rival", "external")
VALUE_KINDS = ("core", "service", "price", "relationship_cost")
RATERS = ("marketer", "sales_manager", "other_manager", "customer")
DIMENSIONS = ("reliability", "trust", "information", "breadth", "investment", "integration")
ITEMS = tuple(f"{dimension}_{number}" for dimension in DIMENSIONS for number in (1, 2))
OUR_OFFER = "ours"
OUR_WORDS = (
    OUR_OFFER,
    "our offer",
    "us",
    "we",
    "our company",
    "our firm",
    "our business",
    "ours",
    "own",
    "我方",
    "我司",
    "本公司",
    "我们",
    "本企业",
    "自有",
    "我公司",
    "我们公司",
    "本品",
    "本牌",
    "自家",
    "our brand",
    "our product",
)

# What a cell may say for each key of a vocabulary, beside the key itself.
VOCABULARIES: dict[str, dict[str, tuple[str, ...]]] = {
    "market": {
        "customer": ("customers", "customer market", "client", "顾客", "顾客市场", "客户", "客户市场"),
        "supplier": ("suppliers", "supplier market", "vendor", "供应商", "供应商市场", "供方", "供货商"),
        "internal": ("internal market", "employee", "employees", "staff", "内部员工", "内部", "内部市场", "员工"),
        "competitor": (
            "competitors",
            "competitor market",
            "rival",
            "竞争者",
            "竞争者市场",
            "竞争对手",
            "竞争对手市场",
            "同业",
            "同业市场",
            "同行",
            "同行市场",
        ),
        "distribution": (
            "distribution market",
            "distributor",
            "distributors",
            "channel",
            "channel partner",
            "dealer",
            "分销商",
            "分销商市场",
            "分销",
            "分销市场",
            "渠道",
            "经销商",
            "渠道商",
            "reseller",
            "resellers",
            "经销商市场",
            "通路",
            "通路商",
            "通路商市场",
        ),
        "influence": (
            "influence market",
            "influencer",
            "influencers",
            "influence markets",
            "影响者",
            "影响者市场",
            "影响市场",
            "相关利益者",
            "相关利益者市场",
            "利益相关者",
        ),
    },
    "kind": {
        "ultimate_customer": ("end customer", "end user", "最终顾客", "最终客户", "终端客户"),
        "intermediate_customer": ("intermediate customer", "中间顾客", "中间客户"),
        "member_customer": ("member", "club member", "会员", "会员顾客"),
        "user_group": ("user group", "用户组织", "用户群体", "用户社群"),
        "goods_supplier": ("goods supplier", "material supplier", "原料供应商", "货物供应商"),
        "service_supplier": ("service supplier", "service provider", "服务供应商", "服务商"),
        "strategic_ally": (
            "ally",
            "alliance partner",
            "partner",
            "战略联盟",
            "战略伙伴",
            "合作伙伴",
            "strategic partner",
            "technology partner",
            "technology alliance",
        ),
        "employee": ("employees", "staff", "员工", "职工"),
        "department": ("department", "部门"),
        "business_unit": ("business unit", "division", "事业部", "业务单元"),
        "competitor": ("rival", "竞争者", "竞争对手"),
        "competitor_ally": ("allied competitor", "coopetitor", "竞合伙伴", "联盟竞争者"),
        "retailer": ("retail", "零售商"),
        "wholesaler": ("wholesale", "dealer", "distributor", "批发商", "经销商"),
        "agent": ("broker", "代理商", "代理"),
        "bank": ("lender", "finance", "financial institution", "银行", "金融机构"),
        "shareholder": ("investor", "owner", "股东", "投资者", "投资人", "投资方", "投资机构"),
        "analyst": ("analyst", "分析师"),
        "media": ("press", "newspaper", "媒体", "新闻媒介"),
        "government": ("government department", "政府部门", "政府机构", "政府监管", "ministry", "authority", "政府"),
        "regulator": ("supervisor", "监管机构", "监管部门"),
        "community": ("neighbours", "社区"),
        "consumer_group": ("consumer association", "消费者组织", "消费者协会"),
        "environment_group": ("environmental group", "环保组织"),
        "nonprofit": (
            "ngo",
            "association",
            "非营利组织",
            "协会",
            "行业协会",
            "industry association",
            "trade association",
            "industry federation",
        ),
        "referrer": ("referral", "introducer", "推荐人", "介绍人", "referral partner"),
        "recruitment_source": (
            "university",
            "recruiter",
            "招聘来源",
            "院校",
            "高校",
            "招聘机构",
            "猎头",
            "recruitment",
            "recruitment agency",
        ),
        "credit_agency": ("rating agency", "credit bureau", "信用机构", "评级机构"),
    },
    "reason": {
        "price": ("价格", "价格原因"),
        "product": ("产品", "产品原因"),
        "service": ("服务", "服务原因"),
        "technology": ("技术", "技术原因"),
        "political": ("conduct", "conduct of the firm", "企业行为", "社会责任", "政治"),
        "market": ("left the market", "moved away", "离开市场", "市场"),
        "unknown": ("other", "n/a", "不明", "未知", "其他"),
    },
    "cause": {
        "own": ("ours", "us", "our fault", "internal", "自身", "本公司", "我方"),
        "rival": ("competitor", "competition", "对手", "竞争对手", "竞争者"),
        "external": ("customer", "outside", "外部", "客户自身"),
    },
    "stage": {
        "prospect": ("lead", "潜在客户", "潜在顾客", "意向客户"),
        "basic": ("基础", "基础阶段"),
        "cooperative": ("cooperation", "合作", "合作阶段"),
        "interdependent": ("interdependence", "相互依存", "相互依存阶段"),
        "integrated": ("integration", "功能整合", "整合", "功能整合阶段"),
        "exited": ("lost", "churned", "已流失", "流失", "退出"),
    },
    "rater": {
        "marketer": ("marketing", "营销人员", "市场人员"),
        "sales_manager": ("sales", "sales manager", "销售经理", "客户经理"),
        "other_manager": ("manager", "other manager", "其他经理", "其他管理者", "经理"),
        "customer": ("client", "客户", "顾客"),
    },
    "value_kind": {
        "core": ("product", "产品", "core product", "core value", "核心产品", "核心价值", "核心"),
        "service": ("services", "added service", "added services", "附加服务", "服务"),
        "price": ("price paid", "价格", "售价"),
        "relationship_cost": (
            "relationship cost",
            "relationship costs",
            "cost",
            "关系成本",
            "额外成本",
        ),
    },
    "cost_kind": {
        "direct": ("直接", "直接成本"),
        "indirect": ("间接", "间接成本"),
        "psychological": ("心理", "心理成本"),
    },
    "decision_role": {
        "decides": ("decider", "decision maker", "决策者", "决策", "拍板"),
        "influences": ("influencer", "影响者", "影响"),
        "uses": ("user", "使用者", "使用"),
        "gatekeeps": ("gatekeeper", "把关者", "把关"),
    },
    "channel": {
        "sales": (
            "sales call",
            "visit",
            "meeting",
            "trade fair",
            "销售",
            "销售活动",
            "拜访",
            "上门拜访",
            "面谈",
            "会议",
            "展会",
        ),
        "mass": ("advertising", "大众沟通", "广告"),
        "direct": (
            "direct mail",
            "email",
            "mail",
            "chat",
            "live chat",
            "web form",
            "sms",
            "whatsapp",
            "phone",
            "phone call",
            "call",
            "telephone",
            "video call",
            "直接沟通",
            "邮件",
            "电话",
            "微信",
            "企业微信",
            "短信",
            "在线客服",
            "视频会议",
        ),
        "public_relations": ("pr", "公共关系", "公关"),
        "service": ("support", "服务", "客服"),
    },
    "direction": {
        "out": ("outbound", "from us", "us", "we", "我方发出", "我方", "我们", "出"),
        "in": ("inbound", "from customer", "customer", "client", "them", "对方发出", "对方", "客户", "入"),
    },
    "touch_kind": {
        "promise": ("许诺", "承诺", "允诺"),
        "delivery": ("fulfilment", "交付", "兑现"),
        "complaint": ("投诉", "抱怨"),
        "feedback": ("反馈", "意见"),
        "other": ("其他", "其它"),
    },
}
for _name in ("kind", "cause", "decision_role", "stage"):
    VOCABULARIES[_name] = {key: (key.replace("_", " "), *words) for key, words in VOCABULARIES[_name].items()}


@dataclass(frozen=True)
class Column:
    """One column: its type, unit, bounds and the headers people give it.

    `unit` is what the number counts: money of the workspace, share (0-1), months, points, count.
    `low` and `high` are inclusive. `synonyms` maps a language to header texts, label first.
    """

    table: str
    name: str
    type: Type
    synonyms: dict[str, tuple[str, ...]]
    unit: str = ""
    low: float | None = None
    high: float | None = None
    required: bool = False
    vocabulary: str = ""

    def label(self, language: str) -> str:
        """The header this column has in our own templates."""
        return self.synonyms[language][0]

    @property
    def id(self) -> str:
        """`table.column`, as choices files write it."""
        return f"{self.table}.{self.name}"


@dataclass(frozen=True)
class Table:
    """One table: its columns, the sheet names people give it, and the columns that name a row."""

    name: str
    synonyms: dict[str, tuple[str, ...]]
    columns: tuple[Column, ...]
    key: tuple[str, ...]

    def label(self, language: str) -> str:
        """The sheet name this table has in our own templates."""
        return self.synonyms[language][0]

    @cached_property
    def by_name(self) -> dict[str, Column]:
        """Column name -> column."""
        return {column.name: column for column in self.columns}

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the columns a row cannot do without."""
        return tuple(column.name for column in self.columns if column.required)


def _words(en: str, hans: str, hant: str) -> dict[str, tuple[str, ...]]:
    texts = zip(LANGUAGES, (en, hans, hant), strict=True)
    return {language: tuple(text.split("|")) for language, text in texts}


def _table(name: str, words: tuple[str, str, str], key: str, *columns: Column) -> Table:
    return Table(
        name,
        _words(*words),
        tuple(Column(**{**column.__dict__, "table": name}) for column in columns),
        tuple(key.split()),
    )


def _column(
    name: str,
    type: Type,
    en: str,
    hans: str,
    hant: str,
    *,
    unit: str = "",
    low: float | None = None,
    high: float | None = None,
    required: bool = False,
    vocabulary: str = "",
) -> Column:
    return Column("", name, type, _words(en, hans, hant), unit, low, high, required, vocabulary)


def _score(name: str, en: str, hans: str, hant: str) -> Column:
    return _column(name, "number", en, hans, hant, unit="score10", low=0, high=10)


def _money(name: str, en: str, hans: str, hant: str, low: float | None = 0) -> Column:
    return _column(name, "money", en, hans, hant, unit="money", low=low)


_CUSTOMER = (
    "Customer ID|cust id|client id|account id|customer no|customer number|user id|customer name id|customer code|"
    "clientnum|client number|member id|member no|kundennummer|kundennr|policy number|policy no|card number|record id|"
    "subscription id|msno|customer|client|account|kunde|id|row labels",
    "客户编号|客户号|客户id|顾客编号|会员编号|会员号|用户id|用户编号|客户代码|账号|会员id|用户号码|客户账号|保单号|"
    "会员卡号|户号|买家会员名|客户|顾客|行标签",
    "客戶編號|客戶代號|顧客編號|會員編號|使用者編號|保單號|會員卡號|客戶|顧客",
)

CUSTOMERS = _table(
    "customers",
    (
        "Customers|customer list|clients|accounts|customer master",
        "客户|客户表|客户清单|顾客|客户名单|客户主数据",
        "客戶|客戶表|客戶清單|顧客|客戶名單",
    ),
    "customer",
    _column("customer", "text", *_CUSTOMER, required=True),
    _column(
        "name",
        "text",
        "Customer name|name|company|company name|client name|account name|full name|surname|your company",
        "客户名称|名称|公司名称|公司|姓名|企业名称|单位名称|客户姓名|会员姓名|投保人|贵公司|贵公司名称",
        "客戶名稱|名稱|公司名稱|公司|姓名|企業名稱",
    ),
    _column(
        "segment",
        "text",
        "Segment|customer segment|customer type|industry|contract|tier|group|plan|branche",
        "细分市场|客户类型|客户分类|行业|客户群|客户等级|合同类型|细分|会员等级|套餐名称|险种",
        "市場區隔|客戶類型|客戶分類|產業|客群|客戶等級|區隔",
    ),
    _money(
        "revenue",
        "Revenue|opening revenue|annual revenue|sales|turnover|arr|annual recurring revenue|monthly charges|monthly charge|mrr|"
        "monthly revenue|arr|monthly fee|yearly revenue|revenue per year|sales amount|annual sales|total revenue|total spend|spend|"
        "total won amount|won amount|actual amount paid|"
        "umsatz|net sales|actual sales",
        "营业收入|收入|年收入|年营业额|销售额|年销售额|月费|月收入|月度收入|营收|年度收入|"
        "期初收入|贡献收入|采购金额|成交金额|销售收入|消费金额|年消费金额|本年消费金额|合同金额|实际销售额|销售额完成|"
        "买家实际支付金额|实付金额|月均arpu|arpu|年缴保费|保费|近一年消费金额",
        "營業收入|收入|年營收|營業額|銷售額|年銷售額|月費|月營收|營收",
    ),
    _money(
        "revenue_end",
        "Closing revenue|revenue end|revenue at end|new revenue",
        "期末收入|期末营业收入",
        "期末收入|期末營業收入",
    ),
    _column(
        "margin",
        "share",
        "Margin|profit margin|margin pct|margin %|gross margin|deckungsbeitrag",
        "利润率|毛利率|净利率",
        "利潤率|毛利率|淨利率",
        unit="share",
        low=-1,
        high=1,
    ),
    _money(
        "cost_to_serve",
        "Cost to serve|service cost|servicing cost",
        "服务成本|客户服务成本|维护成本",
        "服務成本|客戶服務成本|維護成本",
    ),
    _money(
        "category_spend",
        "Category spend|total spend in category|wallet|wallet size|customer's total purchases",
        "品类总支出|同类采购总额|钱包份额基数|品类采购额",
        "品類總支出|同類採購總額|品類採購額",
    ),
    _money(
        "acquisition_cost",
        "Acquisition cost|cac|customer acquisition cost",
        "获客成本|开发成本",
        "獲客成本|開發成本",
    ),
    _column(
        "tenure_months",
        "number",
        "Tenure months|tenure|tenure in months|months as customer|months active|months on book|tenure years|years as customer|lifetime",
        "合作月数|在网时长|在网月数|客户时长|入网月数|合作时长|合作年限|合作年数",
        "合作月數|在網時長|客戶年資月數",
        unit="months",
        low=0,
    ),
    _column(
        "joined",
        "date",
        "Customer since|joined|start date|join date|signup date|first order date|became a customer date|acquired|create date|created|"
        "created utc|registration date|registration init time",
        "开始合作日期|加入日期|开户日期|签约日期|首单日期|注册日期|入网日期|入网时间|入会日期|起保日期|注册时间|开户时间",
        "開始合作日期|加入日期|開戶日期|簽約日期|首購日期|註冊日期",
    ),
    _column(
        "owner",
        "text",
        "Relationship manager|owner|account manager|key account manager|sales rep|salesperson|account owner|company owner",
        "客户经理|关系经理|负责人|销售代表|业务员|跟进人",
        "客戶經理|關係經理|負責人|業務代表|業務員",
    ),
    _column(
        "target_stage",
        "choice",
        "Target stage|stage target|desired stage",
        "目标阶段|期望阶段",
        "目標階段|期望階段",
        vocabulary="stage",
    ),
    _column(
        "orders",
        "integer",
        "Orders|number of orders|order count|purchases|frequency",
        "订单数|订单数量|购买次数|下单次数|消费次数|近一年消费次数",
        "訂單數|訂單數量|購買次數",
        unit="count",
        low=0,
    ),
)

EXITS = _table(
    "exits",
    (
        "Exits|churn|churned customers|lost customers|attrition",
        "流失|流失客户|流失记录|流失名单|退出|流失明细",
        "流失|流失客戶|流失記錄|流失名單|退出",
    ),
    "customer date",
    _column("customer", "text", *_CUSTOMER, required=True),
    _column(
        "churned",
        "flag",
        "Churned|churn|churn flag|churn label|churn value|lost|attrition|exited|has churned|"
        "is churned|left|customer status|status|attrition flag|active|is active|retained|is churn|lifecycle stage|renewed",
        "是否流失|流失|流失标志|流失标识|已流失|客户状态|状态|是否退出|是否离网|是否在网|是否有效|是否留存|是否活跃|"
        "用户状态|会员状态|续保状态|是否续保|是否续约",
        "是否流失|流失|流失註記|已流失|客戶狀態|狀態|是否退出",
    ),
    _column(
        "date",
        "date",
        "Exit date|churn date|date lost|cancellation date|lost on|leave date|cancelled at|cancelled on|canceled at|"
        "canceled at utc|kündigungsdatum|month",
        "流失日期|退出日期|解约日期|流失时间|销户日期|离网日期|离网时间|退保日期|注销日期|销户时间|流失月份|月份",
        "流失日期|退出日期|解約日期|流失時間",
    ),
    _column(
        "reason",
        "text",
        "Exit reason|reason|churn reason|reason for leaving|cancellation reason|why lost|lost reason|loss reason|cancel reason|"
        "reason for churn|kündigungsgrund",
        "流失原因|原因|退出原因|离开原因|解约原因|流失理由|离网原因|退订原因|未续保原因|退保原因|未续约原因",
        "流失原因|原因|退出原因|離開原因|解約原因",
    ),
    _column(
        "reason_key",
        "choice",
        "Reason key|reason category|churn category|reason group",
        "原因类别|流失类别|原因分类|原因大类|原因归类",
        "原因類別|流失類別|原因分類|原因大類|原因歸類",
        vocabulary="reason",
    ),
    _column(
        "cause",
        "choice",
        "Cause|caused by|responsible party",
        "责任方|成因|责任归属",
        "責任方|成因|責任歸屬",
        vocabulary="cause",
    ),
    _column(
        "avoidable",
        "flag",
        "Avoidable|preventable|could be saved",
        "可挽留|是否可挽留|可避免",
        "可挽留|是否可挽留|可避免",
    ),
    _column(
        "count",
        "integer",
        "Customers lost|number lost|count of customers|number of customers|lost count|count of customer id",
        "流失数|流失客户数|流失人数|流失户数|客户数|数量|人数|户数",
        "流失數|流失客戶數|流失人數",
        unit="count",
        low=0,
    ),
    _money(
        "revenue",
        "Revenue lost|lost revenue|revenue|annual revenue|monthly charges|monthly revenue|sales",
        "流失收入|损失收入|流失金额|收入|年收入|营业收入|月费|销售额|年销售额",
        "流失收入|損失收入|流失金額|收入|營業收入|月費|銷售額",
    ),
)

STAKEHOLDERS = _table(
    "stakeholders",
    (
        "Stakeholders|stakeholder map|stakeholder list|relationships",
        "利益相关者|利益相关者清单|相关方|关系方",
        "利害關係人|利害關係人清單|相關方",
    ),
    "stakeholder as_of",
    _column(
        "stakeholder",
        "text",
        "Stakeholder|stakeholder name|name|organisation|organization|party|supplier name|vendor|vendor name|"
        "partner|partner name|distributor|dealer",
        "利益相关者|名称|相关方|相关方名称|机构|单位|单位名称|机构名称|关系对象|供应商名称|供应商|合作伙伴|合作伙伴名称|经销商名称|经销商|"
        "竞争对手|竞争对手名称",
        "利害關係人|名稱|相關方|機構|單位|關係對象",
        required=True,
    ),
    _column(
        "market",
        "choice",
        "Market|six markets|market type",
        "市场|所属市场|市场类别",
        "市場|所屬市場|市場類別",
        vocabulary="market",
    ),
    _column(
        "kind",
        "choice",
        "Kind|stakeholder type|type of stakeholder|type",
        "类型|相关者类型|细类|相关方类型",
        "類型|關係人類型|細類",
        vocabulary="kind",
    ),
    _column(
        "customer",
        "text",
        "Linked customer ID|linked customer|customer id",
        "对应客户编号|关联客户编号",
        "對應客戶編號|關聯客戶編號",
    ),
    _column(
        "owner",
        "text",
        "Relationship manager|owner|our contact|responsible",
        "客户经理|关系经理|负责人|我方负责人",
        "客戶經理|關係經理|負責人|我方負責人",
    ),
    _score("trust", "Trust|trust score", "信任|信任度|信任评分", "信任|信任度"),
    _score("commitment", "Commitment|relationship commitment", "关系承诺|承诺|承诺度", "關係承諾|承諾"),
    _score("strength", "Strength|relationship strength", "关系强度|强度|当前强度", "關係強度|強度"),
    _score("satisfaction", "Satisfaction|satisfaction score", "满意度|满意", "滿意度|滿意"),
    _score(
        "desired_strength",
        "Desired strength|target strength|desired",
        "期望强度|目标强度|期望关系强度",
        "期望強度|目標強度|期望關係強度",
    ),
    _score("power", "Power|influence power", "权力|影响力|权力大小", "權力|影響力"),
    _score("interest", "Interest|interest level", "利益关注度|关注度|利益程度", "利益關注度|關注度"),
    _column("legitimacy", "flag", "Legitimacy|legitimate", "合法性|正当性", "正當性|合法性"),
    _column("urgency", "flag", "Urgency|urgent", "紧迫性|紧急性", "急迫性|緊迫性"),
    _money("value_given", "Value given|value we give", "我方付出价值|给予价值|付出价值", "我方付出價值|給予價值"),
    _money(
        "value_received",
        "Value received|value we receive|value at stake|annual value",
        "我方获得价值|获得价值|收到价值|年合作价值|年合作额|合作金额",
        "我方獲得價值|獲得價值|年合作價值",
    ),
    _column(
        "as_of",
        "date",
        "As of|date|assessment date|rated on",
        "评估日期|日期|截至日期",
        "評估日期|日期|截至日期",
    ),
)

LINKS = _table(
    "links",
    ("Links|network|connections", "关联|关系网络|联系", "關聯|關係網絡|連結關係"),
    "source target",
    _column("source", "text", "From|source|stakeholder a", "来源方|起点|甲方", "來源方|起點", required=True),
    _column("target", "text", "To|target|stakeholder b", "目标方|终点|乙方", "目標方|終點", required=True),
    _column("kind", "text", "Link kind|kind of link|relation", "关联类型|关系类型", "關聯類型|關係類型"),
    _column(
        "weight",
        "number",
        "Weight|link weight|tie strength",
        "权重|关联强度",
        "權重|關聯強度",
        unit="share",
        low=0,
        high=1,
    ),
)

CONTACTS = _table(
    "contacts",
    ("Contacts|contact persons|people", "联系人|联系人表", "聯絡人|聯絡人表"),
    "account person counterpart",
    _column(
        "account",
        "text",
        "Account|stakeholder|customer id|customer|organisation",
        "客户或相关方|客户编号|单位|所属单位",
        "客戶或關係人|客戶編號|單位|所屬單位",
        required=True,
    ),
    _column(
        "person",
        "text",
        "Person|contact person|contact|contact name",
        "联系人|姓名|联系人姓名|对方联系人",
        "聯絡人|姓名|聯絡人姓名",
        required=True,
    ),
    _column("function", "text", "Function|department|job title|title", "职能|部门|职务", "職能|部門|職務"),
    _column(
        "role",
        "choice",
        "Role in decisions|decision role|buying role",
        "决策角色|采购角色|角色",
        "決策角色|採購角色|角色",
        vocabulary="decision_role",
    ),
    _column(
        "counterpart",
        "text",
        "Our counterpart|counterpart|our person",
        "我方对接人|对接人|我方人员",
        "我方窗口|對接人|我方人員",
    ),
    _score("tie", "Tie|tie strength|closeness", "关系紧密度|紧密度|交情", "關係緊密度|緊密度"),
    _column(
        "last_seen",
        "date",
        "Last seen|last contact|last meeting|last activity|last activity time|last activity date",
        "最近联系日期|最近联系|上次拜访",
        "最近聯絡日期|最近聯絡",
    ),
)

EMPHASIS = _table(
    "emphasis",
    ("Emphasis|market emphasis|jury", "市场重视度|重视程度|评审", "市場重視度|重視程度"),
    "market rater",
    _column("market", "choice", "Market", "市场|所属市场", "市場|所屬市場", required=True, vocabulary="market"),
    _column("rater", "text", "Rater|juror|rated by", "评审人|评分人|评委", "評審人|評分人"),
    _score("current", "Current emphasis|current", "当前重视度|现状|当前", "目前重視度|現況|目前"),
    _score("desired", "Desired emphasis|desired|target", "期望重视度|期望|目标", "期望重視度|期望|目標"),
)

ASSESSMENTS = _table(
    "assessments",
    (
        "Assessments|stage assessment|questionnaire|relationship assessment",
        "关系评估|阶段评估|评估|评估问卷|问卷",
        "關係評估|階段評估|評估|評估問卷|問卷",
    ),
    "account rater_role rater date",
    _column(
        "account",
        "text",
        "Account|customer id|customer|client",
        "客户编号|客户|评估对象",
        "客戶編號|客戶|評估對象",
        required=True,
    ),
    _column(
        "rater_role",
        "choice",
        "Rater role|role|rater type|respondent type",
        "评分人角色|评分者角色|评估角色|评价人角色|评价角色|角色",
        "評分者角色|評估角色|評價者角色|評價角色|角色",
        vocabulary="rater",
    ),
    _column(
        "rater",
        "text",
        "Rater|rated by|assessor|respondent|filled in by",
        "评分人|评估人|评价人|评分者|打分人|填写人|填表人|受访人",
        "評分者|評估人|評價人|評分人|填寫人|填表人|受訪者",
    ),
    _column(
        "date",
        "date",
        "Assessment date|date|as of|timestamp|submitted at",
        "评估日期|日期|提交时间|填写时间",
        "評估日期|日期|提交時間|填寫時間",
    ),
    *(
        _column(
            item,
            "number",
            f"{item.replace('_', ' ').capitalize()}|q{n}|question {n}|item {n}",
            f"{label}{1 + (n - 1) % 2}|问题{n}|第{n}题|题{n}|q{n}",
            f"{label_hant}{1 + (n - 1) % 2}|問題{n}|第{n}題|題{n}|q{n}",
            unit="score4",
            low=1,
            high=4,
        )
        for n, (item, label, label_hant) in enumerate(
            zip(
                ITEMS,
                [w for w in ("交易可靠", "信任承诺", "信息交换", "接触广度", "共同投入", "联合规划") for _ in "12"],
                [w for w in ("交易可靠", "信任承諾", "資訊交換", "接觸廣度", "共同投入", "聯合規劃") for _ in "12"],
                strict=True,
            ),
            1,
        )
    ),
)

VALUE = _table(
    "value",
    ("Value|perceived value|value components", "感知价值|顾客感知价值|价值构成", "知覺價值|顧客知覺價值|價值構成"),
    "segment offer component kind episode",
    _column("segment", "text", "Segment|customer segment", "细分市场|客户群", "市場區隔|客群"),
    _column(
        "offer",
        "text",
        "Offer|supplier|brand|whose offer",
        "报价方|供应方|品牌|方案",
        "方案|供應方|品牌",
        required=True,
    ),
    _column(
        "component",
        "text",
        "Component|value component|item",
        "构成项|组成部分|项目|价值构成|价值项目",
        "構成項|組成部分|項目",
        required=True,
    ),
    _column(
        "kind",
        "choice",
        "Component kind|kind|type",
        "构成类别|类别|类型",
        "構成類別|類別|類型",
        required=True,
        vocabulary="value_kind",
    ),
    _column(
        "amount",
        "money",
        "Amount|money value|value",
        "金额|价值金额",
        "金額|價值金額",
        unit="money",
        required=True,
    ),
    _column(
        "probability", "share", "Probability|chance", "概率|发生概率", "機率|發生機率", unit="share", low=0, high=1
    ),
    _column(
        "core_erosion",
        "share",
        "Core erosion|erosion of core",
        "核心侵蚀|核心价值侵蚀",
        "核心侵蝕|核心價值侵蝕",
        unit="share",
        low=0,
        high=1,
    ),
    _column("episode", "text", "Episode|event|failure", "情节|事件|失误事件", "情節|事件|失誤事件"),
    _column(
        "cost_kind",
        "choice",
        "Cost sub-kind|cost type",
        "成本子类|成本类型",
        "成本子類|成本類型",
        vocabulary="cost_kind",
    ),
    _column(
        "periods",
        "integer",
        "Periods|number of periods",
        "期数|持续期数",
        "期數|持續期數",
        unit="count",
        low=1,
        high=100,
    ),
)

RATINGS = _table(
    "ratings",
    ("Ratings|quality ratings|value map", "评分|质量评分|价值图评分", "評分|品質評分|價值圖評分"),
    "segment offer attribute respondent",
    _column("segment", "text", "Segment|customer segment", "细分市场|客户群", "市場區隔|客群"),
    _column("offer", "text", "Offer|brand|supplier", "报价方|供应方|品牌", "方案|供應方|品牌", required=True),
    _column(
        "attribute",
        "text",
        "Attribute|quality attribute|criterion",
        "属性|质量属性|指标",
        "屬性|品質屬性|指標",
        required=True,
    ),
    _column("weight", "share", "Weight|importance", "权重|重要性", "權重|重要性", unit="share", low=0),
    _score("rating", "Rating|score", "评分|得分", "評分|得分"),
    _column("respondent", "text", "Respondent|respondent id", "受访者|受访者编号", "受訪者|受訪者編號"),
    _money("price", "Price|price paid", "价格|售价", "價格|售價"),
)

TOUCHPOINTS = _table(
    "touchpoints",
    ("Touchpoints|interactions|contact log", "触点|互动记录|接触记录", "接觸點|互動記錄"),
    "account date channel kind topic",
    _column("date", "date", "Date|contact date", "日期|接触日期", "日期|接觸日期", required=True),
    _column("account", "text", "Account|customer id|customer", "客户编号|客户", "客戶編號|客戶", required=True),
    _column("channel", "choice", "Channel|medium", "渠道|沟通渠道", "通路|溝通管道", vocabulary="channel"),
    _column("direction", "choice", "Direction|in or out", "方向|进出方向", "方向", vocabulary="direction"),
    _column("kind", "choice", "Touchpoint kind|kind", "触点类型|类型", "接觸點類型|類型", vocabulary="touch_kind"),
    _column("topic", "text", "Topic|subject", "主题|事由", "主題|事由"),
    _column("outcome", "number", "Outcome|result", "结果|结果评分", "結果|結果評分", unit="score", low=-2, high=2),
)

PROGRAMS = _table(
    "programs",
    ("Programs|retention programs|loyalty programs", "方案|关系方案|忠诚计划", "方案|關係方案|忠誠計畫"),
    "program",
    _column("program", "text", "Program|program name", "方案名称|计划名称", "方案名稱|計畫名稱", required=True),
    _column("level", "integer", "Bond level|level", "联系层次|层次", "連結層次|層次", low=1, high=3),
    _money("fixed_cost", "Fixed cost|yearly cost", "固定成本|年固定成本", "固定成本|年固定成本"),
    _money("cost_per_customer", "Cost per customer|variable cost", "单客成本|每客户成本", "單客成本|每客戶成本"),
    _column("reach", "integer", "Reach|customers reached", "覆盖客户数|覆盖", "涵蓋客戶數|涵蓋", unit="count", low=0),
    _column(
        "reason",
        "choice",
        "Exit reason addressed|reason key",
        "针对的流失原因|原因类别",
        "針對的流失原因|原因類別",
        vocabulary="reason",
    ),
    _column(
        "effect",
        "share",
        "Share of exits avoided|effect",
        "挽留比例|效果",
        "挽留比例|效果",
        unit="share",
        low=0,
        high=1,
    ),
    _column("component", "text", "Value component|component", "价值构成项|构成项", "價值構成項|構成項"),
    _column(
        "component_change",
        "money",
        "Component change|value change",
        "构成项变动|价值变动",
        "構成項變動|價值變動",
        unit="money",
    ),
    _column("item", "text", "Assessment item|item", "评估题项|题项", "評估題項|題項"),
    _column("item_change", "number", "Item change|points", "题项变动|提升分", "題項變動|提升分", low=-3, high=3),
    _column("start", "date", "Program start|start date|start", "开始日期|启动日期", "開始日期|啟動日期"),
    _column(
        "imitation_years",
        "number",
        "Imitation years|years until copied",
        "模仿年限|被模仿年限",
        "模仿年限|被模仿年限",
        unit="years",
        low=0,
    ),
)

TRANSACTIONS = _table(
    "transactions",
    ("Transactions|orders|purchases|sales", "交易|交易记录|订单|订单明细|购买记录", "交易|交易記錄|訂單|訂單明細"),
    "customer date amount",
    _column("customer", "text", *_CUSTOMER, required=True),
    _column(
        "date",
        "date",
        "Transaction date|order date|date|purchase date|invoice date",
        "交易日期|订单日期|日期|下单日期|购买日期",
        "交易日期|訂單日期|日期|購買日期",
        required=True,
    ),
    _column(
        "amount",
        "money",
        "Amount|order amount|order value|sales",
        "交易金额|金额|订单金额|成交金额",
        "交易金額|金額|訂單金額",
        unit="money",
        required=True,
    ),
)

SETTINGS = _table(
    "settings",
    ("Settings|parameters|assumptions", "设置|参数|设定", "設定|參數"),
    "setting",
    _column("setting", "text", "Setting|parameter|name", "设置项|参数|名称", "設定項|參數|名稱", required=True),
    _column("setting_value", "text", "Setting value|value", "设置值|值|取值", "設定值|值", required=True),
)

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        CUSTOMERS,
        EXITS,
        STAKEHOLDERS,
        LINKS,
        CONTACTS,
        EMPHASIS,
        ASSESSMENTS,
        VALUE,
        RATINGS,
        TOUCHPOINTS,
        PROGRAMS,
        TRANSACTIONS,
        SETTINGS,
    )
}


@dataclass(frozen=True)
class Setting:
    """One setting of a workspace: its type, and the words people use for it in a settings sheet."""

    name: str
    type: Type
    words: tuple[str, ...]
    low: float | None = None
    high: float | None = None


SETTINGS_KNOWN: dict[str, Setting] = {
    setting.name: setting
    for setting in (
        Setting("company", "text", ("company name", "公司", "公司名称", "企业")),
        Setting("currency", "text", ("货币", "币种", "currency code")),
        Setting("period_start", "date", ("start of period", "期初", "期初日期", "开始日期")),
        Setting("period_end", "date", ("end of period", "期末", "期末日期", "结束日期")),
        Setting("period_months", "number", ("months in period", "期间月数"), 0.01, 1200),
        Setting("margin", "share", ("default margin", "利润率"), -1, 1),
        Setting("acquisition_cost", "money", ("cac", "获客成本"), 0),
        Setting("discount_rate", "share", ("discount", "贴现率", "折现率"), 0, 1),
    )
}


def every_column() -> Iterator[Column]:
    """All columns of all tables, in schema order."""
    for table in TABLES.values():
        yield from table.columns
