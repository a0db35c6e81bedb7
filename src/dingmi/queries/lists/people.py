"""Lists of people: officers, appointments, delegations, training, examinations, cleared staff."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_noop as n_

from dingmi.queries import officers
from dingmi.queries.lists import words
from dingmi.queries.lists.matters import LEVEL
from dingmi.queries.lists.model import Column, Listing, Word, plain
from dingmi.queries.rows import place_of

NAME = Column(n_("姓名"), "name", "name")
STAFF_NO = Column(n_("工号"), "staff_no", "code")
UNIT = Column(n_("部门"), "department")
CATEGORY = Column(n_("涉密岗位类别"), "category")
PLACE = Column(n_("部门职务"), lambda r: place_of(r.department, r.post))
MAX_LEVEL = Column(n_("最高密级"), "max_level", "level")


def _exam_span(row: Any) -> str:
    return f"{plain(row.opens_at)} – {plain(row.closes_at)[5:]}"


def _paper_result(row: Any) -> Any:
    return row.passed if row.state == "done" else row.state


def _paper_certificate(row: Any) -> str:
    return row.certificate or ("wait" if row.can_certify else "")


OFFICERS = {
    "officers": Listing(
        n_("定密责任人名册"),
        "officers",
        "rows",
        (
            NAME,
            PLACE,
            Column(n_("类别"), "kind"),
            Column(n_("层级"), "tier", words=words.TIER),
            MAX_LEVEL,
            Column(n_("事项范围"), "matters"),
            Column(n_("任命文号"), "instrument"),
            Column(n_("自"), "since", "day"),
            Column(n_("任期至"), "until", "day"),
            Column(n_("培训有效至"), "trained_until", "day"),
            Column(n_("资格等级"), "grade"),
            Column(n_("资格有效至"), "grade_until", "day"),
            Column(n_("涉密等级"), "clearance", "level"),
            Column(n_("状态"), "problems", words=words.OFFICER, none=words.OFFICER["valid"]),
        ),
        every=officers.chosen,
    ),
    "officers.cases": Listing(
        n_("任命办理"),
        "officers.cases",
        "",
        (
            NAME,
            Column(n_("部门职务"), "post"),
            MAX_LEVEL,
            Column(n_("提名日期"), "nominated_on", "day"),
            Column(n_("办理情况"), lambda r: (r.state, *r.awaits), words=words.CASE),
        ),
        empty=n_("没有在办的任命"),
        hint=n_("由业务部门提名后，保密办公室会同人事部门考察。"),
        key="id",
    ),
    "officers.case": Listing(
        n_("任命经过"),
        "officers.case",
        "steps",
        (
            Column(n_("步骤"), "name", words=words.STEP),
            Column(n_("时间"), "at", "moment"),
            Column(n_("说明"), "words"),
        ),
        gone=lambda r: r.at is None,
    ),
    "officers.coverage": Listing(
        n_("各部门的定密力量"),
        "officers.coverage",
        "",
        (
            Column(n_("部门"), "name"),
            Column(n_("产生的最高密级"), "level", "level"),
            Column(n_("本部门责任人"), lambda r: r.own, words={}, none=Word(n_("没有"), "er")),
            Column(n_("其他可以办理的责任人"), "others"),
        ),
        empty=n_("还没有部门产生国家秘密"),
    ),
    "gate.outside": Listing(
        n_("越权核查"),
        "gate.outside",
        "outside",
        (
            Column(n_("编号"), "number", "code"),
            LEVEL,
            Column(n_("定密责任人"), "officer"),
            Column(n_("时间"), "at", "moment"),
            Column(n_("原因"), "codes"),
            Column(n_("条款"), "clauses"),
        ),
        empty=n_("没有不具备资格作出的决定"),
        hint=n_("每一件决定签署时，责任人都有资格和权限。"),
    ),
    "delegations": Listing(
        n_("定密授权"),
        "delegations",
        "delegations",
        (
            Column(n_("授权文号"), "instrument"),
            Column(n_("授权机关"), "grantor"),
            Column(n_("被授权机关、单位"), "grantee"),
            MAX_LEVEL,
            Column(n_("事项"), lambda r: r.matters or "全部事项"),
            Column(n_("自"), "since", "day"),
            Column(n_("至"), "last_day", "day"),
            Column(n_("剩余天数"), lambda r: r.days_left if r.running else None, "number"),
            Column(n_("状态"), "states", words=words.DELEGATION),
        ),
    ),
    "delegations.requests": Listing(
        n_("授权申请"),
        "delegations",
        "requests",
        (
            Column(n_("受理机关"), "addressee"),
            LEVEL,
            Column(n_("事项"), "matters"),
            Column(n_("近三年件数"), "originals", "code"),
            Column(n_("申请日期"), "applied_on", "day"),
            Column(n_("决定"), lambda r: (r.answer,), words=words.ANSWER),
            Column(n_("决定文号"), "answer_no"),
        ),
    ),
    "selections": Listing(
        n_("公开选拔"),
        "selections",
        "rows",
        (
            Column(n_("岗位"), "title"),
            MAX_LEVEL,
            Column(n_("任职条件"), "conditions"),
            Column(n_("须通过的考核"), "exam"),
            Column(n_("截止时间"), "closes_at", "moment"),
            Column(n_("报名人数"), "count", "number"),
            Column(n_("状态"), "state", words=words.SELECTION),
            Column(n_("决定理由"), "reasons"),
        ),
    ),
    "selections.candidates": Listing(
        n_("报名人员"),
        "selections",
        lambda answer: [c for row in answer.rows for c in row.candidates],
        (
            NAME,
            Column(n_("部门职务"), "post"),
            Column(n_("本人情况和理由"), "statement"),
            Column(n_("得分"), "score", "number"),
            Column(n_("结果"), "state", words=words.CANDIDACY),
        ),
        key="case",
    ),
    "officers.allowances": Listing(
        n_("岗位津贴"),
        "officers.allowances",
        "rows",
        (
            NAME,
            Column(n_("层级"), "tier", words=words.TIER),
            MAX_LEVEL,
            Column(n_("在任天数"), "days", "number"),
            Column(n_("暂停天数"), "suspended", "number"),
            Column(n_("应发（元）"), "yuan", "number"),
        ),
        empty=n_("本月没有在任的定密责任人"),
        key="person",
    ),
    "officers.allowance_rules": Listing(
        n_("津贴标准"),
        "officers.allowances",
        "rules",
        (
            Column(n_("层级"), "tier", words=words.TIER),
            MAX_LEVEL,
            Column(n_("每月（元）"), "yuan", "number"),
            Column(n_("依据文号"), "instrument"),
            Column(n_("自"), "since", "day"),
            Column(n_("至"), "until", "day"),
        ),
        empty=n_("还没有津贴标准"),
        hint=n_("由主要负责人按层级和最高密级确定；暂停履职的日子不发。"),
        gone=lambda r: r.is_over,
    ),
    "performance.of_year": Listing(
        n_("年度考核"),
        "performance.of_year",
        "rows",
        (
            NAME,
            Column(n_("得分"), "total", "number"),
            Column(n_("办理情况"), lambda r: (r.state,), words=words.APPRAISAL),
            Column(n_("最终得分"), "final", "number"),
        ),
    ),
    "performance.rules": Listing(
        n_("考核规则"),
        "performance.rules",
        "rows",
        (
            Column(n_("规则代码"), "code", "code"),
            Column(n_("考核指标"), "indicator", words=words.INDICATOR),
            Column(n_("每次分值"), "points", "number"),
            Column(n_("全年最多"), "most", "number"),
            Column(n_("依据条款"), "clause", "code"),
            Column(n_("规则"), "zh"),
            Column(n_("英文"), "en"),
            Column(n_("制定文号"), "instrument"),
            Column(n_("来源"), "source", words=words.RULE_SOURCE),
        ),
    ),
}
JOURNEY = (
    Column(n_("种类"), "kind", words=words.TRAVEL),
    Column(n_("前往"), "place"),
    Column(n_("事由"), "purpose"),
    Column(n_("启程"), "starts_on", "day"),
    Column(n_("返回"), "returns_on", "day"),
    Column(n_("状态"), "state", words=words.TRAVEL_STATE),
    Column(n_("人事部门意见"), "personnel_opinion"),
    Column(n_("保密办意见"), "office_opinion"),
    Column(n_("审批意见"), "decision"),
    Column(n_("行前教育"), "briefed_on", "day"),
    Column(n_("出入境备案号"), "filing_no", "code"),
    Column(n_("实际返回"), "back_on", "day"),
    Column(n_("返回报告"), "back_words"),
)


def _is_past(row: Any) -> bool:
    return row.state in ("back", "refused", "withdrawn")


PEOPLE = {
    "personnel.reports": Listing(
        n_("重大事项报告"),
        "personnel.reports",
        "rows",
        (
            NAME,
            Column(n_("事项"), "kind", words=words.EVENT),
            Column(n_("发生日期"), "on", "day"),
            Column(n_("情况说明"), "words"),
            Column(n_("报告时间"), "reported_at", "moment"),
            Column(n_("答复"), lambda r: r.answer or ("wait",), words={"wait": Word(n_("待答复"), "wa")}),
        ),
        empty=n_("没有重大事项报告"),
        hint=n_("涉密人员的六类个人重大事项应及时报告。"),
    ),
    "personnel.conduct": Listing(
        n_("违规和离职情况"),
        "personnel.conduct",
        "rows",
        (
            NAME,
            Column(n_("事项"), "kind", words=words.CONDUCT),
            Column(n_("发生日期"), "on", "day"),
            Column(n_("情况说明"), "words"),
            Column(n_("报告文号"), lambda r: r.document_no or ("wait",), words={"wait": Word(n_("待报告"), "wa")}),
            Column(n_("报告日期"), "told_on", "day"),
            Column(n_("报告内容"), "told_words"),
        ),
        empty=n_("没有违规和离职情况"),
        hint=n_("涉密人员擅自离职、严重违规的，及时报告同级保密行政管理部门；其建议调离的，书面答复。"),
    ),
    "personnel.posts": Listing(
        n_("岗位经历"),
        "personnel.file",
        "posts",
        (
            CATEGORY,
            Column(n_("职务"), "post"),
            UNIT,
            Column(n_("自"), "since", "day"),
            Column(n_("至"), "until", "day"),
            Column(n_("备案号"), "filing_no", "code"),
            Column(n_("备案日期"), "filed_on", "day"),
        ),
        gone=lambda r: r.until is not None,
    ),
    "personnel.trainings": Listing(
        n_("培训经历"),
        "personnel.file",
        "trainings",
        (
            Column(n_("课程"), "course"),
            Column(n_("完成日期"), "on", "day"),
            Column(n_("学时"), "hours", "number"),
            Column(n_("有效至"), "valid_through", "day"),
        ),
    ),
    "personnel.travels": Listing(n_("出国（境）经历"), "personnel.file", "travels", JOURNEY, gone=_is_past),
    "travel": Listing(
        n_("出国（境）审批"),
        "travel",
        "rows",
        (NAME, *JOURNEY),
        empty=n_("没有出国（境）申请"),
        hint=n_("涉密人员出境前申请，组织人事部门和保密办提出意见，主要负责人审批，启程前接受保密教育。"),
        gone=_is_past,
    ),
    "grading.approvers": Listing(
        n_("工作秘密、商业秘密审批人"),
        "grading.approvers",
        "rows",
        (
            Column(n_("姓名"), "person"),
            UNIT,
            Column(n_("审批权限"), "max_level", "level"),
            Column(n_("指定文号"), "instrument"),
            Column(n_("自"), "since", "day"),
            Column(n_("任期至"), "until", "day"),
        ),
    ),
    "people": Listing(
        n_("人员与岗位"),
        "people",
        "rows",
        (
            NAME,
            STAFF_NO,
            UNIT,
            Column(n_("职务"), "post"),
            Column(n_("涉密岗位类别"), "post_category"),
            Column(n_("境外人员"), "is_foreign", words=words.YES_NO),
            Column(n_("最高可知悉密级"), "clearance", "level"),
            Column(n_("依据"), "instrument"),
            Column(n_("涉密等级有效至"), "cleared_through", "day"),
            Column(n_("账号"), "username"),
            Column(n_("离岗日期"), "left_on", "day"),
        ),
    ),
    "organs": Listing(
        n_("机关、单位"),
        "organs",
        "rows",
        (
            Column(n_("机关、单位全称"), "name"),
            Column(n_("层级"), "tier"),
            Column(n_("单位代码"), "unit_code"),
            Column(n_("业务系统"), "line"),
            Column(n_("上级机关"), "superior"),
        ),
    ),
    "personnel.staff": Listing(
        n_("涉密人员管理"),
        "personnel.staff",
        "rows",
        (
            NAME,
            PLACE,
            CATEGORY,
            Column(n_("最高可知悉密级"), "clearance", "level"),
            Column(n_("最近审查"), "vetted_on", "day"),
            Column(n_("复审期限"), "due_again", "day"),
            Column(n_("承诺书有效至"), lambda r: r.bound_through or ("没有期限" if r.is_bound else None), "day"),
            Column(n_("待办"), "problems", words=words.OWED, none=Word(n_("齐备"), "ok")),
        ),
        empty=n_("没有涉密人员"),
        hint=n_("确定涉密岗位类别或者涉密等级后列在这里。"),
        key="person",
    ),
    "personnel.leavings": Listing(
        n_("脱密期管理"),
        "personnel.staff",
        "leavings",
        (
            NAME,
            CATEGORY,
            Column(n_("批准离岗"), "approved_on", "day"),
            Column(n_("脱密期至"), "cooling_through", "day"),
            Column(n_("管理单位"), "managed_by"),
            Column(n_("剩余天数"), lambda r: None if r.is_over else r.days_left, "number"),
            Column(n_("离开本单位"), "leaves_organ", words=words.YES_NO),
        ),
        empty=n_("没有处于脱密期的人员"),
        key="person",
        gone=lambda r: bool(r.is_over),
    ),
    "personnel.vettings": Listing(
        n_("审查与复审"),
        "personnel.file",
        "vettings",
        (
            Column(n_("审查日期"), "on", "day"),
            Column(n_("结论"), "passed", words=words.VETTED),
            Column(n_("审查意见"), "opinion"),
            Column(n_("复审期限"), "due_again", "day"),
        ),
        empty=n_("还没有审查记录"),
    ),
    "personnel.undertakings": Listing(
        n_("承诺书和合同"),
        "personnel.file",
        "undertakings",
        (
            Column(n_("种类"), "kind", words=words.UNDERTAKING),
            Column(n_("编号"), "number"),
            Column(n_("签订日期"), "signed_on", "day"),
            Column(n_("有效至"), "through", "day"),
            Column(n_("提示"), "advice", words=words.ADVICE),
        ),
        empty=n_("还没有承诺书"),
        gone=lambda r: not r.is_valid,
    ),
}
TRAINING = {
    "training.sessions": Listing(
        n_("场次"),
        "training",
        "sessions",
        (
            Column(n_("课程"), "course", "name"),
            Column(n_("开始时间"), "starts_at", "moment"),
            Column(n_("地点"), "place"),
            Column(n_("讲授人"), "teacher"),
            Column(n_("报名 / 座位"), lambda r: f"{r.enrolled} / {r.seats}", "number"),
            Column(n_("到课"), lambda r: r.attended if r.state == "held" else None, "number"),
            Column(n_("状态"), "state", words=words.SESSION),
        ),
        empty=n_("还没有安排场次"),
        hint=n_("先开设课程，再安排场次；到课登记后自动生成证书。"),
        key="id",
        gone=lambda r: r.state == "cancelled",
    ),
    "training.courses": Listing(
        n_("课程"),
        "training",
        "courses",
        (
            Column(n_("代码"), "code", "code"),
            Column(n_("课程名称"), lambda r: r.title if r.is_open else f"{r.title}（已停开）"),
            Column(n_("对象"), "audience", words=words.AUDIENCE),
            Column(n_("内容"), "outline"),
            Column(n_("内容类别"), "topics", words=words.LESSON),
            Column(n_("分钟"), "minutes", "number"),
            Column(n_("证书有效月数"), "valid_months", "number"),
            Column(n_("场次"), "held", "number"),
            Column(n_("到课人次"), "attended", "number"),
        ),
        empty=n_("还没有开设课程"),
        gone=lambda r: not r.is_open,
    ),
    "training.session": Listing(
        n_("名单"),
        "training.session",
        "roll",
        (
            NAME,
            STAFF_NO,
            UNIT,
            Column(n_("到课"), "state", words=words.ROLL),
            Column(n_("证书编号"), "certificate", "code"),
        ),
        empty=n_("还没有人报名"),
    ),
    "training.hours": Listing(
        n_("学时与有效期"),
        "training.hours",
        "rows",
        (
            NAME,
            STAFF_NO,
            PLACE,
            Column(n_("学时"), "hours", "number"),
            Column(n_("要求"), lambda r: r.asked or None, "number"),
            Column(n_("依据"), "basis", words=words.BASIS),
            Column(n_("培训有效至"), "trained_through", "day"),
            Column(n_("资格等级"), "grade"),
            Column(n_("提示"), "notes", words=words.SHORT),
        ),
        empty=n_("没有符合条件的人员"),
    ),
    "exams": Listing(
        n_("考试"),
        "exams",
        "exams",
        (
            Column(n_("考核名称"), "title", "name"),
            Column(n_("资格等级"), "grade"),
            Column(n_("开放时间"), _exam_span, "code"),
            Column(n_("考生"), lambda r: r.candidates or "所有人员", "number"),
            Column(n_("交卷"), lambda r: f"{r.handed_in} / {r.started}", "number"),
            Column(n_("合格率"), lambda r: None if r.pass_rate is None else f"{r.pass_rate}%", "number"),
            Column(n_("平均分"), "mean", "number"),
            Column(n_("状态"), "state", words=words.EXAM),
        ),
        empty=n_("还没有设置考核"),
        hint=n_("选定事项范围和题数即可；每人一卷，题目各不相同。"),
        key="id",
        gone=lambda r: r.state == "cancelled",
    ),
    "exams.papers": Listing(
        n_("答卷"),
        "exams.one",
        "papers",
        (
            NAME,
            UNIT,
            Column(n_("开始"), "started_at", "moment"),
            Column(n_("交卷"), "submitted_at", "moment"),
            Column(n_("得分"), "score", "number"),
            Column(n_("结果"), _paper_result, words=words.RESULT),
            Column(n_("证书编号"), _paper_certificate, words={"wait": Word(n_("待发证"), "wa")}),
        ),
        empty=n_("还没有人开始答卷"),
        key=lambda r: r.id if r.state == "done" else "",
    ),
    "exams.kinds": Listing(
        n_("各类题的正确率"),
        "exams.one",
        "kinds",
        (
            Column(n_("题目"), lambda r: r[0], words=words.QUESTION),
            Column(n_("答对 / 出题"), lambda r: f"{r[2]} / {r[1]}", "number"),
        ),
    ),
}
