"""The functions that a program calls first."""

import os
import sys

from .config import Config
from .run import Run
from .yaml_reader import load_yaml, yaml_value


def start(config=None, log_dir=None):
    """Returns the Run of this process: its config, and where it writes.

    Both arguments are for a program that mlx composes no config for: its config file, and the directory to
    write to. Raises ValueError if the config can't be read or has a defaults list, which only `mlx run`
    composes.
    """
    directory = os.environ.get("MLX_LOG_DIR") or log_dir
    composed = os.environ.get("MLX_CONFIG")
    if composed and os.path.exists(composed):
        whole = load_yaml(composed)
        # For a command with words of its own (mlx job, mlx submit) mlx composes an empty config.
        if whole or not config:
            return Run(directory, whole)
    base = load_yaml(_beside_program(config)) if config else Config()
    if "defaults" in base:
        problem = "%s has a defaults list, which mlx composes: start the program with mlx run"
        raise ValueError(problem % config)
    return Run(directory, _with_overrides(base, sys.argv[1:]))


def slice_tasks(tasks):
    """Returns the part of a list that this task of an array works on; the whole list outside of an array.

    TASK_INDEX, which counts from 1, is the first task, and TASK_STEPSIZE the number of tasks. Raises
    ValueError if one of them is below 1.
    """
    tasks = list(tasks)
    index = os.environ.get("TASK_INDEX")
    if not index:
        return tasks
    first = int(index) - 1
    size = int(os.environ.get("TASK_STEPSIZE") or 1)
    if first < 0 or size < 1:
        raise ValueError("TASK_INDEX=%s TASK_STEPSIZE=%s: both count from 1" % (index, size))
    return tasks[first:first + size]


def read(store="logs", attempts="path"):
    """Returns the runs of a store, to read their results. It is mlxread.read(): see help("mlxread")."""
    import mlxread
    return mlxread.read(store, attempts)


def _beside_program(path):
    """Returns a config's path beside the program if it exists there, else as it is."""
    program = os.path.dirname(os.path.abspath(sys.argv[0] or "."))
    beside = os.path.join(program, path)
    return beside if os.path.exists(beside) else path


def _with_overrides(config, words):
    """Applies the key=value words of a command line to a config."""
    for word in words:
        key, equals, text = word.lstrip("+").partition("=")
        if not equals or word.startswith("-"):
            continue
        place = config
        *parents, last = key.split(".")
        for parent in parents:
            place = place.setdefault(parent, Config())
        place[last] = yaml_value(text, "the command line") if text else ""
    return config
