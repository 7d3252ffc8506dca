# --- Claim: may another attempt start? ----------------------------------------------------------------------
# Owns attempts/N.yaml, which makes an attempt ours, and attempts/N.metrics; refuses a start that must not be.
# Needs the records and processes; mlx_exit codes are: 0 done already, 73 disk full, 75 not now, 143 stopped.

mlx_claimed='' mlx_wanted='' mlx_packed=''

# Sets mlx_reply to the line of the claim that names this node as the engine does, if that is not the host's
# name: by Slurm's variable, or by the first line of OAR's file of nodes.
mlx_node_line() {
  local node=${SLURMD_NODENAME:-}
  if [ -z "$node" ] && [ -r "${OAR_NODEFILE:-}" ]; then IFS= read -r node < "$OAR_NODEFILE"; fi
  mlx_reply=''
  case $node in '' | "$HOSTNAME" | *[!A-Za-z0-9._-]*) return ;; esac
  mlx_reply="node: $node"$'\n'
}

# Exits if the last attempt forbids another one.
mlx_check_last() {
  [ "$mlx_last" -gt 0 ] || return 0
  mlx_read_claim "$mlx_last"
  mlx_read_end "$mlx_last"
  if [ "$mlx_last_ended" = well ] && [ -z "$mlx_by_hand" ] && [ "$mlx_last_token" = "$mlx_token" ]; then
    mlx_say "attempt $mlx_last of $mlx_run ended well; not started again"
    exit 0
  fi
  # A task that is started again goes on where it was ended. A run of it that failed by itself is not tried
  # again.
  if [ "$mlx_last_ended" = badly ] && [ -n "$mlx_packed" ] && [ -z "$mlx_by_hand" ] &&
    [ "$mlx_last_token" = "$mlx_token" ] && [ "$mlx_last_received" = null ] && [ -z "$mlx_last_retry" ]; then
    mlx_say "attempt $mlx_last of $mlx_run has failed; not started again"
    exit 0
  fi
  if [ -z "$mlx_last_ended" ] && [ "$mlx_last_host" = "$HOSTNAME" ] && mlx_process_start "$mlx_last_pid" &&
    [ "$mlx_reply" = "$mlx_last_start" ]; then
    mlx_say "attempt $mlx_last of $mlx_run is alive on this host (process $mlx_last_pid); not started"
    exit 75
  fi
  if [ -z "$mlx_by_hand" ] && [ -n "$mlx_job" ] && [ -z "$mlx_new_ids" ] &&
    [ "$mlx_last_token" = "$mlx_token" ] && [ "$mlx_last_job" != "$mlx_job" ] && [ "$mlx_last_job" != null ]; then
    mlx_say "job $mlx_last_job of the same submission has started $mlx_run; job $mlx_job does not"
    exit 75
  fi
}

# Claims the next attempt, whose number is then in mlx_attempt. Only one process can create its file. Exits if
# the attempt may not start.
mlx_claim() {
  mlx_process_start $BASHPID
  local start=$mlx_reply job=null
  [ -z "$mlx_job" ] || job="\"$mlx_job\""
  mlx_now
  mlx_node_line
  local node=$mlx_reply
  while :; do
    mlx_find_last
    mlx_check_last
    mlx_attempt=$((mlx_last + 1))
    # A launcher asks for one attempt. If another process has begun that one, there is nothing to start.
    if [ -n "$mlx_wanted" ] && [ "$mlx_attempt" != "$mlx_wanted" ]; then
      mlx_say "attempt $mlx_wanted of $mlx_run was started already; not started again"
      exit 75
    fi
    if [ "$mlx_verdict_attempt" = "$mlx_attempt" ] && [ -z "$mlx_by_hand" ]; then
      mlx_say "$mlx_run was stopped before it began; not started"
      exit 143
    fi
    mlx_check_failures
    # Shows an index that knew how the run ended that this has changed. The first attempt needs no sign.
    [ "$mlx_attempt" = 1 ] || touch "$mlx_meta/job.yaml" 2>/dev/null
    local text="attempt: $mlx_attempt
token: $mlx_token
job: $job
by_hand: ${mlx_by_hand:-false}
host: $HOSTNAME
${node}pid: $BASHPID
process_start: $start
start: \"$mlx_iso\"
start_seconds: $mlx_seconds
...
"
    mlx_write_once "$mlx_attempts/$mlx_attempt.yaml" "$text"
    case $? in
      0) return ;;
      2) mlx_say "can't write $mlx_attempts/$mlx_attempt.yaml (is the disk full?); not started"; exit 73 ;;
    esac
  done
}

# Records how long each metrics file is when a later attempt begins, before its program can write. The file
# attempts/N.metrics has the seconds since 1970, a line `LENGTH NAME/` for each file, and `...`
# (docs/store.md). From it readers know which attempt wrote the lines that do not name one.
mlx_note_metrics() {
  local file files=() counts=() line text i
  for file in "$mlx_run"/metrics/*.json "$mlx_run"/metrics/.*.json; do
    [ -f "$file" ] || continue
    [ -r "$file" ] || return 0
    files+=("$file")
  done
  if [ ${#files[@]} -gt 0 ]; then
    mapfile -t counts < <(LC_ALL=C exec wc -c -- "${files[@]}" 2>/dev/null)
    # For several files wc adds a line with the sum. Some versions print line ends in names as they are: then
    # the number of lines is wrong, and nothing can be recorded.
    i=${#files[@]}
    [ "${#counts[@]}" = $((i > 1 ? i + 1 : i)) ] || return 0
  fi
  text=$mlx_seconds$'\n'
  for i in "${!files[@]}"; do
    line=${counts[i]#"${counts[i]%%[! ]*}"}
    [[ ${line%% *} == *[!0-9]* ]] && return
    text+="${line%% *} ${files[i]##*/}/"$'\n'
  done
  mlx_write_once "$mlx_attempts/$mlx_attempt.metrics" "$text"$'...\n' ||
    mlx_say "can't note the lengths of the metrics files; lines that name no attempt will count for the attempt before"
}

# Writes a line into each log that has text, between the output of earlier attempts and of this one.
mlx_part_logs() {
  local file end
  for file in stdout stderr; do
    [ -s "$mlx_run/log.$file" ] || continue
    end=$(tail -c 1 "$mlx_run/log.$file")
    printf '%s--- attempt %s, %s on %s ---\n' "${end:+$'\n'}" "$mlx_attempt" "$mlx_iso" "$HOSTNAME" \
      >> "$mlx_run/log.$file"
  done
}
