"""The metrics of a run with one or several attempts, for Row."""

import os

from .attempt_lines import lines_on_the_way
from .attempt_places import LoadedMetrics, count_attempts, file_bytes, named_attempt
from .metric_text import MetricText, parse_metrics

#: Which attempts' lines count: see read() in store.py.
MODES = ("path", "last", "all")


class Log:
    """The lines of a metrics file that count.

    `broken` are the numbers of lines that are not JSON, and `torn` is True if the last line is not whole.
    `earlier` is the attempt that wrote the lines, if the last attempt has not written to the file and nothing
    says that it continues from them; else None.
    """

    def __init__(self, lines, text, earlier=None):
        self.lines = lines
        self.broken, self.torn = text.broken, text.torn
        self.earlier = earlier
        #: The numbers of the lines that are left out.
        self.passed_over = text.broken + ([text.last] if text.torn else [])


class Logs:
    """The logs of a run by their names, read when they are asked for.

    If the run has only one attempt, only the file that is asked for is read.
    """

    def __init__(self, run, choice="path"):
        self._run, self._choice = run, choice
        self._read, self._all = {}, None

    def __getitem__(self, name):
        if name not in self._read:
            self._read[name] = self._simple(name) or self._of_attempts(name)
        return self._read[name]

    def _simple(self, name):
        if self._all is not None or self._choice not in ("path", "last") or count_attempts(self._run) > 1:
            return None
        text = parse_metrics(file_bytes(os.path.join(self._run, "metrics", name + ".json")))
        return Log(text.lines, text) if all((named_attempt(line) or 1) == 1 for line in text.lines) else None

    def _of_attempts(self, name):
        if self._all is None:
            self._all = read_logs(self._run, self._choice)
        return self._all.get(name) or Log([], MetricText())


def read_logs(run, choice="path"):
    """Returns the Logs of a run's metrics files, by name.

    `choice` is "path", "last" or the number of an attempt. An attempt's lines include those that were set
    aside.
    """
    loaded = LoadedMetrics(run)
    if choice == "path":
        kept = lines_on_the_way(loaded.files, loaded.last, loaded.continued, loaded.passed_over)
        return dict((name, _log(loaded, name, lines, earlier)) for name, (lines, earlier) in kept.items())
    if choice == "last":
        return _of_attempt(loaded, loaded.last, loaded.files)
    return _of_attempt(loaded, choice, loaded.with_superseded())


def _of_attempt(loaded, wanted, files):
    own = dict((name, [line for line in lines if line[1] == wanted]) for name, lines in files.items())
    return dict((name, _log(loaded, name, lines)) for name, lines in own.items())


def _log(loaded, name, lines, earlier=None):
    return Log([record for record, _ in lines], loaded.text(name), earlier)


def attempts_of(run):
    """Returns the attempts of a run that have begun or logged something, ascending."""
    loaded = LoadedMetrics(run)
    found = set(range(1, loaded.known + 1))
    for lines in loaded.with_superseded().values():
        found.update(attempt for _, attempt in lines)
    return sorted(found)
