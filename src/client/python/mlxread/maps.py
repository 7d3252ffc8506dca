"""The arguments of groupby(), sort(), aggregate() and the like: columns, and MLXP's maps."""

from .evaluate import MISSING


def column_names(by):
    """Returns a list of columns, given as one name or several."""
    return [by] if isinstance(by, str) else list(by)


def column_maps(maps):
    """Yields (function, columns, names) for each map: the names are those of the new columns, or None.

    A map is (function, column), (function, columns) or (function, columns, names); `maps` is one or a list.
    """
    for one in [maps] if isinstance(maps, tuple) else list(maps):
        function, columns = one[0], column_names(one[1])
        yield function, columns, column_names(one[2]) if len(one) > 2 else None


def new_columns(maps):
    """Yields (function, column, name of the new column) for each column of each map."""
    for function, columns, names in column_maps(maps):
        for column, name in zip(columns, names or [_default_name(function, column) for column in columns]):
            yield function, column, name


def _default_name(function, column):
    return "f%s.%s" % (getattr(function, "__name__", "map"), column)


def hashable(value):
    """Returns a value that can be the key of a dict: tuples for lists and mappings."""
    if isinstance(value, dict):
        return tuple((key, hashable(one)) for key, one in value.items())
    return tuple(hashable(one) for one in value) if isinstance(value, list) else value


def sort_key(value):
    """Returns a key that sorts numbers before texts before lists; None for a value that has no order."""
    if value is MISSING or value is None or value != value:
        return None
    if isinstance(value, (int, float)):
        return 0, value
    return (1, value) if isinstance(value, str) else (2, str(value))
