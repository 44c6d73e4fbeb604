"""Takes from a bill of materials what is not built: `cargo tree … | python3 packaging/trim_bill.py BILL`.

Gets the crates that Cargo builds on standard input, one "NAME vVERSION" a line, and CycloneDX in JSON in the file;
prints the bill. cargo-cyclonedx asks `cargo metadata`, which also names optional dependencies that no feature turns
on (`dep?/feature`, https://github.com/rust-lang/cargo/issues/10801); whoever looks for a vulnerable crate would find
it in a program that lacks it. Refuses a bill that lacks a crate, and takes away the path of the package on this
machine.
"""

import json
import pathlib
import sys


def built(lines):
    """Name and version of each crate; what follows, (proc-macro), a path or (*), does not count."""
    return {tuple(line.split()[:2]) for line in lines if line.strip()}


def trim(bill, crates):
    root = bill["metadata"]["component"]
    crates = crates - {(root["name"], f"v{root['version']}")}
    kept = [part for part in bill["components"] if (part["name"], f"v{part['version']}") in crates]
    lost = crates - {(part["name"], f"v{part['version']}") for part in kept}
    if lost:
        sys.exit(f"error: the bill lacks {sorted(lost)}")
    known = {part["bom-ref"] for part in kept} | {root["bom-ref"]}
    edges = [edge for edge in bill["dependencies"] if edge["ref"] in known]
    for edge in edges:
        if "dependsOn" in edge:
            edge["dependsOn"] = [ref for ref in edge["dependsOn"] if ref in known]
    return bill | {"components": kept, "dependencies": edges}


def main():
    bill = json.loads(pathlib.Path(sys.argv[1]).read_text())
    text = json.dumps(trim(bill, built(sys.stdin)), indent=2, ensure_ascii=False)
    print(text.replace(f"path+file://{pathlib.Path.cwd()}", "path+file:///source"))


if __name__ == "__main__":
    main()
