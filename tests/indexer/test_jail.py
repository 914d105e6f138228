"""What code that has taken over a parser process can still do: it runs in a real one here."""

import os
import signal
import socket
import struct
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from indexer.errors import ParserUnavailable, UnreadableDocument
from indexer.parsers import _jail
from indexer.parsers._frames import FOLDER_PREFIX
from indexer.parsers.sandbox import ParserProcess
from indexer.settings import ParserSettings
from tests.taken_over import PYTHON, taken_over

if sys.platform != "linux":
    pytest.skip("only Linux has Landlock and seccomp", allow_module_level=True)

ABI = _jail._landlock_abi()
landlock = pytest.mark.skipif(not ABI, reason="this kernel has no Landlock")
seccomp = pytest.mark.skipif(not _jail._has_seccomp(), reason="no seccomp filters here")

Run = Callable[[str], str]


def runner(process: ParserProcess, folder: Path) -> Run:
    def run(code: str) -> str:
        path = folder / "code.py"
        path.write_text(textwrap.dedent(code))
        document = process.parse(path)
        assert list(document.pages) == []  # else the child would be given up
        return document.header.title

    return run


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ParserProcess]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        folder = tmp_path_factory.mktemp("taken-over")
        with taken_over(folder, monkeypatch) as running:
            yield running


@pytest.fixture
def run(process: ParserProcess, tmp_path: Path) -> Run:
    return runner(process, tmp_path)


@pytest.fixture
def treasure(tmp_path: Path) -> Path:
    path = tmp_path / "treasure.txt"
    path.write_text("thirty pieces")
    return path


def is_running(pid: int) -> bool:
    """Whether the process is there; one that waits to be reaped has ended."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def gone(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 20
    while condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return not condition()


@seccomp
def test_a_listening_tcp_socket_cannot_be_reached(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        code = f"import socket; result = socket.create_connection(('127.0.0.1', {port}))"
        assert run(code) == "EACCES"


@seccomp
@pytest.mark.parametrize("family", ["AF_INET", "AF_INET6", "AF_UNIX", "AF_NETLINK", "AF_PACKET"])
@pytest.mark.parametrize("kind", ["SOCK_STREAM", "SOCK_DGRAM", "SOCK_RAW"])
def test_no_socket_can_be_made(run: Run, family: str, kind: str) -> None:
    code = f"import socket; result = socket.socket(socket.{family}, socket.{kind})"
    assert run(code) == "EACCES"


@seccomp
def test_a_pair_of_sockets_leads_nowhere_else(run: Run, tmp_path: Path) -> None:
    code = "import socket; one, other = socket.socketpair(); result = one.send(b'a')"
    assert run(code) == "1"
    code = "import socket; result = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)"
    assert run(code) == "EACCES"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as service:
        service.bind(str(tmp_path / "service"))
        code = f"import socket; socket.socketpair()[0].connect('{tmp_path}/service'); result = 1"
        assert run(code) == "EACCES"


@landlock
@pytest.mark.skipif(ABI < 4, reason="this Landlock knows no network")
def test_tcp_is_closed_where_only_landlock_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prelude = "_jail._has_seccomp = lambda: False"
    with (
        taken_over(tmp_path, monkeypatch, prelude) as process,
        socket.create_server(("127.0.0.1", 0)) as server,
    ):
        run = runner(process, tmp_path)
        port = server.getsockname()[1]
        code = f"import socket; result = socket.create_connection(('127.0.0.1', {port}))"
        assert run(code) == "EACCES"
        assert run("import socket; result = socket.socket().bind(('127.0.0.1', 0))") == "EACCES"


@landlock
@pytest.mark.parametrize("abi", range(1, ABI + 1))
def test_files_outside_are_safe_under_every_version_of_landlock(
    abi: int, tmp_path: Path, treasure: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts = (
        f"open('{tmp_path}/new.txt', 'w')",
        f"open('{treasure}', 'w')",
        f"open('{treasure}', 'a')",
        f"os.open('{treasure}', os.O_RDONLY | os.O_TRUNC)",
        f"os.truncate('{treasure}', 0)",
        f"os.unlink('{treasure}')",
        f"os.rename('{treasure}', '{tmp_path}/elsewhere.txt')",
        f"os.rename('{treasure}', 'mine.txt')",
        f"os.link('{treasure}', 'mine.txt')",
        f"os.symlink('{treasure}', '{tmp_path}/link')",
        f"os.mkdir('{tmp_path}/folder')",
        f"os.mkfifo('{tmp_path}/pipe')",
        f"os.rmdir('{tmp_path}/empty')",
    )
    (tmp_path / "empty").mkdir()
    prelude = f"_jail._landlock_abi = lambda: {abi}"
    with taken_over(tmp_path, monkeypatch, prelude) as process:
        run = runner(process, tmp_path)
        before = sorted(path.name for path in tmp_path.iterdir())
        for attempt in attempts:
            refused = run(f"import os; result = {attempt}")
            assert refused in {"EACCES", "EPERM", "EXDEV"}, attempt
        # The code itself is the only thing that came, and that was our doing.
        after = {path.name for path in tmp_path.iterdir()}
        assert sorted(after - {"code.py"}) == before
        assert treasure.read_text() == "thirty pieces"


@landlock
def test_its_own_folder_is_free(run: Run) -> None:
    code = """
        import os, tempfile
        from pathlib import Path
        os.makedirs("deep/folder")
        Path("deep/folder/a.txt").write_text("words")
        os.rename("deep/folder/a.txt", "b.txt")
        with tempfile.TemporaryFile() as file:
            file.write(b"more")
            file.truncate(2)
        with open("b.txt", "r+") as file:
            file.truncate(1)
        kept = Path("b.txt").read_text()
        os.remove("b.txt")
        os.removedirs("deep/folder")
        result = kept, os.listdir(".")
    """
    assert run(code) == "('w', [])"


@landlock
def test_files_are_read_and_programs_run_anywhere(run: Run, treasure: Path) -> None:
    assert run(f"result = open('{treasure}').read()") == "thirty pieces"
    code = f"""
        import subprocess
        from concurrent.futures import ThreadPoolExecutor
        with ThreadPoolExecutor(2) as pool:
            read = pool.submit(subprocess.check_output, ["cat", "{treasure}"]).result()
        result = read.decode(), subprocess.run(["true"], stdout=subprocess.DEVNULL).returncode
    """
    assert run(code) == "('thirty pieces', 0)"


@seccomp
@landlock
def test_programs_it_starts_inherit_the_limits(run: Run, tmp_path: Path) -> None:
    program = (
        "import socket\n"
        f"for attempt in (socket.socket, lambda: open(r'{tmp_path}/new.txt', 'w')):\n"
        "    try: attempt()\n"
        "    except PermissionError: print('refused')\n"
    )
    code = f"""
        import subprocess
        done = subprocess.run(["{PYTHON}", "-c", {program!r}], capture_output=True, text=True)
        result = done.stdout.split()
    """
    assert run(code) == "['refused', 'refused']"


@seccomp
@pytest.mark.parametrize(
    "call",
    [
        "ptrace(16, os.getppid(), None, None)",
        "mount(b'none', b'/mnt', b'tmpfs', 0, None)",
        "unshare(0x10000000)",
        "setns(0, 0)",
        "syscall(425, 8, ctypes.create_string_buffer(120))",  # io_uring_setup
        "syscall(437, -100, b'/', ctypes.create_string_buffer(24), 24)",  # openat2
        "syscall(NUMBERS['bpf'], 0, None, 0)",
        "syscall(NUMBERS['perf_event_open'], None, 0, -1, -1, 0)",
        "syscall(NUMBERS['userfaultfd'], 0)",
        "syscall(NUMBERS['keyctl'], 0, -3, 1)",
        "process_vm_readv(os.getppid(), None, 0, None, 0, 0)",
        "chmod(b'/tmp', 0o777)",
        "chown(b'.', 0, 0)",
        "setxattr(b'.', b'user.a', b'1', 1, 0)",
        "utime(b'.', None)",
        "setsid()",
        "setpgid(0, 0)",
        "prlimit(os.getppid(), 1, None, None)",
        "ioctl(0, 0x5412, b'a')",  # TIOCSTI
    ],
)
def test_system_calls_that_no_parser_needs_are_refused(run: Run, call: str) -> None:
    names = ("bpf", "perf_event_open", "userfaultfd", "keyctl")
    on_this = (321, 298, 323, 250) if os.uname().machine == "x86_64" else (280, 241, 282, 219)
    code = f"""
        import ctypes, errno, os
        NUMBERS = {dict(zip(names, on_this, strict=True))}
        libc = ctypes.CDLL(None, use_errno=True)
        answer = libc.{call}
        result = answer, errno.errorcode.get(ctypes.get_errno())
    """
    refusal = "ENOSYS" if "openat2" in call or "437" in call else "EPERM"
    assert run(code) == f"(-1, '{refusal}')"


@landlock
@pytest.mark.skipif(ABI < 6, reason="this Landlock knows no signals")
def test_other_programs_get_no_signals(run: Run) -> None:
    assert run(f"import os; result = os.kill({os.getpid()}, 0)") == "EPERM"
    assert run("import os; result = os.kill(os.getpid(), 0)") == "None"


@landlock
def test_the_parents_environment_and_memory_cannot_be_read(run: Run) -> None:
    assert run("import os; result = open(f'/proc/{os.getppid()}/environ').read()") == "EACCES"
    assert run("import os; result = open(f'/proc/{os.getppid()}/mem').read(1)") == "EACCES"


def test_nothing_the_parent_has_open_is_open_here(run: Run, treasure: Path) -> None:
    with treasure.open() as secret:
        os.set_inheritable(secret.fileno(), True)
        code = """
            import os
            targets = set()
            for name in os.listdir("/proc/self/fd"):
                try:
                    targets.add(os.readlink(f"/proc/self/fd/{name}").partition(":[")[0])
                except FileNotFoundError:
                    pass  # the one that listed the folder
            result = sorted(targets - {os.getcwd()})
        """
        assert run(code) == "['/dev/null', 'pipe']"


def test_what_the_child_has_started_ends_with_it(process: ParserProcess, run: Run) -> None:
    started = int(run("import subprocess; result = subprocess.Popen(['sleep', '300']).pid"))
    assert is_running(started)
    process.close()
    assert gone(lambda: is_running(started))


def test_a_child_interrupted_by_another_thread_is_given_up(
    process: ParserProcess, run: Run
) -> None:
    started = Path(run("import os; result = os.path.abspath('started')"))

    def interrupt() -> None:
        assert gone(lambda: not started.exists())
        process.interrupt()

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(UnreadableDocument, match="signal 9"):
        run("import time; open('started', 'w').close(); time.sleep(50); result = 2")
    thread.join()
    assert run("result = 3") == "3"


def test_the_working_folder_of_a_killed_program_goes_at_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", PYTHON)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    program = textwrap.dedent(
        """
        import sys, time
        from pathlib import Path
        from indexer.parsers.sandbox import ParserProcess
        from indexer.settings import ParserSettings
        process = ParserProcess(ParserSettings())
        process.parse(Path(sys.argv[1]))
        print(process.pid, flush=True)
        time.sleep(30)
        """
    )
    note = tmp_path / "note.txt"
    note.write_text("A quiet harbour.")
    with subprocess.Popen(
        [PYTHON, "-c", program, str(note)], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        folder = next(tmp_path.glob(f"{FOLDER_PREFIX}*"))
        (folder / "unpacked").mkdir()
        (folder / "unpacked" / "member.txt").write_text("words")
        with ParserProcess(ParserSettings()) as other:
            other.parse(note)
            assert (folder / "unpacked").is_dir()  # in use: not a leftover
        parent.send_signal(signal.SIGKILL)
    assert gone(lambda: is_running(child))
    # The child has emptied it, unless it was killed too; removing it is for the next start.
    (folder / "left").mkdir(parents=True)
    with ParserProcess(ParserSettings()) as next_one:
        next_one.parse(note)
        assert not folder.exists()
    assert not list(tmp_path.glob(f"{FOLDER_PREFIX}*"))


@landlock
def test_a_child_whose_limits_cannot_be_set_does_not_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    thread = "threading.Thread(target=threading.Event().wait, daemon=True)"
    prelude = f"import threading\n{thread}.start()"
    with (
        taken_over(tmp_path, monkeypatch, prelude) as process,
        pytest.raises(ParserUnavailable, match="did not start"),
    ):
        process.parse(tmp_path / "taken_over.py")


def test_the_description_names_what_this_machine_has() -> None:
    line = _jail.describe()
    assert (f"Landlock {ABI}:" if ABI else "no Landlock") in line
    assert ("; seccomp:" if _jail._has_seccomp() else "no seccomp") in line
    assert "\n" not in line


def filtered(machine: str, architecture: int, number: int, *arguments: int) -> int:
    """What the filter for ``machine`` returns for a system call, as the kernel runs it."""
    data = struct.pack("<iIQ6Q", number, architecture, 0, *arguments, *[0] * (6 - len(arguments)))
    program = list(struct.iter_unpack("=HBBI", _jail._program(machine)))
    at = word = 0
    while True:
        code, yes, no, value = program[at]
        at += 1
        match code:
            case 0x20:
                (word,) = struct.unpack_from("<I", data, value)
            case 0x54:
                word &= value
            case 0x15:
                at += yes if word == value else no
            case 0x35:
                at += yes if word >= value else no
            case 0x06:
                return int(value)


@pytest.mark.parametrize(
    ("machine", "architecture", "numbers"),
    [
        ("x86_64", 0xC000003E, {"socket": 41, "openat": 257, "clone": 56, "ptrace": 101}),
        ("aarch64", 0xC00000B7, {"socket": 198, "openat": 56, "clone": 220, "ptrace": 117}),
    ],
)
def test_the_filter_of_each_processor_lets_only_the_right_calls_pass(
    machine: str, architecture: int, numbers: dict[str, int]
) -> None:
    allow, fail = 0x7FFF0000, 0x00050000

    def returned(name: str, *arguments: int) -> int:
        return filtered(machine, architecture, numbers[name], *arguments)

    assert returned("socket", 2, 1) == fail | 13
    assert returned("ptrace") == fail | 1
    assert returned("openat", 0, 0, os.O_RDONLY) == allow
    assert returned("openat", 0, 0, os.O_WRONLY | os.O_CREAT | os.O_TRUNC) == allow
    assert returned("openat", 0, 0, os.O_RDONLY | os.O_TRUNC) == fail | 1
    assert returned("clone", signal.SIGCHLD) == allow
    assert returned("clone", 0x10000000 | signal.SIGCHLD) == fail | 1
    # Another processor's numbers mean other calls.
    assert filtered(machine, 0x40000003, numbers["openat"]) == fail | 38


def test_the_second_interface_of_x86_64_is_closed() -> None:
    assert filtered("x86_64", 0xC000003E, 0x40000000 + 257) == 0x00050000 | 38
