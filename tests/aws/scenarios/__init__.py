"""The failed tasks that the tests play, and what is expected of a diagnosis of each.

A scenario is a function that furnishes a `Place` and gives an `Expect`. It is played twice: in a broken place, whose
task fails, and in a whole one, whose task runs and must raise no alarm. One about a way through the network is played
twice more: `play` says how. `ALL` maps their names to them, in the order of the files.
"""

from dataclasses import dataclass, field

ALL = {}


@dataclass(frozen=True)
class Expect:
    """What the first diagnosis of the broken place says, and how the fault goes away."""

    cause: str | None
    status: str = "diagnosed"
    exit: int = 1
    role: str | None = None  # kind of the first finding's role; None: not looked at
    broken: frozenset = frozenset()  # exactly these checks are `missing` or `denied`: see `lacks` and `forbidden`
    layer: str | None = None  # where those are refused; None: not looked at
    beside: frozenset = frozenset()  # causes of findings that must stand beside the first one
    commands: str = (
        "none"  # "required": a verified fix has commands, and running them mends; "allowed": if it has, they do
    )
    mend: object = None  # what a person does about it when there is no command: a function, or None
    arguments: tuple | None = None  # after `diagnose`, in place of the task's ARN
    task: bool = True  # the report is about the place's task
    refuse: dict = field(default_factory=dict)  # what AWS refuses to tell this caller: action -> kind of refusal
    hop: str | None = None  # kind of the hop that breaks in the first finding's path; None: no path is broken
    aside: frozenset = frozenset()  # kinds of hops that may break although no finding is about them
    dialled: str | None = None  # the address that the message names, in that path; None: not looked at
    confidence: str | None = None  # of the first finding; None: `confirmed` where a hop breaks, else not looked at
    state: str | None = None  # of the first finding; None: `present` where it can be mended, else not looked at
    says: tuple = ()  # what the first finding must name


def scenario(function):
    ALL[function.__name__.replace("_", "-")] = function
    return function


def lacks(kind, resource, *actions):
    """Checks that nothing allows: the report calls them `missing`."""
    return frozenset((kind, action, resource, "missing") for action in actions)


def forbidden(kind, resource, *actions):
    """Checks that a statement denies: the report calls them `denied`."""
    return frozenset((kind, action, resource, "denied") for action in actions)


# Each file registers its scenarios above.
from . import images, secrets, logs, roles, containers, others  # noqa: E402, F401, I001
from . import routes, gateways, endpoints, filters, storage, hosts, elsewhere, beyond, things, services  # noqa: E402, F401, I001
