"""The attempt that wrote each line of a run's metrics files.

mlx itself has the same rules in attempt-places.ts, and docs/reading.md explains them.
"""

import os
import re

from .metric_text import MetricText, parse_metrics

#: Seconds by which a note's own time may differ from the file system's. If they differ more, the store was
#: copied.
_CLOCKS_DIFFER = 120
#: The file of an attempt that has begun.
_CLAIM = r"^(\d+)\.yaml$"


class LoadedMetrics:
    """The metrics files of a run, each line with its attempt.

    `texts` are the MetricTexts and `files` the lists of (line, attempt) pairs, by name. `known` is the number
    of attempts that have begun, and `last` the last attempt that has begun or logged something. `continued`
    are the attempts that loaded a checkpoint, and `passed_over` those that skipped steps of earlier ones.
    """

    def __init__(self, run):
        self.directory = os.path.join(run, "metrics")
        records = os.path.join(run, "metadata", "attempts")
        self.known = count_attempts(run)
        aside = os.path.join(self.directory, ".superseded")
        self.continued = set(_numbers(aside, r"^attempt-([1-9]\d{0,8})$"))
        # An attempt skips steps that an earlier one has done. Files that it has not written may be of these.
        with_steps = _numbers(records, r"^(\d+)\.steps$")
        steps = ((one, file_bytes(os.path.join(records, "%d.steps" % one))) for one in with_steps)
        skipped = rb"^- \{step: [\w.-]+, .*\bdone_in: \d+.*\}$"
        self.passed_over = set(attempt for attempt, text in steps if re.search(skipped, text, re.M))
        noted_attempts = sorted(_numbers(records, r"^([1-9]\d{0,8})\.metrics$"))
        notes = [_Note(records, attempt) for attempt in noted_attempts]
        self.texts, self.files = {}, {}
        for name in log_names(self.directory):
            path = os.path.join(self.directory, name + ".json")
            noted = [note.of(path) for note in notes if note.seconds is not None]
            data = file_bytes(path)
            self.texts[name] = parse_metrics(data, [length for _, length, _ in noted])
            self.files[name] = attempts_by_place(self.texts[name], len(data), noted, self.continued)
        self.last = max([self.known] + [attempt for lines in self.files.values() for _, attempt in lines])

    def with_superseded(self):
        """Returns all lines like `files`, and those that were set aside when a checkpoint was loaded."""
        files = dict(self.files)
        aside = os.path.join(self.directory, ".superseded")
        for name in log_names(aside):
            data = file_bytes(os.path.join(aside, name + ".json"))
            files[name] = files.get(name, []) + attempts_by_place(parse_metrics(data), len(data), [], set())
        return files

    def text(self, name):
        """Returns the MetricText of a file; an empty one if all of its lines were set aside."""
        return self.texts.get(name) or MetricText()


def count_attempts(run):
    """Returns the number of a run's last attempt that has begun; 0 before the first."""
    return max([0] + _numbers(os.path.join(run, "metadata", "attempts"), _CLAIM))


def log_names(directory):
    """Returns the names of the metrics files in a directory, sorted; [] if it can't be read."""
    try:
        with os.scandir(directory) as entries:
            files = [one for one in entries if one.name.endswith(".json")]
            return sorted(one.name[:-5] for one in files if not one.is_dir(follow_symlinks=False))
    except OSError:
        return []


def _numbers(directory, pattern):
    try:
        names = os.listdir(directory)
    except OSError:
        return []
    return [int(match.group(1)) for match in (re.match(pattern, name) for name in names) if match]


def file_bytes(path):
    """Returns what a file holds; nothing if it can't be read."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


class _Note:
    """How long each metrics file was when an attempt began; see docs/store.md.

    `seconds` is when the note was written. It is None if the note is missing or not whole.
    """

    def __init__(self, directory, attempt):
        self.attempt = attempt
        self.path = os.path.join(directory, "%d.metrics" % attempt)
        whole = re.match(rb"^([\d.]+)\n((?:\d+ [^/]+/\n)*)\.\.\.\n$", file_bytes(self.path))
        self.seconds = float(whole.group(1)) if whole else None
        files = re.findall(rb"(\d+) ([^/]+)/\n", whole.group(2)) if whole else []
        self.lengths = dict((os.fsdecode(name), int(length)) for length, name in files)

    def of(self, path):
        """Returns (attempt, the file's length then, whether the file of this length was written since)."""
        length, touched = self.lengths.get(os.path.basename(path), 0), False
        try:
            now, note = os.stat(path), os.stat(self.path)
            if now.st_size == length and abs(note.st_mtime - self.seconds) < _CLOCKS_DIFFER:
                touched = now.st_mtime_ns > note.st_mtime_ns
        except OSError:
            pass
        return (self.attempt, length, touched)


def named_attempt(record):
    """Returns the attempt that a line names, or None."""
    value = record.get("_attempt")
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    if not 0 < value <= 2 ** 53 - 1 or value != int(value):
        return None
    return int(value)


def attempts_by_place(text, size, noted, continued):
    """Returns the (line, attempt) pairs of a file of `size` bytes.

    A line's attempt is the one that it names, else the latest attempt that began when the file was not longer
    than up to the line. `noted` has (attempt, length, touched) of each attempt's note.
    """
    named = [named_attempt(record) for record in text.lines]
    is_clients = any(attempt is not None for attempt in named)
    base, appended = 1, []
    for attempt, length, touched in noted:
        inside = any(start < length < end for start, end in text.places)
        if length > size or (length == size and touched) or inside:
            # A later attempt has written the file again. But a client that loads a checkpoint cuts its files.
            if not is_clients and attempt not in continued:
                base = max(base, attempt)
        else:
            appended.append((attempt, length))
    found, before = [], base
    for record, own, (start, _) in zip(text.lines, named, text.places):
        placed = base
        for attempt, length in appended:
            if attempt > base and length <= start:
                placed = attempt
        attempt = own if own is not None else max(placed, before)
        before = max(before, attempt)
        found.append((record, attempt))
    return found
