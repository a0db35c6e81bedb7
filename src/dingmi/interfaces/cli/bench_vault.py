"""The container measured: sealing and opening against the bare cipher in the same run, memory of a large file, another key."""

from __future__ import annotations

import os
import resource
import secrets
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

MIB = 1 << 20
SIZE = 64 * MIB
LARGE = 2 << 30
FILES = 1000
BODY = 8192  # bytes of each
SERVED = 1000  # of these, under keys in the service
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
    """Seal and open 64 MiB against SM4-GCM over the same bytes, and beside other programs; 2 GiB in a process of its own.

    Then another key for ``DINGMI_BENCH_FILES`` files (1,000).
    """
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        speed = _speed(figure, folder)
        others = _others(figure, folder, speed[0]["value"], speed[1]["value"])
        return [*speed, *others, _memory(figure, folder), *_rewrap(figure, folder)]


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


def _others(
    figure: Callable[..., dict[str, Any]], folder: Path, sealing: float, opening: float
) -> list[dict[str, Any]]:
    """Let age and gpg encrypt and decrypt the same file, where they are on this machine; the floor is this container."""
    plain, key, home = folder / "plain", folder / "age.key", folder / "gnupg"
    home.mkdir(mode=0o700)
    gpg = ["gpg", "--homedir", str(home), "--batch", "--yes", "--quiet", "--pinentry-mode", "loopback"]
    gpg += ["--passphrase", "bench", "--s2k-count", "1024", "--compress-algo", "none", "-o"]
    commands = {
        "age": (["age", "-e", "-i", str(key), "-o"], ["age", "-d", "-i", str(key), "-o"], "X25519, ChaCha20-Poly1305"),
        "gpg": ([*gpg, "{}", "--cipher-algo", "AES256", "-c"], [*gpg, "{}", "-d"], "AES-256 under a passphrase"),
    }
    if shutil.which("age-keygen"):
        subprocess.run(["age-keygen", "-o", str(key)], check=True, capture_output=True)
    rows = []
    for name, (encrypt, decrypt, cipher) in commands.items():
        if shutil.which(name) is None:
            rows.append(figure(name, 0, "", 0, "none", "not on this machine"))
            continue
        sealed, back = folder / f"plain.{name}", folder / f"back.{name}"
        for what, command, source, target, floor in (
            ("encrypts", encrypt, plain, sealed, sealing),
            ("decrypts", decrypt, sealed, back, opening),
        ):
            rate = SIZE / MIB / max(_spent([*_with_target(command, target), str(source)]), 1e-9)
            told = f"{cipher}, 64 MiB, user time of its processes"
            rows.append(figure(f"{name} {what} a file", rate, "MiB/s", floor, "the container, same run", told))
        assert back.read_bytes() == plain.read_bytes()
    return rows


def _with_target(command: list[str], target: Path) -> list[str]:
    """Return the command that writes to ``target``: in the place of ``{}``, or at its end."""
    if "{}" in command:
        return [str(target) if part == "{}" else part for part in command]
    return [*command, str(target)]


def _spent(command: list[str]) -> float:
    """Run a command; return its user time: the median of three runs."""
    spans = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        subprocess.run(command, check=True, capture_output=True)
        spans.append(resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before)
    return statistics.median(spans)


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


def count() -> int:
    """Return how many files get another key."""
    return int(os.environ.get("DINGMI_BENCH_FILES", str(FILES)))


def _rewrap(figure: Callable[..., dict[str, Any]], folder: Path) -> list[dict[str, Any]]:
    from dingmi.engines import crypto
    from dingmi.engines.crypto import keys
    from dingmi.interfaces.cli.keys import start_service
    from dingmi.procedures import custody

    number = count()
    paths = [folder / f"{place // 1000}" / f"{place}.dmb1" for place in range(number)]
    for path in paths[::1000]:
        path.parent.mkdir()
    data, label, old = secrets.token_bytes(BODY), {"level": "机密"}, keys.generate("jimi-1")
    shreds: list[bytes] = []

    def sealing() -> None:
        shreds.extend(crypto.seal_file(data, path, label=label, kek=old).shred for path in paths)

    sealed = _Spent.by(sealing)
    alone = _Spent.by(lambda: _all(paths, shreds, old, keys.generate("jimi-2")))
    custody.new_place(folder)
    (folder / "dingmi.toml").write_text('profile = "demo"\n', encoding="utf-8")
    service = start_service(folder)
    few = min(SERVED, number)
    try:
        first, second = custody.two_keys(folder, "jimi")
        for place, path in enumerate(paths[:few]):
            path.unlink()
            shreds[place] = crypto.seal_file(data, path, label=label, kek=first).shred
        served = _Spent.by(lambda: _all(paths[:few], shreds[:few], first, second))
    finally:
        service.terminate()
        service.wait()
    disk = f"{number} files, each change on disk before the next; all in {alone.wall:.0f} s by the wall, {alone.user:.0f} s of user time"
    same = "the same with the keys in this process"
    return [
        figure("rewrap a file", number / alone.wall, "1/s", number / sealed.wall, "sealing the same 8 KiB files", disk),
        figure(
            "rewrap a file, user time",
            1000 * alone.user / number,
            "ms",
            1000 * sealed.user / number,
            "sealing it",
            disk,
        ),
        figure(
            "rewrap a file, keys in the service", few / served.wall, "1/s", number / alone.wall, same, f"{few} files"
        ),
    ]


@dataclass(frozen=True, slots=True)
class _Spent:
    """How long something took, in seconds: by the wall, and user time of this process."""

    wall: float
    user: float

    @classmethod
    def by(cls, work: Callable[[], Any]) -> _Spent:
        began, before = perf_counter(), resource.getrusage(resource.RUSAGE_SELF).ru_utime
        work()
        return cls(perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF).ru_utime - before)


def _all(paths: list[Path], shreds: list[bytes], old: Any, new: Any) -> None:
    from dingmi.engines import crypto

    for path, shred in zip(paths, shreds, strict=True):
        crypto.rewrap_file(path, old=old, new=new, shred=shred)
