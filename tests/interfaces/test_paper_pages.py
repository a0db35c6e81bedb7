"""The documents of a matter on pages: listed, printed, downloaded, re-marked, made public; each in both languages."""

from __future__ import annotations

import base64
from pathlib import Path
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from dingmi.base.errors import Invalid
from dingmi.engines import documents
from dingmi.engines.crypto import signing
from dingmi.procedures.terms import Upload
from dingmi.queries import given_out, signed_marks
from dingmi.records.ledger.checkpoint import signing_key
from dingmi.records.ledger.models import Entry
from dingmi.records.matters.models import MatterFile
from dingmi.records.vault import store
from tests.engines import layouts, packages
from tests.engines.test_documents_traces import document, drawn
from tests.interfaces.conftest import Reader
from tests.interfaces.test_pages import page
from tests.story import PASSWORD, TEXT, Story, docx_of

pytestmark = [pytest.mark.db, pytest.mark.one_database]


def release(story: Story, matter: UUID) -> None:
    story.later(days=30).review(matter, "release", ground="harmless")
    story.act(
        "officer",
        "declassification.release",
        matter=matter,
        reason="公开无害。",
        confirm=story.matter(matter).register_no,
        expected_version=story.version(matter),
    )


def released(story: Story) -> UUID:
    matter = story.approved()
    release(story, matter)
    return matter


@pytest.mark.parametrize("language", ["zh", "en"])
def test_papers_of_a_matter_are_listed_printed_and_downloaded(story: Story, reader: Reader, language: str) -> None:
    matter = released(story)
    client = reader("drafter")
    client.post("/language", {"language": language})
    listed = client.get(f"/m/{matter}/papers")
    page(listed)
    text = listed.content.decode()
    for words in ("国家秘密确定审批表", "国家秘密解密审批表", "国家秘密解密通知", "国家秘密标志变更说明"):
        assert words in text
    printed = client.get(f"/print/approval/{matter}")
    assert printed.status_code == 200 and "打印人 林晓雯" in printed.content.decode()
    assert "<s>机密★10年</s> 解密" in printed.content.decode() and "<path d=" in printed.content.decode()
    for kind in ("pdf", "docx"):
        got = client.post(f"/print/approval/{matter}/file", {"kind": kind})
        assert got["Content-Disposition"].startswith("attachment;") and "sandbox" in got["Content-Security-Policy"]
        assert documents.verify(got.content, kind).word == "valid"
    assert Entry.objects.filter(stream=f"matter:{matter}", act__startswith="forms.").count() >= 3


def test_public_copy_and_hand_marked_paper_from_the_page(story: Story, reader: Reader) -> None:
    matter = released(story)
    client = reader("drafter")
    got = client.post(f"/m/{matter}/papers/public")
    assert got.status_code == 200 and documents.verify(got.content, "docx").mark.visible == ""
    refused = client.post(f"/m/{matter}/papers/remarked", {"copy_no": "1", "version": str(story.version(matter))})
    assert refused.status_code == 422 and "没有待改注的标志" in refused.content.decode()


@pytest.mark.clause("BMF-24.2b", "ZX-36.3")
def test_a_public_copy_of_a_released_part_is_made_from_the_page_and_refused_with_words_of_the_rest(
    story: Story, reader: Reader
) -> None:
    matter, lines = story.approved(), TEXT.splitlines()
    drafter, officer = reader("drafter"), reader("officer")
    shown = drafter.post(f"/m/{matter}/text").content.decode()
    assert f"<li>{lines[1]}</li>" in shown, "the page of the text numbers its paragraphs"
    form = {"ground": "harmless", "reason": "该部分公开无害。", "password": PASSWORD}
    for wrong in ("2x", "9", "3-99999", "二"):
        bad = drafter.post(f"/m/{matter}/change", {**form, "paragraphs": wrong, "version": str(story.version(matter))})
        assert bad.status_code == 400 and "正文没有这一段" in bad.content.decode()
    sent = {**form, "paragraphs": "2-3、2", "version": str(story.version(matter))}
    assert drafter.post(f"/m/{matter}/change", sent).status_code == 302
    waiting = officer.get(f"/m/{matter}/change")
    page(waiting)
    assert "第2段、第3段" in waiting.content.decode()
    assert "已解密，其余部分仍须保密" not in drafter.get(f"/m/{matter}/papers").content.decode()
    said = {"step": "decide", "opinion": "同意。", "password": PASSWORD, "version": str(story.version(matter))}
    assert officer.post(f"/m/{matter}/change", said).status_code == 302
    papers = drafter.get(f"/m/{matter}/papers")
    page(papers)
    assert "第 2、3 段已解密，其余部分仍须保密" in papers.content.decode()
    whole = SimpleUploadedFile("件.docx", docx_of(TEXT))
    refused = drafter.post(f"/m/{matter}/papers/public", {"file": whole})
    assert refused.status_code == 422 and "正文第 1、4 段" in refused.content.decode()
    got = drafter.post(f"/m/{matter}/papers/public")
    assert got.status_code == 200 and documents.extract(got.content, "件.pdf").text == "\n".join(lines[1:3])


def test_papers_of_a_matter_that_one_may_not_know_do_not_exist(story: Story, reader: Reader) -> None:
    matter = story.approved()
    client = reader("outsider")
    for address in (f"/m/{matter}/papers", f"/print/approval/{matter}", f"/print/knowledge/{matter}"):
        assert client.get(address).status_code == 404


@pytest.mark.clause("TL-21.1a")
def test_an_old_copy_is_told_to_be_superseded_to_whoever_may_know_its_matter(story: Story, reader: Reader) -> None:
    matter = story.approved(answers=story.answers(tail="5年"))
    old = store.get(MatterFile.objects.get(matter=matter, role="marked").stored)
    story.later(days=1).extend(matter, "8年")
    new = store.get(MatterFile.objects.get(matter=matter, role="marked", superseded_at=None).stored)

    def told(user: str, data: bytes) -> str:
        client = reader(user)
        answer = client.post("/marks", {"file": SimpleUploadedFile("件.docx", data)})
        assert answer.status_code == 200
        page(answer)
        return answer.content.decode()

    assert "标志有效" in told("drafter", new) and "已被新标志取代" in told("drafter", old)
    by_itself = told("outsider", old)
    assert "标志有效" in by_itself and "未对照" in by_itself, "one who may not know learns nothing of the matter's life"
    assert given_out.checked_by_holder("件.docx", old).verdict == "superseded"
    assert given_out.checked_by_holder("件.docx", docx_of("没有标志。")).verdict == "unknown"
    assert reader("drafter").post("/marks", {}).status_code == 400


DRAFTS = {
    "docx": docx_of(TEXT),
    "xlsx": packages.workbook(*TEXT.splitlines(), more=True),
    "pptx": packages.presentation(TEXT, "附表", more=True),
    "ofd": layouts.ofd(TEXT, more=True),
    "pdf": documents.render_text_pdf(TEXT, "方案"),
    "txt": TEXT.encode(),
}


@pytest.mark.clause("BMF-22.2")
@pytest.mark.parametrize("kind", sorted(documents.MEDIA))
def test_file_of_every_kind_goes_from_upload_to_a_marked_copy_that_verifies(
    story: Story, reader: Reader, kind: str
) -> None:
    client = reader("drafter")
    upload = SimpleUploadedFile(f"方案.{kind}", DRAFTS[kind])
    matter = UUID(client.post("/draft/new", {"file": upload}).url.strip("/").split("/")[1])
    assert "坐标见附表" in client.get(f"/draft/{matter}").content.decode()
    story.fill(matter, story.answers())
    story.propose(matter)
    story.approve(matter)
    copy = client.post(f"/download/{matter}", {"role": "marked"})
    assert copy.status_code == 200 and "filename" in copy["Content-Disposition"]
    name = f"件.{documents.stamped_kind(kind)}"
    checked = client.post("/marks", {"file": SimpleUploadedFile(name, copy.content)}).content.decode()
    assert "标志有效" in checked and "机密★10年" in checked and "已对照" in checked


@pytest.mark.parametrize("kind", sorted(documents.MEDIA))
def test_a_copy_that_lost_its_mark_is_known_by_its_content_until_release(story: Story, kind: str) -> None:
    matter = story.drafted(upload=Upload(f"方案.{kind}", DRAFTS[kind]))
    story.fill(matter, story.answers())
    story.propose(matter)
    story.approve(matter)
    file = MatterFile.objects.get(matter=matter, role="marked")
    assert (
        file.content_code and documents.content_sm3(store.get(file.stored), file.stored.media) not in file.content_code
    )
    bare = Upload(f"件.{file.stored.media}", documents.public_copy(store.get(file.stored), file.stored.media))

    def told(user: str) -> tuple[str, str]:
        found = given_out.verify(actor=story.actor(user), now=story.now, upload=bare)
        return found.verdict, found.matter

    assert told("drafter") == ("stripped-known", str(matter))
    assert told("outsider") == ("unknown", ""), "whoever may not know the matter learns nothing of it"
    assert given_out.checked_by_holder(bare.filename, bare.content).verdict == "stripped-known"
    release(story, matter)
    assert told("drafter") == ("unknown", "")


def signed_elsewhere(data: bytes, kind: str) -> bytes:
    """Return the same file marked and signed by another installation's key."""
    key = signing.generate_signing_key()
    label = {"label_id": "L9", "matter": "0", "mark": "机密★10年", "key_id": key.id}
    whole = {**label, "visible": "机密★10年", "content_sm3": documents.content_sm3(data, kind)}
    signature = signing.sign_mark(key, key.id, documents.stated(whole).text)
    return documents.stamp(data, kind, "机密★10年", {**label, "signature": base64.b64encode(signature).decode()})


@pytest.mark.clause("BMF-22.2")
def test_mark_is_signed_and_another_signer_or_none_is_told_apart(story: Story, reader: Reader) -> None:
    matter = story.approved()
    own = store.get(MatterFile.objects.get(matter=matter, role="marked").stored)
    label = documents.read_mark(own, "docx").label or {}
    assert label["key_id"] == signing_key().id and given_out.checked_by_holder("件.docx", own).verdict == "valid"
    foreign = signed_elsewhere(docx_of(TEXT), "docx")
    assert given_out.checked_by_holder("件.docx", foreign).verdict == "signer-untrusted"
    unsigned = documents.stamp(docx_of(TEXT), "docx", "机密★10年", {"label_id": "L8", "mark": "机密★10年"})
    assert given_out.checked_by_holder("件.docx", unsigned).verdict == "signer-untrusted"
    borrowed = documents.stamp(docx_of("另一份正文"), "docx", "机密★10年", documents_unbound(label))
    assert given_out.checked_by_holder("件.docx", borrowed).verdict == "altered-mark"
    told = reader("drafter").post("/marks", {"file": SimpleUploadedFile("件.docx", foreign)}).content.decode()
    assert "签名不可信" in told


def documents_unbound(label: dict[str, object]) -> dict[str, object]:
    return {k: v for k, v in label.items() if k not in {"visible", "content_sm3"}}


def test_code_of_a_printed_copy_is_checked_by_its_signature_on_the_page_and_offline(
    story: Story, reader: Reader, tmp_path: Path
) -> None:
    matter = story.approved()
    own = store.get(MatterFile.objects.get(matter=matter, role="marked").stored)
    code = documents.stated(documents.read_mark(own, "docx").label or {}).code
    client = reader("drafter")
    shown = client.post("/marks", {"code": code})
    page(shown)
    assert "标志有效" in shown.content.decode() and "机密★10年" in shown.content.decode()
    forged = code.replace("机密★10年", "秘密★10年")
    assert "标志已被改动" in client.post("/marks", {"code": forged}).content.decode()
    assert "没有可核对的标志" in client.post("/marks", {"code": "随便"}).content.decode()
    public = tmp_path / "log.pub"
    public.write_text(base64.b64encode(signing_key().public).decode())
    trusted = signed_marks.trusted_key(public.read_text())
    offline = [given_out.checked_code(c, trusted).verdict for c in (code, forged)]
    assert offline == ["valid", "altered-mark"] and given_out.checked_code(code, {}).verdict == "signer-untrusted"
    with pytest.raises(Invalid):
        signed_marks.trusted_key("不是公钥")


def test_the_page_says_that_a_mark_was_taken_off_and_whose_it_was(story: Story, reader: Reader) -> None:
    matter = story.approved()
    bare = documents.public_copy(store.get(MatterFile.objects.get(matter=matter, role="marked").stored), "docx")
    answer = reader("drafter").post("/marks", {"file": SimpleUploadedFile("件.docx", bare)})
    page(answer)
    assert "标志被去除" in answer.content.decode() and f'href="/m/{matter}"' in answer.content.decode()


def test_what_files_carry_unseen_is_shown_before_they_leave(story: Story, reader: Reader) -> None:
    matter = story.drafted(upload=Upload("方案.docx", document()))
    story.fill(matter, story.answers())
    story.propose(matter)
    story.approve(matter)
    client = reader("drafter")
    answer = client.get(f"/m/{matter}/files")
    page(answer)
    text = answer.content.decode()
    assert "带标志的文件" in text and "原稿" in text and "修订记录 6 处" in text and "李隐名" in text
    assert text.count('name="role"') == 2 and "机密" in text
    got = client.post(f"/download/{matter}", {"role": "marked"})
    assert got.status_code == 200 and documents.verify(got.content, "docx").word == "valid"
    assert "原稿" not in reader("officer2").get(f"/m/{matter}/files").content.decode()
    assert reader("outsider").get(f"/m/{matter}/files").status_code == 404
    held = client.post("/marks", {"file": SimpleUploadedFile("件.docx", document())})
    assert "修订记录 6 处" in held.content.decode()


@pytest.mark.clause("ZX-36.3")
def test_what_cannot_be_taken_out_of_a_public_copy_is_listed_to_be_declared(story: Story, reader: Reader) -> None:
    matter = released(story)
    client = reader("drafter")
    assert "原件带有" in client.get(f"/m/{matter}/papers").content.decode()
    refused = client.post(f"/m/{matter}/papers/public", {"file": SimpleUploadedFile("件.pdf", drawn(unseen=True))})
    text = refused.content.decode()
    assert refused.status_code == 422 and "Under the box" in text and 'value="covered_text"' in text
    assert 'value="properties"' not in text, "what is taken out needs no word of anybody"
    fields = {"file": SimpleUploadedFile("件.pdf", drawn(unseen=True)), "declared": ["covered_text", "hidden_text"]}
    assert client.post(f"/m/{matter}/papers/public", fields).status_code == 200
