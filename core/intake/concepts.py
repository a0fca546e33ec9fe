"""What a header is about where no synonym knows it: the words that its kind of name is made of.

Each pattern is looked for in the header in lower case, Simplified, without signs, spaces and brackets. A match is
less certain than a synonym: it is taken, and the user is asked.
"""

from __future__ import annotations

import re

CONFIDENCE = 0.86
_WHO = r"(客户|顾客|用户|会员|保单|租户|学员|学生|账户|商户|患者|业主|订阅|贵宾|旅客|买家|经销商|代理商|加盟商|渠道商|合作商|门店|商家|店铺|投保单位|货主|托运方|宽带|家长|业户|业务|项目|保户|要保人|幼儿|儿童|宝宝|持卡人)"
_WHO_EN = (
    r"(customer|cust|cardholder|client|account|acct|member|debtor|contact|shipper|consignee|merchant|store|outlet|user|policy|workspace|tenant|subscriber|subscription|loyalty|"
    r"patient|student|guest|company|hospital|org|organi[sz]ation|dealer|buyer|phone)"
)
_KEY = rf"^(集团|政企|企业|单位)?{_WHO}.{{0,2}}(编号|编码|号码?|代码|代号|账号|卡号|id|全称)$|手机号|^(学|卡|户|编)号$|^code$|{_WHO_EN}(id|no|number|nr|code|key|ref|reference|cardno)$|^(soldtoparty|shiptoparty|billtoparty|businesspartner|bpno|msisdn)$"
_NOT_MONEY = (
    r"率|占比|比例|比重|增长|增幅|排名|目标|预算|预测|计划|去年|上年|同期|同比|环比|应收|欠|余额|资产|存款|市值|注册资本|家庭|个人收入|"
    r"growth|target|budget|forecast|plan|previous|lastyear|prior|share|rank|rate|balance|income|salary|tax|receivable|"
    r"perunit|unitprice|change|churn|household"
)
# Words that mean by themselves that somebody left, in Simplified; the ones below only with what stands beside them.
LEFT = (
    r"流失|离网|离开|离店|退出|退保|退订|退会|退租|退网|退卡|退店|退学|退课|退班|拆机|停租|撤柜|撤场|退场|撤店|搬离|闭店|关店|断约|弃约|脱落|"
    r"转走|转出|转网|除名|丢单|丢失|失单|不续|不订|销户|销号|注销|终止|解约|解除|停止(合作|往来|交易|采购)|中止(合作|往来)"
)
_LEAVING = rf"({LEFT}|退款|停机|续[保约费班签租订]?|断保|停用|失效)"
_LEAVING_EN = r"(lapse|churn|exit|cancel|leav|left|loss|lost|terminat|attrit|clos|contractend|enddate|nonrenewal|departure|disconnect|deactivat|offboard|inactivesince)"

# What customers bring in, in Chinese and in English.
_REVENUE = (
    (
        "revenue",
        r"(收入|营收|销售额|销售金额|消费(金额|额)?|保费|arpu|学费|订阅费|累计消费|合同(总|金)?额|缴费(总|金)?额?|付费金额|实收|充值|营业额|采购额|贡献|交易额|gmv|成交额|年费|月费|会费|流水|业绩|回款|综合收益|进货额|进货金额|(物业|管理|服务|租赁|托管|代理|运)费$|租金)",
        _NOT_MONEY + "|次数|笔数|积分|日期|时间|人|税|流失|损失",
    ),
    (
        "revenue",
        r"(revenue|sales|spend|premium|turnover|acv|annualvalue|contractvalue|arpu|closedwon|wonamount|totalpaid|netpaid|fees?paid)|^billings?$|(billed|billings?)(amount|total)?$|(arr|mrr)$|^(avg|average|monthly|annual)?bills?(avg|average|amount|value|size)?$|(transactions?|trans|txn)(amt|amount)$",
        _NOT_MONEY
        + "|rep|exec|team|manager|person|date|region|channel|lost|loss|status|deals|count|city|address|country|zip|postal|state|email|cycle|method|currency|wallet|inall|altogether|everyone|everybody|allsuppliers|^all|hour|minute|duration|timespent|frequency|(avg|average|mean)(order|trans|txn|purchase|basket|ticket)",
    ),
)

# Table -> (column, what the header holds, what it must not hold), in the order in which columns choose.
CONCEPTS: dict[str, tuple[tuple[str, re.Pattern[str], re.Pattern[str] | None], ...]] = {
    table: tuple((name, re.compile(found), re.compile(never) if never else None) for name, found, never in rows)
    for table, rows in {
        "customers": (
            ("customer", _KEY, ""),
            (
                "name",
                rf"^(集团|政企|企业|单位)?{_WHO}(名称?|姓名|简称|全称)$|^户名$|^name1$|(企业|公司|单位|投保人|被保人|经销商|代理商|加盟商).*(名称?|姓名|简称|全称)$|^要保人$|昵称|policyholder|^(member|guest|student|subscriber)$|"
                rf"^{_WHO_EN}(full)?name$|^organi[sz]ation$|legalentity|^hospital$|^employer$",
                "经理|联系人|contact|manager",
            ),
            *_REVENUE,
            ("margin", r"(毛利|利润|净利)率?$|^gm%?$|margin", "额|金额|amount"),
            (
                "orders",
                r"(消费|购买|交易|成交|下单|订单|订购|到店|入住)(总?次数|笔数|量)|(deals|opportunities)won$|closedwon(deals|opps|opportunities)|^(number|no|count)of(payments|orders|deals|purchases|transactions|visits)|(payment|order|purchase|transaction|trans|txn|invoice|visit|deal)s?(count|number|ct|cnt)$|(transactions|orders|purchases|visits|stays|bookings|shipments|consignments|parcels)$|(发货|发运|托运|运单|下单)(票)?(次|单|票)数$|^(票数|运单数)$",
                "金额|amount|value",
            ),
            (
                "joined",
                r"(首次|开户|签约|生效|起保|入会|注册|报名|入网|起始|开通|激活|建档|合作开始|加入|申装|装机|办理|办卡|首单|首购|建交|成交|入学|入读|投保|参保|承保|起租|进场|接管|合同开始|合同起始).*(时间|日期?|年月)$|(合作|签约|往来|入会)(起始|开始|起始于|起)$|"
                r"^(first|subscriptionstart|inception|enrol|signup|signed|join|registr|contractstart|customersince|activation|onboard|opened|opening|(client|member|account|guest|partner|withus)since|golive|wentlive|livesince|startdate|activesince).*",
                "流失|退|公司注册|工商|成立|end|last|value|revenue|bill",
            ),
            (
                "owner",
                r"(客户|理财|销售|业务|大客户|关系)?经理$|(对口|跟进|负责|对接|维护).{0,2}(销售|csm|人|经理|窗口)$|^我方对接人$|顾问$|窗口$|导购|(班)?导师$|班主任|管户|业务(人)?员|业务(代表|担当)|负责业务|营业员|(服务|客服)(人员|专员)|^(managed|handled|served|owned)by$|(account|partner|client|customer|relationship|sales|keyaccount)manager$|客服专员|"
                r"^(kam|csm|am|rm)$|((sales|account)(exec|executive|rep|person|owner)|relationshiplead|accountlead|advisor)$",
                "^对接人$",
            ),
            (
                "segment",
                r"(行业|业态|渠道|分类|类别|类型|等级|层级|级别|套餐|险种|版本|班型|产品线|客群|群组|规模|型态|属性|卡种|卡类|班别|课程|房型|车型)别?(名称)?$|(customer|client|account)(type|class|group|tier)$|industry|vertical|segment|tier|plan$|plantype|productline|family$|category$|customergroup$|^(sales|trade)?channel$",
                "金额|数|日期|原因|流失|支付|付款|设备|证件|学历|婚姻|年龄|收入|income|education|marital|age|reason|payment|amount|count|churn|target|目标",
            ),
            (
                "tenure_months",
                r"(在网|合作|入会|客户|持有).{0,2}(时长|月数|年限|年数|月份数)|^(使用|合约|签约|往来|服务).{0,1}(时长|月数|年限|年数)$|tenure|monthsactive|monthsasc|months(in|of|on)(service|book|contract)|^(subscription|account|membership|customer|relationship)(age|length|duration)$|lengthof(relationship|service|membership)",
                "",
            ),
            ("acquisition_cost", r"(获客|拉新|开发|获取).{0,2}(成本|费用|支出)|acquisition(cost|spend)|^cac$", ""),
            (
                "category_spend",
                r"wallet|钱包|total.+spend|(spen[dt]|buy|bought).*(inall|altogether|everyone|everybody|allsuppliers)|^all[a-z]+spend|(总|全部|整体)采购(额|金额|预算|规模)|(品类|同类)(总)?(支出|采购|消费)",
                "占|率|积分|share|point",
            ),
            ("cost_to_serve", r"(服务|维护|维系|支持).{0,2}(成本|费用)|(servic|support|serve).*cost", ""),
        ),
        "exits": (
            ("customer", _KEY, ""),
            (
                "reason",
                rf"{_LEAVING}.{{0,3}}(原因|理由|说明|因素)|不续.{{0,2}}(原因|理由)|{_LEAVING_EN}.*reason|reason.*{_LEAVING_EN}|^(main|primary|key|principal|stated)reason$|^主要原因$|why.*(left|leave|lost|churn|cancel)",
                "类|category|code",
            ),
            ("reason_key", r"原因.{0,4}(属于)?(哪一?类|类别|大类|归类)", ""),
            ("reason", r"(具体|详细|补充)(说明|描述)?.{0,2}原因|原因.{0,2}(具体|详细|补充)?(说明|描述)", "类"),
            (
                "avoidable",
                r"(能否|可否|是否)(可以?|能够?)?(避免|挽回|挽留|挽救|留住)|^可(避免|挽回|挽留)|avoidable|preventable|sav(e)?able|recoverable|could(we|they)?have(been)?(saved|kept)|(如果|若|假如|倘若).*(会|愿意?).*(继续|留下|不走|不离开)|^if.*would.*(stay|remain|continue|left)",
                "",
            ),
            ("date", rf"({LEFT}).{{0,3}}(日期?|时间|年月|月份)$", "目标"),
            (
                "date",
                rf"({_LEAVING}|停止|终了|离店|转走).{{0,3}}(日期?|时间|年月|月份)$|到期日|{_LEAVING_EN}.*(date|on|at|month|day|since)$|^contractend$|^date(of)?(left|leav|exit|churn|loss|lost|cancel|terminat|lapse|closed|ended)",
                "目标|reason|station|location",
            ),
            (
                "churned",
                rf"{_WHO}?(合作|履约|订阅|续[保约费班签]|客户|用户|会员|账户|保单|在保|在管|在租|在读|就读|在学|学员|签约).{{0,2}}(状态|状况|情况|标志|标识)$|是否.*{_LEAVING}|{_LEAVING}.{{0,2}}(标志|标识|状态|情况)$|"
                r"^(is)?still(a|an|our|with)?(active|here|us|customer|client|member|subscri).*|^(renewed|retained|renewal)(flag|status|yn)?$|^是?否?(仍|还|继续)(在|有效|活跃|合作|使用|订阅|采购).*|"
                r"^(lapsed|churned?|cancelled|canceled|attrited|terminated|inactive)(flag|yn|y)?$|(member|customer|account|client|subscription|policy|contract|user)(ship)?status$|^statusofcustomer$",
                "率|prob|rate|score|风险|risk|概率",
            ),
            (
                "revenue",
                r"(前一?年|去年|上年|流失前|离开前|退出前|终止前).{0,3}(营业额|销售额|收入|采购额|消费额?|金额)|(流失|损失).*(收入|金额|营收|销售额)|(lost|lossof).*(revenue|sales|arr|mrr|billing|premium)|(revenue|sales|arr|mrr|billing|annualvalue).*(lost|loss)?$",
                _NOT_MONEY.replace("去年|上年|", ""),
            ),
            *_REVENUE,
        ),
        "stakeholders": (
            (
                "stakeholder",
                r"(单位|机构|伙伴|供应商|经销商|代理商|媒体|部门|相关方|合作方|对象|关系方).*(名称?|全称)$|^(主要|关键)?(干系人|利益相关[方者]|利害关系[人方]|攸关方|关系人)(名称?|姓名)?$|^(伙伴|合作方|合作对象|对象)$|^(partner|supplier|vendor|organi[sz]ation|stakeholder|counterparty|media|agency|who)(name)?$",
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
                r"(希望|期望|目标|理想).*(强度|关系|水平|评分|得分|分)|(strength|relationship|score|rating|level)(wanted|desired|target|goal)$|^wherewewant|^(target|desired|wanted|ideal|goal)(score|rating)$|^(target|desired|wanted|ideal).*(relationship|strength|level)",
                "stage|阶段",
            ),
            (
                "strength",
                r"(关系|目前|当前|现有).*(强度|水平|现状|评分|得分|分)$|^(目前|当前|现有|现在)(的)?关系$|^(relationship|strength)(now|today|current)$|^(relationship|partner|partnership)(score|health|rating)(score)?$|^(current|today|present)?(relationship)?(strength|current)$|^currentrelationship$",
                "",
            ),
            ("trust", r"信任|trust", ""),
            ("commitment", r"承诺|投入(程度|度)|commitment", ""),
            ("satisfaction", r"满意|satisf|^howhappy", ""),
            ("power", r"影响力|权力|话语权|influence|^power", "市场|market"),
            ("interest", r"关注度?|兴趣|interest", ""),
            ("legitimacy", r"legitima|正当|合法", ""),
            ("urgency", r"urgen|紧急|紧迫|急迫", ""),
            (
                "value_given",
                r"(spend|paid|payments?|purchases?)(with|to|from)|we(spent|spend|paid|pay|gave|give).*|(我方|向其|对其|支付给).*(支出|采购|投入|金额)",
                "所得|得到|获|收到|收入|收益|对方给|received",
            ),
            (
                "value_received",
                r"(revenue|income|sales)(from|via|through)|(they|their).*(gave|give|paid|pay|brought|bring|spent|spend)|(来自|带来|贡献).{0,4}(收入|金额|业绩|营收|价值)|(年)?(合作|采购|交易)(金?额|价值)|annual(value|spend|volume)|valueatstake",
                "",
            ),
            (
                "owner",
                r"(负责|对接|跟进|我方).{0,2}(人|窗口|经理)$|(relationship|partner|account|vendor|supplier)(lead|owner|manager)$|^(managed|handled|owned)by$|^(our)?(owner|lead|kam|person)$|^[a-z]+lead$|ourside$",
                "",
            ),
            (
                "as_of",
                r"(评估|更新|复核|调查).{0,2}(日期?|时间)$|^(last)?(reviewed|updated|assessed|rated)(on|at)?$|^(last)?(review|assessment|rating|update)date$",
                "",
            ),
        ),
        "ratings": (
            (
                "attribute",
                r"(评价|比较|对比|质量|采购|购买)?(指标|属性|项目|维度|要素|标准|特性|功能|卖点)$|(buying|purchase|quality|decision)?(criterion|criteria|attribute|factor|feature|dimension|characteristic)$|lookfor$|what.*(matters|valued?|important)|(看重|在意|关注|考虑).{0,2}(什么|因素|方面|点)$",
                "",
            ),
            ("segment", r"^(客户|顾客|目标)?(客群|人群|细分)$|^(buyer|customer|client)(type|segment|group)$", ""),
            ("weight", r"(权重|占比|比重|重要(性|程度|度)|(看重|重视|在意|关注)(程度|度))|weight|importan", ""),
            (
                "offer",
                r"^(品牌|供应商|厂商|方案|报价方|竞品|竞争对手)(名称)?$|^(brand|supplier|vendor|offer|competitor)(name)?$",
                "",
            ),
            ("price", r"(单价|价格|售价)$|price$", ""),
            ("rating", r"(评分|得分|打分|分数)$|(rating|score)$", ""),
        ),
        "transactions": (
            ("customer", _KEY + rf"|^{_WHO}(名称?|姓名|昵称)$|^(customer|client|buyer)(name)?$", ""),
            (
                "date",
                r"(下单|订单|交易|付款|支付|创建|成交|购买|开票|出库|发货|消费|结账).{0,2}(日期?|时间)$|"
                r"^(order|transaction|invoice|purchase|payment|sale|posting|created|paid|processed|ordered)(date|time|on|at|day)$",
                "",
            ),
            (
                "amount",
                r"(订单|交易|实付|支付|成交|应付|消费|实收|合计|总|含税|价税|开票|销售)(总?金?额|合计)$|^(总计|合计)$|^(order|invoice|grand|net|gross|line|item)?(total|amount|value)(paid)?$|netsales",
                "数|count",
            ),
        ),
        "touchpoints": (
            ("account", _KEY + rf"|^{_WHO}(名称?|姓名)$|^(customer|client|account|requester|company)(name)?$", ""),
            (
                "date",
                r"(联络|联系|接触|沟通|拜访|来电|服务|进线|工单|创建|跟进).{0,2}(日期?|时间)$|"
                r"^(contact|contacted|created|opened|call|visit|ticket|logged|interaction|activity)(date|time|on|at)?$",
                "",
            ),
            ("channel", r"管道|渠道|方式|途径|媒介|channel|^via$|medium", ""),
            ("direction", r"发起|主动|进线|外拨|呼入|呼出|来去电|direction|inbound|outbound", ""),
            (
                "kind",
                r"(服务|工单|联络|联系|问题|请求|事项|活动)(类型|类别|分类)$|^(ticket|contact|case|activity|interaction)?(type|category)$",
                "",
            ),
            ("topic", r"(沟通|联系|联络|跟进|拜访|反馈)(内容|目的)|来意|主旨|主题|事由|摘要|subject|topic|issue", ""),
            ("outcome", r"满意|评分|结果|csat|outcome|result|satisfaction", ""),
        ),
        "value": (
            ("segment", r"^(buyer|customer|client)?(segment|group|type)$|细分|客群|人群", ""),
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
            (
                "kind",
                r"类别$|类型$|^(component|value)?(category|kind|type)$|^(costs?(or|and|vs)?)?benefits?$|^benefits?(or|and|vs)?costs?$",
                "",
            ),
            ("periods", r"^(no|number|for)?(of|how|many)*(years?|yrs?|periods)$|^(年数|期数|年限)$", ""),
            ("amount", r"金额|amount|^value$|moneyvalue", ""),
            ("probability", r"概率|可能性|likel|probab|chance", ""),
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
