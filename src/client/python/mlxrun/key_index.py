"""The indexes in .keys/, which name the keys of metrics files and the artifacts, as MLXP writes them."""

import errno
import json
import os
import re

from .files import text_saver, write_whole
from .yaml_reader import load_yaml
from .yaml_scalars import BOOL


def load_index(path):
    """Returns an index as a mapping. Returns {} if it is missing or damaged; it is then written again."""
    try:
        return load_yaml(path) if os.path.exists(path) else {}
    except ValueError:
        return {}


def write_keys(path, keys):
    """Writes the index of a metrics file, and keeps the notes in it. Raises OSError."""
    notes = "".join(_notes(path))
    write_whole(path, text_saver("".join("%s: ''\n" % _yaml_key(key) for key in sorted(keys)) + notes))


def append_note(path, note):
    """Appends a comment to an index, as a line of its own. Raises OSError."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_CLOEXEC", 0), 0o666)
    try:
        size = os.fstat(file).st_size
        # The disk may have been full within the note before.
        is_torn = size > 0 and os.pread(file, 1, size - 1) != b"\n"
        line = (("\n" if is_torn else "") + note + "\n").encode("utf-8")
        if os.write(file, line) < len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    finally:
        os.close(file)


def _notes(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return [line for line in file if line.startswith("# lost: ") and line.endswith("\n")]
    except FileNotFoundError:
        return []


def add_artifact(path, type, name):
    """Adds an artifact to the index of artifacts. Raises OSError."""
    entries = load_index(path)
    folder, _, base = name.rpartition("/")
    key = "." + folder.replace("/", ".") if folder else ""
    names = entries.setdefault(type, {}).setdefault(key, {})
    if base not in names:
        names[base] = ""
        write_whole(path, text_saver(_nested_yaml(entries, "")))


def _yaml_key(key):
    is_plain = re.match(r"^[A-Za-z_][\w.-]*$", key) and not BOOL.match(key)
    return key if is_plain and key not in ("null", "Null", "NULL", "y", "n", "Y", "N") else json.dumps(key)


def _nested_yaml(mapping, indent):
    text = ""
    for key in sorted(mapping):
        value = mapping[key]
        if isinstance(value, dict):
            text += "%s%s:\n%s" % (indent, _yaml_key(key), _nested_yaml(value, indent + "  "))
        else:
            text += "%s%s: ''\n" % (indent, _yaml_key(key))
    return text
