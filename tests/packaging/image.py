"""The Dockerfile and the scripts are clean, the context is enough to build, the last stage runs with what it has alone.

There need be no container engine here: the build stage's last command fills a folder with all that the image has, so
that folder becomes the root of a process with the image's user and entry point, and with nothing of this machine but
the kernel.
"""

import os
import pathlib
import shutil
import subprocess
import tempfile

from dockerfile_parse import DockerfileParser

from here import FAILURE_DIAGNOSED, ROOT, SNAPSHOT, LeftOut, Wrong, call, installed, require, require_cause

SCRIPTS = sorted(path for path in (ROOT / "packaging").iterdir() if path.suffix == ".sh") + [
    ROOT / "packaging" / "environment"
]
CERTIFICATES = "etc/ssl/certs/ca-certificates.crt"
FILES = {"ecs-why": 0o755, "LICENSE": 0o644, CERTIFICATES: 0o644}
# All that the last stage may do; anything else and the folder would not be the whole image.
LAST_STAGE = {
    "FROM": ["scratch"],
    "COPY": ["--from=build /image/ /"],
    "USER": ["65532:65532"],
    "ENTRYPOINT": ['["/ecs-why"]'],
}


def linter(name):
    return pathlib.Path(installed("python")).parent / name


def scripts_are_clean(*_):
    call(linter("shellcheck"), *SCRIPTS)


def dockerfile_is_clean(*_):
    call(linter("hadolint"), ROOT / "Dockerfile")
    stages = [[]]
    for step in DockerfileParser(path=str(ROOT / "Dockerfile")).structure:
        if step["instruction"] == "FROM":
            stages.append([])
        stages[-1].append((step["instruction"], step["value"]))
    last = [step for step in stages[-1] if step[0] not in ("ARG", "LABEL", "COMMENT")]
    wanted = [(instruction, value) for instruction, values in LAST_STAGE.items() for value in values]
    require(last == wanted, f"the last stage is {last}, not {wanted}")
    filled = stages[-2][-1][1]
    require("packaging/image-root.sh" in filled and filled.split()[-1] == "/image", f"who fills /image? {filled}")


def context_is_complete(*_):
    """What .dockerignore lets through is a package that Cargo takes, with what static.sh reads, and has no more."""
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if not line.startswith("#")]
    require(lines[0] == "*" and all(line.startswith("!") for line in lines[1:]), f"not a list of what is sent: {lines}")
    with tempfile.TemporaryDirectory() as folder:
        for name in (line.removeprefix("!") for line in lines[1:]):
            copy(ROOT / name, pathlib.Path(folder) / name)
        call("cargo", "fetch", "--locked", "--target", "x86_64-unknown-linux-musl", cwd=folder)
        needed = [SNAPSHOT, *SCRIPTS, *ROOT.glob("src/**/*.rs"), *ROOT.glob("knowledge/**/*.toml")]
        lost = [path for path in needed if not (pathlib.Path(folder) / path.relative_to(ROOT)).exists()]
        require(not lost, f".dockerignore keeps back {lost}")


def copy(path, to):
    to.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        shutil.copytree(path, to)
    else:
        shutil.copy(path, to)


def runs_alone(_, static):
    if not static:
        raise LeftOut("no static binary that is newer than the one tested; packaging/static.sh builds it")
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        call(ROOT / "packaging" / "image-root.sh", static, root)
        holds_nothing_else(root)
        require(call(*inside(root), "--version").startswith("ecs-why "), "the image does not say its version")
        with SNAPSHOT.open() as snapshot:
            asked = [*inside(root), "diagnose", "--from", "-", "-o", "json"]
            require_cause(call(*asked, stdin=snapshot, status=FAILURE_DIAGNOSED))
        refuses_a_binary_that_loads(root)


def holds_nothing_else(root):
    files = {str(path.relative_to(root)): path.stat().st_mode & 0o7777 for path in root.rglob("*") if path.is_file()}
    require(files == FILES, f"the image has {files}, not {FILES}")
    bundle = (root / CERTIFICATES).read_text()
    require(bundle.count("BEGIN CERTIFICATE") > 50, f"{CERTIFICATES} is no bundle of authorities")


def inside(root, **env):
    """A command in the image: its root, its user, its entry point, and this environment alone."""
    # The folder of a temporary file is for its owner alone; that of an image is for everyone.
    root.chmod(0o755)
    entry, (user, group) = "/ecs-why", LAST_STAGE["USER"][0].split(":")
    become = ["unshare", "--user", f"--map-user={user}", f"--map-group={group}", f"--root={root}"]
    if os.geteuid() == 0:
        become = ["chroot", f"--userspec={user}:{group}", root]
    elif subprocess.run(["unshare", "--user", "true"], capture_output=True).returncode:
        raise LeftOut("only root may change the root folder here")
    program = shutil.which(become[0], path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    variables = [f"{name}={value}" for name, value in env.items()]
    return ["env", "--ignore-environment", *variables, program, *become[1:], entry]


def refuses_a_binary_that_loads(root):
    """A program that loads its library from this machine does not run there: the root folder hides this machine."""
    shutil.copy(shutil.which("true"), root / "ecs-why")
    try:
        call(*inside(root))
    except Wrong:
        return
    raise Wrong("the root folder of the test hides nothing: a program that loads libraries runs in it")
