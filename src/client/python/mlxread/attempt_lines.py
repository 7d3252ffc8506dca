"""The lines of metrics files that count: those on the way to the run's last attempt.

mlx itself has the same rules in attempt-lines.ts, and docs/reading.md explains them.
"""

import math

#: The keys that metrics are logged beside. Attempts are fitted together by them. mlx has the same list, in
#: steps.ts.
STEPS = ("epoch", "step", "iteration", "global_step", "iter", "it", "update", "episode", "timestep",
         "timesteps", "round")


def lines_on_the_way(files, last, continued, passed_over=()):
    """Returns for each file the (line, attempt) pairs on the way to the last attempt, and an attempt.

    That is the earlier attempt that logged the lines, if nothing says that the last one continues from them,
    else None. `files`, `last`, `continued` and `passed_over` are those of LoadedMetrics.
    """
    kept = dict((name, []) for name in files)
    ascending = dict((name, _without_late(lines)) for name, lines in files.items())
    attempts = set(attempt for lines in ascending.values() for _, attempt in lines)
    fitted = set()
    for attempt in sorted(attempts):
        own = dict((name, [one for one in lines if one[1] == attempt]) for name, lines in ascending.items())
        fitted = set(kept) if attempt in continued else _set_aside(kept, own, attempt in passed_over)
        for name, lines in own.items():
            kept[name].extend(lines)
    found = {}
    for name, lines in kept.items():
        latest = lines[-1][1] if lines else last
        is_fitted = last in attempts and name in fitted
        is_current = latest == last or last in continued or last in passed_over or is_fitted
        found[name] = (lines, None if is_current else latest)
    return found


def _without_late(lines):
    """Returns the lines except those of an earlier attempt that follow a later one's.

    A process that was thought to be dead has written them.
    """
    found, latest = [], 0
    for line in lines:
        if line[1] >= latest:
            latest = line[1]
            found.append(line)
    return found


def _set_aside(kept, own, keeps_others):
    """Removes the kept lines that an attempt does not continue from.

    With `keeps_others` it removes them only from files that the attempt has written. Returns the names of the
    files in which a step decides which lines stay.
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
        keys = [key for key in STEPS if key in cuts and _has_step(lines, key)]
        keys = [key for key in keys if not added or _has_step(added, key)]
        key = _finest(keys, lines + added)
        if key is None:
            if added:
                del lines[:]
            continue
        end = len(lines)
        while end and not _is_below(_step(lines[end - 1][0], key), cuts[key]):
            end -= 1
        del lines[end:]
        fitted.add(name)
    return fitted


def _is_below(step, limit):
    return step is not None and step < limit


def _finest(keys, lines):
    """Returns the key that descends least often within an attempt, or None.

    Of several it is the one with most distinct values, and of these the first. A key that descends as often
    as it ascends is not a step: a speed, perhaps.
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
