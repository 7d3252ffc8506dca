#!/usr/bin/env bash
# start-slurm.sh [options] DIR
#
# Starts a private Slurm cluster (munged, slurmctld, several slurmd and,
# unless --no-acct, mariadbd + slurmdbd) as root in a container without
# systemd.  Everything it writes lies under DIR.  Running it again on a
# cluster that is up does nothing; on one that is half up it starts what is
# missing.  When it returns 0, `sinfo` shows every node idle (or busy).
#
#   --no-acct        no slurmdbd, no database: sacct refuses, as at many sites
#   --no-acct is remembered in DIR; give a fresh DIR to change mode
#   --nodes N        number of virtual nodes             (default 4)
#   --cpus N         CPUs each node claims to have        (default 4)
#   --port P         first of 10+N TCP ports              (default 16810)
#   --conf 'LINE'    extra slurm.conf line, repeatable; a key given here
#                    replaces the script's own value for that key
#   --timeout S      seconds to wait for the nodes        (default 60)
#   --reconf         rewrite slurm.conf of an existing DIR
#
# Differs from a site's usual settings so that tests are quick: jobs that are requeued may start again after
# seconds (cred_expire), are killed 3 s after TERM (KillWait), and are preempted without a grace time. With
# accounting, limits of QOS and associations are enforced.
#
# Afterwards:   . DIR/env.sh      (sets SLURM_CONF)
# Stop with:    stop-slurm.sh DIR
# Debian 12:    apt-get install -y slurm-wlm slurmdbd mariadb-server munge
set -u
umask 022

me=start-slurm.sh
die() { # message [logfile...]
  echo "$me: error: $1" >&2
  shift
  local f
  for f; do
    [ -s "$f" ] || continue
    echo "$me: last lines of $f:" >&2
    tail -n 15 "$f" | sed 's/^/    /' >&2
  done
  exit 1
}

acct=1 nodes=4 cpus=4 port=16810 wait_s=60 reconf=0 dir=
extra=()
while [ $# -gt 0 ]; do
  case $1 in
    --no-acct) acct=0 ;;
    --reconf) reconf=1 ;;
    --nodes|--cpus|--port|--conf|--timeout)
      [ $# -ge 2 ] || die "$1 needs a value"
      case $1 in
        --nodes) nodes=$2 ;; --cpus) cpus=$2 ;; --port) port=$2 ;;
        --conf) extra+=("$2") ;; --timeout) wait_s=$2 ;;
      esac
      shift ;;
    -h|--help) sed -n '2,/^set -u/p' "$0" | sed '$d;s/^# \{0,1\}//'; exit 0 ;;
    -*) die "unknown option $1" ;;
    *) [ -z "$dir" ] || die "one DIR only"; dir=$1 ;;
  esac
  shift
done
[ -n "$dir" ] || die "usage: $me [options] DIR"
[ "$(id -u)" = 0 ] || die "must run as root (slurmd starts jobs as their users)"
PATH=$PATH:/usr/sbin:/sbin
for v in nodes cpus port wait_s; do
  case ${!v} in ''|*[!0-9]*) die "$v must be a number, not '${!v}'" ;; esac
done

need="munged slurmctld slurmd sinfo scontrol"
[ $acct = 1 ] && need="$need slurmdbd sacctmgr"
for p in $need; do
  command -v "$p" >/dev/null || die "$p not found; apt-get install -y slurm-wlm slurmdbd mariadb-server munge"
done
if [ $acct = 1 ]; then
  mysqld=$(command -v mariadbd || command -v mysqld) || die "mariadbd not found; apt-get install -y mariadb-server"
  mysql_install=$(command -v mariadb-install-db || command -v mysql_install_db) || die "mariadb-install-db not found"
  mysql=$(command -v mariadb || command -v mysql) || die "mariadb client not found"
fi

mkdir -p "$dir" || die "cannot make $dir"
dir=$(cd "$dir" && pwd -P)
case $dir in *[[:space:]]*) die "DIR must not contain white space (slurm.conf cannot quote it)" ;; esac
[ ${#dir} -le 80 ] || die "DIR is too long for unix sockets: $dir"
mkdir -p "$dir"/{run,log,state,spool,etc} || die "cannot write to $dir"
chmod 755 "$dir" "$dir"/{run,log,state,spool,etc}

if [ -f "$dir/etc/mode" ] && [ $reconf = 0 ]; then
  # shellcheck source=/dev/null # written below, by the first start
  . "$dir/etc/mode"         # acct nodes cpus port of the first start
else
  printf 'acct=%s nodes=%s cpus=%s port=%s\n' "$acct" "$nodes" "$cpus" "$port" >"$dir/etc/mode"
fi

host=$(hostname -s 2>/dev/null || hostname)
[ -n "$host" ] || host=localhost
getent hosts "$host" >/dev/null || echo "127.0.0.1 $host" >>/etc/hosts 2>/dev/null || true

# One starter at a time; daemons must not inherit the lock (9>&-).
exec 9>"$dir/run/lock"
command -v flock >/dev/null && { flock -w 120 9 || die "another $me works on $dir"; }

alive() { # pidfile program: true if that pid runs that program
  local pid; pid=$(cat "$1" 2>/dev/null) || return 1
  [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null || return 1
  tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -q -- "$2"
}
until_ok() { # seconds command...
  local end=$((SECONDS + $1)); shift
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || return 1
    sleep 0.1
  done
}
port_busy() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
up_or_dead() { # seconds pidfile program port: wait for the port, give up when the program is gone
  local n=0
  until port_busy "$4"; do
    n=$((n + 1))
    [ $n -lt $(($1 * 10)) ] || return 1
    [ $n -lt 10 ] || alive "$2" "$3" || return 1 # the first second it may not have exec'd
    sleep 0.1
  done
}
daemon() { # pidfile logfile command...   runs in the foreground mode of the daemon
  local pf=$1 log=$2; shift 2
  setsid "$@" >>"$log" 2>&1 </dev/null 9>&- &
  echo $! >"$pf"
  disown 2>/dev/null || true
}

# ---------------------------------------------------------------- munge
key=$dir/etc/munge.key sock=$dir/run/munge.sock
if [ ! -s "$key" ]; then
  (umask 077; head -c 1024 /dev/urandom >"$key") || die "cannot write $key"
fi
chmod 600 "$key"
if ! alive "$dir/run/munged.pid" munged; then
  rm -f "$sock" "$sock.lock"
  daemon "$dir/run/munged.pid" "$dir/log/munged.log" \
    munged --foreground --force --num-threads=4 --key-file="$key" --socket="$sock" \
      --pid-file="$dir/run/munged.own.pid" --seed-file="$dir/state/munge.seed" \
      --log-file="$dir/log/munged.log"
  until_ok 10 test -S "$sock" || die "munged did not come up" "$dir/log/munged.log"
  until_ok 10 munge -n --socket="$sock" || die "munged does not answer" "$dir/log/munged.log"
fi

# ---------------------------------------------------------------- slurm.conf
conf=$dir/etc/slurm.conf
p_ctld=$port p_dbd=$((port + 1)) p_sql=$((port + 2)) p_node=$((port + 10))
if [ ! -f "$conf" ] || [ $reconf = 1 ]; then
  {
    cat <<CONF
ClusterName=toy
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmdUser=root
SlurmctldPort=$p_ctld
AuthType=auth/munge
AuthInfo=socket=$sock,cred_expire=5
CredType=cred/munge
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
JobAcctGatherType=jobacct_gather/$( [ $acct = 1 ] && echo linux || echo none )
JobAcctGatherFrequency=task=5
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/backfill
SchedulerParameters=sched_min_interval=100000,bf_interval=5,batch_sched_delay=0
PriorityType=priority/basic
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
ReturnToService=2
KillWait=3
MinJobAge=300
InactiveLimit=0
SlurmctldTimeout=30
SlurmdTimeout=60
MessageTimeout=10
SlurmdParameters=config_overrides
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool/%n
SlurmctldPidFile=$dir/run/slurmctld.own.pid
SlurmdPidFile=$dir/run/slurmd.%n.own.pid
SlurmctldLogFile=$dir/log/slurmctld.log
SlurmdLogFile=$dir/log/slurmd.%n.log
SlurmctldDebug=info
SlurmdDebug=info
MailProg=/bin/true
CONF
    if [ $acct = 1 ]; then
      cat <<CONF
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=127.0.0.1
AccountingStoragePort=$p_dbd
AccountingStoragePass=$sock
AccountingStoreFlags=job_comment,job_script
AccountingStorageEnforce=associations,limits,qos
CONF
    else
      echo "AccountingStorageType=accounting_storage/none"
    fi
    for ((i = 1; i <= nodes; i++)); do
      echo "NodeName=n$i NodeHostname=$host NodeAddr=127.0.0.1 Port=$((p_node + i)) CPUs=$cpus RealMemory=4000 State=UNKNOWN"
    done
    all=n1; [ "$nodes" -gt 1 ] && all="n[1-$nodes]"
    cat <<CONF
PartitionName=main Nodes=$all Default=YES MaxTime=INFINITE DefaultTime=60 State=UP PriorityTier=10 PreemptMode=OFF
PartitionName=debug Nodes=$all MaxTime=1 DefaultTime=1 State=UP PriorityTier=10 PreemptMode=OFF
PartitionName=preempt Nodes=$all MaxTime=INFINITE DefaultTime=60 State=UP PriorityTier=1 PreemptMode=REQUEUE GraceTime=0
CONF
  } >"$conf.new"
  for line in "${extra[@]+"${extra[@]}"}"; do
    k=${line%%=*}
    case $k in
      NodeName|PartitionName) ;;
      *) grep -v -i "^$k=" "$conf.new" >"$conf.tmp"; mv "$conf.tmp" "$conf.new" ;;
    esac
    printf '%s\n' "$line" >>"$conf.new"
  done
  mv "$conf.new" "$conf"
  # Daemons look for cgroup.conf beside slurm.conf; cgroups are not used.
  printf 'CgroupAutomount=no\nConstrainCores=no\nConstrainRAMSpace=no\n' >"$dir/etc/cgroup.conf"
fi
export SLURM_CONF=$conf
printf 'export SLURM_CONF=%q\n' "$conf" >"$dir/env.sh"

# ---------------------------------------------------------------- accounting
if [ "$acct" = 1 ]; then
  db=$dir/state/mysql sqlsock=$dir/run/mysql.sock
  sqlopt=(--no-defaults --datadir="$db" --user=root --socket="$sqlsock"
    --bind-address=127.0.0.1 --port="$p_sql" --pid-file="$dir/run/mysql.own.pid"
    --skip-log-bin --innodb-flush-log-at-trx-commit=0 --innodb-log-file-size=16M
    --innodb-buffer-pool-size=64M --innodb-lock-wait-timeout=900
    --max-allowed-packet=64M --skip-name-resolve --innodb-flush-method=nosync)
  if ! alive "$dir/run/mysql.pid" "$db"; then
    if [ ! -f "$db/.ready" ]; then
      rm -rf "$db"; mkdir -p "$db"
      "$mysql_install" --no-defaults --datadir="$db" --user=root --skip-test-db \
        --auth-root-authentication-method=socket >"$dir/log/mysql-install.log" 2>&1 9>&- ||
        die "mariadb-install-db failed" "$dir/log/mysql-install.log"
      touch "$db/.ready"
    fi
    port_busy "$p_sql" && die "port $p_sql (database) is taken; choose another --port with a fresh DIR"
    daemon "$dir/run/mysql.pid" "$dir/log/mysql.log" "$mysqld" "${sqlopt[@]}"
  fi
  until_ok 30 "$mysql" --no-defaults --socket="$sqlsock" -uroot -e 'select 1' ||
    die "mariadbd does not answer" "$dir/log/mysql.log"
  "$mysql" --no-defaults --socket="$sqlsock" -uroot >>"$dir/log/mysql-setup.log" 2>&1 <<SQL || die "database setup failed" "$dir/log/mysql-setup.log"
create database if not exists slurm_acct_db;
create user if not exists 'slurm'@'127.0.0.1' identified by 'slurm';
grant all on slurm_acct_db.* to 'slurm'@'127.0.0.1';
SQL
  if ! alive "$dir/run/slurmdbd.pid" slurmdbd; then
    port_busy "$p_dbd" && die "port $p_dbd (slurmdbd) is taken"
    (umask 077; cat >"$dir/etc/slurmdbd.conf" <<CONF
AuthType=auth/munge
AuthInfo=socket=$sock
DbdHost=$host
DbdAddr=127.0.0.1
DbdPort=$p_dbd
SlurmUser=root
DebugLevel=info
LogFile=$dir/log/slurmdbd.log
PidFile=$dir/run/slurmdbd.own.pid
StorageType=accounting_storage/mysql
StorageHost=127.0.0.1
StoragePort=$p_sql
StorageUser=slurm
StoragePass=slurm
StorageLoc=slurm_acct_db
CONF
    )
    chmod 600 "$dir/etc/slurmdbd.conf"
    daemon "$dir/run/slurmdbd.pid" "$dir/log/slurmdbd.out" slurmdbd -D
  fi
  up_or_dead 30 "$dir/run/slurmdbd.pid" slurmdbd "$p_dbd" ||
    die "slurmdbd does not answer" "$dir/log/slurmdbd.log" "$dir/log/slurmdbd.out"
fi

# ---------------------------------------------------------------- slurmctld, slurmd
if ! alive "$dir/run/slurmctld.pid" slurmctld; then
  port_busy "$p_ctld" && die "port $p_ctld (slurmctld) is taken; choose another --port with a fresh DIR"
  daemon "$dir/run/slurmctld.pid" "$dir/log/slurmctld.out" slurmctld -D -f "$conf"
fi
up_or_dead 20 "$dir/run/slurmctld.pid" slurmctld "$p_ctld" ||
  die "slurmctld does not answer" "$dir/log/slurmctld.log" "$dir/log/slurmctld.out"
for ((i = 1; i <= nodes; i++)); do
  alive "$dir/run/slurmd.n$i.pid" slurmd && continue
  mkdir -p "$dir/spool/n$i"
  daemon "$dir/run/slurmd.n$i.pid" "$dir/log/slurmd.n$i.out" slurmd -D -f "$conf" -N "n$i"
done

all_up() {
  local n bad
  # A node that was drained (a killed slurmctld does that: "Duplicate jobid")
  # or went down stays so over restarts; bring it back.
  bad=$(sinfo -h -N -p main -o '%N %T' 2>/dev/null | awk '$2 ~ /^(drain|drained|draining|down)/ {print $1}' | sort -u | paste -sd,)
  [ -n "$bad" ] && scontrol update NodeName="$bad" State=RESUME 2>/dev/null
  n=$(sinfo -h -N -p main -o '%T' 2>/dev/null | grep -c -E '^(idle|mixed|allocated|completing)$')
  [ "${n:-0}" -ge "$nodes" ]
}
if ! until_ok "$wait_s" all_up; then
  sinfo -N >&2
  for ((i = 1; i <= nodes; i++)); do
    alive "$dir/run/slurmd.n$i.pid" slurmd || die "slurmd of node n$i is dead" "$dir/log/slurmd.n$i.log" "$dir/log/slurmd.n$i.out"
  done
  die "nodes are not idle after ${wait_s}s" "$dir/log/slurmctld.log"
fi
sinfo
echo "$me: up in ${SECONDS}s; . $dir/env.sh"
