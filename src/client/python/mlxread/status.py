"""The status of a run, by the rules of the table in mlx (status.ts) that need no engine."""

import os

from .records import integer_of

STATUSES = ("STARTING", "RUNNING", "COMPLETE", "FAILED", "QUEUED", "HELD", "TIMEOUT", "PREEMPTED",
            "STOPPED", "LOST")


def status_of(job, attempt, engine, job_id):
    """Returns the status and the reason, which may be None.

    `job` is the record of the submission, and `attempt` its last attempt as (number, claim, end); the number
    is 0 if the submission has not started. `engine` are the fields of the engine's last word, or None.
    """
    number, claim, end = attempt
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
        if _is_alive(job) is False:
            return "LOST", "never started: its launcher is gone"
        return "STARTING", None
    if end:
        return _ended(claim or {}, end, verdict, by_engine)
    alive = _is_alive(claim or job)
    if alive:
        return "RUNNING", None
    if verdict or by_engine:
        return verdict or by_engine
    return ("RUNNING", None) if alive is None else ("LOST", "its process is gone without an end on record")


def _ended(claim, end, verdict, by_engine):
    exit_code, signals = integer_of(end, "exit_code"), end.get("signals_received", "").split()
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
    """Returns True if the process of a record is alive, and None if that can't be seen from this host."""
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
    # The start in ticks, field 22 of proc(5), differs from that of a later process with the same number.
    return state not in "ZX" and fields.get("process_start") == "%s.%s" % (boot, rest[18])
