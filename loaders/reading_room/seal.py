"""A child process that can do nothing but read what it was given: no other files, no network, no programs, bounded.

Limits of the system (``setrlimit``) hold on every Unix. On Linux a filter of system calls (seccomp, x86-64 and ARM64)
takes away sockets, programs and new processes, and Landlock (Linux 5.13) all files but those Python itself consists of.
Where the system lacks one of them the others hold.
"""

from __future__ import annotations

import ctypes
import os
import platform
import signal
import struct
import sys
from contextlib import suppress
from pathlib import Path

from loaders.reading_room.limits import ReadLimits

_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _FILTER = 1, 38, 22, 2
_ALLOW, _DENY, _LACKS = 0x7FFF0000, 0x00050000 | 1, 0x00050000 | 38
_CLONE_THREAD = 0x00010000
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_OTHER_TABLE = 0x40000000
"""Numbers from here on are the same calls by another table (x32)."""

# fmt: off
_CALLS: dict[str, tuple[int, tuple[int, ...], int, int]] = {
    # audit number, calls that are denied, clone, clone3
    "x86_64": (0xC000003E, (
        41, 42, 43, 49, 50, 53, 288,       # socket, connect, accept, bind, listen, socketpair, accept4
        57, 58, 59, 322,                   # fork, vfork, execve, execveat
        62, 200, 234, 129, 297, 424,       # kill, tkill, tgkill, rt_sigqueueinfo, rt_tgsigqueueinfo, pidfd_send_signal
        101, 310, 311, 438,                # ptrace, process_vm_readv, process_vm_writev, pidfd_getfd
        425, 426, 427, 321, 298, 272, 308, # io_uring, bpf, perf_event_open, unshare, setns
        165, 166, 155, 161, 304, 303,      # mount, umount2, pivot_root, chroot, open_by_handle_at, name_to_handle_at
        29, 30, 31, 64, 68, 69, 70, 71, 240, 241,  # shared memory, semaphores, messages
        250, 248, 249, 175, 313, 176, 246, 320,    # keys, modules, kexec
        90, 92, 94, 260, 268, 452, 188, 189,       # modes, owners and attributes of files
    ), 56, 435),
    "aarch64": (0xC00000B7, (
        198, 199, 200, 201, 202, 203, 242,
        221, 281, 129, 130, 131, 138, 240, 424,
        117, 270, 271, 438,
        425, 426, 427, 280, 241, 97, 268,
        40, 39, 41, 51, 265, 264,
        194, 195, 196, 190, 191, 192, 193, 186, 187, 188, 189, 180, 181,
        217, 218, 219, 105, 273, 106, 104, 294,
        53, 54, 452, 5, 6,
    ), 220, 435),
}
# fmt: on


def die_with_parent() -> None:
    """End when the process that started this one ends (Linux)."""
    if sys.platform == "linux":
        _libc().prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def seal(limits: ReadLimits, result_fd: int) -> None:
    """Take away from this process all that reading a file does not need.

    Parameters
    ----------
    limits : of the one file that is going to be read
    result_fd : stays open for the result, besides the three standard ones
    """
    before = data_bytes()  # what is known of the process is among the files that are taken away
    _close_others(result_fd)
    os.chdir("/")
    if sys.platform == "linux":
        _no_other_files()
        _no_other_calls()
    limit_resources(limits, before)


def _close_others(result_fd: int) -> None:
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in range(3):
        os.dup2(nothing, standard)
    os.closerange(3, result_fd)
    os.closerange(result_fd + 1, 65_536)


def limit_resources(limits: ReadLimits, before: int) -> None:
    """Bound time, memory above the ``before`` bytes, files and what is written, as far as the system can."""
    try:
        import resource
    except ImportError:  # Windows
        return

    def at_most(name: str, value: int) -> None:
        number = getattr(resource, name, None)
        if number is None:
            return
        with suppress(ValueError, OSError):  # already lower than that
            resource.setrlimit(number, (value, value))

    at_most("RLIMIT_CORE", 0)
    at_most("RLIMIT_NOFILE", limits.files)
    at_most("RLIMIT_FSIZE", limits.result)
    at_most("RLIMIT_DATA", before + limits.memory)
    at_most("RLIMIT_CPU", int(limits.cpu_s) + 2)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_PROF, limits.cpu_s)


def data_bytes() -> int:
    """Memory this process may write to already, in bytes."""
    with suppress(OSError, ValueError, IndexError):
        return int(Path("/proc/self/statm").read_text().split()[5]) * os.sysconf("SC_PAGE_SIZE")
    return 600_000_000


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


class _Filter(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_void_p))


def _no_other_calls() -> None:
    """Deny the system calls that reading needs none of; a thread may be started, a process not."""
    known = _CALLS.get(platform.machine())
    if known is None:
        return
    audit, denied, clone, clone3 = known
    steps = [(_LOAD, 0, 0, 4), (_EQUAL, 1, 0, audit), (_RETURN, 0, 0, _DENY), (_LOAD, 0, 0, 0)]
    steps += [(_AT_LEAST, 0, 1, _OTHER_TABLE), (_RETURN, 0, 0, _DENY)]
    for call in denied:
        steps += [(_EQUAL, 0, 1, call), (_RETURN, 0, 0, _DENY)]
    steps += [(_EQUAL, 0, 1, clone3), (_RETURN, 0, 0, _LACKS)]
    steps += [(_EQUAL, 0, 4, clone), (_LOAD, 0, 0, 16), (_ANY_BIT, 1, 0, _CLONE_THREAD), (_RETURN, 0, 0, _DENY)]
    steps += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _ALLOW)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = _Filter(len(steps), ctypes.addressof(code))
    libc = _libc()
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    libc.prctl(_PR_SET_SECCOMP, _FILTER, ctypes.byref(program), 0, 0)


_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_READ_FILE, _READ_FOLDER, _EXECUTE = 1 << 2, 1 << 3, 1 << 0
_RIGHTS_BY_VERSION = {1: 13, 2: 14, 3: 15, 4: 15}
_O_PATH = getattr(os, "O_PATH", 0)


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32))


def _no_other_files() -> None:
    """Leave only the folders that Python and its libraries lie in, to read."""
    libc = _libc()
    version = libc.syscall(_CREATE_RULESET, None, 0, 1)
    if version < 1:
        return
    rights = (1 << _RIGHTS_BY_VERSION.get(version, 16)) - 1
    rules = _Ruleset(rights, 0b11 if version >= 4 else 0, 0b11 if version >= 6 else 0)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = libc.syscall(_CREATE_RULESET, ctypes.byref(rules), size, 0)
    if ruleset < 0:
        return
    for folder in _own_folders():
        with suppress(OSError):
            handle = os.open(folder, _O_PATH | os.O_CLOEXEC)
            rule = _Beneath(_READ_FILE | _READ_FOLDER | _EXECUTE, handle)
            libc.syscall(_ADD_RULE, ruleset, 1, ctypes.byref(rule), 0)
            os.close(handle)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    libc.syscall(_RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)


def _own_folders() -> list[Path]:
    """Folders with Python, its libraries and our readers."""
    own = Path(__file__).resolve().parent.parent
    libraries = [Path(path) for path in sys.path if path.endswith(("site-packages", "dist-packages"))]
    python = [Path(base) / part for base in (sys.prefix, sys.base_prefix) for part in ("lib", "lib64", "share/proj")]
    return [own, *libraries, *python, Path("/lib"), Path("/lib64"), Path("/usr/lib"), Path("/usr/share/proj")]
