#!/usr/bin/env bash
# Starts a real one-machine OAR 2.5 (Debian packages, PostgreSQL) for tests.
#
#   sudo ./start-oar.sh          start (or repair) it; safe to run again
#
# Needs root and a Debian-like system; no systemd. Settings, all optional:
#   OAR_TEST_USER   account that submits jobs        (default: oaruser)
#   OAR_NODES       network addresses of the nodes   (default: "localhost 127.0.0.1")
#   OAR_CORES       cores (= OAR resources) per node (default: 4)
#   OAR_DB_PASSWORD password of the database account (default: oartest)
#   OAR_WAIT        seconds to wait for each daemon  (default: 30)
#
# The nodes are this machine: OAR's own sshd listens on port 6667 and the
# cgroup/cpuset handling is turned off, so no kernel privilege is needed.
set -euo pipefail

OAR_TEST_USER=${OAR_TEST_USER:-oaruser}
OAR_NODES=${OAR_NODES:-localhost 127.0.0.1}
OAR_CORES=${OAR_CORES:-4}
OAR_DB_PASSWORD=${OAR_DB_PASSWORD:-oartest}
OAR_WAIT=${OAR_WAIT:-30}
CONF=/etc/oar/oar.conf
LOG=/var/log/oar.log
export LC_ALL=C
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

say()  { echo "start-oar: $*"; }
fail() { echo "start-oar: ERROR: $*" >&2; exit 1; }
quiet() { # quiet WHAT COMMAND... : run it, show its output only if it fails
  local what=$1 out; shift
  out=$("$@" 2>&1) || fail "$what failed ($*):
$(tail -n 20 <<<"$out")"
}
wait_for() { # wait_for WHAT COMMAND... : poll until COMMAND succeeds
  local what=$1 deadline=$((SECONDS + OAR_WAIT)); shift
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $deadline ] || fail "$what did not come up within ${OAR_WAIT}s"
    sleep 0.2
  done
}
port_open() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
alive_pid() { local p; p=$(cat "$1" 2>/dev/null) && [ -n "$p" ] && kill -0 "$p" 2>/dev/null; }

[ "$(id -u)" = 0 ] || fail "must run as root"

# --- packages -------------------------------------------------------------
missing=()
for p in oar-server oar-server-pgsql oar-user oar-user-pgsql oar-node postgresql openssh-server procps; do
  [ "$(dpkg-query -W -f='${Status}' "$p" 2>/dev/null || true)" = 'install ok installed' ] || missing+=("$p")
done
[ ${#missing[@]} = 0 ] || fail "not installed: apt-get install -y ${missing[*]}"

# --- configuration --------------------------------------------------------
[ -f $CONF ] || fail "$CONF is missing although oar-server is installed (dpkg --purge the oar packages and run again)"
before=$(md5sum <$CONF)
set_conf() { # set_conf KEY VALUE
  if grep -q "^#\?$1=" $CONF; then
    # the first occurrence, commented out or not, becomes the value; later ones go
    awk -v k="$1" -v v="$2" '
      { l = $0; sub(/^#/, "", l) }
      index(l, k "=") == 1 { if (!done) { print k "=\"" v "\""; done = 1 } else if ($0 ~ /^#/) print; next }
      { print }' $CONF >$CONF.new
    cat $CONF.new >$CONF && rm -f $CONF.new
  else
    echo "$1=\"$2\"" >>$CONF
  fi
}
set_conf DB_TYPE Pg
set_conf DB_HOSTNAME 127.0.0.1
set_conf DB_BASE_NAME oar
set_conf DB_BASE_LOGIN oar
set_conf DB_BASE_PASSWD "$OAR_DB_PASSWORD"
set_conf DB_BASE_LOGIN_RO oar_ro
set_conf DB_BASE_PASSWD_RO "$OAR_DB_PASSWORD"
set_conf SERVER_HOSTNAME localhost
set_conf SERVER_PORT 6666
set_conf LOG_LEVEL 3
set_conf FINAUD_FREQUENCY 0                   # no periodic ping of the nodes
set_conf OPENSSH_CMD "/usr/bin/ssh -p 6667 -e none -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR"
set_conf SCHEDULER_MIN_TIME_BETWEEN_2_CALLS 1 # packaged: 5 s
set_conf SCHEDULER_JOB_SECURITY_TIME 1        # packaged: 60 s
set_conf SCHEDULER_GANTT_HOLE_MINIMUM_TIME 1  # packaged: 300 s
set_conf JOBDEL_WALLTIME 30                   # packaged: 300 s
sed -i 's/^JOB_RESOURCE_MANAGER_PROPERTY_DB_FIELD=/#&/' $CONF # no cpuset/cgroup handling
chown oar $CONF; chmod 600 $CONF
conf_changed=no; [ "$before" = "$(md5sum <$CONF)" ] || conf_changed=yes

# --- PostgreSQL -----------------------------------------------------------
read -r pgver pgname pgport _ < <(pg_lsclusters -h | head -n 1) || true
if [ -z "${pgver:-}" ]; then
  pgver=$(find /usr/lib/postgresql -mindepth 1 -maxdepth 1 -printf '%f\n' | sort -n | tail -n 1); pgname=main
  quiet "creating a PostgreSQL cluster" pg_createcluster "$pgver" "$pgname"
  pgport=$(pg_lsclusters -h | awk '{print $3; exit}')
fi
before=$(md5sum <$CONF); set_conf DB_PORT "$pgport"
[ "$before" = "$(md5sum <$CONF)" ] || conf_changed=yes
if ! pg_ctlcluster "$pgver" "$pgname" status >/dev/null 2>&1; then
  say "starting PostgreSQL $pgver/$pgname on port $pgport"
  quiet "starting PostgreSQL" pg_ctlcluster "$pgver" "$pgname" start
fi
wait_for "PostgreSQL" pg_isready -h 127.0.0.1 -p "$pgport"

if ! oar-database --check >/dev/null 2>&1; then
  say "creating the OAR database"
  quiet "creating the OAR database" oar-database --create --db-is-local -y
fi
quiet "checking the OAR database" oar-database --check

# --- the account that submits --------------------------------------------
id "$OAR_TEST_USER" >/dev/null 2>&1 || quiet "creating the account $OAR_TEST_USER" useradd -m -s /bin/bash "$OAR_TEST_USER"

# --- the node: OAR's own sshd on port 6667 --------------------------------
mkdir -p /run/sshd
if ! alive_pid /run/oar-node_sshd.pid || ! port_open 6667; then
  [ -f /etc/oar/oar_ssh_host_rsa_key ] || quiet "making the node's host key" ssh-keygen -q -t rsa -N '' -f /etc/oar/oar_ssh_host_rsa_key
  ! port_open 6667 || fail "port 6667 is taken by another program (ss -ltnp | grep 6667)"
  say "starting the node's sshd on port 6667"
  quiet "starting the node's sshd" /usr/sbin/sshd -f /etc/oar/sshd_config -o PidFile=/run/oar-node_sshd.pid
  wait_for "the node's sshd" port_open 6667
fi
for n in $OAR_NODES; do
  quiet "reaching the node $n as the oar account" \
    su -s /bin/bash oar -c "timeout 20 $(sed -n 's/^OPENSSH_CMD="\(.*\)"$/\1/p' $CONF) -x -T $n true"
done

# --- the server (Almighty) ------------------------------------------------
touch $LOG; chown oar $LOG
if alive_pid /run/oar-server.pid && [ $conf_changed = yes ]; then
  say "configuration changed: restarting the server"
  "$(dirname "$0")/stop-oar.sh" --server-only
fi
if ! alive_pid /run/oar-server.pid || ! port_open 6666; then
  ! port_open 6666 || fail "port 6666 is taken by another program (ss -ltnp | grep 6666)"
  say "starting the OAR server on port 6666"
  quiet "starting the OAR server" /usr/sbin/oar-server
  wait_for "the OAR server (see $LOG)" port_open 6666
fi

# --- resources ------------------------------------------------------------
# properties for -l and -p: host (text), core (unique number), mem (MB)
properties=$(oarproperty -l 2>/dev/null)
grep -qx host <<<"$properties" || quiet "adding the property host" oarproperty -q -a host -c
grep -qx core <<<"$properties" || quiet "adding the property core" oarproperty -q -a core
grep -qx mem  <<<"$properties" || quiet "adding the property mem" oarproperty -q -a mem
core=0
for n in $OAR_NODES; do
  nodes=$(oarnodes -s) || fail "oarnodes -s: $nodes"
  if ! grep -qxF "$n" <<<"$nodes"; then # (a pipe into grep -q would fail at times under pipefail)
    for ((i = 1; i <= OAR_CORES; i++)); do
      quiet "adding node $n core $i" oarnodesetting -a -h "$n" -p host="$n" -p core=$((core + i)) -p mem=4096 \
        -p cpuset=$((i - 1)) -p besteffort=YES -p deploy=YES
    done
    grep -qF "network_address : $n" <<<"$(oarnodes --sql "core = $((core + OAR_CORES))" 2>/dev/null)" ||
      fail "node $n was added without its properties (oarnodes shows: $(oarnodes 2>&1 | tail -n 5))"
  fi
  core=$((core + OAR_CORES))
done
for n in $OAR_NODES; do quiet "setting node $n Alive" oarnodesetting -h "$n" -s Alive; done
all_alive() { local s; s=$(oarnodes -s) && grep -q Alive <<<"$s" && ! grep -qE 'Suspected|Absent|Dead' <<<"$s"; }
wait_for "the nodes (oarnodes says: $(oarnodes -s 2>&1 | tr '\n' ' '))" all_alive

say "ready: $(oarstat -V 2>/dev/null | head -n 1) nodes=[$OAR_NODES] cores/node=$OAR_CORES user=$OAR_TEST_USER log=$LOG"
