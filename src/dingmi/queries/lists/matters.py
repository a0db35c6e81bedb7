"""Lists of matters and of what is done about them: number, mark and days, never a title (the register has its own export)."""

from __future__ import annotations

from itertools import chain
from typing import Any

from django.utils.translation import gettext_noop as n_

from dingmi.queries.lists import words
from dingmi.queries.lists.model import Column, Listing, Word

NUMBER = Column(n_("编号"), "number", "code")
LEVEL = Column(n_("密级"), "level", "level")
OF_MATTER = (
    Column(n_("编号"), "matter.number", "code"),
    Column(n_("密级"), "matter.level", "level"),
    Column(n_("状态"), "matter.state_word"),
)


def _expiring(answer: Any) -> list[Any]:
    return list(chain.from_iterable(group.rows for group in answer.groups))


def _tasks(answer: Any) -> list[Any]:
    return [*answer.overdue, *answer.today_due, *answer.this_week, *answer.later]


MATTERS = {
    "workbench": Listing(
        n_("待办"),
        "workbench",
        _tasks,
        (
            Column(n_("类型"), "kind", words=words.TASK),
            NUMBER,
            LEVEL,
            Column(n_("来自"), "sender"),
            Column(n_("期限"), "due_on", "day"),
            Column(n_("剩余天数"), "days_left", "number"),
        ),
    ),
    "review.queue": Listing(
        n_("待我审核"),
        "review.queue",
        "",
        (
            Column(n_("编号"), "label", "code"),
            Column(n_("拟定标志"), "mark"),
            Column(n_("承办人"), "drafter"),
            Column(n_("部门"), "department"),
            Column(n_("类型"), "origin", words=words.ORIGIN),
            Column(n_("意见"), "act", words=words.PROPOSED),
            Column(n_("提交时间"), "proposed_at", "moment"),
            Column(n_("办理时限"), "due_on", "day"),
        ),
    ),
    "radar": Listing(
        n_("一致性雷达"),
        "radar",
        "rows",
        (
            Column(n_("编号"), "number", "name"),
            Column(n_("先定的"), lambda r: f"{r.one.number} {r.one.mark}"),
            Column(n_("后定的"), lambda r: f"{r.other.number} {r.other.mark}"),
            Column(n_("不同之处"), "differs", words=words.DIFFERENCE),
            Column(n_("相近"), lambda r: f"{r.per_cent}%", "number"),
            Column(n_("裁定人"), "owner", words={}, none=Word(n_("待指定"), "wa")),
            Column(n_("发现日期"), "found_on", "day"),
            Column(n_("裁定期限"), "due_on", "day"),
            Column(n_("状态"), "standing", words=words.DISCORD),
        ),
        empty=n_("没有相互矛盾的事项"),
        hint=n_("每日比对在密事项；内容相近而密级、期限或知悉范围不同的，在这里立案。"),
        key="case",
    ),
    "expiry": Listing(
        n_("到期与审核"),
        "expiry",
        _expiring,
        (
            Column(n_("编号"), "row.number", "code"),
            LEVEL,
            Column(n_("定密日期"), "row.decided_on", "day"),
            Column(n_("保密期限至"), "row.last_day", "day"),
            Column(n_("剩余天数"), "row.days_left", "number"),
            Column(n_("部门"), "row.department"),
            Column(n_("定密责任人"), "row.officer"),
            Column(n_("拟定意见"), "proposed", words=words.REVIEW),
        ),
    ),
    "notices.deliveries": Listing(
        n_("通知送达"),
        "notices.deliveries",
        lambda answer: (*answer.open, *answer.done),
        (
            Column(n_("编号"), "label", "code"),
            LEVEL,
            Column(n_("通知"), "words"),
            Column(n_("收件"), "recipient"),
            Column(n_("发出日期"), "sent_on", "day"),
            Column(n_("送达期限"), "deliver_by", "day"),
            Column(n_("送达时间"), "delivered_at", "moment"),
            Column(n_("证明"), "evidence"),
        ),
    ),
    "need_to_know.bar_list": Listing(
        n_("回避登记"),
        "need_to_know.bar_list",
        "",
        (
            Column(n_("编号"), "number", "name"),
            LEVEL,
            Column(n_("回避人员"), "person"),
            Column(n_("工号"), "staff_no", "code"),
            Column(n_("事由"), "ground"),
            Column(n_("登记人"), "by"),
            Column(n_("登记日期"), "since", "day"),
            Column(n_("解除日期"), "lifted_at", "day"),
            Column(n_("解除人"), "lifted_by"),
        ),
        empty=n_("没有人回避"),
        hint=n_("在事项页的“回避”登记；登记后该事项对回避人员不存在。"),
        key="matter",
        gone=lambda b: b.lifted_at is not None,
    ),
    "unclear.list": Listing(
        n_("不明确事项"),
        "unclear.list",
        "rows",
        (
            *OF_MATTER,
            Column(n_("受理机关"), "addressee"),
            Column(n_("拟定日期"), "referred_on", "day"),
            Column(n_("报送期限"), "due_on", "day"),
            Column(n_("报出日期"), "sent_on", "day"),
            Column(n_("答复期限"), "answer_by", "day"),
            Column(n_("进展"), "state", words=words.REFERRAL),
        ),
    ),
    "dispute.list": Listing(
        n_("异议与争议"),
        "dispute.list",
        "rows",
        (
            *OF_MATTER,
            Column(n_("提出单位"), "challenger"),
            Column(n_("主张"), "asserted"),
            Column(n_("办理期限"), "due_on", "day"),
            Column(n_("最近变动"), "changed_on", "day"),
            Column(n_("进展"), "state", words=words.CHALLENGE),
        ),
    ),
    "appraisal.list": Listing(
        n_("密级鉴定"),
        "appraisal.list",
        "",
        (
            NUMBER,
            Column(n_("申请机关"), "applicant"),
            Column(n_("来文号"), "document_no"),
            Column(n_("收到日期"), "received_on", "day"),
            Column(n_("答复期限"), "reply_by", "day"),
            Column(n_("答复日期"), "answered_on", "day"),
        ),
    ),
    "succession": Listing(
        n_("承继登记"),
        "succession",
        "handed",
        (
            NUMBER,
            Column(n_("承继机关"), "to"),
            Column(n_("依据文号"), "instrument"),
            Column(n_("生效日期"), "effective_on", "day"),
            Column(n_("已生效"), "in_effect", words=words.YES_NO),
        ),
    ),
    "applications": Listing(
        n_("申请与审批"),
        "applications",
        lambda answer: {r.application: r for r in (*answer.waiting, *answer.own)}.values(),
        (
            NUMBER,
            Column(n_("种类"), "kind", words=words.APPLICATION),
            Column(n_("申请人"), "by"),
            Column(n_("申请时间"), "asked_at", "moment"),
            Column(n_("状态"), "state", words=words.APPLIED),
            Column(n_("审批人"), "answered_by"),
        ),
    ),
    "draft.mine": Listing(
        n_("我的事项"),
        "draft.mine",
        "",
        (
            Column(n_("编号"), "label", "code"),
            LEVEL,
            Column(n_("状态"), "state", words=words.MATTER),
            Column(n_("最近变动"), "changed_at", "moment"),
        ),
    ),
    "archives": Listing(
        n_("归档批次"),
        "archives",
        "batches",
        (
            Column(n_("批次"), "number", "code"),
            LEVEL,
            Column(n_("年度"), "year", "code"),
            Column(n_("部门"), "unit"),
            Column(n_("件数"), "files", "number"),
            Column(n_("已审核"), "reviewed", "number"),
            Column(n_("状态"), "state", words=words.BATCH),
            Column(n_("接收单位"), "archive"),
            Column(n_("交接凭证"), "receipt_no"),
            Column(n_("移交日期"), "transferred_on", "day"),
        ),
    ),
    "archives.waiting": Listing(
        n_("待归档"),
        "archives",
        "groups",
        (
            LEVEL,
            Column(n_("年度"), "year", "code"),
            Column(n_("部门"), "unit"),
            Column(n_("件数"), "files", "number"),
            Column(n_("移交期限"), "due_on", "day"),
        ),
    ),
    "archives.batch": Listing(
        n_("批次内文件"),
        "archives.batch",
        "files",
        (
            Column(n_("序号"), "order", "number"),
            NUMBER,
            Column(n_("标志"), "mark"),
            Column(n_("状态"), "state", words=words.MATTER),
            Column(n_("审核人"), "reviewed_by"),
            Column(n_("延期至"), "deferred_until", "day"),
        ),
    ),
    "guides.feedback": Listing(
        n_("事项范围反馈"),
        "guides.feedback",
        "",
        (
            Column(n_("条目"), "item_number", "code"),
            Column(n_("时间"), "at", "moment"),
            Column(n_("报出日期"), "sent_on", "day"),
            Column(n_("文号"), "sent_number"),
            Column(n_("答复日期"), "answered_on", "day"),
        ),
    ),
}
