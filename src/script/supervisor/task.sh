# --- Task: the runs of one task of a job (--task) -----------------------------------------------------------
# Owns the order of a task's runs and what signals mean between them. Needs mlx_main and mlx_wait.

# Supervises the runs that line INDEX of the file MAP names, one after another; WORDS hold for each of them.
# Exits with the highest of their exit codes. No `local` here, see mlx_run_body.
mlx_task() {
  mlx_store=${1%/.mlx/launches/*} mlx_worst=0
  mapfile -t -s $(($2 - 1)) -n 1 mlx_line < "$1"
  read -ra mlx_ids <<< "${mlx_line[0]}"
  if [ ${#mlx_ids[@]} = 0 ]; then
    mlx_say "$1 tells no run for task $2"
    exit 66
  fi
  mlx_job=$3
  shift 3
  mlx_read_words "$@"
  [ ${#mlx_ids[@]} -gt 1 ] || mlx_main "$mlx_store/${mlx_ids[0]}"
  mlx_packed=1
  mlx_submission=$MLX_TOKEN mlx_end=''
  [[ $mlx_timers != *:END* ]] || mlx_end=${mlx_timers%:END*} mlx_end=${mlx_end##* }
  for mlx_name in TERM INT HUP QUIT USR1 USR2 XCPU; do
    # shellcheck disable=SC2064 # $mlx_name now, not later
    trap "mlx_on_task_signal $mlx_name" $mlx_name
  done
  for mlx_id in "${mlx_ids[@]}"; do
    [ -z "$mlx_signals" ] || break
    # Runs that the job has no time for are left to the next job.
    [ -z "$mlx_end" ] || [ "$SECONDS" -lt "$mlx_end" ] || break
    [ -n "$mlx_shared" ] || set -m
    (MLX_TOKEN=$mlx_submission mlx_body='' && mlx_main "$mlx_store/$mlx_id") &
    mlx_body=$! mlx_waiter=$!
    set +m
    mlx_wait
    mlx_body=''
    [ "exit:$mlx_code" != "$mlx_restart" ] || exit "$mlx_code"
    [ "$mlx_code" -le "$mlx_worst" ] || mlx_worst=$mlx_code
  done
  [ -z "$mlx_signals" ] || [ "$mlx_worst" != 0 ] || mlx_worst=143
  mlx_exit "$mlx_worst"
}

# The trap: after a signal that ends, no further run starts. The run that is supervised gets the signal too,
# unless the engine has sent it to the whole group.
mlx_on_task_signal() {
  mlx_interrupted=1
  case $1 in TERM | INT | HUP | QUIT | XCPU) mlx_signals+=$1 ;; esac
  [ -z "$mlx_body" ] || [ -n "$mlx_shared" ] || kill -s "$1" "$mlx_body" 2>/dev/null
}
