"""Compares `ecs-why iam eval` with another evaluator: `python tests/iam/compare.py --theirs FOLDER --binary PATH`.

Cases come from files of JSON lines or, without any, from a generator. Prints how often the two agree, and of each kind
of disagreement the number and the smallest cases found. Exit status 1 if they disagree anywhere. See README.md.
"""

import argparse
import collections
import json
import sys

import generate
from evaluators import Ours, Theirs
from kinds import kind
from shrink import shrink
from words import EMPTY


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", help="cases as JSON lines; none: generated ones")
    parser.add_argument("--theirs", required=True, help="folder in which npm installed @cloud-copilot/iam-simulate")
    parser.add_argument("--binary", help="the ecs-why to compare")
    parser.add_argument("--only-theirs", action="store_true", help="only count what the other evaluator says")
    parser.add_argument("--count", type=int, default=20000, help="number of generated cases")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--shrink", type=int, default=1000, help="how many disagreements are made small")
    parser.add_argument("--examples", type=int, default=1, help="how many cases are printed of each kind")
    given = parser.parse_args()
    if not given.binary and not given.only_theirs:
        parser.error("--binary or --only-theirs is needed")
    return given


def read(files):
    for name in files:
        with open(name, encoding="utf-8") as lines:
            yield from (json.loads(line) for line in lines if line.strip())


def complete(case):
    """With every layer and field that may be left out, and without what is not of the case itself."""
    request = {"context": {}, "multivalued": [], "wildcard_only_action": False, **case["request"]}
    return {**{layer: case.get(layer, nothing) for layer, nothing in EMPTY.items()}, "request": request}


def print_theirs(theirs, cases):
    answers = theirs.answers(cases)
    print(f"{len(cases)} cases")
    for decision, count in collections.Counter(
        "rejected" if a["rejected"] else a["decision"] for a in answers
    ).most_common():
        print(f"{count:7}  {decision}")
    print_rejected(a["rejected"] for a in answers)


def print_rejected(reasons):
    for reason, count in collections.Counter(r for r in reasons if r).most_common(10):
        print(f"{count:7}  rejected: {reason}")


def print_totals(pairs):
    counted = [p for p in pairs if p[1]]
    agreed = sum(ours == theirs for ours, theirs in counted)
    print(f"{len(pairs)} cases, {len(pairs) - len(counted)} not taken by the other evaluator")
    print(f"{agreed} of {len(counted)} agree ({100 * agreed / max(1, len(counted)):.2f} %)")
    for (ours, theirs), count in collections.Counter(counted).most_common():
        print(f"{count:7}  {ours}" + (f" and not {theirs}" if ours != theirs else ""))


def by_kind(cases, pairs):
    kinds = collections.defaultdict(list)
    for case, (ours, theirs) in zip(cases, pairs):
        kinds[f"ours {ours}, theirs {theirs}: {kind(case)}"].append(case)
    return sorted(kinds.items(), key=lambda item: (-len(item[1]), item[0]))


def print_kinds(kinds, examples):
    for words, cases in kinds:
        print(f"\n{len(cases)} x {words} ({services(cases)})")
        for case in sorted(map(compact, cases), key=lambda text: (len(text), text))[:examples]:
            print(f"    {case}")


def services(cases):
    return " ".join(sorted({case["request"]["action"].split(":")[0] for case in cases}))


def compact(case):
    return json.dumps({key: value for key, value in case.items() if value})


def main():
    given = arguments()
    theirs = Theirs(given.theirs)
    cases = [complete(c) for c in read(given.files)] if given.files else generate.cases(given.count, given.seed)
    if given.only_theirs:
        return print_theirs(theirs, cases)
    ours = Ours(given.binary)

    def both(asked):
        return list(zip(ours.decisions(asked), theirs.decisions(asked)))

    pairs = both(cases)
    print_totals(pairs)
    apart = [(case, pair) for case, pair in zip(cases, pairs) if pair[1] and pair[0] != pair[1]]
    chosen, answers = [c for c, _ in apart[: given.shrink]], [p for _, p in apart[: given.shrink]]
    print_kinds(by_kind(shrink(chosen, answers, both), answers), given.examples)
    sys.exit(1 if apart else 0)


if __name__ == "__main__":
    main()
