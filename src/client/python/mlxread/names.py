"""The meaning of a name in a store: the same for `mlx query`, `--where` and mlxrun.read().

A name means the first of these that any run of the store has:

1. config.KEY, info.KEY, override.KEY and artifact.TYPE.NAME mean that kind. info.X is also any fact X.
2. run, status, launch, attempt.
3. A metric: LOG.KEY, alone or with @REDUCER.
4. A key of the config. If the config has a group or nothing there, the override that was typed for the key.
5. Other facts: name, engine, host, job, exit_code, reason, started, ended, time, point, command.

If a name has two meanings, a warning says so once.
"""

import re

from .evaluate import MISSING, holds
from .facts import ALWAYS, FACTS, OTHERS
from .near import ranked, written
from .query import QueryError, names, parse, refuse_status
from .reducers import REDUCERS, is_reducer
from .status import STATUSES
from .warn import warn

_PREFIXES = ("config", "info", "override", "artifact")
_KINDS_IN_WORDS = {"always": "what is recorded of each run", "other": "what is recorded of the run",
                   "metric": "the metric", "key": "the key of the config"}


class Names:
    """The meanings of names for some rows. A meaning is (kind, key, reducer); the reducer may be None."""

    def __init__(self, rows):
        self.rows = list(rows)
        self._meanings, self._reasons = {}, {}
        self._known = None

    def meaning(self, text):
        """Returns the meaning of a name; None if no run has it."""
        if text not in self._meanings:
            self._meanings[text] = self._find(text) if self.rows else None
        return self._meanings[text]

    def _find(self, text):
        quoted = re.match(r"^`([^`]+)`(?:@(.+))?$", text, re.S)
        name, reducer = quoted.groups() if quoted else (text, None)
        at = name.rfind("@")
        tries = [(name, reducer)]
        if reducer is None and at > 0 and name[at + 1:]:
            # A metric's key may also have an @ in it.
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
            if other == "other" and all(row._fact(name) is None for row in self.rows if name in OTHERS):
                continue
            if self._has(other, name):
                way = "info" if other == "other" else "config"
                here, there = _KINDS_IN_WORDS[kind], _KINDS_IN_WORDS[other]
                warn("%r means %s here; write %s.%s for %s" % (name, here, way, name, there))
                return

    # --- Values

    def value(self, row, text):
        """Returns the value that a name has for a row in an expression; MISSING if it has none."""
        if text in row._values:
            return row._values[text]
        meaning = self.meaning(text)
        return MISSING if meaning is None else row._value(*meaning)

    # --- Names that no run has

    def known(self):
        """Returns all names of all kinds, the likely ones first."""
        if self._known is None:
            found = {}
            if not self.rows:
                return []
            for row in self.rows:
                for log in reversed(row._logs()):
                    found.update(("%s.%s" % (log, key), None) for key in row._keys_of(log))
            for prefix in ("config.", "info."):
                for row in self.rows:
                    columns = (name for name in row._flat() if name.startswith(prefix))
                    found.update((name if prefix == "info." else name[7:], None) for name in columns)
                if prefix == "config.":
                    found.update((key, None) for row in self.rows for key in row._typed())
                    found.update((name, None) for name in FACTS)
            found.update((name, None) for row in self.rows for name in row._artifacts())
            self._known = list(found)
        return self._known

    def near(self, text, own=()):
        """Returns at most five names that may have been meant. `own` are names of added columns."""
        quoted = re.match(r"^`([^`]+)`", text)
        name = quoted.group(1) if quoted else text.partition("@")[0]
        prefix = name.partition(".")[0]
        if prefix in ("config", "info", "override") and "." in name:
            bare = name[len(prefix) + 1:]
            return [written("%s.%s" % (prefix, one)) for one in ranked(bare, self._keys(prefix))]
        return [written(one) for one in ranked(name, list(own) + self.known())]

    def _keys(self, prefix):
        if prefix == "override":
            return list(dict.fromkeys(key for row in self.rows for key in row._typed()))
        columns = (name for row in self.rows for name in row._flat())
        keys = dict.fromkeys(name[len(prefix) + 1:] for name in columns if name.startswith(prefix + "."))
        return list(keys) + [name for name in FACTS if prefix == "info" and name not in keys]

    def unknown(self, text, own=()):
        """Returns the message for a name that no run has, with the names that may have been meant."""
        if (text, tuple(own)) not in self._reasons:
            self._reasons[text, tuple(own)] = self._unknown(text, own)
        return self._reasons[text, tuple(own)]

    def _unknown(self, text, own):
        reducer = text.rpartition("@")[2] if "@" in text else None
        if reducer is not None and not is_reducer(reducer):
            near = ranked(reducer, REDUCERS)
            all_of_them = "there are: %s, q10, q90, KEY=VALUE" % ", ".join(REDUCERS)
            also = "did you mean %s?" % ", ".join(near) if near else all_of_them
            return "%r after @ means nothing; %s" % (reducer, also)
        near = self.near(text, own)
        what = "metric " if reducer is not None else ""
        also = "did you mean %s?" % ", ".join(near) if near else "keys() lists all names"
        return "no %s has %s%r; %s" % ("run" if self.rows else "row", what, text.strip("`"), also)

    # --- Expressions

    def condition(self, text, own=()):
        """Returns a function of a row that returns True if an expression holds. Raises QueryError.

        `own` are names of added columns.
        """
        tree = parse(text)
        for name, at, beside in names(tree):
            if name.strip("`") not in own and (own or self.rows) and self.meaning(name) is None:
                raise QueryError(self._why(name, beside, own), text, at)
        refuse_status(tree, text, self._is_status)

        def column(name):
            return name.strip("`") if name.strip("`") in own else name
        return lambda row: holds(tree, lambda name: self.value(row, column(name)))

    def _is_status(self, name):
        return self.meaning(name) in (("always", "status", None), ("info", "status", None))

    def _why(self, name, beside, own):
        """Returns the message for a name in an expression: it may be a text without quotes."""
        if "@" in name or "`" in name:
            return self.unknown(name, own)
        word = name.upper() if name.upper() in STATUSES else None
        if beside is None:
            if word:
                return "no run has %r; write status == '%s'" % (name, word)
            return self.unknown(name, own)
        for side in beside[-2:]:
            if side[0] != "name" or side[1] == name:
                continue
            if side[1].strip("`") in own or self.meaning(side[1]):
                text = "'%s'" % (word if word and self._is_status(side[1]) else name)
                sign, text = ("in", "[%s]" % text) if beside[0] == "in" else (beside[1], text)
                near = self.near(name, own)
                quoted = "%s %s %s" % (side[1], sign, text)
                also = "a text is quoted: %s" % quoted
                if near:
                    also = "did you mean %s, or the text: %s?" % (", ".join(near), quoted)
                return "no run has %r; %s" % (name, also)
        return self.unknown(name, own)
