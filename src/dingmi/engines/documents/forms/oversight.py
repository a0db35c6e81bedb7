"""检查报告, 泄密报告, 泄密处理结果告知函: what oversight prints (TL-58, BW-4, TL-60)."""

from __future__ import annotations

from dingmi.engines.documents.forms.model import Cell, Form, Row, Words

FINDING_HEADS = ("序号", "检查内容", "问题", "责任人", "期限", "整改", "验收")

INSPECTION = Form(
    name="inspection",
    title="保密检查报告",
    number_label="检查编号",
    blocks=(
        Row((Cell("检查名称", "name"),)),
        Row((Cell("类别", "kind"), Cell("被检查部门", "unit"))),
        Row((Cell("检查日期", "on"), Cell("检查文号", "document_no"))),
        Row((Cell("负责人", "lead"), Cell("参加人员", "participants"))),
        Row((Cell("检查内容", "topics"),)),
        Row((Cell("定密情况", "figures"),)),
        Row((Cell("抽样", "sample"),)),
        Row((Cell("检查结论", "conclusion", high=8),)),
        Row((Cell("", "findings", "table", heads=FINDING_HEADS, widths=(2, 5, 7, 3, 4, 4, 4), blank=4),)),
        Row((Cell("检查人", "signed"), Cell("被检查部门\n负责人", "heard"))),
    ),
    clauses=("TL-58", "SEED-12"),
    last_line="针对具体事项的问题只列登记编号和差错类型，内容见事项的纠正记录。",
)

LEAK = Form(
    name="leak_report",
    title="泄露国家秘密事件报告",
    number_label="文号",
    blocks=(
        Row((Cell("报告单位", "organ"), Cell("事件编号", "incident"))),
        Row((Cell("报送", "to"), Cell("性质", "certain"))),
        Row((Cell("发现时间", "discovered_at"), Cell("报告时限", "due_at"))),
        Row((Cell("涉及事项", "matters"), Cell("最高密级", "level"))),
        Row((Cell("一、泄露的内\n容、密级、数\n量及载体", "leaked", high=6),)),
        Row((Cell("二、发现经过", "discovery", high=6),)),
        Row((Cell("三、责任人\n基本情况", "persons", high=6),)),
        Row((Cell("四、时间、地\n点及经过", "course", high=6),)),
        Row((Cell("五、已经或者\n可能造成的\n危害", "harm", high=6),)),
        Row((Cell("六、查处情况", "handling", high=6),)),
        Row((Cell("七、补救措施", "remedies", high=6),)),
        Row((Cell("负责人", "head"), Cell("报告时间", "reported"))),
    ),
    clauses=("BW-4", "TL-61.1", "BMF-47"),
    last_line="本报告须在报告时限前报送；情况紧急的，先口头报告。",
)

OUTCOME = Form(
    name="leak_outcome",
    title="关于泄密事件处理结果的函",
    blocks=(
        Words("{addressee}：", "to"),
        Words("我单位{discovered_at}发现的泄密情况（{incident}）已经查处。现将处理结果书面告知如下。"),
        Words("处理结果：{outcome}"),
        Words("责任追究：{liability}", needs="liability"),
        Words("补救措施：{remedies}", needs="remedies"),
        Words("{sender}", "right"),
        Words("{on}", "right"),
    ),
    clauses=("TL-60", "TL-67.2", "TL-67.8"),
    number_label="文号",
    letter=True,
)
