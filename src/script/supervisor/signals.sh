# --- Signals: from the launcher, the engine and the terminal to the program ---------------------------------
# Owns mlx_signals (all that came), attempts/N.signals, and whom a signal goes to. Needs mlx_body, mlx_waiter
# and mlx_group, which mlx_run_body sets, and mlx_timer.
#
# Traps stay short: bash misses signals, and the ends of processes, that come while a trap runs.

mlx_signals='' mlx_unwritten='' mlx_body=''

# The trap. Before there is a body, signals are kept for it in mlx_pending.
mlx_on_signal() {
  # newer-bash: before 5.0 the line has no time
  mlx_signals+=${mlx_signals:+ }$1 mlx_unwritten+="$1 $EPOCHREALTIME"$'\n' mlx_interrupted=1
  if [ -n "$mlx_body" ]; then mlx_forward "$1"; else mlx_pending+=" $1"; fi
}

# Writes the signals to disk at once, because a program that does not end in time is killed, and this process
# with it. mlx_wait calls this; a trap would take too long.
mlx_write_signals() {
  [ -n "$mlx_unwritten" ] || return 0
  local text=$mlx_unwritten
  mlx_unwritten=''
  { printf '%s' "$text" >> "$mlx_attempts/$mlx_attempt.signals"; } 2>/dev/null
}

# Passes a signal on to the body. QUIT is the launcher's word for "now": the body is killed.
mlx_forward() {
  # The engine has signalled the body too.
  [ -n "$mlx_shared" ] && [ "$1" != QUIT ] && return 0
  # At a terminal the body is in the foreground group and has got Ctrl-C itself.
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

# Signals the body's processes. Returns 1 if there are none left.
mlx_signal_rest() {
  if [ -n "$mlx_group" ]; then
    kill -s "$1" -- "-$mlx_body"
  else
    mlx_find_rest
    # shellcheck disable=SC2086 # one word for each process
    [ -n "$mlx_reply" ] && kill -s "$1" $mlx_reply
  fi
}

# Sets mlx_reply to the living processes of the group that the supervisor shares with the body, without those
# that supervise.
mlx_find_rest() {
  local file group rest=''
  mlx_group_of $BASHPID
  group=$mlx_reply
  for file in /proc/[0-9]*; do
    mlx_group_of "${file#/proc/}"
    [ "$mlx_reply" = "$group" ] || continue
    case ${file#/proc/} in
      "$$" | "$BASHPID" | "$mlx_timer" | "$mlx_waiter") ;;
      *) rest+=" ${file#/proc/}" ;;
    esac
  done
  mlx_reply=$rest
}
