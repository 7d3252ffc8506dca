"""One run, by the names of its columns."""

import os
import re
from collections.abc import Mapping

from .attempt_places import log_names
from .attempts import Logs
from .evaluate import MISSING
from .facts import FACTS, facts, overrides, typed
from .names import Names
from .reducers import at_step, reduced
from .warn import add_unreadable, is_warned_once, warned_once


class Row(Mapping):
    """One run: row["run"], row["status"], row["config.lr"], row["train.loss"] (a list of all values),
    row["train.loss@min"].

    A name means the same for all runs of a store. The keys are known without reading metrics. Columns that
    aggregate() and the like make have their own names.
    """

    def __init__(self, directory=None, values=None, attempts="path"):
        self.dir = directory
        self._values = dict(values or {})
        self._store = None
        self._read = {}
        self._metrics = Logs(directory, attempts)
        self._told = set()
        self._problems = []

    def __getitem__(self, key):
        if key in self._values:
            return self._values[key]
        names = self._names_of_store()
        meaning = names.meaning(key) if self.dir is not None and isinstance(key, str) else None
        if meaning is None:
            raise KeyError(names.unknown(key) if self.dir is not None and isinstance(key, str) else key)
        kind, name, reducer = meaning
        if kind == "metric" and reducer is None:
            values = self._series_named(name)
            if values:
                return values
        elif kind == "artifact":
            found = self._artifacts().get("artifact." + name)
            if found:
                return found
        elif kind in ("always", "other"):
            # A fact that the run does not have is None.
            return self._fact(name)
        else:
            value = self._value(kind, name, reducer)
            if value is not MISSING:
                return value
        if "unreadable" in self._read:
            why = "part of its records can't be read: %s" % self._problems[0][0]
        else:
            why = "other runs have it"
        raise KeyError("run %s has no %r; %s" % (self._fact("run"), key, why))

    def __iter__(self):
        return iter(self._names())

    def __len__(self):
        return len(self._names())

    def __contains__(self, key):
        return self.get(key, MISSING) is not MISSING

    def __repr__(self):
        return "Row(%s)" % (self.dir or self._values)

    def get(self, key, default=None):
        """Returns a column of the run, or `default` if the run does not have it."""
        try:
            return self[key]
        except KeyError:
            return default

    def problems(self):
        """Returns what could not be read so far: (file, line) pairs, the line None for a whole file."""
        return list(self._problems)

    def earlier(self, name):
        """Returns the attempt that logged a metric, if it is not the last one, else None.

        It is also None if the last attempt continues from there.
        """
        name = name.partition("@")[0]
        for log in self._logs() if self.dir is not None and name not in self._values else []:
            if name.startswith(log + ".") and self._series(log, name[len(log) + 1:]):
                return self._metrics[log].earlier
        return None

    def _names(self):
        names = list(self._values)
        if self.dir is not None:
            names += ["run"] + list(self._flat())
            for log in self._logs():
                names += ["%s.%s" % (log, key) for key in self._keys_of(log)]
            names += list(self._artifacts())
        return list(dict.fromkeys(names))

    def _names_of_store(self):
        if self._store is None:
            self._store = Names([self])
        return self._store

    # --- What Names asks of a run

    def _has(self, kind, key):
        """Returns True if the run has a config, info, override, artifact or metric of that key.

        The kind `key` is a key of the config, or of an override.
        """
        if kind == "metric":
            return self._log_of(key) is not None
        if kind == "key" and not self._may_mention(key):
            return False
        return self._value(kind, key, None) is not MISSING

    def _value(self, kind, key, reducer):
        """Returns a name's value in an expression: the last of a metric, the path of an artifact."""
        if kind in ("always", "other"):
            return _or_missing(self._fact(key))
        if kind == "metric":
            values = self._series_named(key)
            if reducer and "=" in reducer:
                log = self._log_of(key)
                return MISSING if log is None else at_step(self._lines(log), key[len(log) + 1:], reducer)
            return reduced(values, reducer or "last") if values else MISSING
        if kind == "artifact":
            is_there = "artifact." + key in self._artifacts()
            return "artifacts/" + key.replace(".", "/", 1) if is_there else MISSING
        if kind == "override":
            return self._typed().get(key, MISSING)
        if kind == "info":
            value = self._flat().get("info." + key, MISSING)
            return _or_missing(self._fact(key)) if value is MISSING and key in FACTS else value
        value = self._flat().get("config." + key, MISSING)
        if value is MISSING and kind == "key" and "unreadable" not in self._read:
            value = self._typed().get(key, MISSING)
            # A deleted key has no value.
            value = MISSING if value == "(deleted)" else value
        return MISSING if isinstance(value, dict) else value

    def _log_of(self, name):
        """Returns the metrics file that has a metric, or None. For train.extra.loss it may be train.extra."""
        logs = (log for log in self._logs() if name.startswith(log + "."))
        return next((log for log in logs if name[len(log) + 1:] in self._keys_of(log)), None)

    def _series_named(self, name):
        log = self._log_of(name)
        return [] if log is None else self._series(log, name[len(log) + 1:])

    def _once(self, what, read):
        if what not in self._read:
            self._read[what] = read()
        return self._read[what]

    def _fact(self, name):
        return self._facts().get(name)

    def _facts(self):
        return self._once("facts", lambda: facts(self.dir, self._info()))

    def _typed(self):
        """Returns the overrides as they were typed, by key; also those that Hydra recorded."""
        def read():
            words = self._file(".hydra", "overrides.yaml")
            words = words if isinstance(words, list) else []
            recorded = typed(word for word in words if isinstance(word, str))
            return dict(recorded, **typed(overrides(self.dir) or []))
        return self._once("typed", read)

    def _info(self):
        def read():
            columns = {}
            _add_columns(self._file("metadata", "info.yaml"), "info", columns)
            return columns
        return self._once("info", read)

    def _flat(self):
        """Returns the columns config.KEY and info.KEY, by name.

        A program may write info.yaml again and leave fields out. Their values come from mlx's own files.
        """
        def read():
            columns = dict(self._info())
            recorded = self._facts()
            columns["info.status"] = recorded["status"]
            if recorded["launch"] is not None:
                for name in ("exit_code", "reason", "attempt", "launch", "engine", "command"):
                    if columns.get("info." + name) is None:
                        columns["info." + name] = recorded[name]
            _add_columns(self._config(), "config", columns)
            return columns
        return self._once("flat", read)

    def _config(self):
        """Returns the config. What is missing comes from the config that Hydra recorded, if there is one."""
        config = self._file("metadata", "config.yaml")
        if not os.path.isdir(os.path.join(self.dir, ".hydra")):
            return config
        return _filled_in(config, self._file(".hydra", "config.yaml"))

    def _may_mention(self, key):
        """Returns False if config and overrides can't have a key. Reading them whole takes much longer."""
        word = key.rpartition(".")[2]
        if "flat" in self._read or not re.match(r"^[A-Za-z]\w*$", word, re.A):
            return True
        for folder in ("metadata", ".hydra"):
            for name in ("config.yaml", "overrides.yaml"):
                try:
                    with open(os.path.join(self.dir, folder, name), "rb") as file:
                        if word.encode() in file.read():
                            return True
                except OSError:
                    pass
        return False

    def _file(self, folder, name):
        """Returns what a YAML file of the run holds. Warns once and returns {} if it can't be read."""
        # Imported here, so that the import of mlxread is quick.
        from mlxrun.yaml_reader import load_yaml
        path = os.path.join(self.dir, folder, name)
        try:
            return load_yaml(path) if os.path.exists(path) else {}
        except (OSError, ValueError, RecursionError) as error:
            line = re.search(r", line (\d+)", str(error))
            self._problems.append((path, int(line.group(1)) if line else None))
            self._read["unreadable"] = True
            if is_warned_once():
                add_unreadable(self, error)
                return {}
            # Read the other runs of the store now, so that one warning names all that can't be read.
            with warned_once():
                add_unreadable(self, error)
                for row in self._names_of_store().rows:
                    if row is not self:
                        row._flat()
            return {}

    # --- Its files

    def _logs(self):
        # `train.extra` comes before `train`, because train.extra.loss could be a metric of either.
        return sorted(log_names(os.path.join(self.dir, "metrics")), key=lambda name: (-len(name), name))

    def _keys_of(self, log):
        keys = {}
        for line in self._lines(log):
            keys.update(dict.fromkeys(line))
        keys.pop("_attempt", None)
        return list(keys)

    def _series(self, log, key):
        return [line[key] for line in self._lines(log) if key in line]

    def _lines(self, log):
        found = self._metrics[log]
        if log not in self._told:
            self._told.add(log)
            path = os.path.join(self.dir, "metrics", log + ".json")
            self._problems += [(path, number) for number in found.passed_over]
        return found.lines

    def _artifacts(self):
        base = os.path.join(self.dir, "artifacts")
        found = {}
        is_own = os.path.isdir(base) and not os.path.islink(base)
        for kind in sorted(os.listdir(base)) if is_own else []:
            folder = os.path.join(base, kind)
            # A link may lead anywhere, also back to here.
            if kind.startswith(".") or os.path.islink(folder) or not os.path.isdir(folder):
                continue
            for place, _, files in os.walk(folder):
                inside = os.path.relpath(place, folder).replace(os.sep, "/")
                for name in sorted(files):
                    whole = name if inside == "." else inside + "/" + name
                    found["artifact.%s.%s" % (kind, whole)] = _Artifact(self.dir, kind, whole)
        return found


class _Artifact:
    """A file that a run saved."""

    def __init__(self, directory, kind, name):
        self.path = os.path.join(directory, "artifacts", kind, name)
        self._place = (directory, kind, name)

    def load(self):
        """Returns the object that was saved, by the artifact types of mlxrun."""
        from mlxrun.run import Run
        directory, kind, name = self._place
        if kind == "Checkpoint":
            return Run(directory, {}).latest_checkpoint(name, root=directory)
        return Run(directory, {}).load_artifact(name, kind)

    def __repr__(self):
        return "Artifact(%r)" % self.path


def type_name(name, rows):
    """Returns the type of a column's values, as MLXP's reader names it."""
    value = next((row[name] for row in rows if row.get(name) is not None), None)
    if isinstance(value, _Artifact):
        return "Artifact"
    if isinstance(value, list) and not name.startswith(("config.", "info.")):
        return "METRIC"
    return str(type(value))


def _or_missing(value):
    return MISSING if value is None else value


def _filled_in(value, more):
    """Returns a mapping with the keys that only the other one has added."""
    if not isinstance(value, dict) or not isinstance(more, dict):
        return value
    merged = dict(more)
    merged.update((key, _filled_in(one, more.get(key))) for key, one in value.items())
    return merged


def _add_columns(value, prefix, into):
    """Adds the values of nested mappings to `into`, by their keys joined with dots."""
    if not isinstance(value, dict):
        if "." in prefix:
            into[prefix] = value
        return
    for key, item in value.items():
        shown = str(key).lower() if isinstance(key, bool) else "null" if key is None else key
        _add_columns(item, "%s.%s" % (prefix, shown), into)
