"""How long a learner waits: a fresh clone's first start, a later start, and the import.

Prints one JSON line. It downloads the locked packages. Run it on a quiet machine:
python tests/benchmarks/bench_start.py
"""

from __future__ import annotations

import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parents[2]
GIVE_UP_S = 600
IMPORT = (
    "import time; s = time.perf_counter(); import inference_lab; print(time.perf_counter() - s)"
)


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "clone"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        measured = {"first_start_s": start_s(clone), "later_start_s": start_s(clone)}
    imports = [float(subprocess.check_output([sys.executable, "-c", IMPORT])) for _ in range(5)]
    measured["import_s"] = statistics.median(imports)
    print(json.dumps({name: round(seconds, 2) for name, seconds in measured.items()}))


def start_s(clone: Path) -> float:
    """Seconds from the command to the page of lesson 00, without a browser."""
    log = clone.parent / "log"
    began_s = time.perf_counter()
    command = [sys.executable, "lab.py"]
    quiet = {"stdin": subprocess.DEVNULL, "stderr": subprocess.STDOUT}
    with log.open("w") as out, subprocess.Popen(command, cwd=clone, stdout=out, **quiet) as lab:
        try:
            while not (address := re.search(r"http://127\S+", log.read_text())):
                if lab.poll() is not None or time.perf_counter() - began_s > GIVE_UP_S:
                    sys.exit(f"the lab did not start:\n{log.read_text()}")
                time.sleep(0.05)
            with urllib.request.urlopen(address[0]) as page:
                page.read()
            return time.perf_counter() - began_s
        finally:
            lab.terminate()


if __name__ == "__main__":
    main()
