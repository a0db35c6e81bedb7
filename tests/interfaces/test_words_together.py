"""Words of closed lists: plain ones are told apart as the language does, those with a tone are tags side by side."""

from __future__ import annotations

import pytest
from django.utils import translation

from dingmi.interfaces.web.templatetags.lists import word


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh-hans", "同级保密行政管理部门、上级主管部门"),
        ("en", "secrecy administration, superior authority"),
    ],
)
def test_plain_words_stand_one_after_another_and_may_wrap(language: str, said: str) -> None:
    with translation.override(language):
        assert word("recipient", ("administration", "superior")) == f'<span class="text-wrap">{said}</span>'
        assert "span" not in word("recipient", ("administration",))


def test_tags_stand_side_by_side() -> None:
    with translation.override("zh-hans"):
        told = word("incident", "late", "open")
    assert told == '<span class="tag er">报告逾时</span> <span class="tag in">查处中</span>'
