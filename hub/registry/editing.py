"""One row changed over HTTP goes through the same checks as a thousand from a file."""

from hub.registry.changes import Changed, Who
from hub.registry.importing import import_read
from hub.registry.reading import Line, Read
from hub.registry.rows import Row
from hub.web.deps import Caller, Hub, WriteDep
from hub.web.problem import ProblemError

_HERE = "request"


def edit(
    session: WriteDep,
    hub: Hub,
    caller: Caller,
    why: str,
    *,
    corrects: bool = False,
    **lists: list[Row],
) -> Changed:
    """Write rows of lists; a 409 problem says everything that stands against them."""
    read = Read(corrects=corrects)
    for name, rows in lists.items():
        read.lines[name] = [Line(_HERE, no, row) for no, row in enumerate(rows, start=1)]
    who = Who(caller.user, caller.role, why, hub.now_ms())
    done = import_read(session, hub.community, read, who, dry_run=False)
    if done.problems:
        words = [problem.partition(": ")[2] for problem in done.problems]
        raise ProblemError(409, "registry-conflict", "; ".join(words)[:500])
    return done.changed
