"""The mark as it is to be shown after what has happened to a matter (procedures §3.4).

On the working original old marks stay readable, struck through, with the new one or 解密 beside them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from dingmi.engines import documents
from dingmi.queries import content, numbers, parting, standing
from dingmi.records.carriers.models import Carrier
from dingmi.records.matters.models import Decision, Matter, Proposal
from dingmi.regime import judge
from dingmi.regime.kernel.rulebook import Verdict
from dingmi.regime.prc_state import facts_marks, marks

ZONE = ZoneInfo("Asia/Shanghai")
LEVELS = ("绝密", "机密", "秘密")
RELEASE_WORDS = {
    "expiry": "期满",
    "event": "解密条件成就",
    "published": "正式公布",
    "early": "提前解密",
    "told": "来文通知",
}
RELEASED, VOIDED, EXTENDED, CHANGED, PARTED, RESCOPED = "解密", "撤销定密", "延期", "变更", "部分解密", "知悉范围变更"
MOST_STRUCK = 3  # older ones stand on the originals that are kept


@dataclass(frozen=True, slots=True)
class Shown:
    """A mark as it is drawn: struck old marks, mark, note in brackets."""

    mark: str = ""
    strike: str = ""
    note: str = ""

    @property
    def text(self) -> str:
        """The whole visible text."""
        return documents.visible_text(self.mark, self.strike or None, self.note or None) if self.mark else ""

    @property
    def short(self) -> str:
        """The mark as the register of copies has it: 解密 and 撤销定密 with their note, a mark in force without."""
        return f"{self.mark}（{self.note}）" if self.note and "★" not in self.mark else self.mark


def mark_text(level: str, tail: str) -> str:
    """Return the mark of ``level`` and ``tail``; nothing where they make none."""
    return str(marks.mark_text(level, tail)) if tail and level in LEVELS else ""


def day(value: date | None) -> str:
    """Return a date as marks have it (2026年11月23日), or nothing."""
    return f"{value.year}年{value.month}月{value.day}日" if value else ""


def notice_number(matter: Matter, number: int) -> str:
    """Return the number of the notice of the ``number``-th decision on a matter."""
    return f"{numbers.shown(matter.pk, matter.register_no)}-{number}"


def next_number(matter: Matter) -> str:
    """Return the number that the notice of the next decision will have."""
    return notice_number(matter, Decision.objects.filter(matter=matter).count() + 1)


def history(matter: Matter) -> tuple[str, ...]:
    """Return every mark that stood on a matter in force, oldest first, none twice in a row."""
    return tuple(text for text, _ in _marks(matter))


def _marks(matter: Matter) -> list[tuple[str, int]]:
    """Return every mark with the number of the decision that put it there."""
    rows = Decision.objects.filter(matter=matter, starts_on__isnull=False).order_by("number")
    found: list[tuple[str, int]] = []
    for level, tail, number in rows.values_list("level", "tail", "number"):
        text = mark_text(level, tail)
        if text and (not found or found[-1][0] != text):
            found.append((text, number))
    return found


def _struck(old: tuple[str, ...]) -> str:
    return " ".join(old[-MOST_STRUCK:])


def next_mark(
    matter: Matter, level: str, tail: str, on: date, word: str = CHANGED, *, parts: bool = False, scope: str = ""
) -> Shown:
    """Return the mark that a decision of ``on`` puts beside the old ones; a first determination has nothing to strike.

    Args:
        parts: The decision releases a part; the rest and its copies say so (procedures §3.4, P8).
        scope: Whom it lets know from now on, where that is not whom the last one let; every copy says so too.
    """
    mark, old = mark_text(level, tail), history(matter)
    if matter.state != "active" or not old:
        return Shown(mark)
    number = next_number(matter)
    shown = _standing(matter) if old[-1] == mark else Shown(mark, _struck(old), _replaced(on, word, number))
    parted = (*_parted(matter), *((_replaced(on, PARTED, number),) if parts else ()))
    rescoped = _rescoped_words(scope, on, number) if scope else _rescoped(matter)
    return replace(shown, note=_noted(shown.note, *parted, rescoped))


def _noted(*notes: str) -> str:
    return "；".join(note for note in notes if note)


def _parted(matter: Matter) -> tuple[str, ...]:
    """Return the notes that say when parts of a matter were released, the latest ones."""
    made = parting.releases(matter)[-MOST_STRUCK:]
    return tuple(_replaced(r.on, PARTED, notice_number(matter, r.decision)) for r in made)


def _rescoped(matter: Matter) -> str:
    """Return the note that says whom the latest change of scope lets know; nothing where the first scope stands."""
    made = [(said["rescoped"], day, row.number) for row, said, day in parting.changes(matter) if said.get("rescoped")]
    return _rescoped_words(made[-1][0], made[-1][1], notice_number(matter, made[-1][2])) if made else ""


def _rescoped_words(scope: str, on: date, number: str) -> str:
    return f"{RESCOPED}：{scope}，{day(on)}，{number}"


def _replaced(on: date, word: str, number: str) -> str:
    return f"{day(on)}{word}，{number}"


def released_mark(matter: Matter, on: date | None, ground: str, number: str = "") -> Shown:
    """Return the 解密 mark beside the old ones.

    Args:
        ground: ``expiry``, ``event``, ``early``, ``published`` or ``told``.
        number: Of the written notice, where there is one; it stands for the ground.
    """
    return Shown(RELEASED, _struck(history(matter)), f"{day(on)}，{number or RELEASE_WORDS.get(ground, ground)}")


def voided_mark(matter: Matter, on: date | None, number: str = "") -> Shown:
    """Return 撤销定密 beside the old marks."""
    return Shown(VOIDED, _struck(history(matter)), "，".join(w for w in (day(on), number) if w))


def mark_now(matter: Matter) -> Shown:
    """Return the mark that stands on the working original of a matter as things are now."""
    if matter.state in ("proposed", "referred"):
        mark = mark_text(standing.determined_level(matter), matter.tail)
        return Shown(mark, note="拟定") if mark else Shown()
    last = Decision.objects.filter(matter=matter).order_by("-number").first()
    number = notice_number(matter, last.number) if last else ""
    if matter.state == "declassified" and history(matter):
        on = matter.released_at.astimezone(ZONE).date() if matter.released_at else matter.declassified_from
        return released_mark(matter, on, matter.release_ground, number if matter.release_ground == "early" else "")
    if matter.state == "voided" and history(matter):
        return voided_mark(matter, last.at.astimezone(ZONE).date() if last else None, number)
    if matter.state != "active":
        return Shown()
    return _in_force(matter)


def _in_force(matter: Matter) -> Shown:
    """Return the mark in force with the notes of what was released of the matter, and of who may know it now."""
    shown = _standing(matter)
    return replace(shown, note=_noted(shown.note, *_parted(matter), _rescoped(matter)))


def _standing(matter: Matter) -> Shown:
    """Return the mark in force beside those it replaced; a change that waits for its day is not on the mark yet."""
    found, current = _marks(matter), mark_text(standing.determined_level(matter), matter.tail)
    at = max((i for i, (text, _) in enumerate(found) if text == current), default=None)
    if not at:
        return Shown(current, _struck(tuple(text for text, _ in found) if at is None else ()))
    put = Decision.objects.get(matter=matter, number=found[at][1])
    said = json.loads(content.opened(put, "payload_ct", put.level)).get("effective_on")
    on = date.fromisoformat(said) if said else put.at.astimezone(ZONE).date()
    word = EXTENDED if put.act == "change.extend" else CHANGED
    return Shown(
        current, _struck(tuple(text for text, _ in found[:at])), _replaced(on, word, notice_number(matter, put.number))
    )


@dataclass(frozen=True, slots=True)
class Read:
    """A mark as read back from a file."""

    visible: str
    is_in_place: bool
    is_bound: bool


def judge_mark(matter: Matter, level: str, shown: Shown, read: Read, on: date) -> Verdict:
    """Judge the mark on the electronic copy of a matter as it was read back."""
    copy = Carrier.objects.filter(matter=matter, form="electronic").order_by("copy_no").first()
    asked = facts_marks.CarrierMarkFacts(
        at=_start(on),
        level=level,
        expected=shown.text,
        visible=read.visible,
        is_in_place=read.is_in_place,
        is_bound=read.is_bound,
        is_official_document=bool(content.doc_number(matter)),
        copy_number=copy.copy_no if copy else Carrier.objects.filter(matter=matter).count() + 1,
    )
    return judge(matter.regime, "carriers.mark", asked, on)


def judge_unmarked(matter: Matter, level: str, shown: Shown, on: date) -> Verdict:
    """Judge a matter without a file to mark: whoever is in its scope must be told in writing instead (TL-21.2)."""
    last = Proposal.objects.filter(matter=matter).order_by("-number").first()
    told = bool(last and any(last.scope.values())) or matter.scope_entries.filter(until__isnull=True).exists()
    asked = facts_marks.CarrierMarkFacts(
        at=_start(on), level=level, expected=shown.text, is_markable=False, is_told_in_writing=told
    )
    return judge(matter.regime, "carriers.mark", asked, on)


@dataclass(frozen=True, slots=True)
class PublicCopy:
    """A copy that is to be made public: what was taken out of it and what is left hidden in it, by kind, and the verdict."""

    content: bytes
    kind: str
    taken_out: dict[str, int]
    left: dict[str, int]
    verdict: Verdict


def public_copy(
    data: bytes,
    name: str,
    regime: str,
    on: date,
    declared: tuple[str, ...] = (),
    part: parting.Parted | None = None,
) -> PublicCopy:
    """Take off what we put on a file, take out what is hidden, read the copy back and judge what is left (ZX-36.3).

    Args:
        declared: Kinds of what is hidden that was looked at and may stay.
        part: What was released of a matter whose rest is secret: no word of the rest may stand in the copy.
    Raises:
        Invalid: ``file.*`` for what cannot be read.
    """
    kind = documents.recognise(data, name)
    clean = documents.public_copy(data, kind)
    before, after = ({t.kind: t.count for t in documents.traces(copy, kind)} for copy in (data, clean))
    shown = documents.extract(clean, f"copy.{kind}")
    asked = facts_marks.PublicCopyFacts(
        at=_start(on),
        marks=tuple(m.text for m in shown.marks_found),
        has_label=documents.read_mark(clean, kind).label is not None,
        hidden=tuple(facts_marks.Hidden(kind, count) for kind, count in after.items() if kind not in declared),
        still_secret=part.still_secret(shown) if part else (),
        unread=parting.unread(shown) if part else 0,
    )
    taken_out = {name: count for name, count in before.items() if name not in after}
    return PublicCopy(clean, kind, taken_out, after, judge(regime, "carriers.public_copy", asked, on))


def judge_release(row: Matter, part: parting.Parted | None, on: date) -> Verdict:
    """Judge whether a matter may have a copy for the public at all: it was released, or paragraphs of it were (ZX-36.1)."""
    asked = facts_marks.PublicCopyFacts(
        at=_start(on),
        state=row.state,
        is_parted=part is not None,
        names_paragraphs=part is None or bool(part.paragraphs),
    )
    return judge(row.regime, "carriers.public_copy", asked, on)


def _start(on: date) -> datetime:
    return datetime.combine(on, time(), ZONE)
