"""What official prose repeats: document frequencies learnt from the unit's own public texts.

A run of units that many public documents share carries no information; the learnt frequencies push its weight to
nothing, and a passage that people called boilerplate is silent at once. Ships empty; `learn` and `silence` are fed by the
caller. Hashes are under a fixed key, so that models add up and survive a change of keys: what is learnt from a text that
is not public is kept under the key of its level.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from dingmi.engines.suggest.grams import Hasher, Hashes
from dingmi.engines.suggest.normalise import Units, units_of
from dingmi.engines.suggest.seeds import seeds_of

_PUBLIC_KEY = b"dingmi public boilerplate frequencies"
_SUM = 16  # bytes of the check sum before a model

# Our own short list of formulas of official prose, always without weight.
FORMULAE = (
    "县级以上地方各级人民政府及其有关部门应当",
    "各级人民政府应当加强对本行政区域内工作的领导",
    "法律、行政法规另有规定的，从其规定",
    "构成犯罪的，依法追究刑事责任",
    "根据有关法律、行政法规的规定，结合本市实际，制定本办法",
    "本办法自印发之日起施行",
    "本条例自公布之日起施行",
    "直接负责的主管人员和其他直接责任人员依法给予处分",
    "由县级以上人民政府有关主管部门责令限期改正",
    "国民经济和社会发展规划",
    "以习近平新时代中国特色社会主义思想为指导，深入贯彻落实党的二十大精神",
    "现将有关事项通知如下",
    "请结合本地区、本部门实际，认真贯彻执行",
    "当否，请批示。妥否，请审示",
    "特此通知。特此报告。特此函复",
    "国家秘密事项的秘密事项和工作秘密",
    "各有关单位：各区人民政府，市政府各委、办、局",
    "加强组织领导，明确责任分工，强化监督检查，确保各项工作落到实处",
)


class Boilerplate:
    """Document frequencies of seeds over public texts; the shipped formulas are always silent."""

    def __init__(self) -> None:
        self._hasher = Hasher(_PUBLIC_KEY)
        self._hashes: Hashes = np.zeros(0, np.uint64)
        self._counts: NDArray[np.int64] = np.zeros(0, np.int64)
        self._pending: list[Hashes] = []
        self.documents = 0
        formulas = [seeds_of(self._hasher, units_of(formula)) for formula in FORMULAE]
        self._formulas = np.unique(np.concatenate(formulas))
        self._silenced: Hashes = np.zeros(0, np.uint64)

    def silent(self, units: Units) -> NDArray[np.bool_]:
        """Which seeds of ``units`` belong to a formula, to a silenced passage, or to a tenth of many public documents."""
        seeds = seeds_of(self._hasher, units)
        common = self.frequencies(units) > max(10, self.documents // 10)
        silent: NDArray[np.bool_] = np.isin(seeds, self._formulas) | np.isin(seeds, self._silenced) | common
        return silent

    def learn(self, text: str, *, weight: int = 1) -> None:
        """Count one public document; with a ``weight`` above 1, a run that so many of them say."""
        hashes = np.unique(seeds_of(self._hasher, units_of(text)))
        self._pending.extend([hashes] * weight)
        self.documents += weight

    def silence(self, passage: str) -> None:
        """Take a passage that people called boilerplate as a formula."""
        self._silenced = np.union1d(self._silenced, seeds_of(self._hasher, units_of(passage)))

    def add(self, *others: Boilerplate) -> None:
        """Add what other models learnt, all at once; the order of adding makes no difference."""
        for one in (self, *others):
            one._flush()
        self._merge(*((one._hashes, one._counts) for one in others))
        self._silenced = np.unique(np.concatenate([self._silenced, *(one._silenced for one in others)]))
        self.documents += sum(one.documents for one in others)

    def also_silent(self, others: Iterable[Boilerplate]) -> Boilerplate:
        """Return this model with what ``others`` silenced; the counts are shared, not copied."""
        self._flush()
        made = Boilerplate()
        made._hashes, made._counts, made.documents = self._hashes, self._counts, self.documents
        made._silenced = np.unique(np.concatenate([self._silenced, *(one._silenced for one in others)]))
        return made

    @property
    def grams(self) -> int:
        """How many different runs the model holds."""
        self._flush()
        return len(self._hashes) + len(self._silenced)

    def frequencies(self, units: Units) -> NDArray[np.int64]:
        """In how many public documents each seed of ``units`` occurs."""
        self._flush()
        seeds = seeds_of(self._hasher, units)
        if not len(self._hashes):
            return np.zeros(len(seeds), np.int64)
        places = np.minimum(np.searchsorted(self._hashes, seeds), len(self._hashes) - 1)
        found: NDArray[np.int64] = np.where(self._hashes[places] == seeds, self._counts[places], 0)
        return found

    def _flush(self) -> None:
        if not self._pending:
            return
        fresh, counts = np.unique(np.concatenate(self._pending), return_counts=True)
        self._pending = []
        self._merge((fresh, counts.astype(np.int64)))

    def _merge(self, *more: tuple[Hashes, NDArray[np.int64]]) -> None:
        hashes = np.concatenate([self._hashes, *(fresh for fresh, _ in more)])
        totals = np.concatenate([self._counts, *(counts for _, counts in more)])
        self._hashes, inverse = np.unique(hashes, return_inverse=True)
        self._counts = np.bincount(inverse, weights=totals, minlength=len(self._hashes)).astype(np.int64)

    def to_bytes(self) -> bytes:
        """Serialise with a check sum; the same frequencies always give the same bytes."""
        self._flush()
        stream = io.BytesIO()
        counts = self._counts.astype(np.uint32)
        np.savez_compressed(
            stream, hashes=self._hashes, counts=counts, silenced=self._silenced, documents=np.array([self.documents])
        )
        body = stream.getvalue()
        return _check_sum(body) + body

    @classmethod
    def from_bytes(cls, data: bytes) -> Boilerplate:
        """Read what `to_bytes` wrote. Raises ValueError when the bytes are anything else, or were altered."""
        made = cls()
        if data[:_SUM] != _check_sum(data[_SUM:]):
            raise ValueError("not a boilerplate model, or altered")
        try:
            with np.load(io.BytesIO(data[_SUM:]), allow_pickle=False) as arrays:
                made._hashes = arrays["hashes"].astype(np.uint64)
                made._counts = arrays["counts"].astype(np.int64)
                made._silenced = arrays["silenced"].astype(np.uint64)
                made.documents = int(arrays["documents"][0])
        except Exception as error:
            raise ValueError("not a boilerplate model") from error
        if len(made._hashes) != len(made._counts):
            raise ValueError("not a boilerplate model")
        return made


def _check_sum(body: bytes) -> bytes:
    return hashlib.blake2b(body, key=_PUBLIC_KEY, digest_size=_SUM).digest()
