"""The words after @, which make one value of a metric's values. mlx has the same in metric-summary.ts."""

import re

from .evaluate import MISSING, float_of, is_number

REDUCERS = ("last", "first", "min", "max", "mean", "std", "median", "argmin", "argmax", "count", "nan",
            "values")


def is_reducer(word):
    """Returns True if a word after @ means something: min, q90, epoch=10, …"""
    return word in REDUCERS or re.match(r"^(?:q\d{1,2}|[\w.-]+=.+)$", word) is not None


def reduced(values, reducer):
    """Returns what a word after @ makes of a metric's values; MISSING if that needs more numbers."""
    if reducer == "values":
        return values
    if reducer in ("last", "first"):
        return values[-1 if reducer == "last" else 0]
    numbers = [one for one in values if is_number(one) and one == one]
    nan = sum(1 for one in values if isinstance(one, float) and one != one)
    if reducer in ("count", "nan"):
        return len(numbers) if reducer == "count" else nan
    if reducer == "std":
        return (_spread(numbers)[1] / (len(numbers) - 1)) ** 0.5 if len(numbers) > 1 else MISSING
    if reducer in ("min", "max", "mean"):
        if not numbers:
            return float("nan") if nan else MISSING
        return _spread(numbers)[0] if reducer == "mean" else (min if reducer == "min" else max)(numbers)
    if not numbers:
        return MISSING
    if reducer in ("argmin", "argmax"):
        best = (min if reducer == "argmin" else max)(numbers)
        return next(place for place, one in enumerate(values) if one == best and not isinstance(one, bool))
    share = 0.5 if reducer == "median" else int(reducer[1:]) / 100.0
    ordered, place = sorted(map(float_of, numbers)), (len(numbers) - 1) * share
    low = int(place)
    if place == low:
        return ordered[low]
    return ordered[low] + (ordered[low + 1] - ordered[low]) * (place - low)


def _spread(numbers):
    """Returns the mean, and the sum of squared distances from it, in one pass as the shell's reader does."""
    mean = squares = 0.0
    for count, one in enumerate(map(float_of, numbers), 1):
        distance = one - mean
        mean += distance / count
        squares += distance * (one - mean)
    return mean, squares


def at_step(lines, key, reducer):
    """Returns the value of a key in the last line for which the reducer KEY=VALUE holds; else MISSING.

    VALUE is compared as text and as number.
    """
    step, _, wanted = reducer.partition("=")
    number = _number(wanted)
    for line in reversed(lines):
        value = line.get(step, MISSING)
        if value is MISSING:
            continue
        if _shown(value) == wanted or (number is not None and _number(value) == number):
            return line.get(key, MISSING)
    return MISSING


def _shown(value):
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    return str(value)


def _number(value):
    if isinstance(value, (bool, list, dict)) or value is None:
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None
