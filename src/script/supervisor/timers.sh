# --- Timers: signals at set times before the job's limit (--at) ---------------------------------------------
# Owns the timer process, and mlx_over_time: the program was told to end so that it can go on in another job.
# Needs mlx_signal_rest. SECONDS counts from the job's start, so a task's later runs have less time.

mlx_timer=''

# Starts a process that sends ALRM whenever one of mlx_timers is due. They are SECONDS:SIGNAL, sorted by time.
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

# The trap: sends the signals that are due, and TERM for END.
mlx_on_alarm() {
  local timer left='' signal
  mlx_interrupted=1
  for timer in $mlx_timers; do
    if [ "$SECONDS" -lt "${timer%%:*}" ]; then
      left+=" $timer"
      continue
    fi
    signal=${timer#*:}
    [ "$signal" != END ] || mlx_over_time=1 signal=TERM
    # newer-bash: before 5.0 the line has no time
    mlx_signals+=${mlx_signals:+ }$signal mlx_unwritten+="$signal $EPOCHREALTIME"$'\n'
    if [ -n "$mlx_signal_to" ] || [ -z "$mlx_group$mlx_shared" ]; then
      kill -s "$signal" "$mlx_body" 2>/dev/null
    else
      mlx_signal_rest "$signal" 2>/dev/null
    fi
  done
  mlx_timers=$left
}
