"""What a name means in a store: the same order for `mlx query`, `--where` and mlxrun.read(). Decided once for all runs of a store.

1. config.KEY, info.KEY, override.KEY and artifact.TYPE.NAME say what they are. info.X is also any fact X.
2. run, status, launch, attempt.
3. A metric: LOG.KEY, alone or with @REDUCER.
4. A key of the config; where the config holds a group or nothing, the word that was typed for it.
5. Other facts: name, engine, host, job, exit_code, reason, started, time, point, command.

The first kind that any run has is meant. A name that has two is said to have two, once.
"""

import os
import re
import sys
import warnings

from mlxfacts import ALWAYS, FACTS, OTHERS
from mlxmetrics import REDUCERS, is_reducer
from mlxquery import MISSING, STATUSES, QueryError, holds, names, parse, refuse_status

__all__ = ["Names", "warn", "written"]

_PREFIXES = ("config", "info", "override", "artifact")
_SAID = {"always": "what is recorded of each run", "other": "what is recorded of the run",
         "metric": "the metric", "key": "the key of the config"}
_PLAIN = re.compile(r"^[A-Za-z_0-9]+(?:\.[A-Za-z_0-9-]+)*$")


class Names:
    """The meanings of names for all of these rows. A meaning is (kind, key, reducer)."""

    def __init__(self, rows):
        self.rows = list(rows)
        self._meanings, self._reasons = {}, {}
        self._known = None

    def meaning(self, text):
        """What a column means; None where no run has it."""
        if text not in self._meanings:
            self._meanings[text] = self._find(text) if self.rows else None
        return self._meanings[text]

    def _find(self, text):
        quoted = re.match(r"^`([^`]+)`(?:@(.+))?$", text, re.S)
        name, reducer = quoted.groups() if quoted else (text, None)
        at = name.rfind("@")
        tries = [(name, reducer)]
        if reducer is None and at > 0 and name[at + 1:]:
            # The key of a metric may have an @ in it, too.
            tries.insert(len(tries) if quoted else 0, (name[:at], name[at + 1:]))
        for key, reducer in tries:
            if reducer is not None and not is_reducer(reducer):
                continue
            kinds = ["metric"] if reducer is not None else self._kinds(key)
            for kind in kinds:
                bare = key.partition(".")[2] if kind in _PREFIXES else key
                if self._has(kind, bare):
                    self._tell_of_two(key, kind, kinds)
                    return kind, bare, reducer
        return None

    @staticmethod
    def _kinds(key):
        prefix = key.partition(".")[0]
        if prefix in _PREFIXES and "." in key:
            return [prefix]
        return ["always", "metric", "key", "other"]

    def _has(self, kind, key):
        if kind == "always":
            return key in ALWAYS
        if kind == "other":
            return key in OTHERS
        if kind == "info" and key in FACTS:
            return True
        return any(row._has(kind, key) for row in self.rows)

    def _tell_of_two(self, name, kind, kinds):
        for other in kinds[kinds.index(kind) + 1:]:
            if other == "other" and not (name in OTHERS and any(row._fact(name) is not None for row in self.rows)):
                continue
            if self._has(other, name):
                way = "info" if other == "other" else "config"
                warn("%r means %s here; write %s.%s for %s" % (name, _SAID[kind], way, name, _SAID[other]))
                return

    # --- values

    def value(self, row, text):
        """What a column is for a row, as an expression has it; MISSING where the row has none."""
        if text in row._values:
            return row._values[text]
        meaning = self.meaning(text)
        return MISSING if meaning is None else row._value(*meaning)

    # --- names that no run has

    def known(self):
        """All names of all kinds, those that are likely meant first."""
        if self._known is None:
            found = {}
            if not self.rows:
                return []
            for row in self.rows:
                for log in reversed(row._logs()):
                    found.update(("%s.%s" % (log, key), None) for key in row._keys_of(log))
            for prefix in ("config.", "info."):
                for row in self.rows:
                    found.update((name if prefix == "info." else name[7:], None) for name in row._flat() if name.startswith(prefix))
                if prefix == "config.":
                    found.update((key, None) for row in self.rows for key in row._typed())
                    found.update((name, None) for name in FACTS)
            found.update((name, None) for row in self.rows for name in row._artifacts())
            self._known = list(found)
        return self._known

    def near(self, text, own=()):
        """At most five names that may have been meant; `own` are names of columns that were added."""
        quoted = re.match(r"^`([^`]+)`", text)
        name = quoted.group(1) if quoted else text.partition("@")[0]
        prefix = name.partition(".")[0]
        if prefix in ("config", "info", "override") and "." in name:
            bare = name[len(prefix) + 1:]
            ranked = _ranked(bare, self._keys(prefix))
            return [written("%s.%s" % (prefix, one)) for one in ranked]
        return [written(one) for one in _ranked(name, list(own) + self.known())]

    def _keys(self, prefix):
        if prefix == "override":
            return list(dict.fromkeys(key for row in self.rows for key in row._typed()))
        keys = dict.fromkeys(name[len(prefix) + 1:] for row in self.rows for name in row._flat() if name.startswith(prefix + "."))
        return list(keys) + [name for name in FACTS if prefix == "info" and name not in keys]

    def unknown(self, text, own=()):
        """Why a column is none: what no run has, and what may have been meant."""
        if (text, tuple(own)) not in self._reasons:
            self._reasons[text, tuple(own)] = self._unknown(text, own)
        return self._reasons[text, tuple(own)]

    def _unknown(self, text, own):
        reducer = text.rpartition("@")[2] if "@" in text else None
        if reducer is not None and not is_reducer(reducer):
            near = _ranked(reducer, REDUCERS)
            also = "did you mean %s?" % ", ".join(near) if near else "there are: %s, q10, q90, KEY=VALUE" % ", ".join(REDUCERS)
            return "%r after @ means nothing; %s" % (reducer, also)
        near = self.near(text, own)
        what = "metric " if reducer is not None else ""
        also = "did you mean %s?" % ", ".join(near) if near else "keys() lists all names"
        return "no %s has %s%r; %s" % ("run" if self.rows else "row", what, text.strip("`"), also)

    # --- expressions

    def condition(self, text, own=()):
        """A function of a row that tells whether an expression holds. Raises QueryError. `own` are names of added columns."""
        tree = parse(text)
        for name, at, beside in names(tree):
            if name.strip("`") not in own and (own or self.rows) and self.meaning(name) is None:
                raise QueryError(self._why(name, beside, own), text, at)
        refuse_status(tree, text, self._is_status)
        return lambda row: holds(tree, lambda name: self.value(row, name.strip("`") if name.strip("`") in own else name))

    def _is_status(self, name):
        return self.meaning(name) in (("always", "status", None), ("info", "status", None))

    def _why(self, name, beside, own):
        if "@" in name or "`" in name:
            return self.unknown(name, own)
        word = name.upper() if name.upper() in STATUSES else None
        if beside is None:
            return "no run has %r; write status == '%s'" % (name, word) if word else self.unknown(name, own)
        for side in beside[-2:]:
            if side[0] == "name" and side[1] != name and (side[1].strip("`") in own or self.meaning(side[1])):
                text = "'%s'" % (word if word and self._is_status(side[1]) else name)
                sign, text = ("in", "[%s]" % text) if beside[0] == "in" else (beside[1], text)
                near = self.near(name, own)
                quoted = "%s %s %s" % (side[1], sign, text)
                also = "did you mean %s, or the text: %s?" % (", ".join(near), quoted) if near else "a text is quoted: %s" % quoted
                return "no run has %r; %s" % (name, also)
        return self.unknown(name, own)


def warn(text):
    """Warns at the line of the program that asked."""
    depth, frame = 1, sys._getframe(0)
    while frame and os.path.dirname(frame.f_code.co_filename) == os.path.dirname(__file__):
        depth, frame = depth + 1, frame.f_back
    warnings.warn(text, stacklevel=depth)


def written(name):
    """A name as an expression has it: in backticks where it has other characters than words have."""
    return name if _PLAIN.match(name) else "`%s`" % name


def _ranked(word, candidates):
    word = word.lower()
    scores = []
    for place, name in enumerate(candidates):
        score = _distance_of(word, name.lower())
        if score is not None:
            scores.append((score, len(name), place, name))
    return [name for _, _, _, name in sorted(scores)[:5]]


def _distance_of(word, name):
    if name == word:
        return 0
    if name.endswith("." + word) or name.startswith(word + "."):
        return 1
    if len(word) > 1 and word in name:
        return 2
    (group, _, last), (place, _, tail) = word.rpartition("."), name.rpartition(".")
    if group and group == place:
        word, name = last, tail
    edits = min(_edits(word, name), _edits(word, tail) + 1 if len(tail) > 3 else 99)
    if edits <= (max(2, len(word) // 3) if len(word) > 4 else 1):
        return 2 + edits
    return 9 if group and last == tail else None


def _edits(a, b):
    """How many letters differ, two that are swapped counted as one; of very different lengths at least the difference."""
    if abs(len(a) - len(b)) > len(a) // 2 + 1:
        return abs(len(a) - len(b))
    before, last, row = None, [], list(range(len(b) + 1))
    for i, one in enumerate(a, 1):
        before, last, row = last if i > 1 else None, row, [i]
        for j, other in enumerate(b, 1):
            best = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (one != other))
            if before and j > 1 and one == b[j - 2] and a[i - 2] == other:
                best = min(best, before[j - 2] + 1)
            row.append(best)
    return row[-1]
