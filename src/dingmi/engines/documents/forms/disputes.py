"""Forms of doubt: 不明确事项报告, 异议书, 争议报请书, and the cover of a dossier for 密级鉴定."""

from __future__ import annotations

from dingmi.engines.documents.forms.model import Cell, Form, Row, Words

UNCLEAR = Form(
    name="unclear",
    title="{sender}关于不明确事项的报告",
    number_label="报告编号",
    letter=True,
    blocks=(
        Words("{addressee}：", "to"),
        Words(
            "我单位在工作中产生《{title}》{doc_number}，该事项符合《中华人民共和国保守国家秘密法》第十三条的规定，"
            "但现行保密事项范围没有规定。我单位自{provisional_on}起先行拟定：密级为{level}，保密期限为{tail}，"
            "知悉范围为{scope}，并采取相应的保密措施。"
        ),
        Words("拟定理由：{reasons}", needs="reasons"),
        Words("已比对的保密事项范围：{guides}", needs="guides"),
        Words("已采取的保密措施：{measures}", needs="measures"),
        Words("事项内容摘要：{summary}", needs="summary"),
        Words(
            "依据《中华人民共和国保守国家秘密法实施条例》第二十五条，报请确定。报送期限为{due_on}，请自收到之日起十个工作日内答复。"
        ),
        Words("{sender}", "right"),
        Words("{on}", "right"),
    ),
    clauses=("TL-25.1", "TL-25.1d"),
)

CHALLENGE = Form(
    name="challenge",
    title="定密异议书",
    number_label="异议编号",
    blocks=(
        Row((Cell("事项名称", "title"),)),
        Row((Cell("原定密机关", "originator"), Cell("文号", "doc_number"))),
        Row((Cell("原标志", "mark"), Cell("提出日期", "on"))),
        Row((Cell("异议主张", "kinds", "ticks"), Cell("主张密级", "asserted"))),
        Row((Cell("异议理由\n和依据", "reasons", high=14),)),
        Row((Cell("争议期间\n保密措施", "measures", high=4),)),
        Row((Cell("提出单位\n意见", "challenger", "opinion", high=8, role="提出单位负责人"),)),
        Row((Cell("原定密机关\n答复", "reply", "opinion", high=9, role="定密责任人"),)),
    ),
    clauses=("TL-26.1", "TL-26.3"),
    last_line="争议未决期间，按主张的最高密级采取保密措施。",
)

DISPUTE = Form(
    name="dispute",
    title="定密争议报请书",
    number_label="报请编号",
    blocks=(
        Row((Cell("报请机关", "addressee"),)),
        Row((Cell("事项名称", "title"),)),
        Row((Cell("原定密机关", "originator"), Cell("文号", "doc_number"))),
        Row((Cell("原标志", "mark"), Cell("争议期间\n按", "protected_as"))),
        Row((Cell("原定密机关\n意见", "originator_view", high=7),)),
        Row((Cell("异议单位\n意见", "challenger_view", high=7),)),
        Row((Cell("争议焦点", "issue", high=4),)),
        Row(
            (
                Cell(
                    "办理经过",
                    "history",
                    "table",
                    heads=("日期", "办理情况", "办理单位"),
                    widths=(2, 6, 3),
                    blank=3,
                ),
            )
        ),
        Row((Cell("定密责任人\n意见", "officer", "opinion", high=7, role="定密责任人"),)),
        Row((Cell("主要负责人\n意见", "head", "opinion", high=7, role="主要负责人"),)),
        Row((Cell("裁决结果", "ruling", high=4),)),
    ),
    clauses=("TL-26.2", "QA-6"),
    last_line="争议未决期间，按主张的最高密级采取保密措施。",
)

APPRAISAL = Form(
    name="appraisal",
    title="密级鉴定材料卷宗封面",
    number_label="卷宗编号",
    blocks=(
        Row((Cell("申请机关", "applicant"), Cell("申请文号", "request_no"))),
        Row((Cell("事项名称", "title"),)),
        Row((Cell("文号", "doc_number"), Cell("登记编号", "register_no"))),
        Row((Cell("一、是否本\n单位产生，\n是否真实", "genuine", high=6),)),
        Row((Cell("二、定密、\n变更、解密\n的程序、\n理由和依据", "procedure", high=9),)),
        Row((Cell("三、目前应\n否属国家\n秘密，何级", "should_be", high=6),)),
        Row(
            (
                Cell(
                    "决定与记录",
                    "history",
                    "table",
                    heads=("日期", "事项", "标志", "定密责任人", "该件存证序号"),
                    widths=(3, 4, 4, 3, 2),
                    blank=2,
                ),
            )
        ),
        Row((Cell("卷内材料", "contents", high=4),)),
        Row((Cell("定密责任人\n意见", "officer", "opinion", high=7, role="定密责任人"),)),
        Row((Cell("单位意见", "head", "opinion", high=7, role="主要负责人"),)),
    ),
    clauses=("JD-14", "BMF-53"),
    last_line="卷内材料均由账本导出，可逐条核验。",
)
