"""Rows as frames of pandas, which is imported only here."""

import mlxattempts

__all__ = ["long", "wide"]

_DATES = ("info.start_date", "info.start_time", "info.end_date", "info.end_time")


def wide(rows, metrics, iso=True):
    """One row for each run; `metrics` is last, values or None. With `iso` the moments of a run are `started` and `ended`."""
    import pandas
    return pandas.DataFrame.from_records([_record(row, metrics, iso) for row in rows])


def _record(row, metrics, iso):
    record = {}
    if row.dir is not None:
        record.update((fact, row._fact(fact)) for fact in (("run", "started", "ended") if iso else ("run",)))
        record.update((name, value) for name, value in row._flat().items() if not iso or name not in _DATES)
        for log in row._logs() if metrics else ():
            for key in row._keys_of(log):
                values = row._series(log, key)
                record["%s.%s" % (log, key)] = values[-1] if metrics == "last" else values
        record.update(row._artifacts())
    record.update(row._values)
    return record


def long(rows, names, columns=()):
    """One row for each value of these metrics, after the values of `columns`: run, attempt, step, metric, value."""
    import pandas
    meanings = [rows._store_names().meaning(name) for name in names]
    for name, meaning in zip(names, meanings):
        if meaning is None or meaning[0] != "metric" or meaning[2] is not None:
            raise KeyError(_no_metric(rows, name, meaning))
    records = []
    for row in rows:
        for _, metric, _ in meanings:
            for attempt, step, value in _values(row, metric):
                records.append(tuple(row.get(column) for column in columns) + (row.get("run"), attempt, step, metric, value))
    frame = pandas.DataFrame.from_records(records, columns=list(columns) + ["run", "attempt", "step", "metric", "value"])
    # Lines that MLXP or the program itself wrote tell no attempt.
    return frame.astype({"attempt": "Int64"})


def _no_metric(rows, name, meaning):
    names = rows._store_names()
    if meaning is None:
        return names.unknown(name)
    if meaning[2] is not None:
        return "%r is one value of a run; name the metric alone: %r" % (name, meaning[1])
    near = [one for one in names.near(name) if (names.meaning(one) or " ")[0] == "metric"]
    return "%r is no metric%s" % (name, "; did you mean %s?" % ", ".join(near) if near else "")


def _values(row, metric):
    """(attempt, step, value) of each line in which a run logged a metric."""
    log = row._log_of(metric) if row.dir is not None else None
    if log is None:
        return
    key = metric[len(log) + 1:]
    lines = [(number, line) for number, line in enumerate(row._lines(log), 1) if key in line]
    step = next((one for one in mlxattempts.STEPS if one != key and all(_is_number(line.get(one)) for _, line in lines)), None)
    for number, line in lines:
        yield line.get("_attempt"), number if step is None else line[step], line[key]


def _is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)
