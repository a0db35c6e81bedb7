"""Any legal sequence of acts keeps the invariants (ARCHITECTURE §11)."""

from __future__ import annotations

import re
import warnings
from collections import Counter as Tally
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from dingmi.base.errors import DingmiError
from dingmi.procedures import decide, grading
from dingmi.procedures.appointment import CRITERIA
from dingmi.procedures.change import EFFECT
from dingmi.procedures.terms import ReuseAnswer, Scope, SourceIn, Upload
from dingmi.queries import standing
from dingmi.queries.grades import GradeTerms
from dingmi.queries.verify import verify
from dingmi.records.carriers.models import Carrier
from dingmi.records.matters.applications import Application
from dingmi.records.matters.disputes import Challenge
from dingmi.records.matters.models import ClassifiedPoint, Decision, Matter, Proposal, Referral, SourceLink
from dingmi.records.notices.models import Deadline
from dingmi.records.officers.appointments import Appointment
from dingmi.records.officers.models import Officer
from dingmi.records.organs.models import Person
from tests import counts
from tests.chance import IS_FREE
from tests.story import TEXT, Story, docx_of

pytestmark = [pytest.mark.db, pytest.mark.django_db]
USERS = st.sampled_from(["drafter", "officer", "officer2", "drafter2"])
ITEMS = st.sampled_from(["1", "3", "5", "7"])
PICKS = st.integers(min_value=0, max_value=11)  # which of what there is
LEVELS, TAILS = st.sampled_from(["", "秘密", "机密"]), st.sampled_from(["", "3年", "8年", "15年"])


class Life(RuleBasedStateMachine):
    """Acts in any order; a refusal is fine, a broken invariant is not."""

    story: Story
    acts: Tally[tuple[str, str]] = Tally()  # an act that was performed, and the one performed next
    moves: Tally[tuple[str, str]] = Tally()  # the state of a matter, and the one it came to

    def __init__(self) -> None:
        super().__init__()
        self.last_act = ""
        self.states: dict[UUID, str] = {}
        self._inside = transaction.atomic()
        self._inside.__enter__()
        self.begin = self.story.now
        self.versions: dict[UUID, int] = {}

    def teardown(self) -> None:
        """Leave the bureau as it was founded."""
        transaction.set_rollback(True)
        self._inside.__exit__(None, None, None)
        self.story.now = self.begin

    def _attempt(self, user: str, name: str, matter: UUID, **params: object) -> None:
        before = self.story.version(matter)
        if self._try(user, name, matter=matter, expected_version=before, **params) is None:
            assert self.story.version(matter) == before

    def _try(self, user: str, name: str, **params: object) -> Any:
        try:
            done = self.story.act(user, name, **params)
        except DingmiError:
            return None
        self._note(name)
        return done

    def _note(self, name: str) -> None:
        self.acts[self.last_act, name] += 1
        self.last_act = name

    def _any(self, pick: int, *states: str) -> UUID | None:
        """Return one of the matters in ``states``; what is drawn never depends on what there is to choose from."""
        found = list(Matter.objects.filter(state__in=states).order_by("created_at", "pk").values_list("pk", flat=True))
        return found[pick % len(found)] if found else None

    @rule(user=USERS, item=ITEMS)
    def proposes(self, user: str, item: str) -> None:
        """Somebody drafts and proposes."""
        self.story.proposed(user, self.story.answers(item, scope=self.story.scope(user, "officer", "officer2")))
        self._note("determination.propose")

    @rule(user=st.sampled_from(["officer", "officer2"]), pick=PICKS)
    def approves(self, user: str, pick: int) -> None:
        """An officer approves some proposal."""
        if matter := self._any(pick, "proposed"):
            self._attempt(user, "determination.approve", matter)

    @rule(user=st.sampled_from(["officer", "officer2"]), pick=PICKS)
    def returns(self, user: str, pick: int) -> None:
        """An officer returns some proposal."""
        if matter := self._any(pick, "proposed"):
            self._attempt(user, "determination.return", matter, reason_code="scope", text="请补充。")

    @rule(user=USERS, outcome=st.sampled_from(["keep", "lapse", "extend", "release"]), pick=PICKS)
    def reviews(self, user: str, outcome: str, pick: int) -> None:
        """Somebody proposes what becomes of a matter in force."""
        if matter := self._any(pick, "active"):
            tail = "10年" if outcome == "extend" else ""
            self._attempt(
                user, "review.propose", matter, outcome=outcome, tail=tail, reason="审核。", ground="harmless"
            )

    @rule(user=st.sampled_from(["officer", "officer2"]), pick=PICKS)
    def decides(self, user: str, pick: int) -> None:
        """An officer decides whatever waits."""
        matter = self._any(pick, "active")
        if matter is None:
            return
        self._attempt(user, "review.decide", matter)
        self._attempt(user, "change.extend", matter, reason="仍需保护。")
        self._attempt(user, "change.change", matter)
        number = self.story.matter(matter).register_no or ""
        self._attempt(user, "declassification.release", matter, reason="无害。", confirm=number)

    @rule(user=USERS, level=LEVELS, tail=TAILS, days=st.sampled_from([0, 30]), pick=PICKS)
    def changes(self, user: str, level: str, tail: str, days: int, pick: int) -> None:
        """Somebody proposes another level or period, at once or on a day to come."""
        if matter := self._any(pick, "active"):
            day = (self.story.now + timedelta(days=days)).date() if days else None
            given = {"level": level, "tail": tail, "effective_on": day, "reason": "情况变化。"}
            self._attempt(user, "change.propose", matter, ground="damage_changed", **given)

    @rule(user=USERS, act=st.sampled_from(["review.refuse", "review.withdraw"]), pick=PICKS)
    def turns_down(self, user: str, act: str, pick: int) -> None:
        """An officer refuses what is proposed, or its drafter takes it back."""
        if matter := self._any(pick, "active"):
            self._attempt(user, act, matter, reason="再作研究。")

    @rule(pick=PICKS, days=st.sampled_from([0, 60]))
    def hands_on(self, pick: int, days: int) -> None:
        """A matter goes to another organ."""
        if matter := self._any(pick, "active", "declassified"):
            on, taker = (self.story.now + timedelta(days=days)).date(), self.story.province.pk
            given = {"situation": "merged", "instrument": "编 1", "function_taker": taker, "effective_on": on}
            self.story.clear("head", "绝密")
            self._try("head", "succession.assign", matters=(matter,), successor=taker, **given)

    @rule(pick=PICKS)
    def voids(self, pick: int) -> None:
        """An error is found by one officer and corrected by another."""
        if matter := self._any(pick, "active"):
            given = {"kind": "wrong", "found_on": self.story.now.date(), "detail": "不应定密。"}
            if found := self._try("officer2", "correction.find", matter=matter, **given):
                version = self.story.version(matter)
                given = {"correction": found.id, "remedy": "void", "reason": "不应定密。", "expected_version": version}
                self._try("officer", "correction.decide", **given)

    @rule(pick=PICKS)
    def receives(self, pick: int) -> None:
        """A matter of another organ comes in."""
        day = self.story.now.date()
        self._try(
            "drafter", "reception.receive", title="来文", originator=self.story.province.pk, level="秘密", tail="5年",
            issued_on=day, received_on=day, received_no="收", scope=self.story.scope(),
        )  # fmt: skip

    @rule(pick=PICKS)
    def derives(self, pick: int) -> None:
        """A drafter derives from a matter in force."""
        source = self._any(pick, "active")
        if source is None:
            return
        try:
            self.story.derive((SourceIn(matter=source, consent=True),), "drafter", scope=Scope())
        except DingmiError:
            return
        self._note("derivation.propose")

    @rule(pick=PICKS, pointed=st.booleans())
    def uses_a_secret(self, pick: int, pointed: bool) -> None:
        """A drafter proposes by an item what uses a matter in force: by his answer, or by a point alone."""
        source = self._any(pick, "active")
        if source is None:
            return
        answers = self.story.answers("7", reuse=() if pointed else (ReuseAnswer(source, True),))
        matter = self.story.filled("drafter", answers)
        if pointed:
            row = self.story.matter(source)
            place = {"start": 0, "end": 9, "level": row.level, "tail": row.tail, "source": source}
            self._attempt("drafter", "points.mark", matter, **place)
        self._attempt("drafter", "determination.propose", matter)

    @rule(user=st.sampled_from(["drafter", "drafter2"]))
    def finds_nothing_that_fits(self, user: str) -> None:
        """A drafter sets terms provisionally."""
        terms = {"item": None, "level": "机密", "tail": "10年", "scope": self.story.scope(user, "officer", "officer2")}
        matter = self.story.filled(user, replace(self.story.answers(), **terms))
        self._attempt(user, "unclear.refer", matter, category="economy", does_damage=True)

    @rule(user=USERS, decided=st.booleans(), pick=PICKS)
    def hears_of_the_administration(self, user: str, decided: bool, pick: int) -> None:
        """Somebody registers that a report went out, and what came back."""
        if matter := self._any(pick, "referred"):
            today, number = self.story.now.date(), "某密复〔2026〕1号"
            self._attempt(user, "unclear.send", matter, sent_on=today, document_no=number)
            ruled = {"decided": decided, "ruled_by": "provincial", "document_no": number, "decided_on": today}
            self._attempt(user, "unclear.answer", matter, **ruled)

    @rule(level=st.sampled_from(["秘密", "机密", "绝密"]), user=st.sampled_from(["officer", "head"]), pick=PICKS)
    def challenges(self, level: str, user: str, pick: int) -> None:
        """The province challenges some matter in force."""
        if matter := self._any(pick, "active"):
            given = {"position": "level", "level": level, "reasons": "有异议。", "challenger": self.story.province.pk}
            self._attempt(user, "challenge.raise", matter, **given)

    @rule(
        user=st.sampled_from(["officer", "officer2", "head"]),
        outcome=st.sampled_from(["keep", "change"]),
        pick=PICKS,
    )
    def goes_on_with_a_challenge(self, user: str, outcome: str, pick: int) -> None:
        """Somebody tries every step of some challenge."""
        ids = list(Challenge.objects.order_by("raised_at", "pk").values_list("pk", flat=True))
        if not ids:
            return
        made = Challenge.objects.get(pk=ids[pick % len(ids)])
        today, number = self.story.now.date(), "某密决〔2026〕1号"
        ruled = {"ruled_by": "provincial", "outcome": outcome, "level": "秘密" if outcome == "change" else ""}
        for name, given in (
            ("settle", {"reasons": "接受。"}),
            ("answer", {"outcome": outcome, "level": "秘密", "reasons": "有依据。"}),
            ("register_dispute", {"document_no": number}),
            ("register_decision", {**ruled, "tail": "5年", "document_no": number, "decided_on": today}),
            ("appeal", {"reasons": "仍有异议。", "document_no": number}),
        ):
            version = self.story.version(made.matter_id)
            try:
                params = {"challenge": made.pk, "expected_version": version, **given}
                self.story.act(user, f"challenge.{name}", **params)
            except DingmiError:
                assert self.story.version(made.matter_id) == version

    @invariant()
    def an_open_challenge_holds_the_highest_level_asserted(self) -> None:
        """TL-26.3."""
        order = ["内部", "秘密", "机密", "绝密"]
        for made in Challenge.objects.filter(ended_at=None, matter__state="active").select_related("matter"):
            wanted = made.asserted_level or made.challenged_level
            assert order.index(made.matter.level) >= order.index(wanted)
        for row in Matter.objects.exclude(determined_level=""):
            assert row.challenges.filter(ended_at=None).exists() or row.proposals.exists()
            assert row.determined_level != row.level
        for sent in Referral.objects.filter(kind="unclear", answered_at=None).select_related("matter"):
            assert (sent.matter.state, sent.matter.level) == ("referred", "机密")

    @rule(
        user=USERS,
        regime=st.sampled_from(["work_secret", "trade_secret"]),
        ends=st.booleans(),
        act=st.sampled_from(["grading.approve", "grading.return", "grading.lift"]),
        pick=PICKS,
    )
    def grades(self, user: str, regime: str, ends: bool, act: str, pick: int) -> None:
        """Somebody proposes a grade; the head approves, returns or lifts one."""
        terms = GradeTerms(scope=self.story.scope(user), basis="清单第 3 项", harm="duties", is_state_item=False)
        if regime == "trade_secret":
            until = (self.story.now + timedelta(days=30)).date() if ends else None
            terms = replace(
                terms, level="核心商密", tail="5年", harm="advantage", provisional_until=until, reasons="急。"
            )
        upload = Upload("名单.docx", docx_of(TEXT))
        self._try(user, "grading.propose", regime=regime, terms=terms, upload=upload, title="名单")
        if matter := self._any(pick, "pending", "graded"):
            given = {
                "grading.return": {"text": "请补充。"},
                "grading.lift": {"ground": "worthless", "reason": "过时。"},
            }
            self._attempt("head", act, matter, **given.get(act, {}))

    @rule(user=st.sampled_from(["drafter", "drafter2", "outsider", "secrecy"]), grant=st.booleans(), pick=PICKS)
    def asks_to_know(self, user: str, grant: bool, pick: int) -> None:
        """Somebody asks to know a matter; an officer answers whatever application is open."""
        if matter := self._any(pick, "active"):
            self._try(user, "need_to_know.request", matter=matter, purpose="工作需要。")
        for made in Application.objects.filter(kind="know", state="open").order_by("asked_at", "pk"):
            given = {"application": made.pk, "grant": grant, "reason": "" if grant else "与工作无关。"}
            self._try("officer", "need_to_know.answer", **given)

    @rule(user=st.sampled_from(["drafter2", "outsider"]), goes_on=st.booleans())
    def is_appointed(self, user: str, goes_on: bool) -> None:
        """A drafter nominates someone; every open case goes on, or is withdrawn."""
        story = self.story
        given = {"max_level": "机密", "reasons": "熟悉业务。"}
        self._try("drafter", "officers.nominate", person=story.people[user], **given)
        for case in Appointment.objects.filter(state="nominated").order_by("nominated_at", "pk"):
            if not goes_on:
                self._try("drafter", "officers.withdraw", case=case.pk, reason="另行安排。")
                continue
            self._try("secrecy", "officers.vet", case=case.pk, passed=True, criteria=CRITERIA, opinion="符合。")
            until = story.now + timedelta(days=900)
            given = {"grade": "机密", "certificate": "资格 1", "since": story.now, "until": until}
            self._try("secrecy", "officers.record_qualification", person=case.person_id, **given)
            self._try("secrecy", "officers.confirm_training", case=case.pk)
            self._try("head", "officers.commission", case=case.pk, instrument="委〔2026〕7号", until=until)
            for act, more in (("officers.publish", {}), ("officers.file", {"number": "回执 9"})):
                self._try("secrecy", act, case=case.pk, expected_version=story.seen(Appointment, case.pk), **more)

    @rule(act=st.sampled_from(["carry_out", "report_missing", "set_return", "propose_destruction"]), pick=PICKS)
    def copies_change_hands(self, act: str, pick: int) -> None:
        """Copies of a matter are made, kept, lent and taken back, and meet one thing more."""
        matter = self._any(pick, "active")
        if matter is None:
            return
        story, place = self.story, {"place": "机要室"}
        drafter, due = story.people["drafter"], (story.now + timedelta(days=5)).date()
        lend = {"person": drafter, "due_on": due, "in_proper_place": True, **place}
        more = {
            "carry_out": {"person": drafter, "measures": "保密箱", "is_packed": True, "due_on": due, **place},
            "report_missing": {"words": "会后未见"},
            "set_return": {"return_by": due, "document_no": "清1"},
            "propose_destruction": {"method": "化浆", "facility": "销毁中心"},
        }
        story.cleared("secadmin", person=story.people["secrecy"], level="机密", instrument="涉密人员审查表")
        made = {"register_no": story.matter(matter).register_no, "copies": 2, "in_proper_place": True}
        copies = self._try("drafter", "carriers.produce", is_marked=True, **made, **place)
        if copies is None:
            return
        of = {"numbers": copies.numbers}
        kept = {**of, **place, "person": story.people["secrecy"], "place_meets_standard": True}
        self._try("secrecy", "carriers.keep", **kept)
        self._try("secrecy", "carriers.lend", **of, **lend)
        self._try("drafter", "carriers.sign", **of, counted=2)
        self._try("secrecy", "carriers.take_back", **of, counted=2, **place)
        self._try("officer" if act == "carry_out" else "secrecy", f"carriers.{act}", **of, **more[act])

    @invariant()
    def every_copy_stands_as_its_last_event_says(self) -> None:
        """What the register repeats is what happened (TL-27.2)."""
        for copy in Carrier.objects.filter(events__isnull=False).distinct():
            last = copy.events.order_by("-number")[0]
            assert (copy.state, copy.holder_id, copy.place) == (last.state, last.holder_id, last.place)
            assert last.number == copy.events.count()

    @rule(user=st.sampled_from(["head", "outsider"]))
    def takes_office(self, user: str) -> None:
        """Another principal, or the first one again."""
        self._try("secrecy", "officers.appoint_principal", person=self.story.people[user], instrument="任字")

    @rule(days=st.sampled_from([1, 90, 400, 2000]))
    def time_passes(self, days: int) -> None:
        """Days go by, and the sweep runs twice."""
        self.story.later(days=days)
        self.story.daily()
        second = self.story.daily()
        standing_still = {("officers.follow", "units_without")}  # what is, not what was done
        assert not [
            (act, key, count)
            for act, counts in second.items()
            for key, count in counts.items()
            if count and (act, key) not in standing_still
        ]

    @invariant()
    def ledger_and_rows_verify(self) -> None:
        """Invariant 2."""
        found = verify()
        assert found.ok, found.findings

    @invariant()
    def the_principal_alone_is_an_officer_by_law(self) -> None:
        """TL-14.1: one principal, one officer by law, the same person."""
        (principal,) = Person.objects.filter(organ__is_home=True, is_principal=True).values_list("pk", flat=True)
        seated = standing.roll(Officer.objects.all(), self.story.now)
        assert [o.person for o in seated if o.in_office and o.kind == "statutory"] == [principal]

    @invariant()
    def register_numbers_are_unique_and_without_gaps(self) -> None:
        """SR-26."""
        series: dict[str, list[int]] = defaultdict(list)
        for number in Matter.objects.exclude(register_no=None).values_list("register_no", flat=True):
            head, _, last = number.rpartition("-")
            assert re.fullmatch(r"QJSWR?-[A-Z]{1,2}-\d{4}", head)
            series[head].append(int(last))
        assert all(sorted(numbers) == list(range(1, len(numbers) + 1)) for numbers in series.values())

    @invariant()
    def a_matter_in_force_has_all_its_elements(self) -> None:
        """Invariants 4 and 5."""
        for row in Matter.objects.filter(state="active"):
            determined = standing.determined_level(row)
            assert determined in ("秘密", "机密") and row.tail and row.starts_on and row.register_no
            assert row.level == determined or row.proposals.exists()
            ruled = row.referrals.filter(answer="decided").exists()
            assert row.origin == "received" or row.item_id or row.sources.exists() or ruled
            assert row.origin == "received" or (row.officer_id and row.officer_id != row.drafter_id)
            assert row.scope_entries.filter(until__isnull=True).exists()
            for copy in row.carriers.exclude(copy_no=1):
                assert copy.remark_due or copy.mark == f"{determined}★{row.tail}"
            carrier = row.carriers.get(copy_no=1)
            if carrier.mark != f"{determined}★{row.tail}":  # a change that took effect later: a new mark is due
                changed = Deadline.objects.filter(matter_id=row.pk, name=EFFECT, done_at__isnull=False)
                assert carrier.remark_due and changed.exists()
            assert (row.declassified_from is None) == (row.tail_kind == "event")
        for decision in Decision.objects.exclude(proposal=None):
            assert decision.officer_id != decision.proposal.drafter_id

    @invariant()
    def every_point_with_a_source_of_a_matter_in_force_has_a_link(self) -> None:
        """What a source says of itself later reaches every matter that has words of it."""
        pointed = ClassifiedPoint.objects.filter(source__isnull=False, matter__state="active")
        for matter, source in pointed.values_list("matter", "source"):
            assert SourceLink.objects.filter(matter=matter, source=source).exists()

    @invariant()
    def versions_only_rise_and_counters_agree(self) -> None:
        """Invariant 7, SR-96."""
        now, states = {}, {}
        for pk, version, state in Matter.objects.values_list("pk", "version", "state"):
            now[pk], states[pk] = version, state
            if self.states.get(pk, "") != state:
                self.moves[self.states.get(pk, ""), state] += 1
        self.states = states
        assert all(now[pk] >= version for pk, version in self.versions.items())
        self.versions = now
        assert counts.kept() == counts.counted(), "as the round would count them"
        for matter in now:
            numbers = list(Proposal.objects.filter(matter=matter).order_by("number").values_list("number", flat=True))
            assert numbers == list(range(1, len(numbers) + 1))


def test_any_legal_sequence_of_acts_keeps_the_invariants(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decide, "stamp_shown", lambda *_, **__: None)  # stamping has tests of its own and takes seconds
    monkeypatch.setattr(grading, "stamp", lambda *_, **__: None)
    Life.story = story
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=60 if IS_FREE else 10,
            stateful_step_count=14 if IS_FREE else 10,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
    moves = ", ".join(f"{old or '-'}→{new} {n}" for (old, new), n in sorted(Life.moves.items()))
    count = (
        f"{sum(Life.acts.values())} acts performed, {len(Life.acts)} pairs of acts in a row, {len(Life.moves)} moves"
    )
    warnings.warn(f"stateful: {count} of a matter: {moves}", stacklevel=1)
    assert Life.acts and Life.moves
