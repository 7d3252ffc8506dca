# --- Failures: how many runs of the launch have ended badly -------------------------------------------------
# Owns launches/ID/failures/, which has an empty file for each run of the launch that has ended badly, and
# --max-failures. The launcher adds the ends that only it or the engine knows (`noteOutcome`). Needs the fields
# of job.yaml, and what mlx_judge and mlx_find_retry found.
#
# The launch's file max-failures has the number, and may change at any time. There is one file for each run, so
# that a kill at any moment counts no run twice; and it is written before info.yaml, so that a run whose end was
# not counted is one whose info.yaml does not show it yet, which readers correct.

# Exits if this run must not begin because of the failures of others: it has then never started, and
# attempts/turned-away.TOKEN.yaml says why. A run that has begun goes on, and one that somebody submitted again
# starts whatever failed.
mlx_check_failures() {
  local launch=${mlx_run%/*}/.mlx/launches/$mlx_launch most='' file n count=0 runs='runs' reason
  [ -z "$mlx_by_hand$mlx_despite" ] && [ -f "$launch/max-failures" ] || return 0
  IFS= read -r most < "$launch/max-failures"
  [[ $most =~ ^[1-9][0-9]*$ ]] || return 0
  for ((n = mlx_first; n <= mlx_last; n++)); do
    mlx_read_claim "$n"
    [ -n "$mlx_last_by_hand" ] || return 0
  done
  for file in "$launch"/failures/[0-9]*; do
    if [ -e "$file" ] && [ "${file##*/}" != "${mlx_run##*/}" ]; then count=$((count + 1)); fi
  done
  [ "$count" -ge "$most" ] || return 0
  [ "$count" != 1 ] || runs='run'
  reason="not started: $count $runs of its launch failed (--max-failures $most)"
  mlx_say "$mlx_run was $reason"
  mlx_write_once "$mlx_attempts/turned-away.$mlx_token.yaml" "token: $mlx_token
reason: \"$reason\"
date: \"$mlx_iso\"
...
"
  # shellcheck disable=SC2034 # mlx_write_info reads them
  mlx_attempt=$mlx_last mlx_info_status=STOPPED mlx_info_reason=$reason mlx_info_start_date=null \
    mlx_info_end_date=$mlx_date mlx_info_end_time="'$mlx_time'" mlx_info_exit_code=null
  mlx_write_info
  mlx_exit 69
}

# Notes how the run ended. An end that a restart follows is no failure. Nor is one, yet, that only the engine
# can explain, since it told the run to end: a preemption, a stop, its time limit unless that is over.
mlx_note_failure() {
  local failures=${mlx_run%/*}/.mlx/launches/$mlx_launch/failures
  [ -d "$failures" ] || return 0
  case $mlx_info_status in
    COMPLETE | STOPPED)
      if [ -e "$failures/${mlx_run##*/}" ]; then rm -f "$failures/${mlx_run##*/}"; fi
      return 0
      ;;
  esac
  [ -z "$mlx_over_time$mlx_again$mlx_retry_by" ] || return 0
  # The launcher knows whether a run goes on after the limit that it has set.
  [ "$mlx_info_status" != TIMEOUT ] || [ -z "$mlx_served" ] || return 0
  if [ -n "$mlx_stopped" ] && [ "$mlx_verdict_attempt" != "$mlx_attempt" ]; then
    [ -n "$mlx_limit" ] && [ "$SECONDS" -ge $((mlx_limit - 5)) ] || return 0
  fi
  { : > "$failures/${mlx_run##*/}"; } 2>/dev/null || mlx_say "can't count the failure in $failures"
}
