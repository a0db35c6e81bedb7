"""The register of copies from the pages: made, kept, lent, signed for, destroyed, counted, and taken out as a list."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dingmi.records.carriers.models import Carrier, Destruction, StockTake
from dingmi.records.oversight.incidents import Incident
from tests.interfaces.conftest import Reader
from tests.interfaces.test_act_forms import founder
from tests.interfaces.test_pages import page
from tests.procedures.test_carrier_life import made
from tests.story import PASSWORD, Story

pytestmark = pytest.mark.db


@pytest.fixture
def story(story: Story) -> Story:
    """The bureau, with an office cleared to know what it keeps."""
    story.cleared("secadmin", person=story.people["secrecy"], level="机密", instrument="审查表")
    return story


@pytest.mark.clause("BMF-26.1", "TL-27.2")
def test_a_copy_is_made_kept_handed_over_and_signed_for_by_forms(story: Story, reader: Reader) -> None:
    register_no = story.matter(story.approved()).register_no
    drafter, office = reader("drafter"), founder(story, "secrecy")
    page(office.get("/carriers"))
    assert "没有符合条件的载体" in office.get("/carriers?form=paper").content.decode()
    given = {"act": "carriers.produce", "register_no": register_no, "copies": "2", "form": "paper", "place": "文印室",
             "in_proper_place": "yes", "is_marked": "yes"}  # fmt: skip
    refused = drafter.post("/carriers", {**given, "is_marked": "no"})
    assert refused.status_code == 422 and "没有逐份作出国家秘密标志" in refused.content.decode()
    assert drafter.post("/carriers", given).status_code == 302
    copy = Carrier.objects.get(copy_no=2)
    road, number = f"/carriers/{copy.pk}", f"{register_no}-000002"
    keep = {"act": "carriers.keep", "numbers": f"{number}\n{register_no}-000003", "person": str(story.people["secrecy"]),
            "place": "一号保密柜", "place_meets_standard": "yes"}  # fmt: skip
    assert office.post("/carriers/desk", keep).status_code == 302
    lend = {"act": "carriers.lend", "numbers": number, "person": str(story.people["drafter"]), "place": "机要室",
            "in_proper_place": "yes", "due_on": f"{story.now + timedelta(days=3):%Y-%m-%d}"}  # fmt: skip
    assert office.post(road, lend).status_code == 302
    waiting = drafter.get("/carriers?state=mine")
    assert "待我签收 1 份" in waiting.content.decode() and number in waiting.content.decode()
    sign = {"act": "carriers.sign", "numbers": number, "counted": "2"}
    assert drafter.post(road, sign).status_code == 422
    assert drafter.post(road, {**sign, "counted": "1"}).status_code == 302
    detail = drafter.get(road)
    page(detail)
    assert "借阅中" in detail.content.decode() and "一号保密柜" in detail.content.decode()
    slip = copy.events.get(act="carriers.lend").pk
    for form, case, words in (("card", copy.pk, "签收载体"), ("slip", slip, "国家秘密载体交接清单")):
        assert words in drafter.get(f"/print/carrier_{form}/{case}").content.decode()
        assert reader("outsider").get(f"/print/carrier_{form}/{case}").status_code == 404
    assert reader("outsider").get(road).status_code == 404


@pytest.mark.clause("TL-28.2", "TL-61.1")
def test_copies_are_destroyed_and_a_count_reports_what_it_did_not_find_by_forms(story: Story, reader: Reader) -> None:
    numbers = made(story)
    office, officer, drafter = founder(story, "secrecy"), reader("officer"), reader("drafter")
    page(office.get("/carriers/destructions"))
    doom = {"act": "carriers.propose_destruction", "numbers": numbers[0], "method": "化浆", "facility": "销毁中心"}
    assert office.post("/carriers/desk", doom).status_code == 302
    road = f"/carriers/destructions/{Destruction.objects.get().pk}"
    ident, signed = {"destruction": road.rpartition("/")[2]}, {"password": PASSWORD}
    page(officer.get(road))
    approve = {"act": "carriers.approve_destruction", "document_no": "销批1", **ident}
    assert officer.post(road, approve).status_code == 403
    assert officer.post(road, {**approve, **signed}).status_code == 302
    watch = {"act": "carriers.count_destruction", "numbers": numbers[0], "counted": "1", **ident}
    assert [who.post(road, watch).status_code for who in (office, officer)] == [302, 302]
    assert office.post(road, {"act": "carriers.finish_destruction", **ident, **signed}).status_code == 302
    assert "已销毁" in office.get(road).content.decode()
    printed = officer.get(f"/print/carrier_destruction/{ident['destruction']}").content.decode()
    assert "沈雅琴、周启明" in printed and "国家秘密载体销毁清册" in printed
    page(office.get("/carriers/counts"))
    assert office.post("/carriers/counts", {"act": "carriers.open_count"}).status_code == 302
    count = f"/carriers/counts/{StockTake.objects.get().pk}"
    asked = {"count": count.rpartition("/")[2]}
    assert office.post(count, {"act": "carriers.count", "numbers": numbers[1], **asked}).status_code == 302
    page(office.get(count))
    assert office.post(count, {"act": "carriers.close_count", **asked, **signed}).status_code == 302
    assert "有 1 份没有清点到" in office.get(count).content.decode()
    assert office.post(count, {"act": "carriers.report_unseen", **asked, **signed}).status_code == 302
    assert "按泄密嫌疑办理" in office.get(count).content.decode() and Incident.objects.count() == 1
    assert drafter.get(f"/carriers/{Carrier.objects.get(state='missing').pk}").status_code == 200


def test_the_register_leaves_as_a_spreadsheet_with_its_filter_and_reads_in_english(story: Story) -> None:
    numbers = made(story)
    office = founder(story, "secrecy")
    sent = {"format": "csv", "of-form": "paper", "_key": "k1"}
    text = office.post("/lists/carriers/export", sent).content.decode("utf-8-sig")
    assert [n in text for n in numbers] == [True] * 3 and "000001" not in text.replace(numbers[0][:-6], "")
    story.act("secrecy", "access.set_language", language="en")
    shown = office.get("/carriers").content.decode()
    assert "Kept" in shown and "Held by" in shown
