"""What a program that mlx runs can import: its config, metrics, artifacts and checkpoints.

    import mlxrun
    run = mlxrun.start(config="configs/config.yaml")
    state = run.latest_checkpoint() or {"epoch": 0}
    run.on_preempt(lambda: run.checkpoint(state))
    run.log_metrics({"loss": 0.3}, log_name="train")
    run.progress(state["epoch"], 100)

Under mlx the config is the one composed for this run, and everything is written into the run's directory. Without mlx the
same program works alone: the config is the file given to start(), with the key=value words of its own command line
applied, and metrics and artifacts go nowhere unless start(log_dir=...) or MLX_LOG_DIR names a directory.

Standard library only; Python 3.8 on. A store that can't be written to is told once, on stderr, and never ends the program.
"""

import atexit
import errno
import json
import os
import pickle
import re
import shutil
import signal
import sys
import threading
import time

__all__ = ["start", "read", "slice_tasks", "register_artifact_type", "Run", "Config", "load_yaml"]


class Config(dict):
    """A mapping whose items are attributes too: config.optimizer.lr and config["optimizer"]["lr"]."""

    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError:
            raise AttributeError("the config has no key %r; it has: %s" % (name, ", ".join(map(str, self)))) from None

    def __setattr__(self, name, value):
        self[name] = value

    def __delattr__(self, name):
        try:
            del self[name]
        except KeyError:
            raise AttributeError(name) from None


def start(config=None, log_dir=None):
    """The run that this process is: its config, and where to write. Both arguments are for a program for which mlx has composed nothing."""
    directory = os.environ.get("MLX_LOG_DIR") or log_dir
    composed = os.environ.get("MLX_CONFIG")
    if composed and os.path.exists(composed):
        whole = load_yaml(composed)
        # Of a command with words of its own (mlx job, mlx submit) nothing is composed.
        if whole or not config:
            return Run(directory, whole)
    base = load_yaml(_beside_program(config)) if config else Config()
    if "defaults" in base:
        raise ValueError("%s has a defaults list, which mlx composes: start the program with mlx run" % config)
    return Run(directory, _with_overrides(base, sys.argv[1:]))


def slice_tasks(tasks):
    """The part of a list that this task of an array is to do: by TASK_INDEX, from 1, and TASK_STEPSIZE; all of it without them."""
    tasks = list(tasks)
    index = os.environ.get("TASK_INDEX")
    if not index:
        return tasks
    first = int(index) - 1
    size = int(os.environ.get("TASK_STEPSIZE") or 1)
    if first < 0 or size < 1:
        raise ValueError("TASK_INDEX=%s TASK_STEPSIZE=%s: both count from 1" % (index, size))
    return tasks[first:first + size]


def read(store="logs", attempts="path"):
    """The runs of a store, for reading their results: see mlxread.py beside this file."""
    import mlxread
    return mlxread.read(store, attempts)


class Run:
    """One execution of the program. `dir` is None where nothing is to be written."""

    def __init__(self, directory, config):
        self.config = config
        self.dir = directory
        self.id = os.path.basename(os.path.normpath(directory)) if directory else None
        self.attempt = int(os.environ.get("MLX_ATTEMPT") or 1)
        #: Whether an earlier attempt of the same run may have left a checkpoint.
        self.resumed = self.attempt > 1
        self._metrics = {}
        self._warned = False
        self._on_preempt = []
        self._signalled = set()
        self._progress = None
        self._progress_time = 0.0
        # A metrics file may be written from several threads.
        self._lock = threading.RLock()

    # --- metrics

    def log_metrics(self, metrics, log_name="train"):
        """Appends one line to metrics/<log_name>.json: JSON, with NaN and Infinity as Python writes them.

        The line is handed to the system whole and at once: whatever kills the program afterwards, it is in the file.
        """
        _check_name(log_name)
        line = dict((str(key), _plain(value)) for key, value in metrics.items())
        if self.dir is not None:
            with self._lock:
                self._write(lambda: self._append_metrics(line, log_name))

    def _append_metrics(self, line, log_name):
        log = self._metrics.get(log_name)
        # A forked worker shares the file, which is right: every write goes to its end.
        if log is None:
            log = self._metrics[log_name] = _MetricsFile(os.path.join(self.dir, "metrics"), log_name)
        text = json.dumps(line)
        tail = ', "_attempt": %d}\n' if line else '"_attempt": %d}\n'
        log.append((text[:-1] + tail % self.attempt).encode("utf-8"), line)

    # --- artifacts

    def log_artifact(self, obj, name, type="pickle"):
        """Saves `obj` as artifacts/<type>/<name>, whole or not at all.

        Types: pickle, json, text, file (a path to copy), numpy (an array, or a dict of arrays), torch, image (a figure of
        matplotlib, an image of PIL), and those of register_artifact_type().
        """
        if type not in _TYPES:
            raise ValueError("unknown artifact type %r; there are: %s; register_artifact_type() adds one" % (type, ", ".join(sorted(_TYPES))))
        self._write(lambda: self._save(obj, name, type, _TYPES[type][0]))

    def load_artifact(self, name, type=None, root=None):
        """An artifact of this run, or of the run directory `root`; without a type, of the first type that has the name."""
        root = root or self.dir
        if root is None:
            raise FileNotFoundError("no directory to load the artifact %r from" % name)
        base = os.path.join(root, "artifacts")
        if type is None:
            found = [kind for kind in _TYPES if os.path.exists(os.path.join(base, kind, name))]
            if not found:
                raise FileNotFoundError("no artifact %r in %s" % (name, base))
            type = found[0]
        if type not in _TYPES:
            raise ValueError("unknown artifact type %r; there are: %s" % (type, ", ".join(sorted(_TYPES))))
        _check_inside(os.path.join(base, type), os.path.join(base, type, name))
        return _TYPES[type][1](os.path.join(base, type, name))

    def register_artifact_type(self, name, save, load):
        """See mlxrun.register_artifact_type()."""
        register_artifact_type(name, save, load)

    def checkpoint(self, obj, name="last_ckpt.pkl"):
        """Saves the program's state as artifacts/Checkpoint/<name>, in place of the one before, and flushed to the disk.

        With it goes how far the metrics were: an attempt that continues from here continues them from here, too.
        """
        self._write(lambda: self._save(obj, name, "Checkpoint", self._save_checkpoint, flush=True))

    def latest_checkpoint(self, name="last_ckpt.pkl", root=None):
        """The state that checkpoint() saved last, in this attempt or an earlier one; None where there is none.

        Metrics that an earlier attempt logged after it are set aside, in metrics/.superseded: they are going to be logged
        again.
        """
        # MLXP keeps checkpoints among the pickles.
        for kind in ("Checkpoint", "pickle"):
            path = os.path.join(root or self.dir or "", "artifacts", kind, name)
            if (root or self.dir) is not None and os.path.exists(path):
                with open(path, "rb") as file:
                    state = pickle.load(file)
                    rest = file.read()
                if self.resumed and root is None:
                    self._write(lambda: self._rewind(rest))
                return state
        return None

    def _save_checkpoint(self, obj, path):
        _save_pickle(obj, path)
        directory = os.path.join(self.dir, "metrics")
        sizes = dict((name, os.path.getsize(os.path.join(directory, name))) for name in _metrics_files(directory))
        # Behind the end of a pickle nobody reads on but latest_checkpoint().
        with open(path, "ab") as file:
            file.write(("\n" + json.dumps({"metrics": sizes}) + "\n").encode("utf-8"))

    def _rewind(self, rest):
        try:
            sizes = json.loads(rest.decode("utf-8"))["metrics"]
        except (ValueError, KeyError, TypeError):
            # A checkpoint that mlxrun has not written.
            return
        directory = os.path.join(self.dir, "metrics")
        aside = os.path.join(directory, ".superseded")
        os.makedirs(aside, exist_ok=True)
        try:
            # Of several processes that load it one is enough.
            os.close(os.open(os.path.join(aside, "attempt-%d" % self.attempt), os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return
        own = ('"_attempt": %d}' % self.attempt).encode("utf-8")
        for name in _metrics_files(directory):
            size = sizes.get(name, 0)
            with open(os.path.join(directory, name), "r+b") as file:
                file.seek(size)
                lines = file.read().splitlines(True)
                old = [line for line in lines if not line.rstrip().endswith(own)]
                if not old:
                    continue
                with open(os.path.join(aside, name), "ab") as kept:
                    kept.write(b"".join(old))
                    kept.flush()
                    os.fsync(kept.fileno())
                file.seek(size)
                file.write(b"".join(line for line in lines if line not in old))
                file.truncate()

    def _save(self, obj, name, type, saver, flush=False):
        path = os.path.join(self.dir, "artifacts", type, name)
        _check_inside(os.path.join(self.dir, "artifacts", type), path)
        _write_whole(path, lambda temporary: saver(obj, temporary), flush)
        index = os.path.join(self.dir, "artifacts", ".keys", "artifacts.yaml")
        entries = _load_index(index)
        folder, _, base = name.rpartition("/")
        key = "." + folder.replace("/", ".") if folder else ""
        names = entries.setdefault(type, {}).setdefault(key, {})
        if base not in names:
            names[base] = ""
            _write_whole(index, _text_saver(_nested_yaml(entries, "")))

    # --- the end, and the way there

    def progress(self, done, total):
        """Tells how far the program is, for mlx's live view. Cheap: at most two writes a second reach the disk."""
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
        text = json.dumps({"done": _plain(done), "total": _plain(total), "attempt": self.attempt}) + "\n"
        self._write(lambda: _write_whole(os.path.join(self.dir, "progress.json"), _text_saver(text)))

    def on_preempt(self, function):
        """Calls `function` when this run is about to be taken off its machine: on SIGUSR1, SIGUSR2, SIGXCPU and SIGTERM.

        The first three are warnings, after which the program goes on; SIGTERM then ends it, as it would have without this.
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
        # A signal that comes again while its functions still run must not start them a second time.
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
                    os.kill(os.getpid(), number)
                else:
                    self._signalled.discard(number)

    def _write(self, action):
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
        # The disk that is full may hold the log, too; at the end there may be room.
        if not _say(text):
            atexit.register(_say, text)

    # --- the names that MLXP uses

    def log_artifacts(self, artifact, artifact_name, artifact_type="pickle"):
        """log_artifact(), as MLXP names it."""
        self.log_artifact(artifact, artifact_name, artifact_type)

    def load_artifacts(self, artifact_name, artifact_type=None, root=None):
        """load_artifact(), as MLXP names it."""
        return self.load_artifact(artifact_name, artifact_type, root)

    def log_checkpoint(self, checkpoint, log_name="checkpoint"):
        """checkpoint(), as MLXP names it; load_checkpoint() of the same name gives it back."""
        self.checkpoint(checkpoint, log_name)

    def load_checkpoint(self, log_name="checkpoint", root=None):
        """latest_checkpoint(), as MLXP names it; an error where there is none."""
        path = os.path.join(root or self.dir or "", "artifacts", "Checkpoint", log_name)
        state = self.latest_checkpoint(log_name, root)
        if state is None and not os.path.exists(path):
            raise FileNotFoundError("no checkpoint %r in %s" % (log_name, root or self.dir))
        return state


def _say(text):
    try:
        return os.write(2, ("mlxrun: " + text + "\n").encode("utf-8", "replace")) > 0
    except OSError:
        return False


def _metrics_files(directory):
    try:
        return [name for name in os.listdir(directory) if name.endswith(".json")]
    except FileNotFoundError:
        return []


class _MetricsFile:
    """A metrics file that stays open, and the keys that it is known to hold."""

    def __init__(self, directory, log_name):
        self.index = os.path.join(directory, ".keys", log_name + ".yaml")
        path = os.path.join(directory, log_name + ".json")
        os.makedirs(directory, exist_ok=True)
        self.file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_CLOEXEC", 0), 0o666)
        self.known = set(_load_index(self.index))
        # Whether the file ends in a part of a line: an earlier attempt was killed in it, or the disk was full. The next line
        # must not be read as the rest of it.
        size = os.fstat(self.file).st_size
        self.torn = size > 0 and os.pread(self.file, 1, size - 1) != b"\n"

    def append(self, line, keys):
        whole = b"\n" + line if self.torn else line
        written = os.write(self.file, whole)
        self.torn = written < len(whole)
        if self.torn:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if not self.known.issuperset(keys):
            self.known.update(keys)
            text = "".join("%s: ''\n" % _yaml_key(key) for key in sorted(self.known))
            _write_whole(self.index, _text_saver(text))


# --- Artifact types --------------------------------------------------------------------------------------------------
# Each saves an object to a path and loads it from there. What they need is imported only when they are used.

def register_artifact_type(name, save, load):
    """Adds an artifact type: save(obj, path) writes a file, load(path) reads it back."""
    if name in _BUILT_IN:
        raise ValueError("%r is an artifact type of mlxrun itself; choose another name" % name)
    if not re.match(r"^[\w-]+$", name) or name == "Checkpoint":
        raise ValueError("%r can't be an artifact type: use letters, digits, _ and -" % name)
    _TYPES[name] = (save, load)


def _save_pickle(obj, path):
    with open(path, "wb") as file:
        pickle.dump(obj, file)


def _load_pickle(path):
    with open(path, "rb") as file:
        return pickle.load(file)


def _save_json(obj, path):
    _text_saver(json.dumps(obj, indent=2, default=_plain) + "\n")(path)


def _load_json(path):
    return json.loads(_load_text(path))


def _save_text(obj, path):
    _text_saver(str(obj))(path)


def _load_text(path):
    with open(path, encoding="utf-8", newline="") as file:
        return file.read()


def _save_file(obj, path):
    shutil.copyfile(obj, path)


def _load_path(path):
    return path


def _save_numpy(obj, path):
    import numpy
    with open(path, "wb") as file:
        if isinstance(obj, dict):
            numpy.savez(file, **obj)
        else:
            numpy.save(file, obj)


def _load_numpy(path):
    import numpy
    loaded = numpy.load(path)
    return loaded if isinstance(loaded, numpy.ndarray) else dict(loaded)


def _save_torch(obj, path):
    import torch
    torch.save(obj, path)


def _load_torch(path):
    import torch
    return torch.load(path)


def _save_image(obj, path):
    # By the name's own ending: the temporary file has another one.
    ending = os.path.splitext(re.sub(r"\.[^.]+\.\d+\.tmp$", "", path))[1][1:].lower() or "png"
    with open(path, "wb") as file:
        if hasattr(obj, "savefig"):
            obj.savefig(file, format=ending, bbox_inches="tight")
        elif hasattr(obj, "save"):
            obj.save(file, format={"jpg": "jpeg"}.get(ending, ending))
        else:
            raise TypeError("an image is a figure of matplotlib or an image of PIL, not %s" % type(obj).__name__)


def _load_image(path):
    try:
        from PIL import Image
    except ImportError:
        return path
    return Image.open(path)


_BUILT_IN = {
    "pickle": (_save_pickle, _load_pickle),
    "json": (_save_json, _load_json),
    "text": (_save_text, _load_text),
    "file": (_save_file, _load_path),
    "numpy": (_save_numpy, _load_numpy),
    "torch": (_save_torch, _load_torch),
    "image": (_save_image, _load_image),
}
_TYPES = dict(_BUILT_IN)

# MLXP keeps these names for itself.
_PROTECTED = ("info", "config", "mlxp", "artifacts")


def _check_name(log_name):
    if log_name in _PROTECTED or not re.match(r"^[\w.-]+$", log_name) or log_name.startswith("."):
        raise ValueError("%r can't be a log name: use letters, digits, _ - . and none of %s" % (log_name, ", ".join(_PROTECTED)))


def _check_inside(directory, path):
    if not os.path.normpath(path).startswith(os.path.normpath(directory) + os.sep):
        raise ValueError("an artifact's name stays inside of its run: %r" % path)


def _plain(value):
    """A metric as JSON has it: numbers of numpy, torch and the like become Python's, arrays of one number too."""
    if value is None or isinstance(value, (bool, int, float, str)):
        # Subclasses such as numpy.float64 print in ways of their own.
        return float(value) if isinstance(value, float) else value
    item = getattr(value, "item", None)
    if callable(item):
        try:
            return item()
        except (ValueError, RuntimeError):
            return value.tolist()
    return str(value)


def _text_saver(text):
    def save(path):
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(text)
    return save


def _write_whole(path, save, flush=False):
    """Has `save` write a temporary file beside `path`, which then takes its place."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    host = os.uname().nodename if hasattr(os, "uname") else ""
    temporary = "%s.%s.%d.tmp" % (path, host, os.getpid())
    try:
        save(temporary)
        if flush:
            with open(temporary, "rb") as file:
                os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        if os.path.exists(temporary):
            os.remove(temporary)
        raise


def _load_index(path):
    """An index that was made by us or MLXP; one that is damaged is made anew."""
    try:
        return load_yaml(path) if os.path.exists(path) else {}
    except ValueError:
        return {}


def _beside_program(path):
    program = os.path.dirname(os.path.abspath(sys.argv[0] or "."))
    beside = os.path.join(program, path)
    return beside if os.path.exists(beside) else path


def _with_overrides(config, words):
    """The words key=value of a command line applied to a config, for a program that runs without mlx."""
    for word in words:
        key, equals, text = word.lstrip("+").partition("=")
        if not equals or word.startswith("-"):
            continue
        place = config
        *parents, last = key.split(".")
        for parent in parents:
            place = place.setdefault(parent, Config())
        place[last] = _Yaml(text, "the command line").flow_value(whole=True) if text else ""
    return config


# --- YAML ------------------------------------------------------------------------------------------------------------
# What mlx, MLXP, OmegaConf and PyYAML write and configs usually hold, without a package: block and flow collections, scalars over
# several lines, anchors, tags. Scalars are typed as OmegaConf does. Anything else is an error.

_BOOL = re.compile(r"^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$")
_INT = re.compile(r"^[-+]?(?:0|[1-9][0-9_]*|0[0-7_]+|0x[0-9a-fA-F_]+|0b[01_]+)$")
_FLOAT = re.compile(r"^(?:[-+]?(?:[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+"
                    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$")
_ESCAPES = {"0": "\0", "a": "\a", "b": "\b", "t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "e": "\x1b", " ": " ",
            '"': '"', "/": "/", "\\": "\\", "N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029", "\t": "\t"}
_KEY = re.compile(r"(?:[^-?:#\[\]{},&*!|>%@`\"' \t\n]|[-?:](?=[^ \t\n]))(?:[^:#\n]|:(?=[^ \t\n])|(?<=[^ \t\n])#)*?(?=[ \t]*:(?:[ \t\n]|$))")
_PLAIN = re.compile(r"(?:[^#:\n]|(?<=[^ \t\n])#|:(?=[^ \t\n]))+")
_PLAIN_IN_FLOW = re.compile(r"(?:[^#:\n,\[\]{}]|(?<=[^ \t\n])#|:(?=[^ \t\n,\[\]{}]))+")
_QUOTED = {'"': re.compile(r'"((?:[^"\\]|\\.)*)"', re.S), "'": re.compile(r"'((?:[^']|'')*)'")}
_BREAK = r"[ \t]*\n(?:[ \t]*\n)*[ \t]*"


def load_yaml(path):
    """Reads a YAML file into Config, list and scalars. Raises ValueError with file and line where it can't."""
    with open(path, encoding="utf-8-sig") as file:
        return _Yaml(file.read(), path).document()


class _Yaml:
    """A position in a YAML text."""

    def __init__(self, text, place):
        self.text, self.at, self.place = text, 0, place
        self.anchors, self.brackets = {}, 0

    def document(self):
        directives = re.match(r"(?:[ \t]*(?:#[^\n]*|%[^\n]*)?\n)*---(?=[ \t\n]|$)", self.text)
        if directives:
            self.text = re.sub(r"[^\n]", " ", directives.group()) + self.text[directives.end():]
        end = re.search(r"^(?:\.\.\.|---)(?=[ \t\n]|$)", self.text, re.M)
        if end:
            if re.search(r"^(?!\.\.\.[ \t]*$|[ \t]*(?:#.*)?$)", self.text[end.start():], re.M):
                self.at = end.start()
                self.fail("a second document")
            self.text = self.text[:end.start()]
        value = self.node(-1, True, True)
        self.skip()
        if self.at < len(self.text):
            self.fail("this line" if self.column() else "this line after what stands above it")
        return Config() if value is None else value

    def fail(self, what):
        line = self.text.count("\n", 0, self.at) + 1
        shown = self.text[self.text.rfind("\n", 0, self.at) + 1:].partition("\n")[0].strip()
        raise ValueError("can't read %s in %s, line %d: %s" % (what, self.place, line, shown))

    def ahead(self, length=1):
        return self.text[self.at:self.at + length]

    def column(self):
        return self.at - self.text.rfind("\n", 0, self.at) - 1

    def blanks(self):
        while self.ahead() in (" ", "\t"):
            self.at += 1

    def skip(self):
        """Goes to what comes next, over blanks, comments and line ends. Returns whether it is on another line."""
        start = self.at
        while True:
            self.blanks()
            if self.ahead() == "#" and (self.at == 0 or self.text[self.at - 1] in " \t\n"):
                self.at = (self.text.find("\n", self.at) + 1 or len(self.text) + 1) - 1
            if self.ahead() != "\n":
                break
            self.at += 1
        crossed = "\n" in self.text[start:self.at]
        if crossed and not self.brackets and self.at < len(self.text) and "\t" in self.text[self.text.rfind("\n", 0, self.at):self.at]:
            self.fail("a tab as indentation")
        return crossed

    def end_of_line(self):
        self.blanks()
        if self.ahead() not in ("", "\n") and not (self.ahead() == "#" and self.text[self.at - 1] in " \t"):
            self.fail("%r" % self.text[self.at:].partition("\n")[0])

    def is_item(self):
        return self.ahead() == "-" and self.text[self.at + 1:self.at + 2] in ("", " ", "\t", "\n")

    # --- blocks

    def node(self, parent, may_be_block, list_at_parent=False):
        """The value that stands here, further in than column `parent`; a list of a mapping may stand right below its key."""
        tag = anchor = None
        while True:
            crossed = self.skip()
            may_be_block = may_be_block or crossed
            at_parent = list_at_parent and self.column() == parent and self.is_item()
            if self.at >= len(self.text) or (crossed and self.column() <= parent and not at_parent):
                value, raw = None, ""
                break
            if self.ahead() in ("&", "!"):
                word = re.compile(r"[^ \t\n,\[\]{}]+" if self.ahead() == "&" else r"[^ \t\n]+").match(self.text, self.at).group()
                self.at += len(word)
                tag, anchor = (tag, word[1:]) if word[0] == "&" else (word, anchor)
                continue
            value, raw = self.content(parent, may_be_block)
            break
        value = _tagged(tag, value, raw) if tag else value
        if anchor:
            self.anchors[anchor] = value
        return value

    def content(self, parent, may_be_block):
        """A value, and its text where it is a plain scalar."""
        if may_be_block:
            if self.is_item():
                return self.block_list(self.column()), None
            if self.ahead(2) in ("? ", "?\n") or self.key() is not None:
                return self.block_mapping(self.column()), None
        elif self.is_item():
            self.fail("a list at this place")
        first, raw = self.ahead(), None
        if first in ("|", ">"):
            return self.block_scalar(parent), None
        if first == "*":
            value = self.alias()
        elif first in ("[", "{"):
            value = self.flow()
        elif first in ('"', "'"):
            value = self.quoted()
        elif first in ("%", "@", "`"):
            self.fail("%r at this place" % first)
        else:
            raw = self.plain(_PLAIN, parent)
            value = _scalar(raw)
            if self.ahead() == ":":
                self.fail("a mapping at this place")
        self.end_of_line()
        return value, raw

    def block_list(self, column):
        items = []
        while self.at < len(self.text) and self.column() == column and self.is_item():
            self.at += 1
            items.append(self.node(column, True))
            self.skip()
        return items

    def block_mapping(self, column):
        mapping, merged = Config(), []
        while self.at < len(self.text) and self.column() == column and not self.is_item():
            start, explicit = self.at, self.ahead(2) in ("? ", "?\n")
            if explicit:
                self.at += 1
                key = self.node(column, True)
                self.skip()
                has_value = self.column() == column and self.ahead(2) in (": ", ":\n", ":")
                if isinstance(key, list):
                    key = str(tuple(key))
                elif isinstance(key, dict):
                    self.fail("a mapping as a key")
            else:
                end = self.key()
                if end is None:
                    self.fail("this line")
                key = self.quoted() if self.ahead() in ('"', "'") else _scalar(self.text[self.at:end[0]])
                self.at, has_value = end[1], True
            if key in mapping:
                self.at = start
                self.fail("the key %r a second time" % key)
            if has_value:
                self.at += 1
            value = self.node(column, explicit, True) if has_value else None
            # A key that takes over what another mapping has is not quoted.
            if key == "<<" and self.text.startswith("<<", start) and all(isinstance(one, dict) for one in _listed(value)):
                merged += _listed(value)
            else:
                mapping[key] = value
            self.skip()
        for one in merged:
            for key, value in one.items():
                mapping.setdefault(key, value)
        return mapping

    def key(self):
        """Where the key of a mapping that stands here ends, and where its colon is; None if it has no key."""
        if self.ahead() in ('"', "'") and self.ahead():
            match = _QUOTED[self.ahead()].match(self.text, self.at)
            if not match or "\n" in match.group():
                return None
        else:
            match = _KEY.match(self.text, self.at)
        colon = match and re.compile(r"[ \t]*(:)(?=[ \t\n]|$)").match(self.text, match.end())
        return colon and (match.end(), colon.start(1))

    def block_scalar(self, parent):
        header = re.compile(r"([|>])([-+]?)([1-9]?)([-+]?)[ \t]*(?:(?<=[ \t])#[^\n]*)?(?:\n|$)").match(self.text, self.at)
        if not header:
            self.fail("the head of a block of text")
        style, chomp, indent = header.group(1), header.group(2) or header.group(4), header.group(3)
        self.at = header.end()
        indent = max(parent, 0) + int(indent) if indent else None
        lines = []
        while self.at < len(self.text):
            line = self.text[self.at:(self.text.find("\n", self.at) + 1 or len(self.text) + 1) - 1]
            own = len(line) - len(line.lstrip(" "))
            if line.strip(" "):
                indent = max(own, parent + 1) if indent is None else indent
                if own < indent:
                    break
            lines.append("" if indent is None else line[indent:])
            self.at = min(self.at + len(line) + 1, len(self.text))
        kept = len(lines)
        while kept and lines[kept - 1] == "":
            kept -= 1
        text = "\n".join(lines[:kept]) if style == "|" else _folded(lines[:kept])
        if chomp == "-" or not kept:
            return text + ("\n" * len(lines) if chomp == "+" else "")
        return text + "\n" * (1 + len(lines) - kept if chomp == "+" else 1)

    # --- scalars and flow collections

    def plain(self, pattern, parent):
        """The text of a plain scalar, which goes on in the lines below that are further in."""
        parts = []
        while True:
            match = pattern.match(self.text, self.at)
            if not match:
                break
            parts.append(match.group().rstrip(" \t"))
            self.at = match.end()
            start = self.at
            gap = re.compile(_BREAK).match(self.text, self.at)
            if not gap:
                break
            self.at = gap.end()
            if self.column() <= parent or self.ahead() in ("", "#"):
                self.at = start
                break
            parts.append(_break(gap))
        return "".join(parts).rstrip(" \n").lstrip(" \t")

    def quoted(self):
        quote = self.ahead()
        match = _QUOTED[quote].match(self.text, self.at)
        if not match:
            self.fail("a quote that is not closed")
        if quote == "'":
            text = re.sub("''|" + _BREAK, lambda one: "'" if one.group() == "''" else _break(one), match.group(1))
        else:
            text = re.sub(r"\\(x..|u....|U........|\n[ \t]*|.)|" + _BREAK, self.escape, match.group(1))
            text = text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
        self.at = match.end()
        return text

    def escape(self, match):
        code = match.group(1)
        if code is None:
            return _break(match)
        if code[0] == "\n":
            return ""
        if len(code) > 1:
            try:
                return chr(int(code[1:], 16))
            except (ValueError, OverflowError):
                self.fail("the escape \\%s" % code)
        if code not in _ESCAPES:
            self.fail("the escape \\%s" % code)
        return _ESCAPES[code]

    def alias(self):
        name = re.compile(r"\*([^ \t\n,\[\]{}]*)").match(self.text, self.at).group(1)
        if name not in self.anchors:
            self.fail("*%s, which nothing above is named" % name)
        self.at += 1 + len(name)
        return self.anchors[name]

    def flow_value(self, whole=False):
        """A value within brackets; with `whole` one that is all of the text."""
        self.skip()
        tag = anchor = raw = None
        while self.ahead() in ("&", "!"):
            word = re.compile(r"[^ \t\n,\[\]{}]+").match(self.text, self.at).group()
            self.at += len(word)
            tag, anchor = (tag, word[1:]) if word[0] == "&" else (word, anchor)
            self.skip()
        first = self.ahead()
        if first == "*":
            value = self.alias()
        elif first in ("[", "{"):
            value = self.flow()
        elif first in ('"', "'"):
            value = self.quoted()
        elif first and first in "|>%@`":
            self.fail("%r at this place" % first)
        else:
            raw = self.plain(_PLAIN if whole else _PLAIN_IN_FLOW, -1)
            value = _scalar(raw)
        self.skip()
        if whole and self.at < len(self.text):
            self.fail("a mapping at this place" if self.ahead() == ":" else "%r" % self.text[self.at:])
        value = _tagged(tag, value, raw) if tag else value
        if anchor:
            self.anchors[anchor] = value
        return value

    def flow(self):
        is_list = self.ahead() == "["
        end, into = ("]", []) if is_list else ("}", Config())
        start = self.at
        self.brackets += 1
        self.at += 1
        self.skip()
        while self.ahead() != end:
            if self.at >= len(self.text):
                self.at = start
                self.fail("a bracket that is not closed")
            before = self.at
            if self.ahead(2) in ("? ", "?\n"):
                self.at += 1
            value = self.flow_value()
            if self.ahead() == ":":
                self.at += 1
                if isinstance(value, (list, dict)):
                    self.fail("a list or mapping as a key")
                entry = Config([(value, self.flow_value())])
                if is_list:
                    into.append(entry)
                else:
                    into.update(entry)
            elif is_list:
                into.append(value)
            else:
                into[value] = None
            if self.ahead() == ",":
                self.at += 1
                self.skip()
            elif self.ahead() != end or self.at == before:
                if self.at < len(self.text):
                    self.fail("%r within brackets" % self.ahead())
        self.brackets -= 1
        self.at += 1
        return into


def _listed(value):
    return value if isinstance(value, list) else [value]


def _break(match):
    """What a line end within a scalar is: a blank, or the empty lines that follow it."""
    return "\n" * (match.group().count("\n") - 1) or " "


def _folded(lines):
    """The lines of a block of text that is folded; lines that are further in stay as they are."""
    text, before, empty = "", None, 0
    for line in lines:
        if line == "":
            empty += 1
            continue
        if before is None:
            text = "\n" * empty + line
        elif line[0] in " \t" or before[0] in " \t":
            text += "\n" * (empty + 1) + line
        else:
            text += ("\n" * empty or " ") + line
        before, empty = line, 0
    return text


def _tagged(tag, value, raw):
    """A value with the tag that stood before it: Python's tuples, sets, names and paths as what JSON has for them."""
    kind = tag.replace("tag:yaml.org,2002:", "!!").strip("<>").lstrip("!")
    if raw is not None and (kind in ("", "str", "binary", "timestamp", "python/str", "python/unicode")):
        return raw
    if kind in ("int", "float", "bool", "null", "python/float", "python/int") and isinstance(value, str):
        value = _scalar(value.strip())
    if kind in ("float", "python/float") and isinstance(value, int):
        return float(value)
    if kind in ("set", "python/set") and isinstance(value, dict):
        return list(value)
    if kind.startswith(("python/name:", "python/module:")) and not value:
        return kind.partition(":")[2]
    if kind.startswith("python/object/apply:pathlib.") and isinstance(value, list):
        return os.path.join(*map(str, value)) if value else "."
    return value


def _scalar(text):
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if _BOOL.match(text):
        return text[0] in "yYtT" or text.lower() == "on"
    if _INT.match(text):
        digits = text.replace("_", "")
        return int(digits, 8) if re.match(r"^[-+]?0[0-7]+$", digits) else int(digits, 0)
    if _FLOAT.match(text):
        return float(text.replace("_", "").replace(".inf", "inf").replace(".Inf", "inf").replace(".INF", "inf").replace(".n", "n").replace(".N", "n"))
    return text


def _yaml_key(key):
    return key if re.match(r"^[A-Za-z_][\w.-]*$", key) and not _BOOL.match(key) and key not in ("null", "Null", "NULL", "y", "n", "Y", "N") else json.dumps(key)


def _nested_yaml(mapping, indent):
    text = ""
    for key in sorted(mapping):
        value = mapping[key]
        if isinstance(value, dict):
            text += "%s%s:\n%s" % (indent, _yaml_key(key), _nested_yaml(value, indent + "  "))
        else:
            text += "%s%s: ''\n" % (indent, _yaml_key(key))
    return text
