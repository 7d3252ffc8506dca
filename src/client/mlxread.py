"""What runs have come to, read from a store by Python: mlxrun.read("logs"), or Reader in place of MLXP's.

    import mlxrun
    runs = mlxrun.read("logs").filter("info.status == 'COMPLETE' & config.optimizer.lr < 1")
    for row in runs:
        print(row["run"], row["config.optimizer.lr"], row["train.loss"][-1])
    best = runs.groupby("config.model").aggregate((min, "test.loss@last"))
    frame = runs.to_pandas()

Standard library only; Python 3.8 on. Nothing is read before it is asked for, nothing is ever written, and a line of a metrics
file that is no JSON is passed over (Row.problems() names it).
"""

import contextlib
import os
import re
from collections.abc import Mapping

import mlxattempts
import mlxfacts
from mlxmetrics import at_step, reduced
from mlxnames import Names, warn
from mlxquery import MISSING as _MISSING
from mlxquery import QueryError

__all__ = ["read", "Reader", "Row", "Rows", "Groups", "QueryError"]


def read(store="logs", attempts="path"):
    """The runs of a store, in the order of their numbers.

    Metrics of a run with several attempts are the lines on the way to its last one; with attempts="last" the last attempt's own lines;
    with attempts="all" there is a row for each attempt, with its number as row["attempt"].
    """
    if attempts not in mlxattempts.MODES:
        raise ValueError("attempts is one of %s, not %r" % (", ".join(mlxattempts.MODES), attempts))
    if not os.path.isdir(store):
        raise FileNotFoundError("there is no store %r" % store)
    ids = sorted(int(name) for name in os.listdir(store) if re.match(r"^(0|[1-9]\d*)$", name))
    directories = [os.path.join(store, str(run)) for run in ids]
    directories = [one for one in directories if os.path.exists(os.path.join(one, "metadata", "info.yaml"))]
    if attempts == "all":
        rows = [Row(one, {"attempt": number}, number) for one in directories for number in mlxattempts.attempts_of(one)]
    else:
        rows = [Row(one, None, attempts) for one in directories]
    return Rows(_of_one_store(rows))


def _of_one_store(rows):
    names = Names(rows)
    for row in names.rows:
        row._store = names
    return names.rows


class Row(Mapping):
    """One run. row["config.lr"], row["status"], row["train.loss"] (a list of all values), row["train.loss@min"], row["run"].

    What a name means is the same for all runs of the store (mlxnames.py). Its keys are known without reading metrics. Columns that
    aggregate() and the like make are there under their names.
    """

    def __init__(self, directory=None, values=None, attempts="path"):
        self.dir = directory
        self._values = dict(values or {})
        self._store = None
        self._read = {}
        self._metrics = mlxattempts.Logs(directory, attempts)
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
            # A fact that a run does not have is None.
            return self._fact(name)
        else:
            value = self._value(kind, name, reducer)
            if value is not _MISSING:
                return value
        why = "part of its records can't be read: %s" % self._problems[0][0] if "unreadable" in self._read else "other runs have it"
        raise KeyError("run %s has no %r; %s" % (self._fact("run"), key, why))

    def __iter__(self):
        return iter(self._names())

    def __len__(self):
        return len(self._names())

    def __contains__(self, key):
        return self.get(key, _MISSING) is not _MISSING

    def __repr__(self):
        return "Row(%s)" % (self.dir or self._values)

    def get(self, key, default=None):
        try:
            return self[key]
        except KeyError:
            return default

    def problems(self):
        """What of its files read so far was passed over: (file, line) pairs, the line None where it is the whole file."""
        return list(self._problems)

    def earlier(self, name):
        """The attempt that a metric is of, if the last attempt has not logged it and nothing says that it goes on from there; else None."""
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

    # --- what Names asks of a run

    def _has(self, kind, key):
        """Whether the run has something of a kind: config, info, override, artifact, metric, or key (of its config, or typed)."""
        if kind == "metric":
            return self._log_of(key) is not None
        if kind == "key" and not self._may_mention(key):
            return False
        return self._value(kind, key, None) is not _MISSING

    def _value(self, kind, key, reducer):
        """The value of a name as an expression has it: the last of a metric, the path of an artifact."""
        if kind in ("always", "other"):
            return _or_missing(self._fact(key))
        if kind == "metric":
            values = self._series_named(key)
            if reducer and "=" in reducer:
                log = self._log_of(key)
                return _MISSING if log is None else at_step(self._lines(log), key[len(log) + 1:], reducer)
            return reduced(values, reducer or "last") if values else _MISSING
        if kind == "artifact":
            return "artifacts/" + key.replace(".", "/", 1) if "artifact." + key in self._artifacts() else _MISSING
        if kind == "override":
            return self._typed().get(key, _MISSING)
        if kind == "info":
            value = self._flat().get("info." + key, _MISSING)
            return _or_missing(self._fact(key)) if value is _MISSING and key in mlxfacts.FACTS else value
        value = self._flat().get("config." + key, _MISSING)
        if value is _MISSING and kind == "key" and "unreadable" not in self._read:
            value = self._typed().get(key, _MISSING)
            # Of a key that was deleted nothing is there.
            value = _MISSING if value == "(deleted)" else value
        return _MISSING if isinstance(value, dict) else value

    def _log_of(self, name):
        """The metrics file that has a metric: `train.extra` for train.extra.loss, if it is there."""
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
        return self._once("facts", lambda: mlxfacts.facts(self.dir, self._info()))

    def _typed(self):
        """Overrides by key, each as it was typed; of a Hydra program also those that it recorded itself."""
        def read():
            words = self._file(".hydra", "overrides.yaml")
            recorded = mlxfacts.typed(word for word in words if isinstance(word, str)) if isinstance(words, list) else {}
            return dict(recorded, **mlxfacts.typed(mlxfacts.overrides(self.dir) or []))
        return self._once("typed", read)

    def _info(self):
        def read():
            columns = {}
            _flatten(self._file("metadata", "info.yaml"), "info", columns)
            return columns
        return self._once("info", read)

    def _flat(self):
        """config.KEY and info.KEY of all keys. What a program left out when it wrote info.yaml again comes from mlx's own files."""
        def read():
            columns = dict(self._info())
            facts = self._facts()
            columns["info.status"] = facts["status"]
            if facts["launch"] is not None:
                for name in ("exit_code", "reason", "attempt", "launch", "engine", "command"):
                    if columns.get("info." + name) is None:
                        columns["info." + name] = facts[name]
            _flatten(self._config(), "config", columns)
            return columns
        return self._once("flat", read)

    def _config(self):
        """The config; of a Hydra program what it recorded itself fills in what is missing."""
        config = self._file("metadata", "config.yaml")
        return _filled_in(config, self._file(".hydra", "config.yaml")) if os.path.isdir(os.path.join(self.dir, ".hydra")) else config

    def _may_mention(self, key):
        """Whether a look into config and overrides is worth it; they take long to read whole."""
        word = key.rpartition(".")[2]
        if "flat" in self._read or not re.match(r"^[A-Za-z]\w*$", word, re.A):
            return True
        for name in ("metadata/config.yaml", "metadata/overrides.yaml", ".hydra/config.yaml", ".hydra/overrides.yaml"):
            try:
                with open(os.path.join(self.dir, name), "rb") as file:
                    if word.encode() in file.read():
                        return True
            except OSError:
                pass
        return False

    def _file(self, folder, name):
        """What a YAML file of the run holds; nothing where it is missing, or can't be read, which is said once."""
        import mlxrun
        path = os.path.join(self.dir, folder, name)
        try:
            return mlxrun.load_yaml(path) if os.path.exists(path) else {}
        except (OSError, ValueError, RecursionError) as error:
            line = re.search(r", line (\d+)", str(error))
            self._problems.append((path, int(line.group(1)) if line else None))
            self._read["unreadable"] = True
            if _deferred:
                _deferred[-1].append((self, error))
                return {}
            # Others of the store are told with it, once.
            with _telling_once():
                _deferred[-1].append((self, error))
                for row in self._names_of_store().rows:
                    if row is not self:
                        row._flat()
            return {}

    # --- its files

    def _logs(self):
        # `train.extra` before `train`, of which the metric train.extra.loss could be, too.
        return sorted(mlxattempts.log_names(os.path.join(self.dir, "metrics")), key=lambda name: (-len(name), name))

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
            self._problems += [(os.path.join(self.dir, "metrics", log + ".json"), number) for number in found.passed_over]
        return found.lines

    def _artifacts(self):
        base = os.path.join(self.dir, "artifacts")
        found = {}
        for kind in sorted(os.listdir(base)) if os.path.isdir(base) else []:
            folder = os.path.join(base, kind)
            if kind.startswith(".") or not os.path.isdir(folder):
                continue
            for place, _, files in os.walk(folder):
                inside = os.path.relpath(place, folder).replace(os.sep, "/")
                for name in sorted(files):
                    whole = name if inside == "." else inside + "/" + name
                    found["artifact.%s.%s" % (kind, whole)] = _Artifact(self.dir, kind, whole)
        return found


class _Artifact:
    """A file that a run saved; load() gives what was saved."""

    def __init__(self, directory, kind, name):
        self.path = os.path.join(directory, "artifacts", kind, name)
        self._place = (directory, kind, name)

    def load(self):
        import mlxrun
        directory, kind, name = self._place
        if kind == "Checkpoint":
            return mlxrun.Run(directory, {}).latest_checkpoint(name, root=directory)
        return mlxrun.Run(directory, {}).load_artifact(name, kind)

    def __repr__(self):
        return "Artifact(%r)" % self.path


class Rows:
    """Rows in order. rows[0] is a row, rows[2:4] rows, rows["train.loss"] the values of a column, None where a row has none."""

    def __init__(self, rows=()):
        self._rows = list(rows)

    def __len__(self):
        return len(self._rows)

    def __iter__(self):
        return iter(self._rows)

    def __getitem__(self, key):
        if isinstance(key, str):
            self._check(key)
            with _telling_once():
                return [row.get(key) for row in self._rows]
        return Rows(self._rows[key]) if isinstance(key, slice) else self._rows[key]

    def __repr__(self):
        keys = self.keys()
        shown = keys[:8] + (["… (%d more)" % (len(keys) - 8)] if len(keys) > 8 else [])
        return "%d row%s: %s" % (len(self), "" if len(self) == 1 else "s", ", ".join(shown))

    def keys(self):
        with _telling_once():
            return list(dict.fromkeys(name for row in self._rows for name in row))

    def _own(self):
        """Names of columns that were added to the rows."""
        return dict.fromkeys(name for row in self._rows for name in row._values)

    def _store_names(self):
        """What names mean for these rows: as in the whole store that they were read from."""
        stores = list(dict((id(row._store), row._names_of_store()) for row in self._rows if row.dir is not None).values())
        return stores[0] if len(stores) == 1 else Names(row for store in stores for row in store.rows)

    def _check(self, *columns):
        """Raises KeyError for a column that no run has."""
        own, names = self._own(), self._store_names()
        for column in columns:
            if self._rows and column not in own and names.meaning(column) is None:
                raise KeyError(names.unknown(column, own))

    def filter(self, what, bygroups=None):
        """Rows for which an expression holds, or a function of a row, or MLXP's (function, column): all values in, a flag for each out."""
        if bygroups is not None:
            kept = [row for group in self.groupby(bygroups).values() for row in group.filter(what)]
            return Rows(row for row in self._rows if any(row is one for one in kept))
        if isinstance(what, str):
            with _telling_once():
                holds = self._store_names().condition(what, self._own())
                return Rows([row for row in self._rows if holds(row)])
        if callable(what):
            return Rows(row for row in self._rows if what(row))
        (function, columns, _), = _maps(what)
        flags = list(function(*[self[column] for column in columns]))
        if len(flags) != len(self):
            raise ValueError("a filter gives one flag for each of %d rows, this one gave %d" % (len(self), len(flags)))
        return Rows(row for row, flag in zip(self._rows, flags) if flag)

    def sort(self, by, ascending=True):
        """By a column or several, a metric by its last value; rows without a value, or with NaN, come last."""
        columns = _names(by)
        self._check(*columns)
        with _telling_once():
            names = self._store_names()
            keys = [[_sort_key(names.value(row, column)) for column in columns] for row in self._rows]
        there = [(key, row) for key, row in zip(keys, self._rows) if None not in key]
        rest = [row for key, row in zip(keys, self._rows) if None in key]
        return Rows([row for _, row in sorted(there, key=lambda pair: pair[0], reverse=not ascending)] + rest)

    def groupby(self, by):
        """Groups by the values of a column or several, a metric by its last value; a value that is missing is None."""
        columns = _names(by)
        with _telling_once():
            self._check(*columns)
            groups, names = {}, self._store_names()
            for row in self._rows:
                values = [names.value(row, column) for column in columns]
                key = tuple(None if value is _MISSING else _hashable(value) for value in values)
                # A run whose config can't be read, which is said, is in no group: its None would mean something else.
                if None in key and "unreadable" in row._read:
                    continue
                groups.setdefault(key, []).append(row)
        return Groups(columns, dict((key, Rows(rows)) for key, rows in groups.items()))

    def aggregate(self, maps):
        """One row: for each (function, column) or (function, columns, names) what the function gives for all values of the column."""
        values = {}
        for function, columns, names in _maps(maps):
            for column, name in zip(columns, names or [_default_name(function, column) for column in columns]):
                values[name] = function([row.get(column) for row in self._rows])
        return Rows([Row(None, values)])

    def transform(self, maps):
        """For each (function, column) a column of as many values, made of all of them."""
        added = [dict() for _ in self._rows]
        for function, columns, names in _maps(maps):
            for column, name in zip(columns, names or [_default_name(function, column) for column in columns]):
                result = list(function(self[column]))
                if len(result) != len(self):
                    raise ValueError("transform() needs a value for each of %d rows, %s gave %d" % (len(self), name, len(result)))
                for values, value in zip(added, result):
                    values[name] = value
        return self._with(added)

    def map(self, maps):
        """For each (function, column) a column of what the function gives for each value."""
        added = [dict() for _ in self._rows]
        for function, columns, names in _maps(maps):
            for column, name in zip(columns, names or [_default_name(function, column) for column in columns]):
                for values, row in zip(added, self._rows):
                    values[name] = function(row.get(column))
        return self._with(added)

    def diff(self, start_key="config"):
        """The columns below a key in which rows differ."""
        names = [name for name in self.keys() if name.startswith(start_key + ".")]
        return [name for name in names if len(set(_hashable(row.get(name)) for row in self._rows)) > 1]

    def to_pandas(self, metrics="last"):
        """A pandas.DataFrame. One row for each run: config, info, `started` and `ended` as ISO 8601 text, and of each metric its last value.

        metrics="values" has all values of each metric, None has no metrics. The name of a metric, or a list of names, gives one row for
        each value that was logged instead: run, attempt, step, metric, value. A step is the epoch, step or iteration that was logged beside
        it, else the number of the line, from 0.
        """
        import mlxframe
        with _telling_once():
            if metrics in ("last", "values", None):
                return mlxframe.wide(self, metrics)
            return mlxframe.long(self, _names(metrics))

    def toPandas(self, lazy=True):
        """to_pandas() as MLXP names it, with its columns info.start_date, info.start_time, info.end_date and info.end_time."""
        import mlxframe
        with _telling_once():
            return mlxframe.wide(self, "last" if lazy else "values", iso=False)

    def _with(self, added):
        rows = []
        for row, values in zip(self._rows, added):
            copy = Row(row.dir, dict(row._values, **values))
            copy._store, copy._read, copy._metrics, copy._problems = row._store, row._read, row._metrics, row._problems
            rows.append(copy)
        return Rows(rows)


class Groups(Mapping):
    """Rows by the values of the columns that they were grouped by: groups[("vit", 0.1)], groups.keys(), groups.items()."""

    def __init__(self, columns, groups):
        self.columns = tuple(columns)
        self._groups = groups

    def __getitem__(self, key):
        return self._groups[key if isinstance(key, tuple) else (key,)]

    def __iter__(self):
        return iter(self._groups)

    def __len__(self):
        return len(self._groups)

    def __repr__(self):
        return "%d groups by %s" % (len(self), ", ".join(self.columns))

    def _each(self, action, ungroup):
        groups = Groups(self.columns, dict((key, action(rows)) for key, rows in self._groups.items()))
        return groups.ungroup() if ungroup else groups

    def aggregate(self, maps, ungroup=False):
        """One row for each group; with ungroup as rows, which have the columns of the groups as well."""
        return self._each(lambda rows: rows.aggregate(maps), ungroup)

    def transform(self, maps, ungroup=False):
        return self._each(lambda rows: rows.transform(maps), ungroup)

    def map(self, maps, ungroup=False):
        return self._each(lambda rows: rows.map(maps), ungroup)

    def sort(self, by, ascending=True, ungroup=False):
        return self._each(lambda rows: rows.sort(by, ascending), ungroup)

    def filter(self, what, bygroups=None, ungroup=False):
        """Filters each group; with bygroups all rows are filtered within other groups, and then grouped as before."""
        if bygroups is None:
            kept = self._each(lambda rows: rows.filter(what), False)
            kept = Groups(self.columns, dict((key, rows) for key, rows in kept.items() if len(rows)))
        else:
            kept = self.ungroup().filter(what, bygroups).groupby(list(self.columns))
        return kept.ungroup() if ungroup else kept

    def select(self, keys):
        """Only these groups."""
        keys = [key if isinstance(key, tuple) else (key,) for key in keys]
        return Groups(self.columns, dict((key, self._groups[key]) for key in keys))

    def ungroup(self):
        """All rows, each with the columns that it was grouped by."""
        rows = []
        for key, group in self._groups.items():
            rows += group._with([dict(zip(self.columns, key)) for _ in group])
        return Rows(rows)

    def groupby(self, by):
        """Groups within groups, as groups by all of the columns."""
        return self.ungroup().groupby(list(self.columns) + _names(by))

    def to_pandas(self, metrics="last"):
        """Rows.to_pandas() of all rows, with the columns that they were grouped by."""
        if metrics in ("last", "values", None):
            return self.ungroup().to_pandas(metrics)
        import mlxframe
        with _telling_once():
            return mlxframe.long(self.ungroup(), _names(metrics), self.columns)

    def toPandas(self, lazy=True):
        return self.ungroup().toPandas(lazy)


class Reader:
    """MLXP's Reader: Reader("./logs").filter(query_string="config.lr < 1", result_format="pandas"). It writes no database."""

    def __init__(self, src_dir, dst_dir=None, parser=None, refresh=True):
        self._rows = read(src_dir)

    def __len__(self):
        return len(self._rows)

    def filter(self, query_string="", result_format="datadict"):
        if result_format not in ("pandas", "datadict"):
            raise ValueError("result_format is 'pandas' or 'datadict', not %r" % result_format)
        rows = self._rows.filter(query_string) if query_string.strip() else self._rows
        return rows.toPandas(lazy=False) if result_format == "pandas" else rows

    @property
    def fields(self):
        """Each column with the type of its values."""
        return dict((name, _type_name(name, self._rows)) for name in sorted(self._rows.keys()))

    @property
    def searchable(self):
        return dict((name, kind) for name, kind in self.fields.items() if name.startswith(("config.", "info.")))


#: While many rows are read: those of which a file can't be, told together at the end.
_deferred = []


@contextlib.contextmanager
def _telling_once():
    _deferred.append([])
    try:
        yield
    finally:
        _tell_unreadable(_deferred.pop())


def _tell_unreadable(failed):
    if _deferred:
        _deferred[-1].extend(failed)
    elif failed:
        runs = list(dict.fromkeys(os.path.basename(row.dir) for row, _ in failed))
        shown = ", ".join(runs[:10]) + (", …" if len(runs) > 10 else "")
        which = "run " + shown if len(runs) == 1 else "runs " + shown
        warn("%s: %s; its columns are missing (row.problems() names the file)" % (which, failed[0][1]))


def _or_missing(value):
    return _MISSING if value is None else value


def _filled_in(value, more):
    """A mapping with what only the other one has."""
    if not isinstance(value, dict) or not isinstance(more, dict):
        return value
    merged = dict(more)
    merged.update((key, _filled_in(one, more.get(key))) for key, one in value.items())
    return merged


def _type_name(name, rows):
    value = next((row[name] for row in rows if row.get(name) is not None), None)
    if isinstance(value, _Artifact):
        return "Artifact"
    if isinstance(value, list) and not name.startswith(("config.", "info.")):
        return "METRIC"
    return str(type(value))


def _flatten(value, prefix, into):
    if not isinstance(value, dict):
        if "." in prefix:
            into[prefix] = value
        return
    for key, item in value.items():
        shown = str(key).lower() if isinstance(key, bool) else "null" if key is None else key
        _flatten(item, "%s.%s" % (prefix, shown), into)


def _names(by):
    return [by] if isinstance(by, str) else list(by)


def _hashable(value):
    if isinstance(value, dict):
        return tuple((key, _hashable(one)) for key, one in value.items())
    return tuple(_hashable(one) for one in value) if isinstance(value, list) else value


def _sort_key(value):
    """Numbers before texts before lists; None for what has no order."""
    if value is _MISSING or value is None or value != value:
        return None
    if isinstance(value, (int, float)):
        return 0, value
    return (1, value) if isinstance(value, str) else (2, str(value))


def _maps(maps):
    """(function, columns, names) of MLXP's maps: one or a list of them, columns and names alone or several."""
    for one in [maps] if isinstance(maps, tuple) else list(maps):
        function, columns = one[0], _names(one[1])
        yield function, columns, _names(one[2]) if len(one) > 2 else None


def _default_name(function, column):
    return "f%s.%s" % (getattr(function, "__name__", "map"), column)
