"""A small lawful organ for browser tests, built by acts only: ``python -m tests.e2e.house`` in an empty ``DINGMI_DATA``.

Prints one JSON object: the accounts and their password.
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

PASSWORD = "Shui-Wen-Guan-Ce-2026"
ITEM = "供水管网关键节点坐标、切换时序及控制参数"
SECRET = (
    "主干管网共设关键切换节点14处，其坐标、阀室编号、切换时序及控制参数见附表一，任一水源中断时按规定时序完成跨区切换。"
)
PEOPLE = (
    # username, name, department, level, roles
    ("lin", "林婉", "规划处", "机密", ("drafter",)),
    ("zhou", "周启明", "管网处", "机密", ("drafter",)),
    ("he", "何川", "管网处", "机密", ("drafter",)),
    ("qin", "秦越", "规划处", "秘密", ("drafter",)),
)
GUIDE = (
    ("1", "城市供水水源地安全防护部署方案及重要点位坐标", "机密", "10年", "SW-SRC"),
    ("2", ITEM, "机密", "10年", "SW-NET"),
    ("3", "供水系统综合风险评估结论及薄弱环节分析", "秘密", "5年", "SW-RSK"),
    ("4", "全国骨干输水工程安全控制系统密钥编排方案", "绝密", "20年", "SW-KEY"),
)


def document(title: str, *paragraphs: str) -> bytes:
    """Return a docx with a title and paragraphs."""
    from docx import Document

    made = Document()
    made.add_heading(title, 0)
    for text in paragraphs:
        made.add_paragraph(text)
    kept = BytesIO()
    made.save(kept)
    return kept.getvalue()


class House:
    """The organ while it is being built."""

    def __init__(self) -> None:
        from dingmi.procedures import keep
        from dingmi.queries import access, clock

        self.now: datetime = clock.now()
        made = keep.found(
            actor=access.anonymous("test"),
            now=self.now,
            name="清江市水务局",
            short_name="市水务局",
            unit_code="QJSW",
            tier="other",
            head="沈砚",
            secrecy_officer="罗敏",
        )
        self.first = dict(made.passwords)
        self.people: dict[str, UUID] = {}

    def act(self, by: str, act_name: str, /, **params: Any) -> Any:
        """Perform an act as the account ``by``, stepped up."""
        from dingmi.procedures import perform
        from dingmi.queries import access, clock

        actor = replace(access.actor_for_account(by, clock.now()), stepped_up=True)
        return perform(act_name, actor=actor, now=clock.now(), params=params)

    def staff(self) -> None:
        """Enter departments, people, clearances, training and accounts."""
        rooms = {name: self.act("secrecy", "personnel.enter_department", name=name).id for name in ("规划处", "管网处")}
        for number, (username, name, room, level, roles) in enumerate(PEOPLE, 11):
            person = self.act(
                "secrecy", "personnel.enter_person", name=name, staff_no=f"{number:04}", department=rooms[room]
            ).id
            self.people[username] = person
            opened = self.act(
                "sysadmin", "access.create_account", person=person, username=username, password=PASSWORD, roles=roles
            )
            self.act("secadmin", "access.confirm_account", account=opened.account)
            self.cleared("secrecy", person=person, level=level, instrument="清水密〔2026〕1号")
            self.act(
                "secrecy",
                "officers.record_training",
                person=person,
                course="定密业务培训",
                minutes=480,
                completed_at=self.now - timedelta(days=20),
                valid_until=self.now + timedelta(days=340),
            )

    def cleared(self, by: str, **given: Any) -> None:
        """Let somebody ask for a clearance, and the head agree."""
        from dingmi.queries import access, clock
        from dingmi.queries.clearances import clearances_asked

        made = self.act(by, "personnel.grant_clearance", **given)
        head = access.actor_for_account("head", clock.now())
        lines = clearances_asked(actor=head, now=clock.now())
        version = next(line.version for line in lines if line.request == made.request)
        self.act("head", "personnel.agree_clearance", clearances=made.request, expected_version=version)

    def cleared_office(self) -> None:
        """Clear the secrecy officer, so that files can be packed for the archive."""
        from dingmi.records.organs.models import Account

        person = Account.objects.get(username="secrecy").person_id
        self.cleared("secadmin", person=person, level="机密", instrument="清水密〔2026〕2号")

    def authority(self) -> None:
        """Register the delegation from the province and designate the officer."""
        province = self.act("secrecy", "personnel.enter_organ", name="某省水利厅", tier="provincial").id
        from dingmi.queries.standing import home

        self.act(
            "secrecy",
            "delegation.register",
            grantor=province,
            grantee=str(home().pk),
            instrument="某水授〔2025〕6号",
            max_level="机密",
            matters=["*"],
            since=self.now - timedelta(days=400),
            until=self.now + timedelta(days=1000),
        )
        self.act(
            "head",
            "officers.designate",
            person=self.people["zhou"],
            instrument="清水发〔2026〕18号",
            max_level="机密",
            matters=["*"],
        )

    def guide(self) -> None:
        """Import one guide edition."""
        rows = [
            {
                "id": f"SW-2026#{number}",
                "guide": "SW-2026",
                "title": "水务工作国家秘密范围目录（示例）",
                "owner": "国家水行政主管部门（虚构）",
                "edition": "2026",
                "since": "2026-01-01",
                "sector": "水务",
                "no": number,
                "item": text,
                "level": level,
                "period": period,
                "scope": "管网处、规划处直接承办人员",
                "matter_code": code,
                "origin_tier": "各级水行政主管部门",
                "conditions": [],
                "examples": [],
                "exceptions": [],
            }
            for number, text, level, period, code in GUIDE
        ]
        self.act("head", "guides.import_edition", rows=rows)

    def known_secret(self) -> str:
        """Decide one matter that later drafts reuse; return its id."""
        from dingmi.queries.access import actor_for_account
        from dingmi.queries.draft import people_of

        content = document("管网节点与切换参数汇编", "一、节点情况", SECRET, "二、附则", "本汇编由管网处负责解释。")
        drafted = self.act(
            "lin",
            "determination.draft",
            upload={"filename": "管网节点与切换参数汇编.docx", "content": content},
            title="管网节点与切换参数汇编",
            doc_number="清水务密〔2026〕36号",
        )
        from dingmi.records.guides.models import GuideItem

        item = GuideItem.objects.get(number="2")
        everyone = [str(p.pk) for p in people_of(actor_for_account("lin", self.now), self.now) if p.name != "秦越"]
        answers = {
            "item": str(item.pk),
            "level": item.level,
            "tail": item.tail,
            "scope": {"persons": everyone, "departments": [], "organs": []},
            "reasons": "汇集后可推断供水薄弱点。",
            "bars": dict.fromkeys(("public_needed", "other_secret", "already_public", "statute_public"), False),
            "confirmed": ["item", "reuse", "terms", "scope"],
        }
        filled = self.act(
            "lin", "determination.fill", matter=drafted.matter, answers=answers, expected_version=drafted.version
        )
        proposed = self.act("lin", "determination.propose", matter=drafted.matter, expected_version=filled.version)
        self.act("zhou", "determination.approve", matter=drafted.matter, expected_version=proposed.version)
        return str(drafted.matter)

    def training(self) -> None:
        """Plan a session and set up an examination that everyone may sit."""
        from dingmi.records.guides.models import GuideEdition

        course = self.act(
            "secrecy", "training.open_course", code="DMJC", title="定密基础", audience="drafters", minutes=180,
            valid_months=12,
        )  # fmt: skip
        soon = self.now + timedelta(days=7)
        self.act("secrecy", "training.plan_session", course=course.id, starts_at=soon, place="三楼会议室", seats=30)
        self.act(
            "secrecy", "exams.set_up", title="机密级定密资格考核", grade="机密", count=8, minutes=60, opens_at=self.now,
            editions=(GuideEdition.objects.get().pk,), closes_at=self.now + timedelta(days=1),
        )  # fmt: skip


def build() -> dict[str, Any]:
    """Build the organ in ``DINGMI_DATA`` and return its accounts."""
    import django
    from django.core.management import call_command

    Path(os.environ["DINGMI_DATA"], "dingmi.toml").write_text('profile = "demo"\n', encoding="utf-8")
    django.setup()
    call_command("migrate", verbosity=0)
    house = House()
    house.staff()
    house.cleared_office()
    house.authority()
    house.guide()
    house.training()
    return {"password": PASSWORD, "first": house.first, "known": house.known_secret()}


if __name__ == "__main__":
    print(json.dumps(build()))
