"""The one command of this project. It needs Python 3.11 or later, and nothing else.

    python lab.py             set up what is missing, then open lesson 00 in JupyterLab
    python lab.py test        run the tests on two cores; what follows is handed to pytest
    python lab.py test-all    also the slow tests
    python lab.py bench       measure the times that the project promises

Set-up makes the folder .venv from the hashed lock files and is skipped while they are unchanged.
Lessons open in my_course/, your own copy of course/; nothing in it is ever overwritten.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")

INSTALLER_LOCK = ROOT / "requirements-setup.lock"  # uv, and setuptools to install the project
LAB_LOCKS = (INSTALLER_LOCK, ROOT / "requirements.lock")
BROWSER_LOCKS = (*LAB_LOCKS, ROOT / "requirements-browser.lock")

JUPYTERLAB = ["-m", "jupyterlab", "--ServerApp.ip=127.0.0.1", "--ServerApp.root_dir=my_course"]
JUPYTERLAB += ["--allow-root"]  # a container has no other user; a token guards the loopback
JUPYTERLAB += ["--ServerApp.answer_yes=True"]  # one Ctrl-C is enough
JUPYTERLAB += ["--LabApp.extension_manager=readonly"]  # the writable one asks a package index
JUPYTERLAB += ["--Application.log_level=ERROR"]  # leaves the address, and what goes wrong
NOTIFICATIONS = "@jupyterlab/apputils-extension:notification"
AFTER_A_RESTART = 'get_config().InteractiveShellApp.extensions = ["inference_lab.lab.restart"]'
TWO_AT_A_TIME = ["--numprocesses=2"]  # which tests stay together: tests/conftest.py
NO_NEWS = {NOTIFICATIONS: {"fetchNews": "false", "checkForUpdates": False}}  # else a pop-up asks


def main(arguments):
    """Do what the command line asks for."""
    command = arguments[0] if arguments else "lab"
    if command not in ("lab", "test", "test-all", "bench"):
        sys.exit(__doc__)
    check_python(sys.version_info)
    set_up(LAB_LOCKS if command == "lab" else BROWSER_LOCKS)
    if command == "lab":
        open_lab()
    if command == "bench":
        scripts = sorted((ROOT / "tests" / "benchmarks").glob("bench_*.py"))
        sys.exit(not all([run(PYTHON, script) for script in scripts]))  # a list: run them all
    everything = ["-m", "slow or not slow"] if command == "test-all" else []
    hand_over(["-m", "pytest", *TWO_AT_A_TIME, *everything, *arguments[1:]])


def check_python(version):
    """Refuse a Python that is too old, in one sentence."""
    if tuple(version[:2]) < (3, 11):
        sys.exit(
            "Python 3.11 or later is needed, and this is {}.{}. Name a newer one: "
            "`make lab PYTHON=python3.12` or `python3.12 lab.py`.".format(*version)
        )


def set_up(locks):
    """Bring .venv in step with the lock files, unless it already is."""
    fingerprint = wanted(locks)
    stamp = VENV / "lab-set-up.json"
    if VENV.exists() and not starts(PYTHON):
        sys.exit("The folder .venv is broken. Delete it and give the same command again.")
    done = json.loads(stamp.read_text()) if stamp.exists() else {}
    if fingerprint.items() <= done.items():
        return
    print("Setting up .venv (about a minute, once) ...", flush=True)
    if not VENV.exists():
        make_venv()
    stamp.write_text("{}")  # set-up that is interrupted starts again
    install(locks)
    stamp.write_text(json.dumps(fingerprint))


def wanted(locks):
    """What an up-to-date .venv was made from: a hash of each file, and where the checkout is."""
    files = (*locks, ROOT / "pyproject.toml")
    hashes = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    return {"checkout": str(ROOT), **hashes}


def starts(python):
    """Whether that Python runs and has pip."""
    try:
        return run(python, "-c", "import pip", stderr=subprocess.DEVNULL)
    except OSError:
        return False


def run(*command, **options):
    """Run a command; say whether it succeeded."""
    return subprocess.call([str(word) for word in command], cwd=ROOT, **options) == 0


def make_venv():
    """Make .venv, or say what this Python lacks."""
    if not run(sys.executable, "-m", "venv", VENV):
        shutil.rmtree(VENV, ignore_errors=True)
        sys.exit(
            "This Python cannot make a virtual environment: its modules venv or ensurepip are "
            "missing. On Debian and Ubuntu: `sudo apt install python3-venv`."
        )


def install(locks):
    """Install what the lock files pin, then this project as it stands in the checkout."""
    pip = (PYTHON, "-m", "pip", "--disable-pip-version-check", "install", "--quiet")
    uv = (PYTHON, "-m", "uv", "pip")
    files = [word for lock in locks for word in ("--requirement", lock)]
    project = ("--no-deps", "--no-build-isolation", "--editable", ROOT)
    lost = "The packages could not be installed, see above. Is there a network? Then try again."
    if not run(*pip, "--require-hashes", "--requirement", INSTALLER_LOCK):
        sys.exit(lost)
    where = ("--quiet", "--compile-bytecode", "--python", PYTHON)
    if not run(*uv, "sync", *where, "--require-hashes", *locks):
        print("uv could not install the packages. Trying pip, which takes longer.", flush=True)
        if not run(*pip, "--no-deps", "--require-hashes", *files):  # the locks name all
            sys.exit(lost)
    if not run(*pip, *project):
        sys.exit("The packages are there, but the project itself could not be installed.")
    settings = VENV / "share" / "jupyter" / "lab" / "settings"
    settings.mkdir(parents=True, exist_ok=True)
    (settings / "overrides.json").write_text(json.dumps(NO_NEWS))


def open_lab():
    """Give the learner a copy of the course, and open its first lesson."""
    copy = "from pathlib import Path; from inference_lab.workbook.folder import start; "
    if not run(PYTHON, "-c", copy + "start(Path('course'), Path('my_course'))"):
        sys.exit("The lessons could not be copied from course/ to my_course/.")
    kernels = VENV / "etc" / "ipython" / "ipython_kernel_config.py"
    kernels.parent.mkdir(parents=True, exist_ok=True)
    kernels.write_text(AFTER_A_RESTART + "\n")
    lessons = sorted((ROOT / "my_course").glob("*.ipynb"))
    if not lessons:
        sys.exit("There is no lesson in my_course/.")
    options = ["--LabApp.default_url=/lab/tree/" + lessons[0].name]
    if without_screen():
        options.append("--no-browser")
        print("No screen here: open the address below in a browser.", flush=True)
    print("Press Ctrl-C to end the lab.", flush=True)
    hand_over([*JUPYTERLAB, *options])


def without_screen():
    """Whether no browser can be opened: Linux without a display, or a remote shell."""
    display = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    remote = "SSH_CONNECTION" in os.environ
    return not display and (sys.platform.startswith("linux") or remote)


def hand_over(call):
    """Go on as the Python of .venv, so that a signal reaches it and its exit code is ours."""
    path = str(BIN) + os.pathsep + os.environ.get("PATH", "")  # `inference-lab` in a terminal
    environment = dict(os.environ, PATH=path, VIRTUAL_ENV=str(VENV))
    command = [str(PYTHON), *call]
    os.chdir(ROOT)
    if os.name == "posix":
        os.execve(command[0], command, environment)
    child = subprocess.Popen(command, env=environment)
    while child.poll() is None:
        with suppress(KeyboardInterrupt):  # the child got it too, and ends by itself
            child.wait()
    sys.exit(child.returncode)


if __name__ == "__main__":
    main(sys.argv[1:])
