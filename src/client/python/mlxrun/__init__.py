"""The client for programs that mlx runs: config, metrics, artifacts and checkpoints.

    import mlxrun
    run = mlxrun.start(config="configs/config.yaml")
    state = run.latest_checkpoint() or {"epoch": 0}
    run.on_preempt(lambda: run.checkpoint(state))
    run.log_metrics({"loss": 0.3}, log_name="train")
    run.progress(state["epoch"], 100)

Under mlx, the config is the one that mlx composed for this run, and everything is written into the run's
directory. Without mlx the same program works alone: the config is the file given to start(), with the
key=value words of the command line applied. Metrics and artifacts are then written only if
start(log_dir=...) or MLX_LOG_DIR names a directory.

mlxrun needs only the standard library, of Python 3.8 or later. If it can't write to the store, it says so
once on stderr, and the program goes on.
"""

from .artifacts import register_artifact_type
from .config import Config
from .entry import read, slice_tasks, start
from .run import Run
from .yaml_reader import load_yaml

__all__ = ["start", "read", "slice_tasks", "register_artifact_type", "Run", "Config", "load_yaml"]


def __dir__():
    return sorted(__all__)
