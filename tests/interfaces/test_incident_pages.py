"""Leaks from the pages: reported by anyone, seen by those admitted, filled in, told, printed, closed."""

from __future__ import annotations

import pytest

from dingmi.records.oversight.incidents import Incident
from tests.interfaces.conftest import Reader
from tests.interfaces.test_act_forms import founder
from tests.interfaces.test_pages import page, version
from tests.procedures.test_incidents import ITEMS
from tests.story import PASSWORD, Story

pytestmark = pytest.mark.db


@pytest.mark.clause("BW-4", "TL-61.1", "TL-60")
def test_a_leak_is_reported_told_and_closed_by_forms_and_its_papers_print(story: Story, reader: Reader) -> None:
    number = story.matter(story.approved()).register_no
    anyone, head = reader("drafter"), founder(story, "head")
    page(anyone.get("/incidents"))
    given = {
        "act": "incident.discover", "certain": "no", "discovered_at": f"{story.now:%Y-%m-%dT%H:%M}", "level": "机密",
        "leaked": "切换方案一份", "discovery": "清点时发现", "register_nos": number,
    }  # fmt: skip
    assert anyone.post("/incidents", {**given, "level": ""}).status_code == 400
    assert anyone.post("/incidents", given).status_code == 302
    road = f"/incidents/{Incident.objects.get().pk}"
    masked = anyone.get(road)
    page(masked)
    own = f"泄-{str(Incident.objects.get().pk)[:8]}"
    assert "清点时发现" not in masked.content.decode() and own in masked.content.decode()
    shown = head.get(road)
    page(shown)
    assert "清点时发现" in shown.content.decode() and "还有 24 小时" in shown.content.decode()
    ident = {"incident": str(Incident.objects.get().pk)}
    assert (
        head.post(road, {"act": "incident.fill", **ident, **ITEMS, "expected_version": version(shown)}).status_code
        == 302
    )
    for step, to in (
        ("measure", ""),
        ("report", "administration"),
        ("report", "superior"),
        ("outcome", "administration"),
    ):
        sent = {"act": "incident.note", **ident, "step": step, "to": to, "words": "已办。", "document_no": "密报1号"}
        answer = head.post(road, {k: v for k, v in sent.items() if v and (step != "measure" or k != "document_no")})
        assert answer.status_code == 302, answer.content.decode()
    printed = head.get(f"/print/leak_report/{ident['incident']}").content.decode()
    assert "泄露国家秘密事件报告" in printed and "已断网封存。" in printed and "机密★10年" in printed
    assert "已办。" in head.get(f"/print/leak_outcome/{ident['incident']}").content.decode()
    assert anyone.get(f"/print/leak_report/{ident['incident']}").status_code == 404
    assert (
        head.post(
            road, {"act": "incident.close", **ident, "password": PASSWORD, "expected_version": version(head.get(road))}
        ).status_code
        == 302
    )
    assert "已办结" in head.get(road).content.decode()
