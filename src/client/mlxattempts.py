"""Which lines of a run's metrics files count, for mlxread.py: those on the way to the run's last attempt.

The same rule as in mlx itself (src/reader: metric-text.ts, attempt-places.ts, attempt-lines.ts); docs/reading.md explains it.
Standard library only; Python 3.8 on.
"""

import json
import math
import os
import re

#: What metrics are logged beside. Attempts are fitted together by these keys.
STEPS = ("epoch", "step", "iteration", "global_step", "iter", "it", "update", "episode", "timestep", "timesteps", "round")

MODES = ("path", "last", "all")

_BLANK = bytes(range(33))
_SPACE = b" \t\r\n"
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{}"]|[^ \t\r\n"\[\]{}]+', re.S)
#: Seconds by which a note's own time may differ from the file system's; more, and the store was copied.
_CLOCKS_DIFFER = 120
#: The file of an attempt that has begun.
_CLAIM = r"^(\d+)\.yaml$"


class Log:
    """What counts of a metrics file: `lines`, numbers of `broken` ones, whether it is `torn` at its end, and the attempt that
    wrote the lines (`earlier`) if the last attempt has not written to the file and nothing says that it goes on from them."""

    def __init__(self, lines, text, earlier=None):
        self.lines = lines
        self.broken, self.torn = text.broken, text.torn
        self.earlier = earlier
        #: Numbers of the lines that were passed over.
        self.passed_over = text.broken + ([text.last] if text.torn else [])


class Logs:
    """The logs of a run by their names, read when they are asked for; of a run with one attempt only the file that is asked for."""

    def __init__(self, run, choice="path"):
        self._run, self._choice = run, choice
        self._read, self._all = {}, None

    def __getitem__(self, name):
        if name not in self._read:
            self._read[name] = self._simple(name) or self._of_attempts(name)
        return self._read[name]

    def _simple(self, name):
        records = os.path.join(self._run, "metadata", "attempts")
        if self._all is not None or self._choice not in ("path", "last") or max([0] + _numbers(records, _CLAIM)) > 1:
            return None
        text = parse(_bytes(os.path.join(self._run, "metrics", name + ".json")))
        return Log(text.lines, text) if all((named_attempt(line) or 1) == 1 for line in text.lines) else None

    def _of_attempts(self, name):
        if self._all is None:
            self._all = read_logs(self._run, self._choice)
        return self._all.get(name) or Log([], Text())


def read_logs(run, choice="path"):
    """The logs of a run by their names; `choice` is "path", "last" or the number of an attempt, all of whose lines are returned."""
    loaded = _Loaded(run)
    if choice == "path":
        return loaded.on_the_way()
    if choice == "last":
        return loaded.of_attempt(loaded.last, loaded.files)
    return loaded.of_attempt(choice, loaded.with_superseded())


def attempts_of(run):
    """The attempts of a run that have begun or logged something, ascending."""
    loaded = _Loaded(run)
    found = set(range(1, loaded.known + 1))
    for lines in loaded.with_superseded().values():
        found.update(attempt for _, attempt in lines)
    return sorted(found)


def log_names(directory):
    """The names of the metrics files in a directory, sorted."""
    try:
        with os.scandir(directory) as entries:
            return sorted(one.name[:-5] for one in entries if one.name.endswith(".json") and not one.is_dir(follow_symlinks=False))
    except OSError:
        return []


# --- The text of a file ------------------------------------------------------------------------------------------------

class Text:
    """A metrics file as lines: `lines`, the bytes at which each begins and ends (`places`), `broken` and `torn` as in Log,
    and the number of the `last` line."""

    def __init__(self):
        self.lines, self.places, self.broken, self.torn, self.last = [], [], [], False, 1


def parse(data, cuts=()):
    """Reads JSON lines; or JSON documents: an array of objects, an object with arrays of one length, or any other object."""
    begin = 3 if data.startswith(b"\xef\xbb\xbf") else 0
    at = begin
    while at < len(data) and data[at:at + 1] in (b" ", b"\t", b"\r", b"\n"):
        at += 1
    if at == len(data):
        return Text()
    end = data.find(b"\n", at)
    opening = data[at:len(data) if end == -1 else end].rstrip(b" \t\r")
    if data[at:at + 1] == b"[" or opening == b"{":
        return _documents(data, at)
    text = _lines(data, begin, cuts)
    if text.torn or text.broken:
        if data[at:at + 1] == b"{" and (text.places[0][0] if text.places else len(data)) > at:
            documents = _documents(data, at)
            if not documents.torn and not documents.broken:
                return documents
        return text
    return _columns_apart(text) if len(text.lines) == 1 else text


def _lines(data, begin, cuts):
    text = Text()

    def take(start, end):
        part = data[start:end].strip(_SPACE)
        line = _value(part) if part.startswith(b"{") else None
        if not isinstance(line, dict):
            return False
        text.lines.append(flat(line))
        text.places.append((start, end))
        return True

    at, number = begin, 0
    while at < len(data):
        next_end = data.find(b"\n", at)
        start, end = at, len(data) if next_end == -1 else next_end
        number, at = number + 1, end + 1
        if not data[start:end].strip(_BLANK) or take(start, end):
            continue
        # An attempt was killed in this line, and the next one went on after it.
        bounds = [start] + sorted(set(cut for cut in cuts if start < cut < end)) + [end]
        if all([take(bounds[i], bounds[i + 1]) for i in range(len(bounds) - 1)]):
            continue
        if next_end == -1:
            text.torn, text.last = True, number
        else:
            text.broken.append(number)
    return text


def _documents(data, begin):
    text = Text()
    depth, start, values = 0, begin, 0

    def broken():
        number = 1 + data.count(b"\n", 0, start)
        if number not in text.broken[-1:]:
            text.broken.append(number)

    for match in _TOKEN.finditer(data, begin):
        sign = match.group()
        if depth == 0:
            start = match.start()
        if sign in (b"[", b"{"):
            depth += 1
        elif depth == 0:
            broken()
        elif sign in (b"]", b"}"):
            depth -= 1
        else:
            continue
        if depth > 0 or sign not in (b"]", b"}"):
            continue
        values += 1
        value = _value(data[start:match.end()])
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict):
                text.lines.append(flat(one))
                text.places.append((start, match.end()))
            else:
                broken()
    text.torn, text.last = depth > 0, 1 + data.count(b"\n")
    alone = values == 1 and len(text.lines) == 1 and data[text.places[0][0]:text.places[0][0] + 1] == b"{"
    return _columns_apart(text) if alone and not text.torn and not text.broken else text


def _value(part):
    try:
        return json.loads(part.decode("utf-8", "replace"), parse_int=_integer)
    except (ValueError, RecursionError):
        return None


def _integer(digits):
    # Beyond 2^53, and for -0, as all who read JSON by its numbers being doubles.
    if len(digits) > 15 and (len(digits) > 17 or abs(int(digits)) > 2 ** 53) or digits == "-0":
        return float(digits)
    return int(digits)


def flat(record):
    """{"val": {"loss": 1}} with the key val.loss."""
    if not any(isinstance(value, dict) for value in record.values()):
        return record
    found = {}
    _flatten(record, "", found)
    return found


def _flatten(record, prefix, into):
    for key, value in record.items():
        if isinstance(value, dict):
            _flatten(value, prefix + key + ".", into)
        else:
            into[prefix + key] = value


def _columns_apart(text):
    """{"loss": [3, 2], "acc": [0.1, 0.2]} as two lines."""
    line = text.lines[0]
    columns = [(key, values) for key, values in line.items() if key != "_attempt"]
    length = len(columns[0][1]) if columns and isinstance(columns[0][1], list) else 0
    if not length or not all(isinstance(values, list) and len(values) == length for _, values in columns):
        return text
    own = [("_attempt", line["_attempt"])] if "_attempt" in line else []
    text.lines = [flat(dict([(key, values[i]) for key, values in columns] + own)) for i in range(length)]
    text.places = text.places * length
    return text


# --- Which attempt wrote a line ----------------------------------------------------------------------------------------

class _Loaded:
    """The metrics files of a run, each line with its attempt."""

    def __init__(self, run):
        self.directory = os.path.join(run, "metrics")
        records = os.path.join(run, "metadata", "attempts")
        self.known = max([0] + _numbers(records, _CLAIM))
        self.continued = set(_numbers(os.path.join(self.directory, ".superseded"), r"^attempt-([1-9]\d{0,8})$"))
        # Attempts that passed over steps which an earlier one had done: files that they have not written may be of these steps.
        steps = ((n, _bytes(os.path.join(records, "%d.steps" % n))) for n in _numbers(records, r"^(\d+)\.steps$"))
        self.passed_over = set(n for n, text in steps if re.search(rb"^- \{step: [\w.-]+, .*\bdone_in: \d+.*\}$", text, re.M))
        notes = [_Note(records, attempt) for attempt in sorted(_numbers(records, r"^([1-9]\d{0,8})\.metrics$"))]
        self.texts, self.files = {}, {}
        for name in log_names(self.directory):
            path = os.path.join(self.directory, name + ".json")
            noted = [note.of(path) for note in notes if note.seconds is not None]
            data = _bytes(path)
            self.texts[name] = parse(data, [length for _, length, _ in noted])
            self.files[name] = attempts_by_place(self.texts[name], len(data), noted, self.continued)
        self.last = max([self.known] + [attempt for lines in self.files.values() for _, attempt in lines])

    def on_the_way(self):
        kept = lines_on_the_way(self.files, self.last, self.continued, self.passed_over)
        return dict((name, self._log(name, lines, earlier)) for name, (lines, earlier) in kept.items())

    def of_attempt(self, wanted, files):
        return dict((name, self._log(name, [line for line in lines if line[1] == wanted])) for name, lines in files.items())

    def with_superseded(self):
        """All lines, with those that were set aside when a checkpoint was loaded."""
        files = dict(self.files)
        aside = os.path.join(self.directory, ".superseded")
        for name in log_names(aside):
            data = _bytes(os.path.join(aside, name + ".json"))
            files[name] = files.get(name, []) + attempts_by_place(parse(data), len(data), [], set())
        return files

    def _log(self, name, lines, earlier=None):
        text = self.texts.get(name) or Text()
        return Log([record for record, _ in lines], text, earlier)


def _numbers(directory, pattern):
    try:
        names = os.listdir(directory)
    except OSError:
        return []
    return [int(match.group(1)) for match in (re.match(pattern, name) for name in names) if match]


def _bytes(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


class _Note:
    """How long each metrics file was when an attempt began; see docs/store.md. A note that is not whole counts as missing."""

    def __init__(self, directory, attempt):
        self.attempt = attempt
        self.path = os.path.join(directory, "%d.metrics" % attempt)
        whole = re.match(rb"^([\d.]+)\n((?:\d+ [^/]+/\n)*)\.\.\.\n$", _bytes(self.path))
        self.seconds = float(whole.group(1)) if whole else None
        files = re.findall(rb"(\d+) ([^/]+)/\n", whole.group(2)) if whole else []
        self.lengths = dict((os.fsdecode(name), int(length)) for length, name in files)

    def of(self, path):
        """(attempt, length, whether the file was written since then)."""
        length, touched = self.lengths.get(os.path.basename(path), 0), False
        try:
            now, note = os.stat(path), os.stat(self.path)
            if now.st_size == length and abs(note.st_mtime - self.seconds) < _CLOCKS_DIFFER:
                touched = now.st_mtime_ns > note.st_mtime_ns
        except OSError:
            pass
        return (self.attempt, length, touched)


def named_attempt(record):
    """The attempt that a line names, or None."""
    value = record.get("_attempt")
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= 2 ** 53 - 1 or value != int(value):
        return None
    return int(value)


def attempts_by_place(text, size, noted, continued):
    """(line, attempt) pairs: the attempt that a line names, else the latest that began when the file was no longer than the line's place."""
    named = [named_attempt(record) for record in text.lines]
    is_clients = any(attempt is not None for attempt in named)
    base, appended = 1, []
    for attempt, length, touched in noted:
        inside = any(start < length < end for start, end in text.places)
        if length > size or (length == size and touched) or inside:
            # A later attempt has written the file again; but a client that loads a checkpoint cuts its files.
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


# --- Which lines count -------------------------------------------------------------------------------------------------

def lines_on_the_way(files, last, continued, passed_over=()):
    """For each file the (line, attempt) pairs on the way to the last attempt, and the earlier attempt that they are of, or None."""
    kept = dict((name, []) for name in files)
    ascending = dict((name, _without_late(lines)) for name, lines in files.items())
    attempts = set(attempt for lines in ascending.values() for _, attempt in lines)
    fitted = set()
    for attempt in sorted(attempts):
        own = dict((name, [line for line in lines if line[1] == attempt]) for name, lines in ascending.items())
        fitted = set(kept) if attempt in continued else _set_aside(kept, own, attempt in passed_over)
        for name, lines in own.items():
            kept[name].extend(lines)
    found = {}
    for name, lines in kept.items():
        latest = lines[-1][1] if lines else last
        is_current = latest == last or last in continued or last in passed_over or (last in attempts and name in fitted)
        found[name] = (lines, None if is_current else latest)
    return found


def _without_late(lines):
    """A line of an earlier attempt after one of a later attempt was written by a process that was taken for dead."""
    found, latest = [], 0
    for line in lines:
        if line[1] >= latest:
            latest = line[1]
            found.append(line)
    return found


def _set_aside(kept, own, keeps_others):
    """Removes from the kept lines what an attempt did not go on from; with keeps_others only in files that it has written.

    Returns the files in which a step says what stays.
    """
    cuts = {}
    for lines in own.values():
        for key in STEPS:
            steps = [step for step in (_step(record, key) for record, _ in lines) if step is not None][:1]
            for step in steps:
                cuts[key] = min(step, cuts.get(key, step))
    fitted = set()
    for name, lines in kept.items():
        added = own.get(name, [])
        if not added and keeps_others:
            continue
        keys = [key for key in STEPS if key in cuts and _has_step(lines, key) and (not added or _has_step(added, key))]
        key = _finest(keys, lines + added)
        if key is None:
            if added:
                del lines[:]
            continue
        end = len(lines)
        while end and not (_step(lines[end - 1][0], key) is not None and _step(lines[end - 1][0], key) < cuts[key]):
            end -= 1
        del lines[end:]
        fitted.add(name)
    return fitted


def _finest(keys, lines):
    """The key that descends least often within an attempt; of several the one with most distinct values; of these the first.

    One that descends as often as it ascends is no step: a speed, perhaps.
    """
    def rank(key):
        descents, ascents, before, values = 0, 0, None, set()
        for record, attempt in lines:
            step = _step(record, key)
            if step is None:
                continue
            if before is not None and before[1] == attempt:
                descents += step < before[0]
                ascents += step > before[0]
            before = (step, attempt)
            values.add(step)
        return (descents > 0 and descents >= ascents, descents, -len(values))
    ranks = [(rank(key), key) for key in keys]
    found = min(ranks, key=lambda one: one[0]) if ranks else ((True,), None)
    return None if found[0][0] else found[1]


def _has_step(lines, key):
    return any(_step(record, key) is not None for record, _ in lines)


def _step(record, key):
    value = record.get(key)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return None
    return value
