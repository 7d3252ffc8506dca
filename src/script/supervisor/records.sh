# --- Records: the files of a run ----------------------------------------------------------------------------
# Owns the format of job.yaml, of the attempts' files and of info.yaml, as far as the supervisor reads and
# writes them, and the clock. Needs mlx_say. The files are in mlx_meta and mlx_attempts, which mlx_main sets.

# Reads the fields of job.yaml that the supervisor uses. The launcher may change them at any time.
mlx_read_job() {
  mlx_after_ok='' mlx_after_fail='' mlx_token='' mlx_launch='' mlx_id_variable='' mlx_new_ids=''
  mlx_verdict='' mlx_verdict_attempt='' mlx_verdict_reason=''
  mlx_first=1 mlx_continued=0 mlx_requeued=0 mlx_retried=0 mlx_retries=0 mlx_retry_on='' mlx_despite=''
  local lines line
  mapfile -t lines < "$mlx_meta/job.yaml"
  for line in "${lines[@]}"; do
    case $line in
      'token: '*) mlx_token=${line#*: } ;;
      'first_attempt: '*) mlx_first=${line#*: } ;;
      'continued: '*) mlx_continued=${line#*: } ;;
      'requeued: '*) mlx_requeued=${line#*: } ;;
      'retried: '*) mlx_retried=${line#*: } ;;
      'retries: '*) mlx_retries=${line#*: } ;;
      'retry_on: '*) mlx_retry_on=${line#*: } mlx_retry_on=${mlx_retry_on//\"/} ;;
      'despite_failures: 1') mlx_despite=1 ;;
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

# Sets the umask of the launch of the run in $1, before anything is written: some engines start jobs with
# 077, and a worker may have any. Logs that an engine has made with another one get its mode, too, so that
# whoever may write to the store can submit the run again.
mlx_set_umask() {
  local line mask log mode
  [ -f "$1/metadata/job.yaml" ] || return 0
  while IFS= read -r line; do
    [[ $line =~ ^umask:\ \"?([0-7]+)\"?$ ]] || continue
    mask=${BASH_REMATCH[1]}
    [ $((8#$(umask))) != $((8#$mask)) ] || return 0
    umask "$mask"
    printf -v mode %o $((8#666 & ~8#$mask))
    for log in "$1/log.stdout" "$1/log.stderr"; do
      [ ! -O "$log" ] || chmod "$mode" "$log"
    done
    return 0
  done < "$1/metadata/job.yaml"
}

# Sets mlx_foreign to the reason if a log of the run in $1 is a link out of it: what others have put there is
# not written through.
mlx_check_logs() {
  mlx_foreign=''
  local log to run
  for log in log.stdout log.stderr; do
    [ -L "$1/$log" ] || continue
    run=$(readlink -f -- "$1") to=$(readlink -f -- "$1/$log") || to=''
    [[ $to == "$run"/* ]] || mlx_foreign="$log is a link out of the run directory"
  done
}

# Appends what this process prints to the logs of the run in $1. Fails if they can't be opened.
mlx_open_logs() {
  mlx_check_logs "$1"
  if [ -n "$mlx_foreign" ]; then
    exec > /dev/null 2>&1
  else
    exec >> "$1/log.stdout" 2>> "$1/log.stderr"
  fi
}

# Reads the claim of attempt $1.
mlx_read_claim() {
  mlx_last_token='' mlx_last_job='' mlx_last_by_hand='' mlx_last_host='' mlx_last_pid='' mlx_last_start=''
  local lines line
  [ -f "$mlx_attempts/$1.yaml" ] || return
  mapfile -t lines < "$mlx_attempts/$1.yaml"
  for line in "${lines[@]}"; do
    case $line in
      'token: '*) mlx_last_token=${line#*: } ;;
      'job: '*) mlx_last_job=${line#*: } mlx_last_job=${mlx_last_job//\"/} ;;
      'by_hand: true') mlx_last_by_hand=true ;;
      'host: '*) mlx_last_host=${line#*: } ;;
      'pid: '*) mlx_last_pid=${line#*: } ;;
      'process_start: '*) mlx_last_start=${line#*: } ;;
    esac
  done
}

# Reads the end record of attempt $1: mlx_last_ended is `well`, `badly`, or empty without a record. The record
# is a file of its own, or, if the disk was full, a second document after the claim. A record without its last
# line `...` is incomplete and ignored.
mlx_read_end() {
  local file lines line code
  mlx_last_ended='' mlx_last_received='' mlx_last_over_time='' mlx_last_retry=''
  for file in "$mlx_attempts/$1.end.yaml" "$mlx_attempts/$1.yaml"; do
    if [ -n "$mlx_last_ended" ] || ! [ -f "$file" ]; then continue; fi
    code='' mlx_last_received='' mlx_last_over_time='' mlx_last_retry=''
    mapfile -t lines < "$file"
    for line in "${lines[@]}"; do
      case $line in
        'exit_code: '*) code=${line#*: } ;;
        'signals_received: '*) mlx_last_received=${line#*: } ;;
        'over_time: 1') mlx_last_over_time=1 ;;
        'retry: '*) mlx_last_retry=1 ;;
        ...) case $code in 0) mlx_last_ended=well ;; ?*) mlx_last_ended=badly ;; esac ;;
      esac
    done
  done
}

# Sets mlx_last to the number of the run's last attempt, 0 if there is none.
mlx_find_last() {
  local file n
  mlx_last=0
  for file in "$mlx_attempts"/*.yaml; do
    n=${file##*/} n=${n%.yaml}
    [[ $n == *[!0-9]* ]] || [ "$n" -le "$mlx_last" ] || mlx_last=$n
  done
}

# Sets mlx_iso to the local time in ISO form, mlx_date and mlx_time to date and time as MLXP writes them, and
# mlx_seconds to seconds since 1970 (with fractions from bash 5 on).
mlx_now() {
  printf -v mlx_iso '%(%Y-%m-%dT%H:%M:%S%z)T' -1
  mlx_iso=${mlx_iso:0:22}:${mlx_iso:22}
  printf -v mlx_date '%(%d/%m/%Y)T' -1
  mlx_time=${mlx_iso:11:8}
  printf -v mlx_seconds '%(%s)T' -1
  mlx_seconds=${EPOCHREALTIME:-$mlx_seconds}
  mlx_seconds=${mlx_seconds/,/.}
}

# Creates the file $1 with the text $2, in one write. Returns 1 if the file exists; 2 if it can't be written,
# and then leaves no file.
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

# Rewrites the status lines of info.yaml from the mlx_info_ variables: writes a temporary file, then renames
# it.
mlx_write_info() {
  local lines i temporary=$mlx_meta/info.yaml.$HOSTNAME.$BASHPID.tmp
  mapfile lines < "$mlx_meta/info.yaml"
  for i in "${!lines[@]}"; do
    case ${lines[i]} in
      status:*) lines[i]="status: $mlx_info_status"$'\n' ;;
      hostname:*) lines[i]="hostname: $HOSTNAME"$'\n' ;;
      process_id:*) lines[i]="process_id: $BASHPID"$'\n' ;;
      start_date:*) lines[i]="start_date: $mlx_info_start_date"$'\n' ;;
      start_time:*) [ "$mlx_info_start_date" = null ] || lines[i]="start_time: '$mlx_info_start_time'"$'\n' ;;
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
  # A launcher that listens renames the file for us, which saves a process. Without one, or if it is gone, mv
  # does.
  # shellcheck disable=SC2015 # mv has to run if the write fails, too
  [ -n "$mlx_served" ] && printf 'info\n' 2>/dev/null >&5 || mv -f "$temporary" "$mlx_meta/info.yaml"
}
