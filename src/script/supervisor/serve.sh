# --- Serve: runs for a launcher on this machine (--serve) ---------------------------------------------------
# Owns the protocol with the launcher. Needs mlx_main.

# Reads run directory, token, attempt, GPUs, CPUs, memory limit and whom signals go to, each ended by NUL, and
# supervises these runs one after another. Answers `pid N`, `info` (please rename the new info.yaml) and `exit
# CODE`. Ends with its standard input.
mlx_serve() {
  exec 5>&1 1>/dev/null
  while IFS= read -rd '' mlx_run && IFS= read -rd '' MLX_TOKEN && IFS= read -rd '' mlx_wanted &&
    IFS= read -rd '' mlx_gpus && IFS= read -rd '' mlx_cpus && IFS= read -rd '' mlx_memory &&
    IFS= read -rd '' mlx_signal_to; do
    # If the launcher is killed, the subshell lives on and does all of the work itself.
    (
      mlx_set_umask "$mlx_run"
      mlx_open_logs "$mlx_run" || exit
      trap : PIPE
      printf 'pid %s\n' "$BASHPID" >&5
      mlx_served=1
      mlx_main "$mlx_run"
    ) < /dev/null
    printf 'exit %s\n' $? >&5
  done
}
