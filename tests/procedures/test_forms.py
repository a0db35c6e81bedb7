"""Official forms from records: whoever may know the matter may print them, and every print is in the ledger."""

from __future__ import annotations

import json
from datetime import date
from uuid import UUID, uuid4

import pytest

from dingmi.base.errors import Forbidden, Invalid, NotFound
from dingmi.engines import documents
from dingmi.procedures.terms import Scope
from dingmi.queries import forms
from dingmi.records.ledger.models import Entry
from dingmi.records.matters.models import Decision, Knowledge, Referral
from dingmi.records.notices.models import Notice

pytestmark = [pytest.mark.db, pytest.mark.one_database]


def text_of(delivered) -> str:
    return "".join(documents.extract(delivered.content, delivered.filename).text.split())


def links(story, matter: UUID, user: str = "officer") -> dict[str, list[UUID]]:
    """Return the forms that a matter has, as ids by name."""
    made: dict[str, list[UUID]] = {}
    for link in forms.of_matter(actor=story.actor(user), now=story.now, matter=matter):
        made.setdefault(link.form, []).append(link.id)
    return made


def printed(matter: UUID) -> list[dict]:
    entries = Entry.objects.filter(stream=f"matter:{matter}", act__in=forms.PRINTS).order_by("stream_no")
    return [json.loads(e.body)["data"] for e in entries]


@pytest.mark.clause("TL-20")
def test_print_of_the_approval_form_is_in_the_ledger_with_its_copy_number_and_who_learned(story):
    matter = story.approved()
    shown = story.act("officer", "forms.show", form="approval", case=matter)
    assert shown.sheet.mark == "机密★10年" and shown.copy == 1
    got = story.act("drafter", "forms.render", form="approval", case=matter, kind="pdf")
    assert [e["copy"] for e in printed(matter)] == [1, 2] and printed(matter)[0]["sheet"] == printed(matter)[1]["sheet"]
    text = text_of(got)
    for words in (
        "城区供水管网关键节点切换方案",
        "■机密",
        "林晓雯",
        "周启明",
        "打印人林晓雯",
        "打印第2份",
        "该件存证第",
    ):
        assert words in text
    assert documents.verify(got.content, "pdf").word == "valid"
    assert Knowledge.objects.filter(matter=matter, what="printed").count() == 2


def digest(story, form: str, case: UUID) -> str:
    return forms.filled(story.actor("officer"), story.now, form, case).filled.sheet_sm3


def test_same_records_give_the_same_digest_in_every_format_and_a_decision_gives_another(story):
    matter = story.approved(answers=story.answers(tail="2年"))
    before = digest(story, "approval", matter)
    for kind in ("docx", "pdf"):
        story.act("officer", "forms.render", form="approval", case=matter, kind=kind)
    assert {e["sheet"] for e in printed(matter)} == {before}
    story.later(days=9).extend(matter, "6年")
    assert digest(story, "approval", matter) != before


def test_form_of_a_proposal_says_so_and_one_of_a_released_matter_is_struck(story):
    matter = story.proposed()
    sheet = story.act("officer", "forms.show", form="approval", case=matter).sheet
    assert (sheet.mark, sheet.note, sheet.strike) == ("机密★10年", "拟定", "")
    story.approve(matter)
    story.on(date(2036, 1, 6)).daily()
    assert story.matter(matter).state == "declassified"
    sheet = story.act("drafter", "forms.show", form="approval", case=matter).sheet
    assert (sheet.mark, sheet.strike, sheet.note) == ("解密", "机密★10年", "2036年1月6日，期满")
    assert links(story, matter, "drafter")["remark"] == [matter]


@pytest.mark.parametrize("kind", ["pdf", "docx"])
@pytest.mark.clause("ZX-30.1")
def test_extension_has_its_form_and_a_notice_for_every_recipient_with_a_receipt_slip(story, kind):
    scope = Scope(persons=tuple(story.people[u] for u in ("drafter", "officer")), organs=(story.province.pk,))
    matter = story.approved(answers=story.answers(tail="2年", scope=scope))
    story.later(days=30).extend(matter, "6年")
    have = links(story, matter)
    decision = Decision.objects.get(matter=matter, act="change.extend")
    assert have["change"] == [decision.pk] and decision.pk in have["notice"]
    form = text_of(story.act("officer", "forms.render", form="change", case=decision.pk, kind=kind))
    for words in (
        "国家秘密延期审批表",
        "2年（至2028年1月5日）",
        "6年（至2032年1月5日）",
        "某省水利厅",
        "仍需保护。",
        "周启明",
    ):
        assert words in form
    sent = Notice.objects.get(matter_id=matter, organ=story.province, code="matter.extended")
    letter = text_of(story.act("officer", "forms.render", form="notice", case=sent.pk, kind=kind))
    for words in (
        "某省水利厅：",
        "原标志为“机密★2年”",
        "现标志为“机密★6年”，保密至2032年1月5日",
        "回执",
        "签收人（签名）",
    ):
        assert words in letter


def test_release_has_its_form_and_its_notice_says_that_release_is_not_publication(story):
    matter = story.approved()
    story.later(days=30).review(matter, "release", ground="harmless")
    done = story.act(
        "officer",
        "declassification.release",
        matter=matter,
        reason="公开无害。",
        confirm="QJSW-M-2026-1",
        expected_version=story.version(matter),
    )
    form = text_of(story.act("officer", "forms.render", form="change", case=done.decision))
    assert "国家秘密解密审批表" in form and "■提前解密" in form and "公开后不会损害国家安全和利益" in form
    letter = story.act("officer", "forms.render", form="notice", case=done.decision)
    assert "解密不等于公开" in text_of(letter)
    assert documents.verify(letter.content, "pdf").mark.visible == "机密★10年 解密（2026年2月4日，QJSW-M-2026-1-2）"


def test_letter_of_a_referral_is_kept_as_word_and_printed_as_pdf_with_the_opinion(story):
    matter = story.filled(answers=story.answers("11", scope=story.scope("drafter")))
    story.clear("drafter", "绝密")
    story.act(
        "drafter", "referral.refer", matter=matter, opinion="请尽快确定。", expected_version=story.version(matter)
    )
    sent = Referral.objects.get(matter=matter)
    kept = story.act("drafter", "carriers.download", matter=matter, role="letter")
    pdf = story.act("drafter", "forms.render", form="referral", case=sent.pk, kind="pdf")
    for file in (kept, pdf):
        text = text_of(file)
        assert "请尽快确定。" in text and "拟定密级为绝密" in text and "第11项" in text
        assert documents.verify(file.content, file.media).mark.visible == "绝密★20年（拟定）"


def test_register_of_who_learned_lists_everyone_who_did(story):
    matter = story.approved()
    story.act("officer2", "carriers.read", matter=matter)
    story.later(minutes=5)
    story.act("drafter", "carriers.download", matter=matter)
    people = forms.filled(story.actor("officer"), story.now, "knowledge", matter).filled.fields["people"]
    assert [(line[1], line[3]) for line in people] == [("冯立群", "查阅"), ("林晓雯", "下载")]
    assert "knowledge" not in links(story, story.approved(answers=story.answers("3")))


def test_longest_legal_values_still_print(story):
    answers = story.answers(reasons="公开将损害供水安全。" * 200)
    matter = story.drafted(title="供" * 200)
    story.fill(matter, answers)
    story.propose(matter)
    story.approve(matter)
    got = story.act("officer", "forms.render", form="approval", case=matter)
    assert text_of(got).count("损") >= 200 and "供" * 200 in text_of(got)


def test_nobody_without_need_to_know_gets_a_form_and_the_answer_is_that_of_a_missing_one(story):
    matter = story.approved()
    for user in ("outsider", "secadmin"):
        for case in (matter, uuid4()):
            with pytest.raises(NotFound, match=r"object\.not_found"):
                story.act(user, "forms.render", form="approval", case=case)
    for form in ("approval", "knowledge", "remark", "change", "notice", "referral", "nothing"):
        with pytest.raises(NotFound, match=r"object\.not_found"):
            story.act("officer", "forms.show", form=form, case=uuid4())
    with pytest.raises(Forbidden, match=r"auditor\.only_looks"):
        story.act("auditor", "forms.render", form="approval", case=matter)
    with pytest.raises(Invalid):
        story.act("officer", "forms.render", form="approval", case=matter, kind="exe")
    assert printed(matter) == []
