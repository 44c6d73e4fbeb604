"""Holds the release binary to its figures: `python tests/figures.py --binary PATH`.

Size of the file; time and memory of a whole process that diagnoses a shipped snapshot or explains one message; messages a
second of `explain --ndjson`. Time is what the process had of a processor, and the best of several runs counts, since a
busy machine says nothing about the program. The program waits for nothing, so on an idle machine that is all the time.
"""

import argparse
import json
import os
import pathlib
import resource
import subprocess
import sys

CASE = pathlib.Path(__file__).parents[1] / "fixtures" / "cases" / "secret-is-denied" / "case.json"
RUNS = 30
RATES = 5
MOST_MIB, MOST_MS, MOST_RSS_MIB = 25, 30, 30
MESSAGES = pathlib.Path(__file__).parents[1] / "fixtures" / "messages"
MOST_EXPLAIN_MS, LEAST_MESSAGES = 15, 200_000
# An idle machine of today does 100,000; less than this is a fault of the program, whatever else the machine does.
LEAST_A_SECOND = 60_000


def spent(command, **how):
    """Seconds of a processor that one process has from start to end, and how it ended."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run = subprocess.run(command, **how)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime, run


def diagnose(binary):
    """Milliseconds of one process that diagnoses a snapshot."""
    took, run = spent([binary, "diagnose", "--from", str(CASE), "-o", "json"], capture_output=True)
    if run.returncode != 1:
        sys.exit(f"error: exit status {run.returncode}: {run.stderr.decode()}")
    return took * 1000


def explain(binary):
    """Milliseconds of one process that explains a message."""
    message = "CannotPullContainerError: x: no space left on device"
    return spent([binary, "explain", message], check=True, capture_output=True)[0] * 1000


def rate(binary):
    """Messages a second of one process, of the shipped messages over and over."""
    rows = [line for path in sorted(MESSAGES.rglob("*.jsonl")) for line in path.read_text().splitlines()]
    lines = [json.dumps({**json.loads(row), "id": at}) for at, row in enumerate(rows)]
    lines *= -(-LEAST_MESSAGES // len(lines))
    asked = "\n".join(lines).encode()
    took, _ = spent([binary, "explain", "--ndjson"], input=asked, check=True, stdout=subprocess.DEVNULL)
    return len(lines) / took


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", required=True, help="path of ecs-why, release build")
    binary = os.path.abspath(parser.parse_args().binary)
    size = os.path.getsize(binary) / 2**20
    took = sorted(diagnose(binary) for _ in range(RUNS))
    # The largest child so far: nothing but this binary has been run.
    rss = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    explained = min(explain(binary) for _ in range(RUNS))
    a_second = max(rate(binary) for _ in range(RATES))
    print(f"explain {explained:.1f} ms; {a_second:,.0f} messages a second")
    print(f"size {size:.1f} MiB; from a snapshot {took[0]:.1f} ms (median {took[RUNS // 2]:.1f} ms), {rss:.1f} MiB")
    if size > MOST_MIB or took[0] > MOST_MS or rss > MOST_RSS_MIB:
        sys.exit(f"error: over {MOST_MIB} MiB of file, {MOST_MS} ms or {MOST_RSS_MIB} MiB of memory")
    if explained > MOST_EXPLAIN_MS or a_second < LEAST_A_SECOND:
        sys.exit(f"error: over {MOST_EXPLAIN_MS} ms for a message, or under {LEAST_A_SECOND:,} messages a second")


if __name__ == "__main__":
    main()
