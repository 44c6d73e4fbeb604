#!/usr/bin/env python3
"""Draws docs/diagnosis.svg: what a terminal of 96 columns shows of the diagnosis of a shipped snapshot.

Runs the binary with `--color always` and turns its output into SVG text: each line broken where a terminal would break
it, each style a class. It ends with the proof of the first fix. What a run takes is not in it, so the same facts give
the same bytes; `--check` fails where the file is another one.
"""

import argparse
import pathlib
import re
import subprocess
import sys
from xml.sax.saxutils import escape

ROOT = pathlib.Path(__file__).resolve().parent.parent
CASE = "fixtures/cases/secret-is-denied/case.json"
PICTURE = ROOT / "docs" / "diagnosis.svg"
COLUMNS = 96
# What follows the proof is left out.
END = "  docs "

COLUMN, LINE, SIZE = 7.8, 19, 13
LEFT, TOP, BAR = 18, 58, 34

STYLE_OF_CODE = {"1": "bold", "2": "dim", "31": "red", "32": "green", "33": "yellow", "36": "cyan"}
ESCAPE = re.compile(r"\x1b\[([0-9;]*)m")

STYLE = """
  text { font: %dpx ui-monospace, SFMono-Regular, "SF Mono", Menlo, Consolas, "Liberation Mono", "DejaVu Sans Mono",
         monospace; white-space: pre; fill: #1f2328; }
  .page { fill: #ffffff; stroke: #d0d7de; } .bar { fill: #d0d7de; }
  .bold { font-weight: 700; } .dim { fill: #59636e; }
  .red { fill: #cf222e; } .green { fill: #116329; } .yellow { fill: #7d4e00; } .cyan { fill: #1b7c83; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .page { fill: #0d1117; stroke: #3d444d; } .bar { fill: #3d444d; }
    .dim { fill: #9198a1; }
    .red { fill: #ff7b72; } .green { fill: #7ee787; } .yellow { fill: #e3b341; } .cyan { fill: #76e3ea; }
  }
""" % SIZE


def output(binary):
    """What the binary prints, and nothing of this machine's environment in it."""
    command = [str(binary), "diagnose", "--from", CASE, "--color", "always", "--width", str(COLUMNS)]
    run = subprocess.run(command, cwd=ROOT, env={"TERM": "xterm"}, capture_output=True, text=True, encoding="utf-8")
    if run.returncode != 1:
        sys.exit(f"'{' '.join(command)}' ended with {run.returncode}: {run.stderr}")
    return run.stdout


def styled_characters(line):
    """The characters of a line, each with its classes."""
    classes, characters, at = (), [], 0
    for code in ESCAPE.finditer(line):
        characters += [(character, classes) for character in line[at : code.start()]]
        at = code.end()
        for number in filter(None, code[1].split(";")):
            classes = () if number == "0" else (*classes, STYLE_OF_CODE[number])
    characters += [(character, classes) for character in line[at:]]
    return characters


def rows(text):
    """The lines down to the proof, as a terminal breaks them, and a mark for the rest."""
    lines = text.split("\n")
    end = next(at for at, line in enumerate(lines) if ESCAPE.sub("", line).startswith(END))
    for line in [*lines[:end], "\x1b[2m  …\x1b[0m"]:
        characters = styled_characters(line)
        for at in range(0, max(len(characters), 1), COLUMNS):
            yield characters[at : at + COLUMNS]


def spans(row):
    """Runs of one style, as SVG."""
    runs = []
    for character, classes in row:
        if runs and runs[-1][1] == classes:
            runs[-1][0].append(character)
        else:
            runs.append(([character], classes))
    for characters, classes in runs:
        text = escape("".join(characters))
        yield f'<tspan class="{" ".join(classes)}">{text}</tspan>' if classes else text


def text(number, row):
    """One line, as wide as its columns are in whatever font the reader has."""
    if not row:
        return ""
    place = f'x="{LEFT}" y="{TOP + number * LINE}" textLength="{len(row) * COLUMN:.1f}" lengthAdjust="spacingAndGlyphs"'
    return f'<text xml:space="preserve" {place}>{"".join(spans(row))}</text>\n'


def picture(shown):
    command = [(character, ("dim",)) for character in "$ "]
    command += [(character, ("bold",)) for character in f"ecs-why diagnose --from {CASE}"]
    lines = [command, *rows(shown)]
    width, height = round(2 * LEFT + COLUMNS * COLUMN), TOP + len(lines) * LINE
    dots = "".join(f'<circle class="bar" cx="{LEFT + 5 + 18 * at}" cy="{BAR / 2 + 2:g}" r="5"/>' for at in range(3))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="A diagnosis of ecs-why on a terminal">\n<style>{STYLE}</style>\n'
        f'<rect class="page" x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="8"/>\n{dots}\n'
        f'{"".join(text(number, row) for number, row in enumerate(lines))}</svg>\n'
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True, type=pathlib.Path, help="the program that is shown")
    parser.add_argument("--check", action="store_true", help="compare with the file that is there, and write nothing")
    arguments = parser.parse_args()
    drawn = picture(output(arguments.binary.resolve()))
    if not arguments.check:
        PICTURE.write_text(drawn, encoding="utf-8", newline="\n")
    elif not PICTURE.exists() or PICTURE.read_bytes() != drawn.encode():
        sys.exit(f"{PICTURE} is not what the program shows: run docs/picture.py --binary {arguments.binary}")


if __name__ == "__main__":
    main()
