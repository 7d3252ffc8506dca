"""Checkpoints: a program's state, and how long each metrics file was when it was saved.

A checkpoint is a pickle followed by one line of JSON. An attempt that loads the checkpoint of an earlier
one continues the metrics from there: the lines logged after it go to metrics/.superseded.
"""

import json
import os
import pickle

from .artifact_types import save_pickle
from .metrics import metrics_files


def save_checkpoint(directory, obj, path):
    """Writes the state `obj` of the program in a run directory to `path`. Raises OSError."""
    save_pickle(obj, path)
    metrics = os.path.join(directory, "metrics")
    sizes = dict((name, os.path.getsize(os.path.join(metrics, name))) for name in metrics_files(metrics))
    # Other readers of the pickle stop at its end, and don't see this line.
    with open(path, "ab") as file:
        file.write(("\n" + json.dumps({"metrics": sizes}) + "\n").encode("utf-8"))


def load_checkpoint(path):
    """Returns the state that a checkpoint holds, and the bytes that follow it, for rewind_metrics()."""
    with open(path, "rb") as file:
        state = pickle.load(file)
        return state, file.read()


def rewind_metrics(directory, attempt, rest):
    """Moves the metrics that earlier attempts logged after a checkpoint to metrics/.superseded.

    `rest` are the bytes that follow the checkpoint's pickle. Raises OSError.
    """
    try:
        sizes = json.loads(rest.decode("utf-8"))["metrics"]
    except (ValueError, KeyError, TypeError):
        # mlxrun has not written this checkpoint.
        return
    metrics = os.path.join(directory, "metrics")
    aside = os.path.join(metrics, ".superseded")
    os.makedirs(aside, exist_ok=True)
    try:
        # If several processes load the checkpoint, one of them moves the lines.
        os.close(os.open(os.path.join(aside, "attempt-%d" % attempt), os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return
    own = ('"_attempt": %d}' % attempt).encode("utf-8")
    for name in metrics_files(metrics):
        _move_lines(os.path.join(metrics, name), os.path.join(aside, name), sizes.get(name, 0), own)


def _move_lines(path, aside, size, own):
    """Moves the lines beyond `size` bytes that do not end with `own` to the end of the file `aside`."""
    with open(path, "r+b") as file:
        file.seek(size)
        lines = file.read().splitlines(True)
        old = [line for line in lines if not line.rstrip().endswith(own)]
        if not old:
            return
        with open(aside, "ab") as kept:
            kept.write(b"".join(old))
            kept.flush()
            os.fsync(kept.fileno())
        file.seek(size)
        file.write(b"".join(line for line in lines if line not in old))
        file.truncate()
