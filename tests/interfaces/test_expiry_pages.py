"""到期与审核: what stands beside each matter, batches with a reason each, the forecast, and what cannot be undone."""

from __future__ import annotations

import re
from datetime import date

import pytest

from dingmi.engines.suggest import crowd
from dingmi.engines.suggest import outlook as engine
from dingmi.records.matters.models import Decision
from tests.interfaces.conftest import Reader
from tests.interfaces.test_pages import TITLE, page
from tests.procedures.test_outlook import learnt
from tests.story import PASSWORD, Story

pytestmark = [pytest.mark.db]


def secret(story: Story) -> str:
    """Return a 秘密 matter on which a proposal to keep it waits."""
    matter = story.approved(answers=story.answers("3"))
    story.review(matter, "keep")
    return str(matter)


def test_the_panel_tells_what_happens_if_nothing_is_done_if_extended_and_after_release(
    story: Story, reader: Reader
) -> None:
    matter = story.matter(story.approved(answers=story.answers("3", tail="1个月")))
    client = reader("officer")
    answer = client.get("/expiry", {"row": str(matter.pk)})
    text = answer.content.decode()
    assert page(answer).banner == "秘密"
    assert f"{matter.last_protected_day:%m-%d} 期满，次日起自行解密" in text
    assert "通知知悉范围内 3 个单位和人员" in text and "1 份载体加盖" in text and TITLE in text
    assert client.get("/expiry", {"row": "00000000-0000-4000-8000-000000000000"}).status_code == 404
    assert client.get("/expiry", {"row": "x"}).status_code == 400


def test_what_is_overdue_stands_first_and_is_masked_for_the_secrecy_office(story: Story, reader: Reader) -> None:
    matter = story.matter(story.approved(answers=story.answers("3", tail="2年")))
    story.on(date(2026, 12, 1)).daily()
    story.on(date(2027, 1, 20)).daily()
    office = story.people["secrecy"]
    story.cleared("secadmin", person=office, level="机密", instrument="审查表")
    story.act("secrecy", "access.change_password", password=PASSWORD)
    text = reader("secrecy").get("/expiry").content.decode()
    late, row = text.index("<b>逾期未审"), text.index(f"{matter.register_no} <svg")
    assert late < row and TITLE not in text and "无知悉权限" in text
    known = " ".join(reader("officer").get("/expiry").content.decode().split())
    assert TITLE in known and '2026 年度审核 <span class="num">2026-12-31</span>' in known


def test_a_batch_decides_each_matter_with_its_own_reason_and_refuses_the_one_without(
    story: Story, reader: Reader
) -> None:
    first, second = secret(story), secret(story)
    sent = {
        "row": [f"{m}:{story.version(m)}" for m in (first, second)],  # type: ignore[arg-type]
        f"reason-{first}": "仍在使用",
        "password": PASSWORD,
    }
    text = reader("officer").post("/expiry/batch", sent).content.decode()
    assert text.count("已办结") == 2 and "逐项写明理由" in text, "the remedy names what is done already"
    acts = Decision.objects.exclude(act="determination.approve").values_list("matter_id", flat=True)
    assert [str(m) for m in acts] == [first]


def test_the_forecast_draws_what_its_table_says(story: Story, reader: Reader) -> None:
    story.approved(answers=story.answers("3"))
    story.approved(answers=story.answers("3", tail="1年"))
    text = reader("officer").get("/expiry/forecast").content.decode()
    drawn = [int(n) for n in re.findall(r'<text class="n"[^>]*>(\d+)</text>', text)]
    rows = re.findall(r'<td class="r num">(\d+)</td>', text)
    months = sum(int(n) for n in rows[: 24 * 5][3::5])
    totals = [int(n) for n in rows[24 * 5 :][3::5]]
    assert sum(totals) == 2 and sum(drawn) == 2 + months
    assert text.count("<caption") == 3 and 'role="img"' in text


def test_a_release_names_its_true_effects_and_the_safe_way_has_the_focus(story: Story, reader: Reader) -> None:
    matter = story.approved()
    story.review(matter, "release", ground="harmless")
    text = reader("officer").get(f"/m/{matter}/release").content.decode()
    assert "通知知悉范围内 3 个单位和人员" in text and "1 份载体待加盖" in text and "0 件派生事项进入审核" in text
    safe, sign = text.index("暂不办理"), text.index("签名解密")
    assert safe < sign and re.search(r"autofocus>\s*暂不办理", text)
    assert "签名解密" not in reader("drafter").get(f"/m/{matter}/release").content.decode()


def test_the_order_of_earlier_reviews_says_why_and_until_it_is_learnt_the_last_day_stays(
    story: Story, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    matter = story.approved(answers=story.answers("3", tail="1个月"))
    client = reader("officer")
    before = client.get("/expiry", {"by": "outlook"}).content.decode()
    assert "还没有启用审核参考" in before and TITLE in before
    empty = client.get("/expiry/outlook").content.decode()
    assert "还没有学到" in empty and "满 200 件后" in empty
    monkeypatch.setattr(engine, "COARSE", crowd.Grain(1, 1, 9))  # so few cases are else told as none
    learnt(story, monkeypatch)
    monkeypatch.setattr(engine, "_SPEAKS", 0.0)  # three reviews weigh little
    client = reader("officer")  # hours have passed
    answer = client.get("/expiry", {"by": "outlook", "row": str(matter)})
    text = answer.content.decode()
    assert page(answer).banner == "秘密" and "按历次审核的结果，可能解密或变更的在前" in text
    assert "第 1 版，仅供参考，由您判断" in text and "倾向" in text and "这类事项约" not in text
    assert not re.search(r"<input[^>]*\schecked", text), "nothing is preselected"
    shown = client.get("/expiry/outlook").content.decode()
    assert "使用中" in shown and "签名启用" not in shown and "不显示可能性" in shown
    assert client.get("/expiry", {"by": "other"}).status_code == 400
