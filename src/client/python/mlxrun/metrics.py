"""Metrics files: metrics/<log name>.json, one line of JSON for each call of log_metrics()."""

import errno
import json
import os
import re

from .key_index import append_note, load_index, write_keys

# MLXP keeps these names for itself.
_PROTECTED = ("info", "config", "mlxp", "artifacts")


def check_log_name(log_name):
    """Raises ValueError if a metrics file can't have this name."""
    if log_name in _PROTECTED or not re.match(r"^[\w.-]+$", log_name) or log_name.startswith("."):
        problem = "%r can't be a log name: use letters, digits, _ - . and none of %s"
        raise ValueError(problem % (log_name, ", ".join(_PROTECTED)))


def metrics_files(directory):
    """Returns the names of the metrics files in a directory; [] if there is no such directory."""
    try:
        return [name for name in os.listdir(directory) if name.endswith(".json")]
    except FileNotFoundError:
        return []


def plain(value):
    """Returns a metric as JSON can have it: numbers of numpy, torch and the like become Python's.

    An array of one number becomes that number, other arrays lists, and anything else its text.
    """
    if value is None or isinstance(value, (bool, int, float, str)):
        # A subclass such as numpy.float64 prints in its own way.
        return float(value) if isinstance(value, float) else value
    item = getattr(value, "item", None)
    if callable(item):
        try:
            return item()
        except (ValueError, RuntimeError):
            return value.tolist()
    return str(value)


def metrics_line(line, attempt):
    """Returns the line of a metrics file, as bytes: `line` as JSON, and the attempt that logged it."""
    text = json.dumps(line)
    tail = ', "_attempt": %d}\n' if line else '"_attempt": %d}\n'
    return (text[:-1] + tail % attempt).encode("utf-8")


def index_of(directory, log_name):
    """Returns the path of a metrics file's index."""
    return os.path.join(directory, ".keys", log_name + ".yaml")


class LostLines:
    """Counts the lines of a metrics file that could not be written, and notes the count in its index.

    The index is usually there already: on a full disk, its last block has room for a short line. The note is
    a comment, so that other readers of the index pass it over.
    """

    def __init__(self, index, attempt):
        self.index, self.attempt = index, attempt
        self.noted = self.new = 0

    def add(self):
        """Counts a line. The first one is noted at once, then each tenfold: the program may be killed."""
        self.new += 1
        if self.new >= 9 * self.noted:
            self.note()

    def note(self):
        """Notes the lines that were counted since the last note. Does nothing if that can't be written."""
        if self.new == 0:
            return
        try:
            append_note(self.index, "# lost: %d of attempt %d" % (self.new, self.attempt))
        except OSError:
            return
        self.noted, self.new = self.noted + self.new, 0


class MetricsFile:
    """A metrics file that stays open, and the keys that its index has."""

    def __init__(self, directory, log_name):
        self.index = index_of(directory, log_name)
        path = os.path.join(directory, log_name + ".json")
        os.makedirs(directory, exist_ok=True)
        self.file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_CLOEXEC", 0), 0o666)
        self.known = set(load_index(self.index))
        # True if the file ends inside a line: an earlier attempt was killed while it wrote, or the disk was
        # full. The next line must not become the rest of that one.
        size = os.fstat(self.file).st_size
        self.torn = size > 0 and os.pread(self.file, 1, size - 1) != b"\n"

    def append(self, line):
        """Appends a line in one write. Raises OSError."""
        whole = b"\n" + line if self.torn else line
        written = os.write(self.file, whole)
        self.torn = written < len(whole)
        if self.torn:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def add_keys(self, keys):
        """Adds keys to the index. Raises OSError."""
        if not self.known.issuperset(keys):
            self.known.update(keys)
            write_keys(self.index, self.known)
