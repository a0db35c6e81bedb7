"""People, organs, officers and accounts from the pages: every act on them has its form, its refusal and its record."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client

from dingmi.procedures import passwords
from dingmi.procedures.appointment import CRITERIA
from dingmi.queries import standing
from dingmi.records.ledger.models import Entry
from dingmi.records.officers.appointments import Appointment
from dingmi.records.officers.models import Delegation, Designation
from dingmi.records.organs.models import Account, ClearanceAsked, Organ, Person
from dingmi.records.organs.staff import Travel
from tests.interfaces.conftest import Reader
from tests.interfaces.test_pages import page, version
from tests.story import PASSWORD, Story

pytestmark = [pytest.mark.db]


def founder(story: Story, user: str) -> Client:
    """Return a browser in which an account of the founding is signed in."""
    story.act(user, "access.change_password", password=PASSWORD)
    passwords.THROTTLE.clear()
    client = Client()
    assert client.post("/sign-in", {"username": user, "password": PASSWORD}).status_code == 302
    return client


def entries(act: str) -> int:
    return Entry.objects.filter(act=act).count()


def test_the_office_enters_a_person_a_clearance_and_a_department(story: Story, reader: Reader) -> None:
    client = founder(story, "secrecy")
    page(client.get("/people"))
    form = {
        "act": "personnel.enter_person",
        "name": "苏明",
        "staff_no": "9001",
        "post": "科员",
        "post_category": "一般",
    }
    assert client.post("/people", form)["Location"] == "/people?done=kept"
    person = Person.objects.get(staff_no="9001")
    cleared = {
        "act": "personnel.grant_clearance",
        "person": str(person.pk),
        "level": "秘密",
        "instrument": "涉密人员审查表 9001",
        "until": (story.now + timedelta(days=30)).date().isoformat(),
    }
    assert client.post("/people", {**cleared, "password": "wrong"}).status_code == 403
    assert standing.clearance(person.pk, story.now) == ""
    assert client.post("/people", {**cleared, "password": PASSWORD}).status_code == 302
    assert standing.clearance(person.pk, story.now + timedelta(hours=1)) == ""
    story.agreed_to(ClearanceAsked.objects.get(agreed_at__isnull=True).pk, "secrecy")
    assert standing.clearance(person.pk, story.now + timedelta(hours=1)) == "秘密"
    last = story.now + timedelta(days=30)
    assert standing.clearance(person.pk, last.replace(hour=23)) == "秘密", "the last day itself counts"
    assert client.post("/people", {"act": "personnel.enter_department", "name": "水质处"}).status_code == 302
    assert "苏明" in client.get("/people").content.decode()


def test_a_form_says_beside_the_field_what_is_wrong_and_keeps_what_was_typed(story: Story, reader: Reader) -> None:
    client = founder(story, "secrecy")
    answer = client.post("/people", {"act": "personnel.enter_person", "name": "苏明"})
    text = answer.content.decode()
    assert answer.status_code == 400
    assert "请填写此栏" in text and 'value="苏明"' in text
    assert re.search(r'<details class="cd fm" open', text)
    assert client.post("/people", {"act": "officers.end"}).status_code == 400
    assert not Person.objects.filter(name="苏明").exists()


def test_the_office_corrects_the_tier_of_the_own_organ_from_its_row(story: Story, reader: Reader) -> None:
    client = founder(story, "secrecy")
    assert "personnel.amend_organ" not in client.get("/organs").content.decode()
    page = client.get(f"/organs?organ={story.home.pk}").content.decode()
    seen = re.search(r'name="expected_version"[^>]*value="([^"]+)"', page)
    assert seen is not None
    form = {
        "act": "personnel.amend_organ",
        "organ": str(story.home.pk),
        "expected_version": seen[1],
        "password": PASSWORD,
    }
    wrong = client.post("/organs", {**form, "tier": "security", "basis": "规定"})
    assert wrong.status_code == 400 and 'value="规定"' in wrong.content.decode()
    done = client.post("/organs", {**form, "tier": "security", "own_authority": "机密", "basis": "规定"})
    assert done.status_code == 302
    home = Organ.objects.get(is_home=True)
    assert (home.tier, home.own_authority) == ("security", "机密")


def test_the_office_registers_an_organ_and_its_delegation(story: Story, reader: Reader) -> None:
    client = founder(story, "secrecy")
    organ = {"act": "personnel.enter_organ", "name": "某省水利厅（二）", "tier": "provincial"}
    assert client.post("/organs", organ).status_code == 302
    above, home = Organ.objects.get(name="某省水利厅（二）"), Organ.objects.get(is_home=True)
    form = {
        "act": "delegation.register",
        "grantor": str(above.pk),
        "grantee": str(home.pk),
        "instrument": "授权〔2026〕9号",
        "max_level": "机密",
        "matters": "SW-NET、SW-DISPATCH",
        "since": story.now.date().isoformat(),
        "until": (story.now + timedelta(days=200)).date().isoformat(),
        "password": PASSWORD,
    }
    answer = client.post("/organs", form)
    assert answer.status_code == 302, answer.content.decode()
    assert Delegation.objects.get(instrument="授权〔2026〕9号").matters == ["SW-NET", "SW-DISPATCH"]
    text = client.get("/organs").content.decode()
    assert "授权〔2026〕9号" in text
    assert client.post("/organs", {**form, "until": form["since"], "since": form["until"]}).status_code == 400


def test_the_head_designates_and_removes_and_the_office_suspends(story: Story, reader: Reader) -> None:
    head = founder(story, "head")
    person = story.people["drafter2"]
    assert str(person) in head.get("/officers").content.decode()
    form = {"act": "officers.designate", "person": str(person), "instrument": "定密〔2026〕7号", "max_level": "秘密"}
    answer = head.post("/officers", {**form, "password": PASSWORD})
    assert answer.status_code == 302, answer.content.decode()
    held = Designation.objects.get(instrument="定密〔2026〕7号")
    assert held.matters == ["*"]
    road = f"/officers/{person}"
    office = founder(story, "secrecy")
    suspend = {"act": "officers.suspend", "person": str(person), "ground": "培训不合格", "password": PASSWORD}
    assert office.post(road, suspend).status_code == 302
    assert "暂停履职" in office.get(road).content.decode()
    denied = office.post(road, {**suspend, "act": "officers.end", "designation": str(held.pk)})
    assert denied.status_code == 403, "only the head removes an officer"
    end = {"act": "officers.end", "designation": str(held.pk), "ground": "left_post", "password": PASSWORD}
    assert head.post(road, end).status_code == 302
    held.refresh_from_db()
    assert held.ended_ground == "left_post"


def test_training_and_qualification_are_recorded_on_the_file(story: Story, reader: Reader) -> None:
    office = founder(story, "secrecy")
    person = story.people["officer"]
    day = (story.now - timedelta(days=1)).date()
    form = {
        "act": "officers.record_training",
        "person": str(person),
        "course": "年度定密培训（秋季）",
        "minutes": "180",
        "completed_at": day.isoformat(),
        "valid_until": day.replace(year=day.year + 1).isoformat(),
    }
    answer = office.post(f"/officers/{person}", form)
    assert answer.status_code == 302, answer.content.decode()
    assert "年度定密培训（秋季）" in office.get(f"/officers/{person}").content.decode()
    assert office.post(f"/officers/{person}", {**form, "minutes": "三小时"}).status_code == 400


def test_the_system_administrator_stops_an_account_and_lets_it_in_again(story: Story, reader: Reader) -> None:
    drafter = reader("drafter")
    client = founder(story, "sysadmin")
    account = Account.objects.get(username="drafter")
    form = {"act": "access.disable", "account": str(account.pk), "password": PASSWORD}
    assert client.post("/admin/accounts", form).status_code == 302
    assert drafter.get("/draft").status_code == 302, "the session ended with the account"
    assert client.post("/admin/accounts", form).status_code == 422
    assert client.post("/admin/accounts", {**form, "act": "access.enable"}).status_code == 302
    account.refresh_from_db()
    assert account.is_active
    own = Account.objects.get(username="sysadmin")
    assert client.post("/admin/accounts", {**form, "account": str(own.pk)}).status_code == 403
    assert entries("access.disable") == 1


def test_the_security_administrator_takes_a_role_back(story: Story, reader: Reader) -> None:
    client = founder(story, "secadmin")
    account = Account.objects.get(username="secrecy")
    form = {"act": "access.revoke_role", "account": str(account.pk), "role": "secrecy_office", "password": PASSWORD}
    assert client.post("/admin/security", form).status_code == 302
    assert client.post("/admin/security", form).status_code == 404
    assert founder(story, "secrecy").get("/people").status_code == 403
    page(client.get("/admin/security"))


def test_who_may_not_perform_an_act_is_not_shown_its_form(story: Story, reader: Reader) -> None:
    person = story.people["officer"]
    office, officer = founder(story, "secrecy"), reader("officer")
    assert 'value="officers.suspend"' in office.get(f"/officers/{person}").content.decode()
    assert 'value="officers.end"' not in office.get(f"/officers/{person}").content.decode()
    own = officer.get(f"/officers/{person}").content.decode()
    assert re.findall(r'name="act" value="([\w.]+)"', own) == ["officers.sign_statement"]
    assert 'name="act"' not in officer.get(f"/officers/{story.people['officer2']}").content.decode()
    assert officer.get("/people").status_code == 403


def test_an_appointment_goes_its_whole_road_on_the_pages(story: Story, reader: Reader) -> None:
    office, head = founder(story, "secrecy"), founder(story, "head")
    person = story.people["drafter2"]
    sent = {
        "act": "officers.nominate",
        "person": str(person),
        "max_level": "机密",
        "tier": "main",
        "reasons": "熟悉业务",
    }
    assert office.post("/officers/cases", sent).status_code == 302
    case = Appointment.objects.get(person=person)
    road = f"/officers/cases/{case.pk}"
    common = {"case": str(case.pk), "password": PASSWORD}
    vetted = {**common, "act": "officers.vet", "passed": "yes", "opinion": "符合", "criteria": list(CRITERIA)}
    assert office.post(road, {**vetted, "criteria": ["political"]}).status_code == 422
    assert office.post(road, vetted).status_code == 302
    until = story.now + timedelta(days=800)
    story.act("secrecy", "officers.record_qualification", person=person, grade="机密", certificate="1",
              since=story.now - timedelta(days=1), until=until)  # fmt: skip
    assert office.post(road, {**common, "act": "officers.confirm_training"}).status_code == 302
    given = {**common, "act": "officers.commission", "instrument": "清水密委〔2026〕7号"}
    assert 'value="officers.commission"' not in office.get(road).content.decode(), "only the head commissions"
    answer = head.post(road, given)
    assert answer.status_code == 302, answer.content.decode()
    for step, more in (("publish", {}), ("file", {"number": "回执 3"})):
        seen = {"expected_version": version(office.get(road))}
        assert office.post(road, {**common, **seen, "act": f"officers.{step}", **more}).status_code == 302
    page(office.get(road))
    page(office.get("/officers/cases"))
    assert Designation.objects.get(officer__person=person).filed_on


def test_delegations_are_shown_with_what_is_owed_and_supervised_on_their_page(story: Story, reader: Reader) -> None:
    office = founder(story, "secrecy")
    page(office.get("/delegations"))
    assert "本年未监督" in office.get("/delegations").content.decode()
    sent = {"act": "delegation.supervise", "delegation": str(story.delegation.id), "words": "年度检查"}
    assert office.post("/delegations", sent).status_code == 302
    assert "本年未监督" not in office.get("/delegations").content.decode()


def test_an_appraisal_is_drawn_with_its_table_and_read_by_the_officer_alone(story: Story, reader: Reader) -> None:
    story.approved()
    office, officer = founder(story, "secrecy"), reader("officer")
    road = f"/officers/{story.people['officer2']}/{story.now.year}"
    text = office.get(road).content.decode()
    assert 'class="radar"' in text and "<caption" in text
    page(office.get(road))
    assert officer.get(road).status_code == 403
    page(officer.get("/my-appraisal"))
    fact = {
        "act": "performance.record",
        "person": str(story.people["officer2"]),
        "rule": "commended",
        "on": story.now.date().isoformat(),
        "evidence": "表彰〔2026〕2号",
        "password": PASSWORD,
    }
    assert office.post(road, {**fact, "rule": "decided_late"}).status_code == 400
    assert office.post(road, fact).status_code == 302
    assert "表彰奖励" in office.get(road).content.decode()


def test_the_office_takes_the_register_of_officers_out_as_a_spreadsheet(story: Story, reader: Reader) -> None:
    office, officer = founder(story, "secrecy"), reader("officer")
    drawn = office.get("/officers?state=designated").content.decode()
    assert 'action="/lists/officers/export"' in drawn and 'name="of-state" value="designated"' in drawn
    answer = office.post("/lists/officers/export", {"of-state": "designated", "format": "xlsx"})
    assert answer.status_code == 200 and answer.content[:2] == b"PK"
    assert officer.post("/lists/officers/export", {"format": "csv"}).status_code == 200
    assert officer.post("/lists/people/export", {"format": "csv"}).status_code == 403


@pytest.mark.clause("BMF-16.2")
def test_the_check_of_authority_has_its_page_for_the_office_alone(story: Story, reader: Reader) -> None:
    story.approved()
    office = founder(story, "secrecy")
    page(office.get("/officers/outside"))
    assert "没有不具备资格作出的决定" in office.get("/officers/outside").content.decode()
    assert reader("drafter").get("/officers/outside").status_code == 403


@pytest.mark.clause("SEED-22", "CS-45", "SEED-9")
def test_secrecy_file_personal_events_and_allowances_are_done_from_their_pages(story: Story, reader: Reader) -> None:
    office, head, drafter = founder(story, "secrecy"), founder(story, "head"), reader("drafter")
    entry = {"act": "secrecy_file.enter", "part": "rules", "title": "定密管理办法", "number": "水密〔2026〕1号"}
    blank = office.post("/secrecy-file", entry)
    assert blank.status_code == 400 and "请填写此栏。" in blank.content.decode()
    assert office.post("/secrecy-file", {**entry, "details.topic": "天气"}).status_code == 400
    assert office.post("/secrecy-file", {**entry, "details.topic": "定密管理"}).status_code == 302
    assert "details.protection" in office.get("/secrecy-file?part=places").content.decode()
    leaves = office.post("/lists/secrecy_file.rules/export", {"format": "csv"})
    assert "规定的事项" in leaves.content.decode("utf-8-sig") and "定密管理" in leaves.content.decode("utf-8-sig")
    shown = head.get("/secrecy-file").content.decode()
    assert "定密管理办法" in shown and "secrecy_file.enter" not in shown
    event = {"act": "personnel.report_event", "kind": "abroad", "on": "2026-02-10", "words": "春节赴境外探亲"}
    assert drafter.post("/personal-reports", event).status_code == 302
    assert drafter.post("/personal-reports", {**event, "words": ""}).status_code == 400
    assert "春节赴境外探亲" in office.get("/personal-reports").content.decode()
    assert "春节赴境外探亲" not in reader("officer").get("/personal-reports").content.decode()
    rule = {
        "act": "officers.set_allowance",
        "tier": "main",
        "max_level": "机密",
        "yuan": "600",
        "instrument": "水人〔2026〕5号",
    }
    assert head.post("/officers/allowances", {**rule, "password": PASSWORD}).status_code == 302
    assert "水人〔2026〕5号" in office.get("/officers/allowances").content.decode()
    assert drafter.get("/secrecy-file").status_code == 403


@pytest.mark.clause("BMF-45", "TL-52.2", "TL-9.2")
def test_journeys_abroad_are_asked_for_decided_and_shown_on_their_page(story: Story, reader: Reader) -> None:
    office, head, drafter = founder(story, "secrecy"), founder(story, "head"), reader("drafter")
    wanted = {
        "act": "travel.ask", "kind": "private", "place": "新加坡", "purpose": "探亲", "starts_on": "2026-11-02",
        "returns_on": "2026-11-09",
    }  # fmt: skip
    assert drafter.post("/people/travel", {**wanted, "returns_on": "2026-11-01"}).status_code == 400
    assert drafter.post("/people/travel", wanted).status_code == 302
    (journey,) = Travel.objects.all()
    shown = office.get("/people/travel").content.decode()
    assert "新加坡" in shown and "travel.note_opinions" in shown and "travel.decide" not in shown
    given = {"act": "travel.note_opinions", "travel": str(journey.pk), "personnel": "同意。", "office": "同意。"}
    assert office.post("/people/travel", given).status_code == 302
    decided = {"act": "travel.decide", "travel": str(journey.pk), "approve": "yes", "password": PASSWORD}
    assert head.post("/people/travel", decided).status_code == 302
    assert "待行前教育" in drafter.get("/people/travel").content.decode()
    assert "新加坡" not in reader("officer").get("/people/travel").content.decode()
    assert "未开课" in office.get("/training").content.decode()


def test_a_person_without_a_department_stands_in_a_choice_without_empty_brackets(story: Story) -> None:
    told = founder(story, "secadmin").get("/admin/security").content.decode()
    assert f">{Person.objects.get(pk=story.people['head']).name}<" in told and "（）" not in told
