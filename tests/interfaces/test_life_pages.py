"""Pages of a matter's later life: what a drafter proposes there an officer decides there, without scripts."""

from __future__ import annotations

import re
from datetime import date

import pytest

from dingmi.queries.standing import scope_of
from dingmi.records.matters.models import Matter
from dingmi.records.notices.models import Notice
from dingmi.records.organs.models import Person
from dingmi.records.oversight.models import Correction
from tests.interfaces.conftest import Reader
from tests.interfaces.test_pages import page
from tests.story import PASSWORD, Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]


def test_a_change_is_proposed_refused_proposed_again_and_decided_from_its_page(story: Story, reader: Reader) -> None:
    matter = story.approved()
    road, drafter, officer = f"/m/{matter}/change", reader("drafter"), reader("officer")
    shown = drafter.get(road)
    page(shown)
    assert "所引条目支持的最低密级" in shown.content.decode() and "FW-9.1" in shown.content.decode()
    form = {"ground": "damage_changed", "tail": "8年", "reason": "变化明显。", "password": PASSWORD}
    for step in ("refuse", "decide"):
        answer = drafter.post(road, {**form, "version": story.version(matter)})
        assert answer.status_code == 302, answer.content.decode()
        page(officer.get(road))
        decided = {"step": step, "opinion": "已阅。", "version": story.version(matter), "password": PASSWORD}
        assert officer.post(road, decided).status_code == 302
    assert story.matter(matter).tail == "8年"


@pytest.mark.clause("BMF-21.1", "BMF-23.1")
def test_who_decides_on_a_change_of_scope_sees_whom_it_takes_in_and_whom_it_leaves_out(
    story: Story, reader: Reader
) -> None:
    matter = story.approved()
    road, drafter, officer = f"/m/{matter}/change", reader("drafter"), reader("officer")
    offered = drafter.get(road).content.decode().partition('id="persons"')[2].partition("</select>")[0]
    held = {str(pk) for pk in scope_of(story.matter(matter), story.now).persons}
    listed, gone = set(re.findall(r'value="([^"]+)"', offered)), story.actor("officer2").person_id
    assert held < listed and gone in held and offered.count("（现在范围内）") == len(held)
    assert story.actor("sysadmin").person_id not in listed  # the three administrators reach no content
    new = min(listed - held)
    form = {"ground": "need_changed", "reason": "接办人变化。", "password": PASSWORD}
    form |= {"persons": [*sorted(held - {gone}), new], "version": story.version(matter)}
    answer = drafter.post(road, form)
    assert answer.status_code == 302, answer.content.decode()
    for place in (road, f"/m/{matter}/review"):
        text = officer.get(place).content.decode()
        for words, person in (("拟列入知悉范围", new), ("拟移出知悉范围", gone)):
            told = text.partition(words)[2].partition("</dd>")[0]
            assert Person.objects.get(pk=person).name in told, (place, words)
    decided = {"step": "decide", "opinion": "同意。", "version": story.version(matter), "password": PASSWORD}
    assert officer.post(road, decided).status_code == 302
    assert {str(pk) for pk in scope_of(story.matter(matter), story.now).persons} == {*held, new} - {gone}


def test_a_refusal_keeps_what_was_typed_and_names_its_clause(story: Story, reader: Reader) -> None:
    matter = story.approved()
    form = {
        "ground": "",
        "tail": "8年",
        "reason": "写了很多理由",
        "password": PASSWORD,
        "version": story.version(matter),
    }
    answer = reader("drafter").post(f"/m/{matter}/change", form)
    text = answer.content.decode()
    assert answer.status_code == 422 and "写了很多理由" in text and "ZX-26.1" in text
    page(answer)


def test_a_release_proposed_without_its_ground_keeps_the_form_open_and_says_which_field(
    story: Story, reader: Reader
) -> None:
    matter = story.approved()
    form = {"outcome": "release", "reason": "公开无害。", "interests": "利大于弊。", "password": PASSWORD}
    answer = reader("drafter").post(f"/m/{matter}/review", {**form, "version": story.version(matter)})
    text = answer.content.decode()
    assert answer.status_code == 400 and "没有这一理由" in text.partition('name="ground"')[2].partition("</details>")[0]
    assert 'value="release" checked' in text and "<details open>" in text and "利大于弊。" in text


def test_an_extension_with_scope_and_a_request_for_approval_from_its_page(story: Story, reader: Reader) -> None:
    matter = story.approved(answers=story.answers("3", tail="3年"))
    road, drafter = f"/m/{matter}/extend", reader("drafter")
    asked = {"step": "approval", "tail": "12年", "authority": "某部", "reason": "风险仍在。"}
    assert drafter.post(road, asked).status_code == 302
    page(drafter.get(f"/m/{matter}/affairs"))
    release = {"act": "consultation.request_approval", "kind": "release", "authority": "某部", "reason": "已无必要。"}
    assert drafter.post(f"/m/{matter}/affairs", release).status_code == 302
    form = {"tail": "5年", "reason": "仍需保护。", "password": PASSWORD, "version": story.version(matter)}
    form |= {"persons": [str(story.people["drafter"]), str(story.people["officer"])]}
    assert drafter.post(road, form).status_code == 302
    decided = {"step": "decide", "opinion": "同意。", "version": story.version(matter), "password": PASSWORD}
    assert reader("officer").post(road, decided).status_code == 302
    row = story.matter(matter)
    assert row.tail == "5年"
    assert row.scope_entries.filter(until__isnull=True).count() == 2


def test_an_error_is_found_decided_and_closed_and_the_matter_is_voided(story: Story, reader: Reader) -> None:
    matter = story.approved()
    road, finder, officer = f"/m/{matter}/void", reader("officer2"), reader("officer")
    found = {"step": "find", "kind": "wrong", "source": "own", "found_on": "2026-01-05", "detail": "公开资料。"}
    assert finder.post(road, found).status_code == 302
    kept = Correction.objects.get(matter=matter)
    page(officer.get(road))
    decide = {"step": "decide", "correction": str(kept.pk), "remedy": "void", "reason": "不应定密。"}
    answer = officer.post(road, {**decide, "version": story.version(matter), "password": PASSWORD})
    assert answer.status_code == 302, answer.content.decode()
    assert story.matter(matter).state == "voided"
    assert officer.post(road, {"step": "close", "correction": str(kept.pk)}).status_code == 302
    page(officer.get(f"/m/{matter}"))


def test_a_received_matter_is_registered_and_its_delivery_page_records_a_receipt(story: Story, reader: Reader) -> None:
    other = story.act("secrecy", "personnel.enter_organ", name="某部", tier="central").id
    drafter = reader("drafter")
    page(drafter.get("/received/new"))
    form = {
        "title": "关于供水安全的通知", "originator": str(other), "level": "秘密", "tail": "5年", "issued_on": "2025-04-01",
        "received_on": "2025-04-09", "received_no": "收 3", "copies": "1", "persons": [str(story.people["drafter"])],
        "password": PASSWORD,
    }  # fmt: skip
    answer = drafter.post("/received/new", form)
    assert answer.status_code == 302, answer.content.decode()
    matter = Matter.objects.get(origin="received").pk
    page(drafter.get(f"/m/{matter}"))
    suggestion = {"act": "reception.suggest", "what": "release", "reason": "已过时。", "document_no": "建 1"}
    assert drafter.post(f"/m/{matter}/affairs", suggestion).status_code == 302
    page(drafter.get("/deliveries"))
    notice = Notice.objects.get(code="matter.suggestion")
    story.later(minutes=5)
    receipt = {"notice": str(notice.pk), "delivered_at": "2026-01-05T09:04", "means": "exchange", "evidence": "12 李"}
    assert drafter.post("/deliveries", receipt).status_code == 302
    notice.refresh_from_db()
    assert notice.evidence == "12 李"


def test_a_form_that_names_no_permitted_act_is_refused(story: Story, reader: Reader) -> None:
    matter = story.approved()
    answer = reader("officer").post(f"/m/{matter}/affairs", {"act": "declassification.release"})
    assert answer.status_code == 400
    assert story.matter(matter).state == "active"
    assert date(2036, 1, 5) == story.matter(matter).last_protected_day
