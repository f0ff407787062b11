"""Time and memory of reading a million rows: three formats, a line of JSON each."""

import json
import multiprocessing
import resource
import tempfile
import time
from pathlib import Path

import numpy as np

import inference_lab as il

ROWS = 1_000_000


def write(kind: str, path: Path) -> None:
    """A trace of the public shape: Azure's stamps, Mooncake's 24 hashes, Bailian's turns."""
    rng = np.random.default_rng(0)
    prompts, outputs = rng.integers(2, 14_000, ROWS), rng.integers(7, 1000, ROWS)
    times_us = np.cumsum(rng.integers(20_000, 200_000, ROWS))
    start = np.datetime64("2024-05-10T00:00:00", "us")
    with path.open("w", encoding="utf-8") as out:
        if kind == "azure":
            out.write("TIMESTAMP,ContextTokens,GeneratedTokens\n")
        for i in range(ROWS):
            p, o, t = prompts[i], outputs[i], times_us[i]
            if kind == "azure":
                out.write(f"{str(start + t).replace('T', ' ')}+00:00,{p},{o}\n")
                continue
            keys = f'"input_length": {p}, "output_length": {o}'
            blocks = ", ".join(map(str, range(i, i + 24)))
            if kind == "mooncake":
                out.write(f'{{"timestamp": {t // 1000}, {keys}, "hash_ids": [{blocks}]}}\n')
            else:
                chat = f'"chat_id": {i}, "parent_chat_id": {i - 7 if i % 3 else -1}'
                turn = f'"timestamp": {t / 1e6:.3f}, {keys}, "type": "text", "turn": 1'
                out.write(f'{{{chat}, {turn}, "hash_ids": [{blocks}]}}\n')


def read(path: Path, figures: multiprocessing.Queue) -> None:
    """Read the file in a process of its own, whose peak is the reader's."""
    start, start_cpu = time.perf_counter(), time.process_time()
    load = il.Workload.from_trace(path)
    seconds, cpu_s = time.perf_counter() - start, time.process_time() - start_cpu
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    start = time.perf_counter()
    il.Workload.from_trace(path, first=1000)
    first_s = round(time.perf_counter() - start, 4)
    times = {"seconds": round(seconds, 3), "cpu_s": round(cpu_s, 3), "first_1000_s": first_s}
    figures.put({"rows": len(load), **times, "peak_mb": round(peak_mb)})


def main() -> None:
    """Write each file, read it in a fresh process, report."""
    fresh = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("azure", "mooncake", "bailian"):
            path = Path(folder, kind)
            write(kind, path)
            figures = fresh.Queue()
            process = fresh.Process(target=read, args=(path, figures))
            process.start()
            found = figures.get(timeout=600)
            process.join()
            print(json.dumps({"benchmark": "traces", "format": kind, **found}), flush=True)


if __name__ == "__main__":
    main()
