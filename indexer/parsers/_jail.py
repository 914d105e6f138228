"""What the child may not do: Landlock and seccomp on Linux, nothing elsewhere.

Both hold for the child and everything it starts, and cannot be taken off again. Where the kernel
lacks one of them the child does without, and :func:`describe` says so; where the kernel has it but
it cannot be applied, the child does not start.

Source: the kernel's ``userspace-api/landlock.rst`` (ABI 1 to 7) and ``seccomp_filter.rst``.
"""

import ctypes
import errno
import os
import struct
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_PR_SET_SECCOMP = 22
_PR_SET_NO_NEW_PRIVS = 38
_SECCOMP_MODE_FILTER = 2

_CAPABILITY_VERSION = 0x20080522  # the third: 64 capabilities
_DAC_READ_SEARCH = 1 << 2

# Landlock's system calls have the same numbers on every processor.
_LANDLOCK_CREATE_RULESET = 444
_LANDLOCK_ADD_RULE = 445
_LANDLOCK_RESTRICT_SELF = 446
_LANDLOCK_VERSION_FLAG = 1
_RULE_PATH_BENEATH = 1

_WRITE_FILE, _TRUNCATE, _IOCTL_DEV = 1 << 1, 1 << 14, 1 << 15
# Removing and making files, folders, sockets, pipes and links; devices are made nowhere.
_FOLDER_RIGHTS = _WRITE_FILE | 0b1_0111_1011_0000 | 1 << 13 | _TRUNCATE
_MAKE_DEVICES = 1 << 6 | 1 << 11
# The rights that each ABI knows; reading and executing stay free, because they are not named.
_RIGHTS_BY_ABI = {1: 0x1FFF, 2: 0x3FFF, 3: 0x7FFF, 5: 0xFFFF}
_TCP_RIGHTS = 0b11  # bind, connect: ABI 4
_SCOPES = 0b11  # abstract sockets, signals: ABI 6

_CLONE_NEW = 0x7E020000  # every kind of namespace
_O_ACCMODE, _O_TRUNC = 0x3, 0x200
_SOCK_STREAM, _SOCK_TYPES = 1, 0xF
_ALL = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class _When:
    """Refused when the argument at ``index``, masked, equals ``value`` (or does not)."""

    index: int
    mask: int
    value: int
    equal: bool = True


@dataclass(frozen=True, slots=True)
class _Refusal:
    """A system call by its number on x86_64 and aarch64 (None: it has none)."""

    x86_64: int
    aarch64: int | None
    error: int = errno.EPERM
    when: _When | None = None


_REFUSALS = (
    # The network. Local sockets lead to the desktop's and to containers' control programs, which
    # would do outside what is refused here; a pair of connected ones leads nowhere.
    _Refusal(41, 198, errno.EACCES),  # socket
    _Refusal(42, 203, errno.EACCES),  # connect
    _Refusal(49, 200, errno.EACCES),  # bind
    _Refusal(53, 199, errno.EACCES, _When(1, _SOCK_TYPES, _SOCK_STREAM, equal=False)),  # socketpair
    # Other processes.
    _Refusal(101, 117),  # ptrace
    _Refusal(310, 270),  # process_vm_readv
    _Refusal(311, 271),  # process_vm_writev
    _Refusal(312, 272),  # kcmp
    _Refusal(438, 438),  # pidfd_getfd
    _Refusal(440, 440),  # process_madvise
    _Refusal(302, 261, when=_When(0, _ALL, 0, equal=False)),  # prlimit64 of another process
    # What the child starts stays in its process group, and ends with it.
    _Refusal(109, 154),  # setpgid
    _Refusal(112, 157),  # setsid
    # What Landlock leaves free: attributes of files, and shortening a file opened for reading.
    _Refusal(76, 45),  # truncate
    _Refusal(2, None, when=_When(1, _O_ACCMODE | _O_TRUNC, _O_TRUNC)),  # open
    _Refusal(257, 56, when=_When(2, _O_ACCMODE | _O_TRUNC, _O_TRUNC)),  # openat
    _Refusal(437, 437, errno.ENOSYS),  # openat2, whose flags a filter cannot see
    _Refusal(90, None),  # chmod
    _Refusal(91, 52),  # fchmod
    _Refusal(268, 53),  # fchmodat
    _Refusal(452, 452),  # fchmodat2
    _Refusal(92, None),  # chown
    _Refusal(93, 55),  # fchown
    _Refusal(94, None),  # lchown
    _Refusal(260, 54),  # fchownat
    _Refusal(132, None),  # utime
    _Refusal(235, None),  # utimes
    _Refusal(261, None),  # futimesat
    _Refusal(280, 88),  # utimensat
    _Refusal(188, 5),  # setxattr
    _Refusal(189, 6),  # lsetxattr
    _Refusal(190, 7),  # fsetxattr
    _Refusal(197, 14),  # removexattr
    _Refusal(198, 15),  # lremovexattr
    _Refusal(199, 16),  # fremovexattr
    _Refusal(463, 463),  # setxattrat
    _Refusal(466, 466),  # removexattrat
    _Refusal(469, 469),  # file_setattr
    _Refusal(16, 29, when=_When(1, _ALL, 0x5412)),  # ioctl TIOCSTI: typing into a terminal
    _Refusal(16, 29, when=_When(1, _ALL, 0x40086602)),  # ioctl FS_IOC_SETFLAGS
    _Refusal(16, 29, when=_When(1, _ALL, 0x401C5820)),  # ioctl FS_IOC_FSSETXATTR
    # Namespaces and mounts. The flags of clone3 lie in memory: the C library then uses clone.
    _Refusal(56, 220, when=_When(0, _CLONE_NEW, 0, equal=False)),  # clone
    _Refusal(435, 435, errno.ENOSYS),  # clone3
    _Refusal(272, 97),  # unshare
    _Refusal(308, 268),  # setns
    _Refusal(155, 41),  # pivot_root
    _Refusal(161, 51),  # chroot
    _Refusal(165, 40),  # mount
    _Refusal(166, 39),  # umount2
    _Refusal(428, 428),  # open_tree
    _Refusal(429, 429),  # move_mount
    _Refusal(430, 430),  # fsopen
    _Refusal(431, 431),  # fsconfig
    _Refusal(432, 432),  # fsmount
    _Refusal(433, 433),  # fspick
    _Refusal(442, 442),  # mount_setattr
    _Refusal(467, 467),  # open_tree_attr
    # Parts of the kernel that parsers never need and attackers like.
    _Refusal(321, 280),  # bpf
    _Refusal(298, 241),  # perf_event_open
    _Refusal(323, 282),  # userfaultfd
    _Refusal(425, 425),  # io_uring_setup
    _Refusal(426, 426),  # io_uring_enter
    _Refusal(427, 427),  # io_uring_register
    _Refusal(248, 217),  # add_key
    _Refusal(249, 218),  # request_key
    _Refusal(250, 219),  # keyctl
    _Refusal(300, 262),  # fanotify_init
    _Refusal(304, 265),  # open_by_handle_at
    # The machine itself, where the child runs as root.
    _Refusal(175, 105),  # init_module
    _Refusal(313, 273),  # finit_module
    _Refusal(176, 106),  # delete_module
    _Refusal(246, 104),  # kexec_load
    _Refusal(320, 294),  # kexec_file_load
    _Refusal(169, 142),  # reboot
    _Refusal(167, 224),  # swapon
    _Refusal(168, 225),  # swapoff
    _Refusal(163, 89),  # acct
    _Refusal(103, 116),  # syslog
    _Refusal(153, 58),  # vhangup
    _Refusal(159, 171),  # adjtimex
    _Refusal(164, 170),  # settimeofday
    _Refusal(227, 112),  # clock_settime
    _Refusal(305, 266),  # clock_adjtime
    _Refusal(170, 161),  # sethostname
    _Refusal(171, 162),  # setdomainname
    _Refusal(172, None),  # iopl
    _Refusal(173, None),  # ioperm
    _Refusal(179, 60),  # quotactl
)

_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_X32_BIT = 0x40000000

# Classic BPF: load a word of the call's data, mask it, jump, return.
_LOAD, _AND, _JUMP_EQUAL, _JUMP_ABOVE, _RETURN = 0x20, 0x54, 0x15, 0x35, 0x06
_DATA_NUMBER, _DATA_ARCHITECTURE, _DATA_ARGUMENTS = 0, 4, 16
_ALLOW, _FAIL = 0x7FFF0000, 0x00050000


def enter(folder: Path) -> None:
    """From now on write only below ``folder`` and use no network. Call it before any thread runs.

    OSError when the kernel has a limit but does not apply it, RuntimeError beside other threads.
    """
    if sys.platform != "linux":
        return
    tasks = Path("/proc/self/task")
    if tasks.is_dir() and len(list(tasks.iterdir())) > 1:
        raise RuntimeError("a thread that runs already would stay outside the limits")
    _checked(_libc().prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    _drop_capabilities()
    if abi := _landlock_abi():
        _restrict_files(folder, abi)
    if _has_seccomp():
        _install(_program(os.uname().machine))


def describe() -> str:
    """One line about the limits that :func:`enter` sets on this machine, and those it cannot."""
    if sys.platform != "linux":
        return "this system knows neither Landlock nor seccomp: limits on memory and time only"
    abi = _landlock_abi()
    if not abi:
        files = "no Landlock in this kernel: files are not protected from parsers"
    else:
        signals = ", no signals to other programs" if abi >= 6 else ""
        files = f"Landlock {abi}: files are written in the parser's own folder only{signals}"
    if _has_seccomp():
        return f"{files}; seccomp: no network, no mounts, no other processes"
    tcp = ", of the network only TCP is closed" if abi >= 4 else ", the network is open"
    return f"{files}; no seccomp for this kernel and processor{tcp}"


@cache
def _libc() -> ctypes.CDLL:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    libc.prctl.argtypes = (ctypes.c_int, *[ctypes.c_ulong] * 4)
    return libc


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"the parser's limits cannot be set: {os.strerror(number)}")
    return result


def _syscall(number: int, *arguments: int | bytes | None) -> int:
    # Without the wrapping, integers would be passed as 32 bits.
    wrapped = [ctypes.c_long(item) if isinstance(item, int) else item for item in arguments]
    return int(_libc().syscall(ctypes.c_long(number), *wrapped))


def _drop_capabilities() -> None:
    """Leave root nothing but the reading of every file; other users have no capabilities anyway.

    With them, memory and environment of all processes could be read in spite of Landlock.
    """
    header = struct.pack("=Ii", _CAPABILITY_VERSION, 0)
    held = ctypes.create_string_buffer(24)  # effective, permitted, inheritable; twice 32 of each
    _checked(_libc().capget(header, held))
    kept = struct.unpack("=6I", held.raw)[1] & _DAC_READ_SEARCH
    _checked(_libc().capset(header, struct.pack("=6I", kept, kept, 0, 0, 0, 0)))


def _landlock_abi() -> int:
    """0 where the kernel has no Landlock, or a container keeps it from us."""
    return max(0, _syscall(_LANDLOCK_CREATE_RULESET, None, 0, _LANDLOCK_VERSION_FLAG))


def _has_seccomp() -> bool:
    """Whether filters can be installed: a kernel that knows them complains about the address."""
    if os.uname().machine not in _ARCHITECTURES or sys.maxsize < 1 << 32:
        return False
    _libc().prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, 0, 0, 0)
    return ctypes.get_errno() == errno.EFAULT


def _restrict_files(folder: Path, abi: int) -> None:
    rights = _RIGHTS_BY_ABI[max(known for known in _RIGHTS_BY_ABI if known <= abi)]
    handled = rights & (_FOLDER_RIGHTS | _MAKE_DEVICES | _IOCTL_DEV)
    attributes = struct.pack(
        "=QQQ", handled, _TCP_RIGHTS if abi >= 4 else 0, _SCOPES if abi >= 6 else 0
    )
    # Older kernels know a shorter structure, and take a longer one only with zeros behind it.
    ruleset = _checked(_syscall(_LANDLOCK_CREATE_RULESET, attributes, len(attributes), 0))
    try:
        _permit(ruleset, folder, handled & _FOLDER_RIGHTS)
        _permit(ruleset, Path(os.devnull), handled & (_WRITE_FILE | _TRUNCATE | _IOCTL_DEV))
        _checked(_syscall(_LANDLOCK_RESTRICT_SELF, ruleset, 0))
    finally:
        os.close(ruleset)


def _permit(ruleset: int, path: Path, rights: int) -> None:
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = struct.pack("=Qi", rights, descriptor)
        _checked(_syscall(_LANDLOCK_ADD_RULE, ruleset, _RULE_PATH_BENEATH, rule, 0))
    finally:
        os.close(descriptor)


def _install(program: bytes) -> None:
    instructions = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("@HP", len(program) // 8, ctypes.addressof(instructions))
    passed = ctypes.create_string_buffer(header, len(header))
    _checked(_libc().prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.addressof(passed), 0, 0))


def _program(machine: str) -> bytes:
    """The filter for ``machine``: every refusal in turn, else the call goes on."""
    refused = _RETURN, _FAIL | errno.ENOSYS
    lines = [
        _line(_LOAD, _DATA_ARCHITECTURE),
        _line(_JUMP_EQUAL, _ARCHITECTURES[machine], yes=1),
        _line(*refused),
    ]
    if machine == "x86_64":  # the x32 interface has other numbers under the same architecture
        lines += [_line(_LOAD, _DATA_NUMBER), _line(_JUMP_ABOVE, _X32_BIT, no=1), _line(*refused)]
    for refusal in _REFUSALS:
        number = refusal.x86_64 if machine == "x86_64" else refusal.aarch64
        if number is not None:
            lines += _refusal(number, refusal)
    return b"".join([*lines, _line(_RETURN, _ALLOW)])


def _refusal(number: int, refusal: _Refusal) -> list[bytes]:
    """Instructions that fail call ``number``, or run into the next refusal."""
    fail = _line(_RETURN, _FAIL | refusal.error)
    call = _line(_LOAD, _DATA_NUMBER)
    when = refusal.when
    if when is None:
        return [call, _line(_JUMP_EQUAL, number, no=1), fail]
    return [
        call,
        _line(_JUMP_EQUAL, number, no=4),
        # The lower half of the argument: both processors are little-endian.
        _line(_LOAD, _DATA_ARGUMENTS + 8 * when.index),
        _line(_AND, when.mask),
        _line(_JUMP_EQUAL, when.value, no=1)
        if when.equal
        else _line(_JUMP_EQUAL, when.value, yes=1),
        fail,
    ]


def _line(code: int, value: int, *, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("=HBBI", code, yes, no, value)
