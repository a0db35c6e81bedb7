"""What is told to people, sent, or kept of what is due holds no words of a matter (SR-30)."""

from __future__ import annotations

import json

import pytest
from django.apps import apps
from django.db.models import CharField, JSONField, TextField

from dingmi.records.notices.models import Notice
from tests.story import Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]
WORDS = ("管网关键节点切换", "节点坐标", "泄露后会使", "秘密的理由", "密报")


def kept() -> dict[str, str]:
    """Return all text that tables of notices, limits, things to send and breaches hold, by table."""
    found = {}
    for model in (*apps.get_app_config("notices").get_models(), apps.get_model("oversight", "Breach")):
        plain = [f.name for f in model._meta.concrete_fields if isinstance(f, CharField | TextField | JSONField)]
        rows = list(model._default_manager.values_list(*plain))
        found[model.__name__] = json.dumps(rows, ensure_ascii=False, default=str)
    return found


def test_a_year_of_a_matter_is_told_by_codes_ids_and_dates(story: Story) -> None:
    matter = story.approved()
    story.act(
        "officer",
        "need_to_know.expand",
        matter=matter,
        persons=(story.people["drafter2"],),
        purpose="秘密的理由",
        expected_version=story.version(matter),
    )
    story.review(matter, "keep", reason="秘密的理由")
    story.act("officer", "review.decide", matter=matter, expected_version=story.version(matter))
    row = {
        "matter": matter,
        "position": "level",
        "level": "绝密",
        "reasons": "秘密的理由",
        "challenger": story.province.pk,
    }
    story.act("officer", "challenge.raise", **row, expected_version=story.version(matter))
    released = story.approved("drafter2")
    story.review(released, "release", user="drafter2", ground="harmless", reason="秘密的理由")
    confirm = {"reason": "秘密的理由", "confirm": story.matter(released).register_no}
    version = story.version(released)
    story.act("officer", "declassification.release", matter=released, expected_version=version, **confirm)
    leak = {"certain": True, "discovered_at": story.now, "level": "机密", "leaked": "密报", "discovery": "密报"}
    story.act("drafter", "incident.discover", **leak)
    story.later(days=330)
    story.daily()
    found = kept()
    assert Notice.objects.count() > 10 and len(found) == 4
    assert [(name, word) for name, text in found.items() for word in WORDS if word in text] == []
