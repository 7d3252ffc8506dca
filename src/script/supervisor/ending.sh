# --- Ending: how did the attempt end? -----------------------------------------------------------------------
# Owns attempts/N.end.yaml and the status in info.yaml. The launcher reads the end record by the same rules
# (`statusOf`); test/fixtures/status-cases.json holds both to them. Needs the records, limits and restarts;
# mlx_code, mlx_signals, mlx_unmet and mlx_over_time say what happened.

# Sets mlx_signal (`KILL`, by the exit code; else null), the step, memory and CPU time, and whether to start
# again.
mlx_find_ending() {
  mlx_signal=null
  # shellcheck disable=SC2015 # null for an exit code that is no signal's, and for one that kill does not know
  [ "$mlx_code" -gt 128 ] && mlx_signal=$(kill -l $((mlx_code - 128)) 2>/dev/null) || mlx_signal=null
  mlx_find_step
  mlx_find_memory
  mlx_ask_again
  mlx_find_retry
  mlx_cpu_seconds
}

# Sets mlx_step to the step in which the body ended badly (steps.sh).
mlx_find_step() {
  local lines line
  mlx_step=''
  [ "$mlx_code" != 0 ] && [ -f "$mlx_attempts/$mlx_attempt.steps" ] || return 0
  mapfile -t lines < "$mlx_attempts/$mlx_attempt.steps"
  for line in "${lines[@]}"; do
    case $line in
      '- {step: '*', start: '*) mlx_step=${line#*: } mlx_step=${mlx_step%%,*} ;;
      '- {step: '*', exit_code: 0}') mlx_step='' ;;
    esac
  done
}

# Writes the end record.
mlx_record_end() {
  local name value more='' end file
  for name in step over_time again retry cpu_seconds peak_memory memory_limit out_of_memory; do
    value=mlx_$name
    [ -z "${!value}" ] || more+="$name: ${!value}"$'\n'
  done
  mlx_now
  end="attempt: $mlx_attempt
exit_code: $mlx_code
signal: ${mlx_signal:-null}
signals_received: ${mlx_signals:-null}
unmet: ${mlx_unmet:-null}
${more}end: \"$mlx_iso\"
end_seconds: $mlx_seconds
...
"
  file=$mlx_attempts/$mlx_attempt.end.yaml
  if ! mlx_write_once "$file" "$end"; then
    # On a full disk the claim's own block still has room.
    file=$mlx_attempts/$mlx_attempt.yaml
    { printf '%s\n%s' --- "$end" >> "$file"; } 2>/dev/null ||
      mlx_say "can't write the end of attempt $mlx_attempt"
  fi
  # A launcher syncs the runs that it waits for. For other runs only this process can.
  [ -n "$mlx_served" ] || sync "$file" 2>/dev/null
}

# Sets mlx_info_status and mlx_info_reason. A verdict holds for an attempt that was told to end, or failed.
mlx_judge() {
  mlx_stopped='' mlx_verdict_attempt=''
  case " $mlx_signals " in *' TERM '* | *' INT '* | *' QUIT '*) mlx_stopped=1 ;; esac
  [ -n "$mlx_stopped$mlx_code" ] && [ "$mlx_stopped$mlx_code" != 0 ] && mlx_read_job
  if [ "$mlx_verdict_attempt" = "$mlx_attempt" ]; then
    mlx_info_status=$mlx_verdict mlx_info_reason=${mlx_verdict_reason:-null}
    [[ $mlx_signal != KILL || $mlx_signals != *QUIT* ]] ||
      mlx_add_reason '; killed, since it did not end when it was told to'
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
}

# Adds $1 to the reason, which may be in quotes.
mlx_add_reason() {
  case $mlx_info_reason in
    *\") mlx_info_reason=${mlx_info_reason%\"}$1\" ;;
    *) mlx_info_reason+=$1 ;;
  esac
}
