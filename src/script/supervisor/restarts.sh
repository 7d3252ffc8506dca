# --- Restarts: how often may a run start again? -------------------------------------------------------------
# Owns the rule for --continue=N and --requeue=N. The launcher has the same one (`restartsOf`, `goesOn`);
# test/fixtures/restart-cases.json holds both to it. Needs the fields of job.yaml, and mlx_say.

# Counts how often the run was started again, by this submission and by those that mlx made before it: after
# its time limit in mlx_continued, for other reasons in mlx_requeued. Starts by hand do not count. If it was
# started again too often, mlx_unmet says so.
mlx_count_restarts() {
  local n most=${mlx_most_requeued-} times
  for ((n = mlx_first; n < mlx_attempt; n++)); do
    mlx_read_claim "$n"
    [ -z "$mlx_last_by_hand" ] || continue
    mlx_read_end "$n"
    if [ -n "$mlx_last_ended" ] && [ -n "$mlx_last_over_time" ]; then
      mlx_continued=$((mlx_continued + 1))
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
