"""定密委托书, the written instrument of an officer; 履职情况说明, what an officer states of the own work."""

from __future__ import annotations

from dingmi.engines.documents.forms.model import Cell, Form, Row, Words

COMMISSION = Form(
    name="commission",
    title="定密委托书",
    number_label="文号",
    letter=True,
    blocks=(
        Words("{name}同志：", "to"),
        Words(
            "经{unit}提名并经任前考察、培训合格（资格等级：{grade}），现指定你为{organ}{tier}，"
            "自{since}起{until}，在下列权限内履行定密职责。"
        ),
        Words("一、最高密级：{level}。"),
        Words("二、事项范围：{matters}。"),
        Words("三、职责：审核批准承办人拟定的国家秘密的密级、保密期限和知悉范围，审核在期限内的国家秘密，"
              "对不明确事项先行拟定并报请确定。承办人本人的事项由其他定密责任人审核。"),
        Words("四、本委托书在单位内部公布并报同级保密行政管理部门备案后生效；被暂停、调整、免去或者任期届满的，"
              "自该时起不再履行定密职责，此前的决定不受影响。"),
        Words("{organ}主要负责人：{principal}", "right"),
        Words("{on}", "right"),
        Words("公布日期：{published_on}　备案回执：{filing}", "note", needs="filing"),
    ),
    clauses=("TL-14.1", "ZX-14.1", "ZX-15"),
    last_line="本委托书一式三份：本人、保密办公室、备案机关各一份。",
)  # fmt: skip

STATEMENT = Form(
    name="officer_statement",
    title="定密责任人履职情况说明",
    number_label="统计截至",
    blocks=(
        Row((Cell("姓名", "name"), Cell("部门职务", "place"))),
        Row((Cell("类别、层级", "kind"), Cell("涉密等级", "clearance"))),
        Row((Cell("任命文号", "instrument"), Cell("任期", "term"))),
        Row((Cell("权限", "authority"), Cell("本单位\n定密授权", "grants"))),
        Row((Cell("资格等级", "grade"), Cell("培训", "training"))),
        Row((Cell("本年履职", "year", high=4),)),
        Row((Cell("任内累计", "in_term"), Cell("差错", "errors"))),
        Row((Cell("待办", "duties"),)),
        Row((Cell("履职考核", "appraisal"),)),
        Row(
            (
                Cell(
                    "培训和\n资格考核",
                    "courses",
                    "table",
                    heads=("日期", "课程、资格", "学时", "有效至"),
                    widths=(4, 10, 3, 4),
                    blank=2,
                ),
            )
        ),
        Row((Cell("本人意见", "words", "opinion", high=6, role="定密责任人"),)),
    ),
    clauses=("TL-15.1", "SEED-7"),
    last_line="数据取自台账，只计本人作出的决定；本人签名后由保密办公室存档。",
)
