"""A draft that is one long table, as a Word file and as a spreadsheet: its items and its sources are found in its cells."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pytest
from docx import Document
from openpyxl import Workbook

from dingmi.engines import documents
from dingmi.engines.suggest import Assessor, Block, Suggestion, SuggestItem, SuggestSource
from dingmi.engines.suggest.guides import windows_of
from dingmi.engines.suggest.normalise import units_of
from dingmi.interfaces.cli.bench_assist import Papers

Rows = list[list[str]]
ITEM = SuggestItem("item", "范围", "7", "城市供水调度权限口令和备用水源启用方案", "机密", "10年")
REST = [SuggestItem(str(n), "范围", str(n), f"第{n}类管网普查成果和节点清单", "秘密", "5年") for n in range(20)]


def word(rows: Rows) -> bytes:
    document, out = Document(), BytesIO()
    table = document.add_table(rows=0, cols=len(rows[0]))
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    document.save(out)
    return out.getvalue()


def spreadsheet(rows: Rows) -> bytes:
    book, out = Workbook(), BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def table_of(seed: int, count: int) -> Rows:
    papers = Papers(seed)
    states = ("正常", "停用", "检修")
    return [
        [str(n), papers.thing(), papers.rng.choice(states), f"{papers.rng.randint(2, 980)}", ""]
        for n in range(1, count + 1)
    ]


def assessed(rows: Rows, make: Callable[[Rows], bytes], name: str, sources: dict[str, str]) -> tuple[str, Suggestion]:
    read = documents.extract(make(rows), name)
    assert {block.kind for block in read.blocks} <= {"table", "heading"}
    known = [SuggestSource(source, "", text, "机密", "10年") for source, text in sources.items()]
    shape = [Block(block.start, block.end, block.kind) for block in read.blocks]
    return read.text, Assessor([ITEM, *REST], known).assess(read.text, shape)


MADE = pytest.mark.parametrize(
    ("make", "name"), [(word, "x.docx"), (spreadsheet, "x.xlsx")], ids=["a Word file", "a spreadsheet"]
)


@MADE
def test_an_item_said_in_one_cell_of_a_long_table_is_found_there(make: Callable[[Rows], bytes], name: str) -> None:
    rows = table_of(3, 300)
    rows[210][4] = "本表所列为" + ITEM.text + "的附件"
    text, found = assessed(rows, make, name, {})
    assert found.candidates[0].item_id == "item"
    cell = text.index(rows[210][4])
    assert all(cell <= span.start and span.end <= cell + len(rows[210][4]) for span in found.candidates[0].evidence)


@MADE
def test_passages_in_cells_and_rows_of_a_long_table_are_found(make: Callable[[Rows], bytes], name: str) -> None:
    papers = Papers(4)
    sources = {f"s{n}": "\n".join(papers.sentence() for _ in range(12)) for n in range(30)}
    other = table_of(77, 60)
    sources["table"] = documents.extract(word(other), "other.docx").text
    rows = table_of(3, 300)
    one, two, broken = (sources[name].split("\n")[5] for name in ("s1", "s2", "s3"))
    rows[40][4], rows[90][4] = one, two[: len(two) // 2]
    rows[91][4] = two[len(two) // 2 :]  # goes on in the cell below, three cells further on
    rows[150][1], rows[150][2] = broken[: len(broken) // 2], broken[len(broken) // 2 :]
    rows[200:215] = other[20:35]
    text, found = assessed(rows, make, name, sources)

    def covered(source: str, words: str) -> float:
        at = text.index(words)
        inside = {place for passage in found.reused if passage.source_id == source
                  for place in range(passage.draft.start, passage.draft.end)}  # fmt: skip
        return sum(place in inside for place in range(at, at + len(words))) / len(words)

    assert covered("s1", one) == 1.0
    assert covered("s2", rows[90][4]) == covered("s2", rows[91][4]) == 1.0
    assert covered("s3", rows[150][1]) == covered("s3", rows[150][2]) == 1.0
    assert covered("table", "\n".join(cell for row in other[20:35] for cell in row if cell)) > 0.9
    assert {passage.source_id for passage in found.reused} == {"s1", "s2", "s3", "table"}
    assert {reused.draft.end <= len(text) for reused in found.reused} == {True}


def test_a_long_table_without_either_is_left_alone_and_is_not_looked_at_cell_by_cell() -> None:
    rows = table_of(5, 1000)
    text, found = assessed(rows, word, "x.docx", {"s": "\n".join(Papers(6).sentence() for _ in range(12))})
    assert found.candidates == () and found.reused == () and found.abstained == "suggest.abstain_nothing_fits"
    assert len(windows_of(units_of(text))) <= len(rows) * 2.5  # each with three cells that say something, and a number
