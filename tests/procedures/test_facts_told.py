"""What the law asks comes from the records and from what an act is told: each rule here fires in an act, not only by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from dingmi.base.errors import Conflict, DingmiError, Invalid, Refused
from dingmi.procedures.terms import Scope, SourceIn
from dingmi.queries import authority, consulted, corrected, guide_impact, installation, standing
from dingmi.queries.preview import preview
from dingmi.queries.row_version import version_of
from dingmi.queries.verify import verify
from dingmi.records.guides.models import GuideItem
from dingmi.records.matters.models import ClassifiedPoint, Decision, Matter, SourceLink
from dingmi.records.organs.models import Organ
from dingmi.records.oversight.models import Correction
from tests.story import Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]


def refused(act: Callable[[], Any], kind: type[DingmiError] = Refused) -> set[str]:
    """Return the codes of everything for which an act is refused."""
    with pytest.raises(kind) as caught:
        act()
    return {f.code for f in caught.value.findings}


def expanded(story: Story, matter: UUID, user: str, **more: Any) -> Any:
    given = {"persons": (story.people[user],), "purpose": "参与复核。", "undertaken": True, **more}
    return story.act("officer", "need_to_know.expand", matter=matter, expected_version=story.version(matter), **given)


def abroad(story: Story, user: str, is_foreign: bool) -> None:
    given = {"person": story.people[user], "is_foreign": is_foreign, "basis": "护照"}
    story.act("secrecy", "personnel.note_foreign", **given)


@pytest.mark.clause("TL-44", "BMF-37")
def test_nobody_from_abroad_is_cleared_admitted_or_named_by_the_unit_alone(story: Story) -> None:
    matter = story.approved()
    abroad(story, "drafter2", True)
    assert refused(lambda: abroad(story, "drafter2", True)) == {"person.foreign_unchanged"}
    assert standing.clearance(story.people["drafter2"], story.now) == ""
    assert refused(lambda: story.clear("drafter2", "机密")) == {"clearance.foreign"}
    rows = ({"staff_no": "0015", "level": "机密", "instrument": "审查表"},)
    told = story.act("secrecy", "personnel.import_clearances", rows=rows, dry_run=True)
    assert [(f.column, f.code) for f in told.faults] == [("staff_no", "clearance.foreign")]
    assert "scope.foreign" in refused(lambda: expanded(story, matter, "drafter2"))
    by_department = story.filled(answers=story.answers(scope=Scope(departments=(story.department,))))
    by_name = story.filled(answers=story.answers(scope=story.scope("drafter", "drafter2")))
    for draft in (by_department, by_name):
        assert "scope.foreign" in refused(lambda draft=draft: story.propose(draft))
    abroad(story, "drafter2", False)
    story.clear("drafter2", "机密")
    expanded(story, matter, "drafter2")
    story.propose(by_name)
    assert verify().ok


@pytest.mark.clause("TL-44")
def test_a_scope_proposed_before_somebody_in_it_counted_as_from_abroad_is_not_approved(story: Story) -> None:
    matter = story.proposed(answers=story.answers(scope=story.scope("drafter", "officer", "drafter2")))
    abroad(story, "drafter2", True)
    with pytest.raises(Refused) as caught:
        story.approve(matter)
    found = next(f for f in caught.value.findings if f.code == "scope.foreign")
    assert found.params["person"] == "何志远"


def amend(story: Story, **given: Any) -> Any:
    """Correct the own organ as it stands."""
    seen = {"organ": story.home.pk, "basis": "三定规定", "expected_version": version_of(standing.home()), **given}
    return story.act("secrecy", "personnel.amend_organ", **seen)


@pytest.mark.clause("BMF-18")
def test_an_organ_is_the_superior_by_its_id_and_by_its_name_only_where_nothing_but_a_name_is_known(
    story: Story,
) -> None:
    superior = story.province
    assert not consulted.is_of_superior(superior.pk, superior.name), "we have none yet"
    amend(story, tier="prefecture", superior=superior.pk)
    other = Organ.objects.get(pk=story.act("secrecy", "personnel.enter_organ", name="某市能源局", tier="prefecture").id)
    assert consulted.is_of_superior(superior.pk, "改名以前的名称")
    assert not consulted.is_of_superior(other.pk, superior.name), "another of the same name is not the superior"
    assert consulted.is_of_superior(None, superior.name) and not consulted.is_of_superior(None, other.name)


@pytest.mark.parametrize("field", ["superior", "run_by"])
def test_an_organ_is_neither_above_itself_nor_does_it_work_as_its_own_temporary_body(story: Story, field: str) -> None:
    with pytest.raises(Invalid) as wrong:
        amend(story, tier="other", **{field: story.home.pk})
    assert wrong.value.params["fields"] == {field: "organ.itself"}


def received(story: Story, widening: str) -> UUID:
    given = {
        "title": "全省供水调度安排", "originator": story.province.pk, "level": "秘密", "tail": "5年", "issued_on": date(2025, 12, 1),
        "received_on": date(2025, 12, 3), "received_no": "收 1", "scope": story.scope("drafter", "officer"),
    }  # fmt: skip
    return UUID(str(story.act("drafter", "reception.receive", widening=widening, **given).matter))


@pytest.mark.clause("BMF-21.3")
def test_the_originators_rule_about_a_wider_scope_binds_whoever_holds_its_matter(story: Story) -> None:
    free, with_consent, never = (received(story, rule) for rule in ("", "consent", "never"))
    expanded(story, free, "outsider")
    assert "scope.originators_rule" in refused(lambda: expanded(story, with_consent, "outsider"))
    expanded(story, with_consent, "outsider", originator_consents=True)
    held = refused(lambda: expanded(story, never, "outsider", originator_consents=True))
    assert "scope.originators_rule" in held
    with pytest.raises(Invalid) as unknown:
        received(story, "sometimes")
    assert unknown.value.params["fields"] == {"widening": "choice.unknown"}


@pytest.mark.clause("ZX-24.4b", "TL-19.2b")
def test_a_paper_without_period_or_issue_date_takes_what_the_law_or_its_notice_says(story: Story) -> None:
    given = {
        "title": "来文",
        "originator": story.province.pk,
        "level": "秘密",
        "received_on": date(2025, 12, 3),
        "received_no": "收 2",
    }
    given |= {"scope": story.scope("drafter", "officer")}

    def came(**more: Any) -> Any:
        return story.act("drafter", "reception.receive", **given, **more)

    silent = came(issued_on=date(2025, 12, 1))
    assert (silent.mark, silent.last_protected_day) == ("秘密★10年", date(2035, 12, 1))
    told = came(tail="5年", notice_on=date(2025, 12, 2))
    row = story.matter(UUID(str(told.matter)))
    assert (row.issued_on, row.starts_on, row.last_protected_day) == (None, date(2025, 12, 2), date(2030, 12, 2))
    for more in ({"tail": "5年"}, {"notice_on": date(2025, 12, 2)}):
        refused(lambda more=more: came(**more), Invalid)


@pytest.mark.clause("TL-29.1", "BMF-26.2c")
def test_a_top_secret_paper_is_received_by_whom_the_organ_names_for_it(story: Story) -> None:
    story.clear("drafter", "绝密")
    story.cleared("secadmin", person=story.people["secrecy"], level="绝密", instrument="审查表")
    given = {
        "title": "来文", "originator": story.province.pk, "level": "绝密", "tail": "20年", "issued_on": date(2025, 12, 1),
        "received_on": date(2025, 12, 3), "received_no": "收 9", "scope": story.scope("drafter"),
    }  # fmt: skip
    assert refused(lambda: story.act("drafter", "reception.receive", **given)) == {"receipt.no_named_person"}
    assert story.act("secrecy", "reception.receive", **given).mark == "绝密★20年"


@pytest.mark.clause("BMF-17.4")
def test_a_security_organ_determines_as_its_own_rules_say_and_no_other_organ_has_such_rules(story: Story) -> None:
    def amended(tier: str, level: str) -> None:
        amend(story, tier=tier, own_authority=level, basis="公定密〔2025〕1号")

    assert standing.organ_authority(story.now) == "机密"
    for tier, level in (("security", ""), ("other", "绝密"), ("security", "内部"), ("county", "")):
        refused(lambda tier=tier, level=level: amended(tier, level), Invalid)
    for user in ("drafter", "officer"):
        story.clear(user, "绝密")
    matter = story.proposed(answers=story.answers("11", scope=story.scope("drafter", "officer", "head")))
    assert "authority.none" in refused(lambda: story.approve(matter, "head"))
    amended("security", "绝密")
    assert standing.organ_authority(story.now) == "绝密"
    story.approve(matter, "head")
    assert story.matter(matter).state == "active" and verify().ok


@pytest.mark.clause("ZX-44.1")
def test_the_tier_of_the_own_organ_is_corrected_by_an_act_and_decides_its_authority(story: Story) -> None:
    seen = version_of(standing.home())
    amend(story, tier="provincial", superior=story.province.pk)
    row = standing.home()
    assert (standing.organ_authority(story.now), row.superior_id) == ("绝密", story.province.pk)
    refused(lambda: amend(story, tier="provincial", superior=story.home.pk), Invalid)
    assert refused(lambda: amend(story, tier="other", expected_version=seen), Conflict) == {"record.stale"}


def together(story: Story) -> dict[str, UUID]:
    """Import a guide whose items 21 and 22 together are item 23; return its items."""
    head = {
        "guide": "SW-AGG",
        "title": "泵站事项目录（示例）",
        "owner": "某部（虚构）",
        "edition": "2025",
        "since": "2025-01-01",
    }
    head |= {"period": "5年", "matter_code": "SW-NET", "scope": "直接承办人员", "origin_tier": "市级以上"}
    whole = {"items": ["21", "22"], "at_least": 2}
    lines = (("21", "泵站参数", "秘密", {}), ("22", "供电线路走向", "秘密", {}), ("23", "整体防护资料", "机密", whole))
    rows = tuple(
        {**head, "no": no, "item": text, "level": level, "together": parts} for no, text, level, parts in lines
    )
    story.act("secrecy", "guides.import_edition", rows=rows)
    return dict(GuideItem.objects.filter(edition__code="SW-AGG").values_list("number", "pk"))


def reviewed(story: Story, matter: UUID, **more: Any) -> Any:
    story.act("drafter", "disclosure.submit", matter=matter, opinion="拟在门户网站公开。")
    given = {"outcome": "publish", "opinion": "可以公开。", "aggregate_checked": True, **more}
    return story.act("officer", "disclosure.review", matter=matter, **given)


def published(story: Story, matter: UUID) -> Matter:
    reviewed(story, matter)
    story.act("head", "disclosure.approve", matter=matter, agreed=True)
    given = {"published_at": story.now, "place": "政府网站", "expected_version": story.version(matter)}
    story.act("officer", "disclosure.publish", matter=matter, **given)
    return story.matter(matter)


@pytest.mark.clause("BMF-36.3")
def test_what_makes_a_secret_with_what_is_public_already_is_not_published(story: Story) -> None:
    items = together(story)
    scope = story.scope("drafter", "officer", "officer2", "head")
    one, two, unrelated = (
        story.approved(answers=replace(story.answers("3", scope=scope), item=item))
        for item in (items["21"], items["22"], story.item("3").pk)
    )
    for matter in (one, unrelated):
        assert published(story, matter).state == "declassified"
    with pytest.raises(Refused) as caught:
        published(story, two)
    found = next(f for f in caught.value.findings if f.code == "publication.aggregated")
    assert (found.params["level"], found.clauses) == ("机密", ("BMF-36.3",))
    assert story.matter(two).published_at is None


@pytest.mark.clause("TL-5")
def test_what_must_be_public_is_withheld_only_as_a_state_secret(story: Story) -> None:
    matter = story.approved()
    number = story.matter(matter).register_no
    withheld = {"outcome": "withhold", "ground": "internal", "must_be_public": True}
    story.review(matter, "release", ground="harmless")
    done = {"reason": "无害。", "confirm": number, "expected_version": story.version(matter)}
    story.act("officer", "declassification.release", matter=matter, **done)
    assert "disclosure.must_be_public" in refused(lambda: reviewed(story, matter, **withheld))
    secret = story.approved()
    reviewed(story, secret, outcome="withhold", ground="state_secret", must_be_public=True)


@pytest.mark.clause("TL-53")
def test_nobody_leaves_a_secret_post_while_other_systems_still_let_them_in(story: Story) -> None:
    given = {
        "person": story.people["drafter"], "talked_on": story.now.date(), "cooling_through": date(2030, 1, 1),
        "managed_by": "本单位", "carriers_returned": 0, "devices_returned": 0,
    }  # fmt: skip
    assert "leaving.access" in refused(lambda: story.act("head", "personnel.leave", systems_closed=False, **given))
    assert "leaving.access" not in refused(lambda: story.act("head", "personnel.leave", systems_closed=True, **given))


@pytest.mark.clause("TL-28.2")
def test_a_copy_missed_after_the_count_is_not_destroyed_on_paper(story: Story) -> None:
    story.cleared("secadmin", person=story.people["secrecy"], level="机密", instrument="审查表")
    number = story.matter(story.approved()).register_no
    place = {"place": "机要室", "in_proper_place": True}
    numbers = story.act("drafter", "carriers.produce", register_no=number, copies=2, is_marked=True, **place).numbers
    listed = story.act(
        "secrecy", "carriers.propose_destruction", numbers=numbers, method="粉碎", facility="市销毁中心", with_own_equipment=False
    ).id  # fmt: skip
    story.act("officer", "carriers.approve_destruction", destruction=listed, document_no="销批 1")
    for user in ("officer2", "drafter"):
        story.act(user, "carriers.count_destruction", destruction=listed, numbers=numbers, counted=2)
    story.act("secrecy", "carriers.report_missing", numbers=numbers[:1], words="装袋后未见")
    finish = {"destruction": listed}
    assert refused(lambda: story.act("secrecy", "carriers.finish_destruction", **finish)) == {
        "destruction.not_registered"
    }


@pytest.mark.clause("BMF-31.1.3")
def test_no_copy_is_put_on_a_device_whose_level_it_exceeds(story: Story) -> None:
    story.cleared("secadmin", person=story.people["secrecy"], level="机密", instrument="审查表")
    number = story.matter(story.approved()).register_no
    made = {
        "register_no": number,
        "copies": 1,
        "form": "magnetic",
        "place": "机房",
        "in_proper_place": True,
        "is_marked": True,
    }
    numbers = story.act("drafter", "carriers.produce", **made).numbers

    def kept(device: str) -> Any:
        given = {"numbers": numbers, "person": story.people["secrecy"], "place": "机房", "place_meets_standard": True}
        return story.act("secrecy", "carriers.keep", device=device, **given)

    for device in ("none", "秘密"):
        assert "storage.system_grade" in refused(lambda device=device: kept(device))
    refused(lambda: kept("云盘"), Invalid)
    kept("机密")


@pytest.mark.clause("TL-29.4", "BMF-26.2b")
def test_a_top_secret_of_another_organ_is_taken_away_only_with_its_consent(story: Story) -> None:
    for user in ("drafter", "officer"):
        story.clear(user, "绝密")
    amend(story, tier="provincial")
    matter = story.proposed(answers=story.answers("11", scope=story.scope("drafter", "officer", "head")))
    story.approve(matter, "head")
    assert story.act("drafter", "carriers.download", matter=matter).content
    other = story.act("secrecy", "personnel.enter_organ", name="某新局", tier="other").id
    handed = {
        "matters": (matter,),
        "situation": "split",
        "instrument": "编〔2026〕5号",
        "effective_on": date(2026, 3, 1),
    }
    story.act("head", "succession.assign", successor=other, function_taker=other, **handed)
    story.on(date(2026, 3, 1)).daily()
    assert refused(lambda: story.act("drafter", "carriers.download", matter=matter)) == {"carrier.top_secret_consent"}
    story.act("drafter", "carriers.read", matter=matter)
    asked = story.act("drafter", "consultation.ask", matter=matter, organ=other, kind="use", document_no="函 1")
    said = {"answer": "agrees", "answer_no": "复 1", "answered_on": story.now.date()}
    story.act("drafter", "consultation.answer", consultation=asked.id, **said)
    assert story.act("drafter", "carriers.download", matter=matter).content


@pytest.mark.clause("BMF-58.2")
def test_an_error_says_whether_the_law_answers_for_it(story: Story) -> None:
    kinds = ("wrong", "unmarked", "unreviewed")
    liable = {kind: corrected.is_liable(Correction(kind=kind, found_on=date(2026, 2, 1))) for kind in kinds}
    assert liable == {"wrong": True, "unmarked": False, "unreviewed": True}
    assert not corrected.is_liable(Correction(kind="unreviewed", found_on=date(2023, 2, 1)))


@pytest.mark.clause("ZX-44.1", "ZX-14.1", "QA-3")
def test_a_decision_keeps_how_high_organ_and_officer_reached_and_whose_matter_it_was(story: Story) -> None:
    kept = Decision.objects.get(matter=story.approved())
    assert kept.authority["reaches"] == {"inherent": "", "organ": "机密", "officer": "机密"}
    assert kept.authority["originator"] == "own"


@pytest.mark.clause("ZX-25.1", "ZX-25.2")
def test_whose_matter_it_is_follows_its_issuer_and_those_who_produced_it_too(story: Story) -> None:
    body = {"name": "供水安全专班", "tier": "other", "is_temporary": True, "run_by": story.home.pk}
    ours = story.act("secrecy", "personnel.enter_organ", **body).id
    one, two = story.filled(), story.filled()
    joined = {"issuer": ours, "expected_version": story.version(one)}
    story.act("drafter", "consultation.join", matter=one, **joined)
    joint = {"co_organs": (story.province.pk,), "expected_version": story.version(two)}
    story.act("drafter", "consultation.join", matter=two, **joint)
    found = [authority.originator(story.matter(m), story.now) for m in (one, two)]
    assert found == ["organ_of_daily_work", "lead_organ"]


@pytest.mark.clause("GD-8.2")
def test_a_guide_above_a_clearance_is_read_by_nobody_who_holds_it(story: Story) -> None:
    seen = {user: guide_impact.readable(story.actor(user), story.now) for user in ("secrecy", "outsider", "officer")}
    assert seen == {"secrecy": ["", "内部"], "outsider": ["", "内部", "秘密"], "officer": ["", "内部", "秘密", "机密"]}


def pointed(story: Story) -> tuple[UUID, dict[str, UUID]]:
    """Return a matter of 机密 in force with a point of 机密 and one of 秘密, and those points by level."""
    source = story.filled()
    for start, level, tail, number in ((0, "机密", "10年", "7"), (20, "秘密", "5年", "3")):
        place = {"start": start, "end": start + 12, "level": level, "tail": tail, "item": story.item(number).pk}
        story.act("drafter", "points.mark", matter=source, **place, expected_version=story.version(source))
    story.propose(source)
    story.approve(source)
    return source, {p.level: p.pk for p in ClassifiedPoint.objects.filter(matter=source)}


@pytest.mark.clause("PS-8", "PS-8.2?")
def test_e16_a_derivation_takes_the_level_of_the_points_that_it_uses_and_its_officer_is_told(story: Story) -> None:
    source, points = pointed(story)
    part, whole = (
        story.derive((SourceIn(matter=source, points=used),), trigger="point") for used in ((points["秘密"],), ())
    )
    assert [story.matter(m).level for m in (part, whole)] == ["秘密", "机密"]
    assert SourceLink.objects.get(matter=part).points == [str(points["秘密"])]
    for matter, told in ((part, {"derivation.points_only"}), (whole, set())):
        seen = preview(story.actor("officer"), story.now, "determination.approve", {"matter": matter})
        assert {f.code for f in seen.findings} & {"derivation.points_only", "derivation.level_differs"} == told
    with pytest.raises(Invalid):
        story.derive((SourceIn(matter=source, points=(source,)),), trigger="point")
    story.approve(part)
    assert (story.matter(part).level, story.matter(part).state) == ("秘密", "active")


def lacking(story: Story) -> set[str]:
    return {f.code for f in installation.shortfalls(story.now)}


@pytest.mark.clause("TL-32", "BMF-31.1.3", "CS-68", "BJ-18.2", "MM-14", "MM-7")
def test_the_system_is_held_against_the_levels_that_it_stores_and_what_its_keeper_claims(
    story: Story, settings: Any
) -> None:
    assert lacking(story) == {"system.administrators_unfit"}  # nothing is stored, and nobody of the three is trained
    story.approved()
    assert {"system.no_grade", "cipher.commercial"} <= lacking(story)
    settings.CONFIG = {**settings.CONFIG, "system": {"grade": "机密"}, "policy": "asvs"}
    assert "system.no_grade" not in lacking(story) and "system.passwords" in lacking(story)
    settings.CONFIG = {**settings.CONFIG, "system": {"grade": "秘密"}}
    assert "system.grade" in lacking(story)
    claim = {"grade": "机密", "cipher": "commercial", "protects_by_law": True}
    settings.CONFIG = {**settings.CONFIG, "system": claim, "policy": "fenbao-jimi"}
    assert {"cipher.class", "cipher.no_lawful_claim"} <= lacking(story)
    for user in ("sysadmin", "secadmin", "auditor"):
        story.people[user] = UUID(story.actor(user).person_id)
        story.train(user)
    assert not lacking(story) & {"system.administrators_unfit", "system.administrators", "system.passwords"}
    story.act("sysadmin", "access.disable", account=UUID(story.actor("auditor").account_id))
    assert "system.administrators" in lacking(story)
