# --- Body: the run's script as a child process --------------------------------------------------------------
# Owns mlx_body (the process of script.sh), mlx_waiter (the child to wait for: the body, or a shell between),
# mlx_group (`-` if the body has a process group of its own) and mlx_code (its exit code). Needs signals,
# timers and limits.

# Decides which process group the body gets.
#
# If nobody can type, the body gets a group of its own, so that all of it can be signalled and nothing of it
# outlives the attempt. At a terminal it stays in the foreground group, so that a debugger can read. It also
# stays in the job's group if the engine kills that group and nothing else: a body in its own group would
# survive.
mlx_choose_group() {
  if [ -n "$mlx_by_hand" ] && { [ -t 0 ] || [ -z "$mlx_job" ]; }; then mlx_shared=''; fi
  [ -n "$mlx_shared" ] || { [ -n "$mlx_by_hand" ] && [ -t 0 ]; } || mlx_group=-
}

# Runs the script until it ends, then ends what it left running. No `local` here, nor in what calls this:
# a local takes over the export of an environment variable with the same name, and the program would get our
# value.
mlx_run_body() {
  exec 3<&0
  if [ -n "$mlx_group" ]; then
    set -m
    # shellcheck disable=SC2086 # a `#!` line may have an argument
    (mlx_limit_memory && exec $mlx_shell "$mlx_script") <&3 3<&- 5>&- &
    mlx_body=$! mlx_waiter=$!
    set +m
  else
    mlx_start_beside
  fi
  exec 3<&-
  mlx_start_timer
  # Signals that came before there was a body.
  for mlx_name in $mlx_pending; do mlx_forward "$mlx_name"; done
  # bash reports children that a signal ended on its standard error. The record says so; the log need not.
  exec 4>&2 2>/dev/null
  mlx_wait
  [ -n "$mlx_group" ] || exec 6>&-
  trap '' ALRM
  [ -z "$mlx_timer" ] || kill "$mlx_timer"
  # What the body left running ends with it. A start by hand shares its group with whoever started it.
  if [ -n "$mlx_group" ] || { [ -n "$mlx_shared" ] && [ -z "$mlx_by_hand" ]; }; then mlx_end_rest; fi
  exec 2>&4 4>&-
}

# Starts the body in the supervisor's own process group. If a signal reaches both and ends the body, bash 5.2
# can lose how the body ended (trap handlers jump out of `wait`). So a shell stands between them, which waits
# for the body in the foreground and reports it through descriptor 6: first the body's process id, then its
# exit code.
mlx_start_beside() {
  exec 6<> <(:)
  (
    trap : INT QUIT TERM HUP USR1 USR2 XCPU
    exec 4>&2 2> /dev/null
    # shellcheck disable=SC2030 # for the body, which takes this shell for its supervisor
    MLX_SUPERVISOR="$BASHPID $mlx_run"
    (
      # bash makes background processes ignore these when there is no job control.
      trap - INT QUIT
      printf '%s\n' "$BASHPID" >&6
      # shellcheck disable=SC2086 # a `#!` line may have an argument
      exec $mlx_shell "$mlx_script" 2>&4 4>&- 6>&-
    )
    mlx_status=$?
    printf '%s\n' "$mlx_status" >&6
    exit "$mlx_status"
  ) <&3 3<&- 5>&- &
  mlx_waiter=$!
  until IFS= read -rt 1 mlx_body <&6 || ! kill -s 0 "$mlx_waiter" 2> /dev/null; do :; done
}

# Waits until the body has ended, however many signals come meanwhile. Sets mlx_code to its exit code.
mlx_wait() {
  mlx_code=''
  while :; do
    mlx_interrupted=''
    [ -z "$mlx_claimed" ] || mlx_write_signals
    wait "$mlx_waiter"
    mlx_reply=$?
    if [ "$mlx_reply" -lt 0 ]; then
      # bash 5.2 has missed the end, which came together with a signal. If nobody else knows, that signal
      # ended it.
      mlx_waiter_gone || continue
      { IFS= read -rt 1 mlx_code <&6; } 2>/dev/null ||
        { [[ $mlx_signals == *INT ]] && mlx_code=130 || mlx_code=143; }
      break
    fi
    # 127 after waiting once too often: the code from the time before is right.
    [ "$mlx_reply" = 127 ] && [ -n "$mlx_code" ] || mlx_code=$mlx_reply
    [ -n "$mlx_interrupted" ] || break
  done
}

# Whether the child is gone, or did not go within 20 looks. If it is not, a moment has passed.
mlx_waiter_gone() {
  kill -s 0 "$mlx_waiter" 2>/dev/null && [ $((mlx_looks += 1)) -lt 20 ] || return 0
  read -rt 0.1 <> <(:)
  return 1
}
