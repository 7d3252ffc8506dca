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
        place[last] = _Reader(text, "the command line").flow_value(whole=True) if text else ""
    return config


# --- YAML ------------------------------------------------------------------------------------------------------------
# Enough of it to read what mlx writes and what configs usually hold, without a package: block mappings and lists, flow
# ones on one line, plain and quoted scalars, comments. Scalars are typed as OmegaConf does. Anything else is an error.

_BOOL = re.compile(r"^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$")
_INT = re.compile(r"^[-+]?(?:0|[1-9][0-9_]*|0[0-7_]+|0x[0-9a-fA-F_]+|0b[01_]+)$")
_FLOAT = re.compile(r"^(?:[-+]?(?:[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+"
                    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$")
_ESCAPES = {"0": "\0", "a": "\a", "b": "\b", "t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "e": "\x1b", " ": " ",
            '"': '"', "/": "/", "\\": "\\", "N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029"}


def load_yaml(path):
    """Reads a YAML file into Config, list and scalars. Raises ValueError with file and line where it can't."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    lines = []
    for number, line in enumerate(text.split("\n"), 1):
        bare = line.strip(" \t\r")
        if bare == "..." or (bare == "---" and not lines):
            continue
        if bare and not bare.startswith("#"):
            lines.append((number, len(line) - len(line.lstrip(" ")), bare))
    if not lines:
        return Config()
    if len(lines) == 1 and lines[0][2][0] in "[{":
        return _Reader(lines[0][2], "%s, line %d" % (path, lines[0][0])).flow_value(whole=True)
    value, end = _block(lines, 0, lines[0][1], path)
    if end != len(lines):
        _refuse(path, lines[end][0], "unexpected indentation")
    return value


def _block(lines, at, indent, path):
    return (_block_list if _is_item(lines[at][2]) else _block_mapping)(lines, at, indent, path)


def _is_item(text):
    return text == "-" or text.startswith("- ")


def _block_mapping(lines, at, indent, path):
    mapping = Config()
    while at < len(lines) and lines[at][1] == indent and not _is_item(lines[at][2]):
        number, _, text = lines[at]
        reader = _Reader(text, "%s, line %d" % (path, number))
        key = reader.key()
        if key in mapping:
            _refuse(path, number, "the key %r is there twice" % key)
        rest = reader.rest()
        at += 1
        if rest:
            mapping[key] = _Reader(rest, reader.place).flow_value(whole=True)
        elif at < len(lines) and (lines[at][1] > indent or (lines[at][1] == indent and _is_item(lines[at][2]))):
            mapping[key], at = _block(lines, at, lines[at][1], path)
        else:
            mapping[key] = None
    return mapping, at


def _block_list(lines, at, indent, path):
    items = []
    while at < len(lines) and lines[at][1] == indent and _is_item(lines[at][2]):
        number, _, text = lines[at]
        rest = text[1:].lstrip(" \t")
        if rest == "" or rest.startswith("#"):
            at += 1
            if at < len(lines) and lines[at][1] > indent:
                value, at = _block(lines, at, lines[at][1], path)
            else:
                value = None
        elif _Reader(rest, path).has_key() or _is_item(rest):
            inner = indent + len(text) - len(rest)
            lines[at] = (number, inner, rest)
            value, at = _block(lines, at, inner, path)
        else:
            value = _Reader(rest, "%s, line %d" % (path, number)).flow_value(whole=True)
            at += 1
        items.append(value)
    return items, at


class _Reader:
    """A position in one line of YAML."""

    def __init__(self, text, place):
        self.text, self.at, self.place = text, 0, place

    def has_key(self):
        try:
            self.key()
            return True
        except ValueError:
            return False

    def key(self):
        if self.text.startswith("? "):
            self.fail("'? ' keys")
        if self.text[:1] in "\"'":
            key = self.quoted()
        else:
            match = re.match(r"(?:[^-?:#\[\]{},&*!|>%@`\"' \t]|[-?:](?=[^ \t]))(?:[^:#]|:(?=[^ \t])|(?<=[^ \t])#)*?(?=[ \t]*:(?:[ \t]|$))", self.text)
            if not match:
                self.fail("this line")
            self.at = match.end()
            key = _scalar(match.group())
        self.blanks()
        if self.text[self.at:self.at + 1] != ":" or self.text[self.at + 1:self.at + 2] not in ("", " ", "\t"):
            self.fail("this line")
        self.at += 1
        return key

    def rest(self):
        rest = self.text[self.at:].strip(" \t\r")
        return "" if rest.startswith("#") else rest

    def blanks(self):
        while self.text[self.at:self.at + 1] in (" ", "\t"):
            self.at += 1

    def flow_value(self, whole=False):
        self.blanks()
        first = self.text[self.at:self.at + 1]
        if first == "[":
            value = self.sequence("]", lambda items: items.append(self.flow_value()), [])
        elif first == "{":
            value = self.sequence("}", self.entry, Config())
        elif first and first in "\"'":
            value = self.quoted()
        elif first and first in "&*!|>%@`":
            self.fail("%r at this place" % first)
        else:
            value = self.plain(whole)
        self.blanks()
        if whole and self.at < len(self.text) and self.text[self.at] != "#":
            self.fail("%r" % self.text[self.at:])
        return value

    def sequence(self, end, add, into):
        self.at += 1
        self.blanks()
        while self.text[self.at:self.at + 1] != end:
            if self.at >= len(self.text):
                self.fail("a bracket that is not closed on its line")
            add(into)
            self.blanks()
            if self.text[self.at:self.at + 1] == ",":
                self.at += 1
                self.blanks()
        self.at += 1
        return into

    def entry(self, mapping):
        key = self.quoted() if self.text[self.at] in "\"'" else self.plain(False, ":")
        self.blanks()
        if self.text[self.at:self.at + 1] != ":":
            self.fail("a key without a value")
        self.at += 1
        mapping[key] = self.flow_value()

    def plain(self, whole, stop=""):
        pattern = r"(?:[^#]|(?<=[^ \t])#)*" if whole else r"(?:[^,\[\]{}#:]|:(?![ \t,\]}]|$)|(?<=[^ \t])#)*" if not stop else r"[^,\[\]{}#:]*"
        match = re.compile(pattern).match(self.text, self.at)
        self.at = match.end()
        if whole and re.search(r":(?:[ \t]|$)", match.group()):
            self.fail("a mapping at this place")
        return _scalar(match.group().strip(" \t\r"))

    def quoted(self):
        quote = self.text[self.at]
        pattern = r"'((?:[^']|'')*)'" if quote == "'" else r'"((?:[^"\\]|\\.)*)"'
        match = re.compile(pattern).match(self.text, self.at)
        if not match:
            self.fail("a quote that is not closed on its line")
        self.at = match.end()
        if quote == "'":
            return match.group(1).replace("''", "'")
        text = re.sub(r"\\(x..|u....|U........|.)", self.escape, match.group(1))
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")

    def escape(self, match):
        code = match.group(1)
        if len(code) > 1:
            return chr(int(code[1:], 16))
        if code not in _ESCAPES:
            self.fail("the escape \\%s" % code)
        return _ESCAPES[code]

    def fail(self, what):
        raise ValueError("can't read %s in %s: %s" % (what, self.place, self.text))


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


def _refuse(path, number, what):
    raise ValueError("can't read %s, line %d: %s" % (path, number, what))
