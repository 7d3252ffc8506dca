"""The run that the program is."""

import atexit
import json
import os
import signal
import sys
import threading
import time

from .artifacts import load_artifact, register_artifact_type, save_artifact, saver_of
from .checkpoint import load_checkpoint, rewind_metrics, save_checkpoint
from .files import text_saver, write_whole
from .metrics import LostLines, MetricsFile, check_log_name, index_of, metrics_line, plain


class Run:
    """One execution of the program. `dir` is its directory, or None if nothing is written."""

    def __init__(self, directory, config):
        self.config = config
        self.dir = directory
        self.id = os.path.basename(os.path.normpath(directory)) if directory else None
        self.attempt = int(os.environ.get("MLX_ATTEMPT") or 1)
        #: Whether this run had an earlier attempt, which may have left a checkpoint.
        self.resumed = self.attempt > 1
        self._metrics = {}
        self._lost = {}
        self._warned = False
        self._on_preempt = []
        self._signalled = set()
        self._progress = None
        self._progress_time = 0.0
        # Several threads may log metrics.
        self._lock = threading.RLock()

    # --- Metrics

    def log_metrics(self, metrics, log_name="train"):
        """Appends one line to metrics/<log_name>.json: JSON, with NaN and Infinity as Python writes them.

        The whole line goes to the system at once, so it is in the file even if the program is killed
        afterwards. Raises ValueError if the log name is not allowed.
        """
        check_log_name(log_name)
        line = dict((str(key), plain(value)) for key, value in metrics.items())
        if self.dir is not None:
            with self._lock:
                self._write(lambda: self._append_metrics(line, log_name))

    def _append_metrics(self, line, log_name):
        directory = os.path.join(self.dir, "metrics")
        try:
            log = self._metrics.get(log_name)
            # A forked worker shares the open file. That is safe: every write goes to the end of the file.
            if log is None:
                log = self._metrics[log_name] = MetricsFile(directory, log_name)
            log.append(metrics_line(line, self.attempt))
        except OSError:
            if not self._lost:
                atexit.register(self._note_lost)
            if log_name not in self._lost:
                self._lost[log_name] = LostLines(index_of(directory, log_name), self.attempt)
            self._lost[log_name].add()
            raise
        # There is room again.
        self._note_lost()
        log.add_keys(line)

    def _note_lost(self):
        for lost in self._lost.values():
            lost.note()

    # --- Artifacts and checkpoints

    def log_artifact(self, obj, name, type="pickle"):
        """Saves `obj` as artifacts/<type>/<name>, whole or not at all.

        The types are pickle, json, text, file (a path to copy), numpy (an array, or a dict of arrays), torch,
        image (a figure of matplotlib or an image of PIL), and those of register_artifact_type(). Raises
        ValueError if there is no such type or the name leaves the type's folder.
        """
        save = saver_of(type)
        self._write(lambda: save_artifact(self.dir, (type, name), lambda path: save(obj, path)))

    def load_artifact(self, name, type=None, root=None):
        """Returns an artifact of this run, or of the run directory `root`.

        Without a type it is that of the first type that has the name. Raises FileNotFoundError if the
        artifact is missing, and ValueError if there is no such type.
        """
        root = root or self.dir
        if root is None:
            raise FileNotFoundError("no directory to load the artifact %r from" % name)
        return load_artifact(root, name, type)

    def register_artifact_type(self, name, save, load):
        """Adds an artifact type, as mlxrun.register_artifact_type() does."""
        register_artifact_type(name, save, load)

    def checkpoint(self, obj, name="last_ckpt.pkl"):
        """Saves the program's state as artifacts/Checkpoint/<name>, and flushes it to the disk.

        It replaces the previous checkpoint of that name. The checkpoint also records how long the metrics
        files are: an attempt that continues from it continues the metrics from there, too.
        """
        def save(path):
            save_checkpoint(self.dir, obj, path)
        self._write(lambda: save_artifact(self.dir, ("Checkpoint", name), save, flush=True))

    def latest_checkpoint(self, name="last_ckpt.pkl", root=None):
        """Returns the state that checkpoint() saved last, in this attempt or an earlier one, else None.

        Metrics that an earlier attempt logged after the checkpoint move to metrics/.superseded, because this
        attempt will log them again.
        """
        # MLXP keeps checkpoints among the pickles.
        for kind in ("Checkpoint", "pickle"):
            path = os.path.join(root or self.dir or "", "artifacts", kind, name)
            if (root or self.dir) is not None and os.path.exists(path):
                state, rest = load_checkpoint(path)
                if self.resumed and root is None:
                    self._write(lambda: rewind_metrics(self.dir, self.attempt, rest))
                return state
        return None

    # --- Progress and preemption

    def progress(self, done, total):
        """Reports how far the program is, for mlx's live view. It writes at most twice a second."""
        if self.dir is None:
            return
        if self._progress is None:
            atexit.register(self._write_progress)
        self._progress = (done, total)
        if done == total or time.monotonic() - self._progress_time >= 0.5:
            self._write_progress()

    def _write_progress(self):
        self._progress_time = time.monotonic()
        done, total = self._progress
        text = json.dumps({"done": plain(done), "total": plain(total), "attempt": self.attempt}) + "\n"
        self._write(lambda: write_whole(os.path.join(self.dir, "progress.json"), text_saver(text)))

    def on_preempt(self, function):
        """Calls `function` when this run will soon lose its machine: on SIGUSR1, SIGUSR2, SIGXCPU, SIGTERM.

        The first three are warnings, and the program goes on. SIGTERM ends the program after the call.
        """
        self._on_preempt.append(function)
        if len(self._on_preempt) > 1:
            return
        for name in ("SIGUSR1", "SIGUSR2", "SIGXCPU", "SIGTERM"):
            number = getattr(signal, name, None)
            if number is None:
                continue
            try:
                signal.signal(number, self._preempt)
            except ValueError:
                self._warn("on_preempt() works in the main thread only")
                return

    def _preempt(self, number, frame):
        # The same signal may come again while the functions still run. It must not start them a second time.
        if number not in self._signalled:
            self._signalled.add(number)
            try:
                for function in self._on_preempt:
                    function()
            finally:
                if number == signal.SIGTERM:
                    signal.signal(number, signal.SIG_DFL)
                    sys.stdout.flush()
                    sys.stderr.flush()
                    if self._progress is not None:
                        self._write_progress()
                    self._note_lost()
                    os.kill(os.getpid(), number)
                else:
                    self._signalled.discard(number)

    # --- What goes wrong with the store

    def _write(self, action):
        """Writes to the run's directory. An error of the system is a warning and not raised."""
        if self.dir is None:
            return
        try:
            action()
        except OSError as error:
            self._warn("can't write to %s: %s; going on without" % (self.dir, error))

    def _warn(self, text):
        if self._warned:
            return
        self._warned = True
        # The log may be on the same full disk. At the end of the program there may be room again.
        if not _say(text):
            atexit.register(_say, text)

    # --- The names that MLXP uses

    def log_artifacts(self, artifact, artifact_name, artifact_type="pickle"):
        """MLXP's name for log_artifact()."""
        self.log_artifact(artifact, artifact_name, artifact_type)

    def load_artifacts(self, artifact_name, artifact_type=None, root=None):
        """MLXP's name for load_artifact()."""
        return self.load_artifact(artifact_name, artifact_type, root)

    def log_checkpoint(self, checkpoint, log_name="checkpoint"):
        """MLXP's name for checkpoint(). load_checkpoint() of the same name loads it."""
        self.checkpoint(checkpoint, log_name)

    def load_checkpoint(self, log_name="checkpoint", root=None):
        """MLXP's name for latest_checkpoint(). Raises FileNotFoundError if there is no checkpoint."""
        path = os.path.join(root or self.dir or "", "artifacts", "Checkpoint", log_name)
        state = self.latest_checkpoint(log_name, root)
        if state is None and not os.path.exists(path):
            raise FileNotFoundError("no checkpoint %r in %s" % (log_name, root or self.dir))
        return state


def _say(text):
    """Writes a message to stderr. Returns False if that fails."""
    try:
        return os.write(2, ("mlxrun: " + text + "\n").encode("utf-8", "replace")) > 0
    except OSError:
        return False
