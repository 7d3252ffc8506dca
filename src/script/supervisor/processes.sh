# --- Processes: what /proc knows ----------------------------------------------------------------------------
# Owns the reading of /proc/PID/stat (proc(5)). Needs nothing from the other parts.

# Sets mlx_reply to when a process started: boot id and clock ticks (field 22), which no later process shares.
# Without /proc it is `unknown`. Returns 1 if there is no such process, or it has ended and waits for its parent.
mlx_process_start() {
  mlx_reply=unknown
  [ -d /proc/self ] || { kill -s 0 "$1" 2>/dev/null; return; }
  local stat boot
  { IFS= read -r stat < "/proc/$1/stat" && IFS= read -r boot < /proc/sys/kernel/random/boot_id; } 2>/dev/null ||
    return 1
  stat=${stat##*) }
  local IFS=' '
  # shellcheck disable=SC2086 # one word for each field
  set -- $stat
  case $1 in Z | X) return 1 ;; esac
  mlx_reply=$boot.${20}
}

# Sets mlx_reply to the process group of a living process (fields 3 and 5), or to nothing.
mlx_group_of() {
  local stat IFS=' '
  mlx_reply=''
  { IFS= read -r stat < "/proc/$1/stat"; } 2>/dev/null || return
  # shellcheck disable=SC2086 # one word for each field
  set -- ${stat##*) }
  [ "$1" = Z ] || mlx_reply=$3
}

mlx_cpu_before=0

# Sets mlx_cpu_seconds to the CPU time that this process's children have used since the last call (fields 16
# and 17, in hundredths of a second on all systems).
mlx_cpu_seconds() {
  local stat used IFS=' '
  mlx_cpu_seconds=''
  { IFS= read -r stat < "/proc/$BASHPID/stat"; } 2>/dev/null || return 0
  # shellcheck disable=SC2086 # one word for each field
  set -- ${stat##*) }
  used=$((${14} + ${15}))
  printf -v mlx_cpu_seconds '%03d' $((used - mlx_cpu_before))
  mlx_cpu_before=$used
  mlx_cpu_seconds=${mlx_cpu_seconds%??}.${mlx_cpu_seconds: -2}
}
