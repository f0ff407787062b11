"""The program around a student's code: a warm parent that forks one boxed child per exercise.

It stands alone: the standard library and numpy, and what its options name (the code that turns
answers into plain data, that of routers, and the package sandlock). It holds no secret: no seed, no
solution, no expected value; it learns one input at a time. `line.py` starts it and speaks with it.

The warm parent gets the child's end of a socket for each exercise, forks, waits for a byte, kills
the child and reports how it ended. The child locks itself in, and only then reads what it is to
run; it has the socket and nothing else. A message is its length (uint32) and JSON.
"""

import ctypes
import functools
import gc
import importlib
import importlib.machinery
import importlib.util
import json
import os
import random
import signal
import socket
import struct
import sys
import types
from collections.abc import Callable

# What `prepare` loads, for all functions here.
numpy: types.ModuleType
answer: types.ModuleType
routed: types.ModuleType
# Loaded once, so that a child need not; it may import the rest of both libraries too.
WARM = (
    *("numpy.random", "numpy.linalg", "bisect", "collections", "copy", "dataclasses", "fractions"),
    *("functools", "heapq", "itertools", "math", "statistics", "typing"),
)
LENGTH = struct.Struct("<I")
END = struct.Struct("<id")  # wait status, CPU seconds
LONGEST_TEXT = 300

# Linux's prctl(2): have me killed when my parent dies.
PR_SET_PDEATHSIG = 1
# libseccomp's seccomp_init(3): actions for the calls that are and are not on the list.
SCMP_ACT_ALLOW = 0x7FFF0000
SCMP_ACT_ERRNO_EPERM = 0x00050000 | 1
# Computing, reading files that Landlock grants, and memory. No process, thread, socket, signal,
# limit, file change or other process can be reached by a call that is not here.
SYSTEM_CALLS = (
    *("brk", "mmap", "munmap", "mremap", "mprotect", "madvise", "futex", "membarrier", "rseq"),
    *("read", "pread64", "write", "close", "lseek", "open", "openat", "getdents64", "getcwd"),
    *("stat", "fstat", "lstat", "newfstatat", "statx", "readlink", "readlinkat", "access"),
    *("clock_gettime", "clock_getres", "clock_nanosleep", "nanosleep", "gettimeofday", "time"),
    *("times", "getrusage", "sched_yield", "sched_getaffinity", "getrandom", "uname", "sysinfo"),
    *("getpid", "getppid", "gettid", "getuid", "geteuid", "getgid", "getegid"),
    *("rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack", "restart_syscall"),
    *("exit", "exit_group"),
)


def warm_parent(control: socket.socket, options: dict) -> None:
    """Load everything once, then fork a child for each socket that arrives."""
    die_with_parent()
    try:
        lock = prepare(options)
    except Exception as error:
        control.sendall(f"{type(error).__name__}: {error}\n".encode())
        return
    control.sendall(b"ready\n")
    gc.freeze()
    while True:
        message, sockets, _, _ = socket.recv_fds(control, 1, 1)
        if not message:
            return
        child = os.fork()
        if child == 0:
            try:
                control.close()
                serve(sockets[0], lock)
            finally:
                os._exit(0)
        os.close(sockets[0])
        control.recv(1)
        os.kill(child, signal.SIGKILL)
        _, status, usage = os.wait4(child, 0)
        control.sendall(END.pack(status, usage.ru_utime + usage.ru_stime))


def die_with_parent() -> None:
    """Have this process killed when its parent dies, where the system can."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def prepare(options: dict) -> Callable[[], None]:
    """Import what a child may need and return the function by which it locks itself in."""
    global numpy, answer, routed
    sys.path.append(options["packages"])
    numpy = importlib.import_module("numpy")
    for name in WARM:
        importlib.import_module(name)
    numpy.random.seed(0)
    sandlock = __import__("sandlock") if options["files"] else None
    sys.path.remove(options["packages"])
    answer, routed = alone(options["answer"]), alone(options["routed"])
    readable = sandlock.Sandbox(fs_readable=options["readable"]) if sandlock else None
    seccomp, calls = system_call_filter() if options["system_calls"] else (None, None)

    def lock() -> None:
        import resource  # only here: Windows reads this file too and has no such module

        die_with_parent()
        for name, value in options["limits"].items():
            resource.setrlimit(getattr(resource, name), (value, value))
        random.seed(0)  # Python gives each fork a new one; marks shall not depend on chance
        if sandlock:
            sandlock.confine(readable)
        if seccomp and seccomp.seccomp_load(calls) != 0:
            raise OSError("the system call filter could not be loaded")

    return lock


def alone(path: str) -> types.ModuleType:
    """The module in a file, without the packages around it."""
    loader = importlib.machinery.SourceFileLoader("alone", path)
    module = importlib.util.module_from_spec(importlib.machinery.ModuleSpec("alone", loader))
    loader.exec_module(module)
    return module


def system_call_filter() -> tuple[ctypes.CDLL, int]:
    """libseccomp and a filter that allows `SYSTEM_CALLS` and answers EPERM to all others."""
    seccomp = ctypes.CDLL("libseccomp.so.2")
    seccomp.seccomp_init.restype = ctypes.c_void_p
    seccomp.seccomp_load.argtypes = [ctypes.c_void_p]
    pointer, number = ctypes.c_void_p, ctypes.c_uint32
    seccomp.seccomp_rule_add_array.argtypes = [pointer, number, ctypes.c_int, number, pointer]
    calls = seccomp.seccomp_init(SCMP_ACT_ERRNO_EPERM)
    for name in SYSTEM_CALLS:
        number = seccomp.seccomp_syscall_resolve_name(name.encode())
        if number >= 0:  # below 0: this processor has no such call
            failed = seccomp.seccomp_rule_add_array(calls, SCMP_ACT_ALLOW, number, 0, None)
            if failed:
                raise OSError(f"the system call filter refuses {name}: {failed}")
    return seccomp, calls


def serve(channel: int, lock: Callable[[], None]) -> None:
    """Run one exercise: its cell, then either calls or decisions, until the grader is done."""
    try:
        lock()
    except Exception as error:
        return send(channel, failure(error))
    send(channel, {"locked": True})
    order = receive(channel)
    sys.modules[order["name"]] = module = types.ModuleType(order["name"])  # as in a notebook
    names = vars(module)
    try:
        exec(compile(order["source"], "<exercise>", "exec"), names)
        function = names[order["function"]]
    except BaseException as error:
        return send(channel, failure(error))
    send(channel, {"loaded": True})
    if "replicas" in order:
        return decide(channel, function, order)
    while True:
        inputs = receive(channel)
        try:
            reply = {"answer": answer.plain(function(**inputs))}
        except answer.NotPlain as error:
            reply = {"not_plain": str(error)[:LONGEST_TEXT]}
        except BaseException as error:
            reply = failure(error)
        send(channel, reply)


def decide(channel: int, function: Callable, order: dict) -> None:
    """Answer records with a router's choices; where one is missing, the reason follows."""
    rng = numpy.random.default_rng(order["seed"])
    if "random" in order:
        rng.bit_generator.state = order["random"]
    try:
        routed.route(
            function,
            order["replicas"],
            rng,
            functools.partial(read, channel),
            functools.partial(write, channel),
        )
    except routed.NoChoice as error:
        reply = {"not_plain": str(error)[:LONGEST_TEXT]}
    except BaseException as error:
        reply = failure(error)
    write(channel, routed.CHOICE.pack(routed.FAILED))
    send(channel, reply)


def failure(error: BaseException) -> dict:
    """What an exception says, in plain words of bounded length, and whether the box caused it."""
    message = str(error)[:LONGEST_TEXT]
    refused = "call" if isinstance(error, PermissionError) else None
    refused = "module" if isinstance(error, ModuleNotFoundError) else refused
    refused = "thread" if "start new thread" in message else refused
    refused = "memory" if isinstance(error, MemoryError) else refused
    return {"raised": type(error).__name__, "message": message, "refused": refused}


def receive(channel: int) -> dict:
    """The next message; ends the process when the grader has gone."""
    return json.loads(read(channel, LENGTH.unpack(read(channel, LENGTH.size))[0]))


def send(channel: int, message: dict) -> None:
    """Send a message to the grader."""
    data = json.dumps(message).encode()
    write(channel, LENGTH.pack(len(data)) + data)


def read(channel: int, size: int) -> bytes:
    """Exactly `size` bytes; ends the process when the grader has gone."""
    data = b""
    while len(data) < size:
        piece = os.read(channel, size - len(data))
        if not piece:
            os._exit(0)
        data += piece
    return data


def write(channel: int, data: bytes) -> None:
    """Write all bytes."""
    while data:
        data = data[os.write(channel, data) :]


if __name__ == "__main__":
    warm_parent(socket.socket(fileno=int(sys.argv[1])), json.loads(sys.argv[2]))
