"""What a header is about where no synonym knows it: the words that its kind of name is made of.

Each pattern is looked for in the header in lower case, Simplified, without signs, spaces and brackets. A match is
less certain than a synonym: it is taken, and the user is asked.
"""

from __future__ import annotations

import re

CONFIDENCE = 0.86
_WHO = r"(客户|顾客|用户|会员|保单|租户|学员|学生|账户|商户|患者|业主|订阅|贵宾|旅客|买家)"
_WHO_EN = (
    r"(customer|client|account|member|user|policy|workspace|tenant|subscriber|subscription|loyalty|"
    r"patient|student|guest|company|hospital|org|organi[sz]ation|dealer|buyer|phone)"
)
_KEY = rf"^{_WHO}.{{0,2}}(编号|编码|号码?|代码|id|全称)$|手机号|^(学|卡|户|编)号$|^code$|{_WHO_EN}(id|no|number|nr|code|key|ref|reference|cardno)$"
_NOT_MONEY = (
    r"率|占比|比例|比重|增长|增幅|排名|目标|预算|预测|计划|去年|上年|同期|同比|环比|应收|欠|余额|资产|存款|市值|注册资本|家庭|个人收入|"
    r"growth|target|budget|forecast|plan|previous|lastyear|prior|share|rank|rate|balance|income|salary|tax|receivable|"
    r"perunit|unitprice|change|churn|household"
)
_LEAVING = r"(流失|离网|离开|退出|退保|退订|退款|退会|销户|注销|终止|解约|续[保约费班签]?|断保|停用|失效)"
_LEAVING_EN = (
    r"(lapse|churn|exit|cancel|leav|left|loss|lost|terminat|attrit|clos|contractend|enddate|nonrenewal|departure)"
)

# Table -> (column, what the header holds, what it must not hold), in the order in which columns choose.
CONCEPTS: dict[str, tuple[tuple[str, re.Pattern[str], re.Pattern[str] | None], ...]] = {
    table: tuple((name, re.compile(found), re.compile(never) if never else None) for name, found, never in rows)
    for table, rows in {
        "customers": (
            ("customer", _KEY, ""),
            (
                "name",
                rf"^{_WHO}(名称?|姓名|简称)$|(企业|公司|单位|投保人|被保人|经销商|代理商|加盟商).*(名称?|姓名|简称|全称)$|昵称|policyholder|"
                rf"^{_WHO_EN}(full)?name$|^organi[sz]ation$|legalentity|^hospital$|^employer$",
                "经理|联系人|contact|manager",
            ),
            (
                "revenue",
                r"(收入|营收|销售额|销售金额|消费(金额|额)?|保费|arpu|学费|订阅费|合同额|采购额|贡献|交易额|gmv|成交额|年费|月费|会费|流水|业绩|回款|综合收益|进货额|进货金额)",
                _NOT_MONEY + "|次数|笔数|积分|日期|时间|人|税|流失|损失",
            ),
            (
                "revenue",
                r"(revenue|sales|spend|premium|billing|turnover|acv|annualvalue|contractvalue|arpu)|(arr|mrr)$",
                _NOT_MONEY + "|rep|exec|team|manager|person|date|region|channel|lost|loss|status",
            ),
            ("margin", r"(毛利|利润|净利)率?$|^gm%?$|margin", "额|金额|amount"),
            (
                "orders",
                r"(消费|购买|交易|成交|下单|订单|订购|到店|入住)(总?次数|笔数|量)|(transactions|orders|purchases|visits|stays|bookings)$",
                "金额|amount|value",
            ),
            (
                "joined",
                r"(首次|开户|签约|生效|起保|入会|注册|报名|入网|起始|开通|激活|建档|合作开始|加入).*(时间|日期?|年月)$|"
                r"^(first|subscriptionstart|inception|enrol|signup|signed|join|registr|contractstart|customersince|activation|onboard|opened|opening).*",
                "流失|退|end|last|value|revenue|bill",
            ),
            (
                "owner",
                r"(客户|理财|销售|业务|大客户|关系)?经理$|(对口|跟进|负责|对接|维护).{0,2}(销售|csm|人|经理|窗口)$|^(我方)?对接人$|顾问$|窗口$|业务员|客服专员|"
                r"^(kam|csm|am|rm)$|(sales(exec|executive|rep|person|owner)|accountexec|relationshiplead|accountlead|advisor)$",
                "",
            ),
            (
                "segment",
                r"(行业|分类|类别|类型|等级|层级|级别|套餐|险种|版本|班型|产品线|客群|规模)(名称)?$|industry|vertical|segment|tier|plan$|plantype|productline|family$|category$|customergroup$",
                "金额|数|日期|原因|流失|支付|付款|设备|证件|reason|payment|amount|count|churn|target|目标",
            ),
            (
                "tenure_months",
                r"(在网|合作|入会|客户|持有).{0,2}(时长|月数|年限|月份数)|tenure|monthsactive|monthsasc",
                "",
            ),
            ("cost_to_serve", r"(服务|维护|维系|支持).{0,2}(成本|费用)|(servic|support|serve).*cost", ""),
        ),
        "exits": (
            ("customer", _KEY, ""),
            (
                "reason",
                rf"{_LEAVING}.{{0,3}}(原因|理由|说明|因素)|不续.{{0,2}}(原因|理由)|{_LEAVING_EN}.*reason|reason.*{_LEAVING_EN}|why.*(left|leave|lost|churn|cancel)",
                "类|category|code",
            ),
            (
                "date",
                rf"{_LEAVING}.{{0,3}}(日期?|时间|年月|月份)$|到期日|{_LEAVING_EN}.*(date|on|at|month|day)$|^contractend$|^date(of)?(left|leav|exit|churn|loss|lost|cancel|terminat|lapse)",
                "目标|reason|station|location",
            ),
            (
                "churned",
                rf"{_WHO}?(合作|订阅|续[保约费班签]|客户|用户|会员|账户|保单|在保|在读).{{0,2}}(状态|情况|标志|标识)$|是否.*{_LEAVING}|{_LEAVING}.{{0,2}}(标志|标识|状态|情况)$|"
                r"^(lapsed|churned?|cancelled|canceled|attrited|terminated|inactive)(flag|yn|y)?$|(member|customer|account|client|subscription|policy|contract|user)(ship)?status$|^statusofcustomer$",
                "率|prob|rate|score|风险|risk|概率",
            ),
            (
                "revenue",
                r"(流失|损失).*(收入|金额|营收|销售额)|(lost|lossof).*(revenue|sales|arr|mrr|billing|premium)|(revenue|sales|arr|mrr|billing|annualvalue).*(lost|loss)?$",
                _NOT_MONEY,
            ),
        ),
        "stakeholders": (
            (
                "stakeholder",
                r"(单位|机构|伙伴|供应商|经销商|代理商|媒体|部门|相关方|合作方|对象|关系方).*(名称?|全称)$|^(伙伴|合作方|合作对象|对象)$|^(partner|supplier|vendor|organi[sz]ation|stakeholder|counterparty|media|agency|who)(name)?$",
                "类|联系|contact|type|group",
            ),
            ("market", r"^(所属)?市场(别|类别|分类)?$|^(stakeholder)?(group|market)$|^六?大?市场", ""),
            (
                "kind",
                r"^(单位|机构|伙伴|对象|相关方|关系)?(类别|类型|性质)$|^(stakeholder|partner|organi[sz]ation)?type$|^category$",
                "",
            ),
            (
                "desired_strength",
                r"(希望|期望|目标|理想).*(强度|关系|水平)|^(target|desired|wanted|ideal).*(relationship|strength|level)",
                "stage|阶段",
            ),
            (
                "strength",
                r"(关系|目前|当前|现有).*(强度|水平|现状)$|^(current|today|present)?(relationship)?(strength|current)$|^currentrelationship$",
                "",
            ),
            ("trust", r"信任|trust", ""),
            ("commitment", r"承诺|commitment", ""),
            ("satisfaction", r"满意|satisf", ""),
            ("power", r"影响力|权力|话语权|influence|^power", "市场|market"),
            ("interest", r"关注度?|兴趣|interest", ""),
            ("value_received", r"(年)?(合作|采购|交易)(金?额|价值)|annual(value|spend|volume)|valueatstake", ""),
            (
                "owner",
                r"(负责|对接|跟进|我方).{0,2}(人|窗口|经理)$|relationshiplead|relationshipowner|^(owner|lead|kam)$",
                "",
            ),
            ("as_of", r"(评估|更新|复核|调查).{0,2}(日期?|时间)$|^(last)?(reviewed|updated|assessed)(on|at)?$", ""),
        ),
        "ratings": (
            (
                "attribute",
                r"(评价|比较|对比|质量|采购|购买)?(指标|属性|项目|维度|要素|标准)$|(buying|purchase|quality|decision)?(criterion|criteria|attribute|factor)$",
                "",
            ),
            ("weight", r"(权重|重要(性|程度|度))|weight|importance", ""),
            (
                "offer",
                r"^(品牌|供应商|厂商|方案|报价方|竞品|竞争对手)(名称)?$|^(brand|supplier|vendor|offer|competitor)(name)?$",
                "",
            ),
            ("price", r"(单价|价格|售价)$|price$", ""),
            ("rating", r"(评分|得分|打分|分数)$|(rating|score)$", ""),
        ),
        "value": (
            ("segment", r"^(customer|client)?segment$|细分|客群", ""),
            (
                "offer",
                r"^(品牌|供应商|厂商|方案|报价方|公司)(名称)?$|^(brand|supplier|vendor|offer|company)(name)?$",
                "",
            ),
            (
                "component",
                r"(价值|成本)?(要素|元素|构成|组成)(项|部分)?$|(value|cost|benefit)?(element|component|driver)$",
                "",
            ),
            ("kind", r"类别$|类型$|^(component|value)?(category|kind|type)$", ""),
            ("amount", r"金额|amount|^value$|moneyvalue", ""),
            ("probability", r"概率|可能性|likelihood|probab|chance", ""),
        ),
        "assessments": (
            ("account", _KEY, ""),
            (
                "rater_role",
                r"(评估|评分|评价|填写)(人|者)?.{0,2}(角色|身份|类型)$|(rater|respondent|assessor)(role|type|side)$",
                "",
            ),
            ("rater", r"^(评估|评分|评价|填写|打分)(人|者)$|^(assessed|rated|completed|filledin)by$", ""),
            (
                "date",
                r"(评估|填写|提交|调查).{0,2}(日期?|时间)$|dateof(review|assessment)|^(review|assessment|survey)date$",
                "",
            ),
        ),
    }.items()
}
_ITEMS = {
    "reliability": r"可靠|准时|履约|reliab",
    "trust": r"信任|承诺|trust|commitment",
    "information": r"信息|沟通|information|communicat",
    "breadth": r"广度|多层|接触面|往来|breadth|contactpoints|multilevel",
    "investment": r"投入|投资|专用|资源|invest",
    "integration": r"整合|融合|协同|流程|integrat",
}
CONCEPTS["assessments"] += tuple(
    (f"{name}_{n}", re.compile(rf"({words}).*(?<!\d){n}$"), None) for name, words in _ITEMS.items() for n in (1, 2)
)
