"""Warnings, at the line of the user's program."""

import contextlib
import os
import sys
import warnings

#: For each warned_once() that is under way, the (row, error) pairs of files that could not be read.
_deferred = []


def warn(text):
    """Warns at the line of the program that called mlxrun or mlxread."""
    depth, frame = 1, sys._getframe(0)
    while frame and os.path.dirname(frame.f_code.co_filename) == os.path.dirname(__file__):
        depth, frame = depth + 1, frame.f_back
    warnings.warn(text, stacklevel=depth)


@contextlib.contextmanager
def warned_once():
    """Within it, files that can't be read are collected; at its end one warning names their runs."""
    _deferred.append([])
    try:
        yield
    finally:
        _warn_of_unreadable(_deferred.pop())


def is_warned_once():
    """Returns True within warned_once()."""
    return bool(_deferred)


def add_unreadable(row, error):
    """Adds a file that can't be read to the warning of warned_once()."""
    _deferred[-1].append((row, error))


def _warn_of_unreadable(failed):
    if _deferred:
        _deferred[-1].extend(failed)
    elif failed:
        runs = list(dict.fromkeys(os.path.basename(row.dir) for row, _ in failed))
        shown = ", ".join(runs[:10]) + (", …" if len(runs) > 10 else "")
        which = "run " + shown if len(runs) == 1 else "runs " + shown
        warn("%s: %s; its columns are missing (row.problems() names the file)" % (which, failed[0][1]))
