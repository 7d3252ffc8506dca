"""Rows as frames of pandas, which is imported only here."""

from .attempt_lines import STEPS
from .evaluate import is_number


_DATES = ("info.start_date", "info.start_time", "info.end_date", "info.end_time")


def wide_frame(rows, metrics, iso=True):
    """Returns a frame with one row for each run. `metrics` is "last", "values" or None.

    With `iso` it has the times `started` and `ended`, else those of MLXP.
    """
    import pandas
    return pandas.DataFrame.from_records([_wide_record(row, metrics, iso) for row in rows])


def _wide_record(row, metrics, iso):
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


def long_frame(rows, names, columns=()):
    """Returns a frame with one row for each value of the metrics `names`.

    It has `columns`, run, attempt, step, metric and value. Raises KeyError for a name that is no metric.
    """
    import pandas
    meanings = [rows._store_names().meaning(name) for name in names]
    for name, meaning in zip(names, meanings):
        if meaning is None or meaning[0] != "metric" or meaning[2] is not None:
            raise KeyError(_no_metric(rows, name, meaning))
    records = []
    for row in rows:
        for _, metric, _ in meanings:
            for attempt, step, value in _logged_values(row, metric):
                own = tuple(row.get(column) for column in columns)
                records.append(own + (row.get("run"), attempt, step, metric, value))
    titles = list(columns) + ["run", "attempt", "step", "metric", "value"]
    frame = pandas.DataFrame.from_records(records, columns=titles)
    # Lines that MLXP or the program itself wrote name no attempt.
    return frame.astype({"attempt": "Int64"})


def _no_metric(rows, name, meaning):
    names = rows._store_names()
    if meaning is None:
        return names.unknown(name)
    if meaning[2] is not None:
        return "%r is one value of a run; name the metric alone: %r" % (name, meaning[1])
    near = [one for one in names.near(name) if (names.meaning(one) or " ")[0] == "metric"]
    return "%r is no metric%s" % (name, "; did you mean %s?" % ", ".join(near) if near else "")


def _logged_values(row, metric):
    """Yields (attempt, step, value) of each line in which a run logged a metric."""
    log = row._log_of(metric) if row.dir is not None else None
    if log is None:
        return
    key = metric[len(log) + 1:]
    lines = [(number, line) for number, line in enumerate(row._lines(log), 1) if key in line]
    steps = (one for one in STEPS if one != key)
    step = next((one for one in steps if all(is_number(line.get(one)) for _, line in lines)), None)
    for number, line in lines:
        yield line.get("_attempt"), number if step is None else line[step], line[key]
