# --- Task: the runs of one task of a job (--task) -----------------------------------------------------------
# Owns the order of a task's runs and what signals mean between them. Needs mlx_main and mlx_wait.

# Supervises the runs that line INDEX of the file MAP names, one after another; WORDS hold for each of them.
# Exits with the highest of their exit codes.
mlx_task() {
  local map=$1 store=${1%/.mlx/launches/*} line ids id worst=0 signal
  mapfile -t -s $(($2 - 1)) -n 1 line < "$map"
  read -ra ids <<< "${line[0]}"
  if [ ${#ids[@]} = 0 ]; then
    mlx_say "$map tells no run for task $2"
    exit 66
  fi
  mlx_job=$3
  shift 3
  mlx_read_words "$@"
  [ ${#ids[@]} -gt 1 ] || mlx_main "$store/${ids[0]}"
  mlx_packed=1
  local token=$MLX_TOKEN mlx_end=''
  [[ $mlx_timers != *:END* ]] || mlx_end=${mlx_timers%:END*} mlx_end=${mlx_end##* }
  for signal in TERM INT HUP QUIT USR1 USR2 XCPU; do
    # shellcheck disable=SC2064 # $signal now, not later
    trap "mlx_on_task_signal $signal" $signal
  done
  for id in "${ids[@]}"; do
    [ -z "$mlx_signals" ] || break
    # Runs that the job has no time for are left to the next job.
    [ -z "$mlx_end" ] || [ "$SECONDS" -lt "$mlx_end" ] || break
    [ -n "$mlx_shared" ] || set -m
    (MLX_TOKEN=$token mlx_body='' && mlx_main "$store/$id") &
    mlx_body=$! mlx_waiter=$!
    set +m
    mlx_wait
    mlx_body=''
    [ "exit:$mlx_code" != "$mlx_restart" ] || exit "$mlx_code"
    [ "$mlx_code" -le "$worst" ] || worst=$mlx_code
  done
  [ -z "$mlx_signals" ] || [ "$worst" != 0 ] || worst=143
  mlx_exit "$worst"
}

# The trap: after a signal that ends, no further run starts. The run that is supervised gets the signal too,
# unless the engine has sent it to the whole group.
mlx_on_task_signal() {
  mlx_interrupted=1
  case $1 in TERM | INT | HUP | QUIT | XCPU) mlx_signals+=$1 ;; esac
  [ -z "$mlx_body" ] || [ -n "$mlx_shared" ] || kill -s "$1" "$mlx_body" 2>/dev/null
}
