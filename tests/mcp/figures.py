"""What the server may cost: time to its first list, time of a call over a snapshot, growth of memory over many calls.

Time is what the process had of a processor, and the best of several runs counts, since a busy machine says nothing
about the program. Over a snapshot it waits for nothing, so on an idle machine that is all the time.
"""

from protocol import SOME, problem_of, target
from wire import Wire, snapshots

RUNS, CALLS = 20, 100
MOST_START_MS, MOST_CALL_MS, MOST_GROWTH_MIB = 20, 50, 5


def start(binary):
    """Milliseconds of one process from its start to its first list of tools."""
    with Wire(binary, *snapshots(SOME[0])) as wire:
        wire.request("tools/list")
        return wire.spent()


def first_list(binary):
    took = min(start(binary) for _ in range(RUNS))
    print(f"tools/list {took:.1f} ms after the start")
    return problem_of(f"{took:.1f} ms, at most {MOST_START_MS}", took < MOST_START_MS)


def calls(binary):
    task, _ = target(SOME[0])
    with Wire(binary, *snapshots(SOME[0])) as wire:
        wire.call("diagnose_task", task=task)
        before, took = wire.rss(), []
        for _ in range(CALLS):
            began = wire.spent()
            wire.call("diagnose_task", task=task)
            took.append(wire.spent() - began)
        grown = wire.rss() - before
    print(f"a call {min(took):.1f} ms (median {sorted(took)[CALLS // 2]:.1f} ms); {CALLS} calls grow {grown:.1f} MiB")
    problems = problem_of(f"{min(took):.1f} ms a call, at most {MOST_CALL_MS}", min(took) < MOST_CALL_MS)
    return problems + problem_of(f"{grown:.1f} MiB more, at most {MOST_GROWTH_MIB}", grown < MOST_GROWTH_MIB)


ALL = {"figures/first-list": first_list, "figures/calls": calls}
