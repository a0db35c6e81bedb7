"""A process is kept by the kernel from what it does not need: one that reads what strangers made (SR-73), one that holds keys (SR-48).

The first opens no connection, starts nothing, looks into no other process, and reads no file but the program's own and the
folder of its job: neither keys nor the database. What the system cannot do is told by :data:`HELD`, and by ``dingmi check``.
The second reads no file of keys but its own (:func:`keep_to`).
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

HELD: dict[str, bool] = {}  # what holds of this process
_SET_SECCOMP, _MODE_FILTER, _SET_NO_NEW_PRIVILEGES = 22, 2, 38  # of prctl
_LOAD, _IF_EQUAL, _IF_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06  # instructions of the filter
_NUMBER, _ARCHITECTURE = 0, 4  # where a call says what it is
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | errno.EPERM
_OTHER_TABLE = 0x40000000  # calls numbered from here on belong to another table of the same processor
# By processor: its name for the kernel, and its numbers of what is refused.
_CALLS = {
    # socket, connect, bind, io_uring_setup; execve, execveat; ptrace, process_vm_readv and _writev, pidfd_getfd;
    # fork, vfork, clone, clone3: further processes and threads
    "x86_64": (0xC000003E, (41, 42, 49, 425, 59, 322, 101, 310, 311, 438, 57, 58, 56, 435)),
    "aarch64": (0xC00000B7, (198, 203, 200, 425, 221, 281, 117, 270, 271, 438, 220, 435)),
}
_CREATE, _ADD, _RESTRICT = 444, 445, 446  # calls of Landlock, the same on every processor
_VERSION, _BELOW = 1, 1  # ask for its version; a rule for all below a path
_EXECUTE, _WRITE, _READ, _LIST, REMOVE = 1, 2, 4, 8, 32  # accesses to files
LOOK, EVERYTHING = _READ | _LIST, (1 << 15) - 1
_ACCESSES = {1: 13, 2: 14, 3: 15}  # how many accesses each version knows
_SCOPES = 3  # from version 6: no signals and no sockets out of this process
_DEVICES = {"/dev/null": _READ | _WRITE, "/dev/urandom": _READ, "/dev/random": _READ, "/dev/zero": _READ}
_SYSTEM = ("/usr", "/lib", "/lib64", "/proc/cpuinfo", "/proc/meminfo", "/proc/self", "/sys/devices/system/cpu")


def _program(architecture: int, refused: tuple[int, ...]) -> bytes:
    """Return the filter: calls of another processor and those in ``refused`` fail, all others pass."""
    count = len(refused)
    steps = [(_LOAD, 0, 0, _ARCHITECTURE), (_IF_EQUAL, 0, count + 3, architecture), (_LOAD, 0, 0, _NUMBER)]
    steps.append((_IF_AT_LEAST, count + 1, 0, _OTHER_TABLE))
    steps += [(_IF_EQUAL, count - place, 0, number) for place, number in enumerate(refused)]
    steps += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _REFUSE)]
    return b"".join(struct.pack("=HBBI", *step) for step in steps)


class _Filter(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("steps", ctypes.c_char_p)]


def confine(folder: Path) -> None:
    """Keep this process, for good, from everything but its work in ``folder``; :data:`HELD` tells what came of it."""
    HELD.update(files=_from_files({**_places(), str(folder): EVERYTHING}), network=_from_calls())


def keep_to(own: Mapping[Path, int], *, never: Path) -> bool:
    """Leave this process, for good, the files of ``own`` with the accesses told and what is installed.

    Args:
        never: A folder that no place above it may open, though the program were started or installed there.
    Returns:
        Whether the system can: Landlock, Linux from 5.13.
    """
    installed = {
        place: access
        for place, access in _places().items()
        if not never.resolve().is_relative_to(Path(place).resolve())
    }
    return _from_files({**installed, **{str(place): access for place, access in own.items()}})


def _no_new_privileges() -> bool:
    return bool(ctypes.CDLL(None, use_errno=True).prctl(_SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0) == 0)


def _from_calls() -> bool:
    """Refuse this process every socket, and to start or look into another, or a thread; False where the system cannot."""
    machine = os.uname().machine
    if sys.platform != "linux" or machine not in _CALLS:
        return False
    architecture, refused = _CALLS[machine]
    program = _program(architecture, refused)
    given = _Filter(len(program) // 8, program)
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    return _no_new_privileges() and bool(prctl(_SET_SECCOMP, _MODE_FILTER, ctypes.byref(given), 0, 0) == 0)


def _places() -> dict[str, int]:
    """Return what a process needs beside its own: the interpreter, what is installed for it, and ourselves."""
    installed = {*sys.path, f"{sys.base_prefix}/lib"}
    return {**dict.fromkeys({*_SYSTEM, *installed}, _EXECUTE | _READ | _LIST), **_DEVICES}


def _from_files(places: Mapping[str, int]) -> bool:
    """Leave this process only the files it needs; False where the system has no Landlock."""
    if sys.platform != "linux":
        return False
    call = ctypes.CDLL(None, use_errno=True).syscall
    version = int(call(_CREATE, None, 0, _VERSION))
    if version < 1:
        return False
    every = (1 << _ACCESSES.get(version, 15)) - 1
    asked = struct.pack("=QQQ", every, 0, _SCOPES if version >= 6 else 0)
    rules = int(call(_CREATE, asked, len(asked) if version >= 6 else 8, 0))
    if rules < 0:
        return False
    try:
        held = all(_allow(call, rules, place, access & every) for place, access in places.items())
        return held and _no_new_privileges() and bool(call(_RESTRICT, rules, 0) == 0)
    finally:
        os.close(rules)


def _allow(call: Callable[..., int], rules: int, place: str, access: int) -> bool:
    """Add a rule; a place that is not there needs none."""
    with suppress(OSError):
        at = os.open(place, os.O_PATH | os.O_CLOEXEC)
        try:
            if not os.path.isdir(place):
                access &= ~_LIST
            return bool(call(_ADD, rules, _BELOW, struct.pack("=Qi", access, at), 0) == 0)
        finally:
            os.close(at)
    return True
