"""A process that reads what strangers made opens no connection: the kernel refuses it every socket (SR-73)."""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import sys

_SET_SECCOMP, _MODE_FILTER, _SET_NO_NEW_PRIVILEGES = 22, 2, 38  # of prctl
_LOAD, _IF_EQUAL, _IF_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06  # instructions of the filter
_NUMBER, _ARCHITECTURE = 0, 4  # where a call says what it is
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | errno.EPERM
_OTHER_TABLE = 0x40000000  # calls numbered from here on belong to another table of the same processor
# By processor: its name for the kernel, and its numbers of socket, connect, bind and io_uring_setup.
_CALLS = {
    "x86_64": (0xC000003E, (41, 42, 49, 425)),
    "aarch64": (0xC00000B7, (198, 203, 200, 425)),
}


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


def from_network() -> bool:
    """Refuse this process and what it starts every socket, for good; False where the system cannot."""
    if sys.platform != "linux" or os.uname().machine not in _CALLS:
        return False
    program = _program(*_CALLS[os.uname().machine])
    given = _Filter(len(program) // 8, program)
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    if prctl(_SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0) != 0:
        return False
    return bool(prctl(_SET_SECCOMP, _MODE_FILTER, ctypes.byref(given), 0, 0) == 0)
