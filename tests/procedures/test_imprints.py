"""Imprints are taken once and kept: the first answer after a start reads no text but those that it shows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from dingmi.engines.suggest import Hasher, Imprint, lone, lookup
from dingmi.procedures import imprints as keeping
from dingmi.procedures.terms import SourceIn, Upload
from dingmi.queries import imprints, reading, readying, remembered, suggested, suggestions
from dingmi.records.ledger.guard import act_open, note_entry
from dingmi.records.ledger.models import Entry
from dingmi.records.matters.assist import KeptImprint
from dingmi.records.matters.models import SourceLink
from dingmi.records.notices.models import Notice
from tests.story import TEXT, Story, docx_of

pytestmark = [pytest.mark.db, pytest.mark.django_db]
OTHER = "枯水期备用线路经由青石岭隧洞接入，最大流量为每秒四点七立方米，切换不超过九分钟。\n" * 2


def answer(story: Story, user: str = "drafter", text: str = TEXT + OTHER) -> dict[str, Any]:
    """Answer as after a start: nothing is in memory."""
    suggestions._sources.clear()
    return suggestions.suggest(story.actor(user), story.now, text, ()).payload


def sources(payload: dict[str, Any]) -> set[UUID]:
    return {UUID(one["source"]) for one in payload["reuse"]}


def approved(story: Story, text: str, **answers: Any) -> UUID:
    matter = story.drafted(upload=Upload("稿.docx", docx_of(text)))
    story.fill(matter, story.answers(**answers))
    story.propose(matter)
    story.approve(matter)
    return matter


@contextmanager
def no_text_is_indexed(monkeypatch: pytest.MonkeyPatch) -> Any:
    def refused(hasher: Hasher, text: str) -> None:
        raise AssertionError("a text was read to be indexed")

    with monkeypatch.context() as watched:
        watched.setattr(Imprint, "of", refused)
        yield


def kept() -> set[UUID]:
    return set(KeptImprint.objects.values_list("matter", flat=True))


def test_after_the_daily_round_the_first_answer_reads_no_text_and_is_the_same(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = story.approved(), approved(story, OTHER)
    story.derive((SourceIn(matter=first, consent=True),))
    third = story.derive((SourceIn(matter=first, consent=True),))
    story.approve(third)
    before = answer(story)
    assert sources(before) == {first, second} and not kept()
    assert story.daily()["assist.index"] == {"taken": 3, "gone": 0, "altered": 0}
    assert kept() == {first, second, third}
    with no_text_is_indexed(monkeypatch):
        assert answer(story) == before
    entry = Entry.objects.filter(act="assist.index").order_by("pk").first()
    assert entry is not None and '"taken":3' in entry.body.replace(" ", "")
    assert story.daily()["assist.index"] == {"taken": 0, "gone": 0, "altered": 0}


def test_what_came_into_force_since_the_round_is_found_beside_what_is_kept(story: Story) -> None:
    first = story.approved()
    story.daily()
    second = approved(story, OTHER)
    assert kept() == {first} and sources(answer(story)) == {first, second}


def test_an_imprint_is_sealed_and_moves_with_the_level_of_its_matter(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    matter = story.approved()
    story.daily()
    row, text = KeptImprint.objects.get(), Imprint.of(Hasher(imprints.key()), TEXT)
    assert row.level == "机密" and text.seeds[:4].tobytes() not in bytes(row.seeds_ct)
    story.on(story.now.date().replace(month=6))
    change = {"level": "秘密", "tail": "8年", "ground": "damage_changed", "reason": "泄露后的损害程度明显变化。"}
    story.act("drafter", "change.propose", matter=matter, expected_version=story.version(matter), **change)
    story.act("officer", "change.change", matter=matter, expected_version=story.version(matter))
    assert story.matter(matter).level == "秘密" and not kept()
    before = answer(story)
    story.daily()
    assert KeptImprint.objects.get().level == "秘密" and sources(before) == {matter}
    with no_text_is_indexed(monkeypatch):
        assert answer(story) == before


def test_an_imprint_of_what_is_no_longer_in_force_goes(story: Story) -> None:
    matter = story.approved()
    story.daily()
    story.review(matter, "release", ground="harmless", interests="公开有利于公众知情，公开后无损害。")
    done = {"reason": "同意。", "confirm": story.matter(matter).register_no, "expected_version": story.version(matter)}
    story.act("officer", "declassification.release", matter=matter, **done)
    assert story.matter(matter).state == "declassified"
    assert story.daily()["assist.index"] == {"taken": 0, "gone": 1, "altered": 0}
    assert not kept() and not sources(answer(story))


def test_an_update_that_is_killed_leaves_nothing_and_is_finished_the_next_time(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    matters = {story.approved(), approved(story, OTHER)}
    before = answer(story)

    def killed(*_: Any, **__: Any) -> None:
        assert kept() == matters, "killed after the last row was written"
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(keeping, "append", killed)
        with pytest.raises(KeyboardInterrupt):
            story.daily()
    assert not kept() and answer(story) == before
    assert story.daily()["assist.index"]["taken"] == 2
    assert kept() == matters and answer(story) == before


def test_an_index_is_filled_batch_by_batch(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    matters = {story.approved(), approved(story, OTHER), approved(story, OTHER + TEXT)}
    monkeypatch.setattr(keeping.sweep, "BATCH", 2)
    assert story.daily()["assist.index"]["taken"] == 3
    assert kept() == matters


def test_a_matter_that_changed_since_its_text_was_read_waits(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    story.approved()
    read = imprints.texts_of

    def changed_meanwhile(levels: dict[UUID, str]) -> Any:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE matters_matter SET version = version + 1")
        return read(levels)

    with monkeypatch.context() as late:
        late.setattr(imprints, "texts_of", changed_meanwhile)
        assert story.daily()["assist.index"]["taken"] == 0
    assert story.daily()["assist.index"]["taken"] == 1


@pytest.mark.parametrize("spoilt", ["seeds_ct", "level", "moved"])
def test_an_imprint_that_was_altered_is_not_used_and_is_told_and_taken_anew(
    story: Story, spoilt: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = story.approved(), approved(story, OTHER)
    story.daily()
    before, row = answer(story), KeptImprint.objects.get(matter=first)
    value = {
        "seeds_ct": bytes(row.seeds_ct)[:-1] + b"\0",
        "level": "秘密",
        "moved": bytes(KeptImprint.objects.get(matter=second).seeds_ct),
    }
    column = "level" if spoilt == "level" else "seeds_ct"
    KeptImprint.objects.filter(matter=first).update(**{column: value[spoilt]})
    after = answer(story)
    told = (
        [] if spoilt == "level" else [{"code": "assist.imprint_altered"}]
    )  # there, nothing is kept at the matter's level
    assert after == {**before, "findings": before["findings"] + told}
    assert [f.code for f in suggested.notes(after) if f.code.startswith("assist.")] == [f["code"] for f in told]
    assert story.daily()["assist.index"] == {"taken": 1, "gone": 0, "altered": 1}
    entry = next(e for e in Entry.objects.filter(act="assist.index").order_by("-pk") if '"altered"' in e.body)
    assert json.loads(entry.body)["data"]["altered"] == [str(first)]
    notices = Notice.objects.filter(code="assist.imprints_altered")
    assert {n.params["count"] for n in notices} == {1} and not notices.filter(matter_id__isnull=False).exists()
    holders = {story.actor(user).person_id for user in ("secrecy", "secadmin")}
    assert holders <= {str(n.person_id) for n in notices}
    with no_text_is_indexed(monkeypatch):
        assert answer(story) == before
    assert story.daily()["assist.index"]["altered"] == 0


def test_answers_are_the_same_after_the_keys_of_a_level_were_changed(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    matter = story.approved()
    story.daily()
    before = answer(story)
    assert sources(before) == {matter}
    story.act("secadmin", "keep.new_key", level="机密")
    assert story.act("head", "keep.new_key", level="机密").is_made
    with no_text_is_indexed(monkeypatch):
        assert answer(story) == before


def test_of_what_a_reader_may_not_see_nothing_is_read_or_counted(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = story.approved()
    hers = approved(story, OTHER + TEXT, scope=story.scope("drafter", "officer"))
    story.daily()
    read: list[UUID] = []
    kept = imprints.kept

    def watched(matters: Iterable[UUID]) -> Iterator[imprints.Row]:
        for row in kept(matters):
            read.append(row[0])
            yield row

    monkeypatch.setattr(imprints, "kept", watched)
    answer(story, "officer2")
    assert read == [mine]
    index = suggestions._sources[story.actor("officer2").person_id].index
    assert [UUID(name) for name in index.ids] == [mine]
    answer(story)
    assert set(read) == {mine, hers}


def test_how_many_sources_hold_a_run_whole_is_counted_among_those_that_the_reader_may_see(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lone, "_SOURCES", 0)
    mine, looked = approved(story, OTHER), list[list[UUID]]()
    found = lookup.lone_runs

    def watched(*given: Any) -> lone.Lone:
        runs = found(*given)
        looked.append([UUID(given[-1].id_of(number)) for number in runs.holders])
        return runs

    monkeypatch.setattr(lookup, "lone_runs", watched)
    before = answer(story, "officer2")
    for _ in range(lone.HOLDERS):
        approved(story, OTHER, scope=story.scope("drafter", "officer"))
    looked.clear()
    assert answer(story, "officer2") == before and sources(before) == {mine}
    story.daily()
    assert answer(story, "officer2") == before
    answer(story)
    assert looked == [[mine], [mine], []], "four matters say it, as far as the drafter may see"


def test_what_is_derived_from_what_a_reader_may_not_see_costs_him_neither_a_statement_nor_a_row(story: Story) -> None:
    mine = story.approved()
    story.approve(story.derive((SourceIn(matter=mine, consent=True),)))
    story.daily()

    def asked() -> tuple[list[str], list[int]]:
        remembered._latest.clear()
        with CaptureQueriesContext(connection) as caught:
            answer(story, "officer2")
        words, links = [query["sql"] for query in caught.captured_queries], list[int]()
        with connection.cursor() as cursor, reading.everything("test"):
            for sql in (sql for sql in words if "matters_sourcelink" in sql):
                cursor.execute(sql)
                links.append(len(cursor.fetchall()))
        return words, links

    before = asked()
    assert before[1] == [1]
    few = story.scope("drafter", "officer")
    for _ in range(2):
        hers, onward = approved(story, OTHER, scope=few), approved(story, OTHER, scope=few)
        with reading.everything("test"), transaction.atomic(), act_open("test"):
            link = {"level": "秘密", "trigger": "rework", "at": story.now}
            SourceLink.objects.create(matter_id=onward, source_id=hers, **link)
            note_entry(0)
    story.daily()
    assert asked() == before


def test_a_source_that_comes_into_sight_or_goes_out_of_it_changes_what_of_a_derived_matter_is_indexed(
    story: Story,
) -> None:
    first = story.approved()
    third = story.derive((SourceIn(matter=first, consent=True),))
    story.approve(third)
    suggestions._sources.clear()

    def now() -> dict[str, Any]:
        return suggestions.suggest(story.actor("drafter"), story.now, TEXT, ()).payload

    for source in (first, third):
        with_all = now()
        assert with_all == answer(story, text=TEXT)
        story.review(source, "release", ground="harmless", interests="公开有利于公众知情，公开后无损害。")
        done = {"reason": "同意。", "confirm": story.matter(source).register_no}
        story.act("officer", "declassification.release", matter=source, **done, expected_version=story.version(source))
        after = now()
        assert sources(after) == sources(with_all) - {source} | ({third} if source == first else set())
        assert after == answer(story, text=TEXT)


def test_a_new_file_of_a_draft_leaves_no_imprint_behind(story: Story) -> None:
    matter = story.drafted()
    assert story.daily()["assist.index"]["taken"] == 0, "drafts are no sources"
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM matters_keptimprint")
        assert cursor.fetchone() == (0,)
    assert story.matter(matter).state == "draft"


def test_all_imprints_are_opened_within_so_many_rounds_a_share_in_each(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    matters = {story.approved(), approved(story, OTHER), approved(story, OTHER + TEXT)}
    story.daily()
    monkeypatch.setattr(keeping, "LEAST", 1)
    monkeypatch.setattr(keeping, "SHARES", 3)
    opened: list[list[UUID]] = []
    altered = imprints.altered
    monkeypatch.setattr(imprints, "altered", lambda share, by: opened.append(share) or altered(share, by))
    for _ in range(4):
        assert story.daily()["assist.index"]["altered"] == 0
    assert [len(share) for share in opened] == [1] * 4
    assert {pk for share in opened[:3] for pk in share} == matters and opened[3] == opened[0]
    spoilt = opened[0][0]  # the one that was opened last, so that it takes longest until it is met
    row = KeptImprint.objects.get(matter=spoilt)
    KeptImprint.objects.filter(matter=spoilt).update(seeds_ct=bytes(row.seeds_ct)[:-1] + b"\0")
    assert [story.daily()["assist.index"]["altered"] for _ in range(3)] == [0, 0, 1]


def test_an_index_put_together_ahead_reads_nothing_for_the_draft_and_decides_anew_what_is_seen(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, theirs = story.approved(), approved(story, OTHER)
    story.daily()
    wanted = answer(story)
    assert sources(wanted) == {mine, theirs}
    suggestions._sources.clear()
    readying.put_together(story.actor("drafter"))
    with monkeypatch.context() as watched:
        watched.setattr(imprints, "read", lambda *_: pytest.fail("an imprint was read for the draft"))
        assert suggestions.suggest(story.actor("drafter"), story.now, TEXT + OTHER, ()).payload == wanted
    story.review(mine, "release", ground="harmless", interests="公开有利于公众知情，公开后无损害。")
    done = {"reason": "同意。", "confirm": story.matter(mine).register_no, "expected_version": story.version(mine)}
    story.act("officer", "declassification.release", matter=mine, **done)
    assert sources(suggestions.suggest(story.actor("drafter"), story.now, TEXT + OTHER, ()).payload) == {theirs}


def test_readers_are_made_ready_one_after_the_other_where_pages_are_served(
    story: Story, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    made: list[str] = []
    monkeypatch.setattr(readying, "put_together", lambda actor: made.append(actor.name))
    monkeypatch.setattr(readying, "connections", SimpleNamespace(close_all=lambda: made.append("closed")))
    monkeypatch.setattr(readying, "Thread", lambda target, daemon: SimpleNamespace(start=target))
    readying.begin(story.actor("drafter"))
    assert made == [], "no pages are served here"
    settings.DINGMI_KEY_SERVICE = True
    readying.begin(story.actor("drafter"))
    readying.begin(story.actor("officer2"))
    assert made == ["drafter", "closed", "officer2", "closed"] and not readying._busy


def test_an_index_that_cannot_be_put_together_ahead_is_left_to_the_draft(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    matter = story.approved()
    with monkeypatch.context() as broken:
        broken.setattr(imprints, "read", lambda *_: (_ for _ in ()).throw(OSError("the disk is away")))
        readying.put_together(story.actor("drafter"))
    assert sources(suggestions.suggest(story.actor("drafter"), story.now, TEXT, ()).payload) == {matter}


def test_indexes_are_kept_while_all_together_are_light_enough(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    story.approved()
    suggestions._sources.clear()
    for user in ("drafter", "officer", "officer2"):
        readying.put_together(story.actor(user))
    people = [story.actor(user).person_id for user in ("drafter", "officer", "officer2")]
    assert list(suggestions._sources) == people and all(held.weight > 0 for held in suggestions._sources.values())
    monkeypatch.setattr(suggestions, "MOST", 1)
    readying.put_together(story.actor("drafter"))
    assert list(suggestions._sources) == [people[0]]
