# --- Dependencies: have the runs that this one waits for ended as they must? --------------------------------
# Owns the answer, in mlx_unmet. The engine knows when a job is over, but not always whether it went well; the
# store does. The launcher has the same rule (`readiness`). Needs the fields of job.yaml, and mlx_signals: a
# signal ends the waiting.

# Sets mlx_unmet to the reason if a dependency did not end as it must.
mlx_check_dependencies() {
  local IFS=' ' kind part id parts
  for kind in ok fail; do
    parts=$mlx_after_ok
    [ $kind = ok ] || parts=$mlx_after_fail
    for part in ${parts//,/ }; do
      for ((id = ${part%-*}; id <= ${part#*-}; id++)); do
        mlx_await_end "${mlx_run%/*}/$id"
        case $kind.$mlx_reply in
          ok.COMPLETE | fail.FAILED | fail.TIMEOUT | fail.PREEMPTED | fail.STOPPED) ;;
          ok.FAILED) mlx_unmet="dependency $id failed" ;;
          fail.COMPLETE) mlx_unmet="dependency $id did not fail" ;;
          *.deleted) mlx_unmet="dependency $id was deleted" ;;
          ok.TIMEOUT | ok.PREEMPTED | ok.STOPPED) mlx_unmet="dependency $id ended as $mlx_reply" ;;
          *) mlx_unmet="dependency $id left no end on record" ;;
        esac
        [ -z "$mlx_unmet" ] || return
      done
    done
  done
}

# Sets mlx_reply to the status with which the run in $1 ended. Its job is over, because the engine has started
# this one; but a network disk may take a minute to show its end.
mlx_await_end() {
  local looks=0
  while :; do
    [ -d "$1" ] || { mlx_reply=deleted; return; }
    IFS= read -r mlx_reply < "$1/metadata/info.yaml"
    mlx_reply=${mlx_reply#status: }
    case $mlx_reply in COMPLETE | FAILED | TIMEOUT | PREEMPTED | STOPPED) return ;; esac
    [ -z "$mlx_signals" ] && [ $((looks += 1)) -le 60 ] || return
    read -rt 1 <> <(:)
  done
}
