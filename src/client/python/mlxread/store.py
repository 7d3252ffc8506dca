"""The runs of a store."""

import os
import re

from .attempts import MODES, attempts_of
from .names import Names
from .row import Row
from .rows import Rows
from .warn import warn


def read(store="logs", attempts="path"):
    """Returns the runs of a store as Rows, in the order of their numbers.

    The metrics of a run with several attempts are the lines on the way to its last attempt. With
    attempts="last" they are the last attempt's own lines. With attempts="all" each attempt has a row, with
    its number as row["attempt"].

    Raises FileNotFoundError if there is no such directory, and ValueError for other values of `attempts`.
    """
    if attempts not in MODES:
        raise ValueError("attempts is one of %s, not %r" % (", ".join(MODES), attempts))
    if not os.path.isdir(store):
        raise FileNotFoundError("there is no store %r" % store)
    ids = sorted(int(name) for name in os.listdir(store) if re.match(r"^(0|[1-9]\d*)$", name))
    directories = [os.path.join(store, str(run)) for run in ids]
    directories = _readable(directories)
    if attempts == "all":
        rows = [Row(one, {"attempt": number}, number) for one in directories for number in attempts_of(one)]
    else:
        rows = [Row(one, None, attempts) for one in directories]
    names = Names(rows)
    for row in rows:
        row._store = names
    return Rows(rows)


def _readable(directories):
    """Returns the directories that are runs. Warns once about those that this user may not read."""
    found, hidden = [], []
    for directory in directories:
        try:
            os.stat(os.path.join(directory, "metadata", "info.yaml"))
            found.append(directory)
        except PermissionError:
            hidden.append(os.path.basename(directory))
        except OSError:
            pass
    if hidden:
        shown = ", ".join(hidden[:10]) + (", …" if len(hidden) > 10 else "")
        warn("permission denied; left out: %s %s" % ("run" if len(hidden) == 1 else "runs", shown))
    return found
