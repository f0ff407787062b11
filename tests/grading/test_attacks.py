"""Five attacks on the grader: each succeeds with its layer off and fails with it on."""

import contextlib
import ctypes
import os
import signal
import socket
from pathlib import Path

import pytest

from inference_lab.grading import answer_key
from inference_lab.grading.box import Box
from inference_lab.grading.line import Stopped, WarmParent
from inference_lab.grading.score import Judge

NO_FILES_LAYER = Box(files=False)
NO_CALLS_LAYER = Box(system_calls=False)
SECRET = b"what the grader knows, 32 bytes."

SPOOF = """
class EqualToAll(float):
    def __eq__(self, other):
        return True
    __hash__ = None
def transfer_s(size_bytes, link_gbit_per_s):
    return EqualToAll(1.0)
"""
READ_MEM_FILE = """
def attack(pid, address, size):
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        memory.seek(address)
        return memory.read(size).decode()
"""
READ_BY_CALL = """
import ctypes, os
class Span(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]
def attack(pid, address, size):
    buffer = ctypes.create_string_buffer(size)
    here, there = Span(ctypes.addressof(buffer), size), Span(address, size)
    read = ctypes.CDLL(None, use_errno=True).process_vm_readv
    got = read(pid, ctypes.byref(here), 1, ctypes.byref(there), 1, 0)
    if got != size:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return buffer.raw.decode()
"""
EMPTY_THE_REPORT = """
def attack(path):
    open(path, "w").close()
    return 0
"""
DOUBLE_FORK = """
import os, time
def attack():
    reads, writes = os.pipe()
    if os.fork() == 0:
        os.setsid()
        survivor = os.fork()
        if survivor == 0:
            time.sleep(60)
        else:
            os.write(writes, str(survivor).encode())
        os._exit(0)
    return int(os.read(reads, 20))
"""
SEND_UDP = """
import socket
def attack(address):
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    return sender.sendto(b"answers", ("127.0.0.1", address))
"""
SEND_UNIX = """
import socket
def attack(address):
    sender = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    return sender.sendto(b"answers", address)
"""


def test_spoofed_equality(key_folder, needs_box):
    judge = Judge(answer_key.read(key_folder)[0], SECRET, draws=3)
    names = {}
    exec(SPOOF, names)
    compared_in_one_process = [
        names["transfer_s"](**each.inputs) == each.expected for each in judge.questions
    ]
    assert all(compared_in_one_process)

    with WarmParent(Box()) as warm:
        score = judge.score(SPOOF, warm)
    assert score.status == "wrong" and "a value of type EqualToAll" in score.detail


@pytest.fixture
def memory():
    """Where this process, which stands for the grader, keeps a secret."""
    if os.geteuid() != 0:
        with contextlib.suppress(FileNotFoundError):
            if Path("/proc/sys/kernel/yama/ptrace_scope").read_text().strip() != "0":
                pytest.skip("this system lets no process look into another one anyway (yama)")
    buffer = ctypes.create_string_buffer(SECRET, len(SECRET))
    yield {"pid": os.getpid(), "address": ctypes.addressof(buffer), "size": len(SECRET)}
    assert buffer.raw == SECRET


def test_memory_of_the_grader_by_its_file(ask, memory):
    assert ask(READ_MEM_FILE, NO_FILES_LAYER, **memory) == SECRET.decode()
    with pytest.raises(Stopped, match="Permission denied"):
        ask(READ_MEM_FILE, Box(), **memory)


def test_memory_of_the_grader_by_a_call(ask, memory):
    assert ask(READ_BY_CALL, Box.none(), **memory) == SECRET.decode()
    for one_layer_is_enough in (NO_FILES_LAYER, NO_CALLS_LAYER, Box()):
        with pytest.raises(Stopped, match="Operation not permitted"):
            ask(READ_BY_CALL, one_layer_is_enough, **memory)


def test_writing_into_the_report(ask, tmp_path):
    marks = tmp_path / "marks.csv"
    marks.write_text("student,points\nada,3\n")
    with pytest.raises(Stopped, match="Permission denied"):
        ask(EMPTY_THE_REPORT, Box(), path=str(marks))
    assert marks.read_text() == "student,points\nada,3\n"

    ask(EMPTY_THE_REPORT, NO_FILES_LAYER, path=str(marks))
    assert marks.read_text() == ""


def test_double_fork_that_outlives_the_call(ask, running):
    survivor = ask(DOUBLE_FORK, NO_CALLS_LAYER)
    assert running(survivor)
    os.kill(survivor, signal.SIGKILL)
    with pytest.raises(Stopped, match="Operation not permitted"):
        ask(DOUBLE_FORK, Box())


def test_message_by_udp(ask):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        expect_message(ask, SEND_UDP, listener, listener.getsockname()[1])


def test_message_by_unix_socket(ask, tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "s"))
        expect_message(ask, SEND_UNIX, listener, str(tmp_path / "s"))


def expect_message(ask, attack: str, listener: socket.socket, address: object) -> None:
    """A message arrives with the layer off, none with it on."""
    listener.settimeout(5)
    ask(attack, NO_CALLS_LAYER, address=address)
    assert listener.recv(100) == b"answers"
    with pytest.raises(Stopped, match="Operation not permitted"):
        ask(attack, Box(), address=address)
    listener.setblocking(False)
    with pytest.raises(BlockingIOError):
        listener.recv(100)
