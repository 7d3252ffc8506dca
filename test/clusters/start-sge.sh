#!/usr/bin/env bash
# Start a one-machine Grid Engine (Debian's 8.1.9) for tests.  Idempotent; run as root.
#
#   start-sge.sh            start, wait until usable
#   start-sge.sh --fresh    same, but forget every earlier job and setting first
#
# Knobs (environment): SGE_SLOTS (4)  SGE_TIMEOUT (40, seconds)
#   SGE_TEST_USER (sgetest; "" = create none)
#
# Afterwards: queues main.q (SGE_SLOTS slots) and short.q (1 slot, h_rt 1 min);
# parallel environments smp ($pe_slots) and mpi ($round_robin); checkpoint environment `app`;
# root may submit and run jobs.  qsub & co. need no environment variables
# (SGE_ROOT defaults to /var/lib/gridengine, cell "default").
# Exit 0 = `qstat -f` shows main.q with no alarm/unknown/error state; otherwise 1, reason on stderr.
set -u
export LC_ALL=C SGE_SINGLE_LINE=1   # qconf must not wrap long values
# Client settings of a caller must not leak into the daemons or into qconf.
unset SGE_QMASTER_PORT SGE_EXECD_PORT SGE_CLUSTER_NAME
SLOTS=${SGE_SLOTS:-4}
TIMEOUT=${SGE_TIMEOUT:-40}
TESTUSER=${SGE_TEST_USER-sgetest}
export SGE_ROOT=/var/lib/gridengine SGE_CELL=default
COMMON=$SGE_ROOT/$SGE_CELL/common
SPOOL=/var/spool/gridengine
RUN=/run/gridengine
QPID=$SPOOL/qmaster/qmaster.pid   # 8.1.9 ignores SGE_MASTER_PIDFILE
EPID=$RUN/execd.pid
DEADLINE=0
WORK=$(mktemp -d) || exit 1
trap 'rm -rf "$WORK"' EXIT

say() { printf 'start-sge: %s\n' "$*" >&2; }
die() {
    say "FAILED: $*"
    local f
    for f in "$SPOOL/qmaster/messages" "$SPOOL"/execd/*/messages /tmp/sge_messages /tmp/execd_messages.*; do
        [ -s "$f" ] && { say "--- tail of $f"; tail -n 8 "$f" >&2; }
    done
    [ -s "$WORK/err" ] && { say "--- last command said"; tail -n 8 "$WORK/err" >&2; }
    exit 1
}
left() { echo $((DEADLINE - SECONDS)); }
# wait_for WHAT COMMAND...   poll until COMMAND succeeds or the deadline passes
wait_for() {
    local what=$1; shift
    until "$@" >"$WORK/out" 2>"$WORK/err"; do
        [ "$(left)" -gt 0 ] || die "timed out after ${TIMEOUT}s waiting for $what"
        sleep 0.2
    done
}
# is_running PIDFILE NAME   a live process of that name holds the pid in the file
is_running() {
    local p
    p=$(cat "$1" 2>/dev/null) || return 1
    [ -n "$p" ] && [ "$(cat "/proc/$p/comm" 2>/dev/null)" = "$2" ] && alive "$p"
}
# A killed daemon nobody reaps stays as a zombie; but a leader in state Z whose other threads
# still run (qmaster shutting down) is alive.
alive() {
    [ "$(cat "/proc/$1/comm" 2>/dev/null)" != "" ] || return 1
    grep -q '^State:[[:space:]]*Z' "/proc/$1/status" 2>/dev/null || return 0
    [ "$(find "/proc/$1/task" -mindepth 1 -maxdepth 1 2>/dev/null | wc -l)" -gt 1 ]
}
q() { timeout 20 "$@"; }

[ "$(id -u)" = 0 ] || { say "must run as root"; exit 1; }

# 1. packages -------------------------------------------------------------------------------
if ! command -v qsub >/dev/null || ! [ -x /usr/sbin/sge_qmaster ] || ! [ -x /usr/sbin/sge_execd ]; then
    die "not installed: apt-get install -y gridengine-master gridengine-exec gridengine-client"
fi
DEADLINE=$((SECONDS + TIMEOUT))

# 2. host name ------------------------------------------------------------------------------
# Grid Engine insists that name -> address -> name gives the same name.  In a container the name may
# not resolve at all, or resolve to 127.0.0.1, which turns back into "localhost".  So: make it
# resolve, and alias every local spelling to one name with host_aliases.
HOST=$(cat /proc/sys/kernel/hostname)
if ! getent hosts "$HOST" >/dev/null; then
    printf '127.0.0.1 %s\n' "$HOST" >>/etc/hosts 2>/dev/null ||
        die "host name '$HOST' does not resolve and /etc/hosts cannot be written"
fi
if ! getent hosts localhost >/dev/null; then printf '127.0.0.1 localhost\n' >>/etc/hosts; fi
ADDR=$(getent ahostsv4 "$HOST" | awk 'NR==1{print $1}')
ALIASES=$( { echo localhost; [ -n "$ADDR" ] && getent hosts "$ADDR"; getent hosts 127.0.0.1; } |
    tr -s ' \t' '\n' | grep -v '^[0-9.:]*$' | grep -vx "$HOST" | sort -u | tr '\n' ' ')
mkdir -p "$COMMON"

# 3. stale or fresh state -------------------------------------------------------------------
if [ "${1:-}" = --fresh ]; then
    "$(dirname "$0")/stop-sge.sh" --purge || die "could not purge the previous cluster"
fi
[ -f "$COMMON/bootstrap" ] || cp /usr/share/gridengine/default-bootstrap "$COMMON/bootstrap" || die "no bootstrap file"
OLDHOST=$(cat "$COMMON/act_qmaster" 2>/dev/null)
if [ -n "$OLDHOST" ] && [ "$OLDHOST" != "$HOST" ]; then   # image baked under another name
    say "host was renamed ($OLDHOST -> $HOST): starting from empty state"
    rm -rf "$SPOOL"/spooldb/* "$SPOOL"/qmaster/* "$SPOOL"/execd/*
fi
printf '%s %s\n' "$HOST" "$ALIASES" >"$COMMON/host_aliases"
echo "$HOST" >"$COMMON/act_qmaster"
[ -s "$COMMON/cluster_name" ] || echo test >"$COMMON/cluster_name"
for d in qmaster qmaster/job_scripts spooldb execd; do
    mkdir -p "$SPOOL/$d"; chown sgeadmin:sgeadmin "$SPOOL/$d"
done
chown -R sgeadmin:sgeadmin "$SGE_ROOT/$SGE_CELL"
mkdir -p $RUN; chown sgeadmin:sgeadmin $RUN
if ! [ -e "$SPOOL/spooldb/sge" ]; then
    su -s /bin/sh -c "/usr/share/gridengine/scripts/init_cluster $SGE_ROOT $SGE_CELL $SPOOL/spooldb sgeadmin" \
        sgeadmin >"$WORK/err" 2>&1 || die "init_cluster"
fi

# 4. qmaster --------------------------------------------------------------------------------
# Daemons get their own session and no inherited descriptors: a caller's pipe must not stay open.
daemon() { (cd / && exec setsid env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C SGE_ROOT="$SGE_ROOT" \
    SGE_CELL="$SGE_CELL" SGE_EXECD_PIDFILE="$EPID" "$@" </dev/null >"/tmp/start-sge.${1##*/}.log" 2>&1 ); }
if ! is_running "$QPID" sge_qmaster; then
    rm -f "$QPID"
    daemon /usr/sbin/sge_qmaster || die "sge_qmaster would not start: $(tail -n 3 /tmp/start-sge.sge_qmaster.log)"
fi
answers() {
    q qconf -sh && return
    if [ "$(($(left) + 10))" -lt "$TIMEOUT" ] && ! is_running "$QPID" sge_qmaster; then
        die "sge_qmaster stopped by itself (if its messages say 'not defined', try --fresh)"
    fi
    return 1
}
wait_for "sge_qmaster to answer qconf" answers

# 5. configuration --------------------------------------------------------------------------
ok() { q "$@" >"$WORK/err" 2>&1 || die "$*"; }
exists() { q qconf "$@" >/dev/null 2>&1; }
q qconf -ah "$HOST" >"$WORK/err" 2>&1     # "already exists" is fine
q qconf -as "$HOST" >"$WORK/err" 2>&1
q qconf -ss 2>/dev/null | grep -qx "$HOST" || die "$HOST is not a submit host"
if ! exists -se "$HOST"; then
    cat >"$WORK/eh" <<E
hostname              $HOST
load_scaling          NONE
complex_values        NONE
user_lists            NONE
xuser_lists           NONE
projects              NONE
xprojects             NONE
usage_scaling         NONE
report_variables      NONE
E
    ok qconf -Ae "$WORK/eh"
fi
q qconf -sconf global >"$WORK/conf" 2>"$WORK/err" || die "qconf -sconf"
awk '
    /^min_uid /{$0="min_uid 0"} /^min_gid /{$0="min_gid 0"}
    /^execd_params /{$0="execd_params NONE"}
    /^load_report_time /{$0="load_report_time 00:00:05"}
    /^max_unheard /{$0="max_unheard 00:01:00"}
    /^reporting_params /{$0="reporting_params accounting=true reporting=false flush_time=00:00:01 accounting_flush_time=00:00:01 joblog=false sharelog=00:00:00"}
    {print}' "$WORK/conf" >"$WORK/global"
ok qconf -Mconf "$WORK/global"
q qconf -ssconf >"$WORK/sc" 2>"$WORK/err" || die "qconf -ssconf"
awk '
    /^schedule_interval /{$0="schedule_interval 0:0:1"}
    /^flush_submit_sec /{$0="flush_submit_sec 1"} /^flush_finish_sec /{$0="flush_finish_sec 1"}
    /^load_formula /{$0="load_formula slots"}
    /^job_load_adjustments /{$0="job_load_adjustments NONE"}
    /^schedd_job_info /{$0="schedd_job_info true"}
    /^maxujobs /{$0="maxujobs 0"}
    {print}' "$WORK/sc" >"$WORK/sched"
ok qconf -Msconf "$WORK/sched"
pe() { # name allocation_rule
    exists -sp "$1" && return
    cat >"$WORK/pe" <<E
pe_name            $1
slots              999
user_lists         NONE
xuser_lists        NONE
start_proc_args    NONE
stop_proc_args     NONE
allocation_rule    $2
control_slaves     TRUE
job_is_first_task  TRUE
urgency_slots      min
accounting_summary TRUE
qsort_args         NONE
E
    ok qconf -Ap "$WORK/pe"
}
# shellcheck disable=SC2016 # the words of Grid Engine, not variables of this script
pe smp '$pe_slots'
# shellcheck disable=SC2016 # as above
pe mpi '$round_robin'
if ! exists -sckpt app; then
    cat >"$WORK/ck" <<E
ckpt_name          app
interface          userdefined
ckpt_command       NONE
migr_command       NONE
restart_command    NONE
clean_command      NONE
ckpt_dir           /tmp
signal             NONE
when               xr
E
    ok qconf -Ackpt "$WORK/ck"
fi
queue() { # name slots h_rt
    exists -sq "$1" && return
    # 8.1.9's template, changed where a test cluster differs
    q qconf -sq >"$WORK/q0" 2>"$WORK/err" || die "qconf -sq"
    awk -v n="$1" -v s="$2" -v rt="$3" -v h="$HOST" '
        /^qname /{$0="qname " n} /^hostlist /{$0="hostlist " h} /^slots /{$0="slots " s}
        /^pe_list /{$0="pe_list smp mpi"} /^ckpt_list /{$0="ckpt_list app"}
        /^load_thresholds /{$0="load_thresholds NONE"}   # a busy CI box must not close the queue
        /^shell /{$0="shell /bin/bash"}
        /^h_rt /{$0="h_rt " rt}
        /^notify /{$0="notify 00:00:05"}
        {print}' "$WORK/q0" >"$WORK/q"
    ok qconf -Aq "$WORK/q"
}
queue main.q "$SLOTS" INFINITY
queue short.q 1 00:01:00

# 6. execd ----------------------------------------------------------------------------------
if ! is_running "$EPID" sge_execd; then
    rm -f "$EPID"
    daemon /usr/sbin/sge_execd || die "sge_execd would not start: $(tail -n 3 /tmp/start-sge.sge_execd.log)"
fi
usable() { # a state column (6th field) means alarm, unknown, error, disabled ...
    q qstat -f -q main.q | awk '$1 ~ /^main\.q@/ {seen=1; if (NF >= 6) bad=1} END {exit !(seen && !bad)}' &&
        q qhost | awk 'NR>3 && $3+0 > 0 {ok=1} END {exit !ok}'
}
q qmod -cq main.q short.q >/dev/null 2>&1
q qmod -e main.q short.q >/dev/null 2>&1
wait_for "main.q to become usable" usable

# 7. somebody who is not root ---------------------------------------------------------------
if [ -n "$TESTUSER" ] && ! id "$TESTUSER" >/dev/null 2>&1; then
    useradd -m -s /bin/bash "$TESTUSER" 2>"$WORK/err" || die "useradd $TESTUSER"
fi
wait_for "sge_execd to stay up" is_running "$EPID" sge_execd
say "ready: $(cat "$COMMON/act_qmaster"), main.q with $SLOTS slots, qmaster pid $(cat "$QPID"), execd pid $(cat "$EPID")"
