"""Holds the release binary to its figures: `python tests/figures.py --binary PATH`.

Size of the file; time and memory of a whole process that diagnoses a shipped snapshot. The best of several runs counts,
since a busy machine says nothing about the program.
"""

import argparse
import os
import pathlib
import resource
import subprocess
import sys
import time

CASE = pathlib.Path(__file__).parents[1] / "fixtures" / "cases" / "secret-is-denied" / "case.json"
RUNS = 30
MOST_MIB, MOST_MS, MOST_RSS_MIB = 25, 30, 30


def diagnose(binary):
    """Milliseconds of one process from start to end."""
    begin = time.perf_counter()
    run = subprocess.run([binary, "diagnose", "--from", str(CASE), "-o", "json"], capture_output=True)
    took = (time.perf_counter() - begin) * 1000
    if run.returncode != 1:
        sys.exit(f"error: exit status {run.returncode}: {run.stderr.decode()}")
    return took


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", required=True, help="path of ecs-why, release build")
    binary = os.path.abspath(parser.parse_args().binary)
    size = os.path.getsize(binary) / 2**20
    took = sorted(diagnose(binary) for _ in range(RUNS))
    # The largest child so far: nothing but this binary has been run.
    rss = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"size {size:.1f} MiB; from a snapshot {took[0]:.1f} ms (median {took[RUNS // 2]:.1f} ms), {rss:.1f} MiB")
    if size > MOST_MIB or took[0] > MOST_MS or rss > MOST_RSS_MIB:
        sys.exit(f"error: over {MOST_MIB} MiB of file, {MOST_MS} ms or {MOST_RSS_MIB} MiB of memory")


if __name__ == "__main__":
    main()
