#!/usr/bin/env bash
# run.sh RUN_DIRECTORY [WORDS]: supervises one attempt of a run. Pure bash from 4.2 on; part of an mlx store, see docs/store.md.
# run.sh --task MAP INDEX JOB [WORDS]: supervises the runs of one task of a job (mlx_task).
# run.sh --serve: supervises one run after the other, as a launcher on this machine asks (mlx_serve).
# WORDS: --submission=TOKEN, of the submission by which an engine starts it; --logs, where the engine does not write the log
# files; --reserved=CODES, exit codes that mean something to the engine; --script=PATH, to be started in place of script.sh;
# --signals-group, where the engine's signals, KILL and STOP too, reach the processes of the job's group and no others;
# --signal-to=program, where signals are for the program alone and not for what it has started; --at=SECONDS:SIGNAL, to be sent
# when the job has gone on for so long (END: it is to end so that it can go on in another job); --continue=N and
# --requeue=N, how often it goes on after its time limit and is started again for other reasons; --restart=exit:CODE or
# --restart=COMMAND, how a job has itself started again.
#
# It claims the next attempt, starts the run's script.sh as its child, passes signals on to it, and writes down how it
# ended: attempts/N.yaml (claim), attempts/N.end.yaml (end), the status lines of info.yaml. It alone writes these.
# Every name starts with mlx_ so that no variable of the program's environment is touched.

mlx_say() { printf 'mlx: %s\n' "$1" >&2; }

# The fields of job.yaml that matter here; the launcher may have changed them since the last look.
mlx_read_job() {
  mlx_after_ok= mlx_after_fail= mlx_token= mlx_launch= mlx_id_variable= mlx_new_ids= mlx_verdict= mlx_verdict_attempt= mlx_verdict_reason=
  mlx_first=1 mlx_continued=0 mlx_requeued=0
  local lines line
  mapfile -t lines < "$mlx_meta/job.yaml"
  for line in "${lines[@]}"; do
    case $line in
      'token: '*) mlx_token=${line#*: } ;;
      'first_attempt: '*) mlx_first=${line#*: } ;;
      'continued: '*) mlx_continued=${line#*: } ;;
      'requeued: '*) mlx_requeued=${line#*: } ;;
      'launch: '*) mlx_launch=${line#*: } ;;
      'id_variable: '[A-Z]*) mlx_id_variable=${line#*: } ;;
      'restarts_get_new_ids: 1') mlx_new_ids=1 ;;
      'after_ok: '*) mlx_after_ok=${line#*: } mlx_after_ok=${mlx_after_ok//\"/} ;;
      'after_fail: '*) mlx_after_fail=${line#*: } mlx_after_fail=${mlx_after_fail//\"/} ;;
      'verdict: '*) mlx_verdict=${line#*: } ;;
      'verdict_attempt: '*) mlx_verdict_attempt=${line#*: } ;;
      'verdict_reason: '*) mlx_verdict_reason=${line#*: } ;;
    esac
  done
}

# The fields of an attempt's claim.
mlx_read_attempt() {
  mlx_last_token= mlx_last_job= mlx_last_host= mlx_last_pid= mlx_last_start=
  local lines line
  mapfile -t lines < "$1"
  for line in "${lines[@]}"; do
    case $line in
      'token: '*) mlx_last_token=${line#*: } ;;
      'job: '*) mlx_last_job=${line#*: } mlx_last_job=${mlx_last_job//\"/} ;;
      'host: '*) mlx_last_host=${line#*: } ;;
      'pid: '*) mlx_last_pid=${line#*: } ;;
      'process_start: '*) mlx_last_start=${line#*: } ;;
    esac
  done
}

# When a process started, in mlx_reply: boot and clock ticks (proc(5), field 22 of stat), which no later process shares.
mlx_process_start() {
  mlx_reply=unknown
  [ -d /proc/self ] || { kill -s 0 "$1" 2>/dev/null; return; }
  local stat boot
  { IFS= read -r stat < "/proc/$1/stat" && IFS= read -r boot < /proc/sys/kernel/random/boot_id; } 2>/dev/null || return 1
  stat=${stat##*) }
  local IFS=' '
  # shellcheck disable=SC2086
  set -- $stat
  mlx_reply=$boot.${20}
}

# Local ISO time in mlx_iso, date and time as MLXP has them, seconds since 1970 (with fractions from bash 5 on).
mlx_now() {
  printf -v mlx_iso '%(%Y-%m-%dT%H:%M:%S%z)T' -1
  mlx_iso=${mlx_iso:0:22}:${mlx_iso:22}
  printf -v mlx_date '%(%d/%m/%Y)T' -1
  mlx_time=${mlx_iso:11:8}
  printf -v mlx_seconds '%(%s)T' -1
  mlx_seconds=${EPOCHREALTIME:-$mlx_seconds}
  mlx_seconds=${mlx_seconds/,/.}
}

# Makes a file that must not exist yet, in one write. Gives 1 where it exists; 2 where it can't be written, and then leaves
# none behind.
mlx_write_once() {
  local made
  set -C
  { exec 6> "$1"; } 2>/dev/null
  made=$?
  set +C
  if [ $made != 0 ]; then
    [ -e "$1" ] && return 1
    return 2
  fi
  printf '%s' "$2" 2>/dev/null >&6 && exec 6>&- && return
  exec 6>&-
  rm -f "$1"
  return 2
}

# Rewrites the status lines of info.yaml with the mlx_info_ variables: a temporary file, then a rename.
mlx_write_info() {
  local lines i temporary=$mlx_meta/info.yaml.$HOSTNAME.$BASHPID.tmp
  mapfile lines < "$mlx_meta/info.yaml"
  for i in "${!lines[@]}"; do
    case ${lines[i]} in
      status:*) lines[i]="status: $mlx_info_status"$'\n' ;;
      hostname:*) lines[i]="hostname: $HOSTNAME"$'\n' ;;
      process_id:*) lines[i]="process_id: $BASHPID"$'\n' ;;
      start_date:*) lines[i]="start_date: $mlx_info_start_date"$'\n' ;;
      start_time:*) lines[i]="start_time: '$mlx_info_start_time'"$'\n' ;;
      end_date:*) lines[i]="end_date: $mlx_info_end_date"$'\n' ;;
      end_time:*) lines[i]="end_time: $mlx_info_end_time"$'\n' ;;
      exit_code:*) lines[i]="exit_code: $mlx_info_exit_code"$'\n' ;;
      reason:*) lines[i]="reason: $mlx_info_reason"$'\n' ;;
      attempt:*) lines[i]="attempt: $mlx_attempt"$'\n' ;;
      '  scheduler_job_id:'*) [ -z "$mlx_job" ] || lines[i]="  scheduler_job_id: \"$mlx_job\""$'\n' ;;
    esac
  done
  local IFS=
  if ! printf '%s' "${lines[*]}" 2>/dev/null > "$temporary"; then
    rm -f "$temporary"
    mlx_say "can't write $temporary (is the disk full?)"
    return 1
  fi
  # A launcher that listens saves a process here; without one, or when it is gone, it takes mv.
  [ -n "$mlx_served" ] && printf 'info\n' 2>/dev/null >&5 || mv -f "$temporary" "$mlx_meta/info.yaml"
}

# --- May this start? -------------------------------------------------------------------------------------------------

mlx_find_last() {
  local file n
  mlx_last=0
  for file in "$mlx_attempts"/*.yaml; do
    n=${file##*/} n=${n%.yaml}
    [[ $n == *[!0-9]* ]] || [ "$n" -le "$mlx_last" ] || mlx_last=$n
  done
}

# Whether an attempt ended `well` or `badly`, in $ended, by its end record in $1: a file of its own, or on a disk that was
# full a second document behind the claim. Without its last line a record is not whole, and says nothing.
mlx_read_end() {
  local lines line code=
  mlx_last_received=
  mapfile -t lines < "$1"
  for line in "${lines[@]}"; do
    case $line in
      'exit_code: '*) code=${line#*: } ;;
      'signals_received: '*) mlx_last_received=${line#*: } ;;
      ...) case $code in 0) ended=well ;; ?*) ended=badly ;; esac ;;
    esac
  done
}

# Ends the script when the last attempt forbids another one.
mlx_check_last() {
  [ "$mlx_last" -gt 0 ] || return 0
  mlx_read_attempt "$mlx_attempts/$mlx_last.yaml"
  local ended= file
  for file in "$mlx_attempts/$mlx_last.end.yaml" "$mlx_attempts/$mlx_last.yaml"; do
    [ -n "$ended" ] || ! [ -f "$file" ] || mlx_read_end "$file"
  done
  if [ "$ended" = well ] && [ -z "$mlx_by_hand" ] && [ "$mlx_last_token" = "$mlx_token" ]; then
    mlx_say "attempt $mlx_last of $mlx_run ended well; not started again"
    exit 0
  fi
  # A task that is started again goes on where it was ended; what had failed by itself before that is not tried again.
  if [ "$ended" = badly ] && [ -n "$mlx_packed" ] && [ "$mlx_last_token" = "$mlx_token" ] &&
    [ "$mlx_last_received" = null ]; then
    mlx_say "attempt $mlx_last of $mlx_run has failed; not started again"
    exit 0
  fi
  if [ -z "$ended" ] && [ "$mlx_last_host" = "$HOSTNAME" ] && mlx_process_start "$mlx_last_pid" &&
    [ "$mlx_reply" = "$mlx_last_start" ]; then
    mlx_say "attempt $mlx_last of $mlx_run is alive on this host (process $mlx_last_pid); not started"
    exit 75
  fi
  if [ -z "$mlx_by_hand" ] && [ -n "$mlx_job" ] && [ -z "$mlx_new_ids" ] && [ "$mlx_last_token" = "$mlx_token" ] &&
    [ "$mlx_last_job" != "$mlx_job" ] && [ "$mlx_last_job" != null ]; then
    mlx_say "job $mlx_last_job of the same submission has started $mlx_run; job $mlx_job does not"
    exit 75
  fi
}

mlx_claim() {
  mlx_process_start $BASHPID
  local start=$mlx_reply job=null
  [ -z "$mlx_job" ] || job="\"$mlx_job\""
  mlx_now
  while :; do
    mlx_find_last
    mlx_check_last
    mlx_attempt=$((mlx_last + 1))
    # A launcher means one attempt; where another one has begun it, there is nothing to start.
    if [ -n "$mlx_wanted" ] && [ "$mlx_attempt" != "$mlx_wanted" ]; then
      mlx_say "attempt $mlx_wanted of $mlx_run was started already; not started again"
      exit 75
    fi
    if [ "$mlx_verdict_attempt" = "$mlx_attempt" ] && [ -z "$mlx_by_hand" ]; then
      mlx_say "$mlx_run was stopped before it began; not started"
      exit 143
    fi
    # By this a listing that knew how the run had ended sees that it has not any more. The first attempt needs no sign.
    [ "$mlx_attempt" = 1 ] || touch "$mlx_meta/job.yaml" 2>/dev/null
    local text="attempt: $mlx_attempt
token: $mlx_token
job: $job
by_hand: ${mlx_by_hand:-false}
host: $HOSTNAME
pid: $BASHPID
process_start: $start
start: \"$mlx_iso\"
start_seconds: $mlx_seconds
...
"
    mlx_write_once "$mlx_attempts/$mlx_attempt.yaml" "$text"
    case $? in
      0) return ;;
      2) mlx_say "can't write $mlx_attempts/$mlx_attempt.yaml (is the disk full?); not started"; exit 73 ;;
    esac
  done
}

# Notes how long each metrics file is as a later attempt begins, before its body can write: attempts/N.metrics has the seconds since 1970, a
# line `LENGTH NAME/` for each file, and `...` (docs/store.md). By this a reader tells whose the lines are that name no attempt.
mlx_note_metrics() {
  local file files=() counts=() line text i
  for file in "$mlx_run"/metrics/*.json "$mlx_run"/metrics/.*.json; do
    [ -f "$file" ] || continue
    [ -r "$file" ] || return 0
    files+=("$file")
  done
  if [ ${#files[@]} -gt 0 ]; then
    mapfile -t counts < <(LC_ALL=C exec wc -c -- "${files[@]}" 2>/dev/null)
    # Several files have a line for their sum. Some versions of wc print names with line ends as they are: then nothing can be said.
    i=${#files[@]}
    [ "${#counts[@]}" = $((i > 1 ? i + 1 : i)) ] || return 0
  fi
  text=$mlx_seconds$'\n'
  for i in "${!files[@]}"; do
    line=${counts[i]#"${counts[i]%%[! ]*}"}
    [[ ${line%% *} == *[!0-9]* ]] && return
    text+="${line%% *} ${files[i]##*/}/"$'\n'
  done
  mlx_write_once "$mlx_attempts/$mlx_attempt.metrics" "$text"$'...\n' ||
    mlx_say "can't note the lengths of the metrics files; lines that name no attempt will count for the attempt before"
}

# Looks whether the runs that this one waits for have ended as they are to; mlx_unmet tells of one that has not. The engine
# knows when a job is over, and some know not even whether it went well: the store does. See readiness in logger/dependencies.ts.
mlx_check_dependencies() {
  local IFS=' ' kind part id parts
  for kind in ok fail; do
    parts=$mlx_after_ok
    [ $kind = ok ] || parts=$mlx_after_fail
    for part in ${parts//,/ }; do
      for ((id = ${part%-*}; id <= ${part#*-}; id++)); do
        mlx_await_end "${mlx_run%/*}/$id"
        case $kind.$mlx_reply in
          ok.COMPLETE | fail.FAILED | fail.TIMEOUT | fail.PREEMPTED | fail.STOPPED) ;;
          ok.FAILED) mlx_unmet="dependency $id failed" ;;
          fail.COMPLETE) mlx_unmet="dependency $id did not fail" ;;
          *.deleted) mlx_unmet="dependency $id was deleted" ;;
          ok.TIMEOUT | ok.PREEMPTED | ok.STOPPED) mlx_unmet="dependency $id ended as $mlx_reply" ;;
          *) mlx_unmet="dependency $id left no end on record" ;;
        esac
        [ -z "$mlx_unmet" ] || return
      done
    done
  done
}

# The status with which the run in $1 ended, in mlx_reply. Its job is over, for this one was let go; a disk over a network may take
# a minute to show it.
mlx_await_end() {
  local looks=0
  while :; do
    [ -d "$1" ] || { mlx_reply=deleted; return; }
    IFS= read -r mlx_reply < "$1/metadata/info.yaml"
    mlx_reply=${mlx_reply#status: }
    case $mlx_reply in COMPLETE | FAILED | TIMEOUT | PREEMPTED | STOPPED) return ;; esac
    [ -z "$mlx_signals" ] && [ $((looks += 1)) -le 60 ] || return
    read -rt 1 <> <(:)
  done
}

# How often the run was started again, by this submission and those that mlx itself made before it: after its time limit in
# mlx_continued, for other reasons in mlx_requeued; and whether it may once more. mlx_unmet tells where it may not have been.
mlx_count_restarts() {
  local n
  for ((n = mlx_first; n < mlx_attempt; n++)); do
    [[ $(cat "$mlx_attempts/$n.yaml" 2>/dev/null) != *'by_hand: true'* ]] || continue
    if [[ $(cat "$mlx_attempts/$n.end.yaml" 2>/dev/null) == *$'\nover_time: 1\n'* ]]; then
      mlx_continued=$((mlx_continued + 1))
    else
      mlx_requeued=$((mlx_requeued + 1))
    fi
  done
  [ -z "${mlx_most_requeued-}" ] || [ "$mlx_requeued" -le "$mlx_most_requeued" ] ||
    mlx_unmet="started again $mlx_most_requeued time$([ "$mlx_most_requeued" = 1 ] || echo s), as often as --requeue=$mlx_most_requeued allows"
  # The last time it may go on, it has all of its time.
  [ -z "$mlx_most_continued" ] || [ "$mlx_continued" -lt "$mlx_most_continued" ] || mlx_drop_end
}

mlx_drop_end() {
  local timer kept=
  for timer in $mlx_timers; do [[ $timer == *:END ]] || kept+=" $timer"; done
  mlx_timers=$kept
}

# A line between what this attempt and those before it write, in each log that holds something.
mlx_part_logs() {
  local file end
  for file in stdout stderr; do
    [ -s "$mlx_run/log.$file" ] || continue
    end=$(tail -c 1 "$mlx_run/log.$file")
    printf '%s--- attempt %s, %s on %s ---\n' "${end:+$'\n'}" "$mlx_attempt" "$mlx_iso" "$HOSTNAME" >> "$mlx_run/log.$file"
  done
}

# --- Signals ---------------------------------------------------------------------------------------------------------

# QUIT is the launcher's word for "now": the body is killed.
mlx_on_signal() {
  mlx_signals+=${mlx_signals:+ }$1 mlx_unwritten+="$1 $EPOCHREALTIME"$'\n' mlx_interrupted=1
  if [ -n "$mlx_body" ]; then mlx_forward "$1"; else mlx_pending+=" $1"; fi
}

# On disk at once, for what does not end in time is killed, and this with it; but not in a trap: the longer one takes, the more often
# bash misses what comes meanwhile.
mlx_write_signals() {
  [ -n "$mlx_unwritten" ] || return 0
  local lines=$mlx_unwritten
  mlx_unwritten=
  { printf '%s' "$lines" >> "$mlx_attempts/$mlx_attempt.signals"; } 2>/dev/null
}

# Sends the signals whose time has come; END is when the body is to end so that it can go on in another job.
mlx_on_alarm() {
  local timer left= signal
  mlx_interrupted=1
  for timer in $mlx_timers; do
    if [ "$SECONDS" -lt "${timer%%:*}" ]; then
      left+=" $timer"
      continue
    fi
    signal=${timer#*:}
    [ "$signal" != END ] || mlx_over_time=1 signal=TERM
    mlx_signals+=${mlx_signals:+ }$signal mlx_unwritten+="$signal $EPOCHREALTIME"$'\n'
    if [ -n "$mlx_signal_to" ] || [ -z "$mlx_group$mlx_shared" ]; then
      kill -s "$signal" "$mlx_body" 2>/dev/null
    else
      mlx_signal_rest "$signal" 2>/dev/null
    fi
  done
  mlx_timers=$left
}

# Starts a process that rings whenever the time of one of mlx_timers has come: SECONDS:SIGNAL, by time, counted from the job's start.
mlx_start_timer() {
  [ -n "$mlx_timers" ] || return 0
  local supervisor=$BASHPID timer left
  trap mlx_on_alarm ALRM
  (
    for timer in $mlx_timers; do
      left=$((${timer%%:*} - SECONDS))
      [ $left -le 0 ] || read -rt $left <> <(:)
      kill -s ALRM "$supervisor" || exit
    done
  ) < /dev/null > /dev/null 2>&1 3>&- 5>&- &
  mlx_timer=$!
}

mlx_forward() {
  # The engine's signals have reached the body too.
  [ -n "$mlx_shared" ] && [ "$1" != QUIT ] && return 0
  # At a terminal the body is in the foreground group and has had Ctrl-C itself.
  [ -z "$mlx_group" ] && [ "$1" = INT ] && return 0
  local signal=$1
  [ "$signal" = QUIT ] && signal=KILL
  if [ -n "$mlx_signal_to" ] && [ "$signal" != KILL ]; then
    kill -s "$signal" "$mlx_body" 2>/dev/null
  else
    kill -s "$signal" -- "$mlx_group$mlx_body" 2>/dev/null
  fi
}

# Ends what the body left running: with TERM, and after a second with KILL.
mlx_end_rest() {
  local looks
  mlx_signal_rest TERM || return
  for looks in 1 2 3 4 5 6 7 8 9 10; do
    mlx_signal_rest 0 || return
    read -rt 0.1 <> <(:)
  done
  mlx_signal_rest KILL
}

# Gives 1 where there is nothing left to signal.
mlx_signal_rest() {
  if [ -n "$mlx_group" ]; then
    kill -s "$1" -- "-$mlx_body"
  else
    mlx_find_rest
    # shellcheck disable=SC2086
    [ -n "$mlx_reply" ] && kill -s "$1" $mlx_reply
  fi
}

# The living processes of the group that this one shares with the body, but for those that supervise, in mlx_reply.
mlx_find_rest() {
  local file group rest=
  mlx_group_of $BASHPID
  group=$mlx_reply
  for file in /proc/[0-9]*; do
    mlx_group_of "${file#/proc/}"
    [ "$mlx_reply" = "$group" ] || continue
    case ${file#/proc/} in $$ | $BASHPID | "$mlx_timer" | "$mlx_waiter") ;; *) rest+=" ${file#/proc/}" ;; esac
  done
  mlx_reply=$rest
}

# The process group of a process that lives (proc(5), fields 3 and 5 of stat).
mlx_group_of() {
  local stat IFS=' '
  mlx_reply=
  { IFS= read -r stat < "/proc/$1/stat"; } 2>/dev/null || return
  # shellcheck disable=SC2086
  set -- ${stat##*) }
  [ "$1" = Z ] || mlx_reply=$3
}

# Whether what is waited for is gone; where it is not, a moment has passed.
mlx_waiter_gone() {
  kill -s 0 "$mlx_waiter" 2>/dev/null && [ $((mlx_looks += 1)) -lt 20 ] || return 0
  read -rt 0.1 <> <(:)
  return 1
}

# Waits until the body has ended, however often a signal comes meanwhile; mlx_code is its exit code.
mlx_wait() {
  mlx_code=
  while :; do
    mlx_interrupted=
    [ -z "$mlx_claimed" ] || mlx_write_signals
    wait "$mlx_waiter"
    mlx_reply=$?
    if [ "$mlx_reply" -lt 0 ]; then
      # bash 5.2 has missed how it ended, which it did just as a signal came: by that signal, where nobody else knows.
      mlx_waiter_gone || continue
      { IFS= read -rt 1 mlx_code <&6; } 2>/dev/null || { [[ $mlx_signals == *INT ]] && mlx_code=130 || mlx_code=143; }
      break
    fi
    # 127 when waited for once too often: the status of the time before holds.
    [ "$mlx_reply" = 127 ] && [ -n "$mlx_code" ] || mlx_code=$mlx_reply
    [ -n "$mlx_interrupted" ] || break
  done
}

# --- The attempt -----------------------------------------------------------------------------------------------------

# Reads WORDS.
mlx_read_words() {
  local word
  for word; do
    case $word in
      --submission=*) MLX_TOKEN=${word#*=} ;;
      --logs) mlx_logs=1 ;;
      --reserved=*) mlx_reserved=${word#*=} ;;
      --script=*) mlx_script=${word#*=} ;;
      --signals-group) mlx_shared=1 ;;
      --signal-to=program) mlx_signal_to=program ;;
      --at=*) mlx_timers+=" ${word#*=}" ;;
      --continue=*) mlx_most_continued=${word#*=} ;;
      --requeue=*) mlx_most_requeued=${word#*=} ;;
      --restart=*) mlx_restart=${word#*=} ;;
    esac
  done
}

# Exits with the body's exit code, save where that would tell the engine to do something.
mlx_exit() {
  case ,$mlx_reserved, in *,$1,*) exit 1 ;; *) exit "$1" ;; esac
}

# Supervises one attempt of the run in $1 and exits with its exit code.
mlx_main() {
  mlx_run=$1
  [ -z "$mlx_logs" ] || exec >> "$mlx_run/log.stdout" 2>> "$mlx_run/log.stderr"
  mlx_meta=$mlx_run/metadata
  mlx_attempts=$mlx_meta/attempts
  mlx_unmet= mlx_signals= mlx_pending= mlx_body= mlx_waiter= mlx_interrupted= mlx_group= mlx_code= mlx_looks=0
  mlx_claimed= mlx_over_time= mlx_again= mlx_step= mlx_unwritten=
  local signal
  for signal in TERM INT HUP QUIT USR1 USR2 XCPU; do
    # shellcheck disable=SC2064
    trap "mlx_on_signal $signal" $signal
  done
  if ! [ -f "$mlx_meta/info.yaml" ] || ! [ -f "$mlx_meta/job.yaml" ]; then
    mlx_say "$mlx_run is no complete run directory; not started"
    exit 66
  fi
  mlx_read_job
  [ -n "$mlx_job" ] || mlx_job=${mlx_id_variable:+${!mlx_id_variable}}
  mlx_by_hand=true
  if [ "$MLX_TOKEN" = "$mlx_token" ]; then
    mlx_by_hand=
  elif [ -n "$MLX_TOKEN" ] && [ -z "$mlx_served" ]; then
    mlx_say "$mlx_run was submitted anew; this submission of before is not started"
    exit 75
  fi
  unset MLX_TOKEN
  mlx_claim
  mlx_claimed=1
  [ "$mlx_attempt" = 1 ] || mlx_note_metrics
  if [ -n "$mlx_by_hand" ]; then
    mlx_timers=
  else
    mlx_count_restarts
    [ "$mlx_attempt" = 1 ] || mlx_part_logs
    [ -n "$mlx_unmet" ] || mlx_check_dependencies
  fi

  mlx_info_status=RUNNING mlx_info_start_date=$mlx_date mlx_info_start_time=$mlx_time
  mlx_info_end_date=null mlx_info_end_time=null mlx_info_exit_code=null mlx_info_reason=null
  mlx_write_info

  export MLX_LOG_DIR=$mlx_run MLX_LOG_ID=${mlx_run##*/} MLX_CONFIG=$mlx_meta/config.yaml
  [ -z "$mlx_gpus" ] || export CUDA_VISIBLE_DEVICES=$mlx_gpus
  [ -z "$mlx_cpus" ] || taskset -cp "$mlx_cpus" "$BASHPID" > /dev/null || mlx_say "can't keep to the CPUs $mlx_cpus"
  export MLX_LAUNCH=$mlx_launch MLX_ATTEMPT=$mlx_attempt MLX_SUPERVISOR="$BASHPID $mlx_run"

  [ -n "$mlx_script" ] || mlx_script=$mlx_run/script.sh
  IFS= read -r mlx_shell < "$mlx_script"
  mlx_shell=${mlx_shell#\#!}
  # Where nobody can type, the body gets a process group of its own, so that all of it can be signalled and nothing of it
  # outlives the attempt; at a terminal it stays in the foreground group, so that a debugger can read.
  if [ -n "$mlx_by_hand" ] && { [ -t 0 ] || [ -z "$mlx_job" ]; }; then mlx_shared=; fi
  # An engine that kills the job's group and nothing else would leave a body in a group of its own alive.
  [ -n "$mlx_shared" ] || { [ -n "$mlx_by_hand" ] && [ -t 0 ]; } || mlx_group=-
  if [[ $mlx_signals == *TERM* || $mlx_signals == *INT* || $mlx_signals == *QUIT* ]]; then
    mlx_code=143
  elif [ -n "$mlx_unmet" ]; then
    mlx_say "$mlx_unmet; not started"
    mlx_code=69
  else
    exec 3<&0
    if [ -n "$mlx_group" ]; then
      set -m
      # shellcheck disable=SC2086
      (mlx_limit_memory && exec $mlx_shell "$mlx_script") <&3 3<&- 5>&- &
      mlx_body=$! mlx_waiter=$!
      set +m
    else
      # A signal that reaches both, as the body ends of it, can make bash 5.2 lose how it ended (trap handlers jump out of `wait`). A shell
      # between them, which waits for it in the foreground, loses nothing.
      exec 6<> <(:)
      (
        trap : INT QUIT TERM HUP USR1 USR2 XCPU
        exec 4>&2 2> /dev/null
        MLX_SUPERVISOR="$BASHPID $mlx_run"
        (
          # What bash starts in the background without job control ignores these.
          trap - INT QUIT
          printf '%s\n' "$BASHPID" >&6
          # shellcheck disable=SC2086
          exec $mlx_shell "$mlx_script" 2>&4 4>&- 6>&-
        )
        mlx_code=$?
        printf '%s\n' "$mlx_code" >&6
        exit "$mlx_code"
      ) <&3 3<&- 5>&- &
      mlx_waiter=$!
      until IFS= read -rt 1 mlx_body <&6 || ! kill -s 0 "$mlx_waiter" 2> /dev/null; do :; done
    fi
    exec 3<&-
    mlx_start_timer
    # Signals that came before there was a body to pass them on to.
    for signal in $mlx_pending; do mlx_forward "$signal"; done
    # bash tells on its own standard error of children that a signal ended; that is for the record, not for the log.
    exec 4>&2 2>/dev/null
    mlx_wait
    [ -n "$mlx_group" ] || exec 6>&-
    trap '' ALRM
    [ -z "$mlx_timer" ] || kill "$mlx_timer"
    # What the body left running ends with it.
    [ -z "$mlx_group$mlx_shared" ] || mlx_end_rest
    exec 2>&4 4>&-
  fi

  mlx_signal=null
  [ "$mlx_code" -gt 128 ] && mlx_signal=$(kill -l $((mlx_code - 128)) 2>/dev/null) || mlx_signal=null
  mlx_find_step
  mlx_find_memory
  mlx_ask_again
  mlx_cpu_seconds
  mlx_more=
  for mlx_name in step over_time again cpu_seconds peak_memory memory_limit out_of_memory; do
    mlx_value=mlx_$mlx_name
    [ -z "${!mlx_value}" ] || mlx_more+="$mlx_name: ${!mlx_value}"$'\n'
  done
  mlx_now
  mlx_end="attempt: $mlx_attempt
exit_code: $mlx_code
signal: ${mlx_signal:-null}
signals_received: ${mlx_signals:-null}
unmet: ${mlx_unmet:-null}
${mlx_more}end: \"$mlx_iso\"
end_seconds: $mlx_seconds
...
"
  mlx_ended=$mlx_attempts/$mlx_attempt.end.yaml
  if ! mlx_write_once "$mlx_ended" "$mlx_end"; then
    # On a full disk the claim's own block still has room.
    mlx_ended=$mlx_attempts/$mlx_attempt.yaml
    { printf '%s\n%s' --- "$mlx_end" >> "$mlx_ended"; } 2>/dev/null || mlx_say "can't write the end of attempt $mlx_attempt"
  fi
  # The launcher flushes for the runs it waits for; elsewhere nobody else would.
  [ -n "$mlx_served" ] || sync "$mlx_ended" 2>/dev/null

  # An attempt that was taken for dead and has a successor says no more about the run.
  [ -e "$mlx_attempts/$((mlx_attempt + 1)).yaml" ] && mlx_exit "$mlx_code"

  # How it ended, by the table in logger/status.ts. A verdict is about an attempt that was told to end.
  mlx_stopped= mlx_verdict_attempt=
  [[ " $mlx_signals " == *" TERM "* || " $mlx_signals " == *" INT "* || " $mlx_signals " == *" QUIT "* ]] && mlx_stopped=1
  [ -n "$mlx_stopped$mlx_code" ] && [ "$mlx_stopped$mlx_code" != 0 ] && mlx_read_job
  if [ "$mlx_verdict_attempt" = "$mlx_attempt" ]; then
    mlx_info_status=$mlx_verdict mlx_info_reason=${mlx_verdict_reason:-null}
    [[ $mlx_signal != KILL || $mlx_signals != *QUIT* ]] || mlx_add_reason '; killed, since it did not end when it was told to'
  elif [ -n "$mlx_by_hand" ] && [[ " $mlx_signals " == *" INT "* ]]; then
    mlx_info_status=STOPPED mlx_info_reason='interrupted by hand'
  elif [ -n "$mlx_out_of_memory" ] && [ "$mlx_code" != 0 ]; then
    mlx_info_status=FAILED mlx_info_reason="out of memory, limit $((mlx_memory_limit / 1048576))M"
  elif [ "$mlx_code" = 0 ]; then
    mlx_info_status=COMPLETE mlx_info_reason=null
  elif [ -n "$mlx_unmet" ]; then
    mlx_info_status=FAILED mlx_info_reason=$mlx_unmet
  elif [ -n "$mlx_over_time" ]; then
    mlx_info_status=TIMEOUT mlx_info_reason='at its time limit'
  elif [ "$mlx_signal" = KILL ]; then
    mlx_info_status=FAILED mlx_info_reason='killed by SIGKILL (out of memory?)'
  elif [ "$mlx_signal" != null ]; then
    mlx_info_status=FAILED mlx_info_reason="killed by SIG$mlx_signal"
  else
    mlx_info_status=FAILED mlx_info_reason="exit code $mlx_code"
  fi
  [ -z "$mlx_step" ] || [ "$mlx_info_status" != FAILED ] || mlx_info_reason="step $mlx_step, $mlx_info_reason"
  mlx_info_exit_code=$mlx_code mlx_info_end_date=$mlx_date mlx_info_end_time="'$mlx_time'"
  mlx_write_info
  [ -z "$mlx_again" ] || mlx_start_again
  mlx_exit "$mlx_code"
}

# Keeps what this process starts from here on within mlx_memory: `cgroup PATH` for all of it together, `data KIB` for each process.
mlx_limit_memory() {
  case $mlx_memory in
    'cgroup '*) printf '%s' "$BASHPID" > "${mlx_memory#* }/cgroup.procs" ;;
    'data '*) ulimit -d "${mlx_memory#* }" ;;
  esac
}

# What the control group of the body tells of its memory: in mlx_peak_memory and mlx_memory_limit bytes, and whether something in it
# was killed for want of memory in mlx_out_of_memory.
mlx_find_memory() {
  mlx_peak_memory= mlx_memory_limit= mlx_out_of_memory=
  [[ $mlx_memory == 'cgroup '* ]] || return 0
  local group=${mlx_memory#* } file word value
  for file in memory.peak memory.max_usage_in_bytes; do
    { IFS= read -r mlx_peak_memory < "$group/$file"; } 2>/dev/null && break
  done
  for file in memory.max memory.limit_in_bytes; do
    { IFS= read -r mlx_memory_limit < "$group/$file"; } 2>/dev/null && break
  done
  for file in memory.events memory.oom_control; do
    [ -r "$group/$file" ] || continue
    while IFS=' ' read -r word value; do
      [ "$word" != oom_kill ] || [ "$value" = 0 ] || mlx_out_of_memory=1
    done < "$group/$file"
  done
}

# Behind the reason, which may stand in quotes.
mlx_add_reason() {
  case $mlx_info_reason in
    *\") mlx_info_reason=${mlx_info_reason%\"}$1\" ;;
    *) mlx_info_reason+=$1 ;;
  esac
}

# The step in which the body ended badly, see steps.sh.
mlx_find_step() {
  local lines line
  mlx_step=
  [ "$mlx_code" != 0 ] && [ -f "$mlx_attempts/$mlx_attempt.steps" ] || return 0
  mapfile -t lines < "$mlx_attempts/$mlx_attempt.steps"
  for line in "${lines[@]}"; do
    case $line in
      '- {step: '*', start: '*) mlx_step=${line#*: } mlx_step=${mlx_step%%,*} ;;
      '- {step: '*', exit_code: 0}') mlx_step= ;;
    esac
  done
}

# Whether the engine is to start the run again, in mlx_again: after its time limit, or where an engine told it to go by a signal that
# it did not survive. Not what somebody stopped.
mlx_ask_again() {
  mlx_again=
  [ -n "$mlx_restart" ] && [ "$mlx_code" != 0 ] && [ -z "$mlx_by_hand" ] || return 0
  mlx_read_job
  [ "$mlx_verdict_attempt" != "$mlx_attempt" ] || return 0
  if [ -n "$mlx_over_time" ]; then
    mlx_again=1
  elif [ -n "$mlx_shared" ] && [ -n "${mlx_most_requeued+set}" ]; then
    case $mlx_signal in USR1 | USR2) [[ " $mlx_signals " == *" $mlx_signal "* ]] && mlx_again=1 ;; esac
  fi
}

# Has the engine start the job again.
mlx_start_again() {
  case $mlx_restart in
    exit:*) exit "${mlx_restart#exit:}" ;;
    *)
      # shellcheck disable=SC2086
      $mlx_restart "$mlx_job" || mlx_say "'$mlx_restart $mlx_job' failed: mlx watch or mlx resume goes on with the run"
      ;;
  esac
}

# Seconds of CPU that what this one started has used, in mlx_cpu_seconds (proc(5), fields 16 and 17 of stat, in hundredths everywhere).
mlx_cpu_seconds() {
  local stat IFS=' '
  mlx_cpu_seconds=
  { IFS= read -r stat < "/proc/$BASHPID/stat"; } 2>/dev/null || return 0
  # shellcheck disable=SC2086
  set -- ${stat##*) }
  printf -v mlx_cpu_seconds '%03d' $((${14} + ${15}))
  mlx_cpu_seconds=${mlx_cpu_seconds%??}.${mlx_cpu_seconds: -2}
}

# Supervises the runs that line INDEX of the file MAP names, one after the other; WORDS are for each of them. Ends with the
# worst of their exit codes.
mlx_task() {
  local map=$1 store=${1%/.mlx/launches/*} line ids id worst=0 signal
  mapfile -t -s $(($2 - 1)) -n 1 line < "$map"
  read -ra ids <<< "${line[0]}"
  if [ ${#ids[@]} = 0 ]; then
    mlx_say "$map tells no run for task $2"
    exit 66
  fi
  mlx_job=$3
  shift 3
  mlx_read_words "$@"
  [ ${#ids[@]} -gt 1 ] || mlx_main "$store/${ids[0]}"
  mlx_packed=1
  local token=$MLX_TOKEN mlx_end=
  [[ $mlx_timers != *:END* ]] || mlx_end=${mlx_timers%:END*} mlx_end=${mlx_end##* }
  for signal in TERM INT HUP QUIT USR1 USR2 XCPU; do
    # shellcheck disable=SC2064
    trap "mlx_on_task_signal $signal" $signal
  done
  for id in "${ids[@]}"; do
    [ -z "$mlx_signals" ] || break
    # What the time of the job does not reach is for the next one.
    [ -z "$mlx_end" ] || [ "$SECONDS" -lt "$mlx_end" ] || break
    [ -n "$mlx_shared" ] || set -m
    (MLX_TOKEN=$token mlx_body= && mlx_main "$store/$id") &
    mlx_body=$! mlx_waiter=$!
    set +m
    mlx_wait
    mlx_body=
    [ "exit:$mlx_code" != "$mlx_restart" ] || exit "$mlx_code"
    [ "$mlx_code" -le "$worst" ] || worst=$mlx_code
  done
  [ -z "$mlx_signals" ] || [ "$worst" != 0 ] || worst=143
  mlx_exit "$worst"
}

mlx_on_task_signal() {
  mlx_interrupted=1
  case $1 in TERM | INT | HUP | QUIT | XCPU) mlx_signals+=$1 ;; esac
  [ -z "$mlx_body" ] || [ -n "$mlx_shared" ] || kill -s "$1" "$mlx_body" 2>/dev/null
}

# Reads run directory, token, attempt, GPUs, CPUs, limit of memory and what signals are for, each ended by NUL, and supervises these
# runs one after the other. Tells the launcher `pid N`, `info` (please move the new info.yaml into place) and `exit CODE`. Ends with its standard input.
mlx_serve() {
  exec 5>&1 1>/dev/null
  while IFS= read -rd '' mlx_run && IFS= read -rd '' MLX_TOKEN && IFS= read -rd '' mlx_wanted &&
    IFS= read -rd '' mlx_gpus && IFS= read -rd '' mlx_cpus && IFS= read -rd '' mlx_memory &&
    IFS= read -rd '' mlx_signal_to; do
    # The subshell outlives a launcher that is killed, and then does all of it itself.
    (
      trap : PIPE
      printf 'pid %s\n' "$BASHPID" >&5
      mlx_served=1
      mlx_main "$mlx_run"
    ) < /dev/null >> "$mlx_run/log.stdout" 2>> "$mlx_run/log.stderr"
    printf 'exit %s\n' $? >&5
  done
}

mlx_served= mlx_wanted= mlx_gpus= mlx_job= mlx_logs= mlx_reserved= mlx_script= mlx_shared= mlx_packed= mlx_signals= mlx_body=
mlx_unwritten= mlx_claimed= mlx_cpus= mlx_memory= mlx_timers= mlx_timer= mlx_signal_to= mlx_most_continued= mlx_restart=
unset mlx_most_requeued
SECONDS=0
case $1 in
  --serve) mlx_serve ;;
  --task) mlx_task "${@:2}" ;;
  *)
    mlx_read_words "${@:2}"
    mlx_main "$1"
    ;;
esac
