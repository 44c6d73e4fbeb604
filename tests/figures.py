"""Holds the release binary to its figures: `python tests/figures.py --binary PATH`.

Size of the file; time and memory of a whole process that diagnoses a shipped snapshot or explains one message; messages a
second of `explain --ndjson`. The best of several runs counts, since a busy machine says nothing about the program.
"""

import argparse
import json
import os
import pathlib
import resource
import subprocess
import sys
import time

CASE = pathlib.Path(__file__).parents[1] / "fixtures" / "cases" / "secret-is-denied" / "case.json"
RUNS = 30
MOST_MIB, MOST_MS, MOST_RSS_MIB = 25, 30, 30
MESSAGES = pathlib.Path(__file__).parents[1] / "fixtures" / "messages"
MOST_EXPLAIN_MS, LEAST_A_SECOND, LEAST_MESSAGES = 15, 100_000, 200_000


def diagnose(binary):
    """Milliseconds of one process from start to end."""
    begin = time.perf_counter()
    run = subprocess.run([binary, "diagnose", "--from", str(CASE), "-o", "json"], capture_output=True)
    took = (time.perf_counter() - begin) * 1000
    if run.returncode != 1:
        sys.exit(f"error: exit status {run.returncode}: {run.stderr.decode()}")
    return took


def explain(binary):
    """Milliseconds of one process that explains a message."""
    begin = time.perf_counter()
    subprocess.run([binary, "explain", "CannotPullContainerError: x: no space left on device"], check=True, capture_output=True)
    return (time.perf_counter() - begin) * 1000


def rate(binary):
    """Messages a second of one process, of the shipped messages over and over."""
    rows = [line for path in sorted(MESSAGES.rglob("*.jsonl")) for line in path.read_text().splitlines()]
    lines = [json.dumps({**json.loads(row), "id": at}) for at, row in enumerate(rows)]
    lines *= -(-LEAST_MESSAGES // len(lines))
    begin = time.perf_counter()
    subprocess.run([binary, "explain", "--ndjson"], input="\n".join(lines).encode(), check=True, stdout=subprocess.DEVNULL)
    return len(lines) / (time.perf_counter() - begin)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", required=True, help="path of ecs-why, release build")
    binary = os.path.abspath(parser.parse_args().binary)
    size = os.path.getsize(binary) / 2**20
    took = sorted(diagnose(binary) for _ in range(RUNS))
    # The largest child so far: nothing but this binary has been run.
    rss = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    explained = min(explain(binary) for _ in range(RUNS))
    a_second = max(rate(binary) for _ in range(3))
    print(f"explain {explained:.1f} ms; {a_second:,.0f} messages a second")
    print(f"size {size:.1f} MiB; from a snapshot {took[0]:.1f} ms (median {took[RUNS // 2]:.1f} ms), {rss:.1f} MiB")
    if size > MOST_MIB or took[0] > MOST_MS or rss > MOST_RSS_MIB:
        sys.exit(f"error: over {MOST_MIB} MiB of file, {MOST_MS} ms or {MOST_RSS_MIB} MiB of memory")
    if explained > MOST_EXPLAIN_MS or a_second < LEAST_A_SECOND:
        sys.exit(f"error: over {MOST_EXPLAIN_MS} ms for a message, or under {LEAST_A_SECOND:,} messages a second")


if __name__ == "__main__":
    main()
