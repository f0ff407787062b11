"""After a restart: what a fresh kernel says of names that it does not know."""

import runpy
import subprocess
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

LAB = runpy.run_path(str(Path(__file__).parents[2] / "lab.py"))


def shown(*cells):
    """What a fresh shell of the learner's environment prints, cell after cell."""
    code = "from IPython.core.interactiveshell import InteractiveShell\n"
    code += "shell = InteractiveShell.instance()\n"
    code += "shell.extension_manager.load_extension('inference_lab.lab.restart')\n"
    code += "".join(f"shell.run_cell({cell!r})\n" for cell in cells)
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return run.stdout


def test_a_missing_name_of_the_lab_says_what_to_do_and_nothing_else():
    said = " ".join(shown('check("5.1", len)').split())
    assert said == (
        "check is not known: was the kernel restarted? Choose Run > Run All Above Selected Cell "
        "in the menu, then run this cell again."
    )


def test_a_function_of_an_exercise_asks_for_its_cell():
    said = shown("from inference_lab.lab import check", 'check("5.1", kv_bytes)')
    assert said.startswith("kv_bytes is not known: run the cell of the exercise")


def test_any_other_missing_name_keeps_its_traceback():
    assert "Traceback" in shown("nobody_knows_me") and "not known" not in shown("nobody_knows_me")


def test_a_kernel_that_lab_py_configures_says_so_too(tmp_path, monkeypatch):
    profile = tmp_path / "profile_default"
    profile.mkdir()
    (profile / "ipython_kernel_config.py").write_text(LAB["AFTER_A_RESTART"])
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell('hint("5.1")')])
    NotebookClient(notebook, timeout=60, kernel_name="python3", allow_errors=True).execute()
    (output,) = notebook.cells[0].outputs
    assert output["ename"] == "NameError"
    assert output["traceback"][0].startswith("hint is not known: was the kernel restarted?")
