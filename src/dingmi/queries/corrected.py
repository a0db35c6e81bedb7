"""纠正是否落实: whether what was decided about an error has come about in the matter itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from dingmi.queries import facts
from dingmi.records.carriers.models import Carrier
from dingmi.records.matters.models import Decision, Matter, ReviewTask
from dingmi.records.notices.models import Deadline
from dingmi.records.oversight.models import Correction
from dingmi.regime.kernel.rulebook import Verdict
from dingmi.regime.prc_state import facts_life, facts_office

CHANGES = ("change.change", "change.extend", "change.register_external", "challenge.register_decision")
LIMBS = {  # the kinds of errors by what the law answers for: not classified, wrongly classified, not reviewed
    "not_determined": "not_classified",
    **dict.fromkeys(("wrong", "over", "under", "over_authority"), "misclassified"),
    **dict.fromkeys(("unreviewed", "unreleased"), "not_reviewed"),
}
ENDED = ("lapse", "void")  # a review that ended with the matter is not one that was done


def _changed(kept: Correction, row: Matter) -> bool:
    waits = Deadline.objects.filter(matter_id=row.pk, name="change_effect", done_at__isnull=True).exists()
    return not waits and Decision.objects.filter(matter=row, act__in=CHANGES, at__gte=kept.found_at).exists()


def _reviewed(kept: Correction, row: Matter) -> bool:
    done = ReviewTask.objects.filter(matter=row, done_at__gte=kept.found_at)
    return done.exclude(outcome__in=ENDED).exists()


def _classified(kept: Correction, row: Matter) -> bool:
    return Decision.objects.filter(matter=row, act__in=facts.FIRST_DECISIONS, at__gte=kept.found_at).exists()


DONE: dict[str, Callable[[Correction, Matter], bool]] = {
    "void": lambda kept, row: row.state == "voided",
    "change": _changed,
    "release": lambda kept, row: row.state == "declassified",
    "remark": lambda kept, row: not Carrier.objects.filter(matter=row, remark_due=True).exists(),
    "review": _reviewed,
    "classify": _classified,
    "none": lambda kept, row: True,
}


def is_done(kept: Correction, row: Matter) -> bool:
    """Tell whether the remedy decided for an error of ``row`` has been carried out since the error was found."""
    return kept.remedy in DONE and DONE[kept.remedy](kept, row)


def is_liable(kept: Correction) -> bool:
    """Tell whether the law of the day on which an error was found answers for its kind (BMF-58.2)."""
    at = facts.start_of(kept.found_on)
    given = facts_office.ErrorFacts(at, LIMBS.get(kept.kind, kept.kind))
    return bool(facts.judged("oversight.error", given, kept.found_on).values["is_liable"])


def judge_closing(
    kept: Correction, row: Matter, anew: Matter | None, reply_no: str, reason: str, notified: bool, now: datetime
) -> Verdict:
    """Judge whether a correction can be closed.

    Args:
        anew: The matter that was classified in place of ``row``, where that was the remedy.
    """
    given = facts_life.ClosingFacts(
        at=now,
        remedy=kept.remedy,
        is_done=is_done(kept, row) or (kept.remedy == "classify" and anew is not None and _classified(kept, anew)),
        state=row.state,
        is_notified=notified,
        has_reply=bool(reply_no),
        has_reason=bool(reason.strip()),
    )
    return facts.judged("correction.close", given, now.date())
