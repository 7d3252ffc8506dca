# --- Restarts: how often may a run start again? -------------------------------------------------------------
# Owns the rule for --continue=N, --requeue=N and the retries of job.yaml. The launcher has the same one
# (`restartsOf`, `retryOf`, `goesOn`);
# test/fixtures/restart-cases.json holds both to it. Needs the fields of job.yaml, and mlx_say.

# Counts how often the run was started again, by this submission and by those that mlx made before it: after
# its time limit in mlx_continued, after it failed by itself in mlx_tried, for other reasons in mlx_requeued.
# Starts by hand do not count. If it was started again too often, mlx_unmet says so.
mlx_count_restarts() {
  local n most=${mlx_most_requeued-} times
  mlx_tried=$mlx_retried
  for ((n = mlx_first; n < mlx_attempt; n++)); do
    mlx_read_claim "$n"
    [ -z "$mlx_last_by_hand" ] || continue
    mlx_read_end "$n"
    if [ -n "$mlx_last_ended" ] && [ -n "$mlx_last_over_time" ]; then
      mlx_continued=$((mlx_continued + 1))
    elif [ -n "$mlx_last_ended" ] && [ -n "$mlx_last_retry" ]; then
      mlx_tried=$((mlx_tried + 1))
    else
      mlx_requeued=$((mlx_requeued + 1))
    fi
  done
  if [ -n "$most" ] && [ "$mlx_requeued" -gt "$most" ]; then
    [ "$most" = 1 ] && times='time' || times='times'
    mlx_unmet="started again $most $times, as often as --requeue=$most allows"
  fi
  # A run that will not go on after its limit may use all of its time.
  [ -z "$mlx_most_continued" ] || [ "$mlx_continued" -lt "$mlx_most_continued" ] || mlx_drop_end
}

# Removes END from mlx_timers.
mlx_drop_end() {
  local timer kept=''
  for timer in $mlx_timers; do [[ $timer == *:END ]] || kept+=" $timer"; done
  mlx_timers=$kept
}

# Sets mlx_again if the engine must start the run again: it reached its time limit, or the engine sent a
# signal that ended it. Not if somebody stopped it.
mlx_ask_again() {
  mlx_again=''
  [ -n "$mlx_restart" ] && [ "$mlx_code" != 0 ] && [ -z "$mlx_by_hand" ] || return 0
  mlx_read_job
  [ "$mlx_verdict_attempt" != "$mlx_attempt" ] || return 0
  if [ -n "$mlx_over_time" ]; then
    mlx_again=1
  elif [ -n "$mlx_shared" ] && [ -n "${mlx_most_requeued+set}" ]; then
    case $mlx_signal in USR1 | USR2) [[ " $mlx_signals " == *" $mlx_signal "* ]] && mlx_again=1 ;; esac
  fi
}

# Sets mlx_retry to the reason if the run failed by itself and is tried again, and mlx_retry_by to who starts
# it: this `job`, the `engine`, or the `launcher`. If retries are left and none of them can, mlx_retry_by is
# `later`: mlx watch and mlx resume start it.
#
# A run that was told to end has not failed by itself. Nor is a wrong input tried again, unless --retry-on names
# its code: 2 is what shells and argument parsers exit with for it, 64 to 66 and 78 are those of sysexits.h, 126
# and 127 mean that there is no such program (bash(1)).
mlx_find_retry() {
  local how="exit code $mlx_code" memory=$mlx_out_of_memory
  mlx_retry='' mlx_retry_by=''
  [ "${mlx_retries:-0}" != 0 ] && [ "$mlx_code" != 0 ] &&
    [ -z "$mlx_by_hand$mlx_unmet$mlx_over_time$mlx_again" ] || return 0
  case " $mlx_signals " in *' TERM '* | *' INT '* | *' QUIT '* | *' HUP '* | *' XCPU '*) return 0 ;; esac
  [[ " $mlx_signals " != *" $mlx_signal "* ]] || return 0
  mlx_read_job
  [ "$mlx_verdict_attempt" != "$mlx_attempt" ] && [ "$mlx_tried" -lt "$mlx_retries" ] || return 0
  if [ "$mlx_signal" != null ]; then how="SIG$mlx_signal"; fi
  if [ -n "$mlx_out_of_memory" ]; then how='out of memory'; fi
  # What the kernel kills for want of memory gets KILL.
  if [ "$mlx_signal" = KILL ]; then memory=1; fi
  if [ -z "$mlx_retry_on" ]; then
    case $mlx_code in 2 | 64 | 65 | 66 | 78 | 126 | 127) return 0 ;; esac
  elif [[ ,$mlx_retry_on, != *,$mlx_code,* ]]; then
    [[ ,$mlx_retry_on, == *,oom,* ]] && [ -n "$memory" ] || return 0
  fi
  if [ -n "$mlx_served" ]; then
    mlx_retry_by=launcher
  elif [ -z "$mlx_limit" ] || [ $((mlx_limit - SECONDS)) -gt $((SECONDS - mlx_began)) ]; then
    mlx_retry_by=job
  elif [ -n "$mlx_restart" ]; then
    mlx_retry_by=engine mlx_again=1
  else
    mlx_retry_by=later
    return 0
  fi
  mlx_retry=$how
}

# Asks the engine to start the job again.
mlx_start_again() {
  case $mlx_restart in
    exit:*) exit "${mlx_restart#exit:}" ;;
    *)
      # shellcheck disable=SC2086 # a command and its arguments
      $mlx_restart "$mlx_job" ||
        mlx_say "'$mlx_restart $mlx_job' failed: mlx watch or mlx resume goes on with the run"
      ;;
  esac
}
