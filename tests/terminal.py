#!/usr/bin/env python3
"""The binary on a terminal and off it: colour, width, links, progress, completions, manual pages, a reader that goes.

Terminals are pseudo-terminals of this machine with a size; standard output and standard error are each one or a pipe.
Scripts and pages go to the program that they are for. What is not installed here, or not built into the binary, is
named at the end as not tested. Exit status 1 if something is wrong.
"""

import argparse
import contextlib
import fcntl
import http.server
import json
import os
import pathlib
import pty
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
CASE = str(ROOT / "fixtures/cases/secret-is-denied/case.json")
DIAGNOSE = ["diagnose", "--from", CASE]
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
LINK = re.compile(r"\x1b\]8;;([^\x1b]*)\x1b\\")
ERASE = "\r\x1b[2K"
TASK = "arn:aws:ecs:eu-west-1:123456789012:task/prod/0123456789abcdef0123456789abcdef"

untested = []


class Terminal:
    """A stream that is a pseudo-terminal, read to its end."""

    def __init__(self, columns):
        self.reader, self.stream = pty.openpty()
        fcntl.ioctl(self.stream, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self.read = b""
        self.thread = threading.Thread(target=self.drain)
        self.thread.start()

    def drain(self):
        # Linux answers a read with an error once nobody has the terminal open any more.
        with contextlib.suppress(OSError):
            while block := os.read(self.reader, 65536):
                self.read += block

    def text(self):
        os.close(self.stream)
        self.thread.join()
        os.close(self.reader)
        return self.read.decode().replace("\r\n", "\n")


class Ecs:
    """The binary."""

    def __init__(self, binary):
        self.binary = str(binary.resolve())

    def run(self, words, out=None, err=None, **variables):
        """Exit status, standard output and standard error; `out`, `err`: columns of a terminal, or None for a pipe."""
        terminals = [columns and Terminal(columns) for columns in (out, err)]
        streams = [terminal.stream if terminal else subprocess.PIPE for terminal in terminals]
        environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "TERM": "xterm-256color", **variables}
        environment = {name: value for name, value in environment.items() if value is not None}
        process = subprocess.Popen(
            [self.binary, *words], stdin=subprocess.DEVNULL, stdout=streams[0], stderr=streams[1], env=environment
        )
        piped = process.communicate(timeout=60)
        texts = [terminal.text() if terminal else pipe.decode() for terminal, pipe in zip(terminals, piped)]
        return process.returncode, *(without_time(text) for text in texts)

    def out(self, words, out=None, **variables):
        return self.run(words, out=out, **variables)[1]


def without_time(text):
    return re.sub(r"\b\d+ ms,", "0 ms,", text)


def stripped(text):
    return COLOUR.sub("", LINK.sub("", text))


def check_colour(ecs):
    for flags, variables, on_terminal, off_it in [
        ("", {}, True, False),
        ("", {"NO_COLOR": "1"}, False, False),
        ("", {"NO_COLOR": ""}, True, False),
        ("", {"CLICOLOR_FORCE": "1"}, True, True),
        ("", {"CLICOLOR_FORCE": "0"}, True, False),
        ("", {"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}, False, False),
        ("", {"CLICOLOR_FORCE": "1", "CLICOLOR": "0"}, True, True),
        ("", {"CLICOLOR": "0"}, False, False),
        ("", {"CLICOLOR": "1"}, True, False),
        ("", {"TERM": "dumb"}, False, False),
        ("", {"TERM": None}, False, False),
        ("--color always", {"NO_COLOR": "1", "TERM": "dumb"}, True, True),
        ("--color never", {"CLICOLOR_FORCE": "1"}, False, False),
        ("--color auto", {"CLICOLOR_FORCE": "1"}, True, True),
    ]:
        for columns, expected in [(80, on_terminal), (None, off_it)]:
            for words in (DIAGNOSE, ["rules", "list", "image"], ["--help"]):
                shown = ecs.out([*words, *flags.split()], out=columns, **variables)
                what = f"{words} {flags} {variables} on {columns} columns"
                assert bool(COLOUR.search(shown)) == expected, f"{what}: colour is not {expected}\n{shown}"
                assert "\x1b" not in COLOUR.sub("", shown), f"{what}: more than colour"
                assert not re.search(r"\x1b\[(38|48);", shown), f"{what}: a colour beyond the terminal's sixteen"


def check_streams_by_themselves(ecs):
    wrong = ["diagnose", "--from", "/nonexistent"]
    for out, err in [(80, None), (None, 80)]:
        status, _, told = ecs.run(wrong, out=out, err=err)
        assert status == 2 and bool(COLOUR.search(told)) == bool(err), f"{out} {err}: {told!r}"
        assert stripped(told).startswith("error: "), told
        status, _, told = ecs.run(["no-such-command"], out=out, err=err)
        assert status == 2 and bool(COLOUR.search(told)) == bool(err), f"{out} {err}: {told!r}"
    status, _, told = ecs.run(["no-such-command", "--color=never"], err=80)
    assert status == 2 and "\x1b" not in told, told
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "own.toml").write_text("id = 1\n")
        for err in (80, None):
            status, shown, told = ecs.run([*DIAGNOSE, "--rules", folder], err=err)
            assert status == 2 and "own.toml" in stripped(told), told
            assert bool(COLOUR.search(told)) == bool(err) and "\x1b" not in shown, told


def check_json(ecs):
    for words in ([*DIAGNOSE, "-o", "json"], ["rules", "show", "image-tag-missing", "-o", "json"], ["policy"]):
        shown = ecs.out([*words, "--color", "always"], out=80, FORCE_HYPERLINK="1", CLICOLOR_FORCE="1")
        assert "\x1b" not in shown, f"{words}: {shown[:200]!r}"
        json.loads(shown)


def check_width(ecs):
    def widest(text):
        """The widest line that has more than one word after its label, commands aside."""
        lines = [line for line in text.split("\n") if not line.startswith("    aws ")]
        return max(len(line) for line in lines if " " in line[12:].strip())

    assert widest(ecs.out(DIAGNOSE)) > 100, "off a terminal a record stays on its line"
    for words, variables, columns, width in [
        ([], {}, 80, 80),
        ([], {}, 60, 60),
        ([], {}, 20, 40),
        ([], {}, 300, 100),
        (["--width", "70"], {}, 60, 70),
        (["--width", "70"], {"COLUMNS": "50"}, None, 70),
        ([], {"COLUMNS": "50"}, 80, 50),
    ]:
        shown = stripped(ecs.out([*DIAGNOSE, *words], out=columns, **variables))
        assert width - 25 < widest(shown) <= width, f"{words} {variables} {columns}: {widest(shown)} columns\n{shown}"
        rules = stripped(ecs.out(["rules", "list", *words], out=columns, **variables))
        assert max(map(len, rules.split("\n"))) <= width, f"rules list {words} {variables} {columns}"
    for width in ("39", "0", "wide"):
        assert ecs.run([*DIAGNOSE, "--width", width])[0] == 2, f"--width {width} is taken"
    for columns in (60, 80):
        plain = ecs.out([*DIAGNOSE, "--color", "never"], out=columns)
        assert plain == ecs.out([*DIAGNOSE, "--width", str(columns)]), f"{columns}: a pipe has it otherwise"
        coloured = without_time(stripped(ecs.out(DIAGNOSE, out=columns)))
        assert coloured == plain, f"{columns}: colour changes the text"


def check_links(ecs):
    for variables, columns, expected in [
        ({}, 80, False),
        ({"TERM_PROGRAM": "iTerm.app"}, 80, True),
        ({"VTE_VERSION": "6800"}, 80, True),
        ({"TERM_PROGRAM": "iTerm.app", "NO_COLOR": "1"}, 80, True),
        ({"TERM_PROGRAM": "iTerm.app", "TERM": "dumb"}, 80, False),
        ({"TERM_PROGRAM": "iTerm.app"}, None, False),
        ({"FORCE_HYPERLINK": "1"}, None, True),
        ({"TERM_PROGRAM": "iTerm.app", "FORCE_HYPERLINK": "0"}, 80, False),
    ]:
        shown = ecs.out(DIAGNOSE, out=columns, **variables)
        addresses = [address for address in LINK.findall(shown) if address]
        assert bool(addresses) == expected, f"{variables} {columns}: {addresses}"
        ours = re.compile(r"https://(eu-west-1\.)?console\.aws\.amazon\.com/[!-~]+")
        assert all(ours.fullmatch(address) for address in addresses), addresses
        assert bool(COLOUR.search(shown)) == (columns is not None and not {"NO_COLOR", "TERM"} & variables.keys())


class Unhurried(http.server.BaseHTTPRequestHandler):
    """An AWS that thinks for a second, and then knows no such cluster."""

    def do_POST(self):
        time.sleep(1.2)
        body = b'{"__type": "ClusterNotFoundException", "message": "Cluster not found."}'
        self.send_response(400)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def check_progress(ecs):
    status, shown, told = ecs.run(DIAGNOSE, out=80, err=80)
    assert (status, told) == (1, "") and ERASE not in shown, told
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Unhurried)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    words = ["diagnose", TASK, "--endpoint-url", f"http://127.0.0.1:{server.server_port}"]
    keys = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "x", "AWS_EC2_METADATA_DISABLED": "true"}
    if "without access to AWS" in ecs.run(words, **keys)[2]:
        untested.append("progress: this binary was built without AWS")
        return
    for flags, variables, err, expected in [
        ([], {}, 80, True),
        ([], {"NO_COLOR": "1"}, 80, True),
        (["-v"], {}, 80, False),
        ([], {"TERM": "dumb"}, 80, False),
        ([], {}, None, False),
    ]:
        _, shown, told = ecs.run([*words, *flags], err=err, **keys, **variables)
        assert (ERASE in told) == expected, f"{flags} {variables} {err}: {told!r}"
        assert ERASE not in shown and "\x1b" not in shown, shown
        drawn, _, rest = told.rpartition(ERASE)
        assert "asking AWS" not in rest, f"it stays: {told!r}"
        assert not expected or "asking AWS, round 1: ecs (1 question)" in drawn, told
        assert all(len(line) < 80 for line in drawn.split(ERASE)), told
    server.shutdown()


# How each shell is asked to read a script without running it, and how, what it offers for `ecs-why dia`.
BASH_OFFERS = """
source "$0"
COMP_WORDS=(ecs-why dia) COMP_CWORD=1
"$(complete -p ecs-why | sed 's/.*-F \\([^ ]*\\).*/\\1/')" ecs-why dia ecs-why
echo "$COMPREPLY"
"""
FISH_OFFERS = 'source $argv[1]; complete -C "ecs-why dia"'
POWERSHELL_READS = """
$errors = $null
[void][Management.Automation.Language.Parser]::ParseFile($args[0], [ref]$null, [ref]$errors)
exit $errors.Count
"""
SHELLS = {
    "bash": (["bash", "-n"], ["bash", "-c", BASH_OFFERS]),
    "zsh": (["zsh", "-f", "-n"], None),
    "fish": (["fish", "--no-config", "--no-execute"], ["fish", "--no-config", "-c", FISH_OFFERS]),
    "powershell": (["pwsh", "-NoProfile", "-CommandWithArgs", POWERSHELL_READS], None),
}


def check_completions(ecs):
    for shell, (reads, offers) in SHELLS.items():
        status, script, told = ecs.run(["completions", shell])
        assert status == 0 and not told, told
        for word in ("diagnose", "verify-with-aws", "endpoint-url", "color", "require", "completions"):
            assert word in script, f"the script for {shell} does not know {word}"
        if not shutil.which(reads[0]):
            untested.append(f"completions: {reads[0]} is not installed, so it did not read the script for {shell}")
            continue
        with tempfile.NamedTemporaryFile("w", suffix=".ps1" if shell == "powershell" else "") as file:
            file.write(script)
            file.flush()
            home = {**os.environ, "HOME": "/nonexistent"}
            read = subprocess.run([*reads, file.name], capture_output=True, text=True, env=home)
            assert read.returncode == 0 and not read.stderr, f"{shell} refuses its script: {read.stderr}"
            if offers:
                offered = subprocess.run([*offers, file.name], capture_output=True, text=True).stdout
                assert offered.split()[:1] == ["diagnose"], f"{shell} offers {offered!r}"
    assert ecs.run(["completions", "no-such-shell"])[0] == 2


def check_manual(ecs):
    status, page, told = ecs.run(["man"])
    assert status == 0 and not told and '\n.TH ecs-why 1 "" "ecs-why ' in page, page[:200]
    readers = [["groff", "-K", "utf8", "-man", "-T", "utf8", "-ww"], ["mandoc", "-T", "utf8", "-W", "error"]]
    for reader in filter(lambda reader: not shutil.which(reader[0]), readers):
        untested.append(f"manual: {reader[0]} is not installed")
    with tempfile.TemporaryDirectory() as parent:
        folder = pathlib.Path(parent, "new", "man1")
        assert ecs.run(["man", str(folder)]) == (0, "", "")
        pages = sorted(folder.iterdir())
        names = [page.name for page in pages]
        assert {"ecs-why.1", "ecs-why-diagnose.1", "ecs-why-iam-require.1", "ecs-why-rules-list.1"} <= set(names), names
        assert (folder / "ecs-why.1").read_text() == page, "the printed page is another one than the written"
        for reader in filter(lambda reader: shutil.which(reader[0]), readers):
            for path in pages:
                read = subprocess.run([*reader, str(path)], capture_output=True, text=True)
                assert read.returncode == 0 and not read.stderr, f"{path.name}: {read.stderr}"
                text = re.sub(r".\x08|\x1b\[[0-9;]*m", "", read.stdout)
                assert "SYNOPSIS" in text and path.stem in text, text
                if path.stem == "ecs-why-diagnose":
                    assert "EXIT STATUS" in text and re.search(r"^ +4 +no such task", text, re.M), text
    assert ecs.run(["man", "/dev/null/folder"])[0] == 2


def check_reader_that_goes(ecs):
    for words in (DIAGNOSE, ["rules", "list"], ["completions", "bash"], ["man"], ["--help"]):
        reader, writer = os.pipe()
        os.close(reader)
        ended = subprocess.run([ecs.binary, *words], stdout=writer, stderr=subprocess.PIPE, text=True)
        os.close(writer)
        assert (ended.returncode, ended.stderr) == (0, ""), f"{words}: {ended}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True, type=pathlib.Path)
    ecs = Ecs(parser.parse_args().binary)
    failed = 0
    checks = [check for name, check in globals().items() if name.startswith("check_")]
    for check in checks:
        try:
            check(ecs)
        except AssertionError as error:
            failed += 1
            print(f"{check.__name__}: {error}", file=sys.stderr)
    for what in untested:
        print(f"not tested: {what}")
    print(f"{len(checks) - failed} of {len(checks)} checks hold")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
