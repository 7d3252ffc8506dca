# --- Attempt: one attempt of a run, from start to end -------------------------------------------------------
# Owns the order of the steps. Needs all parts above.

mlx_served='' mlx_job='' mlx_signals='' mlx_noted=''

# Supervises the run in $1: one attempt, and others after it as long as the run is tried again in this job.
# Exits with the exit code of the last one.
mlx_main() {
  mlx_run=$1
  mlx_set_umask "$mlx_run"
  if [ -n "$mlx_logs" ]; then mlx_open_logs "$mlx_run"; else mlx_check_logs "$mlx_run"; fi
  while :; do mlx_supervise; done
}

# Supervises one attempt. Exits with its exit code, unless another attempt follows in this job.
mlx_supervise() {
  mlx_began=$SECONDS
  mlx_begin
  mlx_claim
  mlx_claimed=1
  mlx_unmet=$mlx_foreign
  [ "$mlx_attempt" = 1 ] || mlx_note_metrics
  if [ -n "$mlx_by_hand" ]; then
    mlx_timers=''
  else
    mlx_count_restarts
    [ "$mlx_attempt" = 1 ] || [ -n "$mlx_foreign" ] || mlx_part_logs
    [ -n "$mlx_unmet" ] || mlx_check_dependencies
  fi

  mlx_info_status=RUNNING mlx_info_start_date=$mlx_date mlx_info_start_time=$mlx_time
  mlx_info_end_date=null mlx_info_end_time=null mlx_info_exit_code=null mlx_info_reason=null
  mlx_write_info

  export MLX_LOG_DIR=$mlx_run MLX_LOG_ID=${mlx_run##*/} MLX_CONFIG=$mlx_meta/config.yaml
  mlx_pin
  # shellcheck disable=SC2031 # mlx_start_beside changes it for the body alone
  export MLX_LAUNCH=$mlx_launch MLX_ATTEMPT=$mlx_attempt MLX_SUPERVISOR="$BASHPID $mlx_run"
  [ -n "$mlx_script" ] || mlx_script=$mlx_run/script.sh
  IFS= read -r mlx_shell < "$mlx_script"
  mlx_shell=${mlx_shell#\#!}
  mlx_choose_group
  if [[ $mlx_signals == *TERM* || $mlx_signals == *INT* || $mlx_signals == *QUIT* ]]; then
    mlx_code=143
  elif [ -n "$mlx_unmet" ]; then
    mlx_say "$mlx_unmet; not started"
    mlx_code=69
  else
    mlx_run_body
  fi

  mlx_find_ending
  mlx_noted=$mlx_signals
  mlx_record_end
  # An attempt that was thought dead and has a successor does not change the run's status.
  [ -e "$mlx_attempts/$((mlx_attempt + 1)).yaml" ] && mlx_exit "$mlx_code"
  mlx_judge
  mlx_note_failure
  if [ "$mlx_retry_by" = job ]; then
    MLX_TOKEN=$mlx_submitted
    return
  fi
  [ -z "$mlx_retry" ] || mlx_info_status=QUEUED mlx_info_reason="to be tried again after $mlx_retry"
  mlx_info_exit_code=$mlx_code mlx_info_end_date=$mlx_date mlx_info_end_time="'$mlx_time'"
  mlx_write_info
  [ -z "$mlx_again" ] || mlx_start_again
  mlx_exit "$mlx_code"
}

# Sets the traps, reads job.yaml, and decides on whose behalf this attempt starts: the submission's, or by
# hand.
mlx_begin() {
  mlx_meta=$mlx_run/metadata
  mlx_attempts=$mlx_meta/attempts
  # Signals that came after the end of the attempt before are for this one.
  mlx_signals=${mlx_signals:${#mlx_noted}} mlx_noted='' mlx_timer=''
  mlx_unwritten='' mlx_pending='' mlx_interrupted='' mlx_claimed='' mlx_unmet=''
  mlx_over_time='' mlx_body='' mlx_waiter='' mlx_group='' mlx_looks=0 mlx_code='' mlx_step='' mlx_again=''
  local signal
  for signal in TERM INT HUP QUIT USR1 USR2 XCPU; do
    # shellcheck disable=SC2064 # $signal now, not later
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
    mlx_by_hand=''
  elif [ -n "$MLX_TOKEN" ] && [ -z "$mlx_served" ]; then
    mlx_say "$mlx_run was submitted anew; this submission of before is not started"
    exit 75
  fi
  mlx_submitted=$MLX_TOKEN
  unset MLX_TOKEN
}
