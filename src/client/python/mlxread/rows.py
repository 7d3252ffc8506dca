"""Several runs: Rows, and Groups of them."""

from collections.abc import Mapping

from .evaluate import MISSING
from .frame import long_frame, wide_frame
from .maps import column_maps, column_names, hashable, new_columns, sort_key
from .names import Names
from .row import Row
from .warn import warned_once


class Rows:
    """Runs in order: rows[0] is a Row, rows[2:4] are Rows.

    rows["train.loss"] is the list of a column's values, with None for a row that has none.
    """

    def __init__(self, rows=()):
        self._rows = list(rows)

    def __len__(self):
        return len(self._rows)

    def __iter__(self):
        return iter(self._rows)

    def __getitem__(self, key):
        if isinstance(key, str):
            self._check(key)
            with warned_once():
                return [row.get(key) for row in self._rows]
        return Rows(self._rows[key]) if isinstance(key, slice) else self._rows[key]

    def __repr__(self):
        keys = self.keys()
        shown = keys[:8] + (["… (%d more)" % (len(keys) - 8)] if len(keys) > 8 else [])
        return "%d row%s: %s" % (len(self), "" if len(self) == 1 else "s", ", ".join(shown))

    def keys(self):
        """Returns the names of all columns."""
        with warned_once():
            return list(dict.fromkeys(name for row in self._rows for name in row))

    def _own(self):
        """Returns the names of columns that were added to the rows, as the keys of a dict."""
        return dict.fromkeys(name for row in self._rows for name in row._values)

    def _store_names(self):
        """Returns the Names of the whole store that the rows were read from; of all stores if several."""
        runs = [row for row in self._rows if row.dir is not None]
        stores = list(dict((id(row._store), row._names_of_store()) for row in runs).values())
        return stores[0] if len(stores) == 1 else Names(row for store in stores for row in store.rows)

    def _check(self, *columns):
        """Raises KeyError for a column that no run has."""
        own, names = self._own(), self._store_names()
        for column in columns:
            if self._rows and column not in own and names.meaning(column) is None:
                raise KeyError(names.unknown(column, own))

    def filter(self, what, bygroups=None):
        """Returns the rows for which `what` holds: an expression, or a function of a row.

        It can also be MLXP's (function, column), whose function returns a flag for each of the values. With
        `bygroups` the rows are filtered within groups by these columns. Raises QueryError.
        """
        if bygroups is not None:
            kept = [row for group in self.groupby(bygroups).values() for row in group.filter(what)]
            return Rows(row for row in self._rows if any(row is one for one in kept))
        if isinstance(what, str):
            with warned_once():
                holds = self._store_names().condition(what, self._own())
                return Rows([row for row in self._rows if holds(row)])
        if callable(what):
            return Rows(row for row in self._rows if what(row))
        (function, columns, _), = column_maps(what)
        flags = list(function(*[self[column] for column in columns]))
        if len(flags) != len(self):
            problem = "a filter gives one flag for each of %d rows, this one gave %d"
            raise ValueError(problem % (len(self), len(flags)))
        return Rows(row for row, flag in zip(self._rows, flags) if flag)

    def sort(self, by, ascending=True):
        """Returns the rows sorted by a column or several, a metric by its last value.

        Rows without a value, or with NaN, come last.
        """
        columns = column_names(by)
        self._check(*columns)
        with warned_once():
            names = self._store_names()
            keys = [[sort_key(names.value(row, column)) for column in columns] for row in self._rows]
        there = [(key, row) for key, row in zip(keys, self._rows) if None not in key]
        rest = [row for key, row in zip(keys, self._rows) if None in key]
        return Rows([row for _, row in sorted(there, key=lambda pair: pair[0], reverse=not ascending)] + rest)

    def groupby(self, by):
        """Returns Groups by the values of a column or several, a metric by its last value.

        A missing value is None. A run whose config can't be read is in no group.
        """
        columns = column_names(by)
        with warned_once():
            self._check(*columns)
            groups, names = {}, self._store_names()
            for row in self._rows:
                values = [names.value(row, column) for column in columns]
                key = tuple(None if value is MISSING else hashable(value) for value in values)
                # The None of a run whose config can't be read would mean something else.
                if None in key and "unreadable" in row._read:
                    continue
                groups.setdefault(key, []).append(row)
        return Groups(columns, dict((key, Rows(rows)) for key, rows in groups.items()))

    def aggregate(self, maps):
        """Returns one row, with a column for each (function, column) or (function, columns, names).

        Its value is what the function returns for the list of all values.
        """
        values = {}
        for function, column, name in new_columns(maps):
            values[name] = function([row.get(column) for row in self._rows])
        return Rows([Row(None, values)])

    def transform(self, maps):
        """Returns the rows with a new column for each (function, column).

        The function gets the list of all values and returns a list of the same length.
        """
        added = [dict() for _ in self._rows]
        for function, column, name in new_columns(maps):
            result = list(function(self[column]))
            if len(result) != len(self):
                problem = "transform() needs a value for each of %d rows, %s gave %d"
                raise ValueError(problem % (len(self), name, len(result)))
            for values, value in zip(added, result):
                values[name] = value
        return self._with(added)

    def map(self, maps):
        """Returns the rows with a new column for each (function, column); the function gets one value."""
        added = [dict() for _ in self._rows]
        for function, column, name in new_columns(maps):
            for values, row in zip(added, self._rows):
                values[name] = function(row.get(column))
        return self._with(added)

    def diff(self, start_key="config"):
        """Returns the names of the columns below a key in which the rows differ."""
        names = [name for name in self.keys() if name.startswith(start_key + ".")]
        return [name for name in names if len(set(hashable(row.get(name)) for row in self._rows)) > 1]

    def to_pandas(self, metrics="last"):
        """Returns a pandas.DataFrame with one row for each run.

        It has config, info, `started` and `ended` as ISO 8601 text, and the last value of each metric. With
        metrics="values" it has the list of each metric's values instead, with metrics=None no metrics.

        With the name of a metric, or a list of names, the frame has one row for each logged value: run,
        attempt, step, metric, value. The step is the epoch, step or iteration that was logged beside the
        value, else the number of the line, from 1.
        """
        with warned_once():
            if metrics in ("last", "values", None):
                return wide_frame(self, metrics)
            return long_frame(self, column_names(metrics))

    def toPandas(self, lazy=True):
        """MLXP's name for to_pandas(), with MLXP's columns of times.

        They are info.start_date, info.start_time, info.end_date and info.end_time.
        """
        with warned_once():
            return wide_frame(self, "last" if lazy else "values", iso=False)

    def _with(self, added):
        rows = []
        for row, values in zip(self._rows, added):
            copy = Row(row.dir, dict(row._values, **values))
            copy._store, copy._read = row._store, row._read
            copy._metrics, copy._problems = row._metrics, row._problems
            rows.append(copy)
        return Rows(rows)


class Groups(Mapping):
    """Rows by the values of the columns that they were grouped by: groups[("vit", 0.1)], groups.items()."""

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
        """Returns groups of one row each; with `ungroup` Rows, which also have the columns of the groups."""
        return self._each(lambda rows: rows.aggregate(maps), ungroup)

    def transform(self, maps, ungroup=False):
        """Rows.transform() of each group."""
        return self._each(lambda rows: rows.transform(maps), ungroup)

    def map(self, maps, ungroup=False):
        """Rows.map() of each group."""
        return self._each(lambda rows: rows.map(maps), ungroup)

    def sort(self, by, ascending=True, ungroup=False):
        """Rows.sort() of each group."""
        return self._each(lambda rows: rows.sort(by, ascending), ungroup)

    def filter(self, what, bygroups=None, ungroup=False):
        """Rows.filter() of each group; groups without rows are left out.

        With `bygroups` all rows are filtered within groups by these columns, and then grouped as now.
        """
        if bygroups is None:
            kept = self._each(lambda rows: rows.filter(what), False)
            kept = Groups(self.columns, dict((key, rows) for key, rows in kept.items() if len(rows)))
        else:
            kept = self.ungroup().filter(what, bygroups).groupby(list(self.columns))
        return kept.ungroup() if ungroup else kept

    def select(self, keys):
        """Returns only the groups with these keys."""
        keys = [key if isinstance(key, tuple) else (key,) for key in keys]
        return Groups(self.columns, dict((key, self._groups[key]) for key in keys))

    def ungroup(self):
        """Returns all rows, each with the columns that it was grouped by."""
        rows = []
        for key, group in self._groups.items():
            rows += group._with([dict(zip(self.columns, key)) for _ in group])
        return Rows(rows)

    def groupby(self, by):
        """Returns groups by more columns."""
        return self.ungroup().groupby(list(self.columns) + column_names(by))

    def to_pandas(self, metrics="last"):
        """Rows.to_pandas() of all rows, with the columns that they were grouped by."""
        if metrics in ("last", "values", None):
            return self.ungroup().to_pandas(metrics)
        with warned_once():
            return long_frame(self.ungroup(), column_names(metrics), self.columns)

    def toPandas(self, lazy=True):
        """Rows.toPandas() of all rows, with the columns that they were grouped by."""
        return self.ungroup().toPandas(lazy)
