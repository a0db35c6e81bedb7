"""Lists of copies: numbers, marks, places and days, never what they say."""

from __future__ import annotations

from django.utils.translation import gettext_noop as n_

from dingmi.queries import carriers
from dingmi.queries.lists import words
from dingmi.queries.lists.model import Column, Listing, Word
from dingmi.regime.prc_state.carriers import ENDED

LATE = {True: Word(n_("逾期"), "er"), False: Word("")}
COPY = (
    Column(n_("载体编号"), "number", "name"),
    Column(n_("密级"), "level", "level"),
    Column(n_("标志"), "mark"),
    Column(n_("形式"), "form", words=words.CARRIER_FORM),
    Column(n_("状态"), "state", words=words.CARRIER),
    Column(n_("持有人"), lambda r: r.organ or r.holder),
    Column(n_("存放或者使用场所"), "place"),
    Column(n_("应归还"), "due_on", "day"),
)
CARRIERS = {
    "carriers": Listing(
        n_("载体台账"),
        "carriers",
        "rows",
        (*COPY, Column(n_("应清退"), "return_by", "day"), Column(n_("提示"), "is_late", words=LATE)),
        empty=n_("没有符合条件的载体"),
        hint=n_("制作或者收到的载体逐份编号登记后列在这里；只列出您有权知其存在的。"),
        key="id",
        gone=lambda r: r.state in ENDED,
        every=carriers.every,
    ),
    "carriers.destructions": Listing(
        n_("销毁清册"),
        "carriers.destructions",
        "",
        (
            Column(n_("编号"), "number", "name"),
            Column(n_("份数"), "copies", "number"),
            Column(n_("销毁方式"), "method", words=words.CARRIER_METHOD),
            Column(n_("销毁单位或者设备"), "facility"),
            Column(n_("提出人"), "proposed_by"),
            Column(n_("批准人"), "answered_by"),
            Column(n_("监销人"), "counted_by"),
            Column(n_("销毁时间"), "done_at", "moment"),
            Column(n_("状态"), "state", words=words.DESTRUCTION),
        ),
        empty=n_("没有销毁清册"),
        hint=n_("保密办在载体台账选定载体提出销毁，由他人批准，两人清点监销后登记；登记长期保存。"),
        key="id",
        gone=lambda r: r.state in ("refused", "done"),
    ),
    "carriers.destruction": Listing(n_("清册中的载体"), "carriers.destruction", "copies", COPY, key="id"),
    "carriers.counts": Listing(
        n_("清点记录"),
        "carriers.counts",
        "rows",
        (
            Column(n_("编号"), "number", "name"),
            Column(n_("开始时间"), "opened_at", "moment"),
            Column(n_("经办人"), "opened_by"),
            Column(n_("应有份数"), "expected", "number"),
            Column(n_("清点份数"), "seen", "number"),
            Column(n_("差额"), "missing", "number"),
            Column(n_("结束时间"), "closed_at", "moment"),
        ),
        empty=n_("还没有清点过"),
        hint=n_("每年至少清点一次（本单位制度）：逐份扫码或者录入编号，没有找到的报告下落不明。"),
        key="id",
    ),
    "carriers.count_one": Listing(
        n_("没有清点到的载体"), "carriers.count_one", "unseen", COPY, empty=n_("没有差额"), key="id"
    ),
}
