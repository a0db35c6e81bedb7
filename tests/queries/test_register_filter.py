"""The filter line of the register: conditions and words, and what it never tells."""

from __future__ import annotations

from datetime import date

import pytest

from dingmi.base.errors import Invalid
from dingmi.queries import filters, register
from tests.interfaces.conftest import Reader, reader, story  # noqa: F401
from tests.story import PASSWORD, Story


@pytest.mark.parametrize(
    ("text", "words", "shown"),
    [
        ("供水管网", "供水管网", ()),
        ("密级=机密 到期<2027", "", ("密级=机密", "到期<2027")),
        ("供水 密级＝机密 管网", "供水 管网", ("密级=机密",)),
        ("LEVEL>=机密 ends>=2026-11", "", ("LEVEL>=机密", "ends>=2026-11")),
    ],
)
def test_a_line_is_read_as_conditions_and_words(text: str, words: str, shown: tuple[str, ...]) -> None:
    found = filters.parse(text)
    assert (found.words, found.shown) == (words, shown)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("保密=机密", "filter.unknown_key"),
        ("密级=最高", "filter.bad_value"),
        ("到期<明年", "filter.bad_value"),
        ("到期=2027-13", "filter.bad_value"),
        ("到期<9999999", "filter.bad_value"),
        ("状态>在密", "filter.no_order"),
    ],
)
def test_a_condition_that_cannot_be_read_is_refused_by_name(text: str, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        filters.parse(text)
    assert caught.value.code == code


def test_a_year_a_month_and_a_day_each_mean_all_of_it() -> None:
    assert filters._span("2027") == (date(2027, 1, 1), date(2028, 1, 1))
    assert filters._span("2027-12") == (date(2027, 12, 1), date(2028, 1, 1))
    assert filters._span("2027-3-5") == (date(2027, 3, 5), date(2027, 3, 6))


@pytest.mark.db
def test_the_register_answers_the_filter(story: Story, reader: Reader) -> None:  # noqa: F811
    matter = story.matter(story.approved())
    client, number = reader("officer"), str(matter.register_no)
    year = matter.last_protected_day.year
    kept = ("密级=机密", f"到期={year}", f"到期<={year} 密级>=秘密", "管网 状态=在密", "类型=原始")
    dropped = ("密级=秘密", f"到期<{year}", f"到期>{year}", "密级>机密", "类型=派生")
    for text in kept:
        assert number in client.post("/matters", {"text": text}).content.decode(), text
    for text in dropped:
        assert number not in client.post("/matters", {"text": text}).content.decode(), text
    refused = client.post("/matters", {"text": "密级=最高"})
    assert refused.status_code == 400 and "不能用于这一条件" in refused.content.decode()


@pytest.mark.db
def test_names_never_find_what_is_masked(story: Story, reader: Reader) -> None:  # noqa: F811
    person = story.people["secrecy"]
    story.cleared("secadmin", person=person, level="机密", instrument="涉密人员审查表")
    matter = story.matter(story.approved())
    story.act("secrecy", "access.change_password", password=PASSWORD)
    client, number = reader("secrecy"), str(matter.register_no)
    assert number in client.post("/matters", {"text": "密级=机密"}).content.decode()
    for text in (f"责任人={matter.officer.name}", f"部门={matter.department.name}"):
        assert number not in client.post("/matters", {"text": text}).content.decode()


@pytest.mark.db
def test_words_find_every_matter_page_after_page(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    wanted = []
    for _ in range(4):
        wanted.insert(0, story.approved())
        story.later(minutes=1)
    monkeypatch.setattr(register, "PAGE", 1)

    def asked(**params: str) -> register.RegisterPage:
        return register.register(actor=story.actor("officer"), now=story.now, **params)

    for text in ("管网", "管网 密级=机密"):
        seen, after, more = [], "", True
        while more:
            page = asked(text=text, after=after)
            seen += [row.matter for row in page.rows]
            after, more = page.next_after, page.more
        assert seen == wanted
    assert asked(text="管网", view="released").rows == ()
