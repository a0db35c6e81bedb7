"""Lists of inspections and of what is to be put right: numbers, kinds and days, never the words of a finding."""

from __future__ import annotations

from django.utils.translation import gettext_noop as n_

from dingmi.queries.lists import words
from dingmi.queries.lists.model import Column, Listing

FINDING = (
    Column(n_("编号"), "number", "code"),
    Column(n_("检查内容"), "topic", words=words.TOPIC),
    Column(n_("差错类型"), "error", words=words.ERROR),
    Column(n_("事项"), "matter_no", "code"),
    Column(n_("责任人"), "responsible"),
    Column(n_("整改期限"), "due_on", "day"),
    Column(n_("报告完成"), "rectified_on", "day"),
    Column(n_("验收"), "closed_on", "day"),
    Column(n_("状态"), "state", words=words.FINDING),
)

OVERSIGHT = {
    "incidents": Listing(
        n_("泄密事件"),
        "incidents",
        "rows",
        (
            Column(n_("编号"), "number", "name"),
            Column(n_("性质"), "certain", words=words.CERTAIN),
            Column(n_("最高密级"), "level", "level"),
            Column(n_("发现时间"), "discovered_at", "moment"),
            Column(n_("报告时限"), "due_at", "moment"),
            Column(n_("已报告"), "told", words=words.RECIPIENT),
            Column(n_("查处结果期限"), "outcome_due", "day"),
            Column(n_("状态"), "state", words=words.INCIDENT),
        ),
        empty=n_("没有泄密事件"),
        hint=n_("发现国家秘密已经泄露或者可能泄露的，立即在右侧报告；报告时限从发现时起算。"),
        key="id",
        gone=lambda r: r.state == "closed",
    ),
    "oversight.pairs": Listing(
        n_("搭档统计"),
        "oversight.pairs",
        "rows",
        (
            Column(n_("办理"), "kind", words=words.PAIR),
            Column(n_("提出人、申请人"), "first"),
            Column(n_("审定人、同意人"), "second"),
            Column(n_("次数"), "count", "number"),
            Column(n_("占前者的百分比"), "percent", "number"),
            Column(n_("互换位置的次数"), "back", "number"),
            Column(n_("最近一次"), "last_on", "day"),
            Column(n_("提示"), "is_above", words=words.PAIR_ABOVE),
        ),
        empty=n_("本年没有两人先后办理的记录"),
        hint=n_("只计可以知悉其存在的事项；超过本单位政策的次数和比例的，请抽查两人办理的记录，并不说明违规。"),
    ),
    "oversight": Listing(
        n_("检查"),
        "oversight",
        "rows",
        (
            Column(n_("编号"), "number", "name"),
            Column(n_("类别"), "kind", words=words.INSPECTION),
            Column(n_("名称"), "title"),
            Column(n_("部门"), lambda r: r.unit or "全单位"),
            Column(n_("负责人"), "lead"),
            Column(n_("计划日期"), "planned_on", "day"),
            Column(n_("检查日期"), "held_on", "day"),
            Column(n_("问题"), "found", "number"),
            Column(n_("未销号"), "open", "number"),
            Column(n_("逾期"), "late", "number"),
            Column(n_("状态"), "state", words=words.INSPECTION_STATE),
        ),
        empty=n_("这一年没有检查"),
        hint=n_("制定计划后列在这里；到期前提醒负责人，检查后登记结果和问题。"),
        key="id",
        gone=lambda r: r.state == "cancelled",
    ),
    "oversight.findings": Listing(n_("整改事项"), "oversight.findings", "rows", FINDING),
    "oversight.one": Listing(n_("检查发现的问题"), "oversight.one", "findings", FINDING),
    "oversight.sample": Listing(
        n_("抽取的事项"),
        "oversight.one",
        "sample",
        (
            Column(n_("编号"), "number", "name"),
            Column(n_("密级"), "level", "level"),
            Column(n_("问题"), "found", "number"),
        ),
        key="matter",
    ),
}
