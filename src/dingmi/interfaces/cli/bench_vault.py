"""The container measured: sealing and opening against the bare cipher in the same run, memory of a large file, another key."""

from __future__ import annotations

import resource
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

MIB = 1 << 20
SIZE = 64 * MIB
LARGE = 2 << 30
FILES = 1000
_MEMORY = """
import re, sys
from pathlib import Path
from dingmi.engines import crypto
from dingmi.engines.crypto import keys
source, sealed, back = (Path(name) for name in sys.argv[1:])
key = keys.generate("bench-1")
peak = lambda: re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text()).group(1)
floor = peak()
with source.open("rb") as plain:
    done = crypto.seal_file(plain, sealed, label={"level": "机密"}, kek=key)
crypto.open_file(sealed, back, kek=key, shred=done.shred)
assert back.stat().st_size == source.stat().st_size
print(peak(), floor)
"""


def _user_seconds(work: Callable[[], Any]) -> float:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    work()
    return resource.getrusage(resource.RUSAGE_SELF).ru_utime - before


def seal(figure: Callable[..., dict[str, Any]]) -> list[dict[str, Any]]:
    """Seal and open 64 MiB against SM4-GCM over the same bytes; 2 GiB in a process of its own; another key for 1,000 files."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        return [*_speed(figure, folder), _memory(figure, folder), *_rewrap(figure, folder)]


def _speed(figure: Callable[..., dict[str, Any]], folder: Path) -> list[dict[str, Any]]:
    from dingmi.engines import crypto
    from dingmi.engines.crypto import keys

    key, plain, raw = keys.generate("bench-1"), folder / "plain", crypto.raw_cipher()
    plain.write_bytes(secrets.token_bytes(SIZE))
    chunk, times = secrets.token_bytes(MIB), {"raw": [], "seal": [], "open": []}  # type: dict[str, list[float]]

    def bare() -> None:
        for index in range(SIZE // MIB):
            raw(index, chunk)

    for number in range(5):
        sealed = folder / f"sealed-{number}"
        kept: list[crypto.Sealed] = []

        def sealing(target: Path = sealed, made: list[crypto.Sealed] = kept) -> None:
            with plain.open("rb") as file:
                made.append(crypto.seal_file(file, target, label={"level": "机密"}, kek=key))

        times["raw"].append(_user_seconds(bare))
        times["seal"].append(_user_seconds(sealing))
        shred = kept[0].shred
        back = folder / "back"
        times["open"].append(_user_seconds(lambda s=sealed, b=back, k=shred: crypto.open_file(s, b, kek=key, shred=k)))
        sealed.unlink()
    rates = {name: len(taken) * SIZE / MIB / max(sum(taken), 1e-9) for name, taken in times.items()}
    name = f"{crypto.cipher_in_use()}, 64 MiB, user time of the processor"
    return [
        figure(f"{what} a file", rates[what], "MiB/s", rates["raw"], "SM4-GCM over 1 MiB buffers", name)
        for what in ("seal", "open")
    ]


def _memory(figure: Callable[..., dict[str, Any]], folder: Path) -> dict[str, Any]:
    source = folder / "large"
    with source.open("wb") as file:
        file.truncate(LARGE)
    names = [str(source), str(folder / "large.sealed"), str(folder / "large.back")]
    printed = subprocess.check_output([sys.executable, "-c", _MEMORY, *names], text=True)
    for name in names:
        Path(name).unlink()
    peak, floor = (int(number) / 1024 for number in printed.split())
    return figure("peak memory, 2 GiB", peak, "MiB", floor, "the same process before it seals", "sealed and opened")


def _rewrap(figure: Callable[..., dict[str, Any]], folder: Path) -> list[dict[str, Any]]:
    from dingmi.engines import crypto
    from dingmi.engines.crypto import keys
    from dingmi.interfaces.cli.keys import start_service
    from dingmi.procedures import custody

    paths = [folder / f"{number}.dmb1" for number in range(FILES)]
    data, label, old = secrets.token_bytes(8192), {"level": "机密"}, keys.generate("jimi-1")
    began = perf_counter()
    shreds = [crypto.seal_file(data, path, label=label, kek=old).shred for path in paths]
    sealed = FILES / (perf_counter() - began)
    alone = _rate(paths, shreds, old, keys.generate("jimi-2"))
    custody.new_place(folder)
    service = start_service(folder)
    try:
        first, second = custody.two_keys(folder, "jimi")
        for number, path in enumerate(paths):
            path.unlink()
            shreds[number] = crypto.seal_file(data, path, label=label, kek=first).shred
        served = _rate(paths, shreds, first, second)
    finally:
        service.terminate()
        service.wait()
    disk = f"{FILES} files, each change on disk before the next"
    return [
        figure("rewrap a file", alone, "1/s", sealed, "sealing the same 8 KiB files", disk),
        figure(
            "rewrap a file, keys in the service", served, "1/s", alone, "the same with the keys in this process", disk
        ),
    ]


def _rate(paths: list[Path], shreds: list[bytes], old: Any, new: Any) -> float:
    from dingmi.engines import crypto

    began = perf_counter()
    for path, shred in zip(paths, shreds, strict=True):
        crypto.rewrap_file(path, old=old, new=new, shred=shred)
    return len(paths) / (perf_counter() - began)
