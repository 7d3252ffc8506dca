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

import math
import os
import re
from collections.abc import Mapping

import mlxattempts

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
        return Rows(Row(one, {"attempt": number}, number) for one in directories for number in mlxattempts.attempts_of(one))
    return Rows(Row(one, None, attempts) for one in directories)


class Row(Mapping):
    """One run. row["config.lr"], row["info.status"], row["train.loss"] (a list of all values), row["train.loss@min"], row["run"].

    Its keys are known without reading metrics. Columns that aggregate() and the like make are there under their names.
    """

    def __init__(self, directory=None, values=None, attempts="path"):
        self.dir = directory
        self._values = dict(values or {})
        self._columns = None
        self._metrics = mlxattempts.Logs(directory, attempts)
        self._told = set()
        self._problems = []

    def __getitem__(self, key):
        if key in self._values:
            return self._values[key]
        value = self._find(key)
        if value is _MISSING:
            raise KeyError(key)
        return value

    def __iter__(self):
        return iter(self._names())

    def __len__(self):
        return len(self._names())

    def __repr__(self):
        return "Row(%s)" % (self.dir or self._values)

    def get(self, key, default=None):
        try:
            return self[key]
        except KeyError:
            return default

    def problems(self):
        """What of its metrics files read so far was passed over: (file, line) pairs."""
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

    def _find(self, key):
        if self.dir is None or not isinstance(key, str):
            return _MISSING
        if key == "run":
            return int(os.path.basename(self.dir))
        flat = self._flat()
        if key in flat:
            return flat[key]
        name, _, reducer = key.partition("@")
        for log in self._logs():
            if name.startswith(log + "."):
                values = self._series(log, name[len(log) + 1:])
                if values:
                    return _reduce(values, reducer) if reducer else values
        if "config." + key in flat:
            return flat["config." + key]
        if key.startswith("artifact."):
            return self._artifacts().get(key, _MISSING)
        return _MISSING

    def _flat(self):
        if self._columns is None:
            import mlxrun
            self._columns = {}
            for prefix in ("info", "config"):
                path = os.path.join(self.dir, "metadata", prefix + ".yaml")
                if os.path.exists(path):
                    _flatten(mlxrun.load_yaml(path), prefix, self._columns)
        return self._columns

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
            return [row.get(key) for row in self._rows]
        return Rows(self._rows[key]) if isinstance(key, slice) else self._rows[key]

    def __repr__(self):
        return "%d rows: %s" % (len(self), ", ".join(self.keys()[:8]))

    def keys(self):
        return list(dict.fromkeys(name for row in self._rows for name in row))

    def filter(self, what, bygroups=None):
        """Rows for which an expression holds, or a function of a row, or MLXP's (function, column): all values in, a flag for each out."""
        if bygroups is not None:
            kept = [row for group in self.groupby(bygroups).values() for row in group.filter(what)]
            return Rows(row for row in self._rows if any(row is one for one in kept))
        if isinstance(what, str):
            holds = _compile(what)
            return Rows(row for row in self._rows if holds(row))
        if callable(what):
            return Rows(row for row in self._rows if what(row))
        (function, columns, _), = _maps(what)
        flags = list(function(*[self[column] for column in columns]))
        if len(flags) != len(self):
            raise ValueError("a filter gives one flag for each of %d rows, this one gave %d" % (len(self), len(flags)))
        return Rows(row for row, flag in zip(self._rows, flags) if flag)

    def sort(self, by, ascending=True):
        """By a column or several; rows without a value come last."""
        columns = _names(by)
        there = [row for row in self._rows if all(row.get(one) is not None for one in columns)]
        rest = [row for row in self._rows if not any(row is one for one in there)]
        return Rows(sorted(there, key=lambda row: [row[one] for one in columns], reverse=not ascending) + rest)

    def groupby(self, by):
        """Groups by the values of a column or several; a value that is missing is None."""
        columns = _names(by)
        known = self.keys() if self._rows else columns
        for column in columns:
            if column.partition("@")[0] not in known and "config." + column not in known:
                raise KeyError("no row has %r; there are: %s" % (column, ", ".join(known)))
        groups = {}
        for row in self._rows:
            key = tuple(_hashable(row.get(column)) for column in columns)
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
        """A pandas.DataFrame: config and info, and of each metric its last value; metrics="values" has all of them, None has none."""
        import pandas
        records = []
        for row in self._rows:
            record = {}
            for name in row:
                value = row[name]
                is_metric = row.dir is not None and isinstance(value, list) and not name.startswith(("config.", "info."))
                if is_metric and metrics is None:
                    continue
                record[name] = value[-1] if is_metric and metrics == "last" else value
            records.append(record)
        return pandas.DataFrame.from_records(records)

    def toPandas(self, lazy=True):
        """to_pandas(), as MLXP names it."""
        return self.to_pandas(metrics="last" if lazy else "values")

    def _with(self, added):
        rows = []
        for row, values in zip(self._rows, added):
            copy = Row(row.dir, dict(row._values, **values))
            copy._columns, copy._metrics = row._columns, row._metrics
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

    def to_pandas(self, **options):
        return self.ungroup().to_pandas(**options)

    toPandas = to_pandas


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
        return rows.to_pandas(metrics="values") if result_format == "pandas" else rows

    @property
    def fields(self):
        """Each column with the type of its values."""
        return dict((name, _type_name(name, self._rows)) for name in sorted(self._rows.keys()))

    @property
    def searchable(self):
        return dict((name, kind) for name, kind in self.fields.items() if name.startswith(("config.", "info.")))


_MISSING = object()


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
        _flatten(item, "%s.%s" % (prefix, key), into)


def _names(by):
    return [by] if isinstance(by, str) else list(by)


def _hashable(value):
    return tuple(_hashable(one) for one in value) if isinstance(value, list) else value


def _maps(maps):
    """(function, columns, names) of MLXP's maps: one or a list of them, columns and names alone or several."""
    for one in [maps] if isinstance(maps, tuple) else list(maps):
        function, columns = one[0], _names(one[1])
        yield function, columns, _names(one[2]) if len(one) > 2 else None


def _default_name(function, column):
    return "f%s.%s" % (getattr(function, "__name__", "map"), column)


def _numbers(values):
    return [one for one in values if isinstance(one, (int, float)) and not isinstance(one, bool) and not math.isnan(one)]


def _reduce(values, reducer):
    if reducer == "last":
        return values[-1]
    if reducer == "first":
        return values[0]
    numbers = _numbers(values)
    if reducer == "count":
        return len(numbers)
    if reducer == "nan":
        return sum(1 for one in values if isinstance(one, float) and math.isnan(one))
    if not numbers:
        return float("nan") if values else _MISSING
    mean = sum(numbers) / len(numbers)
    if reducer in ("min", "max"):
        return (min if reducer == "min" else max)(numbers)
    if reducer == "mean":
        return mean
    if reducer == "std":
        return math.sqrt(sum((one - mean) ** 2 for one in numbers) / (len(numbers) - 1)) if len(numbers) > 1 else _MISSING
    if reducer == "argmin":
        return values.index(min(numbers))
    if reducer == "argmax":
        return values.index(max(numbers))
    quantile = 0.5 if reducer == "median" else re.match(r"^q(\d{1,2})$", reducer)
    if quantile:
        place = (len(numbers) - 1) * (quantile if quantile == 0.5 else int(quantile.group(1)) / 100.0)
        ordered, low = sorted(numbers), int(place)
        return ordered[low] + (ordered[min(low + 1, len(ordered) - 1)] - ordered[low]) * (place - low)
    raise KeyError("%r after @ means nothing; there are: last, first, min, max, mean, std, median, q10 … q90, argmin, argmax, count, nan" % reducer)


# --- Expressions: MLXP's grammar, with exponents, null, not in, and, or, not, which it lacks -------------------------------

class QueryError(ValueError):
    """An expression that can't be read; its text has the place."""


_TOKEN = re.compile(
    r"""\s*(?:(?P<number>[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?![\w.]))|(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
    r"""|(?P<word>[A-Za-z_0-9]+(?:\.[A-Za-z_0-9-]+)*(?:@[A-Za-z]\w*)?)|(?P<sign>==|!=|<=|>=|&&|\|\||[<>&|~!()\[\],]))"""
)
_WORDS = {"true": True, "false": False, "null": None, "none": None}


def _compile(text):
    """A function of a row that tells whether an expression holds."""
    parser = _Parser(text)
    tree = parser.either()
    if parser.kind != "end":
        parser.expected("an operator or the end")
    return lambda row: bool(tree(row))


class _Parser:
    def __init__(self, text):
        self.text = text
        self.at = 0
        self.next()

    def next(self):
        if not self.text[self.at:].strip():
            self.kind, self.token, self.start = "end", "", len(self.text)
            return
        match = _TOKEN.match(self.text, self.at)
        if not match:
            self.start = len(self.text) - len(self.text[self.at:].lstrip())
            self.expected("a name, a value or an operator")
        self.kind = match.lastgroup
        self.token, self.start, self.at = match.group(self.kind), match.start(self.kind), match.end()

    def expected(self, what):
        raise QueryError("expected %s\n  %s\n  %s^" % (what, self.text, " " * self.start))

    def take(self, *tokens):
        if self.kind in ("sign", "word") and self.token in tokens:
            self.next()
            return True
        return False

    def either(self):
        left = self.both()
        while self.take("|", "||", "or"):
            left = (lambda a, b: lambda row: a(row) or b(row))(left, self.both())
        return left

    def both(self):
        left = self.negated()
        while self.take("&", "&&", "and"):
            left = (lambda a, b: lambda row: a(row) and b(row))(left, self.negated())
        return left

    def negated(self):
        if self.take("~", "!", "not"):
            inner = self.negated()
            return lambda row: not inner(row)
        return self.comparison()

    def comparison(self):
        if self.take("("):
            inner = self.either()
            if not self.take(")"):
                self.expected("')'")
            return inner
        left = self.value()
        for operator in ("==", "!=", "<=", ">=", "<", ">"):
            if self.take(operator):
                right = self.value()
                return lambda row: _compare(operator, left(row), right(row))
        if self.take("in"):
            right = self.value()
            return lambda row: _within(left(row), right(row))
        if self.take("not"):
            if not self.take("in"):
                self.expected("'in'")
            right = self.value()
            return lambda row: not _within(left(row), right(row))
        return lambda row: left(row) not in (_MISSING, None, False, 0, "")

    def value(self):
        kind, token = self.kind, self.token
        if self.take("["):
            items = []
            while not self.take("]"):
                if items and not self.take(","):
                    self.expected("',' or ']'")
                items.append(self.value())
            return lambda row: [item(row) for item in items]
        if kind not in ("number", "text", "word"):
            self.expected("a name or a value")
        self.next()
        if kind == "number":
            number = float(token) if re.search(r"[.eE]", token) else int(token)
            return lambda row: number
        if kind == "text":
            text = re.sub(r"\\(.)", r"\1", token[1:-1])
            return lambda row: text
        if token.lower() in _WORDS:
            word = _WORDS[token.lower()]
            return lambda row: word

        def lookup(row):
            value = row.get(token, _MISSING)
            # A metric by its name alone is its last value.
            is_metric = isinstance(value, list) and row.dir is not None and not token.startswith(("config.", "info."))
            return value[-1] if is_metric else value
        return lookup


def _within(value, items):
    return value is not _MISSING and isinstance(items, list) and any(_equal(value, item) for item in items)


def _equal(a, b):
    return a == b and isinstance(a, bool) == isinstance(b, bool)


def _compare(operator, a, b):
    # As in MLXP, a comparison with what a row does not have, or that has no order, is false.
    if a is _MISSING or b is _MISSING:
        return False
    if operator in ("==", "!="):
        return _equal(a, b) == (operator == "==")
    both = isinstance(a, str) and isinstance(b, str)
    if not both and not all(isinstance(one, (int, float)) and not isinstance(one, bool) for one in (a, b)):
        return False
    return {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[operator]
