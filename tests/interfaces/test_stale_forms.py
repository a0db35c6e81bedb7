"""A form over what someone changed meanwhile is refused, keeps what was typed, says what stands now, and can be sent again (SR-55)."""

from __future__ import annotations

import pytest
from django.test import Client

from dingmi.base.errors import Conflict
from dingmi.records.guides.models import GuideFeedback
from dingmi.records.ledger.guard import act_open
from dingmi.records.officers.training import Attendance, Session
from dingmi.records.organs.staff import Travel
from dingmi.records.oversight.incidents import Incident
from dingmi.records.oversight.inspections import InspectionFinding
from dingmi.records.oversight.secrecy_file import FileEntry
from tests.interfaces.conftest import Reader
from tests.interfaces.test_act_forms import founder
from tests.interfaces.test_pages import Page, offered, version
from tests.procedures.test_incidents import ITEMS, discovered
from tests.procedures.test_oversight import found, planned
from tests.procedures.test_training import session
from tests.procedures.test_travel import ask as asked
from tests.procedures.test_travel import opinions
from tests.story import PASSWORD, Story

pytestmark = pytest.mark.db


def refused(client: Client, road: str, sent: dict[str, str]) -> object:
    """Send a form and return the page that tells it was stale."""
    answer = client.post(road, sent)
    assert answer.status_code == 409 and "您打开之后，此件已被更改" in answer.content.decode()
    assert Page(answer.content.decode()).faults == []
    return answer


def test_two_who_fill_in_one_report_of_a_leak_do_not_undo_each_other(story: Story, reader: Reader) -> None:
    made = discovered(story)
    story.act("head", "incident.admit", incident=made, person=story.people["officer"])
    head, other = founder(story, "head"), reader("officer")
    road = f"/incidents/{made}"
    seen = {"act": "incident.fill", "incident": str(made), **ITEMS, "expected_version": version(head.get(road))}
    theirs = {**seen, "expected_version": version(other.get(road)), "harm": "附件已传到境外网站。"}
    assert other.post(road, theirs).status_code == 302
    shown = refused(head, road, {**seen, "harm": "未发现外传。"})
    text = shown.content.decode()  # type: ignore[attr-defined]
    form = text[text.index('id="f-incident.fill"') :]
    assert "未发现外传。</textarea>" in form, "what was typed is still there"
    assert "现在的内容：" in form and form.count("现在的内容：") == 1 and "附件已传到境外网站。" in form
    assert Incident.objects.get().closed_at is None
    again = {**seen, "harm": "未发现外传。", "expected_version": version(shown)}
    assert head.post(road, again).status_code == 302, "having read it, the same words may be sent"
    assert "未发现外传。" in other.get(road).content.decode()


def test_a_paper_reviewed_meanwhile_is_not_reviewed_or_ended_from_the_page_before(story: Story) -> None:
    paper = story.act(
        "secrecy",
        "secrecy_file.enter",
        part="rules",
        details={"topic": "定密管理"},
        title="定密管理办法",
        number="水密〔2026〕1号",
    ).id
    office = founder(story, "secrecy")
    before = offered(office.get("/secrecy-file"), str(paper))
    sent = {"act": "secrecy_file.review", "entry": before, "words": "继续施行"}
    assert office.post("/secrecy-file", sent).status_code == 302
    for act, words, more in (("review", "另有意见", {}), ("end", "不再施行", {"password": PASSWORD})):
        shown = refused(
            office, "/secrecy-file", {"act": f"secrecy_file.{act}", "entry": before, "words": words, **more}
        )
        text = shown.content.decode()  # type: ignore[attr-defined]
        assert f"{words}</textarea>" in text
        fresh = offered(shown, str(paper))
        assert fresh != before and f'value="{fresh}" selected' in text, "the same paper, as it is now"
    row = FileEntry.objects.get()
    assert (row.review_words, row.ended_on) == ("继续施行", None)


def test_a_finding_sent_back_with_a_new_day_is_not_reported_done_from_the_page_before(
    story: Story, reader: Reader
) -> None:
    one = found(story, planned(story))
    officer, office = reader("officer"), founder(story, "secrecy")
    before = offered(officer.get("/inspect/findings"), str(one.id))
    later = {
        "act": "oversight.postpone", "finding": offered(office.get("/inspect/findings"), str(one.id)),
        "due_on": "2026-03-31", "opinion": "另须补交签到表。", "password": PASSWORD,
    }  # fmt: skip
    assert office.post("/inspect/findings", later).status_code == 302
    sent = {"act": "oversight.rectify", "finding": before, "proof": "已补录。"}
    shown = refused(officer, "/inspect/findings", sent)
    text = shown.content.decode()  # type: ignore[attr-defined]
    assert "另须补交签到表。" in text and "已补录。</textarea>" in text
    assert InspectionFinding.objects.get().rectified_on is None
    now = {**sent, "finding": offered(shown, str(one.id))}
    assert officer.post("/inspect/findings", now).status_code == 302
    gone = officer.post("/inspect/findings", {**sent, "proof": "另有附件三份。"})
    text = gone.content.decode()
    assert gone.status_code == 400 and "您写的内容没有提交" in text and "另有附件三份。" in text, (
        "no form is left for it"
    )
    assert str(one.id) not in text[text.index("您写的内容没有提交") :].split("</section>")[0]


def test_by_its_name_an_act_over_an_older_version_is_a_conflict_that_names_the_last_act_and_when(story: Story) -> None:
    made = discovered(story)
    seen = story.seen(Incident, made)
    story.act("head", "incident.fill", incident=made, expected_version=seen, harm="未发现外传。")
    with pytest.raises(Conflict, match=r"record\.stale") as caught:
        story.act("head", "incident.fill", incident=made, expected_version=seen, harm="已外传。")
    assert caught.value.params == {"act": "incident.fill", "at": story.now}


def test_a_roll_taken_from_the_page_before_someone_enrolled_marks_nobody_absent(story: Story, reader: Reader) -> None:
    where = session(story)
    story.act("drafter", "training.enrol", session=where)
    story.later(days=1, hours=4)
    office, road = founder(story, "secrecy"), f"/training/sessions/{where}"
    before = version(office.get(road))
    with act_open("test"):
        late = Attendance(session_id=where, person_id=story.people["drafter2"], state="enrolled", enrolled_at=story.now)
        late.save()
    sent = {"act": "training.take_roll", "session": str(where), "attended": str(story.people["drafter"])}
    shown = refused(office, road, {**sent, "walk_ins": "0015", "expected_version": before})
    text = shown.content.decode()  # type: ignore[attr-defined]
    assert "0015</textarea>" in text and Session.objects.get().rolled_at is None
    assert not Attendance.objects.filter(state="absent").exists()
    assert office.post(road, {**sent, "walk_ins": "0015", "expected_version": version(shown)}).status_code == 302


def test_an_answer_of_the_owner_is_not_written_over_by_one_from_the_page_before(story: Story, reader: Reader) -> None:
    item = story.item("7").pk
    made = story.act("drafter", "guides.report_defect", item=item, kind="unclear", text="没有标准。").id
    office, head = founder(story, "secrecy"), founder(story, "head")
    day = story.now.date().isoformat()
    road = f"/guides/feedback/{made}"
    assert office.post(f"{road}/send", {"on": day, "number": "清水保〔2026〕3号"}).status_code == 302
    seen = {"on": day, "expected_version": version(office.get("/guides/feedback"))}
    assert head.post(f"{road}/answer", {**seen, "answer": "下次修订研究。"}).status_code == 302
    text = refused(office, f"{road}/answer", {**seen, "answer": "已经修订。"}).content.decode()  # type: ignore[attr-defined]
    assert "下次修订研究。" in text and "已经修订。" in text[text.index("您写的内容没有提交") :]
    assert GuideFeedback.objects.get().answer == "下次修订研究。"


def test_a_briefing_is_not_entered_over_another_from_the_page_before(story: Story) -> None:
    journey = asked(story)
    opinions(story, journey)
    story.act("head", "travel.decide", travel=journey, approve=True)
    office = founder(story, "secrecy")
    before = offered(office.get("/people/travel"), str(journey))
    sent = {"act": "travel.brief", "travel": before}
    assert office.post("/people/travel", {**sent, "filing_no": "备 12"}).status_code == 302
    shown = refused(office, "/people/travel", {**sent, "filing_no": "备 13"})
    text = shown.content.decode()  # type: ignore[attr-defined]
    assert 'value="备 13"' in text and Travel.objects.get().filing_no == "备 12"
    assert (
        office.post(
            "/people/travel", {**sent, "travel": offered(shown, str(journey)), "filing_no": "备 13"}
        ).status_code
        == 302
    )
    assert Travel.objects.get().filing_no == "备 13"
