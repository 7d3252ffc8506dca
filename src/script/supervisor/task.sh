# --- Task: the runs of one task of a job (--task) -----------------------------------------------------------
# Owns which runs a task has, their order, and what signals mean between them. Needs mlx_main and mlx_wait.

mlx_alone=''

# Supervises the runs that line INDEX of the file MAP names, one after another; WORDS hold for each of them.
# By hand, without INDEX, these are the runs of all lines. Exits with the highest of their exit codes. No
# `local` here, see mlx_run_body.
mlx_task() {
  mlx_store=${1%/.mlx/launches/*} mlx_worst=0
  mlx_read_words "${@:4}"
  mlx_find_task "$@"
  [ ${#mlx_ids[@]} -gt 1 ] || mlx_main "$mlx_store/${mlx_ids[0]}"
  mlx_packed=1
  mlx_submission=$MLX_TOKEN mlx_end=''
  [[ $mlx_timers != *:END* ]] || mlx_end=${mlx_timers%:END*} mlx_end=${mlx_end##* }
  for mlx_name in TERM INT HUP QUIT USR1 USR2 XCPU; do
    # shellcheck disable=SC2064 # $mlx_name now, not later
    trap "mlx_on_task_signal $mlx_name" $mlx_name
  done
  # By hand in a terminal: the runs are in the background, where they can't read from it.
  [ -z "$mlx_alone" ] || exec < /dev/null
  for mlx_n in "${!mlx_ids[@]}"; do
    [ -z "$mlx_signals" ] || break
    # Runs that the job has no time for are left to the next job.
    [ -z "$mlx_end" ] || [ "$SECONDS" -lt "$mlx_end" ] || break
    [ -n "$mlx_shared" ] || set -m
    (
      [ -z "${mlx_indexes[mlx_n]}" ] || export "${mlx_element%:*}=${mlx_indexes[mlx_n]}"
      MLX_TOKEN=$mlx_submission mlx_body='' && mlx_main "$mlx_store/${mlx_ids[mlx_n]}"
    ) &
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

# Sets mlx_ids to the runs to supervise, mlx_indexes to the index that each of them is given (if not the
# engine's), and mlx_job. Without the engine's variables it is a start by hand, whatever the job's id looks
# like: then no process is the engine's, and nothing but the runs may be signalled.
mlx_find_task() {
  local name variable=${mlx_element%:*} step=${mlx_element#*:} lines line position=$2
  mlx_job=$3 mlx_ids=() mlx_indexes=()
  for name in ${mlx_needs//,/ }; do [ -n "${!name}" ] || mlx_alone=1; done
  # Engines set it to `undefined` or 0 in jobs that are no array.
  [ -z "$variable" ] || [[ ${!variable} =~ ^[1-9][0-9]*$ ]] || mlx_alone=1 variable=''
  mapfile -t lines < "$1"
  if [ -n "$mlx_alone" ]; then
    mlx_job='' mlx_shared=''
    if [ -n "$variable" ]; then
      # One element, chosen by hand.
      position=$(((${!variable} - 1) / step + 1))
      [ $(((position - 1) * step + 1)) = "${!variable}" ] || position=0
    elif [ -n "$mlx_element" ]; then
      variable=${mlx_element%:*}
      mlx_say "by hand: all ${#lines[@]} tasks, one after another (one of them: set $variable to $(mlx_all_indexes ${#lines[@]} "$step"))"
      for ((position = 1; position <= ${#lines[@]}; position++)); do
        for name in ${lines[position - 1]}; do
          mlx_ids+=("$name") mlx_indexes+=($(((position - 1) * step + 1)))
        done
      done
      [ ${#mlx_ids[@]} -ne 1 ] || export "$variable=1"
      [ ${#mlx_ids[@]} = 0 ] || return 0
    fi
  fi
  line=''
  [ "$position" -le 0 ] || line=${lines[position - 1]}
  read -ra mlx_ids <<< "$line"
  [ ${#mlx_ids[@]} = 0 ] || return 0
  if [ -n "$variable" ]; then
    mlx_say "$1 has no runs for $variable=${!variable}: it may be $(mlx_all_indexes ${#lines[@]} "$step")"
  else
    mlx_say "$1 has no runs for task $2"
  fi
  exit 66
}

# Prints the indexes of COUNT tasks that are STEP apart, in words: `1`, `1 or 129`, `1, 129, … 513`.
mlx_all_indexes() {
  local last=$((($1 - 1) * $2 + 1))
  case $1 in
    0 | 1) echo 1 ;;
    2) echo "1 or $last" ;;
    3) echo "1, $((1 + $2)) or $last" ;;
    *) echo "1, $((1 + $2)), … $last" ;;
  esac
}

# The trap: after a signal that ends, no further run starts. The run that is supervised gets the signal too,
# unless the engine has sent it to the whole group.
mlx_on_task_signal() {
  mlx_interrupted=1
  case $1 in TERM | INT | HUP | QUIT | XCPU) mlx_signals+=$1 ;; esac
  [ -z "$mlx_body" ] || [ -n "$mlx_shared" ] || kill -s "$1" "$mlx_body" 2>/dev/null
}
