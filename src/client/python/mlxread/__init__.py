"""Reads results from a store: mlxrun.read("logs"), or Reader, which has the names of MLXP's.

    import mlxrun
    runs = mlxrun.read("logs").filter("info.status == 'COMPLETE' & config.optimizer.lr < 1")
    for row in runs:
        print(row["run"], row["config.optimizer.lr"], row["train.loss"][-1])
    best = runs.groupby("config.model").aggregate((min, "test.loss@last"))
    frame = runs.to_pandas()

mlxread needs only the standard library, of Python 3.8 or later; pandas only for frames. Files are read when
their content is asked for, and nothing is ever written. A line of a metrics file that is not JSON is left
out, and Row.problems() names it.
"""

from .mlxp import Reader
from .query import QueryError
from .row import Row
from .rows import Groups, Rows
from .store import read

__all__ = ["read", "Reader", "Row", "Rows", "Groups", "QueryError"]


def __dir__():
    return sorted(__all__)
