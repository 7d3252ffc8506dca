"""MLXP's reader, by MLXP's names."""

from .row import type_name
from .store import read


class Reader:
    """MLXP's Reader: Reader("./logs").filter(query_string="config.lr < 1", result_format="pandas").

    It writes no database, so only `src_dir` means something.
    """

    def __init__(self, src_dir, dst_dir=None, parser=None, refresh=True):
        self._rows = read(src_dir)

    def __len__(self):
        return len(self._rows)

    def filter(self, query_string="", result_format="datadict"):
        """Returns the runs for which an expression holds: as Rows, or as a pandas.DataFrame."""
        if result_format not in ("pandas", "datadict"):
            raise ValueError("result_format is 'pandas' or 'datadict', not %r" % result_format)
        rows = self._rows.filter(query_string) if query_string.strip() else self._rows
        return rows.toPandas(lazy=False) if result_format == "pandas" else rows

    @property
    def fields(self):
        """The type of each column's values, by the column's name."""
        return dict((name, type_name(name, self._rows)) for name in sorted(self._rows.keys()))

    @property
    def searchable(self):
        """The fields of config and info."""
        fields = self.fields.items()
        return dict((name, kind) for name, kind in fields if name.startswith(("config.", "info.")))
