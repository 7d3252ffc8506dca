# mlx_step NAME COMMAND…: one step of a run, for its script.sh. Part of an mlx store, see docs/store.md. A step
# that ended well in an earlier attempt is skipped, unless all of that attempt ended well. A step that fails
# ends the script. POSIX shell only: scripts may use another shell than bash. Every name starts with mlx_.

mlx_told=''
# The shell survives the signals that end a step, so that it can record how the step ended.
for mlx_name in HUP INT TERM USR1 USR2 XCPU; do
  # shellcheck disable=SC2064 # $mlx_name now, not later
  trap "mlx_told=$mlx_name" "$mlx_name"
done

mlx_attempts=$MLX_LOG_DIR/metadata/attempts

# Whether a step ended well in an earlier attempt that this one continues. Leaves that attempt in mlx_n.
mlx_step_done() {
  mlx_n=$MLX_ATTEMPT
  while [ $((mlx_n -= 1)) -ge 1 ]; do
    grep -q '^exit_code: 0$' "$mlx_attempts/$mlx_n.end.yaml" 2> /dev/null && return 1
    grep -q "^- {step: $1, end: .*, exit_code: 0}\$" "$mlx_attempts/$mlx_n.steps" 2> /dev/null && return 0
  done
  return 1
}

# Records what happened to the step.
mlx_step_note() {
  printf -- '- {step: %s, %s}\n' "$mlx_name" "$1" >> "$mlx_attempts/$MLX_ATTEMPT.steps"
}

mlx_step() {
  mlx_name=$1
  shift
  if mlx_step_done "$mlx_name"; then
    mlx_step_note "done_in: $mlx_n"
    printf 'mlx: step %s was done in attempt %s\n' "$mlx_name" "$mlx_n" >&2
    return 0
  fi
  case $mlx_told in HUP | INT | TERM) exit 143 ;; esac
  mlx_step_note "start: $(date +%s)"
  "$@"
  mlx_code=$?
  mlx_step_note "end: $(date +%s), exit_code: $mlx_code"
  [ "$mlx_code" = 0 ] || exit "$mlx_code"
}
