"""The suggestion engine on generated papers: spans are known by construction, every figure beside plain sentence search."""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable, Sequence
from time import perf_counter, process_time
from typing import Any

from dingmi.engines import suggest
from dingmi.engines.suggest.boilerplate import FORMULAE
from dingmi.engines.suggest.evaluate import evaluate
from dingmi.interfaces.cli import bench_ranking as ranking
from dingmi.interfaces.cli import bench_screen as screening

Figure = Callable[[str, float, str, float, str, str], dict[str, Any]]
SEED, SOURCES, DRAFTS, ITEMS, ROUNDS = 17, 300, 20, 800, 12
MANY, SENTENCES = 100_000, 40_000  # sources of the large index, and the different sentences that they are made of
_FLOOR = "sentences of the sources searched for as they stand"
_NAMES = "青岭湖桥塘林沙台港渡河江渠泉洲坪岗寨浦湾峡滩原川谷峰崖坞堰溪"
_THINGS = (
    "泵站", "隧洞", "闸门", "水库", "管网", "加压站", "取水口", "调度中心", "配水井", "备用线路", "监测点", "控制室",
    "检修班组", "值守人员", "应急车辆", "供电回路", "通信链路", "阀门井", "沉淀池", "清水池",
)  # fmt: skip
_DEEDS = (
    "由{a}接替{b}运行", "向{a}供水的最大流量为每秒{n}立方米", "切换到{a}的时间不超过{n}分钟", "与{a}之间每隔{n}小时核对一次",
    "在{a}停用期间改由{b}承担", "距{a}约{n}米处设置备用设施", "须经{a}和{b}同时确认后启用", "枯水期比{a}低{n}厘米",
)  # fmt: skip


class Papers:
    """A seeded writer of papers that share formulas and nothing else."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)

    def thing(self) -> str:
        """A named installation."""
        rng = self.rng
        return (
            "".join(rng.sample(_NAMES, 2))
            + rng.choice(("", "一号", "二号", "三号", "东侧", "北侧"))
            + rng.choice(_THINGS)
        )

    def sentence(self) -> str:
        """Three or four clauses about named installations."""
        rng = self.rng
        deeds = rng.sample(_DEEDS, rng.randint(3, 4))
        clauses = [deed.format(a=self.thing(), b=self.thing(), n=rng.randint(2, 980)) for deed in deeds]
        return self.thing() + "，".join(clauses) + "。"

    def paper(self, sentences: int) -> str:
        """Sentences with a formula of official prose after every fourth."""
        lines = []
        for place in range(sentences):
            lines.append(self.sentence())
            if place % 4 == 3:
                lines.append(self.rng.choice(FORMULAE) + "。")
        return "\n".join(lines)


def _light(rng: random.Random, text: str) -> str:
    """About one character in fifteen is another one."""
    return "".join(rng.choice(_NAMES) if rng.random() < 1 / 15 else char for char in text)


def _clauses(text: str) -> list[str]:
    return text.rstrip("。").replace("。\n", "，").split("，")


def _heavy(rng: random.Random, text: str) -> str:
    """A third of the clauses is gone, the rest in another order and lightly edited."""
    kept = [clause for clause in _clauses(text) if rng.random() > 1 / 3]
    rng.shuffle(kept)
    return _light(rng, "，".join(kept)) + "。"


def _condensed(rng: random.Random, text: str) -> str:
    """Every other clause."""
    return "，".join(_clauses(text)[rng.randint(0, 1) :: 2]) + "。"


def _cells(rng: random.Random, text: str) -> str:
    """Every clause in a row of a table, between its number and a state: cells are lines in what the reader of files gives."""
    return "\n".join(f"{n}\n{clause}\n{rng.choice(('正常', '停用'))}" for n, clause in enumerate(_clauses(text), 1))


def _wide(text: str) -> str:
    return "".join(chr(ord(char) + 0xFEE0) if char.isascii() and char.isdigit() else char for char in text)


# The same characters in other clothes: radicals as letters of their own, and traditional forms in the place of simple ones.
_RADICALS = str.maketrans("一二水口用行八石车", "⼀⼆⽔⼝⽤⾏⼋⽯⻋")
_TRADITIONAL = str.maketrans(
    "岭桥台渡冈岗湾峡滩川烟溪闸库网压调度线备监测点检组间应电阀门处设启时运与过枯认维辆",
    "嶺橋臺渡岡崗灣峽灘川煙谿閘庫網壓調度線備監測點檢組間應電閥門處設啟時運與過枯認維輛",
)


EDITS: dict[str, Callable[[random.Random, str], str]] = {
    "verbatim": lambda _, text: text,
    "light edits": _light,
    "heavy edits": _heavy,
    "condensed": _condensed,
    "zero-width characters": lambda _, text: "\u200b".join(text),
    "spaces between characters": lambda _, text: " ".join(text),
    "radicals for characters": lambda _, text: text.translate(_RADICALS),
    "traditional characters mixed in": lambda _, text: text.translate(_TRADITIONAL),
    "full-width figures": lambda _, text: _wide(text),
    "lines broken every 12": lambda _, text: "\n".join(text[at : at + 12] for at in range(0, len(text), 12)),
    "recognition noise, 1 in 25": lambda rng, text: "".join(
        rng.choice("口日目曰田") if rng.random() < 0.04 else c for c in text
    ),
    "sentences reversed": lambda _, text: "\n".join(reversed(text.split("\n"))),
    "cells of a table, a clause in each": _cells,
    "other punctuation": lambda _, text: text.replace("，", " ").replace("。", "；"),
}


def _drafts(
    papers: Papers, sources: Sequence[str], edit: Callable[[random.Random, str], str]
) -> tuple[list[dict[str, Any]], list[str]]:
    """Drafts with one edited passage each, in the form of a labelled set."""
    gold, texts = [], []
    for number in range(DRAFTS):
        source = papers.rng.randrange(len(sources))
        lines = [line for line in sources[source].split("\n") if line.rstrip("。") not in FORMULAE]
        at = papers.rng.randrange(len(lines) - 2)
        passage = edit(papers.rng, "\n".join(lines[at : at + 2]))
        before = papers.paper(4) + "\n"
        texts.append(before + passage + "\n" + papers.paper(4))
        gold.append(
            {"id": number, "spans": [{"off": len(before), "len": len(passage), "src": str(source), "kind": "x"}]}
        )
    return gold, texts


def _by_search(sources: Sequence[str], text: str) -> list[dict[str, Any]]:
    """The floor: whole sentences of a source that stand in the text as they are."""
    found = []
    for number, source in enumerate(sources):
        for line in source.split("\n"):
            at = text.find(line) if line.rstrip("。") not in FORMULAE else -1
            if at >= 0:
                found.append({"off": at, "len": len(line), "src": str(number)})
    return found


def assist(figure: Figure) -> list[dict[str, Any]]:
    """Recall under each kind of edit and disguise, alarms on clean papers, speed of index and answer."""
    papers = Papers(SEED)
    sources = [papers.paper(16) for _ in range(SOURCES)]
    known = [suggest.SuggestSource(str(number), "", text, "机密") for number, text in enumerate(sources)]
    items = [suggest.SuggestItem(str(n), "范围", str(n), papers.sentence()[:40], "机密") for n in range(ITEMS)]
    started = perf_counter()
    matcher = suggest.Assessor((), known)
    matcher.assess(sources[0][:50])
    size = sum(len(text.encode()) for text in sources) / 1e6
    speed = size / (perf_counter() - started)
    conditions = f"{DRAFTS} drafts, {SOURCES} sources of {size / SOURCES * 1000:.1f} kB, seed {SEED}"
    made = [figure("index of sources", speed, "MB/s", 2.0, "the goal, 2 MB/s", conditions)]
    made += _at_scale(figure, papers, items)
    for name, edit in EDITS.items():
        gold, texts = _drafts(papers, sources, edit)
        said = [{"id": n, "spans": _spans(matcher.assess(text))} for n, text in enumerate(texts)]
        plain = [{"id": n, "spans": _by_search(sources, text)} for n, text in enumerate(texts)]
        mine, floor = (evaluate("reuse", gold, found)["recall"] for found in (said, plain))
        made.append(figure(f"recall: {name}", mine, "share", floor, _FLOOR, conditions))
    clean = [papers.paper(10) for _ in range(DRAFTS)]
    alarms = statistics.mean(bool(matcher.assess(text).reused) for text in clean)
    searched = statistics.mean(bool(_by_search(sources, text)) for text in clean)
    made.append(figure("clean papers flagged", alarms, "share", searched, _FLOOR, conditions))
    made.append(_answer(figure, papers, known, items))
    return [*made, *screening.screen(figure, papers), *ranking.orders(figure)]


def _spans(found: suggest.Suggestion) -> list[dict[str, Any]]:
    return [{"off": one.draft.start, "len": len(one.draft), "src": one.source_id} for one in found.reused]


def _at_scale(figure: Figure, papers: Papers, items: Sequence[suggest.SuggestItem]) -> list[dict[str, Any]]:
    """Many short sources in one index: how fast it is made, what it weighs, and how long a long draft waits for it."""
    lines = [papers.sentence() for _ in range(SENTENCES)]

    def text(number: int) -> str:
        rng = random.Random(number)
        return "\n".join([*rng.sample(lines, 3), rng.choice(FORMULAE) + "。", f"编号{number}"])

    index, size, spent = suggest.SourceIndex(b"a bench needs no secret"), 0, 0.0
    for number in range(MANY):
        words = text(number)
        size += len(words.encode())
        started = process_time()
        index.add(suggest.SuggestSource(str(number), "", words))
        spent += process_time() - started
    started = process_time()
    index.seeds(suggest.units_of(text(0)))
    weight = index.weight
    spent += process_time() - started
    guide = suggest.GuideIndex(items)
    draft = papers.paper(110) + "\n" + text(MANY // 2)
    waited = [
        _seconds(lambda: suggest.suggest(draft, (), guide, index, lambda name: text(int(name)))) for _ in range(ROUNDS)
    ]
    told = f"{MANY} sources of {size / MANY / 1000:.1f} kB, {len(items)} items, {len(draft)} characters, processor time"
    first = _seconds(lambda: guide.match(suggest.units_of(draft)))
    return [
        figure("index of many sources", size / 1e6 / spent, "MB/s", 2.0, "the goal, 2 MB/s", told),
        figure("index of many sources, weight", weight / size, "bytes a byte", 10.0, "the goal, 1 GB for 100 MB", told),
        figure("answer beside many sources", max(waited), "s, slowest", 3.0, "the goal, 3 s", told),
        figure("items for a long draft", first, "s", 1.0, "the goal, 1 s", told),
    ]


def _seconds(work: Callable[[], Any]) -> float:
    started = process_time()
    work()
    return process_time() - started


def _answer(
    figure: Figure, papers: Papers, known: Sequence[suggest.SuggestSource], items: Sequence[suggest.SuggestItem]
) -> dict[str, Any]:
    """The answer for a paper of about twenty pages, against reading its characters alone."""
    draft = papers.paper(110) + "\n" + known[0].text
    matcher = suggest.Assessor(items, known)

    def seconds(work: Callable[[], Any]) -> float:
        spans = []
        for _ in range(ROUNDS):
            started = perf_counter()
            work()
            spans.append(perf_counter() - started)
        return statistics.quantiles(spans, n=20)[-1]

    mine, floor = seconds(lambda: matcher.assess(draft)), seconds(lambda: suggest.units_of(draft))
    return figure(
        "answer for a long draft", mine, "s p95", floor, "reading its characters",
        f"{len(draft)} characters, {len(items)} items, {len(known)} sources",
    )  # fmt: skip
