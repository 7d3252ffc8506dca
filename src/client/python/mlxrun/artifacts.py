"""The files that a run saves: artifacts/<type>/<name>."""

import os
import re

from .artifact_types import BUILT_IN_TYPES
from .files import check_inside, write_whole
from .key_index import add_artifact

_types = dict(BUILT_IN_TYPES)


def register_artifact_type(name, save, load):
    """Adds an artifact type: save(obj, path) writes a file, load(path) returns what it holds.

    Raises ValueError if the name is taken or has other characters than letters, digits, _ and -.
    """
    if name in BUILT_IN_TYPES:
        raise ValueError("%r is an artifact type of mlxrun itself; choose another name" % name)
    if not re.match(r"^[\w-]+$", name) or name == "Checkpoint":
        raise ValueError("%r can't be an artifact type: use letters, digits, _ and -" % name)
    _types[name] = (save, load)


def saver_of(type):
    """Returns the function that saves artifacts of a type. Raises ValueError if there is no such type."""
    if type not in _types:
        raise ValueError(_unknown_type(type) + "; register_artifact_type() adds one")
    return _types[type][0]


def save_artifact(directory, place, save, flush=False):
    """Writes an artifact of a run directory, whole or not at all, and adds it to the index.

    `place` is its (type, name). Raises OSError, and ValueError if the name leaves the type's folder.
    """
    type, name = place
    base = os.path.join(directory, "artifacts")
    path = os.path.join(base, type, name)
    check_inside(os.path.join(base, type), path)
    write_whole(path, save, flush)
    add_artifact(os.path.join(base, ".keys", "artifacts.yaml"), type, name)


def load_artifact(directory, name, type=None):
    """Returns an artifact of a run directory; without a type, that of the first type that has the name.

    Raises FileNotFoundError if the artifact is missing, and ValueError if there is no such type or the name
    leaves the type's folder.
    """
    base = os.path.join(directory, "artifacts")
    if type is None:
        found = [kind for kind in _types if os.path.exists(os.path.join(base, kind, name))]
        if not found:
            raise FileNotFoundError("no artifact %r in %s" % (name, base))
        type = found[0]
    if type not in _types:
        raise ValueError(_unknown_type(type))
    check_inside(os.path.join(base, type), os.path.join(base, type, name))
    return _types[type][1](os.path.join(base, type, name))


def _unknown_type(type):
    return "unknown artifact type %r; there are: %s" % (type, ", ".join(sorted(_types)))
