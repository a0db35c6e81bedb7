"""A few work secrets of the demo organ: lists and drafts that are no state secret and must not spread (GZ-s1)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from dingmi.interfaces.cli.demo import organ, texts
from dingmi.procedures import grading
from dingmi.procedures.terms import Scope, Upload
from dingmi.queries import access
from dingmi.queries.grades import GradeTerms

PAPERS = (
    ("节假日值守电话和联络名单", "总值班、现场指挥和后勤保障的值守电话见附表，人员变动当日更新。", "graded"),
    ("机房巡检口令更换安排", "机房门禁和巡检终端口令每月更换一次，由信息中心当面告知值守人员。", "graded"),
    ("年度招聘面试评分办法（征求意见）", "评分项目和权重在公布招聘结果之前只供考务组使用。", "lifted"),
    ("会议室改造比选情况", "三家报价和评审意见汇总如下，采购结果公告之前不对外提供。", "pending"),
)


def work_secret(world: Any, start: datetime, number: int) -> Iterator[datetime]:
    """One work secret, proposed by a drafter and approved by the head; the plan says how far it goes."""
    title, words, stop = PAPERS[number]
    colleague = access.actor_for_account("drafter2", start)
    made = grading.propose(
        actor=organ.as_account("drafter", start),
        now=start,
        regime="work_secret",
        title=title,
        terms=GradeTerms(
            scope=Scope(persons=(UUID(colleague.person_id),)),
            basis="本局工作秘密事项清单",
            harm="duties",
            is_state_item=False,
        ),
        upload=Upload(f"{title}.docx", texts.Draft(title, (words,), ()).as_docx()),
    )
    world.counts["work secret"] += 1
    if stop == "pending":
        return
    moment = start + timedelta(hours=2)
    yield moment
    done = grading.approve(
        actor=organ.as_account("head", moment), now=moment, matter=made.matter, expected_version=made.version
    )
    if stop == "lifted":
        moment += timedelta(days=3)
        yield moment
        grading.lift(
            actor=organ.as_account("head", moment),
            now=moment,
            matter=made.matter,
            ground="to_be_public",
            reason="招聘结果已经公布。",
            expected_version=done.version,
        )
