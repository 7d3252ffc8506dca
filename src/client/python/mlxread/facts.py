"""What mlx recorded of a run: launch, attempt, status, exit code, times and overrides.

A program may write config.yaml and info.yaml again, as MLXP does. So for runs of mlx the facts come from
the files that only mlx writes; docs/store.md describes them.
"""

import datetime
import json
import os
import re
import time

from .records import integer_of, record_of, records_of, seconds_of
from .status import status_of

#: The facts that every run has. A bare name means one of these first.
ALWAYS = ("run", "status", "launch", "attempt")
#: The other facts. A bare name means one of these last.
OTHERS = ("name", "engine", "host", "job", "exit_code", "reason", "started", "ended", "time", "point",
          "command")
FACTS = ALWAYS + OTHERS
_END = ("COMPLETE", "FAILED", "TIMEOUT", "PREEMPTED", "STOPPED")


def facts(directory, info):
    """Returns the facts of a run, by name. A fact that the run does not have is None.

    `info` are the entries of its info.yaml, by the names info.X.
    """
    name = os.path.basename(os.path.normpath(directory))
    run = int(name) if name.isdigit() else None
    words = overrides(directory)
    point = " ".join(words) if words else None
    metadata = os.path.join(directory, "metadata")
    job = record_of(os.path.join(metadata, "job.yaml"))
    if job is None or "token" not in job:
        return dict(_foreign(info), run=run, point=point)
    number, claim, end = _last_attempt(directory)
    job_id = _job_id(directory, job)
    # A run that was submitted again also has the attempts of earlier submissions.
    current = number >= int(job.get("first_attempt", 1)) and number > 0
    engine = _engine(metadata, job, number)
    attempt = (number, claim, end) if current else (0, claim, None)
    status, reason = status_of(job, attempt, engine, job_id)
    command = job.get("command") or _command(directory, info)
    start, stop = seconds_of(claim, "start_seconds"), seconds_of(end, "end_seconds")
    if start is not None and stop is None and status == "RUNNING":
        stop = time.time()
    return {
        "run": run, "status": status, "launch": job.get("launch"), "attempt": number, "name": job.get("name"),
        "engine": job.get("engine"), "host": (claim or {}).get("host"), "job": job_id, "reason": reason,
        "point": point,
        "exit_code": integer_of(end, "exit_code"), "command": command, "started": iso(start),
        "ended": iso(stop) if end else None,
        "time": None if start is None or stop is None else max(0, stop - start),
    }


def iso(seconds):
    """Returns a time, in seconds since 1970, as ISO 8601: local time with its offset, whole seconds."""
    if seconds is None:
        return None
    return datetime.datetime.fromtimestamp(seconds).astimezone().isoformat(timespec="seconds")


def overrides(directory):
    """Returns the overrides of a run as they were typed; None if they are not recorded."""
    path = os.path.join(directory, "metadata", "overrides.yaml")
    try:
        with open(path, encoding="utf-8", newline="") as file:
            lines = file.read().split("\n")
    except OSError:
        return None
    return [json.loads(line[2:]) for line in lines if re.match(r'^- ".*"$', line)]


def typed(words):
    """Returns the text after the `=` of overrides, by key: {"lr": "1e-3"} for `+lr=1e-3`.

    For a deletion the text is `(deleted)`.
    """
    texts = {}
    for word in words:
        match = re.match(r"^[+~]*([^=]*)(?:=(.*))?$", word, re.S)
        texts[match.group(1)] = "(deleted)" if match.group(2) is None else match.group(2)
    return texts


def _foreign(info):
    """Returns the facts of a run that another program than mlx made."""
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
    """Returns a time of MLXP's in seconds: `21/11/2026` and `05:38:28`, local time."""
    date = re.match(r"^(\d+)/(\d+)/(\d{4})$", str(info.get("info.%s_date" % which)))
    clock = re.match(r"^(\d+):(\d+):(\d+)$", str(info.get("info.%s_time" % which)))
    if not date or not clock:
        return None
    day, month, year = map(int, date.groups())
    try:
        return datetime.datetime(year, month, day, *map(int, clock.groups())).timestamp()
    except ValueError:
        return None


def _last_attempt(directory):
    """Returns the number of the last attempt, its claim and its end. The number is 0 before the first."""
    base = os.path.join(directory, "metadata", "attempts")
    try:
        found = [re.match(r"^(\d+)\.yaml$", name) for name in os.listdir(base)]
    except OSError:
        found = []
    number = max([int(match.group(1)) for match in found if match], default=0)
    if number == 0:
        return 0, None, None
    # On a full disk the end is the second document of the claim's file.
    records = records_of(os.path.join(base, "%d.yaml" % number)) + [None, None]
    end = record_of(os.path.join(base, "%d.end.yaml" % number)) or records[1]
    return number, records[0], end


def _job_id(directory, job):
    """Returns the engine's id of a run's job: its own, or that of its task in an array of the launch."""
    if "job_id" in job or "array" not in job:
        return job.get("job_id")
    store = os.path.dirname(os.path.abspath(directory))
    launch = os.path.join(store, ".mlx", "launches", job.get("launch", ""))
    array = record_of(os.path.join(launch, "arrays", "%s.yaml" % job["array"])) or {}
    if "job_id" not in array:
        return None
    ids, task = array.get("task_ids", "").split(" "), int(job.get("task", 0))
    if "task_ids" in array and 0 < task <= len(ids):
        return ids[task - 1]
    return array.get("task_pattern", array["job_id"]).replace("{task}", str(task))


def _engine(metadata, job, number):
    """Returns the engine's last word, if it is about this submission and attempt, else None."""
    fields = record_of(os.path.join(metadata, "engine.yaml")) or {}
    about = (fields.get("token"), fields.get("attempt")) == (job["token"], str(number))
    return fields if about and fields.get("state") in _END else None


def _command(directory, info):
    """Returns the command line of a run, or None: from info.yaml, else from the last line of its script."""
    if info.get("info.command") is not None:
        return info["info.command"]
    try:
        with open(os.path.join(directory, "script.sh"), encoding="utf-8", errors="replace") as file:
            last = file.read().rstrip("\n").rpartition("\n")[2]
    except OSError:
        return None
    return last[len("exec "):] if last.startswith("exec ") else None
