"""What mlx itself recorded of a run: its launch, attempts, status, exit code, times and overrides.

Only files that mlx alone writes are read for runs of mlx, since a program may write config.yaml and info.yaml again, as MLXP does. The
formats are those of src/logger/, and the rules of status() are those of its status table, without asking an engine.
"""

import datetime
import json
import os
import re
import time

from mlxquery import STATUSES

__all__ = ["ALWAYS", "FACTS", "OTHERS", "facts", "iso", "overrides", "typed"]

#: Facts that every run has; a bare name is looked for here first.
ALWAYS = ("run", "status", "launch", "attempt")
#: Other facts: a bare name is looked for here last.
OTHERS = ("name", "engine", "host", "job", "exit_code", "reason", "started", "ended", "time", "point", "command")
FACTS = ALWAYS + OTHERS
_END = ("COMPLETE", "FAILED", "TIMEOUT", "PREEMPTED", "STOPPED")


def facts(directory, info):
    """The facts of a run by name; None where it has none.

    `info` are the entries of its info.yaml, as info.X.
    """
    name = os.path.basename(os.path.normpath(directory))
    run = int(name) if name.isdigit() else None
    words = overrides(directory)
    point = " ".join(words) if words else None
    metadata = os.path.join(directory, "metadata")
    job = _record(os.path.join(metadata, "job.yaml"))
    if job is None or "token" not in job:
        return dict(_foreign(info), run=run, point=point)
    number, claim, end = _last_attempt(directory)
    job_id = _job_id(directory, job)
    # A run that was submitted again still has the attempts of earlier submissions.
    current = number >= int(job.get("first_attempt", 1)) and number > 0
    engine = _engine(metadata, job, number)
    status, reason = _status(job, number if current else 0, claim, end if current else None, engine, job_id, directory)
    command = job.get("command") or _command(directory, info)
    start, stop = _seconds(claim, "start_seconds"), _seconds(end, "end_seconds")
    if start is not None and stop is None and status == "RUNNING":
        stop = time.time()
    return {
        "run": run, "status": status, "launch": job.get("launch"), "attempt": number, "name": job.get("name"),
        "engine": job.get("engine"), "host": (claim or {}).get("host"), "job": job_id, "reason": reason, "point": point,
        "exit_code": _integer(end, "exit_code"), "command": command, "started": iso(start),
        "ended": iso(stop) if end else None,
        "time": None if start is None or stop is None else max(0, stop - start),
    }


def iso(seconds):
    """A moment as ISO 8601: local time with its offset, whole seconds."""
    return None if seconds is None else datetime.datetime.fromtimestamp(seconds).astimezone().isoformat(timespec="seconds")


def overrides(directory):
    """The overrides of a run as they were typed; None where it keeps none."""
    try:
        with open(os.path.join(directory, "metadata", "overrides.yaml"), encoding="utf-8", newline="") as file:
            lines = file.read().split("\n")
    except OSError:
        return None
    return [json.loads(line[2:]) for line in lines if re.match(r'^- ".*"$', line)]


def typed(words):
    """Overrides by key, each with the text after its `=`: `+lr=1e-3` is lr, 1e-3; a deletion has `(deleted)`."""
    texts = {}
    for word in words:
        match = re.match(r"^[+~]*([^=]*)(?:=(.*))?$", word, re.S)
        texts[match.group(1)] = "(deleted)" if match.group(2) is None else match.group(2)
    return texts


def _foreign(info):
    """The facts of a run that mlx did not make."""
    status = info.get("info.status")
    start, stop = _moment(info, "start"), _moment(info, "end")
    known = status in ("STARTING", "RUNNING", "COMPLETE", "FAILED")
    return {
        "status": status if known else "LOST", "launch": None, "attempt": None,
        "name": None, "engine": None, "host": info.get("info.hostname"), "job": None, "exit_code": None,
        "reason": None if known else "info.yaml tells no status", "command": None,
        "started": iso(start), "ended": iso(stop),
        "time": None if start is None or stop is None else max(0, stop - start),
    }


def _moment(info, which):
    """MLXP writes `21/11/2026` and `05:38:28`, local time."""
    date = re.match(r"^(\d+)/(\d+)/(\d{4})$", str(info.get("info.%s_date" % which)))
    clock = re.match(r"^(\d+):(\d+):(\d+)$", str(info.get("info.%s_time" % which)))
    if not date or not clock:
        return None
    day, month, year = map(int, date.groups())
    try:
        return datetime.datetime(year, month, day, *map(int, clock.groups())).timestamp()
    except ValueError:
        return None


def _record(path):
    """The fields of a flat record as texts, without those that are null; None where it is missing or not whole."""
    records = _records(path)
    return records[0] if records else None


def _records(path):
    try:
        with open(path, encoding="utf-8", errors="replace", newline="") as file:
            text = file.read()
    except OSError:
        return []
    return [_fields(part) for part in re.split(r"^---\n", text, flags=re.M)]


def _fields(text):
    if not text.endswith("\n...\n"):
        return None
    fields = {}
    for line in text[:-5].split("\n"):
        key, colon, value = line.partition(": ")
        if not colon or not key:
            return None
        if value.startswith('"'):
            try:
                value = str(json.loads(value))
            except ValueError:
                return None
        if value != "null":
            fields[key] = value
    return fields


def _integer(fields, name):
    value = (fields or {}).get(name)
    return int(value) if value is not None and re.match(r"^-?\d+$", value) else None


def _seconds(fields, name):
    try:
        return float((fields or {})[name])
    except (KeyError, ValueError):
        return None


def _last_attempt(directory):
    """The number of the last attempt, its claim and its end; the number is 0 before the first."""
    base = os.path.join(directory, "metadata", "attempts")
    try:
        found = [re.match(r"^(\d+)\.yaml$", name) for name in os.listdir(base)]
    except OSError:
        found = []
    number = max([int(match.group(1)) for match in found if match], default=0)
    if number == 0:
        return 0, None, None
    # On a full disk the end stands after the claim, as a second document of the same file.
    records = _records(os.path.join(base, "%d.yaml" % number)) + [None, None]
    end = _record(os.path.join(base, "%d.end.yaml" % number)) or records[1]
    return number, records[0], end


def _job_id(directory, job):
    """The engine's id of a run's job: its own, or by its place in an array of its launch."""
    if "job_id" in job or "array" not in job:
        return job.get("job_id")
    store = os.path.dirname(os.path.abspath(directory))
    array = _record(os.path.join(store, ".mlx", "launches", job.get("launch", ""), "arrays", "%s.yaml" % job["array"])) or {}
    if "job_id" not in array:
        return None
    ids, task = array.get("task_ids", "").split(" "), int(job.get("task", 0))
    if "task_ids" in array and 0 < task <= len(ids):
        return ids[task - 1]
    return array.get("task_pattern", array["job_id"]).replace("{task}", str(task))


def _engine(metadata, job, number):
    """The engine's last word, where it is about this submission and attempt."""
    fields = _record(os.path.join(metadata, "engine.yaml")) or {}
    about = (fields.get("token"), fields.get("attempt")) == (job["token"], str(number))
    return fields if about and fields.get("state") in _END else None


def _status(job, number, claim, end, engine, job_id, directory):
    """Status and reason, by the rules of mlx that need no engine. `number` is 0 where this submission has not started."""
    verdict = (job.get("verdict"), job.get("verdict_reason")) if job.get("verdict") in STATUSES else None
    if verdict and number and job.get("verdict_attempt") != str(number):
        verdict = None
    by_engine = engine and (engine["state"], engine.get("reason") or engine.get("word"))
    if not number:
        if verdict or by_engine:
            return verdict or by_engine
        if job.get("held") and "priority" in job:
            return "HELD", None
        if "priority" in job:
            return "QUEUED", "until mlx execute runs it"
        if job_id is not None:
            return "QUEUED", "not to be checked now"
        return ("LOST", "never started: its launcher is gone") if _is_alive(job) is False else ("STARTING", None)
    if end:
        return _ended(claim or {}, end, verdict, by_engine)
    alive = _is_alive(claim or job)
    if alive:
        return "RUNNING", None
    if verdict or by_engine:
        return verdict or by_engine
    return ("RUNNING", None) if alive is None else ("LOST", "its process is gone without an end on record")


def _ended(claim, end, verdict, by_engine):
    exit_code, signals = _integer(end, "exit_code"), end.get("signals_received", "").split()
    told = any(name in ("TERM", "INT", "QUIT") for name in signals)
    if verdict and (exit_code != 0 or told):
        return verdict
    if claim.get("by_hand") == "true" and "INT" in signals:
        return "STOPPED", "interrupted by hand"
    if exit_code == 0:
        return "COMPLETE", None
    if "over_time" in end:
        return "TIMEOUT", "at its time limit"
    if by_engine and (told or end.get("signal") == "KILL") and by_engine[0] != "COMPLETE":
        return by_engine
    return "FAILED", _end_reason(end)


def _end_reason(end):
    if "unmet" in end:
        return end["unmet"]
    where = "step %s, " % end["step"] if "step" in end else ""
    if "out_of_memory" in end:
        return "%sout of memory, limit %dM" % (where, int(end.get("memory_limit", 0)) >> 20)
    how = "killed by SIG%s" % end["signal"] if "signal" in end else "exit code %s" % end.get("exit_code")
    return where + how + (" (out of memory?)" if end.get("signal") == "KILL" else "")


def _is_alive(fields):
    """Whether the process of a record lives; None where that can't be seen from this host."""
    host = os.uname().nodename if hasattr(os, "uname") else None
    if fields.get("host") != host or "pid" not in fields:
        return None
    try:
        with open("/proc/sys/kernel/random/boot_id") as file:
            boot = file.read().strip()
    except OSError:
        return None
    try:
        with open("/proc/%s/stat" % fields["pid"]) as file:
            state, *rest = file.read().rpartition(")")[2].split()
    except OSError:
        return False
    # Its start, in ticks: field 22 of proc(5). A later process of the same number has another.
    return state not in "ZX" and fields.get("process_start") == "%s.%s" % (boot, rest[18])


def _command(directory, info):
    """The command line of a run; its script ends with it, too."""
    if info.get("info.command") is not None:
        return info["info.command"]
    try:
        with open(os.path.join(directory, "script.sh"), encoding="utf-8", errors="replace") as file:
            last = file.read().rstrip("\n").rpartition("\n")[2]
    except OSError:
        return None
    return last[len("exec "):] if last.startswith("exec ") else None
